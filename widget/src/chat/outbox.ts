// What the customer wrote and the server has not taken yet: kept in the browser, so that a reload loses nothing.
// Not here: sending it (sender.ts). The one thing to know: each message has a key of its own that sorts by the time it
// was written, so two tabs can write at the same instant and neither loses the other's.
import type { PostedMessage } from '../../../src/channels/webchat/protocol.ts';
import type { Keep } from './keep.ts';
import type { Queued } from './transcript.ts';

/** After that nobody expects it to be sent any more, and sending it would surprise. */
const KEPT_MS = 7 * 24 * 3_600_000;
/** A page must not fill the browser's storage, whatever is typed while the server is away. */
export const MOST_QUEUED = 200;

export type Outbox = {
  /** what this address has to send, in the order it was written; refused ones too */
  items(address: string): Queued[];
  /** false: too much waits already */
  put(item: Queued): boolean;
  drop(id: string): void;
  /** makes what one address wrote another's: the same person under a new address */
  move(from: string, to: string): void;
  clear(): void;
};

/** 36 base-36 digits of time would never end; nine last until the year 5188. */
const TIME_DIGITS = 9;

/** A message's id says when it was written: ids of one browser sort in that order, those of one tab strictly. */
export function idMaker(now: () => number, random: () => number): () => string {
  let last = 0;
  let count = 0;
  return () => {
    const at = Math.max(now(), last);
    count = at === last ? count + 1 : 0;
    last = at;
    const chance = Array.from({ length: 3 }, () =>
      Math.floor(random() * 36 ** 5)
        .toString(36)
        .padStart(5, '0'),
    ).join('');
    return `${at.toString(36).padStart(TIME_DIGITS, '0')}-${count.toString(36).padStart(3, '0')}-${chance}`;
  };
}

export function outboxIn(keep: Keep, now: () => number): Outbox {
  const all = (): Queued[] =>
    keep.names('out:').flatMap((name) => {
      const item = keep.get<Queued>(name);
      if (item !== undefined && typeof item.id === 'string' && item.at > now() - KEPT_MS) return [item];
      keep.drop(name);
      return [];
    });
  return {
    items: (address) => all().filter((item) => item.address === address),
    put: (item) => {
      const name = `out:${item.id}`;
      if (keep.get(name) === undefined && keep.names('out:').length >= MOST_QUEUED) return false;
      keep.set(name, item);
      return true;
    },
    drop: (id) => keep.drop(`out:${id}`),
    move: (from, to) => {
      for (const item of all()) if (item.address === from) keep.set(`out:${item.id}`, { ...item, address: to });
    },
    clear: () => {
      for (const name of keep.names('out:')) keep.drop(name);
    },
  };
}

/** As it goes over the wire: without what only the page needs to know. */
export function posted(item: Queued): PostedMessage {
  const { id, type, text, media, payload, title, at } = item;
  return {
    id,
    type,
    ...(text === undefined ? {} : { text }),
    ...(media === undefined ? {} : { media }),
    ...(payload === undefined ? {} : { payload }),
    ...(title === undefined ? {} : { title }),
    sent_at: at,
  };
}
