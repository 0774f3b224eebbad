// Who takes part: by name, started with the servers that they need, and introduced to the mock bot and the mock channel.
// Not here: how each is started (subjects.ts). The one thing to know: all run all the time, so that they can be measured in
// turns; what they do beside (a poll, a lease) is all that the others feel of them.
import { join } from 'node:path';
import { ROOT } from '../test/parties/box.ts';
import { sleep } from '../test/parties/call.ts';
import { median, rss } from './machine.ts';
import type { Mock } from './mocks.ts';
import { type Databases, type Server, startDatabases, startRedis } from './servers.ts';
import {
  type Introduced,
  introduce,
  joinSecond,
  type Place,
  type Subject,
  startBuild,
  startSignalbox,
} from './subjects.ts';
import { TOKEN } from './token.ts';

export const NAMES = ['forwarder', 'sqlite', 'postgres', 'postgres-2', 'bullmq', 'pg-boss'] as const;
export type Name = (typeof NAMES)[number];
/** `servers`: those that it keeps things in. */
export type Entrant = { subject: Subject; servers: Server[] };
export type Idle = { readyMs: number; idleMb: number };
export type Lineup = { entrants: Entrant[]; idle: Idle | undefined; stop(): Promise<void> };

const ON_POSTGRES: readonly Name[] = ['postgres', 'postgres-2', 'bullmq', 'pg-boss'];
const RIVALS: readonly Name[] = ['bullmq', 'pg-boss'];
const IDLE_MS = 2_500;
export const STARTS = 3;

/** Installs what the builds that we are compared with need. Those that cannot be had are left out, and it is said. */
export async function available(names: Name[]): Promise<Name[]> {
  const script = (name: string): string => join(ROOT, 'scripts', name);
  let left = names;
  const without = (gone: readonly Name[], why: string): void => {
    console.log(`left out: ${gone.join(', ')} (${why})`);
    left = left.filter((name) => !gone.includes(name));
  };
  if (left.some((name) => RIVALS.includes(name))) {
    const { install } = (await import(script('run.mjs'))) as { install(folder: string): Promise<number> };
    const code = await install(join(import.meta.dirname, 'rivals'));
    if (code !== 0) without(RIVALS, 'their packages could not be installed');
  }
  if (left.includes('bullmq')) {
    const redis = (await import(script('redis.mjs'))) as { findOrInstallRedis(): Promise<number> };
    if ((await redis.findOrInstallRedis()) !== 0) without(['bullmq'], 'there is no Redis');
  }
  if (left.some((name) => ON_POSTGRES.includes(name))) {
    const postgres = (await import(script('postgres.mjs'))) as { findOrInstallPostgres(): Promise<number> };
    if ((await postgres.findOrInstallPostgres()) !== 0) without(ON_POSTGRES, 'there is no PostgreSQL');
  }
  return left;
}

/** Ready time as the median of a few starts, and memory of the last after it has been idle; then it is gone. */
async function startIdle(): Promise<Idle> {
  const ready: number[] = [];
  for (;;) {
    const { subject, readyMs } = await startSignalbox();
    ready.push(readyMs);
    if (ready.length === STARTS) await sleep(IDLE_MS);
    const idleMb = rss(subject.pids[0] ?? 0);
    await subject.stop();
    if (ready.length === STARTS) return { readyMs: median(ready), idleMb };
  }
}

async function startBox(name: Name, place: Place, bot: string, channel: string): Promise<Introduced> {
  const started = await startSignalbox(name, place);
  const hook = await introduce(started, bot, { channel: 'http', config: { url: channel } }, TOKEN);
  if (name === 'postgres-2') return await joinSecond(started, hook, place);
  return { subject: started.subject, hooks: [hook] };
}

/** `env`: what every program that syncs is started with besides. */
export async function lineUp(names: Name[], bot: Mock, world: Mock, env: Record<string, string>): Promise<Lineup> {
  const entrants: Entrant[] = [];
  const servers: Server[] = [];
  const kept = async <S extends Server>(starting: Promise<S>): Promise<S> => {
    const server = await starting;
    servers.push(server);
    return server;
  };
  const stop = async (): Promise<void> => {
    await Promise.all(entrants.map(({ subject }) => subject.stop()));
    await Promise.all(servers.map((server) => server.stop()));
  };
  try {
    const idle = names.includes('sqlite') ? await startIdle() : undefined;
    const needed = names.some((name) => ON_POSTGRES.includes(name));
    const databases: Databases | undefined = needed ? await kept(startDatabases(env)) : undefined;
    const redis = names.includes('bullmq') ? await kept(startRedis(env)) : undefined;
    const channel = `http://127.0.0.1:${world.port}/out`;
    for (const name of names) {
      const [path, ours] = [`/${name}`, ['sqlite', 'postgres', 'postgres-2'].includes(name)];
      const botUrl = `http://127.0.0.1:${bot.port}${path}`;
      const database = ON_POSTGRES.includes(name) ? databases?.database() : undefined;
      const place: Place = { env, database, redis: redis?.url };
      const { subject, hooks } = ours
        ? await startBox(name, place, botUrl, channel)
        : await startBuild(name, { bot: botUrl, channel, database, redis: redis?.url });
      const used = [database && databases, name === 'bullmq' ? redis : undefined];
      entrants.push({ subject, servers: used.filter((server) => typeof server === 'object') });
      bot.child.send({ cmd: 'hook', path, urls: hooks });
    }
    return { entrants, idle, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
