// A conversation as the API shows it, with what an inbox shows of its thread.
// Not here: routes. The one thing to know: of a thread with several conversations only the one that holds the line has
// somebody who waits for it.
import { z } from '@hono/zod-openapi';
import type { ConversationListed, MessageRow } from '../../engine/store-port.ts';
import { instant, instantOrNull, orNull, timeOf, timeOrNull } from '../fields.ts';

/** Characters of the last message: two lines of a list. */
const PREVIEW = 160;

const preview = z
  .object({
    id: z.string(),
    author: z.object({ type: z.enum(['customer', 'agent', 'bot', 'system']), name: z.string() }),
    kind: z.enum(['message', 'postback']),
    type: z.string(),
    text: z.string().openapi({ description: `its first ${PREVIEW} characters; of a postback its title` }),
    at: instant,
  })
  .openapi('MessagePreview');

export const conversation = z
  .object({
    id: z.string(),
    thread_id: z.string(),
    service_id: z.string(),
    asset_id: z.string(),
    customer: z.object({ address: z.string(), name: z.string() }),
    type: z.enum(['bot', 'desk']),
    party_id: z.string().openapi({ description: "the bot's or desk's id" }),
    status: z.enum(['open', 'offered', 'queued', 'accepted', 'closed']),
    agent: z.string().nullable().openapi({ description: 'who accepted, or accepted last' }),
    agent_id: z.string().nullable().openapi({ description: 'of a console desk, while it is open: whose it is' }),
    opened_at: instant,
    offered_at: instantOrNull.openapi({ description: 'null for bots' }),
    accept_by: instantOrNull.openapi({ description: 'when the offer goes on to somebody else' }),
    customer_waiting: z.boolean().openapi({ description: 'whether the customer has no answer from it yet' }),
    waiting_since: instantOrNull,
    last_message: orNull(preview).openapi({ description: 'the last of the thread until it closed' }),
    closed_at: instantOrNull,
    close_reason: z.string().nullable(),
  })
  .openapi('Conversation');

export const showConversation = (row: ConversationListed): z.output<typeof conversation> => ({
  id: row.id,
  thread_id: row.threadId,
  service_id: row.serviceId,
  asset_id: row.assetId,
  customer: { address: row.address, name: row.name },
  type: row.type,
  party_id: row.partyId,
  status: row.status,
  agent: row.agent,
  agent_id: row.agentId,
  opened_at: timeOf(row.openedAt),
  offered_at: row.type === 'desk' ? timeOf(row.openedAt) : null,
  accept_by: timeOrNull(row.acceptDue),
  customer_waiting: row.waitingSince !== null,
  waiting_since: timeOrNull(row.waitingSince),
  last_message: row.last && previewOf(row.last),
  closed_at: timeOrNull(row.closedAt),
  close_reason: row.closeReason,
});

function previewOf({ id, author, kind, type, text, title, payload, at }: MessageRow): z.output<typeof preview> {
  const said = kind === 'postback' ? (title ?? payload ?? '') : text;
  return {
    id,
    author: { type: author.type, name: author.name },
    kind,
    type,
    text: [...said.slice(0, PREVIEW * 2)].slice(0, PREVIEW).join(''),
    at: timeOf(at),
  };
}
