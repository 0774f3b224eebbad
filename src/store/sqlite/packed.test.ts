// What crosses between the threads comes out as it went in, whatever it is: made by chance, many times over, with every
// field there and not there, and every id the one that is known and another.
import { describe, expect, it } from 'vitest';
import type { Applied, LaneItem, ThreadView } from '../../engine/store-port.ts';
import type { BotCommand, Input, Outcome, Reply } from '../../routing/inputs.ts';
import type { Author, Delivery, Media, Message } from '../../routing/model.ts';
import { packApplied, unpackApplied } from './packed-applied.ts';
import { packInputs, unpackInputs } from './packed-inputs.ts';
import { type Patch, patched, patchOf } from './patch.ts';

const ROUNDS = 600;

/** Chance that is the same each time (mulberry32). */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

class Dice {
  readonly roll: () => number;
  constructor(seed: number) {
    this.roll = chance(seed);
  }
  one = <T>(...of: T[]): T => of[Math.floor(this.roll() * of.length)] as T;
  maybe = <T extends object>(fields: T): T | Record<string, never> => (this.roll() < 0.4 ? fields : {});
  some = <T>(make: () => T, most = 3): T[] => Array.from({ length: Math.floor(this.roll() * most) }, make);
  id = (): string => this.one('id_1', 'id_2', '');
  number = (): number => this.one(0, 1, 2, 1_780_000_000_000, 0.25, -1);
  text = (): string => this.one('', 'hello', '0', 'zero \u0000, "quote", 🚂\n', 'null');
  names = (): Record<string, string> => this.one<Record<string, string>>({}, { tier: 'gold' }, { a: '', b: '0' });
  media = (): Media[] => this.some(() => ({ url: this.text(), type: 'image/png', ...this.maybe({ name: 'x' }) }));
  type = (): Message['type'] => this.one('text', 'image');
}

function commandOf(d: Dice): BotCommand {
  const at = { conversationId: d.id(), ...d.maybe({ epoch: d.number() }) };
  const message = {
    ...{ type: d.type(), text: d.text(), media: d.media() },
    ...d.maybe({ quickReplies: [{ title: 'Yes', payload: 'Y' }] }),
  };
  const said = { type: 'message' as const, message, custom: d.names(), ...d.maybe({ key: d.text() }), ...at };
  return d.one<BotCommand>(said, said, { type: 'typing', on: true, ...at }, { type: 'close', ...at });
}

function outcomeOf(d: Dice): Outcome {
  const times = { ...d.maybe({ firstByteMs: 0 }), ...d.maybe({ connectMs: 1.5 }), ...d.maybe({ dnsMs: d.number() }) };
  return {
    ...{ result: d.one('ok', 'retry', 'unknown'), status: d.one(null, 0, 200), reason: d.text(), detail: d.text() },
    ...{ timing: { totalMs: d.number(), ...times }, answer: d.text() },
    ...d.maybe({ retryAfterS: 0, gone: true, externalId: d.text() }),
    ...d.maybe({ simulated: true as const }),
    ...d.maybe({ commands: d.some(() => d.one({ ok: true, command: commandOf(d) }, { ok: false, detail: '' })) }),
  } as Outcome;
}

function inputOf(d: Dice): Input {
  const customer: Input = {
    ...{
      type: 'customer',
      assetId: d.id(),
      address: d.text(),
      externalId: d.text(),
      kind: d.one('message', 'postback'),
    },
    message: { type: d.type(), text: d.text(), media: d.media(), ...d.maybe({ details: { replyTo: d.text() } }) },
    ...d.maybe({ aliases: d.some(d.text) }),
    ...d.maybe({ name: d.text(), payload: '' }),
    ...d.maybe({ title: d.text(), sentAt: 0 }),
    ...d.maybe({ simulated: true as const }),
  };
  const attempt: Input = {
    ...{ type: 'attempt', threadId: d.id(), deliveryId: d.id(), startedAt: d.number(), epoch: d.number() },
    ...{ outcome: outcomeOf(d), ...d.maybe({ merged: 0 }), ...d.maybe({ next: { turn: 0, at: 0 } }) },
    ...d.maybe({ inLineMs: 7 }),
  };
  const bot: Input = { type: 'bot', botId: d.id(), command: commandOf(d), ...d.maybe({ handed: d.number() }) };
  const desk: Input = {
    ...{ type: 'desk', deskId: d.id() },
    command: {
      ...{ type: 'message', agent: 'Ann', conversationId: d.id() },
      message: { type: 'text', text: d.text(), media: [] },
    },
  };
  return d.one<Input>(customer, attempt, bot, desk, { type: 'clock', threadId: d.id() });
}

/** A text of the input that it answers, or another. */
const echo = (d: Dice, input: Input): string =>
  d.one(d.text(), input.type === 'customer' ? d.one(input.message.text, input.externalId, input.address) : d.text());

function messageOf(d: Dice, input: Input): Message {
  const author: Author = { type: d.one('customer', 'bot'), id: d.one(null, d.id()), name: d.text() };
  return {
    ...{ id: d.id(), threadId: d.id(), seq: d.number(), turn: d.one(null, 0, 1), kind: d.one('message', 'postback') },
    ...{ author, conversationId: d.one(null, d.id()), type: d.type(), text: echo(d, input), media: d.media() },
    ...d.maybe({ quickReplies: [{ title: '' }], custom: d.names() }),
    ...d.maybe({ details: { unknown: d.text() }, sentAt: d.number() }),
    ...d.maybe({ edited: { at: 0, original: '' }, deletedAt: 0 }),
    ...d.maybe({ payload: '', title: d.text() }),
    ...d.maybe({ externalId: echo(d, input) }),
    at: d.number(),
  };
}

function itemOf(d: Dice, input: Input): LaneItem {
  const fresh = { status: 'pending', attempts: 0, generation: 0, seriesAt: null, reason: null, merged: [] } as const;
  const other = { status: 'retrying', attempts: 1, generation: 2, seriesAt: 0, reason: '', merged: ['id_1'] } as const;
  const delivery: Delivery = {
    ...{ id: d.id(), ord: d.number(), threadId: d.id(), target: { type: d.one('bot', 'asset'), id: d.id() } },
    ...{ lane: d.one('main', 'receipt'), kind: d.one('message', 'signal'), conversationId: d.one(null, d.id()) },
    ...{ messageId: d.one(null, d.id()), turn: d.one(null, 0, 3), data: d.one(null, {}, { a: [null] }) },
    ...{ ...d.one<typeof fresh | typeof other>(fresh, fresh, other), ...d.maybe({ attempts: 1 }) },
    ...{ ...d.maybe({ reason: '' }), ...d.maybe({ generation: 3 }) },
    ...{ merged: d.one([], ['id_1']), notBefore: d.number(), replay: d.one(true, false), createdAt: d.number() },
  };
  const merged = d.some(() => messageOf(d, input), 2);
  return { delivery, message: d.one(null, messageOf(d, input)), merged, thread: d.one(null, null, viewOf(d, input)) };
}

function viewOf(d: Dice, input: Input): ThreadView {
  return {
    ...{ id: d.id(), assetId: d.id(), serviceId: d.one(null, d.id()), address: echo(d, input), name: d.text() },
    ...{
      epoch: d.number(),
      holder: { type: d.one('none', 'bot'), id: d.one(null, 'b'), conversationId: d.one(null, 'c') },
    },
    drain: d.one<Record<string, number>>({}, { c: 0 }, { c: 4 }, { x: 1 }, { c: 0, x: 2 }),
    desk: d.one(null, { conversationId: 'c', deskId: 'd', botConversationId: null }),
    attributes: d.names(),
    ...d.maybe({ sendTo: d.text(), aliases: d.some(d.text) }),
  };
}

function appliedOf(d: Dice, input: Input): Applied {
  const reply = d.one<Reply>(
    ...([{ ok: true }, { ok: true, messageId: d.id() }, { ok: true, messageId: d.id() }] as Reply[]),
    ...([
      { ok: true, duplicate: true, messageId: '' },
      { ok: false, code: 'conflict', detail: '' },
    ] as Reply[]),
  );
  const change = (): Applied['changes'][number] => ({
    ...{ id: d.id(), target: { type: d.one('bot', 'url'), id: d.id() }, threadId: d.id() },
    ...d.maybe({ status: 'dead' as const, attempts: 0 }),
    ...d.maybe({ generation: 0, notBefore: 0 }),
    ...d.maybe({ seriesAt: d.one(null, 0) }),
    ...d.maybe({ reason: d.one(null, '') }),
    ...d.maybe({ join: { messageId: 'm', turn: 1 }, joined: messageOf(d, input) }),
  });
  const typing = {
    type: 'typing',
    to: { type: 'desk', id: 'd' },
    threadId: 't',
    conversationId: null,
    on: true,
  } as const;
  return {
    ...{ reply, thread: d.one(null, viewOf(d, input)), dueAt: d.one(undefined, null, 0, d.number()) },
    ...{ queued: d.some(() => itemOf(d, input)), changes: d.some(change) },
    health: d.one(null, { id: 'b', status: 'active', failures: 0, generation: 0, reason: null, since: 0 }),
    transients: d.some(() => ({ ...typing, author: { type: 'agent' as const, id: null, name: '' } }), 2),
  };
}

describe('what crosses between the threads', () => {
  it('of inputs comes out as it went in', () => {
    const d = new Dice(1);
    for (let round = 0; round < ROUNDS; round++) {
      const inputs = d.some(() => inputOf(d), 4);
      expect(unpackInputs(packInputs(inputs))).toStrictEqual(inputs);
    }
  });

  it('of answers comes out as it went in, beside the inputs', () => {
    const d = new Dice(2);
    for (let round = 0; round < ROUNDS; round++) {
      const inputs = d.some(() => inputOf(d), 4);
      const applied = inputs.map((input) => appliedOf(d, input));
      expect(unpackApplied(inputs, packApplied(inputs, applied))).toStrictEqual(applied);
    }
  });

  it('does not carry words back', () => {
    const input: Input = {
      ...{ type: 'customer', assetId: 'ast_1', address: '+1', externalId: 'ext', kind: 'message' },
      message: { type: 'text', text: 'as she said', media: [] },
    };
    const d = new Dice(3);
    const applied = appliedOf(d, input);
    const message = { ...messageOf(d, input), id: 'm', threadId: 't', text: 'as she said' };
    const { delivery } = itemOf(d, input);
    const fresh = { ...delivery, status: 'pending' as const, attempts: 0, generation: 0, seriesAt: null, reason: null };
    const item = {
      delivery: { ...fresh, merged: [], messageId: 'm', threadId: 't' },
      message,
      merged: [],
      thread: null,
    };
    const crossed = { ...applied, queued: [item] };
    expect(packApplied([input], [crossed])).not.toContain('as she said');
    expect(unpackApplied([input], packApplied([input], [crossed]))).toStrictEqual([crossed]);
  });
});

describe('a patch', () => {
  const anyValue = (d: Dice, depth: number): unknown => {
    if (depth === 0 || d.roll() < 0.3) return d.one<unknown>(null, 0, 1, '', 'x', [], {});
    if (d.roll() < 0.3) return d.some(() => anyValue(d, depth - 1));
    return Object.fromEntries(d.some(() => [d.one('a', 'b', 'c'), anyValue(d, depth - 1)], 4));
  };

  it('makes one value of another, through JSON, and leaves the first as it was', () => {
    const d = new Dice(4);
    for (let round = 0; round < ROUNDS * 3; round++) {
      const [before, after] = [anyValue(d, 3), anyValue(d, 3)];
      const was = structuredClone(before);
      const patch = patchOf(before, after);
      const made = patch === undefined ? before : patched(before, JSON.parse(JSON.stringify(patch)) as Patch);
      expect(made).toStrictEqual(after);
      expect(before).toStrictEqual(was);
    }
  });

  it('names only what changed', () => {
    const before = { id: 't', seq: 1, bots: [{ id: 'b', acked: 1, due: 5 }], attributes: { a: 'x' } };
    const after = { ...before, seq: 2, bots: [{ id: 'b', acked: 2, due: null }] };
    expect(patchOf(before, after)).toEqual({ seq: [2], bots: { 0: { acked: [2], due: [null] } } });
    expect(patchOf(before, { ...before, bots: [{ id: 'b', acked: 1, due: 5 }] })).toBeUndefined();
  });
});
