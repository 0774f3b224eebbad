// What a user would build on pg-boss: two queues and the messages in one PostgreSQL.
// The one thing to know: its workers poll, twice a second at most; each is woken after every `send` of its process, which is
// the best that it offers, and takes all that waits, up to a batch.
import PgBoss from 'pg-boss';
import { serveBuild } from './road.mjs';

const BATCH = 200;
const POLL_SECONDS = 0.5;
const JOB = { retryLimit: 5, retryDelay: 1, retryBackoff: true };

serveBuild(async ({ database }, deliver) => {
  const boss = new PgBoss({ connectionString: database, max: 16 });
  boss.on('error', (error) => console.error(`pg-boss: ${error.message}`));
  await boss.start();
  const workers = {};
  for (const lane of ['bot', 'channel']) {
    await boss.createQueue(lane);
    const polling = { batchSize: BATCH, pollingIntervalSeconds: POLL_SECONDS };
    workers[lane] = await boss.work(lane, polling, (jobs) => Promise.all(jobs.map(({ data }) => deliver(lane, data))));
  }
  return async (lane, data) => {
    await boss.send(lane, data, JOB);
    boss.notifyWorker(workers[lane]);
  };
});
