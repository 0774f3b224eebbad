// One input: what is kept of its decision, what it is answered, what it is told of what was there.
// Not here: several inputs in a batch (several.ts). The one thing to know: what `apply` answers and what is read back
// must be the same.
import { describe, expect, it } from 'vitest';
import type { Input } from '../../routing/inputs.ts';
import type { Ground } from '../conformance.ts';
import {
  attempt,
  BOT,
  CONSOLE,
  type CustomerInput,
  DAY_MS,
  DESK,
  decision,
  delivery,
  OTHER_BOT,
  START,
  say,
  take,
} from './script.ts';

const customer = (input: Input): CustomerInput => input as CustomerInput;

export function applying(ground: Ground): void {
  describe('one input', () => {
    keeping(ground);
    progressing(ground);
    telling(ground);
    deduping(ground);
    healing(ground);
  });
}

/** Applies one input. */
export async function one(ground: Ground, input: Input) {
  const [applied] = await ground.store.apply([input]);
  if (applied === undefined) throw new Error('no answer');
  return applied;
}

/** Lets a customer speak; the ids of what came of it. */
export async function speak(ground: Ground, address: string, text: string) {
  const applied = await one(ground, say(address, text));
  const item = applied.queued[0];
  if (!item?.message) throw new Error(`nothing was queued: ${JSON.stringify(applied.reply)}`);
  const { delivery: owed, message } = item;
  return { threadId: owed.threadId, deliveryId: owed.id, messageId: message.id, applied, delivery: owed, message };
}

function keeping(ground: Ground): void {
  it('keeps the thread, the message, the delivery, the conversation and the event', async () => {
    const { threadId, deliveryId, messageId, applied, message } = await speak(ground, '+1', 'hello');
    const { store } = ground;
    const thread = await store.thread(threadId);
    expect(thread).toMatchObject({ id: threadId, address: '+1', turn: 1, dueAt: START + 60_000, updatedAt: START });
    expect(await store.message(messageId)).toEqual({ ...message, receipt: null });
    const kept = await store.delivery(deliveryId);
    expect(kept).toEqual({
      delivery: { ...applied.queued[0]?.delivery, status: 'parked' },
      attempts: [],
      message,
    });
    const conversationId = kept?.delivery.conversationId ?? '';
    expect(await store.conversation(conversationId)).toMatchObject({ threadId, status: 'open', partyId: BOT });
    const [event] = await store.events(0, 10);
    expect(event).toMatchObject({ type: 'message.received', threadId, at: START, data: { text: 'hello' } });
    expect(applied.thread).toMatchObject({ id: threadId, address: '+1', holder: { type: 'bot', id: BOT } });
    expect(applied.dueAt).toBe(START + 60_000);
  });

  it('keeps it all across a reopening', async () => {
    const { threadId, deliveryId, messageId } = await speak(ground, '+1', 'hello');
    const read = async () => [
      await ground.store.thread(threadId),
      await ground.store.delivery(deliveryId),
      await ground.store.message(messageId),
      await ground.store.counts(),
      await ground.store.timeline(threadId, { limit: 50 }),
    ];
    const before = await read();
    await ground.reopen();
    expect(await read()).toEqual(before);
  });

  it('keeps every field of a message', async () => {
    ground.script.on('say:rich', (input, facts, c) => {
      const taken = take(customer(input), facts, c);
      const [message] = taken.messages;
      if (!message) throw new Error('no message');
      Object.assign(message, {
        kind: 'postback',
        author: { type: 'bot', id: BOT, name: 'Bot' },
        conversationId: 'conv_x',
        type: 'image',
        text: "zero \u0000, quote ', emoji 🚂, line\nbreak",
        media: [{ url: 'https://example.com/a.png', type: 'image/png', name: 'a' }],
        quickReplies: [{ title: 'Yes', payload: 'Y' }],
        custom: { customparam1: 'x' },
        payload: 'P',
        title: 'T',
        externalId: 'ext',
        details: { location: { latitude: 59.3, longitude: 18 }, replyTo: 'wamid.0', sticker: {}, unknown: 'poll' },
        sentAt: 5,
        edited: { at: START, original: '' },
        deletedAt: START,
      });
      return taken;
    });
    const { messageId, message } = await speak(ground, '+1', 'rich');
    await ground.reopen();
    expect(await ground.store.message(messageId)).toEqual({ ...message, receipt: null });
  });
}

function progressing(ground: Ground): void {
  it("keeps receipts, the channel's ids, changes of deliveries and attempts", async () => {
    const { threadId, deliveryId, messageId } = await speak(ground, '+1', 'hello');
    ground.script.on('receipt', () =>
      decision(
        { ok: true },
        { receipts: [{ messageId, status: 'read' }], externalIds: [{ messageId, externalId: 'wamid' }] },
      ),
    );
    await one(ground, { type: 'receipt', assetId: 'ast_1', messageId, status: 'read' });
    expect(await ground.store.message(messageId)).toMatchObject({ receipt: 'read', externalId: 'wamid' });

    const applied = await one(ground, attempt(threadId, deliveryId));
    expect(applied.changes).toEqual([
      { id: deliveryId, status: 'delivered', attempts: 1, seriesAt: START, target: { type: 'bot', id: BOT }, threadId },
    ]);
    expect(applied.dueAt).toBeNull();
    const kept = await ground.store.delivery(deliveryId);
    expect(kept?.delivery).toMatchObject({ status: 'delivered', attempts: 1, seriesAt: START });
    expect(kept?.attempts).toMatchObject([{ deliveryId, threadId, number: 1, ok: true, answer: 'thanks' }]);
    const quiet = await one(ground, { type: 'clock', threadId });
    expect(quiet).toMatchObject({ thread: null, queued: [], changes: [] });
    expect(quiet.dueAt).toBeNull();
    const elsewhere = await one(ground, { type: 'receipt', assetId: 'ast_1', messageId, status: 'read' });
    expect(elsewhere.dueAt).toBeUndefined();
  });

  it('tells whose deadline has moved, also when nothing else is to be told and the input names no thread', async () => {
    const { threadId } = await speak(ground, '+1', 'hello');
    ground.script.on('typing', (_input, { thread }) => {
      const bots = thread?.bots.map((share) => ({ ...share, takeDue: START + 30_000 })) ?? [];
      return decision({ ok: true }, { thread: thread && { ...thread, bots } });
    });
    const applied = await one(ground, { type: 'typing', assetId: 'ast_1', address: '+1', on: true });
    expect(applied.dueAt).toBe(START + 30_000);
    expect(applied.thread).toMatchObject({ id: threadId });
  });

  it('keeps instants between two milliseconds, as a retry has that is spread at random', async () => {
    const { threadId, deliveryId } = await speak(ground, '+1', 'hello');
    const later = { notBefore: START + 60_000.125, seriesAt: START + 0.5 };
    ground.script.on('clock', (_input, { thread }) => {
      const bots = thread?.bots.map((share) => ({ ...share, takeDue: START + 9.25 })) ?? [];
      const changes = [{ id: deliveryId, status: 'retrying' as const, attempts: 1, ...later }];
      return decision({ ok: true }, { thread: thread && { ...thread, bots }, changes });
    });
    expect((await one(ground, { type: 'clock', threadId })).reply).toEqual({ ok: true });
    await ground.reopen();
    expect((await ground.store.delivery(deliveryId))?.delivery).toMatchObject(later);
    expect(await ground.store.dueThreads(null, 5)).toEqual([{ id: threadId, dueAt: START + 9.25 }]);
  });

  it('keeps a delivery that concerns a service and no thread', async () => {
    ground.script.on('integration', (_input, _facts, c) => {
      const owed = { threadId: 'svc_1', target: { type: 'url', id: 'rul_1' } as const, kind: 'notify' as const };
      const base = { conversationId: null, messageId: null, turn: null, merged: [], notBefore: 0, replay: false };
      return decision(
        { ok: true },
        { deliveries: [{ ...owed, ...base, id: c.newId('dlv'), lane: 'main', data: { url: 'https://example.com' } }] },
      );
    });
    const applied = await one(ground, { type: 'integration', id: BOT, status: 'inactive', reason: null });
    expect(applied.queued[0]).toMatchObject({ delivery: { threadId: 'svc_1' }, thread: null, message: null });
    const [item] = await ground.store.pendingPage({ type: 'url', id: 'rul_1' }, 'main', 0, 10);
    expect(item).toEqual(applied.queued[0]);
  });
}

function telling(ground: Ground): void {
  it('tells a decision the thread, the conversation, the message and the delivery', async () => {
    const { threadId, deliveryId, messageId, delivery: owed } = await speak(ground, '+1', 'hello');
    await ground.reopen();
    const facts = async (input: Input) => {
      await one(ground, input);
      return ground.script.seen.at(-1);
    };
    const thread = { id: threadId };
    const conversationId = owed.conversationId ?? '';
    const command = { type: 'typing', on: true, conversationId } as const;
    expect(await facts(say('+1', 'more'))).toMatchObject({ thread, conversation: null, message: null, delivery: null });
    expect(await facts({ type: 'bot', botId: BOT, command })).toMatchObject({
      thread,
      conversation: { id: conversationId },
    });
    expect(await facts({ type: 'receipt', assetId: 'a', messageId, status: 'read' })).toMatchObject({
      thread,
      message: { id: messageId, receipt: null },
    });
    expect(await facts(attempt(threadId, deliveryId))).toMatchObject({
      thread,
      delivery: { id: deliveryId },
      message: { id: messageId },
    });
    expect(await facts({ type: 'clock', threadId })).toMatchObject({ thread });
  });

  it('tells a decision null of what it does not know', async () => {
    const nothing = { thread: null, conversation: null, message: null, delivery: null, remembered: null };
    const command = { type: 'close', reason: '', conversationId: 'conv_none' } as const;
    const inputs: Input[] = [
      { type: 'desk', deskId: DESK, command },
      { type: 'receipt', assetId: 'a', messageId: 'msg_none', status: 'read' },
      attempt('thr_none', 'dlv_none'),
      { type: 'clock', threadId: 'thr_none' },
    ];
    for (const input of inputs) {
      await one(ground, input);
      expect(ground.script.seen.at(-1)).toEqual(nothing);
    }
  });

  it('gives the unanswered turns when a decision asks for them, oldest first', async () => {
    const first = await speak(ground, '+1', 'one');
    await one(ground, attempt(first.threadId, first.deliveryId));
    await ground.store.apply([say('+1', 'two'), say('+1', 'three')]);
    ground.script.on('holder', (_input, facts, c) => {
      if (facts.unanswered === undefined || facts.thread === null) return 'needs_unanswered';
      const thread = facts.thread;
      const deliveries = facts.unanswered.map(({ id, turn }) =>
        delivery(c, thread, { target: { type: 'bot', id: OTHER_BOT }, messageId: id, turn }),
      );
      return decision({ ok: true }, { deliveries });
    });
    const holder = { type: 'holder', threadId: first.threadId, to: OTHER_BOT, reason: '', actor: 'usr_1' } as const;
    const [, applied] = await ground.store.apply([say('+1', 'four'), holder]);
    expect(applied?.queued.map((item) => item.message?.text)).toEqual(['two', 'three', 'four']);
  });
}

function deduping(ground: Ground): void {
  it("takes a channel's message once: in a batch, in later ones, after a reopening, for seven days", async () => {
    const input = say('+1', 'hello', 'ext-1');
    const applied = await ground.store.apply([input, input, { ...input, assetId: 'ast_other' }]);
    const first = applied[0]?.reply;
    const messageId = first?.ok ? first.messageId : undefined;
    const duplicate = { ok: true, duplicate: true, messageId };
    expect(applied.map(({ reply }) => reply)).toEqual([
      { ok: true, messageId },
      duplicate,
      { ok: true, messageId: expect.not.stringMatching(`^${messageId}$`) },
    ]);
    expect((await one(ground, input)).reply).toEqual(duplicate);
    await ground.reopen();
    ground.script.now += 7 * DAY_MS;
    await ground.store.retain(ground.script.now, { messages: 365, attempts: 7, dedupe: 7 }, 100);
    expect((await one(ground, input)).reply).toEqual(duplicate);
    // A machine's clock may be set wrong by years, and right again.
    for (const days of [3_650, -3_650, -3_650, 3_650]) {
      ground.script.now += days * DAY_MS;
      expect((await one(ground, input)).reply).toEqual(duplicate);
      await one(ground, say('+1', `another, ${days} days away`));
      expect((await one(ground, input)).reply).toEqual(duplicate);
    }
    expect((await ground.store.counts()).threads).toBe(2);
  });

  it('does not remember what was refused', async () => {
    let refusals = 0;
    ground.script.on('customer', (input, facts, c) =>
      refusals++ === 0 ? decision({ ok: false, code: 'conflict', detail: '' }) : take(customer(input), facts, c),
    );
    expect((await one(ground, say('+1', 'hello'))).reply.ok).toBe(false);
    expect((await one(ground, say('+1', 'hello'))).reply).toMatchObject({ ok: true, messageId: expect.any(String) });
  });

  it("remembers a sender's own key with the message it became", async () => {
    const { delivery: owed } = await speak(ground, '+1', 'hello');
    const conversationId = owed.conversationId ?? '';
    ground.script.on('bot', (_input, facts) =>
      decision(
        { ok: true, messageId: facts.remembered ?? 'none' },
        {
          remember: facts.remembered ? [] : [{ key: `${conversationId}:k1`, messageId: 'msg_first' }],
        },
      ),
    );
    const message = { type: 'text' as const, text: 'hi', media: [] };
    const input: Input = {
      type: 'bot',
      botId: BOT,
      command: { type: 'message', message, key: 'k1', custom: {}, conversationId },
    };
    const replies = (await ground.store.apply([input, input])).map(({ reply }) => reply);
    expect(replies).toMatchObject([{ messageId: 'none' }, { messageId: 'msg_first' }]);
    await ground.reopen();
    expect((await one(ground, input)).reply).toMatchObject({ messageId: 'msg_first' });
  });
}

function healing(ground: Ground): void {
  it('lays its own health over the world, and keeps what a decision changes', async () => {
    const statuses: string[] = [];
    const health = { id: BOT, status: 'active', failures: 2, generation: 1, reason: null, since: START } as const;
    ground.script.on('integration', (input, _facts, { world }) => {
      const ids = [BOT, OTHER_BOT, DESK, CONSOLE];
      statuses.push(ids.map((id) => (world.bots.get(id) ?? world.desks.get(id))?.health.status).join(' '));
      return decision({ ok: true }, { health: input.type === 'integration' && input.id === BOT ? health : null });
    });
    const change = (id: string): Input => ({ type: 'integration', id, status: 'active', reason: null });
    const [applied] = await ground.store.apply([change(BOT), change('none')]);
    expect(applied?.health).toEqual(health);
    await ground.reopen();
    await one(ground, change('none'));
    expect(statuses).toEqual([
      'unverified unverified unverified active',
      'active unverified unverified active',
      'active unverified unverified active',
    ]);
    expect((await ground.store.loadConfig()).health).toEqual([health]);
  });
}
