// Every reader of what strangers write, asked hostile things, in short; and that the asking would see what it looks for.
// The one thing to know: the seed is in the test's name; `npm run prove -- parsers --seed N` asks the same again, and more.
import { describe, expect, it } from 'vitest';
import { SEED } from './parties/seed.ts';
import { askReaders } from './prove/parsers.ts';
import type { Reader } from './prove/parsers-reader.ts';

const INPUTS = 20_000;
const MINUTES_MS = 120_000;

/** A reader of JSON that does what none may. */
const faulty = (read: (value: Record<string, unknown>) => unknown): Reader => ({
  name: 'faulty',
  form: 'json',
  samples: [Buffer.from('{"name":"a","list":[1,2,{"deep":"b"}]}')],
  ask: (bytes) => () => {
    try {
      JSON.parse(bytes.toString('utf8'));
    } catch {
      return null;
    }
    return read(JSON.parse(bytes.toString('utf8')));
  },
  judge: () => ({ taken: true, fault: '' }),
});
const asked = (reader: Reader) => askReaders({ times: 2_000, seed: SEED }, undefined, [reader]);

describe(`By chance, with the seed ${SEED}`, () => {
  it(`${INPUTS} hostile inputs to every reader are taken or refused`, { timeout: MINUTES_MS }, async () => {
    const { readers, asked, taken, faults } = await askReaders({ times: INPUTS, seed: SEED });
    expect(faults).toEqual([]);
    expect(readers).toBeGreaterThan(60);
    expect(asked).toBe(INPUTS);
    expect(taken).toBeGreaterThan(INPUTS / 8);
  });

  it('the same number of the same seed is the same input', async () => {
    const thrower = faulty(() => {
      throw new Error('no');
    });
    const [first = ''] = (await asked(thrower)).faults;
    const path = /--path (\d+)/.exec(first)?.[1];
    expect((await askReaders({ times: 1, seed: SEED, path }, undefined, [thrower])).faults).toEqual([first]);
  });
});

describe('It is seen', () => {
  it('when a reader throws', async () => {
    const found = await asked(faulty(({ name }) => (name as string).length));
    expect(found.faults.join()).toContain('threw TypeError');
  });

  it('when a reader is slow', async () => {
    const slow = faulty((value) => {
      for (const end = performance.now() + (value?.name === 'a' ? 0 : 60); performance.now() < end; );
    });
    const found = await askReaders({ times: 20, seed: SEED }, undefined, [slow]);
    expect(found.faults.join()).toMatch(/took \d+ ms/);
    expect(found.slowestMs).toBeGreaterThan(50);
  });

  it('when what comes out has a prototype that somebody chose', async () => {
    const found = await asked(
      faulty((value) => {
        const out: Record<string, unknown> = {};
        for (const [name, inner] of Object.entries(value ?? {})) out[name] = inner;
        return out;
      }),
    );
    expect(found.faults.join()).toContain('prototype');
  });

  it('when a reader changes a prototype', async () => {
    const polluting = faulty(() =>
      Object.defineProperty(Object.prototype, 'polluted', { value: 1, configurable: true }),
    );
    await expect(asked(polluting)).rejects.toThrow('faulty changed a prototype');
    Reflect.deleteProperty(Object.prototype, 'polluted');
  });
});
