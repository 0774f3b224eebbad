// `npx tsx bench/whatsapp.ts`: what WhatsApp asks of a callback. 300 customers' messages a second, each answered by the bot,
// and three statuses for every answer; how long does Meta wait for its 200? `--together`: statuses ride with the next message.
// Needs `npm run build` first.
// The one thing to know: a number depends on the machine and its neighbours, so a missed goal is told and fails nothing.
import { parseArgs } from 'node:util';
import { sleep } from '../test/parties/call.ts';
import { cpuSeconds, cpuTimes, load, rss, stolenPercent, syncCost } from './machine.ts';
import type { MetaResult, Timed } from './meta.ts';
import { startMock } from './mocks.ts';
import { introduce, startSignalbox } from './subjects.ts';
import { TOKEN } from './token.ts';

const GOAL = { p50: 10, p99: 100 };
const WARMUP_MS = 15_000;
const { values: flags } = parseArgs({
  options: { rate: { type: 'string' }, seconds: { type: 'string' }, together: { type: 'boolean', default: false } },
});
const RATE = Math.min(2_000, Math.max(1, Number(flags.rate ?? 300)));
const SECONDS = Math.min(60, Math.max(1, Number(flags.seconds ?? 10)));
const NUMBER = '100200300400500';
const SECRET = 'bench-app-secret';

const shown = (value: number, digits = 1): string => (Number.isFinite(value) ? value.toFixed(digits) : '-');
const row = (name: string, { count, perSecond, p50, p99, max }: Timed): string =>
  [
    name.padEnd(12),
    `${count}`.padStart(8),
    `${shown(perSecond, 0)}/s`.padStart(9),
    ...[p50, p99, max].map((value) => `${shown(value, 2)} ms`.padStart(12)),
  ].join('');

const sync = syncCost();
console.log(`node ${process.version}, synced 4 KiB write p50 ${shown(sync.p50, 2)} ms p99 ${shown(sync.p99, 2)} ms`);
const started = await startSignalbox();
const pid = started.subject.pids[0] ?? 0;
const [bot, meta] = await Promise.all([startMock('bot.ts'), startMock('meta.ts')]);
try {
  const config = {
    phone_number_id: NUMBER,
    access_token: 'bench-access-token',
    app_secret: SECRET,
    api_url: `http://127.0.0.1:${meta.port}`,
  };
  const hook = await introduce(started, `http://127.0.0.1:${bot.port}/bot`, { channel: 'whatsapp', config }, TOKEN);
  bot.child.send({ cmd: 'hook', path: '/bot', urls: [hook] });
  await meta.ask({ cmd: 'hook', url: started.subject.urls[0], secret: SECRET, number: NUMBER });
  await sleep(300);
  const [times, cpu] = [cpuTimes(), cpuSeconds(pid)];
  const result = await meta.ask<MetaResult>({
    cmd: 'load',
    perSecond: RATE,
    warmupMs: WARMUP_MS,
    ms: SECONDS * 1_000,
    together: flags.together,
  });
  const used = (cpuSeconds(pid) - cpu) / (SECONDS + WARMUP_MS / 1_000);
  const how = flags.together ? 'statuses in the callback of the next message' : 'each status in a callback of its own';
  console.log(`${RATE} messages a second for ${SECONDS} s, ${how}\n`);
  console.log(
    `${'callbacks'.padEnd(12)}${'taken'.padStart(8)}${''.padStart(9)}${'p50'.padStart(12)}${'p99'.padStart(12)}${'max'.padStart(12)}`,
  );
  for (const kind of ['messages', 'statuses', 'all'] as const) console.log(row(kind, result[kind]));
  const { p50, p99 } = result.all;
  const met = p50 <= GOAL.p50 && p99 <= GOAL.p99;
  console.log(
    `\nsaid ${result.said}, answered ${result.answered}, callbacks that were not answered 200: ${result.refused}`,
  );
  console.log(`goal: p50 <= ${GOAL.p50} ms, p99 <= ${GOAL.p99} ms: ${met ? 'met' : 'MISSED'}`);
  const machine = `load ${shown(load(), 2)}, stolen ${shown(stolenPercent(times))} %`;
  console.log(`the program used ${shown(used, 2)} CPUs and ${shown(rss(pid), 0)} MB; ${machine}`);
} finally {
  await started.subject.stop();
  bot.child.disconnect();
  meta.child.disconnect();
}
