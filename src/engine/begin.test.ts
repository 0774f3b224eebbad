// The end of a merge window where other processes join words as well: what leaves is what the store has, and stays so.
// Not here: the window's rules (src/routing/customer.test.ts), and one process alone (deliver.test.ts).
import { afterEach, describe, expect, it } from 'vitest';
import type { Input } from '../routing/inputs.ts';
import { type Box, type BoxOptions, failure, openBox, sleep } from './fixtures/box.ts';
import type { ThreadView } from './store-port.ts';

const WINDOW = 1_200;
let box: Box;

afterEach(async () => {
  await box.close();
  expect(box.bugs).toEqual([]);
});

/** What another process decides reaches this one with the answer to an input of this kind. */
async function open(told: Input['type'] | null): Promise<void> {
  const others: BoxOptions['others'] = async (inputs, applied, store) => {
    for (const [i, input] of inputs.entries()) {
      const each = applied[i];
      if (input.type !== told || !each) continue;
      each.owed = await store.pendingPage({ type: 'bot', id: 'bot_1' }, 'main', 0, 100);
      each.thread = each.owed[0]?.thread as ThreadView;
    }
  };
  box = await openBox({ settings: { merge_window_ms: WINDOW }, others });
  await box.engine.verify('bot', 'bot_1', {}, 'test');
  await box.engine.settled();
}

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
    await open('begin');
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
    await open(null);
    let ends = (): void => {};
    box.peers.bot = () =>
      new Promise((resolve) => {
        ends = () => resolve(failure());
      });
    await box.say('1-a', 'one');
    box.clock.advance(WINDOW);
    for (let i = 0; i < 6; i++) await sleep(3);
    expect(words()).toEqual(['one']);
    // The clock of another process stands before the end of the window.
    box.clock.advance(-WINDOW);
    await elsewhere('two');
    const [first, second] = await box.store.pendingPage({ type: 'bot', id: 'bot_1' }, 'main', 0, 100);
    expect([first?.merged.length, second?.message?.text]).toEqual([0, 'two']);
    ends();
    await box.engine.settled();
  });

  it('tries again when the store is away', async () => {
    await open('begin');
    await box.say('1-a', 'one');
    box.control.down = true;
    box.clock.advance(WINDOW);
    for (let i = 0; i < 6; i++) await sleep(3);
    expect(words()).toEqual([]);
    box.control.down = false;
    box.clock.advance(2_000);
    await box.engine.settled();
    expect(words()).toEqual(['one']);
  });

  it('does not send what is over', async () => {
    await open(null);
    await box.say('1-a', 'one');
    const [item] = await box.store.pendingPage({ type: 'bot', id: 'bot_1' }, 'main', 0, 100);
    const conversationId = item?.delivery.conversationId ?? '';
    await box.store.apply([{ type: 'bot', botId: 'bot_1', command: { type: 'close', conversationId } }]);
    box.clock.advance(WINDOW);
    await box.engine.settled();
    expect(words()).toEqual([]);
    expect(box.engine.stats().deliveries_in_memory).toBe(0);
  });
});
