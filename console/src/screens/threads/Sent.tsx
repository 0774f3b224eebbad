// How a message got to those it was for: ticks below it, and each delivery opened to its tries.
// Not here: a delivery's own screen, whose parts are used here. The one thing to know: for what we sent to a customer the
// ticks are the channel's word (delivered, read); for what goes to bots and desks they are our own ledger's.
import { Group } from '@mantine/core';
import { Icon, type IconName } from '../../icons/index.tsx';
import { Countdown } from '../../parts/Countdown.tsx';
import { Folded } from '../../parts/Folded.tsx';
import { LinkTo } from '../../parts/links.tsx';
import { Name } from '../../parts/Name.tsx';
import { StatusBadge } from '../../parts/StatusBadge.tsx';
import { DeliveryBody } from '../deliveries/Body.tsx';
import { kindName, sayMs, useDeliveryT } from '../deliveries/words.ts';
import classes from './Message.module.css';
import type { Entry, Sent } from './transcript.ts';
import { type ThreadT, useThreadT } from './words.ts';

type MessageEntry = Extract<Entry, { type: 'message' }>;
type Look = { icon: IconName; tone: 'good' | 'wait' | 'bad' | 'ask' | 'quiet'; words: string };

const LOOKS = {
  pending: { icon: 'clock', tone: 'quiet' },
  retrying: { icon: 'replay', tone: 'wait' },
  parked: { icon: 'pause', tone: 'wait' },
  delivered: { icon: 'check', tone: 'good' },
  dead: { icon: 'cross', tone: 'bad' },
  held: { icon: 'question', tone: 'ask' },
  cancelled: { icon: 'stop', tone: 'quiet' },
} as const;

function lookOf(t: ThreadT, { message }: MessageEntry, { delivery }: Sent): Look {
  const { status, target } = delivery;
  const plain = { ...LOOKS[status], words: t(`status.${status}`) };
  if (target.type !== 'asset' || status !== 'delivered') return plain;
  if (message.receipt === 'read') return { icon: 'checks', tone: 'good', words: t('tick.read') };
  if (message.receipt === 'delivered') return { icon: 'checks', tone: 'quiet', words: t('tick.delivered') };
  if (message.receipt === 'failed') return { icon: 'cross', tone: 'bad', words: t('tick.failed') };
  return { icon: 'check', tone: 'quiet', words: t('tick.sent') };
}

export function Ticks({ entry }: { entry: MessageEntry }) {
  const t = useThreadT();
  return (
    <>
      {entry.sent.map((sent) => {
        const look = lookOf(t, entry, sent);
        const { target, next_attempt_at, replay } = sent.delivery;
        return (
          <span key={sent.delivery.id} className={classes.tick} data-tone={look.tone}>
            <Icon name={look.icon} size={14} strokeWidth={2.1} />
            {target.type === 'asset' || target.type === 'url' ? null : (
              <span>
                <Name id={target.id} />:
              </span>
            )}
            <span>
              {look.words}
              {replay ? ` (${t('tick.replay')})` : ''}
            </span>
            {next_attempt_at ? <Countdown at={next_attempt_at} /> : null}
          </span>
        );
      })}
    </>
  );
}

export function SentList({ sent }: { sent: Sent[] }) {
  return (
    <>
      {sent.map((each) => (
        <OneSent key={each.delivery.id} sent={each} />
      ))}
    </>
  );
}

/** Folded: what, to whom, how it stands. Unfolded it is asked for as a whole. */
export function OneSent({ sent: { delivery, attempts } }: { sent: Sent }) {
  const t = useThreadT();
  const d = useDeliveryT();
  const last = attempts.at(-1);
  return (
    <Folded
      className={classes.foldable}
      label={
        <Group gap="xs" display="inline-flex" wrap="wrap">
          <StatusBadge status={delivery.status} />
          <span>
            {kindName(d, delivery.kind)} ·{' '}
            {delivery.target.type === 'asset' ? t('sent.customer') : <Name id={delivery.target.id} />}
          </span>
          {last ? (
            <span className="sb-number">
              {t('sent.tries', { count: attempts.length })} · <bdi dir="ltr">{sayMs(last.timing.total_ms)}</bdi>
            </span>
          ) : null}
        </Group>
      }
    >
      {() => (
        <>
          <LinkTo to="/deliveries/$id" params={{ id: delivery.id }} size="sm">
            {t('sent.whole')}
          </LinkTo>
          <DeliveryBody id={delivery.id} threadId={delivery.thread_id} />
        </>
      )}
    </Folded>
  );
}
