// One decision in the making: the thread's state being changed and the Decision being filled.
// Not here: when something is done; only how a message, a delivery or an event is put into the decision.
// The one thing to know: a Work owns a copy of the thread's state, so a decision that fails leaves no trace.
import type { Context, Decision, EventDraft, Facts, Reply } from './inputs.ts';
import type {
  AssetView,
  Author,
  BotShare,
  BotView,
  Conversation,
  DeskShare,
  DeskView,
  Holder,
  Id,
  Message,
  NewDelivery,
  Rule,
  ServiceView,
  ThreadState,
} from './model.ts';
import { type Fields, timeFields } from './rules.ts';

/** Thrown by a decision that must know the unanswered turns; `decide` turns it into 'needs_unanswered'. */
export class NeedsUnanswered extends Error {}

/** Attributes of a thread: how many, and characters in all, so that a bot cannot grow a thread without end. [ours] */
const MAX_ATTRIBUTES = 200;
const MAX_ATTRIBUTE_CHARACTERS = 16_384;

export type Work = {
  t: ThreadState;
  facts: Facts;
  c: Context;
  d: Decision;
  /** the customer's utterances made in this decision: not yet in facts.unanswered */
  fresh: Message[];
  /** how deep events raise events */
  depth: number;
  /** of a desk's conversation that ended in this decision: what the bot that gets the line back is told of it */
  ended: Record<string, unknown> | null;
};

export function emptyDecision(reply: Reply): Decision {
  return {
    reply,
    thread: null,
    messages: [],
    receipts: [],
    externalIds: [],
    conversations: [],
    deliveries: [],
    changes: [],
    cancel: [],
    attempt: null,
    health: null,
    events: [],
    transients: [],
    remember: [],
  };
}

export function refuse(code: Extract<Reply, { ok: false }>['code'], detail: string): Decision {
  return emptyDecision({ ok: false, code, detail });
}

/** Begins work on a copy of the thread. */
export function work(thread: ThreadState, facts: Facts, c: Context): Work {
  const t: ThreadState = {
    ...thread,
    holder: { ...thread.holder },
    bots: thread.bots.map((share) => ({ ...share })),
    desk: thread.desk ? { ...thread.desk } : null,
    attributes: thread.attributes,
    loop: thread.loop,
  };
  return { t, facts, c, d: emptyDecision({ ok: true }), fresh: [], depth: 0, ended: null };
}

export const service = (w: Work): ServiceView | undefined =>
  w.t.serviceId ? w.c.world.services.get(w.t.serviceId) : undefined;
export const asset = (w: Work): AssetView | undefined => w.c.world.assets.get(w.t.assetId);
export const bot = (w: Work, id: Id): BotView | undefined => w.c.world.bots.get(id);
export const desk = (w: Work, id: Id): DeskView | undefined => w.c.world.desks.get(id);
export const rule = (w: Work, id: Id | null): Rule | undefined =>
  id ? service(w)?.rules.find((r) => r.id === id) : undefined;
export const share = (w: Work, conversationId: Id): BotShare | undefined =>
  w.t.bots.find((b) => b.conversationId === conversationId);

/** The open conversation of the bot that holds the line, if a bot does. */
export function holdingShare(w: Work): BotShare | undefined {
  return w.t.holder.type === 'bot' ? share(w, w.t.holder.conversationId) : undefined;
}

export function botReady(w: Work, id: Id): boolean {
  return bot(w, id)?.health.status === 'active';
}

export function deskReady(w: Work, id: Id): boolean {
  const view = desk(w, id);
  return view !== undefined && view.health.status === 'active' && view.online;
}

export function say(w: Work, type: EventDraft['type'], data: Record<string, unknown>): void {
  w.d.events.push({ type, data });
}

type Content = Pick<Message, 'type' | 'text' | 'media' | 'quickReplies' | 'details' | 'custom' | 'externalId'>;

/** Puts an utterance of anyone but the customer into the thread. */
export function record(w: Work, author: Author, conversationId: Id | null, content: Content): Message {
  const message: Message = {
    id: w.c.newId('msg'),
    threadId: w.t.id,
    seq: ++w.t.seq,
    turn: null,
    kind: 'message',
    author,
    conversationId,
    ...content,
    at: w.c.now,
  };
  w.d.messages.push(message);
  say(w, 'message.sent', { message_id: message.id, author: author.type, conversation_id: conversationId });
  return message;
}

/** The same, and owes it to the channel. */
export function speak(w: Work, author: Author, conversationId: Id | null, content: Content): Message {
  const message = record(w, author, conversationId, content);
  deliver(w, { target: { type: 'asset', id: w.t.assetId }, kind: 'message', conversationId, messageId: message.id });
  return message;
}

type Draft = Pick<NewDelivery, 'target' | 'kind' | 'conversationId'> & Partial<NewDelivery>;

/** Desks of this kind stand for whoever answers in a provider's own app. They see everything there, and are sent nothing. */
const APP = 'app';

/** Owes something to a target. Returns the delivery's id. */
export function deliver(w: Work, draft: Draft): Id {
  const id = w.c.newId('dlv');
  if (draft.target.type === 'desk' && desk(w, draft.target.id)?.kind === APP) return id;
  w.d.deliveries.push({
    id,
    threadId: w.t.id,
    lane: draft.kind === 'receipt' ? 'receipt' : 'main',
    messageId: null,
    turn: null,
    merged: [],
    data: null,
    notBefore: 0,
    replay: false,
    ...draft,
  });
  return id;
}

/** An extended event to a bot that asked for them. [ours; off by default, so that seed bots see the seed's events only] */
export function signal(
  w: Work,
  to: BotShare | undefined,
  event: string,
  data: Record<string, unknown> = {},
  messageId: Id | null = null,
): void {
  if (!to || !bot(w, to.botId)?.settings.extended_events) return;
  deliver(w, {
    target: { type: 'bot', id: to.botId },
    kind: 'signal',
    conversationId: to.conversationId,
    messageId,
    data: { event, ...data },
  });
}

/** Merges custom parameters into the thread's attributes; what would not fit is left out and said. */
export function remember(w: Work, attributes: Record<string, string>): void {
  const given = Object.entries(attributes);
  if (given.length === 0) return;
  const merged = new Map(Object.entries(w.t.attributes));
  const leftOut: string[] = [];
  let characters = 0;
  for (const [name, value] of merged) characters += name.length + value.length;
  for (const [name, value] of given) {
    const old = merged.get(name);
    const grows = value.length + (old === undefined ? name.length : -old.length);
    const fits = characters + grows <= MAX_ATTRIBUTE_CHARACTERS && (old !== undefined || merged.size < MAX_ATTRIBUTES);
    if (fits) {
      merged.set(name, value);
      characters += grows;
    } else leftOut.push(name.slice(0, 100));
  }
  w.t.attributes = Object.fromEntries(merged);
  if (leftOut.length > 0) say(w, 'conversation.updated', { attributes_left_out: leftOut.slice(0, MAX_ATTRIBUTES) });
}

/** Nothing more is sent to the bot or desk in a conversation that closed, nor what this decision was about to send. */
export function cancel(w: Work, conversationId: Id, reason: string): void {
  w.d.deliveries = w.d.deliveries.filter(
    ({ target, lane, conversationId: of }) =>
      of !== conversationId || lane === 'receipt' || (target.type !== 'bot' && target.type !== 'desk'),
  );
  w.d.cancel.push({ conversationId, reason });
}

export function openConversation(w: Work, type: 'bot' | 'desk', partyId: Id, serviceId: Id): Conversation {
  const conversation: Conversation = {
    id: w.c.newId('conv'),
    threadId: w.t.id,
    type,
    partyId,
    serviceId,
    status: type === 'bot' ? 'open' : 'offered',
    agent: null,
    openedAt: w.c.now,
    closedAt: null,
    closeReason: null,
  };
  w.d.conversations.push(conversation);
  say(w, 'conversation.opened', { conversation_id: conversation.id, type, party_id: partyId });
  return conversation;
}

/** The row of an open conversation as it stands, for saving a change of it. */
export function noteConversation(w: Work, of: BotShare | DeskShare, change: Partial<Conversation>): void {
  const isDesk = 'deskId' in of;
  const known =
    w.d.conversations.find((c) => c.id === of.conversationId) ??
    (w.facts.conversation?.id === of.conversationId ? w.facts.conversation : null);
  const base: Conversation = known ?? {
    id: of.conversationId,
    threadId: w.t.id,
    type: isDesk ? 'desk' : 'bot',
    partyId: isDesk ? of.deskId : of.botId,
    serviceId: of.serviceId,
    status: isDesk ? of.phase : 'open',
    agent: isDesk ? of.agent : null,
    openedAt: isDesk ? of.offeredAt : w.t.createdAt,
    closedAt: null,
    closeReason: null,
  };
  w.d.conversations = w.d.conversations.filter((c) => c.id !== of.conversationId);
  w.d.conversations.push({ ...base, ...change });
  const closed = change.status === 'closed';
  say(w, closed ? 'conversation.closed' : 'conversation.updated', {
    conversation_id: of.conversationId,
    party_id: base.partyId,
    status: change.status,
    reason: change.closeReason ?? undefined,
    agent: change.agent ?? undefined,
  });
}

/** The line changes hands: the epoch grows, and whoever lost or got it is told. */
export function setHolder(w: Work, holder: Holder, reason: string, actor: string): void {
  const before = w.t.holder;
  const lost = holdingShare(w);
  w.t.holder = holder;
  w.t.epoch += 1;
  if (lost) {
    lost.takeDue = null;
    lost.replyDue = null;
  }
  say(w, 'holder.changed', {
    from: holderOf(before),
    to: holderOf(holder),
    epoch: w.t.epoch,
    reason,
    actor,
  });
  const got = holdingShare(w);
  if (lost && lost !== got) signal(w, lost, 'control.revoked', { reason, epoch: w.t.epoch });
  if (got && lost !== got) signal(w, got, 'control.given', { reason, epoch: w.t.epoch });
}

export function holderOf(holder: Holder): { type: Holder['type']; id: Id | null; conversation_id: Id | null } {
  return holder.type === 'none'
    ? { type: 'none', id: null, conversation_id: null }
    : { type: holder.type, id: holder.id, conversation_id: holder.conversationId };
}

/** The customer's turns after `after`, oldest first; those said in this decision included. */
export function turnsAfter(w: Work, after: number): Message[] {
  const first = w.fresh[0]?.turn ?? w.t.turn + 1;
  const stored = first - 1 > after;
  if (stored && w.facts.unanswered === undefined) throw new NeedsUnanswered();
  const old = stored ? (w.facts.unanswered ?? []).filter((m) => (m.turn ?? 0) > after) : [];
  return [...old, ...w.fresh.filter((m) => (m.turn ?? 0) > after)];
}

/** Turns up to this one are answered: nobody waits for them, and other bots get them as copies. */
export function answered(w: Work, upto: number, by: Id): void {
  const turn = Math.min(upto, w.t.turn);
  if (turn <= w.t.answered) return;
  w.t.answered = turn;
  for (const other of w.t.bots) {
    if (other.conversationId === by) continue;
    other.drain = Math.max(other.drain, turn);
    closeMerge(w, other);
  }
  const own = share(w, by);
  if (own && own.replyDue !== null && turn >= own.acked) own.replyDue = null;
  w.t.waitingSince = w.c.now;
}

/** What comes next does not join the open merge window, which is sent now: a postback, an agent's word, an answer. */
export function closeMerge(w: Work, to: BotShare): void {
  if (to.merge && w.c.now < to.merge.until) w.d.changes.push({ id: to.merge.deliveryId, notBefore: w.c.now });
  to.merge = null;
}

/** What conditions can look at, from the thread and what has just happened. */
export function fields(w: Work, more: Fields = {}, message?: Message): Fields {
  return fieldsOf(w.t, asset(w)?.channel, w.c.now, more, message);
}

type Known = Pick<ThreadState, 'address' | 'name' | 'assetId' | 'attributes'>;

/** The same for a thread that nothing is being decided about. */
export function fieldsOf(
  thread: Known,
  channel: string | undefined,
  now: number,
  more: Fields,
  message?: Message,
): Fields {
  const all: Fields = {
    'customer.address': thread.address,
    'customer.name': thread.name,
    'asset.id': thread.assetId,
    'asset.channel': channel,
    ...timeFields(now),
    ...more,
  };
  if (message) {
    all['message.text'] = message.text;
    all['message.type'] = message.type;
    all['postback.payload'] = message.payload;
    all['postback.title'] = message.title;
  }
  for (const name of Object.keys(thread.attributes)) all[`attributes.${name}`] = thread.attributes[name];
  return all;
}

/** Closes the work: derived fields are set, and the state goes into the decision. */
export function finish(w: Work): Decision {
  const t = w.t;
  const waiting = t.turn > t.answered;
  if (!waiting) t.waitingSince = null;
  const holding = holdingShare(w);
  for (const each of t.bots) if (each !== holding || !waiting) each.takeDue = each.replyDue = null;
  if (t.desk && !waiting && !t.desk.elsewhere) t.desk.replyDue = null;
  t.limbo = limboOf(w, waiting);
  if (t.limbo !== (w.facts.thread?.limbo ?? '') && t.limbo !== '')
    say(w, `thread.${t.limbo}`, { since: t.waitingSince });
  w.d.thread = t;
  return w.d;
}

/** Why nobody answers, if so. An accepted desk keeps its conversation even when it cannot be reached: then it is overdue. */
function limboOf(w: Work, waiting: boolean): ThreadState['limbo'] {
  const { holder, limbo } = w.t;
  if (holder.type === 'none') return limbo === 'needs_person' ? limbo : waiting ? 'unrouted' : '';
  if (!waiting) return '';
  const cut = w.t.desk?.phase === 'accepted' && desk(w, w.t.desk.deskId)?.health.status !== 'active';
  return cut || limbo === 'overdue' ? 'overdue' : '';
}
