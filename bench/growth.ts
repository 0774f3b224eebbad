// `npm run bench -- growth`: what a message costs in the store when millions are stored, against ten thousand. The store
// itself is measured, with the real decisions, in this process: batches of words, attempts and answers as the engine gives
// them. Not here: what waits for a bot that is down (parked.ts).
// The one thing to know: both stores are open at once and take turns, so that a busy machine is busy for both.
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Applied } from '../src/engine/store-port.ts';
import { toBot, worldOf } from '../src/routing/fixtures/world.ts';
import type { Input } from '../src/routing/inputs.ts';
import { decide } from '../src/routing/route.ts';
import { newId } from '../src/settings/ids.ts';
import { createSqliteCore, type SqliteCore } from '../src/store/sqlite/core.ts';
import { fillMany, type Size } from '../src/store/sqlite/fixtures/many.ts';
import { remember } from './fill.ts';
import { atMost, type Goal } from './goals.ts';
import { median } from './machine.ts';
import { shown } from './table.ts';

const FEW = 10_000;
/** Those who speak, spread over all who ever did. */
const CUSTOMERS = 10_000;
const MESSAGES_PER_THREAD = 30;
const BATCH = 64;
const BLOCKS = 8;
const CYCLES = 40;
const GROWN = 1.2;
const [ASSET, BOT, SERVICE] = ['ast', 'A', 'svc'] as const;

const world = worldOf({
  bots: { [BOT]: { settings: { max_per_minute: 1_000_000 } } },
  desks: {},
  rules: [{ on: 'message.received', do: toBot(BOT) }],
});
type House = { name: string; core: SqliteCore; size: Size; file: string; cpuUs: number[]; wallUs: number[] };

export const openCore = (file: string): SqliteCore =>
  createSqliteCore({
    ...{ file, decide, now: Date.now, newId, random: Math.random },
    onError: (error) => {
      throw error;
    },
  });

function build(folder: string, name: string, messages: number): House {
  const file = join(folder, `${name}.db`);
  const size = { messages, threads: Math.max(CUSTOMERS, Math.ceil(messages / MESSAGES_PER_THREAD)) };
  openCore(file).close();
  const from = performance.now();
  fillMany(file, { assetId: ASSET, botId: BOT, serviceId: SERVICE }, Date.now(), size);
  remember(file);
  const core = openCore(file);
  core.setWorld(world);
  const mb = statSync(file).size / 2 ** 20;
  const took = (performance.now() - from) / 1_000;
  console.log(`${messages} messages of ${size.threads} customers: ${shown(mb, 0)} MB, filled in ${shown(took)} s`);
  return { name, core, size, file, cpuUs: [], wallUs: [] };
}

const outcome = { result: 'ok', status: 200, reason: 'ok', detail: '', timing: { totalMs: 3 }, answer: '' } as const;
let serial = 0;

/** One who speaks: the k-th of them, wherever they stand in the house. */
const addressOf = ({ size }: House, k: number): string =>
  `+49171${String(Math.floor((k * size.threads) / CUSTOMERS) + 1).padStart(6, '0')}`;

function say(address: string): Input {
  const message = { type: 'text', text: `Where is my order ${++serial}? ${'x'.repeat(160)}`, media: [] } as const;
  return {
    type: 'customer',
    assetId: ASSET,
    address,
    externalId: `m${serial}`,
    kind: 'message',
    message: { ...message, media: [] },
  };
}

/** The attempts of everything that a batch queued, all successful. */
const tried = (applied: Applied[]): Input[] =>
  applied.flatMap(({ queued, thread }) =>
    queued.map(({ delivery }): Input => {
      const { id: deliveryId, threadId } = delivery;
      return { type: 'attempt', threadId, deliveryId, startedAt: Date.now(), epoch: thread?.epoch ?? 1, outcome };
    }),
  );

const replies = (applied: Applied[]): Input[] =>
  applied.flatMap(({ queued }) =>
    queued.map(({ delivery, message }): Input => {
      const said = { type: 'text' as const, text: `re: ${message?.text}`, media: [] };
      const conversationId = delivery.conversationId ?? '';
      return { type: 'bot', botId: BOT, command: { type: 'message', message: said, custom: {}, conversationId } };
    }),
  );

/** A batch of customers says a word, the bot takes it and answers, the channel takes that. */
function cycle(house: House): void {
  const chosen = new Set<number>();
  while (chosen.size < BATCH) chosen.add(Math.floor(Math.random() * CUSTOMERS));
  const { core } = house;
  const said = core.apply([...chosen].map((k) => say(addressOf(house, k))));
  core.apply(tried(said));
  const answered = core.apply(replies(said));
  const sent = core.apply(tried(answered));
  const wrong = [...said, ...answered, ...sent].find(({ reply }) => !reply.ok);
  if (wrong || sent.length !== BATCH)
    throw new Error(`not a round trip: ${JSON.stringify(wrong?.reply ?? sent.length)}`);
}

function block(house: House): void {
  const [cpu, from] = [process.cpuUsage(), performance.now()];
  for (let count = 0; count < CYCLES; count++) cycle(house);
  const { user, system } = process.cpuUsage(cpu);
  house.cpuUs.push((user + system) / (CYCLES * BATCH));
  house.wallUs.push(((performance.now() - from) * 1_000) / (CYCLES * BATCH));
}

function cost(folder: string, messages: number): Goal[] {
  const warm = build(folder, 'warm', FEW);
  for (let count = 0; count < 2; count++) block(warm);
  warm.core.close();
  const [few, many] = [build(folder, 'few', FEW), build(folder, 'many', messages)];
  for (let count = 0; count < BLOCKS; count++) for (const house of count % 2 ? [many, few] : [few, many]) block(house);
  console.log(
    `\na round trip in the store, batches of ${BATCH}, ${BLOCKS} blocks of ${BATCH * CYCLES} in turns, medians`,
  );
  for (const { name, size, cpuUs, wallUs } of [few, many])
    console.log(
      `${name.padEnd(5)} ${`${size.messages}`.padStart(10)} stored: CPU ${shown(median(cpuUs))} µs, wall ${shown(median(wallUs))} µs` +
        `   (wall of each block: ${wallUs.map((value) => shown(value, 0)).join(' ')})`,
    );
  for (const { core } of [few, many]) core.close();
  const grown = (of: (house: House) => number[]): number => median(of(many)) / median(of(few));
  return [
    atMost(
      `CPU per message, ${messages} stored : ${FEW}`,
      grown(({ cpuUs }) => cpuUs),
      GROWN,
    ),
    atMost(
      `time per message, ${messages} stored : ${FEW}`,
      grown(({ wallUs }) => wallUs),
      GROWN,
    ),
  ];
}

export function growth(messages: number): Goal[] {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-growth-'));
  try {
    return cost(folder, messages);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
