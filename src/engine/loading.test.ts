// Reading from disk while new deliveries come: by chance, with tiny pages, a late store, bots that fail, go and come.
// A failing run prints its seed.
import { describe, expect, it } from 'vitest';
import { manualClock } from './clock.ts';
import { type Box, chance, failure, ok, openBox, reply, sleep } from './fixtures/box.ts';
import { Loading } from './loading.ts';
import { LIMITS as LIMITS_OF_ALL, type Limits } from './settings.ts';
import { newTarget } from './targets.ts';

const SEEDS = [1, 2, 3, 4, 5];
const STEPS = 100;
/** Some 2 s on a machine that has nothing else to do. */
const TIMEOUT_MS = 60_000;

const LIMITS = { page: 3, lowWater: 4, backlog: 6, backlogBlocked: 20, attempts: 12, flushInputs: 5 };
const SETTINGS = { retry_spacing_s: [1, 1, 1, 1], failure_threshold: 1_000, max_in_flight: 4 };

type Story = { said: Map<string, string[]>; taken: Map<string, string[]> };

function listen(box: Box, story: Story, random: () => number): void {
  box.peers.bot = async ({ item, facts }) => {
    await sleep(random() * 3);
    if (random() < 0.15 && item.delivery.attempts < 2) return failure();
    const address = facts.thread?.address ?? '';
    story.taken.set(address, [...(story.taken.get(address) ?? []), item.message?.text ?? '']);
    return ok();
  };
}

async function live(box: Box, story: Story, random: () => number, step: number): Promise<void> {
  const bot = random() < 0.5 ? 1 : 2;
  const what = random();
  if (what < 0.6) {
    const burst = Array.from({ length: 1 + Math.floor(random() * 12) }, (_, i) => {
      const address = `${bot}-${Math.floor(random() * 5)}`;
      const text = `${step}.${i}`;
      story.said.set(address, [...(story.said.get(address) ?? []), text]);
      return box.say(address, text);
    });
    if (random() < 0.5) await Promise.all(burst);
  } else if (what < 0.7) void box.engine.setStatus(`bot_${bot}`, random() < 0.5 ? 'unverified' : 'disabled', null);
  else if (what < 0.85) void box.engine.verify('bot', `bot_${bot}`, {}, 'test');
  else if (what < 0.95) await sleep(random() * 8);
  else box.clock.advance(1_000);
}

async function drained(box: Box): Promise<void> {
  for (let i = 0; i < 50; i++) {
    await box.engine.settled();
    if ((await box.store.targetsWithPending()).length === 0) return;
    box.clock.advance(1_000);
  }
  throw new Error(`not drained: ${JSON.stringify(box.engine.stats())}`);
}

describe('a lane that waits for a retry', () => {
  it('does not keep others on disk, however much is behind it', async () => {
    const box = await openBox({ limits: { page: 4, lowWater: 4 }, settings: { max_in_flight: 4 } });
    for (let i = 0; i < 12; i++) await box.say('1-full', `${i}`);
    await box.say('1-other', 'quick');
    const got: string[] = [];
    box.peers.bot = ({ item, facts }) => {
      got.push(item.message?.text ?? '');
      return facts.thread?.address === '1-full' ? failure() : ok();
    };
    await box.engine.verify('bot', 'bot_1', {}, 'test');
    await box.engine.settled();
    expect(got).toEqual(['0', 'quick']);
    await box.close();
  });
});

describe('what is read after a restart', () => {
  it.each([
    ['a word that was tried before and waits for its retry', 1, {}],
    ['more such words than memory holds', 5, { page: 2, lowWater: 2, backlogBlocked: 3 }],
  ])('keeps no receipts waiting behind %s', async (_, words, few) => {
    let box = await openBox();
    await box.engine.verify('bot', 'bot_1', {}, 'test');
    box.peers.bot = ({ item }) => reply(item, 'yes');
    await box.say('1-other', 'asks');
    await box.engine.settled();
    box.peers.bot = () => failure();
    for (let i = 0; i < words; i++) await box.say('1-full', `fails ${i}`);
    await box.engine.settled();
    await box.close(false);
    const { folder } = box;
    const messageId = box.sent.find(({ to }) => to === 'ast_1')?.item.message?.id ?? '';
    // Told while nothing can be sent, so that it is read from disk as well.
    const receipt = { type: 'receipt', assetId: 'ast_1', messageId, status: 'read' } as const;
    box = await openBox({ folder, limits: { attempts: 0 } });
    await box.engine.submit([receipt]);
    await box.close(false);
    box = await openBox({ folder, limits: few });
    await box.engine.settled();
    expect(box.sent.map(({ item }) => item.delivery.kind)).toEqual(['receipt']);
    await box.close();
  });
});

const HOW = ['straight from the commits', 'read from disk'] as const;
const FORTY = Array.from({ length: 40 }, (_, i) => `${i}`);

/** One customer says forty things to a bot that does not answer the second before its end. `more`: what is said before it is there. */
async function fortyWords(
  how: (typeof HOW)[number],
  limits: Partial<Limits>,
  more: (box: Box) => unknown = () => undefined,
) {
  const box = await openBox({ limits, settings: { max_in_flight: 4 } });
  const got: string[] = [];
  let end = (): void => undefined;
  const slow = new Promise<void>((resolve) => {
    end = resolve;
  });
  box.peers.bot = async ({ item }) => {
    got.push(item.message?.text ?? '');
    // Not the first: a bot that has just come back is sent one at once until it answers.
    if (item.message?.text === '1') await slow;
    return ok();
  };
  const verify = () => box.engine.verify('bot', 'bot_1', {}, 'test');
  if (how === 'straight from the commits') await verify();
  for (const text of FORTY) await box.say('1-full', text);
  await more(box);
  if (how === 'read from disk') await verify();
  const hears = async (is: () => boolean): Promise<void> => {
    for (let i = 0; i < 200 && !is(); i++) await sleep(5);
    expect(is()).toBe(true);
  };
  const finish = async (): Promise<void> => {
    end();
    await box.engine.settled();
    expect(got.filter((text) => FORTY.includes(text))).toEqual(FORTY);
    await box.close();
  };
  return { box, got, hears, finish };
}

describe('a customer who says thousands of things while the bot is slow', () => {
  const limits = { page: 3, lowWater: 9, backlog: 9, backlogBlocked: 100 };

  it.each(HOW)('keeps nobody else waiting: %s', async (how) => {
    const { got, hears, finish } = await fortyWords(how, limits, (box) => box.say('1-other', 'quick'));
    await hears(() => got.includes('quick'));
    expect(got.length).toBeLessThanOrEqual(3);
    await finish();
  });
});

describe('more than memory holds, of few customers', () => {
  const limits = { page: 4, lowWater: 4, backlog: 60, backlogBlocked: 10 };

  it.each(HOW)('keeps nobody else on disk: %s', async (how) => {
    const { box, got, hears, finish } = await fortyWords(how, limits);
    for (const text of ['one', 'two']) {
      await box.say('1-other', text);
      await hears(() => got.includes(text));
    }
    await Promise.all(Array.from({ length: 12 }, (_, i) => box.say(`1-other-${i}`, `other ${i}`)));
    await hears(() => got.length === 16);
    await finish();
    expect(got).toHaveLength(54);
  });
});

describe('what comes before the reading', () => {
  const parts = () => {
    const read: string[] = [];
    const loading = new Loading({
      store: {
        pendingPage: async () => {
          read.push('page');
          return [];
        },
        pendingOf: async () => [],
      },
      committer: { ask: (call, look) => void call().then(look) },
      lanes: { put: () => undefined, targets: () => [] } as never,
      clock: manualClock(0),
      limits: { ...LIMITS_OF_ALL, ...LIMITS },
      log: { info: () => {}, warn: () => {}, error: () => {} },
    });
    return { loading, read, of: newTarget({ type: 'bot', id: 'bot_1' }) };
  };

  it('is waited for, also when the reading begins again meanwhile', async () => {
    const { loading, read, of } = parts();
    let over = (): void => undefined;
    loading.begin(of, new Promise<void>((resolve) => (over = resolve)));
    loading.begin(of);
    await sleep(1);
    expect(read).toEqual([]);
    over();
    await sleep(1);
    expect(read).toEqual(['page', 'page']);
    expect([of.main.mode, of.receipt.mode]).toEqual(['direct', 'direct']);
  });

  it('holds nothing any more once the target was given up', async () => {
    const { loading, read, of } = parts();
    loading.begin(of, new Promise<void>(() => undefined));
    loading.end(of);
    loading.direct(of);
    of.main.mode = 'loading';
    loading.room(of);
    await sleep(1);
    expect(read).toEqual(['page']);
  });
});

describe('loading and direct', () => {
  it.each(SEEDS)('lose nothing, double nothing and keep the order (seed %i)', { timeout: TIMEOUT_MS }, async (seed) => {
    const random = chance(seed);
    const story: Story = { said: new Map(), taken: new Map() };
    let box = await openBox({ bots: 2, limits: LIMITS, settings: SETTINGS, late: random });
    listen(box, story, random);
    for (let step = 0; step < STEPS; step++) {
      await live(box, story, random, step);
      if (step % 50 === 49) {
        await box.engine.settled();
        await box.close(false);
        expect(box.bugs).toEqual([]);
        const { folder } = box;
        box = await openBox({ bots: 2, limits: LIMITS, settings: SETTINGS, late: random, folder });
        listen(box, story, random);
      }
    }
    await box.engine.settled();
    for (const id of ['bot_1', 'bot_2']) await box.engine.verify('bot', id, {}, 'test');
    await drained(box);
    expect(Object.fromEntries(story.taken)).toEqual(Object.fromEntries(story.said));
    expect(box.engine.stats().deliveries_in_memory).toBe(0);
    expect(box.engine.stats().lanes).toBe(0);
    expect(box.bugs).toEqual([]);
    await box.close();
  });
});
