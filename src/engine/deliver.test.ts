// Lanes at work: order, parallel lanes, caps, retries, slow start, and the store's troubles, on the real store.
import { afterEach, describe, expect, it } from 'vitest';
import type { Outcome } from '../routing/inputs.ts';
import { type Box, type BoxOptions, chance, failure, ok, openBox, reply, type Sent, sleep } from './fixtures/box.ts';
import { StoreUnavailable } from './store-port.ts';

let box: Box;
const boxes: Box[] = [];

async function open(options: BoxOptions = {}, active = true): Promise<Box> {
  box = await openBox(options);
  boxes.push(box);
  const bots = options.bots ?? 1;
  for (let i = 1; active && i <= bots; i++) await box.engine.verify('bot', `bot_${i}`, {}, 'test');
  await box.engine.settled();
  return box;
}

afterEach(async () => {
  for (const each of boxes.splice(0)) {
    await each.close();
    expect(each.bugs).toEqual([]);
  }
});

const texts = (sent: Sent[], address: string): string[] =>
  sent.filter(({ facts }) => facts.thread?.address === address).map(({ item }) => item.message?.text ?? '');

/** A peer that answers when it is told to. */
function held(): { peer: () => Promise<Outcome>; waiting: ((outcome: Outcome) => void)[]; all(): void } {
  const waiting: ((outcome: Outcome) => void)[] = [];
  return {
    waiting,
    peer: () => new Promise((resolve) => waiting.push(resolve)),
    all: () => {
      for (const resolve of waiting.splice(0)) resolve(ok());
    },
  };
}

/** Lets everything happen that does not wait for a peer or the clock. */
const rest = async (): Promise<void> => {
  for (let i = 0; i < 6; i++) await sleep(3);
};

describe('a lane', () => {
  it('sends one at a time, in commit order, while others go on', async () => {
    await open();
    const random = chance(11);
    let now = 0;
    let most = 0;
    const open_ = new Set<string>();
    box.peers.bot = async ({ facts }) => {
      const address = facts.thread?.address ?? '';
      expect(open_.has(address)).toBe(false);
      open_.add(address);
      most = Math.max(most, ++now);
      await sleep(random() * 4);
      open_.delete(address);
      now -= 1;
      return ok();
    };
    const said = Array.from({ length: 120 }, (_, i) => ({ address: `1-${i % 8}`, text: `${i}` }));
    await Promise.all(said.map(({ address, text }) => box.say(address, text)));
    await box.engine.settled();
    for (let i = 0; i < 8; i++) {
      const address = `1-${i}`;
      expect(texts(box.sent, address)).toEqual(said.filter((one) => one.address === address).map(({ text }) => text));
    }
    expect(most).toBe(8);
  });

  it('answers the hook before it begins to send', async () => {
    await open();
    let answered = false;
    box.peers.bot = () => {
      expect(answered).toBe(true);
      return ok();
    };
    await box.say('1-a', 'hello');
    answered = true;
    await box.engine.settled();
    expect(box.sent).toHaveLength(1);
  });

  it('waits for a retry with all that is behind it, and no other lane waits', async () => {
    await open();
    box.peers.bot = ({ item }) => (item.message?.text === 'bad' && item.delivery.attempts === 0 ? failure() : ok());
    await box.say('1-a', 'bad');
    await box.say('1-a', 'after');
    await box.say('1-b', 'other');
    await box.engine.settled();
    expect(texts(box.sent, '1-a')).toEqual(['bad']);
    expect(texts(box.sent, '1-b')).toEqual(['other']);
    box.clock.advance(56_999);
    await box.engine.settled();
    expect(texts(box.sent, '1-a')).toEqual(['bad']);
    box.clock.advance(3_001);
    await box.engine.settled();
    expect(texts(box.sent, '1-a')).toEqual(['bad', 'bad', 'after']);
  });

  it('goes on after a delivery that died', async () => {
    await open({ settings: { retry_spacing_s: [1], failure_threshold: 9 } });
    box.peers.bot = ({ item }) => (item.message?.text === 'bad' ? failure() : ok());
    await box.say('1-a', 'bad');
    await box.say('1-a', 'after');
    await box.engine.settled();
    box.clock.advance(1_000);
    await box.engine.settled();
    expect(texts(box.sent, '1-a')).toEqual(['bad', 'bad', 'after']);
    expect(await box.store.countDeliveries({ status: 'dead' })).toBe(1);
  });

  it('waits at the end of a merge window for what a flush on its way has joined to it', async () => {
    await open({ settings: { merge_window_ms: 1_200 } });
    await box.say('1-a', 'before');
    await box.engine.settled();
    box.clock.advance(1_199);
    let told = (): void => {};
    box.control.answered = new Promise((resolve) => {
      told = resolve;
    });
    const joined = box.say('1-a', 'in time');
    await rest();
    box.clock.advance(1);
    await rest();
    expect(box.sent).toEqual([]);
    told();
    await joined;
    await rest();
    expect(box.sent.map(({ item }) => [item.message?.text, item.merged.map((m) => m.text)])).toEqual([
      ['before', ['in time']],
    ]);
  });

  it('holds a merge window open, and a postback closes it', async () => {
    await open({ settings: { merge_window_ms: 1_200 } });
    await box.say('1-a', 'one');
    await box.say('1-a', 'two');
    await box.engine.settled();
    expect(box.sent).toHaveLength(0);
    box.clock.advance(1_200);
    await box.engine.settled();
    expect(box.sent.map(({ item }) => [item.message?.text, item.merged.map((m) => m.text)])).toEqual([
      ['one', ['two']],
    ]);
    await box.say('1-a', 'three');
    await box.say('1-a', '', { kind: 'postback', payload: 'go' });
    await box.engine.settled();
    expect(box.sent.slice(1).map(({ item }) => item.delivery.kind)).toEqual(['message', 'postback']);
  });

  it('tells which turn was handed over while it is in flight', async () => {
    await open();
    const peer = held();
    box.peers.bot = peer.peer;
    await box.say('1-a', 'one');
    await box.say('1-a', 'two');
    await rest();
    const conversationId = box.sent[0]?.item.delivery.conversationId as string;
    expect(box.engine.handed(conversationId)).toBe(1);
    peer.all();
    await rest();
    expect(box.engine.handed(conversationId)).toBe(2);
    peer.all();
    await box.engine.settled();
    expect(box.engine.handed(conversationId)).toBeUndefined();
  });
});

describe('what was handed over', () => {
  it('counts while it may have been taken: not after a refusal, but after silence', async () => {
    await open();
    box.peers.bot = () => failure();
    await box.say('1-a', 'one');
    await box.engine.settled();
    const conversationId = box.sent[0]?.item.delivery.conversationId as string;
    expect(box.engine.handed(conversationId)).toBeUndefined();
    box.peers.bot = () => failure({ status: null, reason: 'timeout' });
    box.clock.advance(60_000);
    await box.engine.settled();
    expect(box.engine.handed(conversationId)).toBe(1);
  });
});

describe('a target', () => {
  it('gets at most max_in_flight at once', async () => {
    await open({ settings: { max_in_flight: 3 } });
    const peer = held();
    box.peers.bot = peer.peer;
    await Promise.all(Array.from({ length: 9 }, (_, i) => box.say(`1-${i}`, 'x')));
    for (const most of [3, 3, 3]) {
      await rest();
      expect(peer.waiting).toHaveLength(most);
      peer.all();
    }
    await box.engine.settled();
    expect(box.sent).toHaveLength(9);
  });

  it('that hangs leaves room for others, however many hang', async () => {
    await open({ bots: 9, limits: { attempts: 32 } });
    const peer = held();
    box.peers.bot = (sent) => (sent.to === 'bot_9' ? ok() : peer.peer());
    await Promise.all(Array.from({ length: 8 * 20 }, (_, i) => box.say(`${(i % 8) + 1}-${i}`, 'hangs')));
    await rest();
    expect(peer.waiting.length).toBeGreaterThan(16);
    expect(peer.waiting.length).toBeLessThan(32);
    await box.say('9-a', 'quick');
    await rest();
    expect(box.sent.filter(({ to }) => to === 'bot_9')).toHaveLength(1);
    box.peers.bot = () => ok();
    while (peer.waiting.length > 0) {
      peer.all();
      await rest();
    }
    await box.engine.settled();
    expect(box.sent).toHaveLength(161);
  });

  it.each([null, 200, 500])(
    'whose answer did not come to its end lets those go first that answer: %s',
    async (status) => {
      await open({ bots: 2 });
      box.peers.bot = ({ to }) => (to === 'bot_1' ? failure({ status, reason: 'timeout' }) : ok());
      await box.say('1-a', 'hangs');
      await box.engine.settled();
      await Promise.all(['1-b', '1-c', '2-b', '2-c'].map((address) => box.say(address, 'x')));
      await box.engine.settled();
      expect(box.sent.map(({ to }) => to)).toEqual(['bot_1', 'bot_2', 'bot_2', 'bot_1', 'bot_1']);
    },
  );

  it('that is not active gets nothing, and then all of it in order, slowly at first', async () => {
    await open({ settings: { max_in_flight: 8 } }, false);
    for (let i = 0; i < 40; i++) await box.say(`1-${i % 20}`, `${i}`);
    await box.engine.settled();
    expect(box.sent).toHaveLength(0);
    expect(await box.store.countDeliveries({ status: 'parked' })).toBe(40);
    const peer = held();
    box.peers.bot = peer.peer;
    await box.engine.verify('bot', 'bot_1', {}, 'test');
    const atOnce: number[] = [];
    for (let i = 0; i < 12; i++) {
      await rest();
      if (peer.waiting.length === 0) break;
      atOnce.push(peer.waiting.length);
      peer.all();
    }
    await box.engine.settled();
    expect(atOnce.slice(0, 5)).toEqual([1, 2, 4, 8, 8]);
    for (let i = 0; i < 20; i++) expect(texts(box.sent, `1-${i}`)).toEqual([`${i}`, `${i + 20}`]);
  });

  it('that trips keeps what tripped it, and begins a fresh series when it is active again', async () => {
    await open();
    box.peers.bot = () => failure();
    for (let i = 0; i < 8; i++) await box.say(`1-${i}`, 'x');
    await box.engine.settled();
    expect(box.directory.world().bots.get('bot_1')?.health.status).toBe('inactive');
    const before = box.sent.length;
    expect(before).toBeGreaterThanOrEqual(5);
    box.clock.advance(3_600_000);
    await box.engine.settled();
    expect(box.sent).toHaveLength(before);
    box.peers.bot = () => ok();
    await box.engine.verify('bot', 'bot_1', {}, 'test');
    await box.engine.settled();
    const done = box.sent.slice(before).map(({ facts }) => facts.thread?.address);
    expect(done.toSorted()).toEqual(Array.from({ length: 8 }, (_, i) => `1-${i}`));
    expect(await box.store.countDeliveries({ status: 'delivered' })).toBe(8);
  });

  it('that comes back gets messages first, then the last receipt of each', async () => {
    await open();
    box.peers.bot = ({ item }) => reply(item, 'hi');
    await box.say('1-a', 'hello');
    await box.engine.settled();
    const said = box.sent.find(({ to }) => to === 'ast_1')?.item.message?.id as string;
    await box.engine.setStatus('bot_1', 'disabled', 'by hand');
    const before = box.sent.length;
    await box.engine.submit([{ type: 'receipt', assetId: 'ast_1', messageId: said, status: 'delivered' }]);
    await box.say('1-a', 'again');
    await box.engine.submit([{ type: 'receipt', assetId: 'ast_1', messageId: said, status: 'read' }]);
    await box.say('1-b', 'new');
    await box.engine.settled();
    expect(box.sent).toHaveLength(before);
    box.peers.bot = () => ok();
    await box.engine.verify('bot', 'bot_1', {}, 'test');
    await box.engine.settled();
    const after = box.sent
      .slice(before)
      .map(({ item }) => (item.message?.author.type === 'bot' ? item.delivery.data?.status : item.message?.text));
    expect(after).toEqual(['again', 'new', 'read']);
  });
});

describe('when the store refuses', () => {
  it('hooks are told at once, results are kept, and nothing is sent twice', async () => {
    await open();
    const peer = held();
    box.peers.bot = peer.peer;
    await box.say('1-a', 'one');
    await box.say('1-a', 'two');
    await box.say('1-b', 'three');
    await rest();
    expect(box.sent).toHaveLength(2);
    box.control.down = true;
    peer.all();
    await rest();
    await expect(box.say('1-c', 'refused')).rejects.toBeInstanceOf(StoreUnavailable);
    for (let i = 0; i < 5; i++) {
      box.clock.advance(2_000);
      await rest();
    }
    expect(box.sent).toHaveLength(2);
    expect(box.engine.stats().results_unstored).toBe(2);
    box.control.down = false;
    box.peers.bot = () => ok();
    box.clock.advance(2_000);
    await box.engine.settled();
    expect(box.sent.map(({ item }) => item.message?.text)).toEqual(['one', 'three', 'two']);
    await box.say('1-c', 'four');
    await box.engine.settled();
    expect(await box.store.countDeliveries({ status: 'delivered' })).toBe(4);
    expect(box.engine.stats().store_up).toBe(1);
  });

  it('a queue that is too long is refused', async () => {
    await open({ limits: { queuedInputs: 10, flushInputs: 4 } });
    const all = await Promise.allSettled(Array.from({ length: 30 }, (_, i) => box.say('1-a', `${i}`)));
    const refused = all.filter((one) => one.status === 'rejected');
    expect(refused).toHaveLength(20);
    await box.engine.settled();
    expect(texts(box.sent, '1-a')).toEqual(Array.from({ length: 10 }, (_, i) => `${i}`));
  });
});

describe('stopping', () => {
  it('ends attempts in flight, begins none, and the next start goes on without loss or repeat', async () => {
    await open();
    const peer = held();
    box.peers.bot = peer.peer;
    for (const text of ['one', 'two', 'three']) await box.say('1-a', text);
    await rest();
    const stopped = box.close(false);
    await expect(box.say('1-a', 'late')).rejects.toBeInstanceOf(StoreUnavailable);
    await rest();
    peer.all();
    await stopped;
    expect(box.sent.map(({ item }) => item.message?.text)).toEqual(['one']);
    const first = boxes.pop() as Box;
    await open({ folder: first.folder }, false);
    await box.engine.settled();
    expect(box.sent.map(({ item }) => item.message?.text)).toEqual(['two', 'three']);
  });

  it('does not wait longer than it may', async () => {
    await open();
    box.peers.bot = () => new Promise(() => {});
    await box.say('1-a', 'hangs');
    await rest();
    const began = performance.now();
    await box.engine.stop(50);
    expect(performance.now() - began).toBeLessThan(1_000);
  });
});
