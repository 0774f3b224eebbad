// How far a newcomer's tour through the demo has come, told from the event feed as anybody could read it.
// Not here: the words of the steps (the shop's page, the console's home screen). The one thing to know: a step is never
// ticked by a click but by what happened, and what was seen is kept, so that the feed is read once.
import type { Api } from '../cli/api.ts';
import { TOUR_STEPS, type TourStep } from '../http/api/tour-steps.ts';
import type { Shop } from './state.ts';

/** `verified`: the bot works again after it was inactive; the last step wants what waited to be answered as well. */
export type Mark = TourStep | 'verified';
export type Happened = { type: string; thread_id: string | null; data: Record<string, unknown> };
export type Step = { key: TourStep; done: boolean };

type Holder = { type?: string; id?: string };

/** Notes in `seen` what an event of the shop's, or of no thread, shows. */
export function note(seen: Set<Mark>, { type, data }: Happened, shop: Shop): void {
  switch (type) {
    case 'message.sent':
      if (data.author === 'agent') seen.add('answered');
      if (data.author !== 'bot') return;
      seen.add('asked');
      if (seen.has('verified')) seen.add('recovered');
      return;
    case 'holder.changed': {
      const [from, to] = [data.from as Holder, data.to as Holder];
      if (to.id === shop.desk) seen.add('handed_over');
      else if (from.id !== shop.desk) return;
      else if (seen.has('claimed')) seen.add('returned');
      // nobody was there, or nobody took it: the line went back by itself
      else seen.delete('handed_over');
      return;
    }
    case 'conversation.updated':
      if (data.party_id === shop.desk && data.status === 'accepted') seen.add('claimed');
      return;
    case 'integration.status':
      if (data.id !== shop.bot) return;
      if (data.to === 'inactive') seen.add('broken');
      if (data.to === 'active' && seen.has('broken')) seen.add('verified');
  }
}
const SHOWS = ['message.sent', 'holder.changed', 'conversation.updated', 'integration.status'];

export type Kept = { after: string; seen: string[] };
export type Tour = {
  /** reads what happened since the last time */
  steps(): Promise<Step[]>;
  /** from the beginning, for the next newcomer */
  restart(): Promise<void>;
};

const PAGE = 100;
/** A first look at a house that was busy for long reads so many pages; the next look goes on. */
const PAGES_MAX = 20;
/** Threads of which it is known whether they are the shop's. */
const KNOWN_MAX = 1_000;

export function tourOf(api: Api, shop: Shop, kept: Kept, keep: (kept: Kept) => void): Tour {
  const seen = new Set(kept.seen as Mark[]);
  const ours = new Map<string, boolean>();
  let after = kept.after;

  async function isOurs(threadId: string | null): Promise<boolean> {
    if (threadId === null) return true;
    const known = ours.get(threadId);
    if (known !== undefined) return known;
    const thread = await api.get(`/threads/${threadId}`);
    if (ours.size >= KNOWN_MAX) ours.clear();
    ours.set(threadId, thread.body.asset_id === shop.asset);
    return thread.body.asset_id === shop.asset;
  }

  /** False when there is no more for now. */
  async function readPage(use: boolean): Promise<boolean> {
    const { ok, body } = await api.get(`/events?after=${after}&limit=${PAGE}`);
    if (!ok) return false;
    const events = body.data as Happened[];
    for (const event of use ? events : []) {
      if (SHOWS.includes(event.type) && (await isOurs(event.thread_id))) note(seen, event, shop);
    }
    after = String(body.next_cursor);
    return events.length === PAGE;
  }

  async function look(): Promise<void> {
    if (TOUR_STEPS.every((step) => seen.has(step))) return;
    const before = [...seen].join();
    for (let pages = 0; pages < PAGES_MAX && (await readPage(true)); pages++);
    if (!seen.has('online')) {
      const { body } = await api.get(`/desks/${shop.desk}/presence`);
      if (body.online === true) seen.add('online');
    }
    if ([...seen].join() !== before) keep({ after, seen: [...seen] });
  }

  let looking: Promise<void> | null = null;
  return {
    async steps() {
      // Several pages and the console may ask at once: one look answers all.
      looking ??= look().finally(() => {
        looking = null;
      });
      await looking;
      return TOUR_STEPS.map((key) => ({ key, done: seen.has(key) }));
    },
    async restart() {
      await looking;
      while (await readPage(false));
      seen.clear();
      keep({ after, seen: [] });
    },
  };
}
