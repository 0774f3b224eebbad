// The server that is lost: a primary with a synchronous standby is killed under load, the standby is promoted, and the
// program, whose URL names both, goes on without a word lost; and a copy. Not here: one server that goes and comes (postgres.test.ts).
// The one thing to know: everything that was acknowledged is looked for on the standby's side, in order and once.
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Box, startBox } from '../parties/box.ts';
import { call, sleep, until } from '../parties/call.ts';
import { type Postgres, type Standby, startPostgres } from '../parties/postgres.ts';
import { makeWorld, type World } from '../parties/world.ts';

const CUSTOMERS = 6;
/** Issue 4: a killed primary costs no acknowledged message, and at most ten seconds; it is less than two where nothing else runs. */
const ON_WITHIN_MS = 10_000;
const BEFORE_MS = 1_500;
/** Whatever promotes a standby needs a while to see that the primary is gone. */
const UNNOTICED_MS = 1_000;

let postgres: Postgres;
let standby: Standby;
let url = '';
let box: Box;
let world: World;

beforeAll(async () => {
  postgres = await startPostgres();
  url = postgres.database();
  standby = await postgres.standby();
  box = await startBox({ env: { SIGNALBOX_DATABASE_URL: `${standby.both(url)}?target_session_attrs=read-write` } });
  world = await makeWorld(box, { rule: 'bot', bot: { max_per_minute: 10_000 } });
});
afterAll(async () => {
  await world?.close();
  await box?.close();
  postgres?.remove();
});

type Said = { address: string; text: string; at: number };

describe('With a synchronous standby', () => {
  it('a primary that is killed under load costs no acknowledged message, and at most ten seconds', async () => {
    const said: Said[] = [];
    let over = false;
    const customer = async (address: string): Promise<void> => {
      for (let count = 1; !over; count++) {
        const text = `${address} #${count}`;
        for (let taken = false; !taken; ) {
          const answer = await world.channel.says(address, text, { id: text }).catch(() => undefined);
          taken = answer?.status === 202;
          if (!taken) await sleep(40);
        }
        said.push({ address, text, at: performance.now() });
      }
    };
    const addresses = Array.from({ length: CUSTOMERS }, () => world.newcomer());
    const load = addresses.map(customer);
    await sleep(BEFORE_MS);
    await until('all of them are speaking', () => said.length > CUSTOMERS);

    postgres.kill9();
    const killed = performance.now();
    await sleep(UNNOTICED_MS);
    expect((await call('GET', `${box.base}/health/live`)).status).toBe(200);
    standby.promote();
    await until('a message is taken again', () => said.some(({ at }) => at > killed + UNNOTICED_MS));
    const silence = (said.find(({ at }) => at > killed + UNNOTICED_MS)?.at ?? Number.NaN) - killed;
    await sleep(BEFORE_MS);
    over = true;
    await Promise.all(load);

    for (const address of addresses) {
      const texts = said.filter((each) => each.address === address).map(({ text }) => text);
      await until(`${address} is heard`, () => world.bot.words(address).length >= texts.length);
      expect(world.bot.words(address)).toEqual(texts);
    }
    const kept = postgres.sql(standby.here(url), 'SELECT count(*) FROM messages WHERE turn IS NOT NULL');
    expect(Number(kept)).toBe(said.length);
    expect(silence).toBeLessThan(ON_WITHIN_MS);
    console.info(`taken again ${Math.round(silence)} ms after the kill; ${said.length} messages, none lost`);
  });

  it('everything goes on there: what is read, what is decided, and a start on the same URL', async () => {
    const line = await world.meet('hi');
    expect(world.channel.texts(line.address)).toEqual(['hi']);
    expect((await box.must('GET', '/threads?limit=100')).data.length).toBe(CUSTOMERS + 1);
    await box.restart();
    await world.says(line.address, 'and now?');
    await until('the bot hears it', () => world.bot.words(line.address).includes('and now?'));
  });
});

describe('A URL with hosts', () => {
  it('none of which takes writes is told with what each of them says', async () => {
    const replica = await startPostgres();
    const other = replica.database();
    const only = await replica.standby();
    const readsOnly = new URL(only.here(other)).host;
    replica.kill9();
    const dead = new URL(other).host;
    const wrong = `postgres://postgres@${dead},${readsOnly}/${new URL(other).pathname.slice(1)}`;
    await expect(startBox({ env: { SIGNALBOX_DATABASE_URL: wrong } })).rejects.toThrow(
      /No server of the database takes writes now\. .*nobody answers there.*this server is a replica, which only reads/s,
    );
    replica.remove();
  });
});

describe('A copy by pg_dump', () => {
  it('is made beside the running program, and with the data folder another one goes on from it', async () => {
    const server = await startPostgres();
    const data = mkdtempSync(join(tmpdir(), 'signalbox-copy-'));
    const from = server.database();
    const running = await startBox({ env: { SIGNALBOX_DATABASE_URL: from } });
    const there = await makeWorld(running, { rule: 'bot' });
    const line = await there.meet('hi');
    const to = server.database();
    server.copy(from, to);
    await there.says(line.address, 'after the copy');
    await until('the bot hears it', () => there.bot.words(line.address).includes('after the copy'));
    cpSync(join(running.data, 'master.key'), join(data, 'master.key'));
    await running.stop();

    const copy = await startBox({ data, env: { SIGNALBOX_DATABASE_URL: to } });
    const { data: words } = await copy.must('GET', `/threads/${line.thread}/timeline?limit=100`);
    expect(JSON.stringify(words)).toContain('"hello"');
    expect(JSON.stringify(words)).not.toContain('after the copy');
    const { verified } = await copy.must('POST', `/bots/${there.bot.id}/verification`, {});
    expect(verified, 'its secrets are opened').toBe(true);
    await Promise.all([there.close(), copy.close(), running.close()]);
    rmSync(data, { recursive: true, force: true });
    server.remove();
  });
});
