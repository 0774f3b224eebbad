// One delivery: how it stands and why, each try with its answer, what it says, and what can be done.
// Not here: the parts of it (Attempts, Request, Acts), which a conversation shows too. The one thing to know: a replay is
// a new delivery, and leads there.
import { Grid, Group, Paper, Stack, Text, Title } from '@mantine/core';
import { useNavigate, useParams } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { DeliveryWithAttempts } from '../../api/types.ts';
import { CopyId } from '../../parts/CopyId.tsx';
import { Countdown } from '../../parts/Countdown.tsx';
import { Folded } from '../../parts/Folded.tsx';
import { JsonView } from '../../parts/JsonView.tsx';
import { LostHeader } from '../../parts/LostHeader.tsx';
import { LinkTo } from '../../parts/links.tsx';
import { Name, NameLink, useThing } from '../../parts/Name.tsx';
import { PageHeader } from '../../parts/PageHeader.tsx';
import { RelativeTime } from '../../parts/RelativeTime.tsx';
import { Loaded } from '../../parts/States.tsx';
import { StatusBadge } from '../../parts/StatusBadge.tsx';
import { Acts } from './Acts.tsx';
import { Attempts } from './Attempts.tsx';
import { useDelivery } from './Body.tsx';
import { Request } from './Request.tsx';
import { kindName, useDeliveryT } from './words.ts';

export default function OneDelivery() {
  const { id = '' } = useParams({ strict: false });
  const query = useDelivery(id);
  return (
    <Loaded query={query} lost={<LostHeader list="deliveries" />}>
      {(delivery) => <Whole key={delivery.id} delivery={delivery} />}
    </Loaded>
  );
}

function Whole({ delivery }: { delivery: DeliveryWithAttempts }) {
  const t = useDeliveryT();
  const navigate = useNavigate();
  const { target } = delivery;
  const name = useThing(target.id)?.name ?? target.id;
  return (
    <>
      <PageHeader
        title={t('delivery.title', { kind: kindName(t, delivery.kind), target: name })}
        back={<LinkTo to="/deliveries">{t('nav.deliveries')}</LinkTo>}
        badge={<StatusBadge status={delivery.status} />}
        about={<CopyId value={delivery.id} />}
        actions={
          <Acts delivery={delivery} onReplayed={(id) => void navigate({ to: '/deliveries/$id', params: { id } })} />
        }
      />
      <Grid>
        <Grid.Col span={{ base: 12, lg: 8 }} order={{ base: 2, lg: 1 }}>
          <Stack>
            <Section id="attempts" title={t('attempts')}>
              <Attempts attempts={delivery.attempts} delivery={delivery} />
            </Section>
            <Section id="request" title={t('request')}>
              <Request request={delivery.request} />
            </Section>
            <Folded label={t('raw')}>{() => <JsonView value={delivery} label={t('raw')} />}</Folded>
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, lg: 4 }} order={{ base: 1, lg: 2 }}>
          <Facts delivery={delivery} />
        </Grid.Col>
      </Grid>
    </>
  );
}

function Section({ id, title, children }: { id: string; title: string; children: ReactNode }) {
  return (
    <Paper p="md" component="section" aria-labelledby={id}>
      <Title order={2} id={id} mb="sm">
        {title}
      </Title>
      {children}
    </Paper>
  );
}

function Facts({ delivery }: { delivery: DeliveryWithAttempts }) {
  const t = useDeliveryT();
  const { target, message } = delivery;
  return (
    <Section id="facts" title={t('delivery.facts')}>
      <Stack gap="xs">
        <Text>{t(`status.${delivery.status}.about`)}</Text>
        {delivery.reason ? (
          <Fact name={t('delivery.reason')}>
            <span dir="auto">{delivery.reason}</span>
          </Fact>
        ) : null}
        {delivery.next_attempt_at ? (
          <Fact name={t('attempts.next')}>
            <Countdown at={delivery.next_attempt_at} />
          </Fact>
        ) : null}
        <Fact name={t('filter.target')}>
          {target.type === 'url' ? <bdi>{target.id}</bdi> : <NameLink id={target.id} />}
        </Fact>
        <Fact name={t('type.thread')}>
          <Group gap="xs">
            <LinkTo
              to="/threads/$id"
              params={{ id: delivery.thread_id }}
              {...(delivery.message_id ? { hash: delivery.message_id } : {})}
            >
              {t('delivery.thread')}
            </LinkTo>
            <LinkTo to="/deliveries" search={{ thread_id: delivery.thread_id } as never}>
              {t('delivery.siblings')}
            </LinkTo>
          </Group>
        </Fact>
        {message ? (
          <Fact name={t('type.message')}>
            <Text dir="auto" lineClamp={6} style={{ overflowWrap: 'anywhere' }}>
              {message.text || message.title || message.payload || t('message.media')}
            </Text>
          </Fact>
        ) : null}
        {delivery.merged_message_ids.length > 0 ? (
          <Fact name={t('delivery.merged')}>{delivery.merged_message_ids.length}</Fact>
        ) : null}
        {delivery.replay ? <Fact name={t('type.replay')}>{t('delivery.replay')}</Fact> : null}
        <Fact name={t('created')}>
          <RelativeTime at={delivery.created_at} />
        </Fact>
        {delivery.conversation_id ? (
          <Fact name={t('delivery.conversation')}>
            <CopyId value={delivery.conversation_id} />
          </Fact>
        ) : null}
        {delivery.status === 'parked' ? (
          <Text size="sm">
            {t('parked.mend')} <Name id={target.id} />
          </Text>
        ) : null}
      </Stack>
    </Section>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <Text size="xs" c="dimmed">
        {name}
      </Text>
      <div>{children}</div>
    </div>
  );
}
