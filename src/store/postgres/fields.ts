// The columns of each table as its reader wants them (src/store/rows). Not here: the queries.
// The one thing to know: every hot table has the thread's id itself, so that no read needs to join the threads.

export const THREAD_FIELDS = `id, n, state, due_at, holder_id, waiting, offered_to, limbo, updated_at, owner, touched,
  coalesce(stays_until > clock_timestamp(), false) AS stays`;
export const MESSAGE_FIELDS = 'm.ord, m.id, m.thread_id, m.seq, m.turn, m.at, m.receipt, m.external_id, m.doc';
export const EVENT_FIELDS = "e.seq, e.at, e.type, e.data, nullif(e.thread_id, '') AS thread_id";
export const DELIVERY_FIELDS = `d.ord, d.id, d.thread_id, d.target_type, d.target_id, d.lane, d.kind, d.conversation_id,
  d.message_id, d.turn, d.merged, d.data, d.status, d.attempts, d.generation, d.series_at, d.not_before, d.replay,
  d.reason, d.created_at`;
export const CONVERSATION_FIELDS = `c.n, c.id, c.thread_id, c.type, c.party_id, c.service_id, c.status, c.agent,
  c.opened_at, c.closed_at, c.close_reason, c.opened_ord, c.closed_ord`;
