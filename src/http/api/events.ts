// GET /events: everything that happened, in commit order; a page as JSON, or a live stream (Server-Sent Events).
// Not here: where live events come from (feed.ts). The one thing to know: a stream resumes by Last-Event-ID; without it
// and without `after` it begins now.

import { z } from '@hono/zod-openapi';
import type { FeedEvent } from '../../engine/store-port.ts';
import { type Answer, API_HEADERS, ok } from '../answers.ts';
import type { Door } from '../door.ts';
import type { Feed, Reader } from '../feed.ts';
import { paging } from '../fields.ts';
import type { Principal } from '../keys.ts';
import type { HttpParts } from '../parts.ts';
import { malformed, refuse } from '../problems.ts';
import { type Call, type Route, route } from '../route.ts';
import type { Signal } from '../signals.ts';
import { event, showEvent } from './event-shape.ts';

/** A comment this often keeps proxies from closing a silent stream, and finds out who is gone. */
const HEARTBEAT_MS = 15_000;
/** How long a client waits before it comes back. */
const RETRY_MS = 2_000;
const SEQ = /^\d{1,15}$/;

const query = paging.extend({ after: z.string().regex(SEQ, 'must be the seq of an event').optional() });
const page = z
  .object({ data: z.array(event), next_cursor: z.string() })
  .openapi('EventPage', { description: '`next_cursor` is always there: ask again with it for what happens later' });

export function eventRoutes(parts: HttpParts, feed: Feed, door: Door): Route[] {
  return [
    route({
      method: 'get',
      path: '/api/v1/events',
      name: 'listEvents',
      section: 'Events',
      summary: 'Everything that happened, in commit order',
      description:
        'With `Accept: text/event-stream` a live stream: `id` is the `seq`, `data` the event; it resumes by `Last-Event-ID`, and a comment comes every 15 s. Between them, as `event: signal` without an id and never repeated, who is typing (`type: typing`, with `thread_id`, `conversation_id`, `author`, `on`) and at which console desk somebody came, left or stepped away (`type: presence`, with `desk_id`); and that the hook of an asset was proved, heard something or refused it (`type: channel`, with `asset_id`, whose `connection` says what).',
      query,
      answers: { 200: { description: 'A page, oldest first; or a stream', schema: page, orStream: true } },
      async handle(call) {
        if (wantsStream(call)) return stream(parts, feed, door, call);
        const after = Number(call.query.after ?? 0);
        const events = await parts.store.events(after, call.query.limit);
        return ok({ data: events.map(showEvent), next_cursor: String(events.at(-1)?.seq ?? after) });
      },
    }),
  ];
}

/** HEAD is answered as a page: nobody would ever read, or end, its stream. */
const wantsStream = (call: { incoming: Call['incoming'] }): boolean =>
  call.incoming.method === 'GET' && /\btext\/event-stream\b/i.test(call.incoming.headers.accept ?? '');

async function stream(
  parts: HttpParts,
  feed: Feed,
  door: Door,
  call: { query: z.output<typeof query>; incoming: Call['incoming']; principal: Principal },
): Promise<Answer> {
  const given = call.incoming.headers['last-event-id'] ?? call.query.after;
  if (given !== undefined && !(typeof given === 'string' && SEQ.test(given))) {
    return malformed([{ pointer: '/after', detail: 'Last-Event-ID must be the seq of an event' }]);
  }
  const last = await parts.store.lastEventSeq();
  const reader = feed.open(given === undefined ? last : Number(given), last);
  if (!reader) return refuse('too_many_streams');
  const body = streamOf(reader, () => door.stillValid(call.principal) && parts.ready());
  return new Response(body, {
    headers: {
      ...API_HEADERS,
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store, no-transform',
      // nginx would hold events back otherwise
      'x-accel-buffering': 'no',
    },
  });
}

/** Pulls from the reader only when the connection has taken what it was given: a slow client buffers nothing here. */
function streamOf(reader: Reader, mayGoOn: () => boolean): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let begun = false;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        if (!begun) {
          begun = true;
          controller.enqueue(encoder.encode(`retry: ${RETRY_MS}\n\n`));
          return;
        }
        const events = await reader.next(HEARTBEAT_MS).catch(() => null);
        if (events === null || !mayGoOn()) {
          reader.close();
          controller.close();
          return;
        }
        const text = [...events.map(framed), ...reader.signals().map(signalled)].join('');
        controller.enqueue(encoder.encode(text === '' ? ': still here\n\n' : text));
      },
      cancel: () => reader.close(),
    },
    { highWaterMark: 1 },
  );
}

/** JSON has no raw line breaks, so one data line is enough. */
const framed = (row: FeedEvent): string => `id: ${row.seq}\ndata: ${JSON.stringify(showEvent(row))}\n\n`;

/** Without an id: a client that comes back begins after the last event, and missed nothing that lasts. */
const signalled = ({ data }: Signal): string => `event: signal\ndata: ${JSON.stringify(data)}\n\n`;
