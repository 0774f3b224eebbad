// Lists, pages and numbers for people.
// Not here: what lanes are loaded from (lanes.ts). The one thing to know: every list is read to its end while rows are
// added, and every number is compared with a list.
import { describe, expect, it } from 'vitest';
import type { DeliveryFilter, Page, PageAsk } from '../../engine/store-port.ts';
import type { DeliveryStatus, StoredStatus } from '../../routing/model.ts';
import type { Ground } from '../conformance.ts';
import { one, speak } from './applying.ts';
import {
  ASSET,
  attempt,
  BOT,
  type CustomerInput,
  decision,
  delivery,
  OTHER_BOT,
  SERVICE,
  START,
  say,
  take,
} from './script.ts';

export function reading(ground: Ground): void {
  describe('lists and numbers', () => {
    threads(ground);
    timeline(ground);
    deliveries(ground);
    parking(ground);
    counting(ground);
  });
}

/** Reads a list to its end, two rows a page; `between` runs after the first page. */
async function all<T>(read: (ask: PageAsk) => Promise<Page<T>>, between?: () => Promise<unknown>): Promise<T[]> {
  const rows: T[] = [];
  let after: string | undefined;
  for (;;) {
    const page = await read({ limit: 2, ...(after && { after }) });
    rows.push(...page.data);
    if (page.nextCursor === null) return rows;
    if (after === undefined) await between?.();
    after = page.nextCursor;
  }
}

function threads(ground: Ground): void {
  it('lists threads, newest first, by holder, asset, limbo and waiting, stable under inserts', async () => {
    ground.script.on('say:lost', (input, facts, c) => {
      const taken = take(input as CustomerInput, facts, c);
      const holder = { type: 'none' as const, since: START };
      return { ...taken, thread: taken.thread && { ...taken.thread, holder, limbo: 'unrouted' as const } };
    });
    const inputs = ['a', 'b', 'c', 'd', 'e'].map((address) => say(address, address === 'c' ? 'lost' : 'x'));
    inputs.push({ ...say('f', 'x'), assetId: 'ast_2' });
    await ground.store.apply(inputs);
    const addresses = async (ask: object, between?: () => Promise<unknown>) =>
      (await all((page) => ground.store.listThreads({ ...page, ...ask }), between))
        .map(({ address }) => address)
        .join('');
    expect(await addresses({}, () => speak(ground, 'new', 'x'))).toBe('fedcba');
    expect(await addresses({ assetId: ASSET })).toBe('newedcba');
    expect(await addresses({ limbo: 'unrouted' })).toBe('c');
    expect(await addresses({ holderId: BOT, assetId: ASSET })).toBe('newedba');
    const { threadId, deliveryId } = await speak(ground, 'e', 'y');
    await one(ground, attempt(threadId, deliveryId));
    expect(await addresses({ waiting: true, assetId: ASSET })).toBe('newdcba');
    expect(await addresses({ waiting: false })).toBe('e');
    const { data } = await ground.store.listThreads({ limit: 1, after: 'no cursor of ours' });
    expect(data.map(({ address }) => address)).toEqual(['new']);
  });

  it('lists conversations, and what was said in one from its opening to its close', async () => {
    const { threadId, delivery: owed } = await speak(ground, '+1', 'one');
    const conversation = await ground.store.conversation(owed.conversationId ?? '');
    if (conversation === null) throw new Error('no conversation');
    await ground.store.apply([say('+2', 'elsewhere'), say('+1', 'two'), say('+1', 'three')]);
    ground.script.on('clock', (_input, _facts, { now }) => {
      const closed = { ...conversation, status: 'closed' as const, closedAt: now, closeReason: 'done' };
      const opened = {
        ...conversation,
        id: 'conv_next',
        type: 'desk' as const,
        partyId: 'desk_1',
        status: 'offered' as const,
      };
      return decision({ ok: true }, { conversations: [closed, opened] });
    });
    await one(ground, { type: 'clock', threadId });
    await speak(ground, '+1', 'four');
    await ground.reopen();
    const { store } = ground;
    const texts = async (id: string) =>
      (await all((page) => store.conversationMessages(id, page))).map(({ text }) => text);
    expect(await texts(conversation.id)).toEqual(['one', 'two', 'three']);
    expect(await texts('conv_next')).toEqual(['four']);
    expect(await texts('conv_none')).toEqual([]);
    const ids = async (ask: object) =>
      (await all((page) => store.listConversations({ ...page, ...ask }))).map(({ id }) => id);
    expect(await ids({ threadId })).toEqual(['conv_next', conversation.id]);
    expect(await ids({ statuses: ['offered'] })).toEqual(['conv_next']);
    expect(await ids({ partyId: BOT, statuses: ['closed'] })).toEqual([conversation.id]);
    expect(await ids({ threadId: 'thr_none' })).toEqual([]);
    expect(await store.conversation(conversation.id)).toMatchObject({ status: 'closed', closeReason: 'done' });
  });
}

function timeline(ground: Ground): void {
  it('merges messages, events and deliveries of a thread in commit order', async () => {
    const { threadId, deliveryId } = await speak(ground, '+1', 'one');
    await speak(ground, '+2', 'elsewhere');
    await one(ground, attempt(threadId, deliveryId));
    const items = await all(
      (page) => ground.store.timeline(threadId, page),
      () => speak(ground, '+1', 'two'),
    );
    expect(items.map((item) => (item.type === 'event' ? item.event.type : item.type))).toEqual([
      'message',
      'message.received',
      'delivery',
      'message',
      'message.received',
      'delivery',
    ]);
    const orders = items.map(({ order }) => order);
    expect(orders).toEqual([...new Set(orders)].sort());
    expect((await ground.store.timeline('thr_none', { limit: 5 })).data).toEqual([]);
    const events = await ground.store.events(0, 100);
    expect(events.map(({ type }) => type)).toContain('delivery.delivered');
    expect(await ground.store.events(events[0]?.seq ?? 0, 1)).toEqual([events[1]]);
  });
}

/** Makes deliveries in every status: the text of a message names the status it ends in. */
async function every(ground: Ground): Promise<void> {
  const statuses: StoredStatus[] = ['pending', 'retrying', 'delivered', 'dead', 'held', 'cancelled'];
  const made = await ground.store.apply(statuses.map((status) => say(`+${status}`, status)));
  const ids = made.flatMap(({ queued }) => queued.map((item) => item.delivery.id));
  ground.script.on('holder', (_input, { thread }, c) => {
    if (!thread) throw new Error('no thread');
    const targets = [{ type: 'asset', id: ASSET } as const, { type: 'bot', id: OTHER_BOT } as const];
    return decision(
      { ok: true },
      {
        changes: ids.map((id, i) => ({ id, status: statuses[i] ?? 'pending' })),
        deliveries: targets.map((target) => delivery(c, thread, { target, conversationId: null })),
      },
    );
  });
  const threadId = made[0]?.thread?.id ?? '';
  await one(ground, { type: 'holder', threadId, to: BOT, reason: '', actor: '' });
}

async function activate(ground: Ground, id: string, status: 'active' | 'inactive'): Promise<void> {
  const health = { id, status, failures: 0, generation: 1, reason: null, since: START };
  ground.script.on('integration', () => decision({ ok: true }, { health }));
  await one(ground, { type: 'integration', id, status, reason: null });
}

function deliveries(ground: Ground): void {
  it('lists deliveries, newest first, by everything a filter has, and counts the same', async () => {
    await every(ground);
    ground.script.now += 60_000_000;
    const late = await speak(ground, '+late', 'late');
    const { store } = ground;
    const check = async (filter: DeliveryFilter, expected: number): Promise<void> => {
      const rows = await all((page) => store.listDeliveries({ ...page, ...filter }));
      expect([filter, rows.length]).toEqual([filter, expected]);
      expect(rows.map(({ ord }) => ord)).toEqual(rows.map(({ ord }) => ord).sort((a, b) => b - a));
      expect([filter, await store.countDeliveries(filter)]).toEqual([filter, expected]);
    };
    await check({}, 9);
    await check({ targetId: BOT }, 7);
    await check({ targetType: 'asset' }, 1);
    await check({ targetType: 'url' }, 0);
    await check({ targetType: 'bot', until: START }, 7);
    await check({ targetType: 'bot', status: 'delivered' }, 1);
    await check({ targetType: 'asset', status: 'delivered' }, 0);
    await check({ targetType: 'bot', status: 'dead' }, 1);
    await check({ targetType: 'bot', targetId: OTHER_BOT }, 1);
    await check({ threadId: late.threadId }, 1);
    await check({ messageId: late.messageId }, 1);
    await check({ conversationId: late.delivery.conversationId ?? '' }, 1);
    await check({ threadId: 'thr_none' }, 0);
    await check({ messageId: 'msg_none' }, 0);
    await check({ conversationId: 'conv_none' }, 0);
    await check({ since: START + 1 }, 1);
    await check({ until: START }, 8);
    await check({ since: START, until: START, targetId: BOT, status: 'dead' }, 1);
    await check({ status: 'delivered' }, 1);
    await check({ status: 'held' }, 1);
    await check({ status: 'cancelled', targetId: OTHER_BOT }, 0);
  });
}

function parking(ground: Ground): void {
  it('shows as parked what is open to a bot that is not active, and nothing else', async () => {
    await every(ground);
    const { store } = ground;
    const shown = async (): Promise<Record<string, number>> => {
      const sums: Record<string, number> = {};
      const statuses: DeliveryStatus[] = ['pending', 'retrying', 'parked', 'delivered', 'dead', 'held', 'cancelled'];
      for (const status of statuses) {
        const rows = await all((page) => store.listDeliveries({ ...page, status }));
        expect(rows.every((row) => row.status === status)).toBe(true);
        expect(await store.countDeliveries({ status })).toBe(rows.length);
        sums[status] = rows.length;
      }
      expect((await store.counts()).deliveries).toEqual(sums);
      return sums;
    };
    const settled = { delivered: 1, dead: 1, held: 1, cancelled: 1 };
    expect(await shown()).toEqual({ pending: 1, retrying: 0, parked: 3, ...settled });
    await activate(ground, BOT, 'active');
    expect(await shown()).toEqual({ pending: 2, retrying: 1, parked: 1, ...settled });
    const [thread] = (await store.listThreads({ limit: 1, assetId: ASSET })).data;
    const of = (filter: DeliveryFilter) => store.countDeliveries({ threadId: thread?.id ?? '', ...filter });
    const [first] = (await all((page) => store.listThreads(page))).slice(-1);
    expect(await store.countDeliveries({ threadId: first?.id ?? '', status: 'parked' })).toBe(1);
    expect(await store.countDeliveries({ threadId: first?.id ?? '', status: 'pending' })).toBe(2);
    expect(await of({ status: 'parked' })).toBe(0);
    await activate(ground, BOT, 'inactive');
    expect(await shown()).toEqual({ pending: 1, retrying: 0, parked: 3, ...settled });
  });
}

function counting(ground: Ground): void {
  it('counts threads, who waits, limbo, and the oldest that could be sent', async () => {
    ground.script.on('say:lost', (input, facts, c) => {
      const taken = take(input as CustomerInput, facts, c);
      const holder = { type: 'none' as const, since: START };
      return { ...taken, thread: taken.thread && { ...taken.thread, holder, limbo: 'needs_person' as const } };
    });
    const { store } = ground;
    await store.apply([say('a', 'x'), say('b', 'x'), say('c', 'lost')]);
    const base = { unrouted: 0, overdue: 0 };
    expect(await store.counts()).toMatchObject({
      threads: 3,
      waiting: 3,
      limbo: { ...base, needs_person: 1, undeliverable: 2 },
      oldestPendingAt: null,
    });
    await activate(ground, BOT, 'active');
    ground.script.now += 5_000;
    const { threadId, deliveryId } = await speak(ground, 'd', 'y');
    await one(ground, attempt(threadId, deliveryId));
    expect(await store.counts()).toMatchObject({
      threads: 4,
      waiting: 3,
      limbo: { ...base, needs_person: 1, undeliverable: 0 },
      oldestPendingAt: START,
    });
    expect(await store.countDeliveries({ targetId: BOT, targetType: 'bot' })).toBe(4);
    expect((await store.listThreads({ limit: 10, holderId: SERVICE })).data).toEqual([]);
  });
}
