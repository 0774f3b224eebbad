// One line of what happened, as the API shows it: in lists, in the timeline and in the live stream.
// The one thing to know: `seq` is the commit order over everything and the cursor to catch up from.
import { z } from '@hono/zod-openapi';
import type { FeedEvent } from '../../engine/store-port.ts';
import { instant, timeOf } from '../fields.ts';

export const event = z
  .object({
    seq: z.int(),
    id: z.string(),
    type: z.string(),
    thread_id: z.string().nullable(),
    at: instant,
    data: z.record(z.string(), z.unknown()),
  })
  .openapi('Event');

export const showEvent = (row: FeedEvent): z.output<typeof event> => ({
  seq: row.seq,
  id: row.id,
  type: row.type,
  thread_id: row.threadId,
  at: timeOf(row.at),
  data: row.data,
});
