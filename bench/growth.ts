// `npm run bench -- growth`: what a message costs in the store when millions are stored, against ten thousand. The store
// itself is measured, with the real decisions, in this process: batches of words, attempts and answers as the engine gives
// them. Not here: the stores (houses.ts), and what waits for a bot that is down (parked.ts).
// The one thing to know: both stores are open at once and take turns, so that a busy machine is busy for both.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Applied } from '../src/engine/store-port.ts';
import type { Input } from '../src/routing/inputs.ts';
import { atMost, type Goal } from './goals.ts';
import { ASSET, BOT, build, CUSTOMERS, type House } from './houses.ts';
import { median } from './machine.ts';
import { type Databases, startDatabases } from './servers.ts';
import { shown } from './table.ts';

const FEW = 10_000;
const BATCH = 64;
const BLOCKS = 8;
const CYCLES = 40;
const GROWN = 1.2;

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
async function cycle(house: House): Promise<void> {
  const chosen = new Set<number>();
  while (chosen.size < BATCH) chosen.add(Math.floor(Math.random() * CUSTOMERS));
  const said = await house.apply([...chosen].map((k) => say(addressOf(house, k))));
  await house.apply(tried(said));
  const answered = await house.apply(replies(said));
  const sent = await house.apply(tried(answered));
  const wrong = [...said, ...answered, ...sent].find(({ reply }) => !reply.ok);
  if (wrong || sent.length !== BATCH)
    throw new Error(`not a round trip: ${JSON.stringify(wrong?.reply ?? sent.length)}`);
}

async function block(house: House, databases?: Databases): Promise<void> {
  const servers = (): number => (databases?.cpuSeconds() ?? 0) * 1e6;
  const [cpu, theirs, from] = [process.cpuUsage(), servers(), performance.now()];
  for (let count = 0; count < CYCLES; count++) await cycle(house);
  const { user, system } = process.cpuUsage(cpu);
  house.cpuUs.push((user + system + servers() - theirs) / (CYCLES * BATCH));
  house.wallUs.push(((performance.now() - from) * 1_000) / (CYCLES * BATCH));
}

async function cost(folder: string, messages: number, databases?: Databases): Promise<Goal[]> {
  const warm = await build(folder, 'warm', FEW, databases);
  for (let count = 0; count < 2; count++) await block(warm, databases);
  await warm.close();
  const few = await build(folder, 'few', FEW, databases);
  const many = await build(folder, 'many', messages, databases);
  for (let count = 0; count < BLOCKS; count++)
    for (const house of count % 2 ? [many, few] : [few, many]) await block(house, databases);
  console.log(
    `\na round trip in the store, batches of ${BATCH}, ${BLOCKS} blocks of ${BATCH * CYCLES} in turns, medians`,
  );
  for (const { name, size, cpuUs, wallUs } of [few, many])
    console.log(
      `${name.padEnd(5)} ${`${size.messages}`.padStart(10)} stored: CPU ${shown(median(cpuUs))} µs, wall ${shown(median(wallUs))} µs` +
        `   (wall of each block: ${wallUs.map((value) => shown(value, 0)).join(' ')})`,
    );
  for (const house of [few, many]) await house.close();
  const grown = (of: (house: House) => number[]): number => median(of(many)) / median(of(few));
  const times = `${messages} stored : ${FEW}`;
  return [
    atMost(
      `CPU per message, ${times}`,
      grown(({ cpuUs }) => cpuUs),
      GROWN,
    ),
    atMost(
      `time per message, ${times}`,
      grown(({ wallUs }) => wallUs),
      GROWN,
    ),
  ];
}

/** `onPostgres`: what the server uses of the processors is counted too. */
export async function growth(messages: number, onPostgres: boolean): Promise<Goal[]> {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-growth-'));
  const databases = onPostgres ? await startDatabases({}) : undefined;
  try {
    return await cost(folder, messages, databases);
  } finally {
    await databases?.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
