// The simulator's part of an attempt: whom it spares, whom it hurts, for how long.
// Not here: the way there and back through the whole program (test/flows/simulator.test.ts).
import { describe, expect, it } from 'vitest';
import { manualClock } from './clock.ts';
import { createSimulator, FAULTS } from './simulator.ts';
import type { LaneItem } from './store-port.ts';

const HOUR = 3_600_000;
const item = (type: 'bot' | 'asset' | 'desk' | 'url', id: string, address: string | null): LaneItem =>
  ({
    delivery: { target: { type, id } },
    thread: address === null ? null : { address },
    message: null,
    merged: [],
  }) as unknown as LaneItem;

describe('what is sent', () => {
  const simulator = createSimulator(manualClock(0));
  simulator.lay('bot_1', 'sim-a', 'error_500');

  it.each([
    ['a customer', 'asset', 'ast_1', 'c1', null],
    ['a simulated customer', 'asset', 'ast_1', 'sim-b', 'ok'],
    ['a bot about a customer', 'bot', 'bot_1', 'a', null],
    ['a bot about a simulated customer without a fault', 'bot', 'bot_1', 'sim-b', null],
    ['another bot about the one with a fault', 'bot', 'bot_2', 'sim-a', null],
    ['the bot about the one with a fault', 'bot', 'bot_1', 'sim-a', 'server_error'],
    ['a desk about the one with a fault', 'desk', 'bot_1', 'sim-a', null],
    ['a URL about no thread', 'url', 'rul_1', null, null],
  ] as const)('to %s: %s', async (_what, type, id, address, reason) => {
    const outcome = await simulator.instead(item(type, id, address));
    expect(outcome?.reason ?? null).toBe(reason);
    expect(outcome?.simulated ?? false).toBe(reason === 'server_error');
  });
});

describe('a fault', () => {
  it('is over after an hour, and when it is taken away', async () => {
    const clock = manualClock(0);
    const simulator = createSimulator(clock);
    simulator.lay('bot_1', 'sim-a', 'down');
    simulator.lay('bot_1', 'sim-b', 'no_token');
    expect(simulator.list()).toEqual([
      { botId: 'bot_1', address: 'sim-a', fault: 'down', until: HOUR },
      { botId: 'bot_1', address: 'sim-b', fault: 'no_token', until: HOUR },
    ]);
    simulator.lay('bot_1', 'sim-b', null);
    expect(simulator.instead(item('bot', 'bot_1', 'sim-b'))).toBeNull();
    clock.advance(HOUR);
    expect(simulator.instead(item('bot', 'bot_1', 'sim-a'))).toBeNull();
    expect(simulator.list()).toEqual([]);
  });

  it('is one of at most a hundred; another for the same takes its place', () => {
    const clock = manualClock(0);
    const simulator = createSimulator(clock);
    for (let i = 0; i < 100; i++) expect(simulator.lay('bot_1', `sim-${i}`, 'down')).toBe(true);
    expect(simulator.lay('bot_1', 'sim-more', 'down')).toBe(false);
    expect(simulator.lay('bot_1', 'sim-7', 'no_token')).toBe(true);
    clock.advance(HOUR);
    expect(simulator.lay('bot_1', 'sim-more', 'down')).toBe(true);
  });

  it.each(FAULTS.filter((fault) => fault !== 'slow'))('%s says that nothing left', async (fault) => {
    const simulator = createSimulator(manualClock(0));
    simulator.lay('bot_1', 'sim-a', fault);
    const outcome = await simulator.instead(item('bot', 'bot_1', 'sim-a'));
    expect(outcome).toMatchObject({
      result: 'retry',
      simulated: true,
      detail: expect.stringContaining('nothing left'),
    });
  });
});
