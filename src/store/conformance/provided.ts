// What providers' channels bring: events taken once, messages named by the provider's id, and who the customer is.
// Not here: a customer's plain words (applying.ts). The one thing to know: a provider's id is one of an asset; on another
// asset the same id is something else.
import { describe, expect, it } from 'vitest';
import type { Input } from '../../routing/inputs.ts';
import type { Ground } from '../conformance.ts';
import { one, speak } from './applying.ts';
import { ASSET, attempt, decision, delivery, say } from './script.ts';

export function provided(ground: Ground): void {
  describe('what a provider tells', () => {
    once(ground);
    naming(ground);
    remarking(ground);
    doubting(ground);
  });
}

const about = { assetId: ASSET, address: '+1' };
const text = { type: 'text' as const, text: 'hi', media: [] };
const EVENTS: Input[] = [
  { type: 'echo', ...about, externalId: 'e1', author: 'Page inbox', message: text },
  { type: 'remark', ...about, externalId: 'e2', about: 'x', remark: { kind: 'reaction', emoji: '👍' } },
  { type: 'sign', ...about, externalId: 'e3', name: 'followed', text: '' },
];

/** Lets a message of ours be known by the id that the provider gave to it. */
export async function sent(ground: Ground, address: string, externalId: string, assetId = ASSET) {
  const said = await speak(ground, address, `before ${externalId}`);
  const { threadId, deliveryId, messageId } = said;
  ground.script.on('attempt', () => decision({ ok: true }, { externalIds: [{ messageId, externalId, assetId }] }));
  await one(ground, attempt(threadId, deliveryId));
  return said;
}

function once(ground: Ground): void {
  it.each(EVENTS)('takes it once: $type', async (input) => {
    const before = ground.script.seen.length;
    const replies = (await ground.store.apply([input, input])).map(({ reply }) => reply);
    expect(replies).toEqual([
      { ok: true, ignored: true },
      { ok: true, duplicate: true },
    ]);
    await ground.reopen();
    expect((await one(ground, input)).reply).toEqual({ ok: true, duplicate: true });
    expect((await one(ground, { ...input, assetId: 'ast_other' } as Input)).reply).toEqual({ ok: true, ignored: true });
    expect(ground.script.seen.length - before).toBe(2);
  });

  it('takes what changes nothing but a standing as often as it comes', async () => {
    const inputs: Input[] = [
      { type: 'watermark', ...about, status: 'read', at: 0 },
      { type: 'control', ...about, ours: false, reason: '' },
      { type: 'alias', ...about, alias: '+2' },
    ];
    const applied = await ground.store.apply([...inputs, ...inputs]);
    expect(applied.map(({ reply }) => reply)).toEqual(applied.map(() => ({ ok: true, ignored: true })));
  });
}

/** What a decision about an input is told of its thread and message. */
const seenBy = (ground: Ground) => async (input: Input) => {
  await one(ground, input);
  const { thread, message } = ground.script.seen.at(-1) ?? {};
  return { thread: thread?.id ?? null, message: message?.id ?? null };
};

const remark = (of: string, externalId: string, assetId = ASSET): Input => ({
  ...{ type: 'remark', assetId, address: '+1', externalId, about: of },
  remark: { kind: 'reaction', emoji: '👍' },
});

function naming(ground: Ground): void {
  const seen = seenBy(ground);
  const receipt = (externalId: string, assetId = ASSET): Input => ({
    type: 'receipt',
    assetId,
    messageId: '',
    externalId,
    status: 'read',
  });

  it('finds a message of ours by the id that the provider gave to it, on its asset', async () => {
    const { threadId, messageId } = await sent(ground, '+1', 'wamid.1');
    const found = { thread: threadId, message: messageId };
    const echo: Input = { type: 'echo', ...about, externalId: 'wamid.1', author: 'Page inbox', message: text };
    for (const _ of [1, 2]) {
      expect(await seen(receipt('wamid.1'))).toEqual(found);
      expect(await seen(receipt('wamid.1', 'ast_other'))).toEqual({ thread: null, message: null });
      expect(await seen(receipt('wamid.2'))).toEqual({ thread: null, message: null });
      await ground.reopen();
    }
    expect(await seen(remark('wamid.1', 'r1'))).toEqual(found);
    expect(await seen(echo)).toEqual(found);
    expect(await seen({ ...echo, externalId: 'other', messageId })).toEqual(found);
    expect(await seen({ ...echo, externalId: 'third' })).toEqual({ thread: threadId, message: null });
  });

  it('finds what was said and sent in the same batch', async () => {
    const { threadId, deliveryId, messageId } = await speak(ground, '+1', 'hello');
    ground.script.on('attempt', () =>
      decision({ ok: true }, { externalIds: [{ messageId, externalId: 'wamid.1', assetId: ASSET }] }),
    );
    await ground.store.apply([attempt(threadId, deliveryId), receipt('wamid.1')]);
    expect(ground.script.seen.at(-1)).toMatchObject({ thread: { id: threadId }, message: { id: messageId } });
    await ground.store.apply([say('+1', 'more', 'mid.2'), remark('mid.2', 'r2')]);
    expect(ground.script.seen.at(-1)).toMatchObject({ thread: { id: threadId }, message: { text: 'more' } });
  });

  it("finds a customer's own message by the id it came with", async () => {
    await one(ground, say('+1', 'hello', 'mid.1'));
    await ground.reopen();
    await one(ground, remark('mid.1', 'r1'));
    expect(ground.script.seen.at(-1)).toMatchObject({ message: { text: 'hello', turn: 1 } });
    await one(ground, remark('mid.1', 'r1', 'ast_other'));
    expect(ground.script.seen.at(-1)).toMatchObject({ message: null, thread: null });
  });

  it.each(['watermark', 'control', 'sign', 'alias'])('tells the thread of the customer: %s', async (type) => {
    const { threadId } = await speak(ground, '+1', 'hello');
    const more = { status: 'read', at: 0, ours: true, reason: '', externalId: type, name: 'n', text: '', alias: '+2' };
    expect(await seen({ type, ...about, ...more } as Input)).toEqual({ thread: threadId, message: null });
  });
}

function remarking(ground: Ground): void {
  const seen = seenBy(ground);

  it("finds no words of another customer's for a remark, but one's own from before an address changed", async () => {
    const { threadId } = await speak(ground, '+1', 'hello');
    const other = await speak(ground, '+2', 'hello');
    await one(ground, say('+1', 'mine', 'mid.1'));
    const by = (address: string, round: number) =>
      seen({ ...remark('mid.1', `${address} ${round}`), address } as Input);
    for (const round of [1, 2]) {
      expect(await by('+2', round)).toEqual({ thread: other.threadId, message: null });
      expect(await by('+3', round)).toEqual({ thread: null, message: null });
      await ground.reopen();
    }
    ground.script.on('alias', (_, { thread }) => {
      const joined = thread && { ...thread, aliases: ['+2'] };
      return decision({ ok: true }, { thread: joined, aliases: ['+2'] });
    });
    await one(ground, say('+2', 'mine too', 'mid.2'));
    await one(ground, { type: 'alias', assetId: ASSET, address: '+1', alias: '+2' });
    for (const address of ['+1', '+2']) expect(await by(address, 3)).toMatchObject({ thread: threadId });
    expect(await seen(remark('mid.2', 'r2'))).toMatchObject({ thread: other.threadId });
  });
}

function doubting(ground: Ground): void {
  it('finds the send that is in doubt with the message that a receipt or an echo tells of, until it is known', async () => {
    const { threadId, messageId } = await speak(ground, '+1', 'hello');
    let [id, echoes] = ['', 0];
    const next = () => `echo ${++echoes}`;
    ground.script.on('clock', (_, { thread }, c) => {
      if (!thread) throw new Error('no thread');
      const owed = delivery(c, thread, { target: { type: 'asset', id: ASSET }, messageId });
      id = owed.id;
      return decision({ ok: true }, { deliveries: [owed] });
    });
    await one(ground, { type: 'clock', threadId });
    const become = async (status: 'held' | 'delivered') => {
      ground.script.on('attempt', () => decision({ ok: true }, { changes: [{ id, status }] }));
      await one(ground, attempt(threadId, id));
    };
    const found = async () => {
      const echo: Input = {
        type: 'echo',
        ...about,
        externalId: next(),
        messageId,
        author: 'Page inbox',
        message: text,
      };
      const told: Input = { type: 'receipt', assetId: ASSET, messageId, status: 'read' };
      const seen: unknown[] = [];
      for (const input of [echo, told]) {
        await one(ground, input);
        seen.push(ground.script.seen.at(-1)?.delivery?.id ?? null);
      }
      return seen;
    };
    expect(await found()).toEqual([null, null]);
    await become('held');
    expect(await found()).toEqual([id, id]);
    await ground.reopen();
    expect(await found()).toEqual([id, id]);
    await become('delivered');
    expect(await found()).toEqual([null, null]);
  });
}
