// Who the customer is and what the bot knows of them, beside the conversation.
// Not here: what was said. The one thing to know: attributes are what bots and channels said of the customer; all of it
// may be a stranger's words.
import { ActionIcon, Group, Stack, Text, Title } from '@mantine/core';
import { useGet } from '../../api/query.ts';
import type { Conversation, Thread } from '../../api/types.ts';
import { Icon } from '../../icons/index.tsx';
import { CopyId } from '../../parts/CopyId.tsx';
import { LinkTo } from '../../parts/links.tsx';
import { Name } from '../../parts/Name.tsx';
import { RelativeTime } from '../../parts/RelativeTime.tsx';
import { Loaded } from '../../parts/States.tsx';
import classes from './Inbox.module.css';
import { useInboxT } from './words.ts';

export function Customer({ id, hide }: { id: string; hide: () => void }) {
  const query = useGet<Conversation>(`/conversations/${id}`);
  return <Loaded query={query}>{(conversation) => <About conversation={conversation} hide={hide} />}</Loaded>;
}

function About({ conversation, hide }: { conversation: Conversation; hide: () => void }) {
  const t = useInboxT();
  const { customer, thread_id, asset_id, service_id, party_id } = conversation;
  const thread = useGet<Thread>(`/threads/${thread_id}`).data;
  const attributes = Object.entries(thread?.attributes ?? {});
  return (
    <Stack gap="md" p="md">
      <Group justify="space-between" wrap="nowrap">
        <Title order={2}>{t('inbox.customer')}</Title>
        <ActionIcon aria-label={t('talk.hide')} onClick={hide} className={classes.aboutButton}>
          <Icon name="cross" />
        </ActionIcon>
      </Group>
      <dl className={classes.facts}>
        <Fact name={t('name')}>
          <bdi>{customer.name || '–'}</bdi>
        </Fact>
        <Fact name={t('about.address')}>
          <CopyId value={customer.address} what={t('about.address')} />
        </Fact>
        <Fact name={t('type.asset')}>
          <Name id={asset_id} />
        </Fact>
        <Fact name={t('type.service')}>
          <Name id={service_id} />
        </Fact>
        <Fact name={t('type.desk')}>
          <Name id={party_id} />
        </Fact>
        <Fact name={t('about.since')}>
          <RelativeTime at={thread?.created_at} />
        </Fact>
        <Fact name={t('about.id')}>
          <CopyId value={conversation.id} short />
        </Fact>
      </dl>
      <section aria-label={t('about.attributes')}>
        <Title order={3} mb={4}>
          {t('about.attributes')}
        </Title>
        {attributes.length === 0 ? (
          <Text size="sm" c="dimmed">
            {t('about.attributes.none')}
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
      </section>
      <LinkTo to="/threads/$id" params={{ id: thread_id }} size="sm">
        {t('about.thread')}
      </LinkTo>
    </Stack>
  );
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div>
      <dt dir="auto">{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
