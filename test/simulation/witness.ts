// The witness at the door: judges every exchange when it begins, what is asked of the store, and what is kept.
// Not here: what is judged when all is over (verdict.ts). The one thing to know: it compares what leaves the program with
// what is on disk at that instant, and believes nothing that the engine says about itself.
import type { Exchange, ExchangeAnswer } from '../../src/engine/ports.ts';
import type { ConfigRow } from '../../src/engine/store-port.ts';
import { isOpen } from '../../src/routing/fixtures/memory.ts';
import type { Decision, Input } from '../../src/routing/inputs.ts';
import type { Delivery, Id, IntegrationSettings, ThreadState } from '../../src/routing/model.ts';
import { columnsOf } from '../../src/store/rows/state.ts';
import type { Disk } from './disk.ts';
import type { Owner, Time } from './virtual.ts';
import type { Weather } from './weather.ts';

const HOUR = 3_600_000;
/** A change on disk is known everywhere by then, in good weather. */
const KNOWN_MS = 2_000;
const ATTEMPTS_MAX = 5;

type Flight = { delivery: Delivery; process: Owner; lane: string };
export type WitnessParts = {
  time: Time;
  weather: Weather;
  disk: Disk;
  several: number;
  wrong(what: string, facts?: unknown): void;
};

export class Witness {
  readonly #parts: WitnessParts;
  readonly #flights = new Map<number, Flight>();
  /** by lane: what is in flight */
  readonly #busy = new Map<string, number>();
  /** what the last answer to a delivery was worth, as the party meant it */
  readonly #good = new Map<Id, boolean>();
  readonly #bodies = new Map<Id, string>();
  /** since when a bot or desk is as it is, and since when a thread has its epoch */
  readonly #since = new Map<Id, { status: string; at: number }>();
  readonly #epochs = new Map<Id, { epoch: number; at: number }>();
  /** verifications in flight, and of whom the last that each process made held */
  readonly #tried = new Map<number, { process: Owner; party: Id; url: string }>();
  /** where somebody was verified */
  readonly #places = new Set<string>();
  readonly #verified = new Map<Owner, Set<Id>>();
  readonly #failures = new Map<Id, number>();
  /** by delivery and generation: when the first attempt of the series began, what is not counted, and how many were kept */
  readonly #series = new Map<string, { at: number; excused: number; kept: number }>();
  /** of the last exchange of a delivery: how late bad weather let it begin, and when it ended */
  readonly #last = new Map<Id, { late: number; endedAt: number }>();
  exchanges = 0;
  #count = 0;

  constructor(parts: WitnessParts) {
    this.#parts = parts;
    parts.disk.watch = (input, decision, before) => {
      for (const row of parts.disk.rows) this.#isWhereItWas(row);
      this.#kept(input, decision);
      this.#closed(input, decision, before);
    };
  }

  // ───────────────────────────── at the door ─────────────────────────────

  begins(process: Owner, exchange: Exchange): number {
    const { time, weather } = this.#parts;
    this.exchanges += 1;
    const flight = ++this.#count;
    const key = exchange.headers['webhook-id'] ?? '';
    if (key.startsWith('verification-')) {
      const { url } = exchange;
      this.#tried.set(flight, { process, party: new URL(url).hostname.split('.')[0] ?? '', url });
      return flight;
    }
    const delivery = this.#owed(key, exchange);
    if (!delivery) {
      this.#wrong('something was sent that nobody was owed', { key, url: exchange.url });
      return flight;
    }
    const lane = `${delivery.threadId} ${delivery.target.type} ${delivery.target.id} ${delivery.lane}`;
    const other = this.#flights.get(this.#busy.get(lane) ?? 0);
    if (other && !other.process.dead && (other.process === process || time.now >= weather.roughUntil))
      this.#wrong('two of one lane are in flight', { delivery, other: other.delivery });
    this.#flights.set(flight, { delivery, process, lane });
    this.#busy.set(lane, flight);
    this.#good.delete(delivery.id);
    this.#mayBegin(delivery, exchange);
    return flight;
  }

  ends(id: number, answer: ExchangeAnswer): void {
    const flight = this.#flights.get(id);
    this.#flights.delete(id);
    const tried = this.#tried.get(id);
    if (tried) this.#verifies(tried, answer);
    if (!flight) return;
    this.#good.set(flight.delivery.id, this.#isGood(flight.delivery, answer));
    const last = this.#last.get(flight.delivery.id);
    if (last) last.endedAt = this.#parts.time.now;
  }

  #verifies({ process, party, url }: { process: Owner; party: Id; url: string }, answer: ExchangeAnswer): void {
    const verified = this.#verified.get(process) ?? new Set();
    this.#verified.set(process, verified);
    if (answer.ok && answer.status < 300 && shows(party, answer.body)) {
      verified.add(party);
      this.#places.add(url);
    } else verified.delete(party);
  }

  /** Who is active was verified where it is; each edit names a place of its own. At the beginning all are where they were. */
  #isWhereItWas({ kind, id, data }: ConfigRow): void {
    if (kind !== 'bot' && kind !== 'desk') return;
    const active = this.#parts.disk.healthOf(id)?.status === 'active';
    const url = String(data.url);
    if (active && !url.endsWith('/1') && !this.#places.has(url))
      this.#wrong('it is active where nobody asked it', { id, url });
  }

  /**
   * A process asks the store to keep something: one becomes active by a verification of this process that held, once for
   * each. Judged here and not when it is kept: a flush that hung may be kept after its verification was given up and
   * the next has failed, which takes nobody's activity away, and neither does one that failed in another process.
   */
  asks(process: Owner, inputs: Input[]): void {
    for (const input of inputs) {
      if (input.type !== 'integration' || input.status !== 'active') continue;
      if (!this.#verified.get(process)?.delete(input.id)) this.#wrong('it became active unverified', input);
    }
  }

  #isGood({ target }: Delivery, answer: ExchangeAnswer): boolean {
    if (!answer.ok || answer.status < 200 || answer.status >= 300 || answer.timing.totalMs > 5_000) return false;
    return shows(target.id, answer.body);
  }

  #owed(key: string, { url, body }: Exchange): Delivery | undefined {
    const { disk } = this.#parts;
    if (!url.includes('//asset.')) return disk.delivery(key);
    const message = disk.messages.get(key);
    if (message && !body.includes(JSON.stringify(message.text))) this.#wrong('the channel is told another text', body);
    const all = disk.deliveries.filter(({ target, messageId }) => target.type === 'asset' && messageId === key);
    return all.find(isOpen) ?? all.at(-1);
  }

  #mayBegin(delivery: Delivery, exchange: Exchange): void {
    const { disk, time, weather } = this.#parts;
    const { target, status, threadId, lane, ord } = delivery;
    if (!isOpen(delivery) && status !== 'cancelled' && disk.endedBy.get(delivery.id) === 'attempt')
      this.#wrong('it was sent again after its end', delivery);
    const before = disk.deliveries.find(
      (each) =>
        each.ord < ord &&
        each.threadId === threadId &&
        each.lane === lane &&
        each.target.id === target.id &&
        isOpen(each) &&
        disk.endedBy.get(each.id) !== 'resolution',
    );
    if (before) this.#wrong('it was sent before what was owed earlier', { before, delivery });
    const gone = disk.cancelledAt.get(delivery.id);
    if (gone !== undefined && time.now >= weather.roughUntil && time.now - gone > KNOWN_MS)
      this.#wrong('it was sent although it was cancelled', delivery);
    const health = target.type === 'bot' || target.type === 'desk' ? disk.healthOf(target.id) : undefined;
    const known = time.now >= weather.roughUntil;
    if (health && health.status !== 'active') {
      const since = this.#since.get(target.id)?.at ?? 0;
      if (known && time.now - since > KNOWN_MS)
        this.#wrong('it was sent to one that is not active', { health, delivery });
    }
    const fresh = health !== undefined && delivery.generation < health.generation;
    if (!fresh && time.now < delivery.notBefore) this.#wrong('it was sent before its time', delivery);
    const late = delivery.attempts === 0 || fresh ? 0 : weather.roughIn(delivery.notBefore, time.now);
    this.#last.set(delivery.id, { late, endedAt: time.now });
    if (!fresh) this.#inSeries(delivery, late);
    this.#sameAgain(delivery, exchange);
    if (target.type === 'bot') this.#asBot(delivery, exchange, known);
  }

  /**
   * At most five in a series, and the last begins inside its hour. Not counted is what an attempt began late and what its
   * result waited for the store, as far as it was in bad weather.
   */
  #inSeries(delivery: Delivery, late: number): void {
    const { time } = this.#parts;
    const series = this.#series.get(`${delivery.id} ${delivery.generation}`);
    if (!series || delivery.attempts === 0) return;
    const most = delivery.target.type === 'asset' || delivery.target.type === 'url' ? 4 : ATTEMPTS_MAX;
    if (series.kept >= most) this.#wrong('a series has more attempts than it may', { delivery, series });
    if (time.now - series.at > HOUR + series.excused + late)
      this.#wrong('an attempt began after the hour', { delivery, series });
  }

  /** What is tried again is the same. */
  #sameAgain({ id }: Delivery, { body }: Exchange): void {
    const read = JSON.parse(body) as Record<string, unknown>;
    const inner = read.Signalbox as { Messages?: { Messageid: string }[] } | undefined;
    const { Message, Messageid, PostbackPayload } = read;
    const same = JSON.stringify([Message, Messageid, PostbackPayload, inner?.Messages?.map((each) => each.Messageid)]);
    const before = this.#bodies.get(id);
    if (before !== undefined && before !== same) this.#wrong('what was tried again is not the same', { before, same });
    this.#bodies.set(id, same);
  }

  #asBot({ threadId, target, conversationId, kind, data }: Delivery, { body }: Exchange, known: boolean): void {
    const { disk, time } = this.#parts;
    const told = JSON.parse(body) as { ConversationType: string; Signalbox: { Epoch: number } };
    const thread = disk.threads.get(threadId);
    if (!thread || (kind !== 'message' && kind !== 'postback')) return;
    const { Epoch } = told.Signalbox;
    const holds = thread.holder.type === 'bot' && thread.holder.conversationId === conversationId;
    if (Epoch > thread.epoch) this.#wrong('an epoch that never was', { Epoch, thread });
    const since = this.#epochs.get(threadId)?.at ?? 0;
    if (known && Epoch < thread.epoch && time.now - since > KNOWN_MS)
      this.#wrong('it told an old epoch', { Epoch, thread });
    if (Epoch !== thread.epoch) return;
    if (told.ConversationType === 'BOT' && !holds) this.#wrong('one was asked that does not hold', { target, thread });
    if (told.ConversationType !== 'BOT' && holds && data?.owed === thread.epoch)
      this.#wrong('the holder was only told what it is owed', { target, thread });
  }

  /** Somebody has it sent again: its tries begin anew. */
  #anew(id: Id): void {
    const { generation } = this.#parts.disk.delivery(id) as Delivery;
    this.#series.delete(`${id} ${generation}`);
  }

  // ───────────────────────────── when a result is kept ─────────────────────────────

  #kept(input: Input, decision: Decision): void {
    const { disk, time, weather } = this.#parts;
    const { health, thread } = decision;
    if (input.type === 'bot') this.#notStale(input, decision);
    if (thread && this.#epochs.get(thread.id)?.epoch !== thread.epoch)
      this.#epochs.set(thread.id, { epoch: thread.epoch, at: time.now });
    const became = health !== null && this.#since.get(health.id)?.status !== health.status;
    if (became) this.#since.set(health.id, { status: health.status, at: time.now });
    if (input.type === 'integration') this.#failures.set(input.id, 0);
    if (input.type === 'resolution' && input.outcome === 'resend' && decision.reply.ok) this.#anew(input.deliveryId);
    const { attempt } = decision;
    const delivery = attempt && disk.delivery(attempt.deliveryId);
    if (!attempt || !delivery || input.type !== 'attempt') return;
    this.#release(delivery);
    const key = `${delivery.id} ${delivery.generation}`;
    const series = this.#series.get(key) ?? { at: attempt.startedAt, excused: 0, kept: 0 };
    const { late, endedAt } = this.#last.get(delivery.id) ?? { late: 0, endedAt: time.now };
    series.kept += 1;
    series.excused += late + weather.roughIn(endedAt, time.now);
    this.#series.set(key, series);
    const good = this.#good.get(delivery.id);
    if (good === false && attempt.ok) this.#wrong('a failure was counted as a success', { attempt, delivery });
    if (good === true && !attempt.ok && attempt.reason !== 'interrupted')
      this.#wrong('a success was counted as a failure', { attempt, delivery });
    if (delivery.status === 'dead') this.#mayDie(delivery, series, decision);
    if (attempt.ok && delivery.status !== 'delivered') this.#wrong('what was taken is not delivered', delivery);
    if (delivery.target.type === 'bot' || delivery.target.type === 'desk')
      this.#counts(delivery.target.id, decision, became);
  }

  /** A bot that names an epoch is heard in that epoch only. */
  #notStale({ command }: Extract<Input, { type: 'bot' }>, { reply, messages }: Decision): void {
    const threadId = this.#parts.disk.conversations.get(command.conversationId)?.threadId ?? '';
    const epoch = this.#epochs.get(threadId)?.epoch ?? 0;
    if (command.epoch === undefined || command.epoch === epoch || !reply.ok || messages.length === 0) return;
    this.#wrong('a word of an old epoch was taken', { command, epoch });
  }

  /** Given up: after the whole series, or its hour, and never while its target is not active. */
  #mayDie(delivery: Delivery, series: { at: number; kept: number }, { attempt, health }: Decision): void {
    const { disk, time } = this.#parts;
    const { target } = delivery;
    const party = disk.health.world.bots.get(target.id) ?? disk.health.world.desks.get(target.id);
    if ((health ?? party?.health)?.status !== undefined && (health ?? party?.health)?.status !== 'active')
      this.#wrong('it was given up although its target is not active', delivery);
    const whole = series.kept > (party?.settings.retry_spacing_s.length ?? 3) || time.now - series.at > HOUR - 6_000;
    const final = target.type !== 'bot' && target.type !== 'desk' && attempt?.status !== null;
    if (!whole && !final && attempt?.reason !== 'unsupported')
      this.#wrong('it was given up too early', { delivery, series });
  }

  /** What a desk took before it closed counts as answered. */
  #closed(input: Input, { reply, thread }: Decision, before: ThreadState | undefined): void {
    if (input.type !== 'desk' || input.command.type !== 'close' || !reply.ok || !thread || !before?.desk) return;
    const { phase, acked, conversationId } = before.desk;
    if (phase !== 'accepted' || conversationId !== input.command.conversationId || thread.answered >= acked) return;
    this.#wrong('what a desk took is not answered when it closes', { before, thread });
  }

  /** Its lane goes on. */
  #release({ threadId, target, lane }: Delivery): void {
    this.#busy.delete(`${threadId} ${target.type} ${target.id} ${lane}`);
  }

  /** Inactive exactly at the threshold, counted by ourselves. */
  #counts(id: Id, { attempt, health }: Decision, became: boolean): void {
    const { disk } = this.#parts;
    const party = disk.health.world.bots.get(id) ?? disk.health.world.desks.get(id);
    if (!party) return;
    const { failure_scope, failure_threshold }: IntegrationSettings = party.settings;
    const before = this.#failures.get(id) ?? 0;
    const count = attempt?.ok ? 0 : before + 1;
    const gone = attempt?.status === 410;
    this.#failures.set(id, count);
    if (gone && health?.status === 'active') this.#wrong('410 left it active', { attempt, health });
    if (failure_scope === 'message') return;
    const status = health?.status ?? party.health.status;
    if (status === 'active' && count >= failure_threshold)
      this.#wrong('it stayed active after its failures', { id, count });
    if (became && health?.status === 'inactive' && !gone && count < failure_threshold)
      this.#wrong('it became inactive too early', { id, count });
  }

  /** Deadlines ring: none is past for long in good weather. */
  look(): void {
    const { disk, time, weather } = this.#parts;
    if (time.now < weather.roughUntil) return;
    for (const thread of disk.threads.values()) {
      const { dueAt } = columnsOf(thread);
      if (dueAt !== null && dueAt < time.now - KNOWN_MS) this.#wrong('a deadline did not ring', thread);
    }
  }

  #wrong(what: string, facts?: unknown): void {
    this.#parts.wrong(what, facts);
  }
}

/** A bot proves itself by its token in each answer. */
const shows = (id: Id, body: string): boolean => !id.startsWith('bot') || body.includes(`token-${id}`);
