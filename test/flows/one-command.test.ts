// Promise 5: one command, one process, one folder; what it prints, how it is asked whether it is ready, how it ends,
// and what it says about wrong settings.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readdirSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { openFile } from '../../src/store/sqlite/driver.ts';
import { COMMAND, cleanEnv, freePort, startBox } from '../parties/box.ts';
import { call, until } from '../parties/call.ts';

const folders: string[] = [];
const started: ChildProcess[] = [];
const folder = (): string => {
  const made = mkdtempSync(join(tmpdir(), 'signalbox-one-'));
  folders.push(made);
  return made;
};

type Ended = { code: number; out: string; err: string };
async function run(args: string[], env: Record<string, string> = {}): Promise<Ended> {
  const options = { cwd: folder(), env: cleanEnv(env), timeout: 60_000 };
  return promisify(execFile)(process.execPath, [COMMAND, ...args], options).then(
    ({ stdout, stderr }) => ({ code: 0, out: stdout, err: stderr }),
    (error) => ({ code: error.code, out: error.stdout, err: error.stderr }),
  );
}

async function dev(): Promise<{ base: string; out: () => string; child: ChildProcess }> {
  const port = await freePort();
  const child = spawn(process.execPath, [COMMAND, 'dev'], {
    cwd: folder(),
    env: cleanEnv({ SIGNALBOX_PORT: String(port) }),
  });
  started.push(child);
  let out = '';
  child.stdout.on('data', (chunk) => (out += chunk));
  child.stderr.on('data', (chunk) => (out += chunk));
  const base = `http://127.0.0.1:${port}`;
  await until('it is ready', () =>
    call('GET', `${base}/health/ready`).then(
      (answer) => answer.status === 200,
      () => false,
    ),
  );
  return { base, out: () => out, child };
}

afterAll(async () => {
  for (const child of started) child.kill('SIGKILL');
  for (const each of folders) rmSync(each, { recursive: true, force: true });
});

describe('One command', () => {
  it('starts it on an empty folder: it says where, and is ready', async () => {
    const box = await startBox();
    await until('it says where', () => box.logs().includes(box.base));
    const [live, ready] = [await call('GET', `${box.base}/health/live`), await call('GET', `${box.base}/health/ready`)];
    expect([live.status, ready.status]).toEqual([200, 200]);
    expect(live.headers['x-request-id']).toMatch(/\S/);
    expect(readdirSync(box.data).length).toBeGreaterThan(0);
    const { code, ms } = await box.stop();
    expect(code).toBe(0);
    expect(ms).toBeLessThan(6_500);
    await box.close();
  });

  it('runs it as one process', async () => {
    const box = await startBox();
    const { stdout } = await promisify(execFile)('ps', ['-o', 'pid=', '--ppid', String(box.pid())]).catch(() => ({
      stdout: '',
    }));
    expect(stdout.trim()).toBe('');
    await box.close();
  });

  it('in dev needs no settings, shows where it is and a key that opens it, and has demo data to look at', async () => {
    const { base, out, child } = await dev();
    await until('it says where it is', () => out().includes(base));
    const key = await until('it shows the key', () => /sbk_\S+/.exec(out())?.[0]);
    const headers = { authorization: `Bearer ${key}` };
    for (const path of ['services', 'assets', 'bots']) {
      const { body } = await call('GET', `${base}/api/v1/${path}`, { headers });
      expect(body.data.length, path).toBeGreaterThan(0);
    }
    child.kill('SIGTERM');
    await until('it ends', () => child.exitCode !== null);
    expect(child.exitCode).toBe(0);
  });

  it('refuses to run twice on one folder, or takes turns, but never harms it', async () => {
    const box = await startBox();
    const second = await startBox({ data: box.data }).catch((error: Error) => error);
    expect((await box.api('POST', '/services', { name: 'still works' })).status).toBe(201);
    if (!(second instanceof Error)) await second.close();
    await box.close();
  });

  it('tells all mistakes of its settings at once and exits 78', async () => {
    const wrong = { SIGNALBOX_PORT: 'many', SIGNALBOX_PUBLIC_URL: 'nowhere', SIGNALBOX_ALLOW_PRIVATE: '10.0.0.0/99' };
    const { code, out, err } = await run(['start'], wrong);
    expect(code).toBe(78);
    for (const name of Object.keys(wrong)) expect(`${out}${err}`).toContain(name);
  });

  it('says in a sentence that its data folder is none', async () => {
    const data = join(folder(), 'file');
    writeFileSync(data, '');
    for (const command of ['start', 'dev']) {
      const { code, err } = await run([command, '--data', data, '--port', String(await freePort())]);
      expect([code, err]).toEqual([1, `The data folder ${data} is no folder.\n`]);
    }
  });

  it('says in a sentence that its data are damaged, wherever that is found', async () => {
    const box = await startBox();
    await box.stop();
    const file = join(box.data, 'signalbox.db');
    const db = openFile(file, { readOnly: true });
    const page = Number(db.prepare("SELECT rootpage FROM sqlite_master WHERE name = 'config'").get()?.rootpage);
    const size = Number(db.prepare('PRAGMA page_size').get()?.page_size);
    db.close();
    const disk = openSync(file, 'r+');
    writeSync(disk, Buffer.alloc(size, 0xff), 0, size, (page - 1) * size);
    closeSync(disk);
    const env = { SIGNALBOX_DATA: box.data, SIGNALBOX_PORT: String(await freePort()) };
    const { code, err } = await run(['start'], env);
    expect(code).toBe(1);
    expect(err).toContain('the database file is damaged');
    expect(err).not.toMatch(/^\s+at /m);
    await box.close();
  });

  it('refuses a default secret in production', async () => {
    const { code, out, err } = await run(['start'], {
      SIGNALBOX_API_KEY: 'changeme',
      SIGNALBOX_PORT: String(await freePort()),
    });
    expect(code).toBe(78);
    expect(`${out}${err}`).toContain('SIGNALBOX_API_KEY');
    expect(`${out}${err}`).not.toContain('changeme');
  });

  it('says why when its port is taken, and ends', async () => {
    const box = await startBox();
    const port = new URL(box.base).port;
    const { code, out, err } = await run(['start'], {
      SIGNALBOX_PORT: port,
      SIGNALBOX_HOST: '127.0.0.1',
      SIGNALBOX_API_KEY: box.key,
    });
    expect(code).not.toBe(0);
    expect(`${out}${err}`).toContain(port);
    await box.close();
  });

  it('explains itself with --help, and knows no unknown word', async () => {
    const help = await run(['--help']);
    expect(help.code).toBe(0);
    for (const word of ['dev', 'start']) expect(help.out).toContain(word);
    const odd = await run(['fly']);
    expect(odd.code).not.toBe(0);
    expect(odd.err).toContain('fly');
  });

  it('prints its version', async () => {
    const { code, out } = await run(['--version']);
    expect(code).toBe(0);
    expect(out).toMatch(/\d+\.\d+\.\d+/);
  });
});
