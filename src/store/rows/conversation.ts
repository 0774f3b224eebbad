// A conversation as a row of any store. Not here: SQL, and the stretch of the journal that it covers.
// The one thing to know: a closed one stays, so that a late word finds it closed and not missing.
import type { Conversation } from '../../routing/model.ts';
import type { Row } from './row.ts';

export function readConversation(row: Row): Conversation {
  return {
    id: String(row.id),
    threadId: String(row.thread_id),
    type: row.type as Conversation['type'],
    partyId: String(row.party_id),
    serviceId: String(row.service_id),
    status: row.status as Conversation['status'],
    agent: row.agent as string | null,
    openedAt: Number(row.opened_at),
    closedAt: row.closed_at as number | null,
    closeReason: row.close_reason as string | null,
  };
}
