// A tracer that joins the running program and lets its n-th system call of a kind fail, or kills it right before that call.
// Not here: which calls (points.ts, disk.ts). The one thing to know: calls are counted for each thread by itself, from the
// moment at which the tracer has joined.
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { until } from '../parties/call.ts';

/** Everything that the program tells the disk or the network, and what it hears. */
export const CALLS = ['read', 'write', 'writev', 'connect', 'pwrite64', 'ftruncate', 'fdatasync', 'fsync', 'unlink'];

export type Tracer = {
  /** the program has ended, or the tracer was sent away */
  gone(): boolean;
  /** lets the program go on by itself */
  leave(): Promise<void>;
};

const ended = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode !== null || signalCode !== null;

/** A tracer may wait for ever for the threads of a program that it has killed; nothing is left to be detached then. */
const LEAVES_WITHIN_MS = 2_000;

/** Killed, though its parent or its tracer may not have noticed yet. */
function dead(pid: number): boolean {
  try {
    return / Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return true;
  }
}

/** Where only root may trace what it has not started itself, and root is to be had without a password. */
const COMMANDS = [['strace'], ['sudo', '-n', 'strace']];

/** `what`: strace's own arguments. `file`: where it writes what it saw. */
export async function join(pid: number, what: string[], file: string): Promise<Tracer> {
  let said = '';
  for (const [program, ...before] of COMMANDS) {
    const tracer = spawn(program as string, [...before, '-f', '-y', '-p', String(pid), '-o', file, ...what], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    said = '';
    tracer.once('error', (error) => (said += error.message));
    tracer.stderr.on('data', (chunk) => (said += chunk));
    await until(
      'the tracer joins or gives up',
      () => said.includes('attached') || tracer.pid === undefined || ended(tracer),
    );
    if (!said.includes(' attached')) continue;
    return {
      gone: () => ended(tracer) || dead(pid),
      leave: async () => {
        tracer.kill('SIGTERM');
        await until('the tracer leaves', () => ended(tracer), LEAVES_WITHIN_MS).catch(() => tracer.kill('SIGKILL'));
      },
    };
  }
  throw new Error(`nothing can be injected: ${said.trim()}`);
}

/** One call as a place in a trace: `which` is its number among the calls of its name in its thread. */
export type Place = { thread: string; call: string; which: number; file: string };

const IDLE = /eventfd|pipe:|\/dev\/(null|urandom)/;

/** The calls of a trace in their order, without those by which a program only wakes itself. */
export function placesIn(file: string): Place[] {
  const counts = new Map<string, number>();
  const places: Place[] = [];
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const [, thread, call, at] = /^(\d+) +(\w+)\((?:\d+<([^>]*)|"([^"]*))?/.exec(line) ?? [];
    if (thread === undefined || call === undefined) continue;
    const which = (counts.get(`${thread} ${call}`) ?? 0) + 1;
    counts.set(`${thread} ${call}`, which);
    if (!IDLE.test(at ?? '')) places.push({ thread, call, which, file: kindOf(at ?? '') });
  }
  return places;
}

function kindOf(path: string): string {
  if (/^(socket|TCP)/.test(path)) return 'socket';
  return path.slice(path.lastIndexOf('/') + 1);
}
