// Merge windows and receipts: what a bot gets as one, and what each sender is told of its own words. Contract §3.
// Not here: who holds the line after a message (line.test.ts).
import { describe, expect, it } from 'vitest';
import { Box, failure, MINUTE, outcome } from './fixtures/box.ts';
import { give, held } from './fixtures/states.ts';
import { ruleOf, toBot, toBoth, worldOf } from './fixtures/world.ts';
import type { Delivery, Id, ReceiptStatus } from './model.ts';

const WINDOW = 1_200;

function merging(): Box {
  return new Box(
    worldOf({
      bots: { A: { settings: { merge_window_ms: WINDOW } }, B: {} },
      rules: [{ id: 'main', on: 'message.received', do: toBoth('A', 'X') }],
    }),
  );
}
const toA = (box: Box): Delivery[] => box.deliveries.filter((d) => d.target.id === 'A');

describe('a merge window', () => {
  it('makes one of what comes within it, from its first message on', () => {
    const box = merging();
    box.say('one');
    box.pass(WINDOW - 1);
    box.say('two');
    expect(box.heads()).toEqual([]);
    box.pass(1).run();
    expect(box.heard('A')).toEqual(['BOT one+two']);
    expect(box.thread.bots[0]).toMatchObject({ acked: 2, given: 2, merge: null });
  });

  it('is over when it is over', () => {
    const box = merging();
    box.say('one');
    box.pass(WINDOW);
    box.say('two');
    box.pass(WINDOW).run();
    expect(box.heard('A')).toEqual(['BOT one', 'BOT two']);
  });

  it('is closed by a postback, which is never merged', () => {
    const box = merging();
    box.say('one');
    box.tap('p');
    box.say('two');
    box.run();
    expect(box.heard('A')).toEqual(['BOT one', 'BOT [p]']);
    box.pass(WINDOW).run();
    expect(box.heard('A')).toEqual(['BOT one', 'BOT [p]', 'BOT two']);
  });

  it('is closed by an agent’s words, so that order is kept', () => {
    const box = merging();
    box.say('one');
    box.pass(WINDOW).run().handover('A');
    box.say('two');
    box.agentSays('X', 'hello');
    box.say('three');
    box.pass(WINDOW).run();
    const words = box.got.filter((g) => g.target === 'A').map((g) => g.words.join('+'));
    expect(words).toEqual(['one', 'two', 'hello', 'three']);
  });

  it('is closed by an answer of somebody else, so that a copy is not asked', () => {
    const box = new Box(worldOf({ bots: { A: { settings: { merge_window_ms: WINDOW } }, B: {} } }));
    box.say('zero');
    give(box, 'A');
    box.pass(WINDOW).run().botSays('A', 'answer');
    give(box, 'B');
    box.say('one');
    box.runOnly(['B']).botSays('B', 'to one');
    box.say('two');
    box.give('A');
    box.pass(WINDOW).run();
    expect(box.heard('A').slice(1)).toEqual(['CCSP one', 'BOT two']);
  });

  it('does not take in what is owed to a successor', () => {
    const box = new Box(worldOf({ bots: { A: { settings: { merge_window_ms: WINDOW } }, B: {} } }));
    box.say('zero');
    give(box, 'A');
    box.pass(WINDOW).run().botSays('A', 'answer');
    give(box, 'B');
    box.say('one');
    box.pass(WINDOW).run();
    box.say('two');
    box.give('A');
    box.pass(WINDOW).run();
    expect(box.heard('A').slice(1)).toEqual(['CCSP one', 'CCSP two', 'BOT one', 'BOT two']);
  });

  it('owes by themselves the messages that joined after the attempt had left, each with its turn', () => {
    const box = merging();
    box.say('one');
    box.say('two');
    const delivery = toA(box)[0] as Delivery;
    const early = box.begin({ ...delivery, merged: [] });
    box.say('three');
    box.end(early, outcome());
    expect(box.thread.bots[0]).toMatchObject({ acked: 1, given: 3 });
    expect(
      toA(box)
        .slice(1)
        .map((d) => d.turn),
    ).toEqual([2, 3]);
    expect(box.thread.answered).toBe(0);
    box.run();
    expect(box.heard('A')).toEqual(['BOT one', 'BOT two', 'BOT three']);
  });

  it('takes in nothing more once its attempt begins, however the clocks of several processes stand', () => {
    const box = merging();
    box.say('one');
    box.say('two');
    const { id, threadId } = toA(box)[0] as Delivery;
    const begins = () => box.submit({ type: 'begin', threadId, deliveryId: id });
    expect(begins()).toEqual({ ok: true });
    expect(toA(box)[0]).toMatchObject({ status: 'pending', reason: null });
    box.say('three');
    expect(begins()).toEqual({ ok: true });
    box.say('four');
    expect(toA(box).map(({ merged }) => merged.length)).toEqual([1, 1]);
    box.pass(WINDOW).run();
    expect(box.heard('A')).toEqual(['BOT one+two', 'BOT three+four']);
  });

  it('takes in nothing more once it was tried, even if the clock was set back meanwhile', () => {
    const box = merging();
    box.say('one');
    box.end(box.begin(toA(box)[0] as Delivery), failure());
    box.say('two');
    expect(toA(box).map((d) => d.merged)).toEqual([[], []]);
  });

  it('is repeated as a whole', () => {
    const box = merging();
    box.say('one');
    box.say('two');
    box.pass(WINDOW).run(() => failure());
    box.pass(MINUTE).run();
    expect(box.heard('A')).toEqual(['BOT one+two', 'BOT one+two']);
  });

  it('is off by default', () => {
    const box = held('A');
    box.say('one');
    box.say('two');
    box.run();
    expect(box.heard('A').slice(1)).toEqual(['BOT one', 'BOT two']);
  });
});

describe('a receipt', () => {
  const spoken = (by: 'bot' | 'agent' | 'system'): { box: Box; id: Id } => {
    const box = new Box(
      worldOf({
        rules: [
          { on: 'message.received', do: toBot('A') },
          ...(by === 'system' ? [{ on: 'message.received', do: { type: 'send_message', text: 's' } } as const] : []),
        ],
      }),
    );
    box.say('hi');
    box.run();
    if (by === 'bot') box.botSays('A', 'hello');
    if (by === 'agent') {
      give(box, 'X');
      box.agentSays('X', 'hello');
    }
    box.run();
    return { box, id: [...box.messages.values()].find((m) => m.author.type === by)?.id ?? '' };
  };
  const receipts = (box: Box) => box.deliveries.filter((d) => d.kind === 'receipt');

  it.each<[ReceiptStatus[], ReceiptStatus[]]>([
    [
      ['delivered', 'read'],
      ['delivered', 'read'],
    ],
    [['delivered', 'delivered'], ['delivered']],
    [['read', 'delivered'], ['read']],
    [['failed', 'failed'], ['failed']],
    [
      ['failed', 'delivered'],
      ['failed', 'delivered'],
    ],
    [
      ['failed', 'read', 'failed'],
      ['failed', 'read'],
    ],
    [['delivered', 'failed'], ['delivered']],
    [['read', 'failed'], ['read']],
  ])('%j is told as %j: once each status, never worse after better', (come, told) => {
    const { box, id } = spoken('bot');
    const replies = come.map((status) => box.receipt(id, status, 'why'));
    expect(receipts(box).map((d) => d.data?.status)).toEqual(told);
    expect(replies.filter((r) => r.ok && !r.duplicate)).toHaveLength(told.length);
    expect(box.messages.get(id)?.receipt).toBe(told.at(-1));
  });

  it.each([
    ['bot', 'A'],
    ['agent', 'X'],
    ['system', null],
  ] as const)('goes to the sender alone: %s', (by, target) => {
    const { box, id } = spoken(by);
    box.receipt(id, 'failed', 'no such number');
    expect(receipts(box).map((d) => d.target.id)).toEqual(target ? [target] : []);
    if (target)
      expect(receipts(box)[0]).toMatchObject({
        lane: 'receipt',
        conversationId: box.conv(target),
        data: { status: 'failed', description: 'no such number' },
      });
  });

  it('has a description only when it failed', () => {
    const { box, id } = spoken('bot');
    box.receipt(id, 'delivered', 'fine');
    expect(receipts(box)[0]?.data).not.toHaveProperty('description');
  });

  it('for what is not known, not ours, or another asset’s is ignored', () => {
    const { box, id } = spoken('bot');
    const theirs = [...box.messages.values()].find((m) => m.author.type === 'customer')?.id ?? '';
    expect(box.receipt('msg0', 'read')).toMatchObject({ ok: true, ignored: true });
    expect(box.receipt(theirs, 'read')).toMatchObject({ ok: true, ignored: true });
    expect(box.submit({ type: 'receipt', assetId: 'other', messageId: id, status: 'read' })).toMatchObject({
      ignored: true,
    });
    expect(receipts(box)).toEqual([]);
  });

  it('that a rule answers by closing still reaches its sender', () => {
    const { box, id } = spoken('bot');
    box.edit(({ services }) => {
      services.get('svc')?.rules.push(ruleOf({ on: 'channel.receipt', do: { type: 'close' } }, 9));
    });
    box.receipt(id, 'read');
    box.run();
    expect([box.holder, box.kinds('A').at(-1)]).toEqual(['none', 'receipt']);
  });

  it('reaches a sender whose conversation is closed, and does not wait behind messages', () => {
    const { box, id } = spoken('bot');
    box.say('more');
    box.runOnly(['A'], () => failure());
    box.receipt(id, 'delivered');
    box.bot('A', { type: 'close' });
    box.runOnly(['A']);
    expect(box.kinds('A')).toContain('receipt');
  });
});

describe('custom parameters', () => {
  const talk = (custom: Record<string, string>, box = held('A')) => {
    box.bot('A', { type: 'custom', custom });
    return box.thread.attributes;
  };
  it('become attributes of the thread, the newest value of each', () => {
    const box = held('A');
    talk({ a: '1', b: '2' }, box);
    expect(talk({ b: '3' }, box)).toEqual({ a: '1', b: '3' });
  });
  it('cannot grow a thread without end, by number or by length', () => {
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`p${i}`, 'v']));
    expect(Object.keys(talk(many))).toHaveLength(200);
    const box = held('A');
    expect(talk({ big: 'x'.repeat(20_000), small: 'y' }, box)).toEqual({ small: 'y' });
    expect(box.eventsOf('conversation.updated').at(-2)?.data).toEqual({ attributes_left_out: ['big'] });
  });
  it('may have any name', () => {
    const custom = JSON.parse('{"__proto__": "p", "constructor": "c"}') as Record<string, string>;
    expect(Object.entries(talk(custom))).toEqual([
      ['__proto__', 'p'],
      ['constructor', 'c'],
    ]);
  });
});
