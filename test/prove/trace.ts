// Proof by what the program asked of the system: whoever got a 2xx, their words had been written to the journal and
// synced to the disk before the first byte of that answer left.
// Not here: the journal itself. The one thing to know: strace writes down every call in the order in which the system
// took it, with its bytes; a word is followed by its own mark through the socket, the journal, the sync and the answer.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBox } from '../parties/box.ts';
import { until } from '../parties/call.ts';
import { makeWorld } from '../parties/world.ts';

export type Traced = {
  /** words whose way was followed from end to end */
  followed: number;
  /** answered before they were synced, or without */
  early: string[];
  /** how many would have been found so, had the trace no syncs: all of them, or this proof proves nothing */
  earlyWithoutSyncs: number;
  /** calls that synced the journal */
  syncs: number;
};

/** A page of the journal is written in one piece. */
const BYTES_SHOWN = 4_200;
const CALLS = 'read,write,writev,pwrite64,fdatasync,fsync';
/** How many are on their way at once: some share a sync. */
const AT_ONCE = 8;

/** One call, begun at a line of the trace and ended at another. */
type Call = { name: string; file: string; data: string; begun: number; ended: number };

/** `123 pwrite64(21</data/x.db-wal>, "…", 4096, 0) = 4096`, whole or in two halves. */
function callsOf(trace: string): Call[] {
  const calls: Call[] = [];
  const open = new Map<string, Call>();
  for (const [line, text] of trace.split('\n').entries()) {
    const resumed = /^(\d+) +<\.\.\. (\w+) resumed>/.exec(text);
    if (resumed) {
      const call = open.get(resumed[1] as string);
      if (call) {
        call.ended = line;
        // What was read is shown when it has been read.
        if (call.name === 'read') call.data += text;
      }
      open.delete(resumed[1] as string);
      continue;
    }
    const [, pid, name, file, rest] = /^(\d+) +(\w+)\(\d+<([^>]*)>(.*)$/s.exec(text) ?? [];
    if (pid === undefined || name === undefined) continue;
    const call: Call = { name, file: file ?? '', data: rest ?? '', begun: line, ended: line };
    calls.push(call);
    if (text.endsWith('<unfinished ...>')) open.set(pid, call);
  }
  return calls;
}

const isJournal = ({ file }: Call): boolean => file.endsWith('-wal');
const isSync = (call: Call): boolean => /sync$/.test(call.name) && isJournal(call);

/** '' or what was wrong with the way of one word. */
function faultOf(mark: string, calls: readonly Call[]): string {
  const asked = calls.find(
    (call) => call.name === 'read' && call.file.startsWith('socket') && call.data.includes(mark),
  );
  if (!asked) return `${mark}: was never read`;
  const isAnswer = (call: Call): boolean =>
    call.file === asked.file &&
    call.begun > asked.ended &&
    /^writev?$/.test(call.name) &&
    call.data.includes('HTTP/1.1 ');
  const answer = calls.find(isAnswer);
  if (!answer?.data.includes('HTTP/1.1 202')) return `${mark}: was not answered 202`;
  const written = calls.find((call) => call.name === 'pwrite64' && isJournal(call) && call.data.includes(mark));
  if (!written || written.ended > answer.begun) return `${mark}: was answered before it was written`;
  const covers = (call: Call): boolean => isSync(call) && call.begun > written.ended && call.ended < answer.begun;
  return calls.some(covers) ? '' : `${mark}: was answered before it was synced`;
}

export async function everyAnswerAfterItsSync({ times }: { times: number }): Promise<Traced> {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-trace-'));
  const file = join(folder, 'trace');
  const through = ['strace', '-D', '-f', '-qq', '-y', '-s', String(BYTES_SHOWN), '-e', `trace=${CALLS}`, '-o', file];
  const box = await startBox({ through });
  const marks: string[] = [];
  try {
    const world = await makeWorld(box, { rule: 'bot', bot: { max_per_minute: 10_000 } });
    let next = 0;
    const speak = async (): Promise<void> => {
      for (; next < times; ) {
        const mark = `mark-${++next}-of-a-word.`;
        const address = world.newcomer();
        await world.says(address, mark);
        const post = await until('the bot hears it', () => world.bot.heard(address)[0]);
        const answer = `mark-${next}-${address}-of-an-answer.`;
        await world.replies(post.body.Conversationid, answer);
        marks.push(mark, answer);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, speak));
    await world.close();
    await box.stop();
    const calls = callsOf(readFileSync(file, 'utf8'));
    const withoutSyncs = calls.filter((call) => !isSync(call));
    const faults = (of: readonly Call[]): string[] =>
      marks.map((mark) => faultOf(mark, of)).filter((fault) => fault !== '');
    return {
      followed: marks.length,
      early: faults(calls),
      earlyWithoutSyncs: faults(withoutSyncs).length,
      syncs: calls.length - withoutSyncs.length,
    };
  } finally {
    await box.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
