// The end of a merge window where other processes join words as well: what leaves is what the store has, and stays so.
// Not here: the window's rules (src/routing/customer.test.ts), and one process alone (deliver.test.ts).
import { afterEach, describe, expect, it } from 'vitest';
import type { Input } from '../routing/inputs.ts';
import { type Box, type BoxOptions, failure, openBox, sleep } from './fixtures/box.ts';
import type { LaneItem, Store, ThreadView } from './store-port.ts';

const WINDOW = 1_200;
let box: Box;
/** How often the store was asked to begin something. */
let begins = 0;

afterEach(async () => {
  await box.close();
  expect(box.bugs).toEqual([]);
});

type Other = { told?: Input['type']; refuses?: boolean };

/**
 * What other processes decide reaches this one with the answer to an input of the kind `told`. `refuses`: the thread is
 * another's when something is to begin.
 */
async function open(other: Other, more: BoxOptions = {}): Promise<void> {
  begins = 0;
  const others: BoxOptions['others'] = async (inputs, applied, store) => {
    for (const [i, input] of inputs.entries()) {
      const each = applied[i];
      if (input.type === 'begin') begins += 1;
      if (input.type === 'begin' && other.refuses && each) Object.assign(each, STALE);
      if (input.type !== other.told || !each) continue;
      each.owed = await owed(store);
      each.thread = each.owed[0]?.thread as ThreadView;
    }
  };
  box = await openBox({ settings: { merge_window_ms: WINDOW }, others, ...more });
  if (more.folder === undefined) await box.engine.verify('bot', 'bot_1', {}, 'test');
  await box.engine.settled();
}

const STALE = {
  reply: { ok: false, code: 'conflict', detail: 'Another process has taken over this conversation since.' },
  ...{ stale: true, thread: null, changes: [], queued: [] },
};
const owed = (store: Store) => store.pendingPage({ type: 'bot', id: 'bot_1' }, 'main', 0, 100);
const rest = async (): Promise<void> => {
  for (let i = 0; i < 6; i++) await sleep(3);
};

let said = 0;
/** A word of the customer that another process takes in. */
const elsewhere = (text: string) =>
  box.store.apply([
    {
      ...{ type: 'customer', assetId: 'ast_1', address: '1-a', externalId: `other${++said}`, kind: 'message' },
      message: { type: 'text', text, media: [] },
    },
  ]);
const words = () => box.sent.map(({ item }) => [item.message?.text, ...item.merged.map(({ text }) => text)].join('+'));

describe('the end of a merge window, with other processes', () => {
  it('sends what the store has by then, although nobody had told of it, and the same again', async () => {
    await open({ told: 'begin' });
    box.peers.bot = () => failure();
    await box.say('1-a', 'one');
    box.clock.advance(WINDOW - 1);
    await elsewhere('two');
    box.clock.advance(1);
    await box.engine.settled();
    expect(words()).toEqual(['one+two']);
    await elsewhere('three');
    box.clock.advance(60_000);
    await box.engine.settled();
    expect(words()).toEqual(['one+two', 'one+two']);
  });

  it('lets nothing be joined while it is on its way, by whatever clock', async () => {
    await open({});
    let ends = (): void => {};
    box.peers.bot = () =>
      new Promise((resolve) => {
        ends = () => resolve(failure());
      });
    await box.say('1-a', 'one');
    box.clock.advance(WINDOW);
    await rest();
    expect(words()).toEqual(['one']);
    // The clock of another process stands before the end of the window.
    box.clock.advance(-WINDOW);
    await elsewhere('two');
    const [first, second] = await owed(box.store);
    expect([first?.merged.length, second?.message?.text]).toEqual([0, 'two']);
    ends();
    await box.engine.settled();
  });

  it('tries again when the store is away', async () => {
    await open({ told: 'begin' });
    await box.say('1-a', 'one');
    box.control.down = true;
    box.clock.advance(WINDOW);
    await rest();
    expect(words()).toEqual([]);
    box.control.down = false;
    box.clock.advance(2_000);
    await box.engine.settled();
    expect(words()).toEqual(['one']);
  });

  it('does not send what is over', async () => {
    await open({});
    await box.say('1-a', 'one');
    const [item] = await owed(box.store);
    const conversationId = item?.delivery.conversationId ?? '';
    await box.store.apply([{ type: 'bot', botId: 'bot_1', command: { type: 'close', conversationId } }]);
    box.clock.advance(WINDOW);
    await box.engine.settled();
    expect(words()).toEqual([]);
    expect(box.engine.stats().deliveries_in_memory).toBe(0);
  });

  it('has what is behind it wait when the thread seems to be another process’s, and asks again', async () => {
    const other: Other = { refuses: true };
    await open(other);
    await box.say('1-a', 'one');
    await box.say('1-a', 'go', { kind: 'postback', payload: 'go' });
    await rest();
    expect(words()).toEqual([]);
    other.refuses = false;
    box.clock.advance(2_000);
    await box.engine.settled();
    expect(words()).toEqual(['one', 'go']);
  });

  it('is kept when the process ends before what it closed has left: the next one sends the same, as a first try', async () => {
    await open({});
    await box.say('1-a', 'one');
    await elsewhere('two');
    const [item] = await owed(box.store);
    const { id: deliveryId, threadId } = (item as LaneItem).delivery;
    await box.store.apply([{ type: 'begin', threadId, deliveryId }]);
    await elsewhere('three');
    const { folder } = box;
    await box.close(false);
    await open({}, { folder });
    box.clock.advance(WINDOW);
    await box.engine.settled();
    expect(words()).toEqual(['one+two', 'three']);
    expect(box.sent[0]?.item.delivery).toMatchObject({ id: deliveryId, attempts: 0, reason: null });
  });

  it('is written once for each window, and for nothing else', async () => {
    await open({});
    box.peers.bot = () => failure();
    await box.say('1-a', 'one');
    await box.say('1-a', 'two');
    box.clock.advance(WINDOW);
    await box.engine.settled();
    box.clock.advance(60_000);
    await box.engine.settled();
    expect([words(), begins]).toEqual([['one+two', 'one+two'], 1]);
    await box.close();
    await open({}, { settings: { merge_window_ms: 0 } });
    await box.say('1-a', 'one');
    await box.engine.settled();
    expect([words(), begins]).toEqual([['one'], 0]);
  });

  it('is not written by a process that is alone with its store', async () => {
    box = await openBox({ settings: { merge_window_ms: WINDOW } });
    await box.engine.verify('bot', 'bot_1', {}, 'test');
    await box.engine.settled();
    const before = box.engine.stats().flushed_inputs ?? 0;
    await box.say('1-a', 'one');
    box.clock.advance(WINDOW);
    await box.engine.settled();
    expect(words()).toEqual(['one']);
    // The word, and the result of its attempt.
    expect(box.engine.stats().flushed_inputs).toBe(before + 2);
  });
});
