// What the engine loads its lanes and alarms from.
// Not here: lists for people (reading.ts). The one thing to know: pages are asked for while things are added, and must
// neither skip nor repeat.
import { describe, expect, it } from 'vitest';
import type { Store } from '../../engine/store-port.ts';
import type { DeskShare, Target, ThreadState } from '../../routing/model.ts';
import type { Ground } from '../conformance.ts';
import { one, speak } from './applying.ts';
import {
  attempt,
  BOT,
  type CustomerInput,
  DESK,
  decision,
  delivery,
  type Handler,
  OTHER_BOT,
  SERVICE,
  START,
  say,
  take,
} from './script.ts';

const target: Target = { type: 'bot', id: BOT };

export function lanes(ground: Ground): void {
  describe('lanes and alarms', () => {
    pending(ground);
    receipts(ground);
    threads(ground);
  });
}

async function* pages(store: () => Store, limit: number) {
  let after = 0;
  for (;;) {
    const page = await store().pendingPage(target, 'main', after, limit);
    yield page;
    if (page.length < limit) return;
    after = page.at(-1)?.delivery.ord ?? after;
  }
}

function pending(ground: Ground): void {
  it('gives what is pending page by page in commit order, whatever the health, while more is added', async () => {
    await ground.store.apply(Array.from({ length: 7 }, (_, i) => say(`+${i % 3}`, `m${i}`)));
    const done = await speak(ground, '+5', 'done');
    await one(ground, attempt(done.threadId, done.deliveryId));
    await ground.reopen();
    const texts: (string | undefined)[] = [];
    let added = 0;
    for await (const page of pages(() => ground.store, 3)) {
      texts.push(...page.map(({ message }) => message?.text));
      for (const item of page) expect(item.thread?.id).toBe(item.delivery.threadId);
      if (added++ === 0) await speak(ground, '+9', 'late');
    }
    expect(texts).toEqual(['m0', 'm1', 'm2', 'm3', 'm4', 'm5', 'm6', 'late']);
  });

  it('gives what some threads are owed alone, after a place, as much as was asked for', async () => {
    const first = await speak(ground, '+1', 'a1');
    await ground.store.apply(Array.from({ length: 6 }, (_, i) => say(`+${1 + (i % 3)}`, `m${i}`)));
    const done = await speak(ground, '+2', 'done');
    await one(ground, attempt(done.threadId, done.deliveryId));
    const page = await ground.store.pendingPage(target, 'main', 0, 20);
    const of = (address: string) => page.filter(({ thread }) => thread?.address === address);
    const [one1 = [], two = []] = [of('+1'), of('+2')];
    const ids = [one1, two].map(([item]) => item?.delivery.threadId ?? '');
    const owed = async (threads: string[], after = 0, limit = 20) =>
      (await ground.store.pendingOf(target, threads, after, limit)).toSorted((a, b) => a.delivery.ord - b.delivery.ord);
    for (const again of [false, true]) {
      if (again) await ground.reopen();
      expect(await owed([first.threadId])).toEqual(one1);
      expect(await owed(ids)).toEqual(page.filter((item) => one1.includes(item) || two.includes(item)));
      expect(await owed(ids, two[0]?.delivery.ord)).toHaveLength(2);
      expect(await owed(ids, 0, 2)).toHaveLength(2);
      expect(await owed(['thr_nobody'])).toEqual([]);
      expect(await ground.store.pendingOf({ type: 'bot', id: OTHER_BOT }, ids, 0, 20)).toEqual([]);
    }
  });

  it('gives an item as it was queued', async () => {
    const { applied } = await speak(ground, '+1', 'hello');
    const queued = applied.queued.map((item) => ({ ...item, thread: applied.thread }));
    expect(await ground.store.pendingPage(target, 'main', 0, 10)).toEqual(queued);
    await ground.reopen();
    expect(await ground.store.pendingPage(target, 'main', 0, 10)).toEqual(queued);
  });

  it('knows the targets that are owed something', async () => {
    expect(await ground.store.targetsWithPending()).toEqual([]);
    const { threadId, deliveryId } = await speak(ground, '+1', 'hello');
    expect(await ground.store.targetsWithPending()).toEqual([target]);
    ground.script.on('clock', () =>
      decision(
        { ok: true },
        { changes: [{ id: deliveryId, status: 'retrying', attempts: 1, notBefore: 7, reason: 'x' }] },
      ),
    );
    await one(ground, { type: 'clock', threadId });
    await ground.reopen();
    expect(await ground.store.targetsWithPending()).toEqual([target]);
    await one(ground, attempt(threadId, deliveryId));
    expect(await ground.store.targetsWithPending()).toEqual([]);
  });
}

function receipts(ground: Ground): void {
  it('keeps of receipts only the last of each message, and cancels the others', async () => {
    const { threadId, messageId } = await speak(ground, '+1', 'hello');
    const other = await speak(ground, '+1', 'other');
    ground.script.on('clock', (_input, { thread }, c) => {
      if (!thread) throw new Error('no thread');
      const receipt = (id: string, status: string, to = target) =>
        delivery(c, thread, { lane: 'receipt', kind: 'receipt', messageId: id, data: { status }, target: to });
      const deliveries = [
        receipt(messageId, 'delivered'),
        receipt(messageId, 'delivered', { type: 'bot', id: OTHER_BOT }),
        receipt(other.messageId, 'delivered'),
        receipt(messageId, 'failed'),
        receipt(messageId, 'read'),
      ];
      return decision({ ok: true }, { deliveries });
    });
    await one(ground, { type: 'clock', threadId });
    const statuses = async (after: number, limit: number) =>
      (await ground.store.pendingPage(target, 'receipt', after, limit)).map((item) => item.delivery.data?.status);
    expect(await statuses(0, 1)).toEqual(['delivered']);
    expect(await statuses(0, 10)).toEqual(['delivered', 'read']);
    expect((await ground.store.counts()).deliveries).toMatchObject({ cancelled: 2, parked: 5 });
    const rest = await ground.store.pendingPage({ type: 'bot', id: OTHER_BOT }, 'receipt', 0, 10);
    expect(rest).toHaveLength(1);
  });
}

const offer = (phase: DeskShare['phase']): DeskShare => ({
  conversationId: 'conv_desk',
  deskId: DESK,
  serviceId: SERVICE,
  phase,
  agent: null,
  offeredAt: START,
  acceptDue: START + 5_000,
  replyDue: null,
  from: null,
  acked: 0,
  given: 0,
});

function threads(ground: Ground): void {
  it('gives threads with a deadline, soonest first, page by page', async () => {
    for (const i of [3, 1, 2, 1]) {
      ground.script.now = START + i * 1_000;
      await ground.store.apply([say(`+${i} ${ground.script.now}a`, 'x'), say(`+${i} ${ground.script.now}b`, 'x')]);
    }
    await ground.reopen();
    const found: { id: string; dueAt: number }[] = [];
    for (;;) {
      const page = await ground.store.dueThreads(found.at(-1) ?? null, 2);
      found.push(...page);
      if (page.length < 2) break;
    }
    const sorted = [...found].sort((a, b) => a.dueAt - b.dueAt || (a.id < b.id ? -1 : 1));
    expect(found).toEqual(sorted);
    expect(new Set(found.map(({ id }) => id)).size).toBe(6);
    for (const { id, dueAt } of found) expect((await ground.store.thread(id))?.dueAt).toBe(dueAt);
  });

  it('gives the threads in which a customer waits for an integration, or that are offered to it', async () => {
    const set =
      (change: Partial<ThreadState>): Handler =>
      (input, facts, c) => {
        const taken = take(input as CustomerInput, facts, c);
        return { ...taken, thread: taken.thread && { ...taken.thread, ...change } };
      };
    ground.script.on('say:quiet', set({ waitingSince: null }));
    ground.script.on('say:offered', set({ desk: offer('offered') }));
    ground.script.on('say:accepted', set({ desk: offer('accepted') }));
    const texts = ['waits', 'quiet', 'offered', 'accepted', 'waits too'];
    const applied = await ground.store.apply(texts.map((text) => say(text, text)));
    const [waits, , offered, accepted, waitsToo] = applied.map(({ thread }) => thread?.id);
    await ground.reopen();
    expect(await ground.store.heldThreads(BOT, null, 10)).toEqual([waits, offered, accepted, waitsToo]);
    expect(await ground.store.heldThreads(BOT, offered ?? '', 1)).toEqual([accepted]);
    expect(await ground.store.heldThreads(DESK, null, 10)).toEqual([offered]);
    expect(await ground.store.heldThreads(OTHER_BOT, null, 10)).toEqual([]);
  });

  it('gives the transcript up to a place, the newest part of it, oldest first', async () => {
    const texts = Array.from({ length: 120 }, (_, i) => `m${i + 1}`);
    const [first] = await ground.store.apply(texts.map((text) => say('+1', text)));
    const id = first?.thread?.id ?? '';
    const { messages, total } = await ground.store.transcript(id, 100, 3);
    expect([messages.map(({ text }) => text), total]).toEqual([['m98', 'm99', 'm100'], 100]);
    expect((await ground.store.transcript(id, 1_000, 500)).messages).toHaveLength(120);
    expect(await ground.store.transcript('thr_none', 10, 10)).toEqual({ messages: [], total: 0 });
  });
}
