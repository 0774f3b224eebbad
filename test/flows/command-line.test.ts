// The command line as a newcomer and an operator use it: the demo conversation from docs/start.md, keys, backup under
// load, restore, a new master key, doctor. Against the real program and its real demo parties.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Box, COMMAND, cleanEnv, freePort, startBox } from '../parties/box.ts';
import { type Answer, call, type Loose, until } from '../parties/call.ts';
import { makeWorld, type World } from '../parties/world.ts';

const folder = mkdtempSync(join(tmpdir(), 'signalbox-command-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Ended = { code: number | null; out: string; err: string };
function run(args: string[], input = '', env: Record<string, string> = {}): Promise<Ended> {
  const child = spawn(process.execPath, [COMMAND, ...args], { cwd: folder, env: cleanEnv(env) });
  const ended: Ended = { code: null, out: '', err: '' };
  child.stdout.on('data', (chunk) => (ended.out += chunk));
  child.stderr.on('data', (chunk) => (ended.err += chunk));
  child.stdin.end(input);
  return new Promise((resolve) => child.on('close', (code) => resolve({ ...ended, code })));
}

describe('The demo', () => {
  const data = join(folder, 'demo');
  let child: ChildProcess;
  let out = '';

  async function dev(): Promise<void> {
    const port = await freePort();
    out = '';
    child = spawn(process.execPath, [COMMAND, 'dev', '--data', data, '--port', String(port)], {
      cwd: folder,
      env: cleanEnv({}),
    });
    child.stdout?.on('data', (chunk) => (out += chunk));
    child.stderr?.on('data', (chunk) => (out += chunk));
    await until('the demo is up', () => out.includes('Ctrl+C'));
    expect(out).not.toContain('not whole');
  }
  const end = async (): Promise<void> => {
    child.kill('SIGTERM');
    await until('it ends', () => child.exitCode !== null);
    expect(child.exitCode).toBe(0);
  };
  const lines = (text: string): Loose[] =>
    text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));

  beforeAll(dev);
  afterAll(() => child.kill('SIGKILL'));

  it('is a conversation: bot, handover, agent, and back to the bot, all within a minute', async () => {
    const began = performance.now();
    const said = 'hello\n1\n4711\nhuman\nmy parcel is late\n/duplicate\nthanks\nhello\n';
    const { code, out: told } = await run(['chat', '--data', data, '--json'], said);
    expect(code).toBe(0);
    expect(performance.now() - began).toBeLessThan(60_000);
    const holders = lines(told).filter((line) => line.type === 'line');
    expect(holders.map((line) => [line.holder, line.epoch])).toEqual([
      ['bot', 1],
      ['waiting', 2],
      ['agent', 2],
      ['bot', 3],
    ]);
    const authors = lines(told)
      .filter((line) => line.type === 'message')
      .map((line) => line.author.type);
    expect(authors).toEqual(['bot', 'bot', 'bot', 'bot', 'agent', 'agent', 'agent', 'bot']);
    expect(lines(told).find((line) => line.what === 'duplicate')).toMatchObject({ accepted: 0, duplicates: 1 });
  });

  it('goes on after its bot has died, and after a restart on another port', async () => {
    const children = execFileSync('ps', ['-o', 'pid=,args=', '--ppid', String(child.pid)], { encoding: 'utf8' });
    const bot = children.split('\n').find((line) => line.includes('demo-bot'));
    process.kill(Number.parseInt(bot ?? '', 10), 'SIGKILL');
    await until('it is started again', () => out.includes('started again'));
    const after = await run(['chat', '--data', data, '--as', 'after'], 'hello\n');
    expect(after.out).toContain('Bot: Hello');
    expect(after.code).toBe(0);
    await end();
    expect(existsSync(join(data, 'running.json'))).toBe(false);
    expect((await run(['chat', '--data', data], 'hello\n')).code).toBe(69);
    await dev();
    const { code, out: told } = await run(['chat', '--data', data, '--as', 'later'], 'hello\n');
    expect(told).toContain('Bot: Hello');
    expect(code).toBe(0);
    await end();
  });

  it('keeps its secrets to its owner', () => {
    for (const name of ['dev.json', 'master.key', 'signalbox.db']) {
      expect(statSync(join(data, name)).mode & 0o077, name).toBe(0);
    }
  });
});

describe('An operator', () => {
  let box: Box;
  let world: World;
  const backup = join(folder, 'copy.db');
  beforeAll(async () => {
    box = await startBox();
    world = await makeWorld(box, { rule: 'bot' });
  });
  afterAll(async () => {
    await world?.close();
    await box?.close();
  });
  const env = () => ({ SIGNALBOX_API_KEY: box.key });

  it('makes, lists and revokes keys beside the running program', async () => {
    const made = await run(['keys', 'create', 'ci', '--role', 'viewer', '--data', box.data, '--json'], '', env());
    expect(made.code, made.err).toBe(0);
    const { id, key } = JSON.parse(made.out);
    const asked = () => call('GET', `${box.base}/api/v1/services`, { headers: { authorization: `Bearer ${key}` } });
    expect((await asked()).status).toBe(200);
    expect((await run(['keys', 'list', '--data', box.data], '', env())).out).toContain(id);
    expect((await run(['keys', 'revoke', id, '--data', box.data], '', env())).code).toBe(0);
    expect((await asked()).status).toBe(401);
  });

  it('copies the database under load, and gets back what was acknowledged before', async () => {
    let going = true;
    let sent = 0;
    const load = (async () => {
      while (going) await world.channel.says('loaded', `message ${++sent}`, { id: `load-${sent}` });
    })();
    await until('there is load', () => sent > 20);
    const before = sent - 1;
    const { code, err } = await run(['backup', backup, '--with-key', '--data', box.data]);
    going = false;
    await load;
    expect(code, err).toBe(0);
    expect(statSync(backup).mode & 0o077).toBe(0);
    expect((await run(['backup', backup, '--data', box.data])).code).toBe(1);

    const data = join(folder, 'restored');
    expect((await run(['restore', backup, '--data', data])).code).toBe(0);
    expect((await run(['restore', backup, '--data', data])).code).toBe(1);
    const other = await startBox({ data });
    const [thread] = (await other.must('GET', `/threads?asset_id=${world.channel.asset.id}`)).data as Loose[];
    expect(thread.messages).toBeGreaterThanOrEqual(before);
    await other.close();
  });

  it('gives the restored one a new master key, and its secrets still open', async () => {
    const data = join(folder, 'restored');
    const post = async (): Promise<Answer> => {
      const one = await startBox({ data });
      const headers = { 'idempotency-key': 'over-the-rotation', authorization: `Bearer ${own}` };
      const answer = await call('POST', `${one.base}/api/v1/services`, { body: { name: 'once' }, headers });
      await one.close();
      return answer;
    };
    // A key of its own: each box has another administrator's key, and a key's words are its own.
    const own = JSON.parse(
      (await run(['keys', 'create', 'mine', '--role', 'owner', '--data', data, '--json'])).out,
    ).key;
    const before = await post();
    expect(before.status).toBe(201);
    const rotated = await run(['keys', 'rotate-master', '--data', data, '--json']);
    expect(rotated.code, rotated.err).toBe(0);
    expect(JSON.parse(rotated.out).secrets).toBeGreaterThan(0);
    const doctor = await run(['doctor', '--data', data, '--port', String(await freePort())]);
    expect(doctor.code, doctor.out).toBe(0);
    const other = await startBox({ data });
    expect((await other.api('POST', `/bots/${world.bot.id}/verification`, {})).body.verified).toBe(true);
    await other.close();
    const again = await post();
    expect([again.status, again.text]).toEqual([201, before.text]);
  });

  it('is told by the doctor what is wrong', async () => {
    const data = join(folder, 'restored');
    rmSync(join(data, 'master.key'));
    const { code, out } = await run(['doctor', '--data', data, '--json', '--port', new URL(box.base).port]);
    expect(code).toBe(1);
    const bad = JSON.parse(out).checks.filter((check: Loose) => check.state === 'bad');
    expect(bad.map((check: Loose) => check.name).sort()).toEqual(['master key', 'port']);
    const refused = await run(['start', '--data', data]);
    expect(refused.code).toBe(78);
    expect(refused.err).toContain('master.key is missing');
  });
});
