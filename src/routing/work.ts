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
import type { Fields } from './rules.ts';

/** Thrown by a decision that must know the unanswered turns; `decide` turns it into 'needs_unanswered'. */
export class NeedsUnanswered extends Error {}

/** Attributes of a thread: names and characters, so that a bot cannot grow a thread without end. [ours] */
export const MAX_ATTRIBUTES = 200;

export type Work = {
  t: ThreadState;
  facts: Facts;
  c: Context;
  d: Decision;
  /** the customer's utterances made in this decision: not yet in facts.unanswered */
  fresh: Message[];
  /** desks already tried in this decision, so that rules cannot send a thread in circles */
  tried: Set<Id>;
  /** how deep events raise events */
  depth: number;
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
  return { t, facts, c, d: emptyDecision({ ok: true }), fresh: [], tried: new Set(), depth: 0 };
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

/** Puts an utterance of anyone but the customer into the thread, and owes it to the channel. */
export function speak(
  w: Work,
  author: Author,
  conversationId: Id | null,
  content: Pick<Message, 'type' | 'text' | 'media' | 'quickReplies' | 'custom'>,
): Message {
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
  deliver(w, { target: { type: 'asset', id: w.t.assetId }, kind: 'message', conversationId, messageId: message.id });
  return message;
}

type Draft = Pick<NewDelivery, 'target' | 'kind' | 'conversationId'> & Partial<NewDelivery>;

/** Owes something to a target. Returns the delivery's id. */
export function deliver(w: Work, draft: Draft): Id {
  const id = w.c.newId('dlv');
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
export function signal(w: Work, to: BotShare | undefined, event: string, data: Record<string, unknown> = {}): void {
  if (!to || !bot(w, to.botId)?.settings.extended_events) return;
  deliver(w, {
    target: { type: 'bot', id: to.botId },
    kind: 'signal',
    conversationId: to.conversationId,
    data: { event, ...data },
  });
}

/** Merges custom parameters into the thread's attributes; what would not fit is left out and said. */
export function remember(w: Work, attributes: Record<string, string>): void {
  const names = Object.keys(attributes);
  if (names.length === 0) return;
  const merged = { ...w.t.attributes };
  for (const name of names) {
    if (name in merged || Object.keys(merged).length < MAX_ATTRIBUTES) merged[name] = attributes[name] as string;
  }
  w.t.attributes = merged;
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
export function answered(w: Work, turn: number, by: Id): void {
  if (turn <= w.t.answered) return;
  w.t.answered = turn;
  for (const other of w.t.bots) if (other.conversationId !== by) other.drain = Math.max(other.drain, turn);
  const own = share(w, by);
  if (own && own.replyDue !== null && turn >= own.acked) own.replyDue = null;
  w.t.waitingSince = w.t.turn > turn ? w.c.now : null;
  if (w.t.limbo === 'overdue' && w.t.turn === turn) w.t.limbo = '';
}

const two = (n: number) => String(n).padStart(2, '0');

/** What conditions can look at, from the thread and what has just happened. */
export function fields(w: Work, more: Fields = {}, message?: Message): Fields {
  const local = new Date(w.c.now);
  const all: Fields = {
    'customer.address': w.t.address,
    'customer.name': w.t.name,
    'asset.id': w.t.assetId,
    'asset.channel': asset(w)?.channel,
    'time.local': `${two(local.getHours())}:${two(local.getMinutes())}`,
    'time.weekday': ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'][local.getDay()],
    ...more,
  };
  if (message) {
    all['message.text'] = message.text;
    all['message.type'] = message.type;
    all['postback.payload'] = message.payload;
    all['postback.title'] = message.title;
  }
  for (const name of Object.keys(w.t.attributes)) all[`attributes.${name}`] = w.t.attributes[name];
  return all;
}

/** Closes the work: derived fields are set, and the state goes into the decision. */
export function finish(w: Work): Decision {
  const t = w.t;
  const waiting = t.turn > t.answered;
  if (!waiting) t.waitingSince = null;
  const before = w.facts.thread?.limbo ?? '';
  if (t.holder.type !== 'none') {
    if (t.limbo === 'unrouted' || t.limbo === 'needs_person') t.limbo = '';
    if (!waiting && t.limbo === 'overdue') t.limbo = '';
  } else if (waiting && t.limbo !== 'needs_person') t.limbo = 'unrouted';
  else if (!waiting && t.limbo !== 'needs_person') t.limbo = '';
  if (t.limbo !== before && t.limbo !== '') say(w, `thread.${t.limbo}`, { since: t.waitingSince });
  w.d.thread = t;
  return w.d;
}

/** The thread's earliest deadline, or null. The store keeps it in a column; the clock's input comes then. */
export function dueAt(t: ThreadState): number | null {
  let due = Number.POSITIVE_INFINITY;
  if (t.holder.type === 'bot') {
    const conversationId = t.holder.conversationId;
    const holding = t.bots.find((b) => b.conversationId === conversationId);
    due = Math.min(due, holding?.takeDue ?? due, holding?.replyDue ?? due);
  }
  if (t.desk) due = Math.min(due, t.desk.acceptDue ?? due, t.desk.replyDue ?? due);
  return Number.isFinite(due) ? due : null;
}
