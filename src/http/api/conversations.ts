// Conversations: a bot's or a desk's share of a thread, to read.
// Not here: threads (threads.ts), what agents of a console desk do (agents.ts). The one thing to know: a list is what an
// inbox needs of each row, and costs one call to the store whatever it shows.
import { z } from '@hono/zod-openapi';
import type { Conversation } from '../../routing/model.ts';
import { ok } from '../answers.ts';
import { id, pageOf, paging, showPage } from '../fields.ts';
import type { HttpParts } from '../parts.ts';
import { type Route, route } from '../route.ts';
import { conversation, showConversation } from './conversation-shape.ts';
import { message, showMessage } from './messages.ts';
import { missing } from './rows.ts';

const PATH = '/api/v1/conversations';
const section = 'Conversations';

const STATUSES = ['open', 'offered', 'queued', 'accepted', 'closed'] as const satisfies Conversation['status'][];
/** One status, or several with commas between. */
const statuses = z
  .string()
  .max(100)
  .transform((text) => [...new Set(text.split(','))])
  .pipe(z.array(z.enum(STATUSES)))
  .openapi({ type: 'string', description: `one of ${STATUSES.join(', ')}, or several with commas between` });

export function conversationRoutes({ store }: HttpParts): Route[] {
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
        status: statuses.optional(),
        agent_id: id.optional().openapi({ description: 'those that this agent of a console desk has' }),
        order: z.enum(['newest', 'oldest']).optional().openapi({ description: 'by age; an inbox asks for the oldest' }),
      }),
      answers: { 200: { description: 'A page', schema: pageOf(conversation) } },
      async handle({ query }) {
        const { thread_id, party_id, agent_id, status, order, ...ask } = query;
        const filter = { threadId: thread_id, partyId: party_id, agentId: agent_id, statuses: status };
        const page = await store.listConversations({ ...ask, ...filter, oldestFirst: order === 'oldest' });
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
        const [row] = (await store.listConversations({ limit: 1, id: params.id })).data;
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
  ];
}
