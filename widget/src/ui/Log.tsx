// The messages, oldest first, kept at the newest as long as one looks at the newest.
// Not here: what a message looks like (Group.tsx). The one thing to know: when older ones are put in above, what one is
// reading stays where it is.
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Settings } from '../../../src/channels/webchat/protocol.ts';
import type { Transcript } from '../chat/transcript.ts';
import type { Words } from '../words/words.ts';
import { Face, Group, nameOf } from './Group.tsx';
import { DownIcon } from './icons.tsx';
import { rowsOf } from './rows.ts';

type Props = {
  now: Transcript;
  settings: Settings;
  words: Words;
  doing: { retry(id: string): void; discard(id: string): void; older(): void };
};

/** So near to the end counts as at the end. */
const NEAR_PX = 60;
/** So near to the beginning, older ones are asked for. */
const AHEAD_PX = 120;

const dayOf = (at: number): string => new Date(at).toDateString();

export function Log({ now, settings, words, doing }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const rows = useMemo(() => rowsOf(now, dayOf), [now.messages, now.queue, now.ticks]);
  const [atEnd, setAtEnd] = useState(true);
  const height = useStay(box, now, atEnd);

  const scrolled = (): void => {
    const it = box.current;
    if (it === null) return;
    setAtEnd(it.scrollHeight - it.scrollTop - it.clientHeight < NEAR_PX);
    if (it.scrollTop < AHEAD_PX && now.more) doing.older();
  };
  const toEnd = (): void => box.current?.scrollTo({ top: height.current });
  const { typing } = now;
  return (
    <div class="log-frame">
      {/* Whoever has no mouse scrolls it with the keys: it can be reached by Tab. */}
      <div
        class="log"
        part="log"
        ref={box}
        role="log"
        aria-live="off"
        aria-label={words.say('messages')}
        tabIndex={0}
        onScroll={scrolled}
      >
        <div class="log-inside">
          {now.more ? (
            <button type="button" class="older" onClick={doing.older}>
              {words.say('older')}
            </button>
          ) : (
            <Greeting text={settings.greeting} />
          )}
          {rows.map((row) =>
            row.kind === 'day' ? (
              <p class="day" key={row.key}>
                <span>{dayName(row.at, words.locale)}</span>
              </p>
            ) : (
              <Group
                key={row.key}
                group={row}
                words={words}
                stuck={now.stuck || now.link === 'offline'}
                doing={doing}
              />
            ),
          )}
          {typing === null ? null : (
            <div
              class="group typing"
              role="img"
              aria-label={words.say('typing', { name: nameOf(typing.type, typing.name, words) })}
            >
              <Face type={typing.type} name={typing.name} />
              <div class="bubble dots" aria-hidden="true">
                <i />
                <i />
                <i />
              </div>
            </div>
          )}
        </div>
      </div>
      {atEnd ? null : (
        <button type="button" class="latest" aria-label={words.say('latest')} onClick={toEnd}>
          <DownIcon />
        </button>
      )}
    </div>
  );
}

/** Keeps the place: at the end while one is there, else at the same message; gives the height as it was last seen. */
function useStay(box: { current: HTMLDivElement | null }, now: Transcript, atEnd: boolean) {
  const height = useRef(0);
  const first = useRef('');
  const mine = useRef('');
  useLayoutEffect(() => {
    const it = box.current;
    if (it === null) return;
    const oldest = now.messages[0]?.id ?? '';
    const newest = now.queue.at(-1)?.id ?? '';
    const wrote = newest !== '' && newest > mine.current;
    if (atEnd || wrote) it.scrollTop = it.scrollHeight;
    else if (first.current !== '' && oldest !== first.current) it.scrollTop += it.scrollHeight - height.current;
    first.current = oldest;
    if (wrote) mine.current = newest;
    height.current = it.scrollHeight;
  });
  // What grows later (a picture that has come, the window itself) must not push the newest out of sight.
  useEffect(() => {
    const it = box.current;
    if (it === null) return;
    const watch = new ResizeObserver(() => {
      if (atEnd) it.scrollTop = it.scrollHeight;
      height.current = it.scrollHeight;
    });
    watch.observe(it);
    if (it.firstElementChild !== null) watch.observe(it.firstElementChild);
    return () => watch.disconnect();
  }, [atEnd]);
  return height;
}

function Greeting({ text }: { text: string }) {
  return text === '' ? null : (
    <div class="greeting">
      <p class="bubble" dir="auto">
        {text}
      </p>
    </div>
  );
}

function dayName(at: number, locale: string): string {
  const days = Math.round((new Date(dayOf(Date.now())).getTime() - new Date(dayOf(at)).getTime()) / 86_400_000);
  if (days < 2 && days > -1) {
    const word = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }).format(-days, 'day');
    return word.charAt(0).toLocaleUpperCase(locale) + word.slice(1);
  }
  const thisYear = new Date(at).getFullYear() === new Date().getFullYear();
  const options: Intl.DateTimeFormatOptions = { weekday: 'long', day: 'numeric', month: 'long' };
  return new Intl.DateTimeFormat(locale, thisYear ? options : { dateStyle: 'long' }).format(at);
}
