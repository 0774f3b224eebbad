// The messages, oldest first, kept at the newest as long as one looks at the newest.
// Not here: what a message looks like (Group.tsx). The one thing to know: when older ones are put in above, what one is
// reading stays where it is.
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
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
  const { box, away, look, toEnd } = useStay(now);
  const scrolled = (): void => {
    look();
    if (now.more && (box.current?.scrollTop ?? AHEAD_PX) < AHEAD_PX) doing.older();
  };
  const { typing } = now;
  return (
    <div class="log-frame">
      <div
        class="log"
        part="log"
        ref={box}
        role="log"
        aria-live="off"
        aria-label={words.say('messages')}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: whoever has no mouse scrolls it with the keys
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
          {rowsOf(now, dayOf).map((row) =>
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
      {!away ? null : (
        <button type="button" class="latest" aria-label={words.say('latest')} onClick={toEnd}>
          <DownIcon />
        </button>
      )}
    </div>
  );
}

/** Keeps the place: at the end while one is there, or has just written; else at the message that one reads. */
function useStay(now: Transcript) {
  const box = useRef<HTMLDivElement>(null);
  const at = useRef({ end: true, height: 0, first: '', written: '' });
  const [away, setAway] = useState(false);
  const toEnd = useCallback((): void => {
    if (box.current !== null) box.current.scrollTop = box.current.scrollHeight;
  }, []);
  const look = (): void => {
    const it = box.current;
    if (it === null) return;
    at.current.end = it.scrollHeight - it.scrollTop - it.clientHeight < NEAR_PX;
    setAway(!at.current.end);
  };
  useLayoutEffect(() => {
    const it = box.current;
    if (it === null) return;
    const { end, height, first, written } = at.current;
    const oldest = now.messages[0]?.id ?? '';
    const newest = now.queue.at(-1)?.id ?? '';
    if (end || newest > written) toEnd();
    else if (first !== '' && oldest !== first) it.scrollTop += it.scrollHeight - height;
    at.current = { end, height: it.scrollHeight, first: oldest, written: newest > written ? newest : written };
  });
  // What grows later (a picture that has come, the window itself) must not push the newest out of sight.
  useEffect(() => {
    const it = box.current;
    if (it === null) return;
    const watch = new ResizeObserver(() => {
      if (at.current.end) toEnd();
    });
    for (const element of [it, it.firstElementChild]) if (element !== null) watch.observe(element);
    return () => watch.disconnect();
  }, [toEnd]);
  return { box, away, look, toEnd };
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
