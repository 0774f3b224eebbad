// `npm run bench -- parked`: a bot has been down for long; a million deliveries wait for it and a hundred thousand conversations
// are open. What does the start of the real program take, what does it hold in memory, how long does a page of what waits take?
// The one thing to know: a page is what a lane claims at once, as the engine asks for it; commits wait behind it.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LIMITS } from '../src/engine/settings.ts';
import { fillMany } from '../src/store/sqlite/fixtures/many.ts';
import { sleep } from '../test/parties/call.ts';
import { park } from './fill.ts';
import { atMost, type Goal } from './goals.ts';
import { openCore } from './houses.ts';
import { median, rss } from './machine.ts';
import { startMock } from './mocks.ts';
import { introduce, startSignalbox } from './subjects.ts';
import { shown } from './table.ts';
import { TOKEN } from './token.ts';

const PARKED = 1_000_000;
const SIZE = { threads: 100_000, messages: 300_000 };
const STARTS = 5;
const IDLE_MS = 3_000;
const GOALS = { claimMs: 5, rssMb: 512, startS: 1 };

/** Settings of a real house, then everything else by SQL. */
async function build(data: string): Promise<{ botId: string; key: string }> {
  const bot = await startMock('bot.ts');
  try {
    const started = await startSignalbox('parked', { data });
    const on = { channel: 'http', config: { url: `http://127.0.0.1:${bot.port}/out` } };
    await introduce(started, `http://127.0.0.1:${bot.port}/parked`, on, TOKEN);
    const idOf = async (kind: string): Promise<string> => {
      const { data: rows } = (await started.api(`GET /${kind}`)) as unknown as { data: { id: string }[] };
      return rows[0]?.id ?? '';
    };
    const [assetId, botId, serviceId] = [await idOf('assets'), await idOf('bots'), await idOf('services')];
    await started.subject.stop();
    const file = join(data, 'signalbox.db');
    fillMany(file, { assetId, botId, serviceId }, Date.now(), SIZE);
    park(file, botId, PARKED, SIZE);
    return { botId, key: started.key };
  } finally {
    bot.child.disconnect();
  }
}

/** Every page of what waits for the bot, timed, in commit order. */
function claims(data: string, botId: string): number[] {
  const core = openCore(join(data, 'signalbox.db'));
  const times: number[] = [];
  let found = 0;
  for (let after = 0; ; ) {
    const from = performance.now();
    const page = core.pendingPage({ type: 'bot', id: botId }, 'main', after, LIMITS.page);
    times.push(performance.now() - from);
    found += page.filter(({ message, thread }) => message !== null && thread !== null).length;
    if (page.length < LIMITS.page) break;
    after = page.at(-1)?.delivery.ord ?? Number.POSITIVE_INFINITY;
  }
  core.close();
  if (found !== PARKED) throw new Error(`${found} of ${PARKED} that wait were found with their words`);
  return times.sort((a, b) => a - b);
}

/** How long the starts of the program take on this folder, or on nothing; memory of the last after it has been idle. */
async function starts(place: { data: string; key: string } | undefined): Promise<{ readyMs: number; rssMb: number }> {
  const ready: number[] = [];
  for (;;) {
    const { subject, readyMs, api } = await startSignalbox('parked', place);
    ready.push(readyMs);
    const isLast = ready.length === STARTS;
    if (isLast) await sleep(IDLE_MS);
    const rssMb = rss(subject.pids[0] ?? 0);
    const { promises } = (await api('GET /overview')) as unknown as { promises: { parked: number } };
    await subject.stop();
    if (promises.parked !== (place ? PARKED : 0))
      throw new Error(`the program says that ${promises.parked} are parked`);
    if (isLast) return { readyMs: median(ready), rssMb };
  }
}

export async function parked(): Promise<Goal[]> {
  const data = mkdtempSync(join(tmpdir(), 'signalbox-parked-'));
  try {
    const empty = await starts(undefined);
    const { botId, key } = await build(data);
    const { readyMs, rssMb } = await starts({ data, key });
    const times = claims(data, botId);
    const at = (share: number): number => times[Math.floor(times.length * share)] ?? Number.NaN;
    const open = SIZE.threads;
    console.log(
      `${PARKED} deliveries wait for a bot that is down, ${open} conversations are open, medians of ${STARTS} starts`,
    );
    console.log(`ready in ${shown(readyMs, 0)} ms, with nothing stored in ${shown(empty.readyMs, 0)} ms`);
    console.log(
      `${times.length} claims of ${LIMITS.page}: p50 ${shown(at(0.5), 2)} ms, max ${shown(times.at(-1) ?? 0, 2)} ms`,
    );
    return [
      atMost(`claim of ${LIMITS.page} parked deliveries, p99`, at(0.99), GOALS.claimMs, 'ms'),
      atMost('memory with all of it waiting', rssMb, GOALS.rssMb, 'MB'),
      atMost('ready with all of it waiting', readyMs / 1_000, GOALS.startS, 's'),
    ];
  } finally {
    rmSync(data, { recursive: true, force: true });
  }
}
