// How what a batch came to crosses back from the store's thread: as one flat list, without what the asker knows.
// Not here: how the inputs came (packed-inputs.ts). The one thing to know: it is read beside the inputs it answers: the
// words that were said, and ids that stand in the input or just before, are not sent back.
import type { Applied, LaneItem, ThreadView } from '../../engine/store-port.ts';
import type { Input, Reply } from '../../routing/inputs.ts';
import type { Delivery, Id, Message } from '../../routing/model.ts';
import { addRest, namesOf, Reader, restOf, type Value } from './flat.ts';

type Change = Applied['changes'][number];
/** What both ends know when an item is written or read. */
type Known = { input: Input; threadId: Id | null; messageId: Id | null };

/** Stands where a value is known. */
const KNOWN = 0;
const VIEW_REST = namesOf<Pick<ThreadView, 'sendTo' | 'aliases'>>({ sendTo: true, aliases: true });
type Seldom = 'quickReplies' | 'custom' | 'payload' | 'title' | 'details' | 'sentAt' | 'edited' | 'deletedAt';
const MESSAGE_REST = namesOf<Pick<Message, Seldom>>({
  quickReplies: true,
  custom: true,
  payload: true,
  title: true,
  details: true,
  sentAt: true,
  edited: true,
  deletedAt: true,
});

export function packApplied(inputs: readonly Input[], applied: readonly Applied[]): string {
  const out: Value[] = [];
  for (const [index, each] of applied.entries()) putApplied(out, each, inputs[index] as Input);
  return JSON.stringify(out);
}

export function unpackApplied(inputs: readonly Input[], text: string): Applied[] {
  const from = new Reader(text);
  return inputs.map((input) => takeApplied(from, input));
}

function putApplied(out: Value[], applied: Applied, input: Input): void {
  const { reply, thread, dueAt, queued, changes, health, transients } = applied;
  putReply(out, reply);
  putView(out, thread, input);
  out.push(dueAt === undefined ? false : dueAt, queued.length);
  const known = knownOf(input, reply, thread);
  for (const item of queued) putItem(out, item, known);
  out.push(changes.length);
  for (const change of changes) putChange(out, change, input);
  out.push(health, transients.length > 0 && transients);
}

function takeApplied(from: Reader, input: Input): Applied {
  const reply = takeReply(from);
  const thread = takeView(from, input);
  const dueAt = from.next<number | null | false>();
  const known = knownOf(input, reply, thread);
  return {
    reply,
    thread,
    dueAt: dueAt === false ? undefined : dueAt,
    queued: Array.from({ length: from.next<number>() }, () => takeItem(from, known)),
    changes: Array.from({ length: from.next<number>() }, () => takeChange(from, input)),
    health: from.next(),
    transients: from.next() || [],
  };
}

const knownOf = (input: Input, reply: Reply, thread: ThreadView | null): Known => ({
  input,
  threadId: thread?.id ?? null,
  messageId: (reply.ok && reply.messageId) || null,
});

// ───────────────────────────── replies and views ─────────────────────────────

function putReply(out: Value[], reply: Reply): void {
  if (!reply.ok) {
    out.push(reply);
    return;
  }
  for (const name in reply) {
    if (name === 'ok' || name === 'messageId') continue;
    out.push(reply);
    return;
  }
  out.push(reply.messageId ?? false);
}

function takeReply(from: Reader): Reply {
  const whole = from.whole<Reply>();
  if (whole) return whole;
  const messageId = from.next<Id | false>();
  return messageId === false ? { ok: true } : { ok: true, messageId };
}

const addressOf = (input: Input): string | undefined => (input.type === 'customer' ? input.address : undefined);

function putView(out: Value[], view: ThreadView | null, input: Input): void {
  if (view === null) {
    out.push(false);
    return;
  }
  const { id, assetId, serviceId, address, name, epoch, holder, drain, desk, attributes } = view;
  out.push(id, assetId, serviceId, address === addressOf(input) ? KNOWN : address, name, epoch);
  out.push(holder.type, holder.id, holder.conversationId, desk);
  out.push(soleOf(drain, holder.conversationId) ?? drain, isEmpty(attributes) ? KNOWN : attributes);
  out.push(restOf(view, VIEW_REST));
}

function takeView(from: Reader, input: Input): ThreadView | null {
  const id = from.next<Id | false>();
  if (id === false) return null;
  const [assetId, serviceId] = [from.next<Id>(), from.next<Id | null>()];
  const address = from.next<string | typeof KNOWN>();
  const [name, epoch] = [from.next<string>(), from.next<number>()];
  const holder: ThreadView['holder'] = { type: from.next(), id: from.next(), conversationId: from.next() };
  const desk = from.next<ThreadView['desk']>();
  const drain = from.next<number | Record<Id, number>>();
  const attributes = from.next<Record<string, string> | typeof KNOWN>();
  const view: ThreadView = {
    id,
    assetId,
    serviceId,
    address: address === KNOWN ? (addressOf(input) as string) : address,
    name,
    epoch,
    holder,
    drain: typeof drain === 'number' ? { [holder.conversationId as Id]: drain } : drain,
    desk,
    attributes: attributes === KNOWN ? {} : attributes,
  };
  return addRest(view, from.next());
}

function isEmpty(fields: object): boolean {
  for (const _ in fields) return false;
  return true;
}

/** The number under this name when there is no other. */
function soleOf(numbers: Record<string, number>, name: string | null): number | undefined {
  for (const each in numbers) if (each !== name) return undefined;
  return name === null ? undefined : numbers[name];
}

// ───────────────────────────── what was queued ─────────────────────────────

function putItem(out: Value[], item: LaneItem, known: Known): void {
  const { delivery, message } = item;
  if (item.thread !== null || item.merged.length > 0 || !isNew(delivery)) {
    out.push(item);
    return;
  }
  const { id, ord, threadId, target, lane, kind, conversationId, messageId, turn, data } = delivery;
  out.push(id, ord, threadId === known.threadId ? KNOWN : threadId, target.type, target.id, lane, kind, conversationId);
  out.push(messageId !== null && messageId === known.messageId ? KNOWN : messageId, turn, data);
  out.push(delivery.notBefore, delivery.replay, delivery.createdAt);
  putMessage(out, message, delivery, known.input);
}

/** As `apply` queues nearly all of them. */
const isNew = ({ status, attempts, generation, seriesAt, reason, merged }: Delivery): boolean =>
  status === 'pending' &&
  attempts === 0 &&
  generation === 0 &&
  seriesAt === null &&
  reason === null &&
  merged.length === 0;

function takeItem(from: Reader, known: Known): LaneItem {
  const whole = from.whole<LaneItem>();
  if (whole) return whole;
  const [id, ord, threadId] = [from.next<Id>(), from.next<number>(), from.next<Id | typeof KNOWN>()];
  const target: Delivery['target'] = { type: from.next(), id: from.next() };
  const [lane, kind] = [from.next<Delivery['lane']>(), from.next<Delivery['kind']>()];
  const [conversationId, messageId] = [from.next<Id | null>(), from.next<Id | null | typeof KNOWN>()];
  const delivery: Delivery = {
    id,
    ord,
    threadId: threadId === KNOWN ? (known.threadId as Id) : threadId,
    target,
    lane,
    kind,
    conversationId,
    messageId: messageId === KNOWN ? known.messageId : messageId,
    turn: from.next(),
    merged: [],
    data: from.next(),
    status: 'pending',
    attempts: 0,
    generation: 0,
    seriesAt: null,
    notBefore: from.next(),
    replay: from.next(),
    reason: null,
    createdAt: from.next(),
  };
  return { delivery, message: takeMessage(from, delivery, known.input), merged: [], thread: null };
}

/** What somebody said in this input, and the id the channel gave to it. */
function saidIn(input: Input): { text: string | undefined; externalId: string | undefined } {
  if (input.type === 'customer') return { text: input.message.text, externalId: input.externalId };
  const command = input.type === 'bot' || input.type === 'desk' ? input.command : undefined;
  return { text: command?.type === 'message' ? command.message.text : undefined, externalId: undefined };
}

function putMessage(out: Value[], message: Message | null, delivery: Delivery, input: Input): void {
  if (message === null || message.id !== delivery.messageId || message.threadId !== delivery.threadId) {
    out.push(message === null ? false : message);
    return;
  }
  const { seq, turn, kind, author, conversationId, type, text, media, at, externalId } = message;
  const said = saidIn(input);
  out.push(seq, turn, kind, author.type, author.id, author.name, conversationId, type);
  out.push(text === said.text ? KNOWN : text, media.length > 0 && media, at);
  out.push(externalId === undefined ? false : externalId === said.externalId ? KNOWN : externalId);
  out.push(restOf(message, MESSAGE_REST));
}

function takeMessage(from: Reader, delivery: Delivery, input: Input): Message | null {
  const whole = from.whole<Message>();
  if (whole) return whole;
  const seq = from.next<number | false>();
  if (seq === false) return null;
  const said = saidIn(input);
  const [turn, kind] = [from.next<number | null>(), from.next<Message['kind']>()];
  const author: Message['author'] = { type: from.next(), id: from.next(), name: from.next() };
  const [conversationId, type] = [from.next<Id | null>(), from.next<Message['type']>()];
  const text = from.next<string | typeof KNOWN>();
  const message: Message = {
    id: delivery.messageId as Id,
    threadId: delivery.threadId,
    seq,
    turn,
    kind,
    author,
    conversationId,
    type,
    text: text === KNOWN ? (said.text as string) : text,
    media: from.next() || [],
    at: from.next(),
  };
  const externalId = from.next<string | false | typeof KNOWN>();
  if (externalId !== false) message.externalId = externalId === KNOWN ? (said.externalId as string) : externalId;
  return addRest(message, from.next());
}

// ───────────────────────────── what changed ─────────────────────────────

function putChange(out: Value[], change: Change, input: Input): void {
  const { id, target, threadId, status, attempts, generation, seriesAt, notBefore, reason } = change;
  if (change.join !== undefined || change.joined !== undefined) {
    out.push(change);
    return;
  }
  const tried = input.type === 'attempt' && input.deliveryId === id && input.threadId === threadId;
  if (tried) out.push(KNOWN);
  else out.push(id, threadId);
  out.push(target.type, target.id, status ?? false, attempts ?? false, generation ?? false);
  out.push(seriesAt === undefined ? false : seriesAt, notBefore ?? false, reason === undefined ? false : reason);
}

function takeChange(from: Reader, input: Input): Change {
  const whole = from.whole<Change>();
  if (whole) return whole;
  const first = from.next<Id | typeof KNOWN>();
  const tried = first === KNOWN && input.type === 'attempt' ? input : undefined;
  const id = tried ? tried.deliveryId : (first as Id);
  const threadId = tried ? tried.threadId : from.next<Id>();
  const change: Change = { id, threadId, target: { type: from.next(), id: from.next() } };
  const status = from.next<NonNullable<Change['status']> | false>();
  const [attempts, generation] = [from.next<number | false>(), from.next<number | false>()];
  const seriesAt = from.next<number | null | false>();
  const notBefore = from.next<number | false>();
  const reason = from.next<string | null | false>();
  if (status !== false) change.status = status;
  if (attempts !== false) change.attempts = attempts;
  if (generation !== false) change.generation = generation;
  if (seriesAt !== false) change.seriesAt = seriesAt;
  if (notBefore !== false) change.notBefore = notBefore;
  if (reason !== false) change.reason = reason;
  return change;
}
