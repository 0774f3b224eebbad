// Proof: the power goes. The database's files are made anew from what the program wrote until an instant: what was synced
// is there; of what was not, pieces are, in any order, some torn. The program then starts on them, and every word that had
// been acknowledged by that instant is there.
// Not here: directories and renames (the files of a database are made once, at the first start). The one thing to know: the
// trace has every write with its bytes, so that one run gives as many power cuts as one likes.
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { startBox } from '../parties/box.ts';
import type { Loose } from '../parties/call.ts';
import { answerOf, type Call, isSync } from './calls.ts';
import { chance } from './chance.ts';
import { type Talk, talkTraced } from './talk.ts';

export type PowerCut = {
  cuts: number;
  /** words acknowledged before a cut, over all cuts */
  promised: number;
  /** of them: not there afterwards */
  lost: string[];
  /** writes that a cut threw away, wholly or in part */
  dropped: number;
};

const WORDS = 25;
const isDatabase = (file: string): boolean => /\.db(-wal)?$/.test(file);

/** What one write or truncation did to a file. */
function act(file: Buffer, call: Call, share: number): Buffer {
  if (call.name === 'ftruncate') {
    const length = Number(/^, (\d+)/.exec(call.data)?.[1] ?? 0);
    return length <= file.length ? file.subarray(0, length) : Buffer.concat([file, Buffer.alloc(length - file.length)]);
  }
  const [, hex = '', at = '0'] = /^, "((?:\\x[0-9a-f]{2})*)"(?:\.\.\.)?, \d+, (\d+)/.exec(call.data) ?? [];
  const whole = Buffer.from(hex.replaceAll('\\x', ''), 'hex');
  const bytes = whole.subarray(0, Math.floor(whole.length * share));
  const from = Number(at);
  const grown = Buffer.alloc(Math.max(file.length, from + bytes.length));
  file.copy(grown);
  bytes.copy(grown, from);
  return grown;
}

/** The database's files as a power cut at a line of the trace leaves them. */
function filesAt(
  calls: readonly Call[],
  line: number,
  random: () => number,
): { files: Map<string, Buffer>; dropped: number } {
  const files = new Map<string, Buffer>();
  const waiting = new Map<string, Call[]>();
  let dropped = 0;
  const put = (call: Call, share = 1): void => {
    files.set(call.file, act(files.get(call.file) ?? Buffer.alloc(0), call, share));
  };
  for (const call of calls) {
    if (!isDatabase(call.file) || call.begun >= line) continue;
    const mine = waiting.get(call.file) ?? [];
    if (call.name === 'pwrite64' || call.name === 'ftruncate') waiting.set(call.file, [...mine, call]);
    else if (isSync(call) && call.ended < line) {
      for (const each of mine) put(each);
      waiting.set(call.file, []);
    }
  }
  for (const call of [...waiting.values()].flat().sort(() => random() - 0.5)) {
    const fate = random();
    // A third is lost, a third is there, a third is torn.
    if (fate > 1 / 3) put(call, fate > 2 / 3 ? 1 : random());
    if (fate <= 2 / 3) dropped += 1;
  }
  return { files, dropped };
}

/** Everything that was said, as the program tells it when it is started on these files. */
async function saidOn(files: Map<string, Buffer>, data: string): Promise<Set<string>> {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-power-'));
  cpSync(data, folder, { recursive: true });
  for (const name of readdirSync(folder)) if (/\.db/.test(name)) rmSync(join(folder, name));
  for (const [path, bytes] of files) writeFileSync(join(folder, basename(path)), bytes);
  const said = new Set<string>();
  const box = await startBox({ data: folder });
  try {
    let after = '';
    do {
      const page = await box.must('GET', `/threads?limit=100${after}`);
      for (const { id } of page.data) {
        const { data: items } = await box.must('GET', `/threads/${id}/timeline?limit=100`);
        for (const item of items as Loose[]) if (item.message) said.add(item.message.text);
      }
      after = page.next_cursor ? `&after=${encodeURIComponent(page.next_cursor)}` : '';
    } while (after);
    return said;
  } finally {
    await box.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function cutsOf({ marks, calls, data }: Talk, times: number, random: () => number, tell: (done: number) => void) {
  const answered = marks.map((mark) => ({ mark, at: answerOf(mark, calls)?.begun ?? Number.POSITIVE_INFINITY }));
  const first = Math.min(...answered.map(({ at }) => at));
  const last = Math.max(...calls.map(({ begun }) => begun));
  const found: PowerCut = { cuts: times, promised: 0, lost: [], dropped: 0 };
  for (let cut = 1; cut <= times; cut++) {
    const line = Math.floor(first + random() * (last - first));
    const { files, dropped } = filesAt(calls, line, random);
    found.dropped += dropped;
    const said = await saidOn(files, data);
    const promised = answered.filter(({ at }) => at < line).map(({ mark }) => mark);
    found.promised += promised.length;
    found.lost.push(...promised.filter((mark) => !said.has(mark)).map((mark) => `${mark} at line ${line}`));
    tell(cut);
  }
  return found;
}

export const powerCuts = (
  { times, seed }: { times: number; seed: number },
  tell: (done: number) => void = () => undefined,
): Promise<PowerCut> => talkTraced(WORDS, (talk) => cutsOf(talk, times, chance(seed), tell));
