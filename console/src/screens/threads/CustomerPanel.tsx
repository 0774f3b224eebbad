// What is known of the customer and the thread: address, asset, attributes, conversations, and the raw of it.
// Not here: what was said. The one thing to know: attributes are what bots and desks said of the customer.
import { Paper, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Conversation, Thread } from '../../api/types.ts';
import { CopyId } from '../../parts/CopyId.tsx';
import { Folded } from '../../parts/Folded.tsx';
import { JsonView } from '../../parts/JsonView.tsx';
import { LinkTo } from '../../parts/links.tsx';
import { NameLink, useThing } from '../../parts/Name.tsx';
import { RelativeTime } from '../../parts/RelativeTime.tsx';
import { StatusBadge } from '../../parts/StatusBadge.tsx';
import { useDeliveryT } from '../deliveries/words.ts';
import classes from './CustomerPanel.module.css';
import { channelName, useThreadT } from './words.ts';

export function CustomerPanel({ thread }: { thread: Thread }) {
  const t = useThreadT();
  const d = useDeliveryT();
  const channel = useThing(thread.asset_id)?.channel;
  const attributes = Object.entries(thread.attributes);
  return (
    <Stack>
      <Paper p="md" component="section" aria-labelledby="customer">
        <Title order={2} id="customer" mb="sm">
          {t('type.customer')}
        </Title>
        <dl className={classes.facts}>
          {thread.name ? (
            <Fact name={t('name')}>
              <bdi>{thread.name}</bdi>
            </Fact>
          ) : null}
          <Fact name={t('customer.address')}>
            <CopyId value={thread.address} what={t('customer.address')} />
          </Fact>
          <Fact name={t('type.asset')}>
            <NameLink id={thread.asset_id} /> {channel ? <span>({channelName(t, channel)})</span> : null}
          </Fact>
          <Fact name={t('type.service')}>{thread.service_id ? <NameLink id={thread.service_id} /> : t('none')}</Fact>
          <Fact name={t('customer.first')}>
            <RelativeTime at={thread.created_at} />
          </Fact>
          <Fact name={t('ribbon.epoch')}>{thread.epoch}</Fact>
        </dl>
        <LinkTo to="/deliveries" search={{ thread_id: thread.id } as never} size="sm">
          {t('customer.deliveries')}
        </LinkTo>
      </Paper>
      <Paper p="md" component="section" aria-labelledby="attributes">
        <Title order={2} id="attributes" mb="sm">
          {t('customer.attributes')}
        </Title>
        {attributes.length === 0 ? (
          <Text c="dimmed" size="sm">
            {t('customer.attributes.none')}
          </Text>
        ) : (
          <dl className={classes.facts}>
            {attributes.map(([name, value]) => (
              <Fact key={name} name={name}>
                <span dir="auto">{value}</span>
              </Fact>
            ))}
          </dl>
        )}
      </Paper>
      <Conversations conversations={thread.conversations} />
      <Folded label={d('raw')}>{() => <JsonView value={thread} label={d('raw')} />}</Folded>
    </Stack>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt dir="auto">{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Conversations({ conversations }: { conversations: Conversation[] }) {
  const t = useThreadT();
  return (
    <Paper p="md" component="section" aria-labelledby="conversations">
      <Title order={2} id="conversations" mb="sm">
        {t('customer.conversations')}
      </Title>
      {conversations.length === 0 ? (
        <Text c="dimmed" size="sm">
          {t('customer.conversations.none')}
        </Text>
      ) : (
        <ul className={classes.shares}>
          {conversations.map((each) => (
            <li key={each.id} id={each.id}>
              <div className={classes.share}>
                <NameLink id={each.party_id} />
                <StatusBadge status={each.status} />
              </div>
              <Text size="xs" c="dimmed" component="div">
                {each.agent ? (
                  <>
                    <bdi>{each.agent}</bdi> ·{' '}
                  </>
                ) : null}
                <RelativeTime at={each.opened_at} />
                {each.close_reason ? (
                  <>
                    {' · '}
                    <bdi>{each.close_reason}</bdi>
                  </>
                ) : null}
              </Text>
              <CopyId value={each.id} short />
            </li>
          ))}
        </ul>
      )}
    </Paper>
  );
}
