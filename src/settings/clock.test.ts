// Holds that the movable clock runs with real time, and that moving it rings alarms in order, each at its time.
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { movableClock } from './clock.ts';

const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('the movable clock', () => {
  it('starts at real time and runs with it', async () => {
    const clock = movableClock(settle);
    expect(Math.abs(clock.now() - Date.now())).toBeLessThan(50);
    await new Promise<void>((resolve) => clock.at(clock.now() + 20, resolve));
    await clock.advance(3_600_000);
    expect(clock.now() - Date.now()).toBeGreaterThanOrEqual(3_600_000);
  });

  it('is shared with the threads that are started after it', async () => {
    const clock = movableClock(settle);
    const script = `const { getEnvironmentData, parentPort } = require('node:worker_threads');
      const offset = getEnvironmentData('signalbox.clock_offset');
      parentPort.on('message', () => parentPort.postMessage(Number(Atomics.load(offset, 0))));`;
    const worker = new Worker(script, { eval: true });
    await clock.advance(60_000);
    const seen = await new Promise((resolve) => {
      worker.on('message', resolve);
      worker.postMessage('?');
    });
    // Real time that passed during the step is part of it: the offset is what is left, and the same on both sides.
    expect(seen).toBeGreaterThan(59_000);
    expect(Math.abs(clock.now() - Date.now() - Number(seen))).toBeLessThanOrEqual(1);
    await worker.terminate();
  });

  it('rings alarms in the order of their times, and those that they set, before it answers', async () => {
    const clock = movableClock(settle);
    const start = clock.now();
    const rung: [string, number][] = [];
    const note = (name: string) => rung.push([name, Math.round((clock.now() - start) / 1000)]);
    clock.at(start + 60_000, () => note('b'));
    clock.at(start + 10_000, () => {
      note('a');
      setImmediate(() => clock.at(clock.now() + 20_000, () => note('a2')));
    });
    clock.at(start + 600_000, () => note('later'));
    clock.at(start + 5_000, () => note('cancelled'))();
    await clock.advance(120_000);
    expect(rung).toEqual([
      ['a', 10],
      ['a2', 30],
      ['b', 60],
    ]);
  });
});
