// What a user would build on BullMQ: two queues in a Redis that syncs each write, messages in PostgreSQL.
// The one thing to know: a message that is committed and whose process ends before `add` is never sent; nobody mends it here.
import { Queue, Worker } from 'bullmq';
import { serveBuild } from './road.mjs';

const CONCURRENCY = 64;
const JOB = {
  attempts: 5,
  backoff: { type: 'exponential', delay: 1_000 },
  removeOnComplete: true,
  removeOnFail: 1_000,
};

serveBuild(({ redis }, deliver) => {
  const connection = { url: redis, maxRetriesPerRequest: null };
  const queues = {};
  for (const lane of ['bot', 'channel']) {
    queues[lane] = new Queue(lane, { connection, defaultJobOptions: JOB });
    new Worker(lane, ({ data }) => deliver(lane, data), { connection, concurrency: CONCURRENCY });
  }
  return (lane, data) => queues[lane].add('send', data, { jobId: data.id });
});
