// What agents of a console desk do in conversations: accept, answer, type, note, transfer, close.
// Not here: reading conversations (conversations.ts), and who is at a desk (desk-presence.ts). The one thing to know: an
// agent's act is the same command that a desk's software sends to its hook, so the same rules hold: who holds the
// thread, and since which epoch. What an agent accepted is theirs; a program's key acts for whichever agent it names.
import { z } from '@hono/zod-openapi';
import type { ActingAgent, DeskCommand, Input } from '../../routing/inputs.ts';
import type { Conversation } from '../../routing/model.ts';
import { type Answer, accepted, created } from '../answers.ts';
import { id, note } from '../fields.ts';
import type { Principal } from '../keys.ts';
import type { HttpParts } from '../parts.ts';
import type { Presence } from '../presence.ts';
import { malformed, type Refusal, refuse, refusedReply } from '../problems.ts';
import { type Route, route } from '../route.ts';
import { contentOf, said } from './messages.ts';
import { missing, rowOf } from './rows.ts';

const PATH = '/api/v1/conversations';
const section = 'Conversations';
/** A page of text: longer ones are documents, and belong elsewhere. */
const MAX_NOTE = 8_000;

const epoch = z
  .int()
  .min(0)
  .optional()
  .openapi({ description: 'refused with `stale_epoch` if the thread changed hands since' });
const agent = z.string().trim().min(1).max(100).optional().openapi({
  description:
    'for keys, which act for the agents they name; default: the name of the key. A person acts as themselves',
});
const effect = z
  .object({ message_id: z.string().optional(), conversation_id: z.string().optional() })
  .openapi('AgentEffect');

export function agentRoutes(parts: HttpParts, presence: Presence): Route[] {
  return [...speaking(parts, presence), ...leaving(parts), noteRoute(parts)];
}

const common = {
  method: 'post' as const,
  section,
  answers: { 202: { description: 'Taken; it is on disk', schema: effect } },
};

function speaking(parts: HttpParts, presence: Presence): Route[] {
  return [
    route({
      ...common,
      path: `${PATH}/{id}/accept`,
      name: 'acceptConversation',
      summary: 'Accept what a console desk is offered',
      description:
        'The first who does has it; the next is refused with `claimed`, which names who has it. With `take_over` an administrator takes it from that agent, and so does anybody when that agent is not at the desk, or away.',
      body: z.strictObject({ agent, epoch, take_over: z.boolean().optional() }),
      bodyOptional: true,
      handle: ({ params, body, principal }) =>
        acting(principal, body.agent, (by) => accept(parts, presence, params.id, body, by)),
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
        return acting(principal, body.agent, (by) =>
          act(parts, params.id, { type: 'message', agent: by.name, message: content, by, ...key }, body.epoch),
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
      handle: ({ params, body, principal }) =>
        acting(principal, undefined, (by) => act(parts, params.id, { type: 'typing', on: body.on, by }, body.epoch)),
    }),
  ];
}

function leaving(parts: HttpParts): Route[] {
  return [
    route({
      ...common,
      path: `${PATH}/{id}/transfer`,
      name: 'transferConversation',
      summary: 'Pass the customer on',
      body: z.strictObject({
        to: id.openapi({ description: "a desk's id, a bot's id, or `bot` for the one it came from" }),
        reason: note.default(''),
        epoch,
      }),
      handle: ({ params, body, principal }) =>
        acting(principal, undefined, (by) =>
          act(parts, params.id, { type: 'transfer', to: body.to, reason: body.reason, by }, body.epoch),
        ),
    }),
    route({
      ...common,
      path: `${PATH}/{id}/close`,
      name: 'closeConversation',
      summary: 'Close the conversation; the bot has the line again',
      description: 'Of what nobody has accepted: the desk rejects it, and it goes on to the next in line.',
      body: z.strictObject({ reason: note.default(''), note: note.optional(), epoch }),
      bodyOptional: true,
      handle({ params, body, principal }) {
        const more = body.note === undefined ? {} : { note: body.note };
        return acting(principal, undefined, (by) =>
          act(parts, params.id, { type: 'close', reason: body.reason, by, ...more }, body.epoch),
        );
      },
    }),
  ];
}

const noted = z
  .object({
    thread_id: z.string(),
    conversation_id: z.string(),
    text: z.string(),
    author: z.object({ id: z.string(), name: z.string() }),
  })
  .openapi('Note');

function noteRoute(parts: HttpParts): Route {
  return route({
    method: 'post',
    path: `${PATH}/{id}/notes`,
    name: 'addNote',
    section,
    summary: 'Leave a note for other agents',
    description:
      "In the thread's timeline, as the event `note.added`; it never reaches the customer, a bot or a desk's software, and is erased with the customer. A conversation that is over takes notes too.",
    body: z.strictObject({ text: z.string().trim().min(1).max(MAX_NOTE), agent }),
    answers: { 201: { description: 'Added', schema: noted } },
    handle: ({ params, body, principal }) =>
      acting(principal, body.agent, async (by) => {
        const row = await parts.store.conversation(params.id);
        if (!row) return missing('conversation', params.id);
        const author = { id: principal.id, name: by.name };
        const { threadId } = row;
        const input: Input = { type: 'note', threadId, conversationId: row.id, text: body.text, author };
        const [applied] = await parts.engine.submit([input]);
        if (applied === undefined) return refuse('internal');
        if (!applied.reply.ok) return refusedReply(applied.reply);
        const shown = { thread_id: threadId, conversation_id: row.id, text: body.text, author };
        return created(`/api/v1/threads/${threadId}/timeline`, shown);
      }),
  });
}

/** Who acts: a person as themselves, a key for the agent that it names. */
function acting(
  principal: Principal,
  named: string | undefined,
  then: (by: ActingAgent) => Promise<Answer>,
): Promise<Answer> | Refusal {
  const { id: own, name, role } = principal;
  if (principal.session === undefined) {
    return then({ id: named === undefined ? own : `${own}/${named}`, name: named ?? name, mayAct: true });
  }
  if (named !== undefined && named !== name)
    return malformed([{ pointer: '/agent', detail: 'is for keys: a person who signed in acts as themselves' }]);
  return then({ id: own, name, mayAct: role === 'owner' || role === 'admin' });
}

async function accept(
  parts: HttpParts,
  presence: Presence,
  conversationId: string,
  body: { epoch?: number | undefined; take_over?: boolean | undefined },
  by: ActingAgent,
): Promise<Answer> {
  const claim = { type: 'accepted' as const, agent: by.name };
  if (body.take_over !== true) return act(parts, conversationId, { ...claim, by }, body.epoch);
  const mayAct = by.mayAct || (await isLeftAlone(parts, presence, conversationId));
  return act(parts, conversationId, { ...claim, takeOver: true, by: { ...by, mayAct } }, body.epoch);
}

/** Whether the agent who has a conversation is not at the desk, or away. */
async function isLeftAlone(parts: HttpParts, presence: Presence, conversationId: string): Promise<boolean> {
  const [row] = (await parts.store.listConversations({ limit: 1, id: conversationId })).data;
  if (!row || row.agentId === null) return false;
  const owner = row.agentId;
  const isOwner = (there: { id: string }): boolean => owner === there.id || owner.startsWith(`${there.id}/`);
  return !presence.agents(row.partyId).some((there) => there.state === 'online' && isOwner(there));
}

type Act = DeskCommand extends infer C ? (C extends unknown ? Omit<C, 'conversationId' | 'epoch'> : never) : never;

/** One command of a console desk's agent, decided and on disk when it is answered. */
async function act(parts: HttpParts, conversationId: string, what: Act, given: number | undefined): Promise<Answer> {
  const row: Conversation | null = await parts.store.conversation(conversationId);
  if (!row) return missing('conversation', conversationId);
  if (row.type !== 'desk' || rowOf(parts, 'desk', row.partyId)?.data.kind !== 'console')
    return refuse('not_console_desk');
  const command = { ...what, conversationId, ...(given === undefined ? {} : { epoch: given }) } as DeskCommand;
  const [applied] = await parts.engine.submit([{ type: 'desk', deskId: row.partyId, command }]);
  const reply = applied?.reply;
  if (reply === undefined || !reply.ok) return reply === undefined ? refuse('internal') : refusedReply(reply);
  return accepted({
    ...(reply.messageId === undefined ? {} : { message_id: reply.messageId }),
    ...(reply.conversationId === undefined ? {} : { conversation_id: reply.conversationId }),
  });
}
