// What ticks the steps of the demo's tour, as tables of events; the tour itself is walked in test/browser/demo.test.ts.
import { describe, expect, it } from 'vitest';
import type { Api, ApiAnswer } from '../cli/api.ts';
import { type Happened, type Mark, note, tourOf } from './tour.ts';

const SHOP = { asset: 'ast_shop', desk: 'desk_people', bot: 'bot_demo' };
const happened = (type: string, data: Record<string, unknown>, thread: string | null = 'thr_1'): Happened => ({
  type,
  thread_id: thread,
  data,
});
const says = (author: string, thread?: string) => happened('message.sent', { author }, thread);
const line = (from: string, to: string) =>
  happened('holder.changed', { from: { type: 'desk', id: from }, to: { type: 'bot', id: to } });
const claimed = happened('conversation.updated', { party_id: SHOP.desk, status: 'accepted' });
const health = (to: string, id = SHOP.bot) => happened('integration.status', { id, to }, null);

function seenIn(...events: Happened[]): Mark[] {
  const seen = new Set<Mark>();
  for (const event of events) note(seen, event, SHOP);
  return [...seen];
}

describe('the tour', () => {
  it('sees the answers of bot and agent, and not what the customer or the house says', () => {
    expect(seenIn(says('customer'), says('system'))).toEqual([]);
    expect(seenIn(says('bot'), says('agent'))).toEqual(['asked', 'answered']);
  });

  it('sees a handover as done only while somebody may claim it', () => {
    expect(seenIn(line(SHOP.bot, SHOP.desk))).toEqual(['handed_over']);
    expect(seenIn(line(SHOP.bot, SHOP.desk), line(SHOP.desk, SHOP.bot))).toEqual([]);
    const whole = [line(SHOP.bot, SHOP.desk), claimed, line(SHOP.desk, SHOP.bot)];
    expect(seenIn(...whole)).toEqual(['handed_over', 'claimed', 'returned']);
  });

  it('sees a recovery when the bot has answered again, and was inactive before', () => {
    expect(seenIn(health('active'), says('bot'))).toEqual(['asked']);
    expect(seenIn(health('inactive', 'bot_other'))).toEqual([]);
    expect(seenIn(health('inactive'), says('bot'))).toEqual(['broken', 'asked']);
    expect(seenIn(health('inactive'), health('active'), says('bot'))).toEqual([
      'broken',
      'verified',
      'asked',
      'recovered',
    ]);
  });
});

/** A feed of events behind the API's paths, as far as the tour asks for them. */
function feed(events: Happened[]): Api {
  const answer = (body: Record<string, unknown>): Promise<ApiAnswer> =>
    Promise.resolve({ ok: true, status: 200, body, problem: '' });
  const get = (path: string): Promise<ApiAnswer> => {
    const after = Number(/after=(\d+)/.exec(path)?.[1] ?? 0);
    const data = events.slice(after, after + 100);
    if (path.startsWith('/events')) return answer({ data, next_cursor: String(after + data.length) });
    if (path.startsWith('/threads/')) return answer({ asset_id: path.endsWith('thr_1') ? SHOP.asset : 'ast_other' });
    return answer({ online: true });
  };
  return { get, post: get, put: get, patch: get, delete: get };
}

describe('the tour through a feed', () => {
  it("takes nothing from other assets' threads, reads on where it was, and keeps what it saw", async () => {
    const events = [...Array(150).fill(says('customer')), says('agent', 'thr_2'), says('bot')];
    const kept: unknown[] = [];
    const tour = tourOf(feed(events), SHOP, { after: '0', seen: [] }, (each) => kept.push(each));
    const done = async () => (await tour.steps()).flatMap((step) => (step.done ? [step.key] : []));
    expect(await done()).toEqual(['asked', 'online']);
    expect(kept).toEqual([{ after: '152', seen: ['asked', 'online'] }]);
    events.push(claimed);
    expect(await done()).toEqual(['asked', 'online', 'claimed']);
    await tour.restart();
    expect(kept.at(-1)).toEqual({ after: '153', seen: [] });
    expect(await done()).toEqual(['online']);
  });
});
