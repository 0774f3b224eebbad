// Erasing a customer, and removing what is past its age.
// Not here: backups. The one thing to know: what is erased must be in no answer of the store, and what is still owed to
// somebody must survive any age.
import { describe, expect, it } from 'vitest';
import type { Store } from '../../engine/store-port.ts';
import type { Ground } from '../conformance.ts';
import { one, speak } from './applying.ts';
import { ASSET, attempt, BOT, type CustomerInput, DAY_MS, decision, START, say, take } from './script.ts';

const DAYS = { messages: 365, attempts: 7, dedupe: 7 };

export function forgetting(ground: Ground): void {
  describe('forgetting', () => {
    erasing(ground);
    ageing(ground);
  });
}

/** Everything that the store can say of a thread. */
async function everything(store: Store, threadId: string): Promise<string> {
  const { data } = await store.listDeliveries({ limit: 500 });
  const target = { type: 'bot', id: BOT } as const;
  return JSON.stringify([
    await store.thread(threadId),
    await store.timeline(threadId, { limit: 500 }),
    await store.listConversations({ limit: 500 }),
    await store.events(0, 500),
    await Promise.all(data.map(({ id }) => store.delivery(id))),
    await store.pendingPage(target, 'main', 0, 500),
    await store.transcript(threadId, 500, 500),
  ]);
}

function erasing(ground: Ground): void {
  it("leaves nothing of a customer's words, and lets them begin anew", async () => {
    ground.script.on('say:with secret', (input, facts, c) => {
      const taken = take(input as CustomerInput, facts, c);
      const attributes = { colour: 'secretgreen' };
      return {
        ...taken,
        thread: taken.thread && { ...taken.thread, name: 'secretname', attributes },
        deliveries: taken.deliveries.map((draft) => ({ ...draft, data: { note: 'secretnote' } })),
      };
    });
    const told = await speak(ground, '+secret', 'with secret');
    const { threadId, messageId } = await speak(ground, '+secret', 'more secret');
    ground.script.on('clock', (_input, { thread }, c) =>
      decision(
        { ok: true },
        {
          attempt: {
            id: c.newId('att'),
            deliveryId: told.deliveryId,
            threadId: thread?.id ?? '',
            number: 1,
            startedAt: START,
            ok: false,
            status: 500,
            reason: 'status',
            detail: 'secretdetail',
            timing: { totalMs: 1 },
            answer: 'secretanswer',
            epoch: 1,
          },
        },
      ),
    );
    await one(ground, { type: 'clock', threadId });
    const other = await speak(ground, '+other', 'stays');
    expect(await everything(ground.store, threadId)).toContain('secret');

    expect(await ground.store.erase(ASSET, '+secret')).toEqual({ threads: [threadId], messages: 2, deliveries: 2 });
    expect(await ground.store.erase(ASSET, '+secret')).toEqual({ threads: [], messages: 0, deliveries: 0 });
    await one(ground, { type: 'clock', threadId }); // an attempt that was under way meanwhile
    for (const reopening of [false, true]) {
      if (reopening) await ground.reopen();
      expect(await everything(ground.store, threadId)).not.toContain('secret');
      expect(await ground.store.message(messageId)).toBeNull();
      expect(await ground.store.message(other.messageId)).toMatchObject({ text: 'stays' });
      expect(await ground.store.counts()).toMatchObject({ waiting: 1, deliveries: { cancelled: 2, parked: 1 } });
      expect(await ground.store.conversation(told.delivery.conversationId ?? '')).toMatchObject({ status: 'closed' });
    }
    expect((await ground.store.events(0, 500)).at(-1)?.type).toBe('customer.erased');
    const duplicate = await one(ground, say('+secret', 'more secret'));
    expect(duplicate.reply).toMatchObject({ duplicate: true });
    const again = await speak(ground, '+secret', 'back');
    expect(again.threadId).not.toBe(threadId);
    expect(again.message).toMatchObject({ turn: 1, seq: 1 });
  });

  it('bears an attempt whose delivery was erased while it was under way', async () => {
    const { threadId, deliveryId } = await speak(ground, '+1', 'hello');
    await ground.store.erase(ASSET, '+1');
    expect((await one(ground, attempt(threadId, deliveryId))).reply.ok).toBe(true);
  });
}

/** Calls retain until it has nothing left, in steps so small that every one ends in the middle of something. */
async function retain(ground: Ground): Promise<void> {
  for (let round = 0; round < 200; round++) {
    if ((await ground.store.retain(ground.script.now, DAYS, 2)) === 0) return;
  }
  throw new Error('retain never ends');
}

function ageing(ground: Ground): void {
  it('removes what is past its age, and keeps what is owed or unanswered', async () => {
    const done = await speak(ground, '+done', 'answered');
    await one(ground, attempt(done.threadId, done.deliveryId));
    const owed = await speak(ground, '+owed', 'still owed');
    await ground.store.claimKey('k', 'h', START);
    ground.script.now += 8 * DAY_MS;
    await retain(ground);
    const kept = await ground.store.delivery(done.deliveryId);
    expect([kept?.delivery.status, kept?.attempts]).toEqual(['delivered', []]);
    expect(await ground.store.message(done.messageId)).toMatchObject({ text: 'answered' });

    ground.script.now += 365 * DAY_MS;
    const young = await speak(ground, '+young', 'young');
    await retain(ground);
    for (const again of [false, true]) {
      if (again) await ground.reopen();
      expect(await ground.store.message(done.messageId)).toBeNull();
      expect(await ground.store.delivery(done.deliveryId)).toBeNull();
      expect((await ground.store.timeline(done.threadId, { limit: 50 })).data).toEqual([]);
      expect(await ground.store.thread(done.threadId)).toMatchObject({ address: '+done' });
      expect(await ground.store.message(owed.messageId)).toMatchObject({ text: 'still owed' });
      expect(await ground.store.delivery(owed.deliveryId)).toMatchObject({ message: { text: 'still owed' } });
      expect(await ground.store.message(young.messageId)).toMatchObject({ text: 'young' });
      expect(await ground.store.counts()).toMatchObject({ threads: 3, deliveries: { delivered: 0, parked: 2 } });
    }
    const last = await ground.store.lastEventSeq();
    const next = await speak(ground, '+done', 'again');
    expect(next.delivery.ord).toBeGreaterThan(young.delivery.ord);
    expect((await ground.store.events(last, 10)).length).toBe(1);
  });

  it('removes a thread of which nothing is left and that nobody holds', async () => {
    ground.script.on('say:bye', (input, facts, c) => {
      const taken = take(input as CustomerInput, facts, c);
      const left = { holder: { type: 'none' as const, since: START }, bots: [], waitingSince: null, answered: 1 };
      const conversations = taken.conversations.map((one) => ({ ...one, status: 'closed' as const, closedAt: START }));
      return { ...taken, thread: taken.thread && { ...taken.thread, ...left }, deliveries: [], conversations };
    });
    const [applied] = await ground.store.apply([say('+1', 'bye')]);
    const id = applied?.thread?.id ?? '';
    ground.script.now += 366 * DAY_MS;
    await retain(ground);
    await retain(ground);
    expect(await ground.store.thread(id)).toBeNull();
    expect(await ground.store.counts()).toMatchObject({ threads: 0 });
    expect((await speak(ground, '+1', 'new')).message.seq).toBe(1);
  });
}
