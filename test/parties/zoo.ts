// The bot zoo: every animal, and the keeper of those that listen, a process of its own so that their floods and drips do
// not slow the one that is watched. Not here: what is made of their answers (test/prove/zoo.ts), the animals themselves
// (zoo-wire.ts, zoo-answers.ts, zoo-places.ts; the older ones stand beside the client, in src/net/fixtures).
// The one thing to know: an animal's `expected` is what the bot's adapter must say of it, one for each POST in a row.
import { type ChildProcess, fork } from 'node:child_process';
import type { TlsOptions } from 'node:tls';
import { ANIMALS } from '../../src/net/fixtures/animals.ts';
import type { Behaviour } from '../../src/net/fixtures/servers.ts';
import { ANSWERS } from './zoo-answers.ts';
import { PLACES } from './zoo-places.ts';
import { WIRES } from './zoo-wire.ts';

/** `reason`: more than one where two ends are a race and each is honest. `retryAfterS` null: it must not be there. */
export type Expected = {
  result: 'ok' | 'retry';
  reason: string | string[];
  sent?: 'no' | 'maybe';
  retryAfterS?: number | null;
  gone?: true;
  /** how many of the events in its answer can be read, and how many cannot */
  events?: [good: number, bad: number];
};
export type Animal = {
  name: string;
  expected: Expected[];
  /** absent: nothing listens */
  server?: Behaviour;
  tls?: TlsOptions;
  /** the kernel drops what knocks; `server` then listens at the same port of 127.0.0.2 */
  stuck?: true;
  /** its URL has this name, `*` a new one each time, and the name server says this of it, after so long */
  host?: string;
  names?: { addresses?: string[]; code?: string; afterMs?: number };
  /** how long the customer's text is */
  textBytes?: number;
  /** how many may be asked at once, when not as many as all others */
  atOnce?: number;
};

const TOKENLESS: Expected = { result: 'retry', reason: 'token_missing' };
const BY_STATUS: Record<number, Expected> = {
  410: { result: 'retry', reason: 'gone', gone: true },
  429: { result: 'retry', reason: 'throttled', retryAfterS: 7 },
  500: { result: 'retry', reason: 'server_error', retryAfterS: null },
};
/** Within five seconds, and seen from a busy process, some of the older ones end otherwise than within a fifth of one. */
const IN_FIVE_SECONDS: Record<string, Expected> = {
  // It completes its answer, and drips on: whoever uses the connection again comes into the middle of the next one.
  'drips its head': { ...TOKENLESS, reason: ['token_missing', 'bad_answer', 'closed'] },
  'drips interim answers': { result: 'retry', reason: 'bad_answer', sent: 'maybe' },
  // Data and a reset that are read together are told to Node as data and a proper end.
  'resets in the middle of its body': { result: 'retry', reason: ['reset', 'closed'], sent: 'maybe' },
  'resets a body whose end is the end of the connection': { result: 'retry', reason: ['reset', 'token_missing'] },
};
const older = ANIMALS.map(([name, server, seen]): Animal => {
  const other = IN_FIVE_SECONDS[name];
  if (other !== undefined) return { name, server, expected: [other] };
  const failed = seen.ok ? (BY_STATUS[seen.status ?? 200] ?? TOKENLESS) : null;
  const { reason, sent } = seen.ok ? { reason: '', sent: undefined } : seen;
  return { name, server, expected: [failed ?? { result: 'retry', reason, ...(sent ? { sent } : {}) }] };
});

export const ZOO: Animal[] = [...older, ...WIRES, ...ANSWERS, ...PLACES];

/** What the keeper tells: where each listens, and, as often as it is asked, how many followed a redirect to its bait. */
export type Told = { ports: number[] } | { baited: number };
export type Keeper = { ports: number[]; baited(): Promise<number>; close(): Promise<void> };

/** Starts the process in which all of them listen. */
export async function openZoo(): Promise<Keeper> {
  const child = fork(new URL('./zoo-keeper.ts', import.meta.url), {
    execArgv: ['--import', import.meta.resolve('tsx')],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const first = await said(child);
  if (!('ports' in first)) throw new Error('the keeper began with something else');
  return {
    ports: first.ports,
    async baited() {
      const next = said(child);
      child.send('baited?');
      const told = await next;
      if (!('baited' in told)) throw new Error('the keeper said something else');
      return told.baited;
    },
    async close() {
      const over = new Promise((resolve) => child.once('exit', resolve));
      child.disconnect();
      await over;
    },
  };
}

function said(child: ChildProcess): Promise<Told> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null) => reject(new Error(`the keeper ended with ${code}`));
    child.once('exit', ended);
    child.once('message', (message) => {
      child.off('exit', ended);
      resolve(message as Told);
    });
  });
}
