// Proof: PostgreSQL stopped hard and started again, and its connections killed, under load; the program stays up.
import { startBox } from '../parties/box.ts';
import { sleep, until } from '../parties/call.ts';
import { startPostgres } from '../parties/postgres.ts';
import { chance } from './chance.ts';
import { type Counted, startCrowd } from './crowd.ts';

export type Struck = Counted & { strikes: number; pid: { before: number; after: number }; backMs: number[] };

const KILL_CONNECTIONS = 'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()';
const APART_MS = { from: 500, to: 1_500 };

export async function databaseAway(
  { times, seed, perSecond }: { times: number; seed: number; perSecond: number },
  tell: (done: number) => void = () => undefined,
): Promise<Struck> {
  const random = chance(seed);
  const postgres = await startPostgres();
  const backMs: number[] = [];
  try {
    const url = postgres.database();
    const box = await startBox({ env: { SIGNALBOX_DATABASE_URL: url } });
    try {
      const crowd = await startCrowd(box, perSecond);
      const pid = { before: box.pid(), after: 0 };
      for (let strikes = 1; strikes <= times; strikes++) {
        await sleep(APART_MS.from + random() * (APART_MS.to - APART_MS.from));
        if (random() < 0.5) {
          postgres.stopHard();
          await sleep(random() * 1_500);
          postgres.start();
        } else postgres.sql(url, KILL_CONNECTIONS);
        const [from, before] = [performance.now(), crowd.heard()];
        await until('the bot hears something', () => crowd.heard() > before);
        backMs.push(performance.now() - from);
        tell(strikes);
      }
      const counted = await crowd.end();
      pid.after = box.pid();
      await crowd.close();
      return { ...counted, strikes: times, pid, backMs };
    } finally {
      await box.close();
    }
  } finally {
    postgres.remove();
  }
}
