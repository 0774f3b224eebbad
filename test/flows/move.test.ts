// From SQLite to PostgreSQL with one command, in the middle of a working life: words parked for a bot that is down, an agent
// in a conversation, a log that was never settled because the program was killed. Then the same program goes on.
// The one thing to know: what the API tells before and after is compared as it is.
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openReader } from '../../src/store/sqlite/connection.ts';
import { type Box, COMMAND, cleanEnv, startBox } from '../parties/box.ts';
import { type Answer, calm, type Loose, until } from '../parties/call.ts';
import { type Postgres, startPostgres } from '../parties/postgres.ts';
import { type DeskLine, makeWorld, type World } from '../parties/world.ts';

const WORDS = ['one', 'two', 'three', 'four'];

let postgres: Postgres;
let url = '';
let box: Box;
let world: World;
/** its bot is inactive */
let down: World;
let patient: string[] = [];
let agents: DeskLine;
let sentId = '';
let once: Answer;
let told: Record<string, unknown>;
/** who came after that */
let late = '';

beforeAll(async () => {
  postgres = await startPostgres();
  url = postgres.database();
  box = await startBox({ env: { SIGNALBOX_DATABASE_URL: '' } });
  world = await makeWorld(box);
  down = await makeWorld(box, { rule: 'bot' });
});
afterAll(async () => {
  await world?.close();
  await down?.close();
  await box?.close();
  postgres?.remove();
});

type Ended = { code: number | null; out: string; err: string };
function move(args: string[] = [], env: Record<string, string> = { SIGNALBOX_DATABASE_URL: url }) {
  const child = spawn(process.execPath, [COMMAND, 'move', '--data', box.data, ...args], { env: cleanEnv(env) });
  const ended: Ended = { code: null, out: '', err: '' };
  child.stdout.on('data', (chunk) => (ended.out += chunk));
  child.stderr.on('data', (chunk) => (ended.err += chunk));
  return { child, ended: new Promise<Ended>((resolve) => child.on('close', (code) => resolve({ ...ended, code }))) };
}

/** Everything that can be listed, to its end. */
async function everything(): Promise<Record<string, unknown>> {
  const all: Record<string, unknown> = {};
  for (const path of [
    '/threads',
    '/conversations',
    '/deliveries',
    '/events',
    '/audit',
    '/bots',
    '/desks',
    '/services',
  ]) {
    const rows: unknown[] = [];
    const next = path === '/events' ? 'after' : 'cursor';
    for (let from = path === '/events' ? '&after=0' : ''; ; ) {
      const { data, next_cursor } = await box.must('GET', `${path}?limit=100${from}`);
      rows.push(...data);
      if (data.length < 100) break;
      from = `&${next}=${encodeURIComponent(next_cursor)}`;
    }
    all[path] = rows;
  }
  for (const { id } of all['/threads'] as Loose[]) all[id] = await box.must('GET', `/threads/${id}/timeline?limit=100`);
  return all;
}

const deskHears = (text: string): boolean =>
  world.desk.told(agents.deskConversation).some(({ raw }) => raw.includes(`"${text}"`));
const tables = (): string => postgres.sql(url, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'").trim();

describe('A busy Signalbox', () => {
  it('lives on SQLite, until it is killed with its log unsettled', async () => {
    down.bot.reply = () => ({ status: 500 });
    patient = Array.from({ length: 5 }, () => down.newcomer());
    for (const address of patient) await down.says(address, 'hello');
    await until('the bot is inactive', async () => (await down.botStatus()) === 'inactive');
    for (const word of WORDS) for (const address of patient) await down.says(address, word);

    agents = await world.accepted();
    expect((await world.desk.say(agents.deskConversation, 'Ann here')).status).toBe(202);
    const line = await world.meet('hi');
    sentId = await world.replies(line.conversation, 'how can I help?');
    await until('it is sent', () => world.channel.texts(line.address).includes('how can I help?'));
    await world.channel.says(agents.address, 'only once', { id: 'only once' });
    await until('the agent hears it', () => deskHears('only once'));
    once = await box.api('POST', '/services', { name: 'made once' }, { 'idempotency-key': 'made-once' });
    expect(once.status).toBe(201);
    // What is told now is compared with what is told after the move: nothing may still be on its way.
    await box.advance(0);

    const refused = await move().ended;
    expect([refused.code, refused.err]).toEqual([1, expect.stringMatching(/is in use by process \d+/)]);
    // Whoever reads the lists settles the log: what is said afterwards stands in the log alone.
    told = await everything();
    late = world.newcomer();
    await world.says(late, 'hello');
    await until('the bot hears it', () => world.bot.words(late).length > 0);
    await box.advance(0);
    await box.kill9();
    const db = openReader(join(box.data, 'signalbox.db'));
    expect(Number(db.prepare('SELECT count(*) AS n FROM unsettled').get()?.n)).toBeGreaterThan(0);
    db.close();
  });

  it('is not moved without a URL, nor by one that is wrong, nor to where nobody answers', async () => {
    const without = await move([], {}).ended;
    expect([without.code, without.err]).toEqual([78, expect.stringMatching(/Set SIGNALBOX_DATABASE_URL/)]);
    const wrong = await move([], { SIGNALBOX_DATABASE_URL: 'mysql://x:secret@y/z' }).ended;
    expect([wrong.code, wrong.err]).toEqual([78, expect.stringMatching(/must look like postgres:/)]);
    const nobody = await move([], { SIGNALBOX_DATABASE_URL: 'postgres://x:secret@127.0.0.1:1/z' }).ended;
    expect([nobody.code, nobody.err]).toEqual([1, expect.stringMatching(/nobody answers there/)]);
    expect(wrong.err + nobody.err).not.toContain('secret');
  });

  it('leaves nothing in the database when its move is killed on the way', async () => {
    // A trigger holds the move up at its messages; an event trigger makes it, for the tables are not there yet.
    postgres.sql(
      url,
      `CREATE SCHEMA meddling;
       CREATE FUNCTION meddling.wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(60); RETURN NULL; END $$;
       CREATE FUNCTION meddling.meddle() RETURNS event_trigger LANGUAGE plpgsql AS $$
         BEGIN
           IF EXISTS (SELECT 1 FROM pg_event_trigger_ddl_commands() WHERE object_identity = 'public.messages') THEN
             CREATE TRIGGER wait BEFORE INSERT ON messages FOR EACH STATEMENT EXECUTE FUNCTION meddling.wait();
           END IF;
         END $$;
       CREATE EVENT TRIGGER meddler ON ddl_command_end WHEN TAG IN ('CREATE TABLE') EXECUTE FUNCTION meddling.meddle()`,
    );
    const { child, ended } = move();
    const waits =
      "SELECT pid FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND query LIKE 'INSERT INTO messages%'";
    const pid = await until('it is held up', () => postgres.sql(url, waits).trim());
    child.kill('SIGKILL');
    expect((await ended).code).toBeNull();
    // The server notices at its next word to the client; nobody waits a minute for that here.
    postgres.sql(url, `SELECT pg_terminate_backend(${pid})`);
    postgres.sql(url, 'DROP EVENT TRIGGER meddler; DROP SCHEMA meddling CASCADE');
    expect(tables()).toBe('');
  });

  it('is moved when that is begun again, and shows what it moved', async () => {
    const { code, out, err } = await move(['--json']).ended;
    expect([code, err]).toEqual([0, '']);
    const shown = JSON.parse(out);
    expect(shown).toMatchObject({ moved: true, set_aside: expect.stringMatching(/signalbox\.db\.moved-2/) });
    for (const { table, rows, checksum } of shown.tables) {
      expect(Number(postgres.sql(url, `SELECT count(*) FROM ${table}`)), table).toBe(rows);
      expect(checksum).toMatch(/^[0-9a-f]{16}$/);
    }
    expect(readdirSync(box.data)).not.toContain('signalbox.db');
    expect(readdirSync(box.data)).toContain('master.key');
    const again = await move().ended;
    expect([again.code, again.err]).toEqual([1, expect.stringMatching(/There is no SQLite database in/)]);
  });

  it('goes on on PostgreSQL where it stopped: the same in every list, and the feed behind its last event', async () => {
    await box.start({ SIGNALBOX_DATABASE_URL: url });
    const now = await everything();
    for (const [path, before] of Object.entries(told)) {
      if (!Array.isArray(before)) expect(now[path], path).toEqual(before);
      else {
        const ids = new Set(before.map(({ id }) => id));
        expect(
          (now[path] as Loose[]).filter(({ id }) => ids.has(id)),
          path,
        ).toEqual(before);
      }
    }
    expect(JSON.stringify(now['/threads'])).toContain(late);
    expect(world.bot.words(late)).toEqual(['hello']);
    const events = now['/events'] as Loose[];
    const before = events.at(-1)?.seq;
    await world.meet();
    const { data } = await box.must('GET', `/events?limit=100&after=${before}`);
    expect(data.length).toBeGreaterThan(0);
    expect(data[0].seq).toBeGreaterThan(before);
  });

  it('what was parked is delivered in order, once the bot is back', async () => {
    expect(await down.deliveries(`target=${down.bot.id}&status=parked`)).toHaveLength(25);
    const from = down.bot.posts.length;
    down.bot.reply = () => down.bot.ok();
    expect(await down.verifyBot()).toMatchObject({ verified: true, status: 'active' });
    for (const address of patient) {
      const heard = (): string[] =>
        down.bot.posts
          .slice(from)
          .filter((post) => post.body.Signalbox?.User === address)
          .map((post) => post.body.Message);
      await until(`${address} is drained`, () => heard().length === 5);
      expect(heard()).toEqual(['hello', ...WORDS]);
    }
  });

  it('the agent goes on in the same conversation, and gives it back to the bot in its own', async () => {
    expect(await world.holder(agents.thread)).toEqual({ type: 'desk', id: world.desk.id });
    expect((await world.desk.say(agents.deskConversation, 'still Ann')).status).toBe(202);
    await until('the customer hears the agent', () => world.channel.texts(agents.address).includes('still Ann'));
    expect((await world.desk.finish(agents.deskConversation)).status).toBe(202);
    await until('the bot has the line again', async () => (await world.holder(agents.thread)).type === 'bot');
    await world.says(agents.address, 'bot?');
    await until('the bot hears it', () => world.bot.words(agents.address).includes('bot?'));
    expect(world.bot.heard(agents.address).at(-1)?.body.Conversationid).toBe(agents.conversation);
  });

  it('knows again what it took before: a channel’s message, a request with its key, a message’s receipt', async () => {
    const heard = world.bot.words(agents.address).length;
    expect((await world.channel.says(agents.address, 'only once', { id: 'only once' })).body).toMatchObject({
      duplicates: 1,
    });
    const again = await box.api('POST', '/services', { name: 'made once' }, { 'idempotency-key': 'made-once' });
    expect([again.status, again.body.id]).toEqual([201, once.body.id]);
    expect((await world.channel.receipt(sentId, 'read')).status).toBe(202);
    const receipts = (): Loose[] => world.bot.posts.filter(({ body }) => body.Event === 'Message Delivery');
    await until('the bot is told', () => receipts().some(({ raw }) => raw.includes(sentId)));
    await calm();
    expect(world.bot.words(agents.address)).toHaveLength(heard);
  });
});
