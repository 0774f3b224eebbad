// What was said and what happened, oldest first: the bot's part, the agents', notes, and who had the line when.
// Not here: one item (Item.tsx), writing. The one thing to know: the view stays at the newest as long as one is there,
// and stays where it is while one reads what is older.
import { Button } from '@mantine/core';
import { useEffect, useLayoutEffect, useMemo, useRef } from 'react';
import type { Conversation, Delivery, TimelineItem } from '../../api/types.ts';
import { ErrorState, Loading } from '../../parts/States.tsx';
import { idOf, useTimeline } from '../../parts/useTimeline.ts';
import classes from './Inbox.module.css';
import { ItemView, isShown, UnshownView } from './Item.tsx';
import { shown, useUnshown } from './outbox.ts';
import { useInboxT } from './words.ts';

/** px from the end that still count as being there */
const NEAR = 80;

export function Transcript({ conversation }: { conversation: Conversation }) {
  const t = useInboxT();
  const timeline = useTimeline(conversation.thread_id);
  const unshown = useUnshown(conversation.id);
  const { items } = timeline;
  const sends = useMemo(() => sendsOf(items), [items]);
  const visible = useMemo(() => items.filter(isShown), [items]);
  useEffect(() => shown(new Set(items.flatMap(({ message }) => (message ? [message.id] : [])))), [items]);

  const view = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const last = visible.at(-1);
  // biome-ignore lint/correctness/useExhaustiveDependencies: when something was added at the end
  useLayoutEffect(() => {
    if (atEnd.current && view.current) view.current.scrollTop = view.current.scrollHeight;
  }, [last && idOf(last), unshown.length, timeline.isPending]);

  return (
    <div
      ref={view}
      className={classes.transcript}
      role="log"
      aria-label={t('talk.transcript')}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys
      tabIndex={0}
      onScroll={({ currentTarget: c }) => {
        atEnd.current = c.scrollHeight - c.scrollTop - c.clientHeight < NEAR;
      }}
    >
      {timeline.error && items.length === 0 ? <ErrorState error={timeline.error} retry={timeline.retry} /> : null}
      {timeline.isPending ? <Loading rows={5} /> : null}
      {timeline.hasOlder ? (
        <Button variant="subtle" size="xs" onClick={timeline.older} loading={timeline.isLoadingOlder}>
          {t('talk.older')}
        </Button>
      ) : null}
      {visible.map((item, index) => (
        <ItemView
          key={idOf(item)}
          item={item}
          before={visible[index - 1]}
          send={item.message ? sends.get(item.message.id) : undefined}
          conversation={conversation}
        />
      ))}
      {unshown.map((each) => (
        <UnshownView key={each.key} unshown={each} />
      ))}
    </div>
  );
}

/** How the sending of each message to the customer stands. */
function sendsOf(items: TimelineItem[]): Map<string, Delivery> {
  const sends = new Map<string, Delivery>();
  for (const { delivery } of items) {
    if (delivery?.target.type === 'asset' && delivery.message_id) sends.set(delivery.message_id, delivery);
  }
  return sends;
}
