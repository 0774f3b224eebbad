// One thing in the transcript: a message with how far it came, a note, or who got the line.
// Not here: the list (Transcript.tsx). The one thing to know: a customer's words come from a stranger; all of it is text.
import { Button, Group, Text } from '@mantine/core';
import { useSession } from '../../api/session.ts';
import type { Conversation, Delivery, Message, TimelineItem } from '../../api/types.ts';
import { useLocale } from '../../i18n/locale.tsx';
import { Icon, type IconName } from '../../icons/index.tsx';
import { MessageBody } from '../../parts/MessageBody.tsx';
import { Name } from '../../parts/Name.tsx';
import { RelativeTime } from '../../parts/RelativeTime.tsx';
import classes from './Inbox.module.css';
import { discard, say, tryAgain, type Unshown } from './outbox.ts';
import { type InboxT, useInboxT } from './words.ts';

type Event = NonNullable<TimelineItem['event']>;
const accepts = ({ type, data }: Event): boolean => type === 'conversation.updated' && data.status === 'accepted';

export const isShown = ({ message, event }: TimelineItem): boolean =>
  message !== undefined ||
  (event !== undefined && (event.type === 'note.added' || event.type === 'holder.changed' || accepts(event)));

type Props = {
  item: TimelineItem;
  before: TimelineItem | undefined;
  send: Delivery | undefined;
  conversation: Conversation;
};

export function ItemView({ item, before, send, conversation }: Props) {
  const { tag } = useLocale();
  const day = (at: string): string => new Intl.DateTimeFormat(tag, { dateStyle: 'full' }).format(Date.parse(at));
  const isNewDay = before === undefined || day(before.at) !== day(item.at);
  return (
    <>
      {isNewDay ? <p className={classes.day}>{day(item.at)}</p> : null}
      {item.message ? (
        <MessageView message={item.message} before={before?.message} send={send} conversation={conversation} />
      ) : item.event?.type === 'note.added' ? (
        <NoteView event={item.event} />
      ) : item.event ? (
        <Turn event={item.event} />
      ) : null}
    </>
  );
}

export type Fate = 'sending' | 'sent' | 'delivered' | 'read' | 'failed' | 'unknown';

export function fateOf(message: Message, send: Delivery | undefined): Fate {
  if (message.receipt !== null) return message.receipt;
  switch (send?.status) {
    case 'pending':
    case 'retrying':
    case 'parked':
      return 'sending';
    case 'dead':
    case 'cancelled':
      return 'failed';
    case 'held':
      return 'unknown';
    default:
      return 'sent';
  }
}

const MARKS: Record<Fate, IconName> = {
  sending: 'clock',
  sent: 'check',
  delivered: 'checks',
  read: 'checks',
  failed: 'cross',
  unknown: 'question',
};

function Fated({ fate }: { fate: Fate }) {
  const t = useInboxT();
  return (
    <span className={classes.fate} data-fate={fate}>
      <Icon name={MARKS[fate]} size={14} /> {t(`fate.${fate}`)}
    </span>
  );
}

type MessageProps = {
  message: Message;
  before: Message | undefined;
  send: Delivery | undefined;
  conversation: Conversation;
};

function MessageView({ message, before, send, conversation }: MessageProps) {
  const t = useInboxT();
  const me = useSession().user;
  const { author } = message;
  const isSame = before?.author.type === author.type && before.author.name === author.name;
  const fate = fateOf(message, send);
  const isMine = author.type === 'agent' && author.name === me.name && conversation.agent_id === me.id;
  return (
    <article className={classes.message} data-by={author.type} data-message={message.id}>
      {isSame ? null : (
        <Text size="xs" c="dimmed" className={classes.author}>
          {author.type === 'bot' ? <Icon name="bot" size={13} /> : null}
          <bdi>{authorName(t, author)}</bdi>
        </Text>
      )}
      <div className={classes.bubble}>
        <MessageBody message={message} />
      </div>
      <Group gap={8} className={classes.meta}>
        <RelativeTime at={message.at} exact />
        {author.type === 'customer' ? null : <Fated fate={fate} />}
        {fate === 'failed' && isMine ? (
          <Button
            size="compact-xs"
            variant="default"
            onClick={() => say(conversation.id, message.text, mediaOf(message))}
          >
            {t('fate.again')}
          </Button>
        ) : null}
      </Group>
    </article>
  );
}

const mediaOf = ({ media }: Message): Unshown['media'] =>
  media.map(({ url, type, name = 'file' }) => ({ url, type, name }));

const authorName = (t: InboxT, { type, name }: Message['author']): string =>
  name || t(type === 'customer' ? 'type.customer' : type === 'bot' ? 'type.bot' : `author.${type}`);

function NoteView({ event }: { event: Event }) {
  const t = useInboxT();
  const { text, author } = event.data as { text?: string; author?: { name?: string } };
  return (
    <article className={classes.note}>
      <Text size="xs" fw={600} className={classes.author}>
        <Icon name="note" size={13} /> {t('note.by', { name: author?.name ?? '' })}
      </Text>
      <p className={classes.noteText} dir="auto">
        {text}
      </p>
      <div className={classes.meta}>
        <RelativeTime at={event.at} exact />
      </div>
    </article>
  );
}

function Turn({ event }: { event: Event }) {
  const t = useInboxT();
  const { to, reason, agent } = event.data as {
    to?: { type: string; id: string | null };
    reason?: string;
    agent?: string;
  };
  return (
    <p className={classes.turn}>
      <Icon name="arrow" size={13} />{' '}
      {event.type !== 'holder.changed' ? (
        <bdi>{t('turn.accepted', { name: agent ?? '' })}</bdi>
      ) : to?.id ? (
        <>
          {t('turn.to')} <Name id={to.id} />
        </>
      ) : (
        t('turn.nobody')
      )}
      {reason ? <span dir="auto"> · {reason}</span> : null} · <RelativeTime at={event.at} exact />
    </p>
  );
}

/** What the server has not shown yet. */
export function UnshownView({ unshown }: { unshown: Unshown }) {
  const t = useInboxT();
  const failed = unshown.state === 'failed';
  return (
    <article className={classes.message} data-by="agent" data-state={unshown.state}>
      <div className={classes.bubble}>
        <MessageBody message={{ ...unshown, quick_replies: null, kind: 'message', title: null, payload: null }} />
      </div>
      <Group gap={8} className={classes.meta}>
        <Fated fate={failed ? 'failed' : 'sending'} />
        {failed ? (
          <>
            <Text size="xs" span>
              {unshown.error instanceof Error ? unshown.error.message : ''}
            </Text>
            <Button size="compact-xs" variant="default" onClick={() => tryAgain(unshown)}>
              {t('retry')}
            </Button>
            <Button size="compact-xs" variant="subtle" color="gray" onClick={() => discard(unshown)}>
              {t('fate.discard')}
            </Button>
          </>
        ) : null}
      </Group>
    </article>
  );
}
