// The transcript of a thread: its messages and what happened between them, oldest first, read from the end.
// Not here: where it comes from (timeline.ts), one message (Message.tsx). The one thing to know: the hash names a message;
// if it is further back, the way to it is read first. Otherwise one looks at the end, and stays there while one does.
import { Button, Paper, Text, Title } from '@mantine/core';
import { useLocation, useNavigate } from '@tanstack/react-router';
import { Fragment, type RefObject, useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { Thread } from '../../api/types.ts';
import { useLocale } from '../../i18n/locale.tsx';
import { useSignals } from '../../live/feed.tsx';
import { Loaded } from '../../parts/States.tsx';
import { EventLine } from './Marks.tsx';
import classes from './Message.module.css';
import { MessageLine } from './Message.tsx';
import { OneSent } from './Sent.tsx';
import { useTimeline } from './timeline.ts';
import type { Entry } from './transcript.ts';
import { useThreadT } from './words.ts';

/** Pages that are read to find a message that was linked to: 100 things each. */
const FAR = 30;
/** A sign of typing says nothing for longer. */
const TYPING_MS = 6_000;
/** px: so near the end one is at the end. */
const END_NEAR = 80;

type Props = { thread: Thread; customer: string };

export function Transcript({ thread, customer }: Props) {
  const t = useThreadT();
  const timeline = useTimeline(thread.id);
  return (
    <Paper p="sm" component="section" aria-labelledby="transcript">
      <Title order={2} id="transcript" mb="sm">
        {t('transcript')}
      </Title>
      <Loaded query={timeline}>
        {(entries) => <Entries entries={entries} timeline={timeline} customer={customer} threadId={thread.id} />}
      </Loaded>
    </Paper>
  );
}

type EntriesProps = {
  entries: Entry[];
  timeline: ReturnType<typeof useTimeline>;
  customer: string;
  threadId: string;
};

function Entries({ entries, timeline, customer, threadId }: EntriesProps) {
  const t = useThreadT();
  const { tag } = useLocale();
  const here = useLinked(entries, timeline);
  const place = useRef<HTMLDivElement>(null);
  useEndInView(place, entries, here.id === '');
  const day = new Intl.DateTimeFormat(tag, { dateStyle: 'full' });
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and must by keyboard too
    <div ref={place} className={classes.scroll} tabIndex={0} role="group" aria-label={t('transcript')}>
      {timeline.hasNextPage ? (
        <Button
          variant="default"
          size="xs"
          mb="sm"
          loading={timeline.isFetchingNextPage}
          onClick={() => void timeline.fetchNextPage()}
        >
          {t('transcript.earlier')}
        </Button>
      ) : (
        <Text size="xs" c="dimmed" mb="sm">
          {t('transcript.begin')}
        </Text>
      )}
      <ol className={classes.log} aria-label={t('transcript')}>
        {entries.map((entry, index) => {
          const today = day.format(Date.parse(entry.at));
          const before = entries[index - 1];
          const isNewDay = before === undefined || day.format(Date.parse(before.at)) !== today;
          return (
            <Fragment key={entry.key}>
              {isNewDay ? <li className={classes.day}>{today}</li> : null}
              <OneEntry entry={entry} customer={customer} here={here} />
            </Fragment>
          );
        })}
      </ol>
      <Typing threadId={threadId} />
    </div>
  );
}

type Here = { id: string; set: (id: string) => void };

function OneEntry({ entry, customer, here }: { entry: Entry; customer: string; here: Here }) {
  if (entry.type === 'event') return <EventLine event={entry.event} />;
  if (entry.type === 'delivery') {
    return (
      <li id={entry.key} className={classes.mark}>
        <OneSent sent={entry.sent} />
      </li>
    );
  }
  const open = here.id === entry.key;
  return <MessageLine entry={entry} customer={customer} open={open} toggle={() => here.set(open ? '' : entry.key)} />;
}

/** Begins at the end, follows it while it is in view, and holds still what one reads when earlier things come in above. */
function useEndInView(place: RefObject<HTMLDivElement | null>, entries: Entry[], fromEnd: boolean): void {
  const first = entries[0]?.key;
  const before = useRef({ first: '', height: 0, atEnd: fromEnd });
  // biome-ignore lint/correctness/useExhaustiveDependencies: after each change of what is shown
  useLayoutEffect(() => {
    const box = place.current;
    if (!box) return;
    const was = before.current;
    const grewAbove = was.first !== '' && first !== was.first;
    if (was.atEnd && fromEnd) box.scrollTop = box.scrollHeight;
    else if (grewAbove) box.scrollTop += box.scrollHeight - was.height;
    before.current = { first: first ?? '', height: box.scrollHeight, atEnd: was.atEnd };
  }, [entries, first, fromEnd]);
  useEffect(() => {
    const box = place.current;
    if (!box) return;
    const look = (): void => {
      before.current.atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < END_NEAR;
    };
    box.addEventListener('scroll', look, { passive: true });
    return () => box.removeEventListener('scroll', look);
  }, [place]);
}

/** What the address points to: read until it is there, then shown once. */
function useLinked(entries: Entry[], timeline: ReturnType<typeof useTimeline>): Here {
  const hash = useLocation({ select: (location) => location.hash });
  const navigate = useNavigate();
  const shown = useRef('');
  const isThere = entries.some((entry) => entry.key === hash);
  const { hasNextPage, isFetching, fetchNextPage } = timeline;
  const read = timeline.data?.length ?? 0;
  const mayRead = /^(?:msg|evt|dlv)_/.test(hash) && !isThere && hasNextPage && !isFetching;
  const pages = useRef(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: again after each page
  useEffect(() => {
    if (mayRead && pages.current++ < FAR) void fetchNextPage();
  }, [mayRead, read, fetchNextPage]);
  useEffect(() => {
    if (!isThere || shown.current === hash) return;
    shown.current = hash;
    document.getElementById(hash)?.scrollIntoView({ block: 'center', inline: 'nearest' });
  }, [hash, isThere]);
  const set = (id: string): void => {
    shown.current = id;
    void navigate({ to: '.', hash: id, search: true, replace: true, resetScroll: false, hashScrollIntoView: false });
  };
  return { id: hash, set };
}

function Typing({ threadId }: { threadId: string }) {
  const t = useThreadT();
  const [who, setWho] = useState('');
  useSignals((signal) => {
    if (signal.type !== 'typing' || signal.thread_id !== threadId) return;
    const author = signal.author as { type?: string; name?: string } | undefined;
    setWho(signal.on === false ? '' : author?.name || author?.type || '');
  });
  useEffect(() => {
    if (who === '') return;
    const timer = setTimeout(() => setWho(''), TYPING_MS);
    return () => clearTimeout(timer);
  }, [who]);
  return who === '' ? null : (
    <Text size="sm" c="dimmed" mt="xs" role="status">
      {t('typing', { who })}
    </Text>
  );
}
