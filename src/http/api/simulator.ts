// The simulator: being the customer on any asset, and faults of bots for that customer alone.
// Not here: what happens instead of sending (src/engine/simulator.ts). The one thing to know: what a simulated customer
// says is decided, owed and sent like anybody's; only the last step to the customer is left out. Their addresses begin
// with `sim-`, which no channel may bring in.
import { z } from '@hono/zod-openapi';
import { FAULTS, type LaidFault } from '../../engine/simulator.ts';
import type { Input, Reply } from '../../routing/inputs.ts';
import { SIMULATED } from '../../routing/simulated.ts';
import { type Answer, accepted, ok } from '../answers.ts';
import { id, instant, name, timeOf } from '../fields.ts';
import type { HttpParts } from '../parts.ts';
import { malformed, type Refusal, refuse, refusedReply } from '../problems.ts';
import { type Route, route } from '../route.ts';
import { contentOf, said } from './messages.ts';
import { audit, missing, rowOf } from './rows.ts';

const section = 'Simulator';
const EVENTS = '/api/v1/simulator/events';
const FAULTS_AT = '/api/v1/simulator/faults';
/** As channels may give them. */
const MAX_PAYLOAD = 4096;

const address = id
  .refine((text) => text.startsWith(SIMULATED), `must begin with ${SIMULATED}`)
  .openapi({ description: `of a simulated customer: begins with \`${SIMULATED}\`` });

const event = z
  .discriminatedUnion('type', [
    z.strictObject({ type: z.literal('message'), message: z.strictObject(said) }),
    z.strictObject({
      type: z.literal('postback'),
      payload: z.string().min(1).max(MAX_PAYLOAD),
      title: name.optional(),
    }),
    z.strictObject({
      type: z.literal('receipt'),
      message_id: id,
      status: z.enum(['delivered', 'failed', 'read']),
      description: z.string().max(1024).optional(),
    }),
    z.strictObject({ type: z.literal('typing'), on: z.boolean().default(true) }),
  ])
  .openapi('SimulatedEvent');
type Event = z.output<typeof event>;

export function simulatorRoutes(parts: HttpParts): Route[] {
  return [eventRoute(parts), ...faultRoutes(parts)];
}

function eventRoute(parts: HttpParts): Route {
  return route({
    method: 'post',
    path: EVENTS,
    name: 'simulate',
    section,
    summary: 'Say or do something as a simulated customer',
    description:
      'As the channel of the asset would bring it in. What is then sent to this customer goes nowhere: its attempt says so, and it has a receipt only if you send one here. Bots, desks and URLs are really told. The same `id` for the same customer again is a duplicate and has no effect.',
    body: z.strictObject({ asset_id: id, address, name: name.optional(), id: id.optional(), event }),
    answers: {
      202: {
        description: 'Taken; it is on disk',
        schema: z
          .object({
            message_id: z.string().optional(),
            thread_id: z.string().nullable().openapi({ description: 'null: this customer has said nothing yet' }),
            duplicate: z.boolean(),
          })
          .openapi('Simulated'),
      },
    },
    async handle({ body }) {
      if (!rowOf(parts, 'asset', body.asset_id)) return missing('asset', body.asset_id);
      const input = await inputOf(parts, body, body.event);
      if ('refusal' in input) return input;
      const [applied] = await parts.engine.submit([input]);
      if (applied === undefined) return refuse('internal');
      return applied.reply.ok ? taken(parts, applied.reply, body.event) : refusedReply(applied.reply);
    },
  });
}

type Who = { asset_id: string; address: string; name?: string | undefined; id?: string | undefined };

async function inputOf(parts: HttpParts, who: Who, happened: Event): Promise<Input | Refusal> {
  const { asset_id: assetId, address: of } = who;
  if (happened.type === 'typing') return { type: 'typing', assetId, address: of, on: happened.on };
  if (happened.type === 'receipt') return receiptOf(parts, who, happened);
  const customer = {
    type: 'customer' as const,
    assetId,
    address: of,
    ...(who.name === undefined ? {} : { name: who.name }),
    // A space of its own: the ids that the channel gives are never taken away by a try.
    externalId: `simulator ${of} ${who.id ?? parts.newId('sim')}`,
    simulated: true as const,
  };
  if (happened.type === 'postback') {
    const { payload, title } = happened;
    const message = { type: 'text' as const, text: '', media: [] };
    return { ...customer, kind: 'postback', message, payload, ...(title === undefined ? {} : { title }) };
  }
  const message = contentOf(happened.message);
  if (message === null) {
    return malformed([{ pointer: '/event/message/text', detail: 'is required unless there is media' }]);
  }
  return { ...customer, kind: 'message', message };
}

/** Of a message to this customer and nobody else: real customers' receipts come from their channel only. */
async function receiptOf(
  parts: HttpParts,
  who: Who,
  { message_id: messageId, status, description }: Extract<Event, { type: 'receipt' }>,
): Promise<Input | Refusal> {
  const message = await parts.store.message(messageId);
  const thread = message && (await parts.store.thread(message.threadId));
  if (thread?.assetId !== who.asset_id || thread.address !== who.address) return missing('message', messageId);
  const more = description === undefined ? {} : { description };
  return { type: 'receipt', assetId: who.asset_id, messageId, status, ...more };
}

async function taken(parts: HttpParts, reply: Extract<Reply, { ok: true }>, happened: Event): Promise<Answer> {
  const { messageId, duplicate = false } = reply;
  if (happened.type === 'typing' || messageId === undefined) return accepted({ thread_id: null, duplicate });
  const message = await parts.store.message(messageId);
  return accepted({ message_id: messageId, thread_id: message?.threadId ?? null, duplicate });
}

const fault = z
  .object({ bot_id: z.string(), address: z.string(), fault: z.enum(FAULTS), until: instant })
  .openapi('Fault');
const faultList = z.object({ data: z.array(fault) }).openapi('FaultList');

const showFault = ({ botId, address: of, fault: which, until }: LaidFault): z.output<typeof fault> => ({
  bot_id: botId,
  address: of,
  fault: which,
  until: timeOf(until),
});

function faultRoutes(parts: HttpParts): Route[] {
  const { simulator } = parts.engine;
  const all = { 200: { description: 'All faults that are laid', schema: faultList } };
  return [
    route({
      method: 'get',
      path: FAULTS_AT,
      name: 'listFaults',
      section,
      summary: 'List the faults that are laid over bots',
      answers: all,
      handle: () => ok({ data: simulator.list().map(showFault) }),
    }),
    route({
      method: 'put',
      path: FAULTS_AT,
      name: 'layFault',
      section,
      summary: 'Lay a fault over a bot for one simulated customer',
      description:
        'Until it is taken away (`none`), for an hour at most, or until a restart; at most 100. Its attempts for this customer then fail without a request: `down` as if nothing listened, `slow` after 5 s, `error_500`, or `no_token`. They stand in the ledger and are retried like any failure, and are left out of the count that makes the bot inactive: real customers are not touched.',
      body: z.strictObject({ bot_id: id, address, fault: z.enum(['none', ...FAULTS]) }),
      answers: all,
      async handle({ body, principal }) {
        if (!rowOf(parts, 'bot', body.bot_id)) return missing('bot', body.bot_id);
        const wanted = body.fault === 'none' ? null : body.fault;
        if (!simulator.lay(body.bot_id, body.address, wanted))
          return refuse('limit_reached', 'A hundred faults are laid already; take some away.');
        const detail = { address: body.address, fault: body.fault };
        await parts.directory.change([], [audit(parts, principal, 'lay fault', 'bot', body.bot_id, detail)]);
        return ok({ data: simulator.list().map(showFault) });
      },
    }),
  ];
}
