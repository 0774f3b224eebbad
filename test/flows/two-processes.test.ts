// Two programs on one PostgreSQL: each takes any hook, one of them sends, and when one is killed or frozen the other goes on
// with its conversations. Not here: one program and its database (postgres.test.ts).
// The one thing to know: nothing of a conversation may be lost, heard twice or out of order, whoever took it in.
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Box, startBox } from '../parties/box.ts';
import { type Answer, type Asked, call, sleep, until } from '../parties/call.ts';
import { type Postgres, startPostgres } from '../parties/postgres.ts';
import { makeWorld, type World } from '../parties/world.ts';

const CUSTOMERS = 6;
/** The other has taken over within ten seconds; two more until the last has heard. */
const TAKEN_OVER_WITHIN_MS = 12_000;
/** A frozen process answers nobody: who speaks on asks the other one then. */
const PATIENCE_MS = 3_000;
/** Longer than a word takes to come in on any machine, so that one is always on its way. */
const SLOW_BOT_MS = 1_000;
const FROZEN_MS = 10_000;
/** Some words long, and many windows in a load. */
const WINDOW_MS = 400;
/** The clock of one goes so far ahead: what is over for it goes on for the other. */
const AHEAD_MS = 200;
/** Enough that some come just then, however slow the machine is. */
const WORDS = 400;
/** Long enough that words come while something is on its way. */
const MERGED_BOT_MS = 100;

let postgres: Postgres;
let url = '';
let one: Box;
let two: Box;
let world: World;

beforeAll(async () => {
  postgres = await startPostgres();
  url = postgres.database();
  one = await startBox({ env: { SIGNALBOX_DATABASE_URL: url } });
  two = await startBox({ env: { SIGNALBOX_DATABASE_URL: url }, data: one.data });
  world = await makeWorld(one, { bot: { max_per_minute: 10_000 } });
  await until('the other knows the channel', async () => (await at(two, 'somebody', 'hi', 'hi')).status === 202);
});
afterAll(async () => {
  await world?.close();
  await two?.close();
  await one?.close();
  postgres?.remove();
});

/** A hook as the other program has it. */
const through = (box: Box, hook: string): string => hook.replace(one.base, box.base);

/** A customer speaks through one of the programs. */
function at(box: Box, address: string, text: string, id: string, more: Asked = {}): Promise<Answer> {
  return call('POST', through(box, world.channel.asset.hook_url), {
    body: { type: 'message', id, from: { address }, message: { type: 'text', text } },
    headers: { authorization: `Bearer ${world.channel.asset.secret}` },
    ...more,
  });
}

const stat = async (box: Box, name: string): Promise<number> => {
  const { text } = await call('GET', `${box.base}/metrics`, { headers: { authorization: `Bearer ${box.key}` } });
  return Number(new RegExp(`^signalbox_engine_${name} (\\S+)$`, 'm').exec(text)?.[1] ?? Number.NaN);
};

describe('Two programs on one PostgreSQL', () => {
  it('know of each other, and one leads', async () => {
    await until(
      'both count two',
      async () => (await stat(one, 'processes')) === 2 && (await stat(two, 'processes')) === 2,
    );
    await until('one leads', async () => (await stat(one, 'leads')) + (await stat(two, 'leads')) === 1);
  });

  it('hear each conversation in order and once, whichever of them takes a message', async () => {
    const load = underLoad([one, two]);
    await sleep(4_000);
    await until('some words each are said', () => load.count() > CUSTOMERS * 4);
    const said = await load.end();
    await allHeard(said);
    expect([...said.values()].flat().length).toBeGreaterThan(CUSTOMERS * 4);
  });

  it('answer a customer through either, and hand them over once when both are asked at once', async () => {
    for (let round = 0; round < 6; round++) {
      const line = await world.meet('hello');
      const asked = [one, two].map((box) =>
        call('POST', through(box, world.bot.hookUrl), {
          body: { eventid: '1002', conversation_id: line.conversation, Timestamp: '2026-01-01 00:00:00.000' },
        }),
      );
      const spoken = [
        at(one, line.address, 'one', `${line.address}/1`),
        at(two, line.address, 'two', `${line.address}/2`),
      ];
      await Promise.all([...asked, ...spoken]);
      await until('the desk is offered the line', () => offers(line.conversation).length > 0);
      await sleep(300);
      // Each is asked by itself, and what is told to the parties meanwhile is written down in between.
      const view = await until('both tell the same', async () => {
        const views = await Promise.all([one, two].map((box) => box.must('GET', `/threads/${line.thread}`)));
        return isDeepStrictEqual(views[0], views[1]) && views[0];
      });
      expect(view.epoch).toBe(2);
      expect(new Set(offers(line.conversation).map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    }
  });

  it('make one of what comes within a merge window, whichever takes it in, and try the same again', async () => {
    const { bot } = world;
    const merging = { merge_window_ms: WINDOW_MS, retry_spacing_s: [1, 1, 1, 1], failure_threshold: 1_000 };
    await one.must('PATCH', `/bots/${bot.id}`, merging);
    await one.advance(AHEAD_MS);
    const quick = bot.reply;
    const seen = new Set<string>();
    // The first try of every third fails.
    bot.reply = (post) => {
      const key = post.headers['webhook-id'] ?? '';
      const fails = !seen.has(key) && seen.add(key).size % 3 === 0;
      return { ...(fails ? { status: 500 } : bot.ok()), delayMs: MERGED_BOT_MS };
    };
    const load = underLoad([one, two]);
    await until('enough was said', () => load.count() >= WORDS);
    const said = await load.end();
    const words = (address: string): string[] => bot.words(address).join('\n').split('\n');
    for (const [address, texts] of said) {
      await until(`${address} is heard`, () => words(address).length >= texts.length);
      expect(words(address)).toEqual(texts);
      const tries = bot.told(address).map(({ headers, body }) => `${headers['webhook-id']} ${body.Message}`);
      expect(new Set(tries).size).toBe(bot.words(address).length);
    }
    expect([...said.keys()].some((address) => bot.told(address).length > bot.words(address).length)).toBe(true);
    const windows = [...said.keys()].flatMap((address) => bot.words(address)).length;
    expect(windows).toBeLessThan([...said.values()].flat().length);
    bot.reply = quick;
    await one.must('PATCH', `/bots/${bot.id}`, { merge_window_ms: 0 });
  });

  it('see at once what is changed through the other', async () => {
    const made = await two.must('POST', '/services', { name: 'made through the other' });
    await until('the first has it', async () => (await one.api('GET', `/services/${made.id}`)).status === 200);
    await one.must('DELETE', `/services/${made.id}`);
    await until('the other has it no more', async () => (await two.api('GET', `/services/${made.id}`)).status === 404);
  });

  it('go on without the one that is killed: within ten seconds, nothing lost, doubled or out of order', async () => {
    const load = underLoad([one, two]);
    await sleep(2_000);
    await two.kill9();
    const killed = performance.now();
    await sleep(1_000);
    const said = await load.end();
    await allHeard(said);
    const soon = performance.now() - killed;
    console.info(`all heard ${Math.round(soon)} ms after the kill`);
    expect(soon).toBeLessThan(TAKEN_OVER_WITHIN_MS);
    await two.start();
    await until('it is there again', async () => (await stat(one, 'processes')) === 2);
  });

  it('go on without the one that is frozen, whose late words are refused when it wakes', async () => {
    const quick = world.bot.reply;
    const refused = async (): Promise<number> => (await stat(two, 'stale_results')) + (await stat(two, 'stale_writes'));
    const before = { times: await stat(two, 'taken_over_from'), refused: await refused() };
    world.bot.reply = () => ({ ...world.bot.ok(), delayMs: SLOW_BOT_MS });
    const load = underLoad([one, two]);
    await sleep(2_000);
    process.kill(two.pid(), 'SIGSTOP');
    // Slow so that something is on its way when it freezes; after that, what is said may not pile up behind the bot.
    world.bot.reply = quick;
    await sleep(FROZEN_MS);
    process.kill(two.pid(), 'SIGCONT');
    await sleep(2_000);
    const said = await load.end();
    await allHeard(said);
    await until('it has begun anew', async () => (await stat(two, 'taken_over_from')) > before.times);
    await until('its late words are refused', async () => (await refused()) > before.refused);
    const told = `SELECT delivery_id FROM attempts WHERE doc LIKE '%"result":"ok"%' GROUP BY 1 HAVING count(*) > 1`;
    expect(postgres.sql(url, told).trim()).toBe('');
    expect(await stat(one, 'take_overs')).toBeGreaterThan(0);
    const { address } = await world.meet('before');
    expect((await at(two, address, 'after', `${address}/after`)).status).toBe(202);
    await until('the bot hears it', () => world.bot.words(address).includes('after'));
  });
});

/** What the desk was offered of a bot's conversation. */
const offers = (conversation: string) =>
  world.desk.posts.filter(
    ({ body }) => body?.type === 'conversation.started' && JSON.stringify(body).includes(conversation),
  );

async function allHeard(said: Map<string, string[]>): Promise<void> {
  for (const [address, texts] of said) {
    await until(`${address} is heard`, () => world.bot.words(address).length >= texts.length);
    expect(world.bot.words(address)).toEqual(texts);
  }
}

/** Customers who speak through each program in turn, and repeat with the same id what was not taken; what each said. */
function underLoad(boxes: Box[]): { count(): number; end(): Promise<Map<string, string[]>> } {
  const said = new Map<string, string[]>();
  let over = false;
  let turn = 0;
  const customer = async (address: string): Promise<void> => {
    const mine: string[] = [];
    said.set(address, mine);
    for (let count = 1; !over; count++) {
      const text = `${address} #${count}`;
      for (;;) {
        turn += 1;
        const box = boxes[turn % boxes.length] as Box;
        const answer = await at(box, address, text, text, { timeoutMs: PATIENCE_MS }).catch(() => undefined);
        if (answer?.status === 202) break;
        await sleep(40);
      }
      mine.push(text);
    }
  };
  const customers = Array.from({ length: CUSTOMERS }, () => customer(world.newcomer()));
  return {
    count: () => [...said.values()].flat().length,
    end: async () => {
      over = true;
      await Promise.all(customers);
      return said;
    },
  };
}
