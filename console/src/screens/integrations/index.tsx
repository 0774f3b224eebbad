// The integrations: bots and desks as cards, those in trouble first.
// Not here: one of them (one.tsx), adding (new.tsx). The one thing to know: a card says what made its integration
// inactive and since when, because that is what one comes here for.
import { Button, Group, Paper, SimpleGrid, Text, Title } from '@mantine/core';
import { type List, usePages } from '../../api/pages.ts';
import { BUILDERS, useMay } from '../../api/session.ts';
import type { Bot, Desk } from '../../api/types.ts';
import { Icon } from '../../icons/index.tsx';
import { ButtonTo, LinkTo } from '../../parts/links.tsx';
import { PageHeader } from '../../parts/PageHeader.tsx';
import { RelativeTime } from '../../parts/RelativeTime.tsx';
import { Empty, ErrorState, Loading } from '../../parts/States.tsx';
import { StatusBadge } from '../../parts/StatusBadge.tsx';
import classes from './Cards.module.css';
import { asBot, asDesk, type Integration, platformName, platformOf, useIntegrationT } from './words.ts';

/** What needs somebody comes first. */
const URGENCY = { inactive: 0, unverified: 1, active: 2, disabled: 3 } as const;
const byUrgency = (a: Integration, b: Integration): number =>
  URGENCY[a.status] - URGENCY[b.status] || b.failures - a.failures || a.name.localeCompare(b.name);

export default function Integrations() {
  const t = useIntegrationT();
  const mayBuild = useMay(BUILDERS);
  const bots = usePages<Bot>('/bots', { alsoOn: ['desks'] });
  const desks = usePages<Desk>('/desks', { alsoOn: ['bots'] });
  const add = mayBuild ? (
    <ButtonTo to="/integrations/new" leftSection={<Icon name="plus" size={16} />}>
      {t('int.add')}
    </ButtonTo>
  ) : null;
  const isEmpty = bots.rows.length + desks.rows.length === 0;
  const failures = [bots, desks].filter((list) => list.error && list.rows.length === 0);
  return (
    <>
      <PageHeader title={t('nav.integrations')} about={t('int.about')} actions={isEmpty ? null : add} />
      {failures[0] ? (
        <ErrorState
          error={failures[0].error}
          retry={() => {
            for (const list of failures) list.retry();
          }}
        />
      ) : bots.isPending || desks.isPending ? (
        <Loading rows={4} height={96} />
      ) : isEmpty ? (
        <Empty icon="plug" title={t('int.empty')} action={add}>
          {t('int.empty.about')}
        </Empty>
      ) : (
        <>
          <Section title={t('int.bots')} all={bots.rows.map(asBot)} list={bots} none={t('int.bots.none')} />
          <Section title={t('int.desks')} all={desks.rows.map(asDesk)} list={desks} none={t('int.desks.none')} />
        </>
      )}
    </>
  );
}

type SectionProps = {
  title: string;
  all: Integration[];
  list: Pick<List<{ id: string }>, 'hasMore' | 'more' | 'isLoadingMore'>;
  none: string;
};

function Section({ title, all, list, none }: SectionProps) {
  const t = useIntegrationT();
  return (
    <section aria-label={title} className={classes.section}>
      <Title order={2} mb="xs">
        {title}
      </Title>
      {all.length === 0 ? <Text c="dimmed">{none}</Text> : null}
      <SimpleGrid component="ul" className={classes.cards} cols={{ base: 1, sm: 2, xl: 3 }} spacing="sm">
        {all.sort(byUrgency).map((one) => (
          <IntegrationCard key={one.id} one={one} />
        ))}
      </SimpleGrid>
      {list.hasMore ? (
        <Button mt="sm" variant="default" onClick={list.more} loading={list.isLoadingMore}>
          {t('int.more')}
        </Button>
      ) : null}
    </section>
  );
}

function IntegrationCard({ one }: { one: Integration }) {
  const t = useIntegrationT();
  return (
    <Paper component="li" p="md" className={classes.card} data-status={one.status}>
      <Group justify="space-between" wrap="nowrap" gap="xs" align="flex-start">
        <Group gap="xs" wrap="nowrap" className={classes.name}>
          <span className={classes.dot} data-status={one.status} aria-hidden="true" />
          <LinkTo
            to="/integrations/$id"
            params={{ id: one.id }}
            className={classes.link}
            fw={600}
            c="inherit"
            dir="auto"
          >
            {one.name}
          </LinkTo>
        </Group>
        <StatusBadge status={one.status} />
      </Group>
      <Text size="sm" c="dimmed" component="div" className={classes.where}>
        <Icon name={one.type} size={14} /> {platformName(t, platformOf(one))}
        {one.url ? (
          <>
            {' · '}
            <span dir="ltr">{one.url}</span>
          </>
        ) : null}
      </Text>
      <Text size="sm" component="div">
        <Why one={one} />
      </Text>
      <Text size="xs" c="dimmed" component="div">
        {t('int.failures', { count: one.failures })} · {t('int.in_services', { count: one.services.length })}
      </Text>
    </Paper>
  );
}

/** What its status means, since when, and what made it so. */
function Why({ one }: { one: Integration }) {
  const t = useIntegrationT();
  return (
    <>
      {t(`int.why.${one.status}`)} <RelativeTime at={one.since} />
      {one.inactive_reason ? (
        <>
          : <bdi>{one.inactive_reason}</bdi>
        </>
      ) : null}
    </>
  );
}
