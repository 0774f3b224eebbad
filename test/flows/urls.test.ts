// Hostile URLs in short: all of them at every door of the whole program, and a name server that flips 200 times.
// `npm run prove -- urls` flips it 10,000 times. The one thing to know: every connection that is begun is seen, and what
// does not lead to this machine ends in a trap on it, so that no fault of ours reaches anybody.
import { describe, expect, it } from 'vitest';
import { readAddress, whyNotPublic } from '../../src/net/address.ts';
import type { LookupFn } from '../../src/net/client.ts';
import { call } from '../parties/call.ts';
import { SEED } from '../parties/seed.ts';
import { knockEverywhere } from '../prove/urls.ts';
import { DOORS } from '../prove/urls-doors.ts';
import { flipNames, type Way } from '../prove/urls-flips.ts';

const FLIPS = 200;
const LONG_MS = 600_000;

describe(`Hostile URLs, with the seed ${SEED}`, () => {
  it('are refused at every door, no packet leaves for where they lead, and what may be reached is', {
    timeout: LONG_MS,
  }, async () => {
    const { vectors, knocks, faults } = await knockEverywhere({ seed: SEED });
    expect(faults).toEqual([]);
    expect(vectors).toBeGreaterThanOrEqual(160);
    expect(knocks).toBe(vectors * DOORS.length);
  });

  it('would be seen: where the trap is listed, the proof finds who opened and what was dialled', {
    timeout: LONG_MS,
  }, async () => {
    const planted = { urls: ['https://127.0.0.1:{port}/', 'https://loopback.test:{port}/'], allow: '127.0.0.1/32' };
    const { faults } = await knockEverywhere({ seed: SEED, planted });
    const text = faults.join('\n');
    for (const door of ['a bot', 'a desk that is tried', 'a provider', 'a rule', 'a medium of a provider']) {
      expect(text).toContain(`${door} refused 0 only`);
    }
    expect(text).toMatch(/a connection to 127\.0\.0\.1:\d+ was begun/);
    expect(text).toMatch(/the trap caught \d+/);
  });
});

describe(`A name server that flips, with the seed ${SEED}`, () => {
  it(`${FLIPS} times leads nobody but to what is public or listed`, { timeout: LONG_MS }, async () => {
    const { flips, reached, refused, faults } = await flipNames({ times: FLIPS, seed: SEED });
    expect(faults).toEqual([]);
    expect(flips).toBe(FLIPS);
    expect(Math.min(reached, refused)).toBeGreaterThan(FLIPS / 10);
  });

  it('fools a client that looks twice, once to judge and once to connect, and the proof says so', {
    timeout: LONG_MS,
  }, async () => {
    const twice = (lookup: LookupFn): Way => {
      const reach = async (url: string): Promise<boolean> => {
        const { hostname, port } = new URL(url);
        const ask = async () =>
          (await lookup(hostname).catch(() => [])).map(({ address }) => readAddress(address) && address);
        const judged = await ask();
        const open = (address: string | null) => address !== null && whyNotPublic(readAddress(address) ?? []) === null;
        if (judged.length === 0 || !judged.every(open)) return false;
        const [address] = await ask();
        if (!address) return false;
        const at = address.includes(':') ? `[${address}]` : address;
        return call('POST', `http://${at}:${port}/`, { body: '{}' }).then(
          () => true,
          () => false,
        );
      };
      return {
        send: async ({ url }) => ({ ok: await reach(url) }),
        download: async ({ url }) => {
          await reach(url);
          return { ok: false, reason: 'closed', detail: 'It keeps nothing.' };
        },
      };
    };
    const { faults } = await flipNames({ times: FLIPS, seed: SEED, way: twice });
    expect(faults.filter((fault) => fault.includes('dialled')).length).toBeGreaterThan(0);
  });
});
