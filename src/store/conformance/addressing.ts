// Customers with several addresses: which thread each leads to, and what finding and erasing by any of them comes to.
// Not here: which addresses are one customer's (the decision says it). The one thing to know: an alias leads before the
// address that a thread began with.
import { describe, expect, it } from 'vitest';
import type { Input } from '../../routing/inputs.ts';
import type { Ground } from '../conformance.ts';
import { one, speak } from './applying.ts';
import { ASSET, type CustomerInput, DAY_MS, decision, START, say, take } from './script.ts';

/** `address` leads to the thread of `to`. */
async function lead(ground: Ground, address: string, to: string): Promise<void> {
  ground.script.on('holder', (_input, { thread }) => {
    if (thread === null) throw new Error('no thread');
    const known = [...(thread.aliases ?? []), address];
    return decision({ ok: true }, { thread: { ...thread, aliases: known, sendTo: address }, aliases: [address] });
  });
  const threadId = (await ground.store.customerThread(ASSET, to))?.id ?? '';
  await one(ground, { type: 'holder', threadId, to: 'bot_1', reason: '', actor: '' });
}

export function addressing(ground: Ground): void {
  describe('a customer with several addresses', () => {
    leading(ground);
    finding(ground);
    forgetting(ground);
  });
}

function leading(ground: Ground): void {
  const thread = async (input: Input) => {
    await one(ground, input);
    return ground.script.seen.at(-1)?.thread?.id ?? null;
  };
  const typing = (address: string, assetId = ASSET): Input => ({ type: 'typing', assetId, address, on: true });

  it('is found by any of them on the asset, at once and ever after', async () => {
    const { threadId } = await speak(ground, '+1', 'hello');
    expect(await thread(typing('+2'))).toBeNull();
    await lead(ground, '+2', '+1');
    for (const reopening of [false, true]) {
      if (reopening) await ground.reopen();
      for (const address of ['+1', '+2']) {
        expect(await thread(typing(address))).toBe(threadId);
        expect(await ground.store.customerThread(ASSET, address)).toMatchObject({ id: threadId, address: '+1' });
      }
      expect(await thread(typing('+2', 'ast_2'))).toBeNull();
      expect(await ground.store.customerThread('ast_2', '+2')).toBeNull();
    }
    const applied = await one(ground, say('+2', 'again'));
    expect(applied.queued[0]?.delivery.threadId).toBe(threadId);
    expect(applied.thread ?? (await ground.store.laneItem(applied.queued[0]?.delivery.id ?? ''))?.thread).toMatchObject(
      {
        ...{ id: threadId, address: '+1', sendTo: '+2', aliases: ['+2'] },
      },
    );
  });

  it('is the eldest of those that their addresses have', async () => {
    const first = await speak(ground, '+1', 'one');
    const second = await speak(ground, '+2', 'two');
    expect(await thread({ ...say('+2', 'three'), aliases: ['+9', '+1'] })).toBe(first.threadId);
    expect(await thread({ ...say('+2', 'four'), aliases: ['+9'] })).toBe(second.threadId);
    expect(await thread({ ...say('+9', 'five'), aliases: [] })).toBeNull();
    expect(await thread({ type: 'alias', assetId: ASSET, address: '+2', alias: '+1' })).toBe(first.threadId);
  });

  it('leads to the elder once that has its address, and the younger stays readable', async () => {
    const { threadId } = await speak(ground, '+1', 'one');
    const younger = await speak(ground, '+2', 'two');
    await lead(ground, '+2', '+1');
    for (const reopening of [false, true]) {
      if (reopening) await ground.reopen();
      expect(await thread(typing('+2'))).toBe(threadId);
      expect(await ground.store.customerThread(ASSET, '+2')).toMatchObject({ id: threadId });
      expect(await ground.store.thread(younger.threadId)).toMatchObject({ address: '+2', turn: 1 });
    }
  });

  it('knows what a batch has just learned, and nothing of one that was refused', async () => {
    await speak(ground, '+1', 'one');
    ground.script.on('say:known', (input, facts, c) => {
      const taken = take(input as CustomerInput, facts, c);
      return { ...taken, thread: taken.thread && { ...taken.thread, aliases: ['+2'] }, aliases: ['+2'] };
    });
    ground.script.on('say:broken', (input, facts, c) => {
      const taken = take(input as CustomerInput, facts, c);
      const [message] = taken.messages;
      return { ...taken, aliases: ['+3'], messages: message ? [message, message] : [] };
    });
    const applied = await ground.store.apply([say('+1', 'broken'), say('+1', 'known'), say('+2', 'after')]);
    expect(applied.map(({ reply }) => reply.ok)).toEqual([false, true, true]);
    const { id } = (await ground.store.customerThread(ASSET, '+1')) ?? {};
    expect(await ground.store.customerThread(ASSET, '+2')).toMatchObject({ id, turn: 3 });
    expect(await ground.store.customerThread(ASSET, '+3')).toBeNull();
    expect(await thread(typing('+3'))).toBeNull();
  });
}

function finding(ground: Ground): void {
  it('is found by people: by the beginning of an address and by its words, once', async () => {
    const { threadId } = await speak(ground, '+491', 'one');
    await speak(ground, '+499', 'two');
    await lead(ground, '+492', '+491');
    await lead(ground, 'bsuid.7', '+491');
    const by = async (beginning: string, limit = 9) =>
      (await ground.store.threadsByAddress([ASSET], beginning, limit)).map(({ address }) => address);
    expect(await by('+49')).toEqual(['+491', '+499']);
    expect(await by('+492')).toEqual(['+491']);
    expect(await by('bsuid')).toEqual(['+491']);
    expect(await by('+49', 1)).toEqual(['+491']);
    expect(await by('x')).toEqual([]);
    const { data } = await ground.store.listThreads({ limit: 9, words: 'suid.7' });
    expect(data.map(({ id }) => id)).toEqual([threadId]);
  });
}

function forgetting(ground: Ground): void {
  it('is erased by any of them, with all their threads', async () => {
    const { threadId } = await speak(ground, '+1', 'secret one');
    const younger = await speak(ground, '+2', 'secret two');
    await lead(ground, '+2', '+1');
    await lead(ground, '+3', '+1');
    await ground.store.apply([say('+9', 'stays')]);
    const theirs = expect.arrayContaining([threadId, younger.threadId]);
    expect(await ground.store.erase(ASSET, '+3')).toEqual({ threads: theirs, messages: 2, deliveries: 2 });
    expect(await ground.store.erase(ASSET, '+1')).toEqual({ threads: [], messages: 0, deliveries: 0 });
    for (const reopening of [false, true]) {
      if (reopening) await ground.reopen();
      for (const id of [threadId, younger.threadId]) {
        const shell = await ground.store.thread(id);
        expect(shell).toMatchObject({ address: `erased:${id}` });
        expect([shell?.aliases, shell?.sendTo]).toEqual([undefined, undefined]);
      }
      for (const address of ['+1', '+2', '+3']) expect(await ground.store.customerThread(ASSET, address)).toBeNull();
      expect(await ground.store.customerThread(ASSET, '+9')).not.toBeNull();
    }
    const again = await speak(ground, '+3', 'anew');
    expect([threadId, younger.threadId]).not.toContain(again.threadId);
    expect(await ground.store.thread(again.threadId)).toMatchObject({ address: '+3', turn: 1 });
  });

  it('leaves no address behind when the thread goes by age', async () => {
    ground.script.on('say:bare', (input, facts, c) => {
      const { thread } = take(input as CustomerInput, facts, c);
      const state = thread && { ...thread, bots: [], holder: { type: 'none' as const, since: START }, aliases: ['+2'] };
      return decision({ ok: true }, { thread: state, aliases: ['+2'] });
    });
    await one(ground, say('+1', 'bare'));
    expect(await ground.store.customerThread(ASSET, '+2')).not.toBeNull();
    ground.script.now += 400 * DAY_MS;
    const days = { messages: 365, attempts: 7, dedupe: 7 };
    for (let left = 1; left > 0; ) left = await ground.store.retain(ground.script.now, days, 100);
    expect(await ground.store.customerThread(ASSET, '+2')).toBeNull();
    await speak(ground, '+2', 'anew');
    expect(await ground.store.customerThread(ASSET, '+2')).toMatchObject({ address: '+2' });
  });
}
