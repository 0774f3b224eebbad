// The two that are measured, each a process of its own, and the mocks around them: how they are started and introduced.
// Not here: load and numbers. The one thing to know: Signalbox is the built program as a user starts it, on a real disk.
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { COMMAND, cleanEnv, freePort } from '../test/parties/box.ts';
import { call, sleep } from '../test/parties/call.ts';

export type Subject = {
  name: string;
  pid: number;
  /** where customers' messages go, and what they show */
  url: string;
  authorization: string;
  stop(): Promise<void>;
};
export type Mock = { child: ChildProcess; port: number; ask<T>(order: object): Promise<T> };
export type Started = {
  subject: Subject;
  api: (path: string, body?: unknown) => Promise<Record<string, string>>;
  readyMs: number;
};

const READY_WITHIN_MS = 20_000;
/** The loop guard is there for two bots that talk to each other; a bench is one. */
const MESSAGES_PER_MINUTE = 10_000;

const gone = (child: ChildProcess): Promise<void> =>
  child.exitCode !== null || child.signalCode !== null
    ? Promise.resolve()
    : new Promise((resolve) => child.once('exit', () => resolve()));

async function end(child: ChildProcess): Promise<void> {
  child.kill('SIGTERM');
  await Promise.race([gone(child), sleep(7_000)]);
  child.kill('SIGKILL');
}

/** A mock or the forwarder: a TypeScript file of this folder, which tells its port first. */
export function startMock(file: string): Promise<Mock> {
  const child = fork(join(import.meta.dirname, file), { execArgv: ['--import', 'tsx'], stdio: 'inherit' });
  const ask = <T>(order: object): Promise<T> =>
    new Promise((resolve) => {
      child.once('message', (answer) => resolve(answer as T));
      child.send(order);
    });
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`${file} ended with ${code}`)));
    child.once('message', (hello: { port: number }) => resolve({ child, port: hello.port, ask }));
  });
}

export async function startForwarder(bot: string, channel: string): Promise<Subject & { hook: string }> {
  const mock = await startMock('forwarder.ts');
  await mock.ask({ bot, channel });
  const base = `http://127.0.0.1:${mock.port}`;
  const subject = { name: 'forwarder', pid: mock.child.pid ?? 0, url: `${base}/in`, authorization: '' };
  return { ...subject, hook: `${base}/bot`, stop: () => end(mock.child) };
}

/** Starts the built program on a fresh folder; `readyMs` from the start of the process to `/health/ready`. */
export async function startSignalbox(): Promise<Started> {
  const data = mkdtempSync(join(tmpdir(), 'signalbox-bench-'));
  const port = await freePort();
  const base = `http://127.0.0.1:${port}`;
  const key = randomBytes(32).toString('base64url');
  const env = cleanEnv({
    SIGNALBOX_DATA: data,
    SIGNALBOX_HOST: '127.0.0.1',
    SIGNALBOX_PORT: String(port),
    SIGNALBOX_API_KEY: key,
    SIGNALBOX_ALLOW_PRIVATE: '127.0.0.1/32',
  });
  const from = performance.now();
  const child = spawn(process.execPath, [COMMAND, 'start'], { cwd: data, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const log = createWriteStream(join(data, 'bench.log'));
  child.stdout.pipe(log, { end: false });
  child.stderr.pipe(process.stderr);
  for (;;) {
    const status = await call('GET', `${base}/health/ready`).then(
      (answer) => answer.status,
      () => 0,
    );
    if (status === 200) break;
    if (child.exitCode !== null) throw new Error('the program ended before it was ready');
    if (performance.now() - from > READY_WITHIN_MS) throw new Error('the program is not ready');
    await sleep(4);
  }
  const readyMs = performance.now() - from;
  const stop = async (): Promise<void> => {
    await end(child);
    log.end();
    rmSync(data, { recursive: true, force: true });
  };
  const api: Started['api'] = async (path, body) => {
    const [method, url] = path.split(' ');
    const answer = await call(method ?? '', `${base}/api/v1${url}`, {
      body,
      headers: { authorization: `Bearer ${key}` },
    });
    if (answer.status >= 300) throw new Error(`${path} → ${answer.status} ${answer.text}`);
    return answer.body;
  };
  return { subject: { name: 'signalbox', pid: child.pid ?? 0, url: '', authorization: '', stop }, api, readyMs };
}

/** One asset, one bot, one rule. Gives the bot's hook. */
export async function introduce(
  started: Started,
  bot: string,
  on: { channel: string; config: Record<string, unknown> },
  token: string,
): Promise<string> {
  const { api, subject } = started;
  const asset = await api('POST /assets', { name: 'bench', ...on });
  const guard = { max_per_minute: MESSAGES_PER_MINUTE };
  const made = await api('POST /bots', {
    name: 'bench',
    platform: 'other',
    url: bot,
    verification_token: token,
    ...guard,
  });
  const { verified } = await api(`POST /bots/${made.id}/verification`, {});
  if (!verified) throw new Error('the mock bot could not be verified');
  const service = await api('POST /services', { name: 'bench' });
  await api(`PUT /services/${service.id}/integrations/${made.id}`);
  const trigger = { event: 'message.received', asset_id: asset.id };
  await api(`POST /services/${service.id}/rules`, {
    name: 'bench',
    trigger,
    action: { type: 'forward_to_bot', bot_id: made.id },
  });
  subject.url = asset.hook_url ?? '';
  subject.authorization = `Bearer ${asset.secret}`;
  return made.hook_url ?? '';
}
