// What makes an integration inactive, what is parked meanwhile, and what its recovery begins anew. Contract §3 Numbers.
// Not here: the threads it holds (standing.test.ts), and single deliveries (delivery.test.ts).
import { describe, expect, it } from 'vitest';
import { type Box, failure, MINUTE, outcome } from './fixtures/box.ts';
import { attempt, boxOf, first, rules, to, wait } from './fixtures/tries.ts';

const HOUR = 60 * MINUTE;
describe('five failures in a row', () => {
  /** Several threads, so that attempts of one bot fail in a row without waiting for retries. */
  const threads = (box: Box, n: number) => {
    for (let i = 0; i < n; i++) box.say('hi', `c${i}`);
  };
  const status = (box: Box, id = 'A') => (box.world.bots.get(id) ?? box.world.desks.get(id))?.health;

  it('do not count while they are faults of the simulator, but are retried as ever', () => {
    const box = boxOf();
    threads(box, 6);
    for (let i = 0; i < 6; i++) attempt(box, failure({ simulated: true }));
    expect(status(box)).toMatchObject({ status: 'active', failures: 0 });
    expect(to(box, 'A').map((d) => d.status)).toEqual(Array(6).fill('retrying'));
    wait(box);
    attempt(box, failure());
    expect(status(box)).toMatchObject({ failures: 1 });
  });

  it('make the integration inactive; the one that tripped it is parked, not dead', () => {
    const box = boxOf();
    threads(box, 6);
    for (let i = 0; i < 4; i++) attempt(box, failure());
    expect(status(box)).toMatchObject({ status: 'active', failures: 4 });
    attempt(box, failure());
    expect(status(box)).toMatchObject({ status: 'inactive', failures: 5 });
    expect(to(box, 'A').map((d) => d.status)).toEqual([...Array(5).fill('retrying'), 'pending']);
    expect(box.heads()).toEqual([]);
    box.pass(HOUR);
    expect(box.heads()).toEqual([]);
  });

  it('also if the attempt that tripped it was its fifth', () => {
    const box = boxOf({ settings: { take_within_s: 100_000 } });
    box.say('hi');
    for (let i = 0; i < 4; i++) {
      attempt(box, failure());
      wait(box);
    }
    attempt(box, failure());
    expect(status(box)?.status).toBe('inactive');
    expect(first(box, 'A')).toMatchObject({ status: 'retrying', attempts: 5 });
    box.status('A', 'active');
    expect(status(box)).toMatchObject({ status: 'active', failures: 0, generation: 2 });
    attempt(box, failure());
    expect(first(box, 'A')).toMatchObject({ status: 'retrying', attempts: 1, generation: 2 });
    expect(wait(box)).toBe(60_000);
    attempt(box, outcome());
    expect(first(box, 'A').status).toBe('delivered');
  });

  it('are counted anew after any success', () => {
    const box = boxOf();
    threads(box, 10);
    for (let i = 0; i < 4; i++) attempt(box, failure());
    attempt(box, outcome());
    expect(status(box)).toMatchObject({ status: 'active', failures: 0 });
    for (let i = 0; i < 4; i++) attempt(box, failure());
    expect(status(box)?.status).toBe('active');
  });

  it('with failure_scope message are five messages, not attempts', () => {
    const box = boxOf({
      settings: { failure_scope: 'message', retry_spacing_s: [1], failure_threshold: 2, take_within_s: 9_999 },
    });
    threads(box, 3);
    for (let i = 0; i < 3; i++) attempt(box, failure());
    expect(status(box)).toMatchObject({ status: 'active', failures: 0 });
    box.pass(1_000);
    attempt(box, failure());
    expect(status(box)).toMatchObject({ status: 'active', failures: 1 });
    expect(first(box, 'A').status).toBe('dead');
    attempt(box, failure());
    expect(status(box)).toMatchObject({ status: 'inactive', failures: 2 });
    expect(to(box, 'A').map((d) => d.status)).toEqual(['dead', 'retrying', 'retrying']);
  });

  it('are not waited for after a 410', () => {
    const box = boxOf();
    box.say('hi');
    attempt(box, failure({ gone: true, status: 410 }));
    expect(status(box)).toMatchObject({ status: 'inactive', failures: 1 });
    expect(first(box, 'A').status).toBe('retrying');
  });

  it('trip a desk just so, and count attempts of receipts too', () => {
    const box = boxOf({}, { rules: [{ on: 'message.received', do: { type: 'forward_to_desk', desk_id: 'X' } }] });
    threads(box, 5);
    for (let i = 0; i < 5; i++) attempt(box, failure(), 0, 'X');
    expect(status(box, 'X')?.status).toBe('inactive');
  });

  it('are not counted while it is not active: what was in flight changes nothing', () => {
    const box = boxOf();
    threads(box, 6);
    const flights = box.heads().map((head) => box.begin(head));
    for (const flight of flights) box.end(flight, failure());
    expect(status(box)).toMatchObject({ status: 'inactive', failures: 5 });
    expect(to(box, 'A').map((d) => d.status)).toEqual(Array(6).fill('retrying'));
    expect(box.eventsOf('integration.status')).toHaveLength(1);
  });

  it('raise bot.unavailable once for each service, and bot.recovered when it is back', () => {
    const notify = { type: 'notify_url', url: 'https://example.org/' } as const;
    const box = boxOf(
      {},
      {
        rules: [
          ...rules,
          { on: 'bot.unavailable', do: notify },
          { on: 'bot.unavailable', do: { type: 'send_message', text: 'sorry' } },
          { on: { event: 'bot.recovered', bot_id: 'A' }, do: notify },
        ],
      },
    );
    box.status('A', 'active');
    threads(box, 5);
    for (let i = 0; i < 5; i++) attempt(box, failure());
    box.sweep();
    const told = () => box.deliveries.filter((d) => d.kind === 'notify').map((d) => d.data?.event);
    expect(told()).toEqual(['bot.unavailable']);
    box.status('A', 'active');
    expect(told()).toEqual(['bot.unavailable', 'bot.recovered']);
    expect(box.messages.size).toBe(5);
  });

  it('is no recovery when it becomes active for the first time', () => {
    const notify = { type: 'notify_url', url: 'https://example.org/' } as const;
    const box = boxOf({ status: 'unverified' }, { rules: [...rules, { on: 'bot.recovered', do: notify }] });
    box.edit(({ bots }) => {
      const bot = bots.get('A');
      if (bot) bots.set('A', { ...bot, health: { ...bot.health, generation: 0 } });
    });
    box.status('A', 'active');
    expect(status(box)).toMatchObject({ status: 'active', generation: 1 });
    expect(box.deliveries).toEqual([]);
  });
});

describe('what a verification found of a document', () => {
  it.each([
    ['makes it active while it is that document', 3, 3, { ok: true }, 'active'],
    ['is refused when it was written since', 3, 4, { ok: false, code: 'conflict' }, 'unverified'],
    ['is refused when a later one was verified than is here', 4, 3, { ok: false, code: 'conflict' }, 'unverified'],
    ['is refused when it is gone', 3, null, { ok: false, code: 'conflict' }, 'unverified'],
    ['speaks of none where it names none', undefined, 4, { ok: true }, 'active'],
  ] as const)('%s', (_what, version, found, reply, status) => {
    const box = boxOf({ status: 'unverified' });
    if (found !== null) box.versions.set('A', found);
    const more = version === undefined ? {} : { version };
    expect(box.submit({ type: 'integration', id: 'A', status: 'active', reason: null, ...more })).toMatchObject(reply);
    expect(box.world.bots.get('A')?.health.status).toBe(status);
    expect(box.eventsOf('integration.status')).toHaveLength(reply.ok ? 1 : 0);
  });

  it('is refused also of one that is active already: what was verified is not what is there', () => {
    const box = boxOf();
    box.versions.set('A', 4);
    const reply = box.submit({ type: 'integration', id: 'A', status: 'active', reason: null, version: 3 });
    expect(reply).toMatchObject({ ok: false, code: 'conflict' });
  });
});
