// What the feed's events touch: topics (the first words of API paths) and ids, gathered and told at most once a second.
// Not here: the connection (stream.ts, share.ts). The one thing to know: a hidden tab gathers and is told when it is
// looked at again.
import type { Event } from '../api/types.ts';

export type Touched = { topics: ReadonlySet<string>; ids: ReadonlySet<string> };

/** Fast enough to feel live, slow enough that a busy server is not asked for more than a person can see. */
const EVERY_MS = 1_000;
const FIRST_MS = 120;
/** Beyond so many, everything of these topics counts as touched. */
const IDS_MAX = 2_000;
export const ALL_IDS = '*';

const ID = /^[a-z]{2,6}_[0-9a-z]{26}$/;
const TALK = ['threads', 'conversations', 'overview'];
const SENT = ['deliveries', 'overview'];

/** By the first word of an event's type. */
const TOPICS: Readonly<Record<string, readonly string[]>> = {
  message: [...TALK, 'deliveries'],
  postback: [...TALK, 'deliveries'],
  note: TALK,
  conversation: TALK,
  rule: ['threads'],
  bot: TALK,
  delivery: ['threads', ...SENT],
  replay: ['replays', ...SENT],
  integration: ['bots', 'desks', 'deliveries', 'overview'],
  config: ['assets', 'bots', 'desks', 'services', 'rules', 'keys', 'users', 'overview', 'audit'],
  customer: ['threads', 'conversations', 'deliveries'],
};

export const topicsOf = (event: Pick<Event, 'type'>): readonly string[] =>
  TOPICS[event.type.split('.')[0] ?? ''] ?? TALK;

function idsOf(event: Event): string[] {
  const found = event.thread_id === null ? [] : [event.thread_id];
  for (const value of Object.values(event.data)) if (typeof value === 'string' && ID.test(value)) found.push(value);
  return found;
}

const listeners = new Set<(touched: Touched) => void>();
export function onTouched(tell: (touched: Touched) => void): () => void {
  listeners.add(tell);
  return () => listeners.delete(tell);
}

let topics = new Set<string>();
let ids = new Set<string>();
let timer: ReturnType<typeof setTimeout> | undefined;
let toldAt = 0;

function tell(): void {
  timer = undefined;
  if (topics.size === 0 || document.hidden) return;
  const touched = { topics, ids };
  topics = new Set();
  ids = new Set();
  toldAt = performance.now();
  for (const listener of listeners) listener(touched);
}

function soon(): void {
  if (timer !== undefined) return;
  timer = setTimeout(tell, Math.max(FIRST_MS, EVERY_MS - (performance.now() - toldAt)));
}

export function touch(event: Event): void {
  for (const topic of topicsOf(event)) topics.add(topic);
  if (ids.size > IDS_MAX) ids = new Set([ALL_IDS]);
  else for (const id of idsOf(event)) ids.add(id);
  soon();
}

/** What was changed from here, or may have been: all of these topics is asked again, without waiting for the feed. */
export function touchTopics(touched: Iterable<string>): void {
  gather(touched);
  soon();
}

function gather(touched: Iterable<string>): void {
  for (const topic of touched) topics.add(topic);
  ids = new Set([ALL_IDS]);
}

/** After a gap in the feed nobody knows what was missed. Told at once: what is read from now on is new. */
export function touchEverything(): void {
  gather(Object.values(TOPICS).flat());
  clearTimeout(timer);
  tell();
}

document.addEventListener('visibilitychange', () => {
  if (!document.hidden && topics.size > 0) soon();
});
