// A trace of system calls, read: strace writes down every call in the order in which the system took it, with its bytes.
// Not here: what is concluded (trace.ts, power.ts). The one thing to know: with several threads a call may stand in two
// halves; it began at the line of the first and ended at that of the second.
import { readFileSync } from 'node:fs';

/** A page of the journal is written in one piece. */
const BYTES_SHOWN = 4_200;
const CALLS = 'read,write,writev,pwrite64,ftruncate,fdatasync,fsync';

/** One call, begun at a line of the trace and ended at another. `data`: its bytes as `\xhh`, and what follows them. */
export type Call = { name: string; file: string; data: string; begun: number; ended: number };

/** The program that runs another one and traces it into a file; it is not the other one's parent, so that signals reach that. */
export const tracer = (file: string): string[] => [
  ...['strace', '-D', '-f', '-qq', '-y', '-xx', '-s', String(BYTES_SHOWN), '-e', `trace=${CALLS}`, '-o', file],
];

/** Words as they stand in a trace. */
export const traced = (words: string): string =>
  [...Buffer.from(words)].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('');

/** `123 pwrite64(21</data/x.db-wal>, "…", 4096, 0) = 4096`, whole or in two halves. */
export function callsIn(file: string): Call[] {
  const calls: Call[] = [];
  const open = new Map<string, Call>();
  for (const [line, text] of readFileSync(file, 'utf8').split('\n').entries()) {
    const resumed = /^(\d+) +<\.\.\. \w+ resumed>/.exec(text);
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
    const [, pid, name, path, rest] = /^(\d+) +(\w+)\(\d+<([^>]*)>(.*)$/s.exec(text) ?? [];
    if (pid === undefined || name === undefined) continue;
    const call: Call = { name, file: words(path ?? ''), data: rest ?? '', begun: line, ended: line };
    calls.push(call);
    if (text.endsWith('<unfinished ...>')) {
      // Until it is heard of again, it has not ended.
      call.ended = Number.POSITIVE_INFINITY;
      open.set(pid, call);
    }
  }
  return calls;
}

/** With -xx paths are written as bytes too. */
function words(path: string): string {
  if (!path.startsWith('\\x')) return path;
  return Buffer.from(path.replaceAll('\\x', ''), 'hex').toString();
}

export const isJournal = ({ file }: Call): boolean => file.endsWith('-wal');
export const isSync = ({ name }: Call): boolean => /sync$/.test(name);

/** Where a word was asked, and where its 202 began to leave; undefined: it was not, or was answered otherwise. */
export function answerOf(mark: string, calls: readonly Call[]): Call | undefined {
  const asked = calls.find(
    (call) => call.name === 'read' && call.file.startsWith('socket') && call.data.includes(traced(mark)),
  );
  if (!asked) return undefined;
  const isAnswer = (call: Call): boolean =>
    call.file === asked.file &&
    call.begun > asked.ended &&
    /^writev?$/.test(call.name) &&
    call.data.includes(traced('HTTP/1.1 '));
  const answer = calls.find(isAnswer);
  return answer?.data.includes(traced('HTTP/1.1 202')) ? answer : undefined;
}
