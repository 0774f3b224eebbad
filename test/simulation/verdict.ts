// What must hold when all is over: nothing lost, nothing twice, nothing of a refused word, everything ended or parked.
// Not here: what is judged at each exchange (witness.ts) and after each decision (src/routing/fixtures/invariants.ts).
// The one thing to know: it reads the disk and what parties saw, and compares the two.
import { isOpen } from '../../src/routing/fixtures/memory.ts';
import type { Delivery, Id, Message } from '../../src/routing/model.ts';
import type { Disk } from './disk.ts';
import type { Parties } from './parties.ts';

type Wrong = (what: string, facts?: unknown) => void;
const RANK: Record<string, number> = { Failed: 1, Delivered: 2, Read: 3, failed: 1, delivered: 2, read: 3 };

export function judge(disk: Disk, parties: Parties, wrong: Wrong): void {
  words(disk, parties, wrong);
  ended(disk, wrong);
  shown(disk, parties, wrong);
  heard(disk, wrong);
  asked(disk, wrong);
  owedOnce(disk, wrong);
  receipts(parties, wrong);
  replays(disk, wrong);
  swept(disk, wrong);
  seenInOrder(disk, parties, wrong);
}

/** What was acknowledged is kept, once. */
function words(disk: Disk, parties: Parties, wrong: Wrong): void {
  const all = [...disk.messages.values()].filter(({ turn }) => turn !== null);
  for (const word of parties.words) {
    if (!word.acknowledged) wrong('a word was never acknowledged', word);
    const kept = all.filter((each) => (each.payload ?? each.text) === word.text);
    if (kept.length !== 1) wrong('a word is not kept once', { word, kept: kept.length });
  }
}

/** Every delivery ended, or is parked with one that is not active. */
function ended(disk: Disk, wrong: Wrong): void {
  for (const each of disk.deliveries) {
    if (isOpen(each) && disk.health.isActive(each.target)) wrong('a delivery never ended', each);
  }
}

/** Somebody decided that it is sent, or what became of it. */
const isByHand = (disk: Disk, { id, replay }: Delivery): boolean =>
  replay || disk.resent.has(id) || disk.endedBy.get(id) === 'resolution';

/** The customer saw what was accepted, once and in order, and nothing else. */
function shown(disk: Disk, parties: Parties, wrong: Wrong): void {
  const owed = (id: Id): Delivery[] =>
    disk.deliveries.filter(({ target, messageId }) => target.type === 'asset' && messageId === id);
  const provider = [...disk.health.world.assets.values()].some(({ channel }) => channel !== 'http');
  const resends = [...disk.health.world.assets.values()].some(({ onUnknown }) => onUnknown === 'resend');
  for (const { text, state } of parties.said) {
    const messages = [...disk.messages.values()].filter((each) => each.text === text);
    if (messages.length > 1) wrong('something was said twice', messages);
    const [message] = messages;
    if (state === 'refused' && message) wrong('what was refused was kept', message);
    if (state === 'accepted' && !message) wrong('what was accepted is not kept', text);
    const times = parties.shown.filter((each) => each.text === text);
    if (times.length > 0 && !message) wrong('the customer saw what nobody took', text);
    if (!message) continue;
    if (new Set(times.map(({ messageId }) => messageId)).size > 1) wrong('the customer saw it twice', times);
    const all = owed(message.id);
    const byHand = all.some((each) => isByHand(disk, each));
    if (provider && !resends && !byHand && times.length > 1 + answeredBadly(disk, all))
      wrong('the customer saw it twice, without a key', times);
    if (all.some(({ status }) => status === 'delivered') && times.length === 0 && !byHand && !told(disk, message.id))
      wrong('the customer never saw what was delivered', message);
    if (all.length === 0) wrong('what was accepted is owed to nobody', message);
  }
  for (const address of new Set(parties.shown.map(({ to }) => to))) inOrder(disk, parties, address, wrong);
}

/** Attempts that failed for a clear reason although the channel had taken it: then it is sent again. */
function answeredBadly(disk: Disk, deliveries: Delivery[]): number {
  const ids = new Set(deliveries.map(({ id }) => id));
  return disk.kept.filter(({ attempt }) => ids.has(attempt.deliveryId) && attempt.status !== null && !attempt.ok)
    .length;
}

const told = (disk: Disk, id: Id): boolean => (disk.messages.get(id)?.receipt ?? null) !== null;

function inOrder(disk: Disk, parties: Parties, address: string, wrong: Wrong): void {
  const byHand = (id: Id) => disk.deliveries.some((each) => each.messageId === id && isByHand(disk, each));
  const first = [...new Set(parties.shown.filter(({ to }) => to === address).map(({ messageId }) => messageId))];
  const seqs = first.filter((id) => !byHand(id)).map((id) => disk.messages.get(id)?.seq ?? 0);
  const wrongAt = seqs.findIndex((seq, i) => i > 0 && seq <= (seqs[i - 1] ?? 0));
  if (wrongAt >= 0) wrong('the customer saw it out of order', { seqs, address });
}

const taken = (disk: Disk, conversationId: Id): Delivery[] =>
  disk.deliveries
    .filter((d) => d.conversationId === conversationId && d.turn !== null && !d.replay && d.kind !== 'signal')
    .filter((d) => d.status === 'delivered');

/** The words that a delivery carried. */
const turnsOf = (disk: Disk, d: Delivery): number[] =>
  [d.messageId, ...d.merged].flatMap((id) => (id && disk.messages.get(id)?.turn) || []);

/** Each bot with an open conversation got every turn since, the first time in order. */
function heard(disk: Disk, wrong: Wrong): void {
  for (const thread of disk.threads.values()) {
    for (const { conversationId, botId } of thread.bots) {
      if (disk.healthOf(botId)?.status !== 'active') continue;
      if (disk.deliveries.some((d) => d.conversationId === conversationId && d.status === 'dead')) continue;
      const turns = taken(disk, conversationId).flatMap((d) => turnsOf(disk, d));
      const first = [...new Set(turns)];
      if (first.length === 0) continue;
      const whole = first.every((turn, i) => turn === (first[0] as number) + i);
      if (!whole) wrong('a bot was not told every word in order', { first, conversationId });
      if (first.at(-1) !== thread.turn) wrong('a bot was not told the last words', { first, turn: thread.turn });
    }
  }
}

/** Who holds the line was told, as asked, every word that nobody has answered. */
function asked(disk: Disk, wrong: Wrong): void {
  for (const thread of disk.threads.values()) {
    const { holder } = thread;
    if (holder.type === 'none' || thread.limbo !== '' || disk.healthOf(holder.id)?.status !== 'active') continue;
    const { conversationId } = holder;
    if (disk.deliveries.some((d) => d.conversationId === conversationId && d.status === 'dead')) continue;
    const got = new Set(taken(disk, conversationId).flatMap((d) => turnsOf(disk, d)));
    for (let turn = thread.answered + 1; turn <= thread.turn; turn++)
      if (!got.has(turn)) wrong('a word that waits was never told to who must answer it', { turn, thread });
  }
}

/** A word goes to a conversation once, and again only as owed anew, once for each time the line came. */
function owedOnce(disk: Disk, wrong: Wrong): void {
  const seen = new Set<string>();
  for (const d of disk.deliveries) {
    if (d.turn === null || d.replay) continue;
    for (const id of [d.messageId, ...d.merged]) {
      const key = `${d.conversationId} ${id} ${d.data?.owed ?? ''}`;
      if (seen.has(key)) wrong('a word is owed twice', d);
      seen.add(key);
    }
  }
}

/** Each sender got the receipts of its own messages, never from better to worse. */
function receipts(parties: Parties, wrong: Wrong): void {
  const known = new Map<string, number>();
  const seen = new Set<string>();
  for (const { by, id, body } of parties.got) {
    if (body.Event !== 'Message Delivery' || seen.has(id)) continue;
    seen.add(id);
    const inner = body.Signalbox as { Replay?: true };
    if (inner.Replay) continue;
    const key = `${by} ${body.Messageid}`;
    const rank = RANK[String(body.DeliveryStatus)] ?? 0;
    if (rank <= (known.get(key) ?? 0)) wrong('a receipt was told twice, or went back', body);
    known.set(key, rank);
  }
}

/** A replay of many ends, and replays each once, whatever died meanwhile. */
function replays(disk: Disk, wrong: Wrong): void {
  const tasks = [...disk.tasks.values()];
  for (const task of tasks) if (task.status === 'running') wrong('a replay never ended', task);
  const byTask = tasks.reduce((sum, { done, failed }) => sum + done - failed, 0);
  const all = disk.deliveries.filter(({ replay }) => replay).length;
  if (all > byTask + disk.replaysByHand) wrong('something was replayed twice', { tasks, all });
}

/** Nobody waits for one that is not active while the rules name another: a sweep now would change nothing. */
function swept(disk: Disk, wrong: Wrong): void {
  for (const { id, holder, epoch } of [...disk.threads.values()]) {
    if (holder.type === 'none' || disk.healthOf(holder.id)?.status === 'active') continue;
    disk.take({ type: 'unavailable', threadId: id, integrationId: holder.id });
    if (disk.threads.get(id)?.epoch !== epoch) wrong('somebody waits for one that is not active', { id, holder });
  }
}

/** As the parties saw it: in each conversation, what is new comes in the order of the thread. */
function seenInOrder(disk: Disk, parties: Parties, wrong: Wrong): void {
  const last = new Map<string, number>();
  const seen = new Set<string>();
  for (const { by, id } of parties.got) {
    const delivery = disk.delivery(id);
    if (!delivery || seen.has(id) || delivery.replay || delivery.turn === null) continue;
    seen.add(id);
    const message = disk.messages.get(delivery.messageId ?? '') as Message;
    const key = `${by} ${delivery.conversationId}`;
    if (delivery.data?.owed !== undefined || delivery.status === 'dead') continue;
    if ((message.turn ?? 0) <= (last.get(key) ?? 0)) wrong('a party was told out of order', { delivery, by });
    last.set(key, message.turn ?? 0);
  }
}
