// Conversations: a bot's or a desk's share of a thread; and what agents of a console desk do in them.
// Not here: threads (threads.ts). The one thing to know: an agent's act is the same command that a desk's software
// sends to its hook, so the same rules hold: who holds the thread, and since which epoch.
import { z } from '@hono/zod-openapi';
import type { DeskCommand } from '../../routing/inputs.ts';
import type { Conversation } from '../../routing/model.ts';
import { type Answer, accepted, ok } from '../answers.ts';
import { id, instant, instantOrNull, note, pageOf, paging, showPage, timeOf, timeOrNull } from '../fields.ts';
import type { Principal } from '../keys.ts';
import type { HttpParts } from '../parts.ts';
import { malformed, refuse, refusedReply } from '../problems.ts';
import { type Route, route } from '../route.ts';
import { contentOf, message, said, showMessage } from './messages.ts';
import { missing, rowOf } from './rows.ts';

const PATH = '/api/v1/conversations';
const section = 'Conversations';

export const conversation = z
  .object({
    id: z.string(),
    thread_id: z.string(),
    service_id: z.string(),
    type: z.enum(['bot', 'desk']),
    party_id: z.string().openapi({ description: "the bot's or desk's id" }),
    status: z.enum(['open', 'offered', 'queued', 'accepted', 'closed']),
    agent: z.string().nullable(),
    opened_at: instant,
    closed_at: instantOrNull,
    close_reason: z.string().nullable(),
  })
  .openapi('Conversation');

export const showConversation = (row: Conversation): z.output<typeof conversation> => ({
  id: row.id,
  thread_id: row.threadId,
  service_id: row.serviceId,
  type: row.type,
  party_id: row.partyId,
  status: row.status,
  agent: row.agent,
  opened_at: timeOf(row.openedAt),
  closed_at: timeOrNull(row.closedAt),
  close_reason: row.closeReason,
});

export function conversationRoutes(parts: HttpParts): Route[] {
  const { store } = parts;
  return [
    route({
      method: 'get',
      path: PATH,
      name: 'listConversations',
      section,
      summary: 'List conversations, newest first',
      query: paging.extend({
        thread_id: id.optional(),
        party_id: id.optional(),
        status: z.enum(['open', 'offered', 'queued', 'accepted', 'closed']).optional(),
      }),
      answers: { 200: { description: 'A page', schema: pageOf(conversation) } },
      async handle({ query }) {
        const { thread_id, party_id, ...ask } = query;
        const page = await store.listConversations({ ...ask, threadId: thread_id, partyId: party_id });
        return ok(showPage(page, showConversation));
      },
    }),
    route({
      method: 'get',
      path: `${PATH}/{id}`,
      name: 'getConversation',
      section,
      summary: 'Get a conversation',
      answers: { 200: { description: 'The conversation', schema: conversation } },
      async handle({ params }) {
        const row = await store.conversation(params.id);
        return row ? ok(showConversation(row)) : missing('conversation', params.id);
      },
    }),
    route({
      method: 'get',
      path: `${PATH}/{id}/messages`,
      name: 'listConversationMessages',
      section,
      summary: 'What was said in a conversation',
      description: "The thread's messages from its opening to its close, oldest first.",
      query: paging,
      answers: { 200: { description: 'A page', schema: pageOf(message) } },
      async handle({ params, query }) {
        if (!(await store.conversation(params.id))) return missing('conversation', params.id);
        return ok(showPage(await store.conversationMessages(params.id, query), showMessage));
      },
    }),
    ...agentRoutes(parts),
  ];
}

const epoch = z
  .int()
  .min(0)
  .optional()
  .openapi({ description: 'refused with `stale_epoch` if the thread changed hands since' });
const agent = z.string().trim().min(1).max(100).optional().openapi({ description: 'default: the name of the key' });
const effect = z
  .object({ message_id: z.string().optional(), conversation_id: z.string().optional() })
  .openapi('AgentEffect');
const taken = { 202: { description: 'Taken; it is on disk', schema: effect } };

function agentRoutes(parts: HttpParts): Route[] {
  const common = { method: 'post' as const, section, answers: taken };
  return [
    route({
      ...common,
      path: `${PATH}/{id}/accept`,
      name: 'acceptConversation',
      summary: 'Accept what a console desk is offered',
      body: z.strictObject({ agent, epoch }),
      bodyOptional: true,
      handle: ({ params, body, principal }) =>
        act(parts, params.id, { type: 'accepted', agent: named(body, principal) }, body.epoch),
    }),
    route({
      ...common,
      path: `${PATH}/{id}/messages`,
      name: 'sendAgentMessage',
      summary: 'Answer the customer as an agent',
      description: 'Implies acceptance.',
      body: z.strictObject({
        ...said,
        id: id.optional().openapi({ description: 'your own id of it: sent once' }),
        agent,
        epoch,
      }),
      handle({ params, body, principal }) {
        const content = contentOf(body);
        if (content === null) return malformed([{ pointer: '/text', detail: 'is required unless there is media' }]);
        const key = body.id === undefined ? {} : { key: body.id };
        return act(
          parts,
          params.id,
          { type: 'message', agent: named(body, principal), message: content, ...key },
          body.epoch,
        );
      },
    }),
    route({
      ...common,
      path: `${PATH}/{id}/typing`,
      name: 'showAgentTyping',
      summary: 'Show the customer that an agent is typing',
      body: z.strictObject({ on: z.boolean().default(true), epoch }),
      bodyOptional: true,
      handle: ({ params, body }) => act(parts, params.id, { type: 'typing', on: body.on }, body.epoch),
    }),
    route({
      ...common,
      path: `${PATH}/{id}/transfer`,
      name: 'transferConversation',
      summary: 'Pass the customer on',
      body: z.strictObject({
        to: id.openapi({ description: "a desk's id, a bot's id, or `bot`" }),
        reason: note.default(''),
        epoch,
      }),
      handle: ({ params, body }) =>
        act(parts, params.id, { type: 'transfer', to: body.to, reason: body.reason }, body.epoch),
    }),
    route({
      ...common,
      path: `${PATH}/{id}/close`,
      name: 'closeConversation',
      summary: 'Close the conversation; the bot has the line again',
      body: z.strictObject({ reason: note.default(''), note: note.optional(), epoch }),
      bodyOptional: true,
      handle({ params, body }) {
        const more = body.note === undefined ? {} : { note: body.note };
        return act(parts, params.id, { type: 'close', reason: body.reason, ...more }, body.epoch);
      },
    }),
  ];
}

const named = (body: { agent?: string | undefined }, principal: Principal): string => body.agent ?? principal.name;

type Act = DeskCommand extends infer C ? (C extends unknown ? Omit<C, 'conversationId' | 'epoch'> : never) : never;

/** One command of a console desk's agent, decided and on disk when it is answered. */
async function act(
  parts: HttpParts,
  conversationId: string,
  what: Act,
  epochGiven: number | undefined,
): Promise<Answer> {
  const row = await parts.store.conversation(conversationId);
  if (!row) return missing('conversation', conversationId);
  if (row.type !== 'desk' || rowOf(parts, 'desk', row.partyId)?.data.kind !== 'console')
    return refuse('not_console_desk');
  const command = {
    ...what,
    conversationId,
    ...(epochGiven === undefined ? {} : { epoch: epochGiven }),
  } as DeskCommand;
  const [applied] = await parts.engine.submit([{ type: 'desk', deskId: row.partyId, command }]);
  const reply = applied?.reply;
  if (reply === undefined || !reply.ok) return reply === undefined ? refuse('internal') : refusedReply(reply);
  return accepted({
    ...(reply.messageId === undefined ? {} : { message_id: reply.messageId }),
    ...(reply.conversationId === undefined ? {} : { conversation_id: reply.conversationId }),
  });
}
