import { describe, expect, it } from 'vitest';
import { backoff } from './backoff.ts';
import { eventReader, type ServerEvent } from './sse.ts';
import { keepStream, type StreamPorts } from './stream.ts';

const TEXT = ': hello\r\n\r\nevent: ready\ndata: {"a":1}\n\nid: 7\ndata: one\ndata: two\n\nevent: x\n\ndata:ü\r\n\r\n';
const EVENTS: ServerEvent[] = [
  { id: null, event: 'ready', data: '{"a":1}' },
  { id: '7', event: 'message', data: 'one\ntwo' },
  { id: null, event: 'message', data: 'ü' },
];

describe('The reader of events', () => {
  it('reads the same wherever the text is cut', () => {
    for (let at = 0; at <= TEXT.length; at += 1) {
      const read = eventReader();
      expect([...read(TEXT.slice(0, at)), ...read(TEXT.slice(at))]).toEqual(EVENTS);
    }
    const read = eventReader();
    expect([...TEXT].flatMap((letter) => read(letter))).toEqual(EVENTS);
  });

  it('gives up on an event without an end', () => {
    const read = eventReader();
    expect(() => {
      for (let index = 0; index < 20; index += 1) read('x'.repeat(100_000));
    }).toThrow('too long');
  });
});

describe('The backoff', () => {
  it('grows to its limit and is spread', () => {
    const least = Array.from({ length: 12 }, (_, attempt) => backoff(attempt, () => 0));
    expect(least).toEqual([250, 500, 1000, 2000, 4000, 8000, 10_000, 10_000, 10_000, 10_000, 10_000, 10_000]);
    expect(backoff(99, () => 1)).toBe(20_000);
  });
});

/** What it does while the server answers so, one answer after the other; then it is stopped. */
async function run(answers: (() => Promise<Response>)[], renews = true) {
  const seen = { events: [] as string[], links: [] as boolean[], forgot: [] as boolean[], pauses: [] as number[] };
  await new Promise<void>((resolve) => {
    const ports: StreamPorts = {
      open: () => (answers.shift() ?? (() => new Promise<Response>(() => resolve())))(),
      event: (event) => seen.events.push(event.event),
      link: (live) => seen.links.push(live),
      renew: async (forget) => {
        seen.forgot.push(forget);
        return renews;
      },
      pause: async (ms) => {
        seen.pauses.push(ms);
      },
      now: () => 0,
      random: () => 1,
    };
    const stream = keepStream(ports);
    setTimeout(() => {
      stream.stop();
      resolve();
    }, 50);
  });
  return seen;
}
const says = (text: string) => async (): Promise<Response> => new Response(text);
const READY = 'event: ready\ndata: {}\n\n';

describe('The stream', () => {
  it('comes back after each end, later each time', async () => {
    const seen = await run([says(READY), says(READY), async () => Promise.reject(new Error('no network'))]);
    expect(seen.events).toEqual(['ready', 'ready']);
    expect(seen.links).toEqual([true, false, true, false, false]);
    expect(seen.pauses).toEqual([500, 1000, 2000]);
  });

  it('asks for a new token when its own is not taken, and goes on without a pause', async () => {
    const seen = await run([async () => new Response('', { status: 401 }), says(READY)]);
    expect(seen.forgot).toEqual([false]);
    expect(seen.events).toEqual(['ready']);
  });

  it('forgets the customer when the server has', async () => {
    const seen = await run([says(`${READY}event: bye\ndata: {"reason":"gone"}\n\n`)]);
    expect(seen.forgot).toEqual([true]);
  });

  it('does not quarrel with another stream that took its place', async () => {
    const seen = await run([says(`${READY}event: bye\ndata: {"reason":"replaced"}\n\n`)]);
    expect(seen.pauses[0]).toBeGreaterThanOrEqual(60_000);
  });
});
