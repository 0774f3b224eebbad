// What is measured, each a process of its own or two: how they are started and told about bot and channel.
// Not here: load and numbers (table.ts), and which of them take part (lineup.ts).
// The one thing to know: Signalbox is the built program as a user starts it, on a real disk.
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { COMMAND, cleanEnv, freePort } from '../test/parties/box.ts';
import { call, sleep, until } from '../test/parties/call.ts';
import { end, startMock } from './mocks.ts';

export type Subject = {
  name: string;
  pids: number[];
  /** where customers' messages go, one URL per process, and what they show */
  urls: string[];
  authorization: string;
  stop(): Promise<void>;
};
/** A subject and where the bot's replies go. */
export type Introduced = { subject: Subject; hooks: string[] };
type Api = (path: string, body?: unknown) => Promise<Record<string, string>>;
export type Started = { subject: Subject; api: Api; base: string; readyMs: number };
export type Place = { env?: Record<string, string>; database?: string; redis?: string };
/** How a build that is no Signalbox is told where everything is. */
type Order = { bot: string; channel: string; database?: string; redis?: string };

const READY_WITHIN_MS = 20_000;
/** The loop guard is there for two bots that talk to each other; a bench is one. */
const MESSAGES_PER_MINUTE = 10_000;
const RIVALS = 'rivals';

/** The forwarder, or one of the builds: a file of this folder that takes `/in` and `/bot`. */
export async function startBuild(name: string, order: Order): Promise<Introduced> {
  const mock = await startMock(name === 'forwarder' ? 'forwarder.ts' : join(RIVALS, `${name}.mjs`));
  await mock.ask(order);
  const base = `http://127.0.0.1:${mock.port}`;
  const stop = (): Promise<void> => end(mock.child);
  const subject = { name, pids: [mock.child.pid ?? 0], urls: [`${base}/in`], authorization: '', stop };
  return { subject, hooks: [`${base}/bot`] };
}

async function awaitReady(child: ChildProcess, base: string, from: number): Promise<number> {
  for (;;) {
    const status = await call('GET', `${base}/health/ready`).then(
      (answer) => answer.status,
      () => 0,
    );
    if (status === 200) return performance.now() - from;
    if (child.exitCode !== null) throw new Error('the program ended before it was ready');
    if (performance.now() - from > READY_WITHIN_MS) throw new Error('the program is not ready');
    await sleep(4);
  }
}

/** Starts the built program on a fresh folder, or on that of another; `readyMs` from the process's start to `/health/ready`. */
export async function startSignalbox(
  name = 'signalbox',
  place: Place & { data?: string; key?: string } = {},
): Promise<Started & { data: string; key: string }> {
  const data = place.data ?? mkdtempSync(join(tmpdir(), 'signalbox-bench-'));
  const key = place.key ?? randomBytes(32).toString('base64url');
  const port = await freePort();
  const base = `http://127.0.0.1:${port}`;
  const env = cleanEnv({
    SIGNALBOX_DATA: data,
    SIGNALBOX_HOST: '127.0.0.1',
    SIGNALBOX_PORT: String(port),
    SIGNALBOX_API_KEY: key,
    SIGNALBOX_ALLOW_PRIVATE: '127.0.0.1/32',
    ...(place.database === undefined ? {} : { SIGNALBOX_DATABASE_URL: place.database }),
    ...place.env,
  });
  const from = performance.now();
  const child = spawn(process.execPath, [COMMAND, 'start'], { cwd: data, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const log = createWriteStream(join(data, `bench-${port}.log`));
  child.stdout.pipe(log, { end: false });
  child.stderr.pipe(process.stderr);
  const readyMs = await awaitReady(child, base, from);
  const stop = async (): Promise<void> => {
    await end(child);
    log.end();
    if (place.data === undefined) rmSync(data, { recursive: true, force: true });
  };
  const api: Api = async (path, body) => {
    const [method, url] = path.split(' ');
    const headers = { authorization: `Bearer ${key}` };
    const answer = await call(method ?? '', `${base}/api/v1${url}`, { body, headers });
    if (answer.status >= 300) throw new Error(`${path} → ${answer.status} ${answer.text}`);
    return answer.body;
  };
  const subject = { name, pids: [child.pid ?? 0], urls: [], authorization: '', stop };
  return { subject, api, base, readyMs, data, key };
}

/** One asset, one bot, one rule. Gives the bot's hook. */
export async function introduce(
  { api, subject }: Started,
  bot: string,
  on: { channel: string; config: Record<string, unknown> },
  token: string,
): Promise<string> {
  const asset = await api('POST /assets', { name: 'bench', ...on });
  const guard = { max_per_minute: MESSAGES_PER_MINUTE };
  const named = { name: 'bench', platform: 'other', url: bot, verification_token: token };
  const made = await api('POST /bots', { ...named, ...guard });
  const { verified } = await api(`POST /bots/${made.id}/verification`, {});
  if (!verified) throw new Error('the mock bot could not be verified');
  const service = await api('POST /services', { name: 'bench' });
  await api(`PUT /services/${service.id}/integrations/${made.id}`);
  const trigger = { event: 'message.received', asset_id: asset.id };
  const action = { type: 'forward_to_bot', bot_id: made.id };
  await api(`POST /services/${service.id}/rules`, { name: 'bench', trigger, action });
  subject.urls = [asset.hook_url ?? ''];
  subject.authorization = `Bearer ${asset.secret}`;
  return made.hook_url ?? '';
}

/** A second process behind the same database, after the first was introduced. Hooks are spread over both. */
export async function joinSecond(first: Started & { data: string; key: string }, hook: string, place: Place) {
  const second = await startSignalbox(first.subject.name, { ...place, data: first.data, key: first.key });
  const through = (url: string): string => url.replace(first.base, second.base);
  const { subject } = first;
  const url = through(subject.urls[0] ?? '');
  // What is not a message is refused, but only by who knows the channel.
  await until(
    'the second process knows the channel',
    async () => (await call('POST', url, { body: {} })).status !== 404,
  );
  const stop = async (): Promise<void> => {
    await second.subject.stop();
    await first.subject.stop();
  };
  const pids = [...subject.pids, ...second.subject.pids];
  return { subject: { ...subject, pids, urls: [...subject.urls, url], stop }, hooks: [hook, through(hook)] };
}
