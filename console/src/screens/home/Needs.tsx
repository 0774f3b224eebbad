// What needs a person, most urgent first, each with the way to where it is mended.
// Not here: finding it out (the server does). The one thing to know: what a need is about is said in the person's own
// language by its kind; the server's own sentence (English) is added where it knows more, as why a bot is inactive.
import { Group, Paper, Text, Title } from '@mantine/core';
import type { Need } from '../../api/types.ts';
import { Icon, type IconName } from '../../icons/index.tsx';
import { LinkTo } from '../../parts/links.tsx';
import { RelativeTime } from '../../parts/RelativeTime.tsx';
import classes from './Home.module.css';
import { type HomeT, useHomeT } from './words.ts';

const ICONS: Record<Need['kind'], IconName> = {
  handover_waiting: 'desk',
  customer_overdue: 'clock',
  thread_needs_person: 'user',
  thread_unrouted: 'question',
  integration_inactive: 'plug',
  integration_unverified: 'plug',
  integration_disabled: 'pause',
  delivery_held: 'question',
  delivery_dead: 'deliveries',
};

export function Needs({ needs }: { needs: Need[] }) {
  const t = useHomeT();
  return (
    <Paper p="md" component="section" aria-labelledby="needs" h="100%">
      <Group justify="space-between" mb="xs">
        <Title order={2} id="needs">
          {t('home.needs')}
        </Title>
        {needs.length > 0 ? (
          <Text size="sm" c="dimmed">
            {t('home.needs.count', { count: needs.length })}
          </Text>
        ) : null}
      </Group>
      {needs.length === 0 ? <Nothing /> : null}
      <ul className={classes.needs}>
        {needs.map((need) => (
          <li key={`${need.kind} ${need.id}`} className={classes.need}>
            <Icon name={ICONS[need.kind]} size={18} />
            <div className={classes.needText}>
              <LinkTo {...placeOf(need.link)} fw={600} c="inherit" dir="auto">
                {titleOf(t, need)}
              </LinkTo>
              <Text size="sm" c="dimmed">
                {t(`need.${need.kind}.about`)}
              </Text>
              {need.kind.startsWith('integration') ? (
                <Text size="xs" c="dimmed" dir="auto">
                  {need.detail}
                </Text>
              ) : null}
            </div>
            <Text size="sm" c="dimmed" component="span" className={classes.since}>
              {need.since === null ? null : <RelativeTime at={need.since} />}
            </Text>
          </li>
        ))}
      </ul>
    </Paper>
  );
}

function Nothing() {
  const t = useHomeT();
  return (
    <Group gap="sm" wrap="nowrap" align="flex-start" className={classes.calm}>
      <Icon name="check" size={20} />
      <div>
        <Text fw={600}>{t('home.needs.none')}</Text>
        <Text size="sm" c="dimmed">
          {t('home.needs.none.about')}
        </Text>
      </div>
    </Group>
  );
}

/** Names that the server put in quotes are put in ours. */
const bare = (name: string): string => name.replace(/^“(.*)”$/, '$1');

const titleOf = (t: HomeT, { kind, id, name, count }: Need): string =>
  id === null ? t('need.more', { count }) : t(`need.${kind}`, { count, name: bare(name) });

/** A path of the console, as the server gives it, for the router. */
function placeOf(link: string): { to: '/'; search: never } {
  const { pathname, searchParams } = new URL(link, location.origin);
  const to = pathname.replace(/^\/console/, '') || '/';
  return { to: to as '/', search: Object.fromEntries(searchParams) as never };
}
