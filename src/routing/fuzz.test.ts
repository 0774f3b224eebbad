// Random lives of a thread: customers, bots, desks, operators, channels, clocks and failures in any order.
// What must hold after every decision is in fixtures/invariants.ts, what must hold of the whole history in history.ts.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { atOnce, Box, type Flight, failure, MINUTE, outcome } from './fixtures/box.ts';
import { checkHistory } from './fixtures/history.ts';
import { type RuleSpec, textIs, toBot, toBoth, toDesk, withApp, worldOf } from './fixtures/world.ts';
import type { Delivery, Id } from './model.ts';

const BOTS = ['A', 'B'];
const DESKS = ['X', 'Y'];
/** the asset's app desk */
const APP = 'P';
/** CI may ask for more. */
const RUNS = Number(process.env.FUZZ_RUNS ?? 300);

/** A step: what happens, and a number that picks among what is there. */
type Step = { do: string; pick: number; pick2: number };

const WEIGHTS: [string, number][] = [
  ['customer', 8],
  ['special', 2],
  ['postback', 2],
  ['send', 12],
  ['begin', 6],
  ['end', 8],
  ['botSays', 6],
  ['botHandover', 3],
  ['botClose', 1],
  ['botEvent', 1],
  ['deskQueued', 1],
  ['deskAccepts', 3],
  ['agentSays', 4],
  ['deskTransfer', 1],
  ['deskCloses', 2],
  ['deskRejects', 2],
  ['operator', 2],
  ['pass', 4],
  ['status', 2],
  ['edit', 1],
  ['crash', 1],
  ['receipt', 2],
  ['replay', 1],
  ['echo', 3],
  ['control', 2],
  ['watermark', 2],
  ['remark', 2],
  ['alias', 1],
];
const step: fc.Arbitrary<Step> = fc.record({
  do: fc.oneof(...WEIGHTS.map(([name, weight]) => ({ weight, arbitrary: fc.constant(name) }))),
  pick: fc.nat(1_000),
  pick2: fc.nat(1_000),
});

const RULES: Record<string, RuleSpec[]> = {
  'bot and desk': [{ id: 'main', on: 'message.received', do: toBoth('A', 'X') }],
  'two bots by words': [
    { id: 'words', on: 'message.received', if: textIs('b'), do: toBot('B') },
    { id: 'main', on: 'message.received', do: toBoth('A', 'X') },
    { id: 'escalate', on: { event: 'desk.failed', desk_id: 'X' }, do: toDesk('Y') },
    { id: 'back', on: { event: 'desk.failed', desk_id: 'Y' }, do: toDesk('X') },
  ],
  'stand-in and fallback': [
    {
      id: 'main',
      on: 'message.received',
      do: {
        type: 'forward_to_bot_and_desk',
        bot_id: 'A',
        desk_id: 'X',
        fallback: { desk_id: 'Y', on: ['unavailable', 'silent'], holding_text: 'hold' },
      },
    },
    { id: 'standin', on: { event: 'bot.unavailable', bot_id: 'A' }, do: toBot('B') },
    { id: 'silent', on: { event: 'bot.silent', bot_id: 'B' }, do: toBot('A') },
    { id: 'bye', on: 'message.received', if: textIs('b'), do: { type: 'close' } },
    { id: 'note', on: 'channel.receipt', do: { type: 'send_message', text: 'noted' } },
  ],
  'desk first': [
    { id: 'words', on: 'message.received', if: textIs('b'), do: toBot('A') },
    { id: 'main', on: 'message.received', do: toDesk('X') },
    { id: 'failed', on: 'desk.failed', do: toBot('A') },
    { id: 'closed', on: 'desk.closed', do: toBot('B') },
    { id: 'handover', on: 'bot.handover', do: toDesk('Y') },
  ],
};

const setup = fc.record({
  rules: fc.constantFrom(...Object.keys(RULES)),
  merge: fc.constantFrom(0, 1_200),
  reply: fc.constantFrom(0, 30),
  extended: fc.boolean(),
  /** of the app desk, in seconds; null: the asset has none */
  app: fc.constantFrom(null, 0, 60, 1_800),
});
type Setup = { rules: string; merge: number; reply: number; extended: boolean; app: number | null };

function boxOf({ rules, merge, reply, extended, app }: Setup) {
  const settings = { merge_window_ms: merge, reply_within_s: reply, extended_events: extended };
  const world = worldOf({
    bots: { A: { settings }, B: { settings: { ...settings, merge_window_ms: 0 } } },
    desks: { X: { settings: { reply_within_s: reply } }, Y: {} },
    rules: RULES[rules] ?? [],
  });
  return new Box(app === null ? world : withApp(world, { reply_within_s: app }));
}

const at = <T>(list: T[], pick: number): T | undefined => list[pick % Math.max(1, list.length)];

class Life {
  readonly box: Box;
  #said = 0;
  constructor(box: Box) {
    this.box = box;
  }

  step({ do: what, pick, pick2 }: Step): void {
    const { box } = this;
    if (what === 'customer') box.say(`w${++this.#said}`);
    else if (what === 'special') box.say('b');
    else if (what === 'postback') box.tap(`p${++this.#said}`);
    else if (what === 'pass') box.pass([1_000, 1_500, 31_000, MINUTE, 10 * MINUTE][pick % 5] as number);
    else if (what === 'send') this.#send(pick, pick2);
    else if (what === 'begin') this.#begin(pick);
    else if (what === 'end') this.#end(at(box.flights, pick), pick2);
    else if (what === 'status') this.#status(pick, pick2);
    else if (what === 'edit') this.#edit(pick);
    else if (what === 'crash') box.crash();
    else if (what === 'echo') this.#echo(pick);
    else if (what === 'control')
      box.control(pick % 2 === 0, `app ${pick2 % 3}`, pick2 % 3 === 0 ? box.now - pick2 : undefined);
    else if (box.threads.size === 0) return;
    else if (what === 'operator') box.give(at([...BOTS, ...DESKS, APP], pick) as Id);
    else if (what === 'receipt') this.#receipt(pick, pick2);
    else if (what === 'watermark') this.#watermark(pick);
    else if (what === 'remark') this.#remark(pick, pick2);
    else if (what === 'alias') this.#alias(pick);
    else if (what === 'replay') this.#replay(pick);
    else if (what.startsWith('bot')) this.#bot(what, pick, pick2);
    else this.#desk(what, pick, pick2);
    box.sweep();
  }

  /** A human's word, or one of ours that comes back. */
  #echo(pick: number): void {
    const ours = [...this.box.messages.values()].filter((m) => m.author.type === 'bot');
    const back = pick % 4 === 0 ? at(ours, pick) : undefined;
    const before = this.box.messages.size;
    this.box.echo(`human ${pick}`, back ? { messageId: back.id } : { author: `H${pick % 2}` });
    expect(this.box.messages.size - before).toBe(back ? 0 : 1);
  }

  #watermark(pick: number): void {
    const status = pick % 2 === 0 ? 'delivered' : 'read';
    const until = this.box.now - (pick % 3) * 1_000;
    this.box.submit({ type: 'watermark', assetId: 'ast', address: 'c1', status, at: until });
  }

  /** About anything that was said, or nothing that we know; it moves nothing. */
  #remark(pick: number, pick2: number): void {
    const about = at([...this.box.messages.values()], pick)?.externalId ?? 'unknown';
    const remarks = [{ kind: 'reaction', emoji: '👍' }, { kind: 'edit', text: 'b' }, { kind: 'delete' }] as const;
    const remark = remarks[pick2 % remarks.length] ?? remarks[0];
    const before = this.box.thread;
    this.box.submit({ type: 'remark', assetId: 'ast', address: 'c1', externalId: `r${pick}`, about, remark });
    expect(this.box.thread).toEqual(before);
  }

  /** The customer's other addresses: whichever speaks, it is one thread. */
  #alias(pick: number): void {
    const alias = `c1-${pick % 3}`;
    this.box.submit({ type: 'alias', assetId: 'ast', address: 'c1', alias });
    this.box.submit({
      ...{ type: 'customer', assetId: 'ast', address: alias, externalId: `a${++this.#said}`, kind: 'message' },
      message: { type: 'text', text: `w${this.#said}`, media: [] },
    });
    expect(this.box.threads.size).toBe(1);
  }

  #begin(pick: number): Flight | undefined {
    const head = at(this.box.heads(), pick);
    if (!head) return undefined;
    // With several processes its merge window is closed on disk before.
    const { id: deliveryId, threadId, target, attempts } = head;
    if (pick % 2 === 0 && target.type === 'bot' && attempts === 0)
      this.box.submit({ type: 'begin', threadId, deliveryId });
    return this.box.begin(
      at(
        this.box.deliveries.filter(({ id }) => id === deliveryId),
        0,
      ) as Delivery,
    );
  }

  #send(pick: number, pick2: number): void {
    const flight = this.#begin(pick);
    if (flight) this.#end(flight, pick2);
  }

  #end(flight: Flight | undefined, pick: number): void {
    if (!flight) return;
    const { target, conversationId } = flight.delivery;
    if (pick % 10 < 7) {
      const speaks = target.type === 'bot' && conversationId && pick % 3 === 0;
      this.box.end(flight, outcome(speaks ? { commands: [atOnce(conversationId, 'at once')] } : {}));
    } else if (pick % 10 === 9 && target.type === 'asset') this.box.end(flight, failure({ result: 'unknown' }));
    else this.box.end(flight, failure(pick % 50 === 7 ? { gone: true, status: 410 } : {}));
  }

  #bot(what: string, pick: number, pick2: number): void {
    const own = at(
      [...this.box.conversations.values()].filter((c) => c.type === 'bot'),
      pick,
    );
    if (!own) return;
    const epoch = pick2 % 4 === 0 ? { epoch: this.box.thread.epoch - (pick2 % 3) } : {};
    const { id, partyId } = own;
    if (what === 'botSays') {
      const message = { type: 'text' as const, text: `r${pick2}`, media: [] };
      this.box.bot(partyId, { type: 'message', message, custom: {}, ...epoch }, id);
    } else if (what === 'botHandover') this.box.bot(partyId, { type: 'handover', custom: { k: 'v' }, ...epoch }, id);
    else if (what === 'botClose') this.box.bot(partyId, { type: 'close' }, id);
    else this.box.bot(partyId, { type: 'custom', custom: {} }, id);
  }

  #desk(what: string, pick: number, pick2: number): void {
    const all = [...this.box.conversations.values()].filter((c) => c.type === 'desk');
    const own = pick2 % 4 === 0 ? at(all, pick) : all.at(-1);
    if (!own) return;
    const { id, partyId } = own;
    const message = { type: 'text' as const, text: `agent ${pick2}`, media: [] };
    if (what === 'deskQueued') this.box.desk(partyId, { type: 'queued' }, id);
    else if (what === 'deskAccepts') this.box.desk(partyId, { type: 'accepted', agent: 'Agent' }, id);
    else if (what === 'agentSays') this.box.desk(partyId, { type: 'message', agent: 'Agent', message }, id);
    else if (what === 'deskCloses') this.box.desk(partyId, { type: 'close', reason: 'done' }, id);
    else if (what === 'deskRejects') this.box.desk(partyId, { type: 'reject', reason: 'busy' }, id);
    else this.box.desk(partyId, { type: 'transfer', to: at(['bot', ...BOTS, ...DESKS], pick) as Id, reason: 'r' }, id);
  }

  #status(pick: number, pick2: number): void {
    const id = at([...BOTS, ...DESKS, APP], pick) as Id;
    this.box.status(id, pick2 % 3 === 0 ? 'disabled' : 'active');
  }

  #edit(pick: number): void {
    this.box.edit(({ services, desks }) => {
      const rules = services.get('svc')?.rules ?? [];
      const i = pick % Math.max(1, rules.length);
      const rule = rules[i];
      if (rule && pick % 3 === 0) rules[i] = { ...rule, enabled: !rule.enabled };
      const desk = desks.get('Y');
      if (desk && pick % 3 === 1) desks.set('Y', { ...desk, online: !desk.online });
    });
  }

  #receipt(pick: number, pick2: number): void {
    const sent = [...this.box.messages.values()].filter((m) => m.author.type !== 'customer');
    const message = at(sent, pick);
    if (message) this.box.receipt(message.id, at(['delivered', 'read', 'failed'] as const, pick2) ?? 'read');
  }

  #replay(pick: number): void {
    const delivery = at(this.box.deliveries, pick);
    if (delivery) this.box.submit({ type: 'replay', threadId: delivery.threadId, deliveryId: delivery.id });
  }

  /** Everybody is well again, takes what is owed and says nothing. */
  drain(): void {
    const { box } = this;
    for (const flight of [...box.flights]) box.end(flight, outcome());
    for (const id of [...BOTS, ...DESKS, APP]) box.status(id, 'active');
    box.hurry = true;
    box.run();
  }
}

function live(box: Box, steps: Step[]): Life {
  const life = new Life(box);
  for (const each of steps) life.step(each);
  return life;
}

describe('whatever happens', () => {
  it('holds what must hold after every decision, and everybody gets what they are owed', () => {
    fc.assert(
      fc.property(setup, fc.array(step, { minLength: 5, maxLength: 60 }), (how, steps) => {
        const box = boxOf(how);
        const life = live(box, steps);
        life.drain();
        checkHistory(box);
      }),
      { numRuns: RUNS },
    );
  });
});
