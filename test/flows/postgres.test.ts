// The same program on PostgreSQL: a conversation from the customer to the bot, to a human and back; what happens when the
// program is killed, and the database, in the middle. Two programs at once: two-processes.test.ts.
// The one thing to know: the database is stopped as by a power cut to its processes, with synced commits.
import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Box, COMMAND, cleanEnv, startBox } from '../parties/box.ts';
import { type Answer, call, sleep, until } from '../parties/call.ts';
import { type Postgres, startPostgres } from '../parties/postgres.ts';
import { makeWorld, type World } from '../parties/world.ts';

const CUSTOMERS = 6;
/** Contract: it goes on within 5 s of the database's return. */
const BACK_WITHIN_MS = 5_000;
const AWAY_MS = 2_500;

let postgres: Postgres;
let url = '';
let box: Box;
let world: World;

beforeAll(async () => {
  postgres = await startPostgres();
  url = postgres.database();
  box = await startBox({ env: { SIGNALBOX_DATABASE_URL: url } });
  world = await makeWorld(box, { bot: { max_per_minute: 10_000 } });
});
afterAll(async () => {
  await world?.close();
  await box?.close();
  postgres?.remove();
});

describe('On PostgreSQL', () => {
  it('a customer is answered by the bot, handed over, answered by an agent, and given back', async () => {
    const line = await world.accepted('hi, how can I help?');
    const said = await world.desk.say(line.deskConversation, 'Ann here');
    expect(said.status).toBe(202);
    await until('the customer hears the agent', () => world.channel.texts(line.address).includes('Ann here'));
    expect(await world.holder(line.thread)).toEqual({ type: 'desk', id: world.desk.id });
    expect((await world.desk.finish(line.deskConversation)).status).toBe(202);
    await until('the bot has the line again', async () => (await world.holder(line.thread)).type === 'bot');
    expect(world.channel.texts(line.address)).toEqual(['hi, how can I help?', 'Ann here']);
  });

  it('it is all in the database, and nothing in the data folder', () => {
    expect(Number(postgres.sql(url, 'SELECT count(*) FROM messages'))).toBeGreaterThan(2);
    expect(spawnSync('ls', [box.data], { encoding: 'utf8' }).stdout).not.toContain('.db');
  });

  it('a command that must be alone is refused with a sentence while it runs, and it works on', async () => {
    const env = cleanEnv({ SIGNALBOX_DATABASE_URL: url, SIGNALBOX_DATA: `${box.data}/other` });
    const second = spawnSync(process.execPath, [COMMAND, 'keys', 'rotate-master'], {
      env,
      encoding: 'utf8',
      timeout: 120_000,
    });
    expect(second.status).toBe(1);
    expect(second.stdout + second.stderr).toMatch(/in use by another Signalbox/);
    await world.meet('still here');
  });

  it('nothing is lost, doubled or out of order when the program and the database are killed under load', async () => {
    const load = underLoad();
    for (let round = 0; round < 2; round++) {
      await sleep(600);
      await box.kill9();
      await box.start();
      await sleep(600);
      postgres.stopHard();
      await sleep(300);
      postgres.start();
    }
    await sleep(1_000);
    const said = await load.end();
    expect([...said.values()].flat().length).toBeGreaterThan(CUSTOMERS * 4);
    for (const [address, texts] of said) {
      await until(`${address} is heard`, () => world.bot.words(address).length >= texts.length);
      expect(world.bot.words(address)).toEqual(texts);
    }
  });

  it('while the database is away hooks are told when to come again, and the program goes on soon after its return', async () => {
    const { address } = await world.meet('before');
    postgres.stopHard();
    const until503 = performance.now() + AWAY_MS;
    const answers: Answer[] = [];
    while (performance.now() < until503) {
      answers.push(await world.channel.says(address, 'away', { id: 'away' }));
      await sleep(100);
    }
    expect([...new Set(answers.map(({ status }) => status))]).toEqual([503]);
    for (const { headers } of answers) expect(Number(headers['retry-after'])).toBeGreaterThan(0);
    expect((await call('GET', `${box.base}/health/live`)).status).toBe(200);
    expect((await box.api('POST', '/services', { name: 'not now' })).status).toBe(503);
    expect((await box.api('GET', '/deliveries')).status).toBe(503);
    postgres.start();
    const back = performance.now();
    await until('a message is taken again', async () => {
      const { status } = await world.channel.says(address, 'back', { id: 'back' });
      if (status !== 202) await sleep(50);
      return status === 202;
    });
    await until('the bot hears it', () => world.bot.words(address).includes('back'));
    expect(performance.now() - back).toBeLessThan(BACK_WITHIN_MS);
    expect(world.bot.words(address)).toEqual(['hello', 'back']);
  });
});

/** Customers who repeat what was not taken, with the same id, until they are told to stop; what each said. */
function underLoad(): { end(): Promise<Map<string, string[]>> } {
  const said = new Map<string, string[]>();
  let over = false;
  const customer = async (address: string): Promise<void> => {
    const mine: string[] = [];
    said.set(address, mine);
    for (let count = 1; !over; count++) {
      const text = `${address} #${count}`;
      for (;;) {
        const answer = await world.channel.says(address, text, { id: text }).catch(() => undefined);
        if (answer?.status === 202) break;
        await sleep(40);
      }
      mine.push(text);
    }
  };
  const customers = Array.from({ length: CUSTOMERS }, () => customer(world.newcomer()));
  return {
    end: async () => {
      over = true;
      await Promise.all(customers);
      return said;
    },
  };
}
