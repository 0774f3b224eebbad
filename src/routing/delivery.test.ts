// What becomes of a delivery: spacing, the hour, trips, parking, fresh series, receipts of failures, replays, resolutions.
// Contract §3 Numbers, §6. Not here: who is owed what (owed.test.ts).
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isInterrupted } from './begin.ts';
import { conversationType, retryAt } from './delivery.ts';
import { atOnce, type Box, failure, MINUTE, outcome } from './fixtures/box.ts';
import { attempt, boxOf, first, rules, to, wait } from './fixtures/tries.ts';
import { worldOf } from './fixtures/world.ts';
import type { Delivery, Id } from './model.ts';

const HOUR = 60 * MINUTE;
/** A bot that fails does not become inactive by it. */
const patient = { settings: { failure_threshold: 100, take_within_s: 100_000 } };

describe('a failed attempt', () => {
  it.each([
    ['without jitter', 0, [60_000, 300_000, 900_000, 2_280_000]],
    ['with most jitter', 0.999999, [57_000, 285_000, 855_000, 2_166_000]],
  ])('is repeated after 1, 5, 15 and 38 minutes from its end, then dead: %s', (_name, random, spacing) => {
    const box = boxOf(patient);
    box.random = () => random;
    box.say('hi');
    const start = box.now;
    for (const ms of spacing) {
      attempt(box, failure(), 5_000);
      expect(wait(box)).toBe(ms);
    }
    expect(box.now - start).toBeLessThan(HOUR);
    expect(first(box, 'A')).toMatchObject({ status: 'retrying', attempts: 4 });
    attempt(box, failure(), 5_000);
    expect(first(box, 'A')).toMatchObject({ status: 'dead', attempts: 5 });
    expect(box.eventsOf('delivery.failed')).toHaveLength(4);
    expect(box.eventsOf('delivery.dead')).toHaveLength(1);
    expect(box.thread.limbo).toBe('overdue');
  });

  it('is repeated by the integration’s own spacing', () => {
    const box = boxOf({ settings: { ...patient.settings, retry_spacing_s: [7] } });
    box.say('hi');
    attempt(box, failure());
    expect(wait(box)).toBe(7_000);
    attempt(box, failure());
    expect(first(box, 'A').status).toBe('dead');
  });

  it('without retries is dead at once', () => {
    const box = boxOf({ settings: { ...patient.settings, retry_spacing_s: [] } });
    box.say('hi');
    attempt(box, failure());
    expect(first(box, 'A').status).toBe('dead');
  });

  it('is followed, when dead, by the next one', () => {
    const box = boxOf({ settings: { ...patient.settings, retry_spacing_s: [] } });
    box.say('one');
    box.say('two');
    attempt(box, failure());
    attempt(box, outcome());
    expect(to(box, 'A').map((d) => d.status)).toEqual(['dead', 'delivered']);
  });

  it('to a channel is repeated 5, 30 and 120 s later; then the sender gets a failed receipt', () => {
    const box = boxOf();
    box.say('hi');
    box.run().botSays('A', 'hello');
    for (const ms of [5_000, 30_000, 120_000]) {
      attempt(box, failure({ detail: 'answered 503' }), 0, 'ast');
      expect(wait(box, 'ast')).toBe(ms);
    }
    attempt(box, failure({ detail: 'answered 503' }), 0, 'ast');
    expect(first(box, 'ast').status).toBe('dead');
    expect(to(box, 'A').at(-1)).toMatchObject({
      kind: 'receipt',
      data: { status: 'failed', description: 'answered 503' },
    });
  });

  it('that is final becomes a failed receipt at once', () => {
    const box = boxOf();
    box.say('hi');
    box.run().botSays('A', 'hello');
    attempt(box, failure({ result: 'final', status: 400 }), 0, 'ast');
    expect(first(box, 'ast').status).toBe('dead');
    expect(to(box, 'A').at(-1)).toMatchObject({ kind: 'receipt', data: { status: 'failed' } });
  });
});

describe('the hour', () => {
  const c = { now: 1_000_000, random: () => 0, newId: () => '', world: worldOf() };
  it.each([
    ['is respected', 600, c.now, 600_000],
    ['shorter than planned', 10, c.now, 60_000],
    ['longer than the hour', 90_000, c.now, HOUR - 5_000],
    ['late in the hour', 600, c.now - 50 * MINUTE, 10 * MINUTE - 5_000],
  ])('bounds Retry-After: %s', (_name, retryAfterS, seriesAt, ms) => {
    expect(retryAt(failure({ retryAfterS }), 60_000, seriesAt, c) - c.now).toBe(ms);
  });

  it('ends the series: nothing begins after it, whatever Retry-After did', () => {
    const box = boxOf(patient);
    box.say('hi');
    const start = box.now;
    for (let i = 0; i < 4 && first(box, 'A').status !== 'dead'; i++) {
      attempt(box, failure({ retryAfterS: 1_500 }), 5_000);
      if (first(box, 'A').status === 'retrying') wait(box);
    }
    expect(first(box, 'A').status).toBe('dead');
    expect(box.got.length).toBe(4);
    expect(box.now - start).toBeLessThan(HOUR + 5_001);
  });

  it('does not count when the process was down', () => {
    const box = boxOf(patient);
    box.say('hi');
    attempt(box, failure());
    box.now += 3 * HOUR;
    attempt(box, failure());
    expect(first(box, 'A')).toMatchObject({ status: 'retrying', attempts: 2 });
    expect(wait(box)).toBe(300_000);
  });

  it('counts when the target was busy with others', () => {
    const box = boxOf(patient);
    box.say('hi');
    attempt(box, failure());
    box.now += 40 * MINUTE;
    const flight = box.begin(box.heads()[0] as Delivery);
    box.end({ ...flight, inLineMs: 39 * MINUTE }, failure({ retryAfterS: 3_600 }));
    expect(wait(box)).toBeLessThan(20 * MINUTE);
  });

  it('does not count when the result had to wait for the store', () => {
    const box = boxOf(patient);
    box.say('hi');
    const flight = box.begin(box.heads()[0] as Delivery);
    box.now += 2 * HOUR;
    box.end(flight, failure({ timing: { totalMs: 5_000 } }));
    expect(wait(box)).toBe(60_000);
    const second = box.begin(box.heads()[0] as Delivery);
    box.now += 2 * HOUR;
    box.end(second, failure({ timing: { totalMs: 5_000 } }));
    expect(wait(box)).toBe(300_000);
  });

  it('holds the last attempt, for any spacing, duration and chance', () => {
    const spacing = fc.array(fc.integer({ min: 1, max: 3_575 }), { minLength: 1, maxLength: 4 });
    const allowed = spacing.filter((list) => list.reduce((a, b) => a + b, 0) <= 3_575);
    const chance = fc.double({ min: 0, max: 0.999, noNaN: true });
    fc.assert(
      fc.property(allowed, chance, fc.integer({ min: 0, max: 5_000 }), (retry_spacing_s, random, ms) => {
        const box = boxOf({ settings: { ...patient.settings, retry_spacing_s } });
        box.random = () => random;
        box.say('hi');
        const start = box.now;
        let last = start;
        for (const planned of retry_spacing_s) {
          attempt(box, failure(), ms);
          const waited = wait(box);
          expect(waited).toBeLessThanOrEqual(planned * 1_000);
          expect(waited).toBeGreaterThanOrEqual(planned * 950 - 1);
          last = box.now;
        }
        expect(last - start).toBeLessThan(HOUR);
        attempt(box, failure(), ms);
        expect(first(box, 'A').status).toBe('dead');
      }),
      { numRuns: 60 },
    );
  });
});

describe('a failure that makes its bot inactive', () => {
  it('is parked until later, for a process that has not heard of that must not go on; and begins afresh with the bot', () => {
    const box = boxOf({ settings: { ...patient.settings, failure_threshold: 1 } });
    box.say('hi');
    attempt(box, failure());
    expect(first(box, 'A')).toMatchObject({ status: 'retrying', attempts: 1, notBefore: box.now + MINUTE });
    box.status('A', 'active');
    attempt(box, failure());
    expect(first(box, 'A')).toMatchObject({ attempts: 1, generation: 2 });
  });
});

describe('a retry by hand', () => {
  const ask = (box: Box) => box.submit({ type: 'retry', threadId: box.thread.id, deliveryId: first(box, 'A').id });

  it('begins the next attempt now, as a part of its series', () => {
    const box = boxOf(patient);
    box.say('hi');
    attempt(box, failure());
    const { seriesAt } = first(box, 'A');
    box.now += 1_000;
    expect(ask(box)).toMatchObject({ ok: true });
    expect(first(box, 'A')).toMatchObject({ status: 'retrying', notBefore: box.now, attempts: 1, seriesAt });
    attempt(box, failure());
    expect(first(box, 'A')).toMatchObject({ status: 'retrying', attempts: 2, seriesAt });
  });
  it('is refused for what was not tried yet, and for what is over', () => {
    const box = boxOf(patient);
    box.say('hi');
    expect(ask(box)).toMatchObject({ ok: false, code: 'conflict' });
    box.run();
    expect(ask(box)).toMatchObject({ ok: false, code: 'conflict' });
  });
});

describe('a send of which nothing is known', () => {
  const sent = (onUnknown: 'hold' | 'resend') => {
    const box = boxOf({}, { rules: [...rules], asset: { onUnknown } });
    box.say('hi');
    box.run().botSays('A', 'one');
    box.botSays('A', 'two');
    attempt(box, failure({ result: 'unknown', status: null }), 0, 'ast');
    return box;
  };
  const resolve = (box: Box, what: 'sent' | 'resend' | 'drop') =>
    box.submit({ type: 'resolution', threadId: box.thread.id, deliveryId: first(box, 'ast').id, outcome: what });

  it('is held, and does not hold up the next', () => {
    const box = sent('hold');
    expect(first(box, 'ast').status).toBe('held');
    box.run();
    expect(to(box, 'ast').map((d) => d.status)).toEqual(['held', 'delivered']);
    expect(box.eventsOf('delivery.held')).toHaveLength(1);
  });
  it('or is sent again, where the asset says so', () => {
    const box = sent('resend');
    expect(first(box, 'ast').status).toBe('retrying');
  });
  it.each([
    ['sent', 'delivered'],
    ['resend', 'pending'],
    ['drop', 'dead'],
  ] as const)('is resolved by hand: %s', (what, status) => {
    const box = sent('hold');
    expect(resolve(box, what)).toMatchObject({ ok: true });
    expect(first(box, 'ast')).toMatchObject({ status });
    expect(resolve(box, what)).toMatchObject({ ok: false, code: 'conflict' });
    expect(to(box, 'A').filter((d) => d.kind === 'receipt')).toHaveLength(what === 'drop' ? 1 : 0);
  });
  it.each(['delivered', 'read', 'failed'] as const)('is known by what the provider tells of it: %s', (status) => {
    const box = sent('hold');
    const { id, messageId } = first(box, 'ast');
    expect(box.receipt(messageId ?? '', status)).toMatchObject({ ok: true, messageId });
    expect(first(box, 'ast')).toMatchObject({ id, status: 'delivered', reason: 'the provider told of it' });
    expect(box.eventsOf('delivery.delivered').at(-1)).toMatchObject({ data: { delivery_id: id, by_provider: true } });
    expect(resolve(box, 'resend')).toMatchObject({ ok: false, code: 'conflict' });
    expect(box.receipt(messageId ?? '', status)).toMatchObject({ duplicate: true });
  });
  it('is known by an echo of it', () => {
    const box = sent('hold');
    const { messageId } = first(box, 'ast');
    expect(box.echo('one', { messageId: messageId ?? '' })).toEqual({ ok: true, ignored: true });
    expect(first(box, 'ast').status).toBe('delivered');
    expect(box.thread.desk).toBeNull();
  });
  it('is not held, where the provider told of it before', () => {
    const box = boxOf({}, { rules: [...rules], asset: { onUnknown: 'hold' } });
    box.say('hi');
    box.run().botSays('A', 'one');
    box.receipt(first(box, 'ast').messageId ?? '', 'read');
    attempt(box, failure({ result: 'unknown', status: null }), 0, 'ast');
    expect(first(box, 'ast').status).toBe('delivered');
    expect(box.eventsOf('delivery.held')).toEqual([]);
  });
  it('is resolved before it is replayed', () => {
    const box = sent('hold');
    const replay = { type: 'replay', threadId: box.thread.id, deliveryId: first(box, 'ast').id } as const;
    expect(box.submit(replay)).toMatchObject({ ok: false, code: 'conflict' });
  });
});

describe('an attempt that begins', () => {
  const begin = (box: Box, id: Id) => box.submit({ type: 'begin', threadId: box.thread.id, deliveryId: id });

  it('is noted until its result is known, and is no attempt yet', () => {
    const box = boxOf(patient);
    box.say('hi');
    box.runOnly(['A']).botSays('A', 'hello');
    const said = () => first(box, 'ast');
    expect(isInterrupted(said())).toBe(false);
    expect(begin(box, said().id)).toMatchObject({ ok: true });
    expect(isInterrupted(said())).toBe(true);
    expect(said()).toMatchObject({ status: 'pending', attempts: 0 });
    attempt(box, failure(), 0, 'ast');
    expect(isInterrupted(said())).toBe(false);
    wait(box, 'ast');
    begin(box, said().id);
    attempt(box, outcome(), 0, 'ast');
    expect(said()).toMatchObject({ status: 'delivered', reason: null });
  });

  it('does not begin when the delivery is over', () => {
    const box = boxOf(patient);
    box.say('hi');
    attempt(box, outcome());
    expect(begin(box, first(box, 'A').id)).toMatchObject({ ok: false, code: 'conflict' });
    expect(first(box, 'A')).toMatchObject({ status: 'delivered', reason: null });
  });
});

describe('a replay', () => {
  const replay = (box: Box, id: Id) => box.submit({ type: 'replay', threadId: box.thread.id, deliveryId: id });
  it('is a new delivery at the lane’s tail, marked; asked as BOT while the bot holds the line', () => {
    const box = boxOf({ settings: { ...patient.settings, retry_spacing_s: [] } });
    box.say('one');
    attempt(box, failure());
    box.say('two');
    const dead = first(box, 'A');
    const reply = replay(box, dead.id);
    const added = to(box, 'A').at(-1) as Delivery;
    expect(reply).toMatchObject({ ok: true, deliveryId: added.id });
    expect(added).toMatchObject({ replay: true, status: 'pending', attempts: 0, messageId: dead.messageId });
    box.run();
    expect(box.heard('A')).toEqual(['BOT one', 'BOT two', 'BOT one']);
    expect(first(box, 'A').status).toBe('dead');
  });
  it('is refused while the first is on its way, or unknown', () => {
    const box = boxOf();
    box.say('one');
    expect(replay(box, first(box, 'A').id)).toMatchObject({ code: 'conflict' });
    expect(replay(box, 'dlv0')).toMatchObject({ code: 'not_found' });
  });
});

describe('the result of an attempt', () => {
  it('is kept, whatever became of the delivery', () => {
    const box = boxOf();
    box.say('one');
    const flight = box.begin(first(box, 'A'));
    box.bot('A', { type: 'close' });
    box.end(flight, failure());
    expect(box.last?.attempt).toMatchObject({ number: 1, ok: false, status: 500, epoch: 1 });
    expect(first(box, 'A').status).toBe('cancelled');
  });
  it('counts once: the same again changes nothing and says nothing twice', () => {
    const box = boxOf();
    box.say('one');
    const said = atOnce(box.conv('A'), 'hello');
    const flight = box.begin(first(box, 'A'));
    box.end(flight, outcome({ commands: [said] }));
    box.end(flight, outcome({ commands: [said] }));
    expect([...box.messages.values()].map((m) => m.text)).toEqual(['one', 'hello']);
  });
  it('of an unknown delivery is refused', () => {
    const box = boxOf();
    box.say('one');
    const nothing = { type: 'attempt', threadId: '', deliveryId: 'dlv0', startedAt: 0, epoch: 0 } as const;
    expect(box.submit({ ...nothing, outcome: outcome() })).toMatchObject({ code: 'not_found' });
  });
});

describe('ConversationType', () => {
  const view = { epoch: 4, holder: { id: 'A', conversationId: 'cA' }, drain: { cA: 3 } };
  const given = {
    target: { type: 'bot' as const, id: 'A' },
    kind: 'message' as const,
    conversationId: 'cA',
    data: null,
  };
  const B = { id: 'B', conversationId: 'cB' };
  it.each<[string, Partial<typeof view> | null, Partial<Delivery>, 'BOT' | 'CCSP']>([
    ['a new turn of the holder', {}, { turn: 4 }, 'BOT'],
    ['a postback of the holder', {}, { turn: 4, kind: 'postback' }, 'BOT'],
    ['a turn that somebody else answered', {}, { turn: 3 }, 'CCSP'],
    ['such a turn, owed anew in this epoch', {}, { turn: 3, data: { owed: 4 } }, 'BOT'],
    ['such a turn, owed in an earlier epoch', {}, { turn: 3, data: { owed: 2 } }, 'CCSP'],
    ['a turn after it, owed in an earlier epoch', {}, { turn: 4, data: { owed: 2 } }, 'BOT'],
    ['another bot holds it', { holder: B }, { turn: 4 }, 'CCSP'],
    ['another bot holds it; owed', { holder: B }, { turn: 4, data: { owed: 4 } }, 'CCSP'],
    [
      'the same bot holds it in another conversation',
      { holder: { id: 'A', conversationId: 'cX' } },
      { turn: 4 },
      'CCSP',
    ],
    ['nobody holds it', { holder: { id: null as never, conversationId: null as never } }, { turn: 4 }, 'CCSP'],
    ['nothing drains here', { drain: {} as never }, { turn: 1 }, 'BOT'],
    ['an agent’s words', {}, { turn: null }, 'CCSP'],
    ['an extended event', {}, { turn: null, kind: 'signal' }, 'CCSP'],
    ['a receipt for the holder', {}, { turn: null, kind: 'receipt' }, 'BOT'],
    ['a receipt for another', { holder: B }, { turn: null, kind: 'receipt' }, 'CCSP'],
    ['a desk', {}, { turn: 4, target: { type: 'desk', id: 'A' } }, 'CCSP'],
    ['no conversation', {}, { turn: 4, conversationId: null }, 'CCSP'],
    ['no thread', null, { turn: 4 }, 'CCSP'],
  ])('%s', (_name, of, delivery, expected) => {
    expect(conversationType(of && { ...view, ...of }, { ...given, turn: null, ...delivery })).toBe(expected);
  });
});
