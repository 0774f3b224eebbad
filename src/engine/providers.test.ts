// What a provider's channel asks of the engine: the last word, marks of what was seen, pauses, the newest address, and
// receipts and echoes that come before the answer to our own send.
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Input, Outcome } from '../routing/inputs.ts';
import { type Box, ok, openBox, reply, sleep } from './fixtures/box.ts';

let box: Box;

async function open(channel: 'http' | 'telegram' = 'telegram', late?: () => number): Promise<Box> {
  box = await openBox({ channel, ...(late && { late }) });
  await box.engine.verify('bot', 'bot_1', {}, 'test');
  await box.engine.settled();
  return box;
}

afterEach(async () => {
  await box.close();
  expect(box.bugs).toEqual([]);
});

/** The bot answers each message with `re: …`. */
const answering = (): void => {
  box.peers.bot = ({ item }) => (item.delivery.kind === 'message' ? reply(item, `re: ${item.message?.text}`) : ok());
};
const toCustomer = () => box.sent.filter(({ to }) => to === 'ast_1');
const rest = async (): Promise<void> => {
  for (let i = 0; i < 6; i++) await sleep(3);
};
const receipt = (externalId: string, status: 'delivered' | 'read' | 'failed'): Input => ({
  type: 'receipt',
  assetId: 'ast_1',
  messageId: '',
  externalId,
  status,
});
/** A send to the customer that is answered when the test says so. */
function slow(): (outcome: Outcome) => void {
  let answer: (outcome: Outcome) => void = () => {};
  box.peers.asset = () =>
    new Promise((resolve) => {
      answer = resolve;
    });
  return (outcome) => answer(outcome);
}

describe("the customer's last word", () => {
  it('is told to channels that ask for it, in an attempt and when somebody types', async () => {
    await open();
    answering();
    const sentAt = box.clock.now() - 3 * 3_600_000;
    await box.say('1-a', 'late', { externalId: 'mid.1', sentAt });
    await box.engine.settled();
    expect(toCustomer().map(({ facts }) => facts.heard)).toEqual([{ at: sentAt, externalId: 'mid.1' }]);
    await box.say('1-a', 'now', { externalId: 'mid.2', sentAt: box.clock.now() - 1_000 });
    await box.engine.settled();
    const heard = { at: box.clock.now(), externalId: 'mid.2' };
    expect(toCustomer().at(-1)?.facts.heard).toEqual(heard);
    const conversationId = box.sent[0]?.item.delivery.conversationId ?? '';
    await box.engine.submit([{ type: 'bot', botId: 'bot_1', command: { type: 'typing', on: true, conversationId } }]);
    await box.engine.settled();
    expect(box.typed).toEqual([{ address: '1-a', on: true, heard }]);
  });

  it('is not looked for where nobody asks', async () => {
    await open('http');
    answering();
    await box.say('1-a', 'hello');
    await box.engine.settled();
    expect(toCustomer().map(({ facts }) => 'heard' in facts)).toEqual([false]);
    expect(box.seen).toEqual([]);
  });

  it('is marked as seen once, when who holds the line has it', async () => {
    await open();
    let taken = false;
    box.peers.bot = () => (taken ? ok() : { ...ok(), result: 'retry', status: 500 });
    await box.say('1-a', 'hello', { externalId: 'mid.1' });
    await box.engine.settled();
    expect(box.seen).toEqual([]);
    taken = true;
    box.clock.advance(60_000);
    await box.engine.settled();
    const at = box.clock.now() - 60_000;
    expect(box.seen).toEqual([{ address: '1-a', heard: { at, externalId: 'mid.1' } }]);
    const { delivery } = box.sent[0]?.item ?? {};
    await box.engine.submit([{ type: 'replay', threadId: delivery?.threadId ?? '', deliveryId: delivery?.id ?? '' }]);
    await box.engine.settled();
    expect(box.seen).toHaveLength(1);
  });
});

describe('an attempt that is noted before it leaves', () => {
  /** The bot has a word for the customer: resolves when it is on disk, before anything is sent. */
  async function spoken(): Promise<void> {
    await box.say('1-a', 'hello');
    await box.engine.settled();
    const conversationId = box.sent[0]?.item.delivery.conversationId ?? '';
    const message = { type: 'text' as const, text: 'yes?', media: [] };
    const command = { type: 'message' as const, conversationId, message, custom: {} };
    const [applied] = await box.engine.submit([{ type: 'bot', botId: 'bot_1', command }]);
    expect(applied?.reply.ok).toBe(true);
  }
  const turns = async (until: () => boolean): Promise<void> => {
    while (!until()) await new Promise((resolve) => setImmediate(resolve));
  };

  it('waits for a disk that hangs, and is not taken for one that a crash broke off', async () => {
    await open();
    await spoken();
    let goOn = (): void => {};
    box.control.answered = new Promise((resolve) => {
      goOn = resolve;
    });
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { applies } = box.control;
    await turns(() => box.control.applies > applies);
    vi.advanceTimersByTime(6_000);
    vi.useRealTimers();
    goOn();
    await rest();
    box.clock.advance(10_000);
    await box.engine.settled();
    expect(toCustomer().map(({ item }) => item.message?.text)).toEqual(['yes?']);
    const { data } = await box.store.listDeliveries({ targetId: 'ast_1', limit: 5 });
    expect(data.map(({ status }) => status)).toEqual(['delivered']);
  });

  it('is given up when the customer was erased meanwhile', async () => {
    await open('telegram', () => 0.9);
    await spoken();
    await turns(() => box.engine.stats().attempts_in_flight === 1);
    await box.engine.erase('ast_1', '1-a');
    await rest();
    await box.engine.settled();
    const { applies } = box.control;
    box.clock.advance(10_000);
    await box.engine.settled();
    expect(toCustomer()).toEqual([]);
    expect(box.engine.stats()).toMatchObject({ deliveries_in_memory: 0, lanes: 0 });
    expect(box.control.applies).toBe(applies);
  });
});

describe('a provider that asks to slow down', () => {
  it('gets nothing from the whole asset until then, and all of it afterwards', async () => {
    await open();
    answering();
    let pauseS: number | undefined = 30;
    box.peers.asset = () => (pauseS === undefined ? ok() : { ...ok({ pauseS }), result: 'retry', status: 429 });
    await box.say('1-a', 'one');
    await box.engine.settled();
    pauseS = undefined;
    for (const address of ['1-b', '1-c']) await box.say(address, 'two');
    await box.engine.settled();
    expect(toCustomer()).toHaveLength(1);
    expect(box.engine.stats().targets_paused).toBe(1);
    box.clock.advance(29_999);
    await box.engine.settled();
    expect(toCustomer()).toHaveLength(1);
    box.clock.advance(1);
    await box.engine.settled();
    expect(
      toCustomer()
        .map(({ facts }) => facts.thread?.address)
        .sort(),
    ).toEqual(['1-a', '1-a', '1-b', '1-c']);
    expect(box.engine.stats().targets_paused).toBe(0);
  });

  it('is not told either who types, and what was seen', async () => {
    await open();
    answering();
    await box.say('1-a', 'one');
    await box.engine.settled();
    const before = box.seen.length;
    const conversationId = box.sent[0]?.item.delivery.conversationId ?? '';
    const typing = (): Promise<unknown> =>
      box.engine.submit([{ type: 'bot', botId: 'bot_1', command: { type: 'typing', on: true, conversationId } }]);
    box.peers.asset = () => ok({ pauseS: 30 });
    await box.say('1-b', 'two');
    await box.engine.settled();
    const seen = box.seen.length;
    expect(seen).toBe(before + 1);
    await typing();
    await box.say('1-a', 'three');
    await box.engine.settled();
    expect([box.typed.length, box.seen.length]).toEqual([0, seen]);
    box.peers.asset = () => ok();
    box.clock.advance(30_000);
    await typing();
    await box.say('1-a', 'four');
    await box.engine.settled();
    expect([box.typed.length, box.seen.length]).toEqual([1, seen + 1]);
  });

  it('is tried again after an hour, whatever it asked for', async () => {
    await open();
    answering();
    box.peers.asset = ({ facts }) =>
      facts.thread?.address === '1-a' ? { ...ok({ pauseS: 1e9 }), result: 'final', status: 429 } : ok();
    await box.say('1-a', 'one');
    await box.engine.settled();
    await box.say('1-b', 'two');
    box.clock.advance(3_599_000);
    await box.engine.settled();
    expect(toCustomer()).toHaveLength(1);
    box.clock.advance(1_000);
    await box.engine.settled();
    expect(toCustomer()).toHaveLength(2);
  });
});

describe("a customer's newest address", () => {
  it('is where sends and typing go, while the thread stays the same', async () => {
    await open();
    answering();
    await box.say('1-a', 'one');
    await box.say('1-new', 'two', { aliases: ['1-a'] });
    await box.engine.settled();
    await box.say('1-new', 'three');
    await box.engine.settled();
    expect(new Set(toCustomer().map(({ item }) => item.delivery.threadId)).size).toBe(1);
    expect(
      toCustomer()
        .map(({ facts }) => facts.thread?.address)
        .slice(-2),
    ).toEqual(['1-new', '1-new']);
    expect(
      toCustomer()
        .map(({ item }) => item.thread?.address)
        .at(-1),
    ).toBe('1-new');
    expect(box.sent.findLast(({ to }) => to === 'bot_1')?.facts.thread?.address).toBe('1-a');
    expect(box.seen.at(-1)?.address).toBe('1-new');
    await box.say('1-a', 'back');
    await box.engine.settled();
    expect(toCustomer().at(-1)?.facts.thread?.address).toBe('1-a');
  });

  it('erases all their threads, and what of them waits in memory is not sent any more', async () => {
    await open();
    answering();
    box.peers.asset = () => ({ ...ok(), result: 'retry', status: 500 });
    await box.say('1-a', 'one');
    await box.say('1-new', 'two', { aliases: ['1-a'] });
    await box.engine.settled();
    await box.say('1-own', 'three');
    await box.engine.submit([{ type: 'alias', assetId: 'ast_1', address: '1-a', alias: '1-own' }]);
    await box.engine.settled();
    const before = toCustomer().length;
    expect(await box.engine.erase('ast_1', '1-new')).toMatchObject({ threads: 2 });
    box.clock.advance(3_600_000);
    await box.engine.settled();
    expect(toCustomer()).toHaveLength(before);
    expect(await box.store.customerThread('ast_1', '1-a')).toBeNull();
  });
});

describe('a customer whose addresses came together late', () => {
  it('is forgotten in all threads, the one of an address of a further address too', async () => {
    await open();
    answering();
    box.peers.asset = () => ({ ...ok(), result: 'retry', status: 500 });
    for (const address of ['1-a', '1-b', '1-c']) await box.say(address, `from ${address}`);
    await box.engine.settled();
    const alias = (address: string, alias: string): Input => ({ type: 'alias', assetId: 'ast_1', address, alias });
    await box.engine.submit([alias('1-b', '1-c'), alias('1-a', '1-b')]);
    const before = toCustomer().length;
    expect(await box.engine.erase('ast_1', '1-a')).toMatchObject({ threads: 3 });
    box.clock.advance(3_600_000);
    await box.engine.settled();
    expect(toCustomer()).toHaveLength(before);
    expect(box.engine.stats()).toMatchObject({ deliveries_in_memory: 0 });
  });
});

describe('what a customer takes back', () => {
  it.each([
    { remark: { kind: 'delete' }, left: '' },
    { remark: { kind: 'edit', text: 'never mind' }, left: 'never mind' },
  ] as const)('is gone from what still waits in memory too: $remark.kind', async ({ remark, left }) => {
    await open();
    box.peers.bot = () => ({ ...ok(), result: 'retry', status: 500 });
    await box.say('1-a', 'my PIN is 1234', { externalId: 'mid.1' });
    await box.say('1-a', 'and more', { externalId: 'mid.2' });
    await box.engine.settled();
    const about = { assetId: 'ast_1', address: '1-a', about: 'mid.1' };
    await box.engine.submit([{ type: 'remark', ...about, externalId: 'rem.1', remark }]);
    box.peers.bot = () => ok();
    box.clock.advance(60_000);
    await box.engine.settled();
    expect(box.sent.map(({ item }) => item.message?.text)).toEqual(['my PIN is 1234', left, 'and more']);
  });
});

describe('what a provider tells before it has answered us', () => {
  const fates = async (): Promise<unknown[]> =>
    (await box.store.events(0, 500)).filter(({ type }) => type === 'message.receipt').map(({ data }) => data.status);

  it('counts when the answer is on disk: receipts, in their order', async () => {
    await open();
    answering();
    const answer = slow();
    await box.say('1-a', 'hello');
    await rest();
    const early = [receipt('wamid.1', 'delivered'), receipt('wamid.1', 'read'), receipt('wamid.2', 'read')];
    for (const applied of await box.engine.submit(early)) expect(applied.reply).toEqual({ ok: true, ignored: true });
    await box.engine.submit([receipt('wamid.1', 'delivered')]);
    expect(box.engine.stats().receipts_early).toBe(2);
    expect(await fates()).toEqual([]);
    answer(ok({ externalId: 'wamid.1' }));
    await box.engine.settled();
    expect(await fates()).toEqual(['delivered', 'read']);
    expect(box.engine.stats().receipts_early).toBe(1);
  });

  it('waits a short while only', async () => {
    await open();
    answering();
    const answer = slow();
    await box.say('1-a', 'hello');
    await rest();
    await box.engine.submit([receipt('wamid.1', 'read')]);
    box.clock.advance(120_001);
    await box.engine.submit([receipt('other', 'read')]);
    expect(box.engine.stats().receipts_early).toBe(1);
    answer(ok({ externalId: 'wamid.1' }));
    await box.engine.settled();
    expect(await fates()).toEqual([]);
  });

  it('is known as ours by then: an echo waits for what is on its way to that customer', async () => {
    await open();
    answering();
    const answer = slow();
    await box.say('1-a', 'hello');
    await rest();
    const echo = (address: string, externalId: string): Input => ({
      ...{ type: 'echo', assetId: 'ast_1', address, externalId, author: 'Page inbox' },
      message: { type: 'text', text: 're: hello', media: [] },
    });
    const [other] = await box.engine.submit([echo('1-other', 'mid.3')]);
    expect(other?.reply).toMatchObject({ ok: true, messageId: expect.any(String) });
    const ours = box.engine.submit([echo('1-a', 'mid.1')]);
    let done = false;
    void ours.then(() => {
      done = true;
    });
    await rest();
    expect(done).toBe(false);
    answer(ok({ externalId: 'mid.1' }));
    expect((await ours)[0]?.reply).toEqual({ ok: true, ignored: true });
    const [theirs] = await box.engine.submit([echo('1-a', 'mid.2')]);
    expect(theirs?.reply).toMatchObject({ ok: true, messageId: expect.any(String) });
  });
});
