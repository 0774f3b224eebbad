// A batch: its inputs see each other, stand in order, and a mistake in one is not paid by the others.
// Not here: the refusing disk, which each store's own test provokes. The one thing to know: after a mistake the store's
// memory must be what its data is.
import { describe, expect, it } from 'vitest';
import type { Applied } from '../../engine/store-port.ts';
import type { Input } from '../../routing/inputs.ts';
import type { Ground } from '../conformance.ts';
import { one, speak } from './applying.ts';
import { ASSET, attempt, BOT, type CustomerInput, decision, delivery, OTHER_BOT, say, take } from './script.ts';

const replies = (applied: Applied[]): string[] => applied.map(({ reply }) => (reply.ok ? 'ok' : `${reply.code}`));

export function several(ground: Ground): void {
  describe('a batch', () => {
    ordering(ground);
    failing(ground);
    changing(ground);
  });
}

function ordering(ground: Ground): void {
  it('lets inputs of one thread see each other, in order', async () => {
    const texts = ['one', 'two', 'three', 'four'];
    const applied = await ground.store.apply(texts.map((text) => say('+1', text)));
    const items = applied.flatMap(({ queued }) => queued);
    expect(items.map(({ message }) => [message?.turn, message?.text])).toEqual(texts.map((text, i) => [i + 1, text]));
    expect(new Set(items.map(({ delivery: { threadId } }) => threadId)).size).toBe(1);
    const orders = items.map(({ delivery: { ord } }) => ord);
    expect(orders).toEqual([...orders].sort((a, b) => a - b));
    expect(await ground.store.counts()).toMatchObject({ threads: 1, waiting: 1 });
  });

  it('gives orders and event numbers that only grow, across batches and reopenings', async () => {
    const orders: number[] = [];
    for (const text of ['one', 'two', 'three']) {
      orders.push((await speak(ground, '+1', text)).delivery.ord);
      await ground.reopen();
    }
    const numbers = (await ground.store.events(0, 100)).map(({ seq }) => seq);
    for (const list of [orders, numbers]) {
      expect(list).toHaveLength(3);
      expect(list).toEqual([...new Set(list)].sort((a, b) => a - b));
    }
    expect(await ground.store.lastEventSeq()).toBe(numbers.at(-1));
  });

  it('takes an empty batch', async () => {
    expect(await ground.store.apply([])).toEqual([]);
  });
}

function failing(ground: Ground): void {
  it('answers a mistake of a decision with a conflict, and everybody else as usual', async () => {
    ground.script.on('say:bad', () => {
      throw new Error('a mistake');
    });
    const applied = await ground.store.apply([say('+1', 'good'), say('+1', 'bad'), say('+2', 'good')]);
    expect(replies(applied)).toEqual(['ok', 'conflict', 'ok']);
    expect(ground.script.errors).toHaveLength(1);
    expect((await speak(ground, '+1', 'next')).message).toMatchObject({ turn: 2, seq: 2 });
  });

  it('keeps nothing of a decision that cannot be saved, in the data or in memory', async () => {
    const first = await speak(ground, '+1', 'first');
    ground.script.on('say:clash', (input, facts, c) => {
      const taken = take(input as CustomerInput, facts, c);
      for (const message of taken.messages) message.id = first.messageId;
      return taken;
    });
    const batch: Input[] = [
      say('+1', 'good'),
      say('+1', 'clash'),
      say('+1', 'better'),
      say('+9', 'clash'),
      say('+2', 'x'),
    ];
    const applied = await ground.store.apply(batch);
    expect(replies(applied)).toEqual(['ok', 'conflict', 'ok', 'conflict', 'ok']);
    expect((await speak(ground, '+1', 'next')).message).toMatchObject({ turn: 4, seq: 4 });
    expect(await ground.store.counts()).toMatchObject({ threads: 2, waiting: 2 });

    const before = [await ground.store.counts(), await ground.store.thread(first.threadId)];
    await ground.reopen();
    expect([await ground.store.counts(), await ground.store.thread(first.threadId)]).toEqual(before);
    const { data } = await ground.store.timeline(first.threadId, { limit: 100 });
    expect(data.flatMap((item) => (item.type === 'message' ? [item.message.text] : []))).toEqual([
      'first',
      'good',
      'better',
      'next',
    ]);
  });

  it('answers a decision that asks twice for the unanswered turns with a conflict', async () => {
    ground.script.on('say:again', () => 'needs_unanswered');
    expect(replies(await ground.store.apply([say('+1', 'again'), say('+1', 'good')]))).toEqual(['conflict', 'ok']);
  });
}

function changing(ground: Ground): void {
  it('joins a message to a delivery of the same batch and of an earlier one', async () => {
    ground.script.on('say:more', (input, facts, c) => {
      const taken = take(input as CustomerInput, facts, c);
      const [message] = taken.messages;
      const join = { messageId: message?.id ?? '', turn: message?.turn ?? 0 };
      return { ...taken, deliveries: [], changes: [{ id: first, notBefore: 5, join }] };
    });
    const { deliveryId: first } = await speak(ground, '+1', 'first');
    const [, joined] = await ground.store.apply([say('+1', 'other'), say('+1', 'more')]);
    expect(joined?.changes).toMatchObject([{ id: first, notBefore: 5, joined: { text: 'more', turn: 3 } }]);
    await ground.reopen();
    const [item] = await ground.store.pendingPage({ type: 'bot', id: BOT }, 'main', 0, 10);
    expect(item).toMatchObject({ delivery: { id: first, turn: 3, notBefore: 5 }, message: { text: 'first' } });
    expect(item?.merged.map(({ text }) => text)).toEqual(['more']);
  });

  it('cancels what a bot or desk is still owed in a conversation, not what was said or its receipts, and tells', async () => {
    const done = await speak(ground, '+1', 'done');
    await one(ground, attempt(done.threadId, done.deliveryId));
    const waiting = await speak(ground, '+1', 'waiting');
    const conversationId = waiting.delivery.conversationId ?? '';
    ground.script.on('holder', (_input, { thread }, c) => {
      if (!thread) throw new Error('no thread');
      const receipt = delivery(c, thread, { lane: 'receipt', kind: 'receipt', messageId: done.messageId });
      const other = delivery(c, thread, { target: { type: 'bot', id: OTHER_BOT }, conversationId: 'conv_other' });
      const said = delivery(c, thread, { target: { type: 'asset', id: ASSET }, conversationId });
      return decision({ ok: true }, { deliveries: [receipt, other, said] });
    });
    ground.script.on('clock', () => decision({ ok: true }, { cancel: [{ conversationId, reason: 'closed' }] }));
    const holder = { type: 'holder', threadId: done.threadId, to: BOT, reason: '', actor: '' } as const;
    const [, , added, applied] = await ground.store.apply([
      say('+1', 'same batch'),
      say('+2', 'other thread'),
      holder,
      { type: 'clock', threadId: done.threadId },
    ]);
    const [receipt, other, said] = added?.queued ?? [];
    expect(applied?.changes).toHaveLength(2);
    expect(applied?.changes[0]).toEqual({
      id: waiting.deliveryId,
      status: 'cancelled',
      reason: 'closed',
      target: { type: 'bot', id: BOT },
      threadId: done.threadId,
    });
    const status = async (id = ''): Promise<string | undefined> => (await ground.store.delivery(id))?.delivery.status;
    expect(await status(done.deliveryId)).toBe('delivered');
    expect(await status(other?.delivery.id)).toBe('parked');
    expect(await status(receipt?.delivery.id)).toBe('parked');
    expect(await status(said?.delivery.id)).toBe('pending');
    expect(await ground.store.counts()).toMatchObject({ deliveries: { cancelled: 2, delivered: 1, parked: 3 } });
  });
}
