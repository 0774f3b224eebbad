// How far our words got, by a provider's watermark; the customer's last word; and words that read otherwise afterwards.
// Not here: single receipts (applying.ts). The one thing to know: what counts is when the try began that succeeded.
import { describe, expect, it } from 'vitest';
import type { Input } from '../../routing/inputs.ts';
import type { Message } from '../../routing/model.ts';
import type { Ground } from '../conformance.ts';
import { one, speak } from './applying.ts';
import { ASSET, attempt, BOT, type CustomerInput, decision, delivery, START, say, take } from './script.ts';

export function reaching(ground: Ground): void {
  describe('how far words got', () => {
    watermarks(ground);
    hearing(ground);
    rewriting(ground);
  });
}

type Ours = { threadId: string; messageId: string; deliveryId: string };

/** The bot says something, which is owed to the channel. */
async function answer(ground: Ground, threadId: string, text: string, kind: 'asset' | 'desk' = 'asset'): Promise<Ours> {
  ground.script.on('holder', (_input, { thread }, c) => {
    if (thread === null) throw new Error('no thread');
    const author = { type: 'bot' as const, id: BOT, name: 'Bot' };
    const message: Message = {
      ...{ id: c.newId('msg'), threadId, seq: thread.seq + 1, turn: null, kind: 'message', author },
      ...{ conversationId: null, type: 'text', text, media: [], at: c.now },
    };
    const owed = delivery(c, thread, { target: { type: kind, id: ASSET }, messageId: message.id });
    return decision(
      { ok: true, messageId: message.id },
      { thread: { ...thread, seq: message.seq }, messages: [message], deliveries: [owed] },
    );
  });
  const applied = await one(ground, { type: 'holder', threadId, to: BOT, reason: '', actor: '' });
  const owed = applied.queued[0]?.delivery;
  return { threadId, messageId: owed?.messageId ?? '', deliveryId: owed?.id ?? '' };
}

const tried = ({ threadId, deliveryId }: Ours, startedAt: number): Input => ({
  ...attempt(threadId, deliveryId),
  startedAt,
});
const mark = (address: string, status: 'delivered' | 'read', at: number): Input => ({
  ...{ type: 'watermark', assetId: ASSET, address, status, at },
});

function watermarks(ground: Ground): void {
  const reached = async (input: Input): Promise<string[] | undefined> => {
    await one(ground, input);
    return ground.script.seen.at(-1)?.sent?.map(({ text }) => text);
  };

  it('are told what was sent by then and may get the status, oldest first', async () => {
    const { threadId } = await speak(ground, '+1', 'hello');
    const elsewhere = await speak(ground, '+2', 'hello');
    const said: Ours[] = [];
    for (const text of ['one', 'two', 'three', 'four']) said.push(await answer(ground, threadId, text));
    const [one_, two, three, four] = said as [Ours, Ours, Ours, Ours];
    await answer(ground, threadId, 'waits');
    const toDesk = await answer(ground, threadId, 'to a desk', 'desk');
    const other = await answer(ground, elsewhere.threadId, 'to another');
    const all = [tried(one_, START + 10), tried(two, START + 20), tried(three, START + 30), tried(four, START + 40)];
    await ground.store.apply([...all, tried(toDesk, START), tried(other, START)]);
    ground.script.on('receipt', () =>
      decision(
        { ok: true },
        {
          receipts: [
            { messageId: one_.messageId, status: 'delivered' },
            { messageId: two.messageId, status: 'read' },
            { messageId: four.messageId, status: 'failed' },
          ],
        },
      ),
    );
    await one(ground, { type: 'receipt', assetId: ASSET, messageId: one_.messageId, status: 'delivered' });
    for (const reopening of [false, true]) {
      if (reopening) await ground.reopen();
      expect(await reached(mark('+1', 'read', START + 30))).toEqual(['one', 'three']);
      expect(await reached(mark('+1', 'delivered', START + 30))).toEqual(['three']);
      expect(await reached(mark('+1', 'delivered', START + 29))).toEqual([]);
      expect(await reached(mark('+1', 'read', START + 5_000))).toEqual(['one', 'three']);
      expect(await reached(mark('+2', 'read', START))).toEqual(['to another']);
      expect(await reached(mark('+3', 'read', START))).toBeUndefined();
    }
  });

  it('know what became known in the same batch', async () => {
    const { threadId } = await speak(ground, '+1', 'hello');
    const [first, second] = [await answer(ground, threadId, 'one'), await answer(ground, threadId, 'two')];
    ground.script.on('receipt', () =>
      decision({ ok: true }, { receipts: [{ messageId: first.messageId, status: 'read' }] }),
    );
    await ground.store.apply([
      tried(first, START + 1),
      mark('+1', 'read', START + 1),
      { type: 'receipt', assetId: ASSET, messageId: first.messageId, status: 'read' },
      tried(second, START + 2),
      mark('+1', 'read', START + 1),
      mark('+1', 'read', START + 2),
    ]);
    const told = ground.script.seen.flatMap(({ sent }) =>
      sent ? [sent.map(({ text, receipt }) => [text, receipt])] : [],
    );
    expect(told).toEqual([[['one', null]], [], [['two', null]]]);
  });

  it('know what one just before them in the same batch made known', async () => {
    const { threadId } = await speak(ground, '+1', 'hello');
    const ours = await answer(ground, threadId, 'one');
    await one(ground, tried(ours, START + 1));
    ground.script.on('watermark', (input, { sent = [] }) => {
      const { status } = input as Extract<Input, { type: 'watermark' }>;
      return decision({ ok: true }, { receipts: sent.map(({ id }) => ({ messageId: id, status })) });
    });
    const marks = (['delivered', 'read', 'read'] as const).map((status) => mark('+1', status, START + 1));
    await ground.store.apply(marks);
    const told = ground.script.seen.slice(-3).map(({ sent }) => sent?.map(({ receipt }) => receipt));
    expect(told).toEqual([[null], ['delivered'], []]);
  });

  it('look at the newest five hundred', async () => {
    const { threadId } = await speak(ground, '+1', 'hello');
    const first = await answer(ground, threadId, 'old');
    await one(ground, tried(first, START));
    const late = await answer(ground, threadId, 'new');
    await one(ground, tried(late, START));
    expect(await reached(mark('+1', 'read', START))).toEqual(['old', 'new']);
    const inputs = Array.from(
      { length: 499 },
      (): Input => ({ type: 'holder', threadId, to: BOT, reason: '', actor: '' }),
    );
    await ground.store.apply(inputs);
    expect(await reached(mark('+1', 'read', START))).toEqual(['new']);
  });
}

function hearing(ground: Ground): void {
  it("knows the customer's last word: when it was said, and its id", async () => {
    expect(await ground.store.heard('thr_none')).toBeNull();
    ground.script.on('say:late', (input, facts, c) => {
      const taken = take(input as CustomerInput, facts, c);
      for (const message of taken.messages) Object.assign(message, { sentAt: START - 5_000_000, externalId: 'mid.1' });
      return taken;
    });
    const { threadId } = await speak(ground, '+1', 'late');
    const late = { at: START - 5_000_000, externalId: 'mid.1' };
    expect(await ground.store.heard(threadId)).toEqual(late);
    await answer(ground, threadId, 'ours');
    expect(await ground.store.heard(threadId)).toEqual(late);
    await ground.reopen();
    expect(await ground.store.heard(threadId)).toEqual(late);
    ground.script.now += 1_000;
    await speak(ground, '+1', 'now');
    await speak(ground, '+2', 'another');
    expect(await ground.store.heard(threadId)).toEqual({ at: START + 1_000, externalId: null });
    await ground.reopen();
    expect(await ground.store.heard(threadId)).toEqual({ at: START + 1_000, externalId: null });
    await ground.store.erase(ASSET, '+1');
    expect(await ground.store.heard(threadId)).toBeNull();
  });
}

function rewriting(ground: Ground): void {
  const ID = 'med_00000000000000000000000001';

  it('keeps how a message reads afterwards, its receipt and place, and lets go of media that it shows no more', async () => {
    const medium = {
      id: ID,
      sha256: 'a'.repeat(64),
      assetId: ASSET,
      owner: '+1',
      type: 'image/png',
      name: '',
      bytes: 1,
    };
    await ground.store.addMedium({ ...medium, looseAt: START });
    const input = say('+1', 'first');
    input.message.media = [{ url: `media:${ID}`, type: 'image/png' }];
    await one(ground, input);
    await speak(ground, '+1', 'second');
    const [, row] = await ground.store.said((await ground.store.customerThread(ASSET, '+1'))?.id ?? '', null, 9);
    if (row === undefined) throw new Error('nothing was said');
    const { receipt: _, ...before } = row.message;
    const rewrite = async (message: Message): Promise<void> => {
      ground.script.on('remark', () => decision({ ok: true }, { rewritten: [message] }));
      const about = { assetId: ASSET, address: '+1', about: 'x', externalId: message.text };
      await one(ground, { type: 'remark', ...about, remark: { kind: 'delete' } });
      expect(await ground.store.message(message.id)).toEqual({ ...message, receipt: null });
    };
    await rewrite({ ...before, text: 'anew', edited: { at: START, original: 'first' } });
    expect(await ground.store.looseMedia(START + 1, 9)).toEqual([]);
    await rewrite({ ...before, text: '', media: [], deletedAt: START + 1 });
    expect(await ground.store.looseMedia(START + 1, 9)).toEqual([{ id: ID, sha256: medium.sha256 }]);
    await ground.reopen();
    const { messages } = await ground.store.transcript(before.threadId, 99, 9);
    expect(messages.map(({ text, deletedAt }) => [text, deletedAt])).toEqual([
      ['', START + 1],
      ['second', undefined],
    ]);
  });

  it('gives a delivery of the same decision the new words', async () => {
    const { message } = await speak(ground, '+1', 'first');
    const after = { ...message, text: 'anew' };
    ground.script.on('remark', (_input, _facts, c) => {
      const owed = { threadId: message.threadId, kind: 'signal', messageId: message.id } as const;
      const rest = { conversationId: null, turn: null, notBefore: 0, replay: false, lane: 'main' } as const;
      const target = { type: 'desk', id: 'desk_1' } as const;
      return decision(
        { ok: true },
        { rewritten: [after], deliveries: [{ ...owed, ...rest, merged: [], id: c.newId('dlv'), target, data: null }] },
      );
    });
    const about = { assetId: ASSET, address: '+1', about: '+1 first', externalId: 'r1' };
    const applied = await one(ground, { type: 'remark', ...about, remark: { kind: 'edit', text: 'anew' } });
    expect(applied.queued[0]?.message).toMatchObject({ id: message.id, text: 'anew' });
  });
}
