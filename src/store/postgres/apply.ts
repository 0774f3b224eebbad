// A batch of inputs: loaded together, decided in order in memory, written together, in one transaction.
// Not here: what a decision looks at (load.ts, facts.ts) and how it is saved (save.ts, flush.ts).
// The one thing to know: a refusal of the database undoes the batch; a mistake of ours undoes only the input that met it:
// the batch goes a second time, each input in a savepoint of its own.
import type { Applied, ConfigRow } from '../../engine/store-port.ts';
import type { Context, Decide, Decision, Input, Reply } from '../../routing/inputs.ts';
import type { Health, NewId, World } from '../../routing/model.ts';
import { readConfig } from '../rows/config.ts';
import { onceHash } from '../rows/dedupe.ts';
import type { HealthView } from '../rows/health.ts';
import { readHealth } from '../rows/health.ts';
import { viewOf } from '../rows/state.ts';
import { Book } from './book.ts';
import { claim, leaveUntold, owedBy } from './claims.ts';
import { factsFor, type Known } from './facts.ts';
import { Away } from './failure.ts';
import { flush } from './flush.ts';
import { load, reachedIn, unansweredOf, wantedBy } from './load.ts';
import { saveDecision } from './save.ts';
import type { Transaction, Work, Writer } from './writer.ts';

export type Deciding = {
  decide: Decide;
  now: () => number;
  newId: NewId;
  random: () => number;
  /** told of mistakes in our own code that an input met; the input is answered with a conflict */
  onError: (error: unknown) => void;
};

/**
 * What is in memory of the health, and whether there are aliases, as of the change `world` of such things; `stale`: a
 * transaction failed, and it must be read anew. `seen`: the change up to which the configuration was read, too. `config`: its
 * change as of which decisions know it, or a later one; `configured` takes it over, with the health of that instant, and gives
 * the World, once somebody does.
 */
export type Memory = {
  health: HealthView;
  aliases: boolean;
  stale: boolean;
  world: number;
  seen: number;
  config: number;
  configured: ((rows: ConfigRow[], health: Health[]) => World) | undefined;
};

/** A change of ours is kept: nothing of it needs to be read again. */
export function changed(memory: Memory, world: number): void {
  if (memory.world === world - 1) memory.world = world;
  if (memory.seen === world - 1) memory.seen = world;
}

export const CONFIG = 'SELECT * FROM config ORDER BY kind, id';

const without = (reply: Reply): Applied => ({
  reply,
  thread: null,
  dueAt: undefined,
  queued: [],
  changes: [],
  health: null,
  transients: [],
});

/** The result of an attempt by whoever owned the thread before. */
const stale = (): Applied => ({
  ...without({ ok: false, code: 'conflict', detail: 'Another process has taken over this conversation since.' }),
  stale: true,
});

const broken = (): Applied =>
  without({ ok: false, code: 'conflict', detail: 'This could not be decided because of an internal error.' });

/** `of`: its thread */
type Decided = Applied & { of: string | null };

/** Decides and saves. Rejects with Away when the database refuses: then nothing of it is kept. */
export class Applier {
  readonly #writer: Writer;
  readonly #memory: Memory;
  readonly #deciding: Deciding;

  constructor(writer: Writer, memory: Memory, deciding: Deciding) {
    this.#writer = writer;
    this.#memory = memory;
    this.#deciding = deciding;
  }

  async apply(inputs: Input[]): Promise<Applied[]> {
    try {
      return await this.#writer.write(this.#together(inputs), { otherwise: this.#oneByOne(inputs) });
    } catch (error) {
      this.#memory.stale = true;
      throw error;
    }
  }

  /** Reads the health that is kept: before anything is decided or shown. */
  ready(): Promise<void> {
    return this.#writer.write(async (tx) => {
      await this.#fresh(tx);
      return () => undefined;
    });
  }

  #context(now: number): Context {
    const { newId, random } = this.#deciding;
    return { now, newId, random, world: this.#memory.health.world };
  }

  #together(inputs: Input[]): Work<Applied[]> {
    return async (tx) => {
      await this.#fresh(tx);
      const { book, applied, last, world } = await this.#decideAll(tx, inputs);
      await this.#renew(tx, book, applied, last);
      return (last) => {
        book.placed(last);
        if (world !== undefined) changed(this.#memory, world);
        return applied.map(({ of: _, ...each }) => each);
      };
    };
  }

  /** The second way: with a savepoint around each input, so that one that cannot be saved is undone alone. */
  #oneByOne(inputs: Input[]): Work<Applied[]> {
    return async (tx) => {
      this.#memory.stale = true;
      const all: Applied[] = [];
      for (const input of inputs) {
        await this.#fresh(tx);
        await tx.query('SAVEPOINT one');
        try {
          const { book, applied, last } = await this.#decideAll(tx, [input]);
          await this.#renew(tx, book, applied, last);
          await tx.settle();
          book.placed(await last);
          all.push(...applied.map(({ of: _, ...each }) => each));
          await tx.query('RELEASE one');
        } catch (error) {
          if (error instanceof Away) throw error;
          await tx.settle().catch(() => undefined);
          await tx.query('ROLLBACK TO one');
          this.#memory.stale = true;
          this.#deciding.onError(error);
          all.push(broken());
        }
      }
      return () => all;
    };
  }

  async #fresh(tx: Transaction): Promise<void> {
    if (!this.#memory.stale) return;
    // First: whoever asks for it while this is read gets another one. Who fails sets it again.
    this.#memory.stale = false;
    const { rows } = await tx.query('SELECT id, status, failures, generation, reason, since FROM health');
    const known = rows.map(readHealth);
    this.#memory.health.replace(known);
    const { rows: some } = await tx.query('SELECT 1 AS found FROM aliases LIMIT 1');
    this.#memory.aliases = some.length > 0;
    const { rows: journal } = await tx.query('SELECT world, config FROM journal');
    await this.#configure(tx, Number(journal[0]?.config), known);
    // As it is kept: what the transaction has counted may have been undone with one of its inputs.
    this.#memory.world = Number(journal[0]?.world);
  }

  /** Two processes that decide by different configurations would take a line from each other with every word. */
  async #configure(tx: Transaction, now: number, known: Health[]): Promise<void> {
    const { health, config, configured } = this.#memory;
    // Before the engine takes part, it decides by what it has read itself; from then on all is looked at (peers.ts).
    if (now === config || configured === undefined) return;
    const { rows } = await tx.query(CONFIG);
    try {
      health.setWorld(configured(rows.map(readConfig), known));
      this.#memory.config = now;
    } catch (error) {
      // A secret of another master key, say: deciding by what is known is better than refusing every word.
      this.#deciding.onError(error);
    }
  }

  async #decideAll(tx: Transaction, inputs: Input[]) {
    const now = this.#deciding.now();
    let book = new Book(this.#writer.me);
    await load(tx, book, wantedBy(inputs), now, this.#memory.aliases);
    if ((await tx.world()) !== this.#memory.world) {
      // Another process changed what is in memory here: all is looked at again.
      this.#memory.stale = true;
      await this.#fresh(tx);
      book = new Book(this.#writer.me);
      await load(tx, book, wantedBy(inputs), now, this.#memory.aliases);
    }
    await claim(tx, book, this.#writer.mine);
    const applied: Decided[] = [];
    // Asked for each: while one waits for the database, another World may come, and what was decided is noted in that.
    for (const input of inputs) applied.push(await this.#one(tx, book, this.#context(now), input));
    leaveUntold(book, new Set(applied.map((each) => each.of)));
    const world = this.#tell(tx, book, applied);
    return { book, applied, last: flush(tx, book, now), world: world ? await tx.world() : undefined };
  }

  /** What other processes have in memory of this; true: it changed. */
  #tell(tx: Transaction, book: Book, applied: readonly Applied[]): boolean {
    const loose = [...book.write.newDeliveries.keys()].some((id) => !book.threads.has(this.#threadOf(book, id)));
    if (loose && !this.#writer.mine.has(0)) tx.notes.loose();
    for (const { transients } of applied) for (const signal of transients) tx.notes.word({ signal });
    for (const sent of book.sent) tx.notes.word({ sent });
    const world = book.write.health.size > 0 || book.firstAliases;
    if (world) tx.changeWorld(book.healthMoved || book.firstAliases);
    return world;
  }

  #threadOf(book: Book, deliveryId: string): string {
    return book.deliveries.get(deliveryId)?.threadId ?? '';
  }

  /** Of threads for which other processes have decided since, what they owe is told as a whole. */
  async #renew(tx: Transaction, book: Book, applied: Decided[], last: Promise<number>): Promise<void> {
    const of = applied.map((each) => each.of);
    const ids = [...book.claims.renewed];
    if (ids.length > 0) {
      await last;
      const owed = await owedBy(tx, ids);
      for (const id of ids) {
        const theirs = applied.filter((each) => each.of === id);
        // What no thread has is not among what this one owes.
        for (const each of theirs) each.queued = each.queued.filter(({ delivery }) => delivery.threadId !== id);
        const first = theirs[0];
        const entry = book.thread(id);
        if (!first || !entry) continue;
        first.owed = owed.get(id) ?? [];
        first.thread = viewOf(entry.state);
      }
    }
    for (const id of [...book.claims.claimed, ...ids]) {
      const each = applied[of.lastIndexOf(id)];
      const entry = book.thread(id);
      if (each) each.dueAt = entry?.columns.dueAt ?? null;
      if (each && entry) each.thread ??= viewOf(entry.state);
    }
  }

  async #one(tx: Transaction, book: Book, context: Context, input: Input): Promise<Decided> {
    const hash = onceHash(input);
    if (hash) {
      const first = book.dedupe.get(hash);
      if (first !== undefined && first !== false) {
        return { ...without({ ok: true, duplicate: true, ...(first !== null && { messageId: first }) }), of: null };
      }
    }
    const known = factsFor(book, input);
    const of = known.entry?.state.id ?? null;
    if ((input.type === 'attempt' || input.type === 'begin') && this.#isTheirs(book, of)) return { ...stale(), of };
    if (input.type === 'watermark' && known.entry)
      known.facts.sent = await reachedIn(tx, book, known.entry.state.id, input);
    const decision = await this.#decide(tx, book, context, input, known);
    const applied = await saveDecision(tx, book, known, decision, context.now);
    if (decision.aliases) {
      book.firstAliases ||= !this.#memory.aliases;
      this.#memory.aliases = true;
    }
    if (decision.health) this.#keepHealth(book, decision.health);
    for (const { assetId, externalId } of decision.externalIds)
      if (assetId !== undefined) book.sent.push([assetId, externalId]);
    if (input.type === 'clock') applied.dueAt = book.thread(input.threadId)?.columns.dueAt ?? null;
    const { reply } = decision;
    if (hash && reply.ok) book.remember(hash, reply.messageId ?? decision.messages[0]?.id ?? null);
    const thread = decision.thread?.id ?? of;
    // What no thread has is sent by whoever holds what belongs to nobody in particular.
    const leads = this.#writer.mine.has(0);
    const ours = thread === null ? leads : !book.claims.foreign.has(thread);
    const isOurs = (threadId: string): boolean => (book.threads.has(threadId) ? ours : leads);
    applied.queued = applied.queued.filter(({ delivery }) => isOurs(delivery.threadId));
    return { ...applied, ...(ours ? {} : { ours }), of: thread };
  }

  /** Whether an attempt on this thread was not ours to make. */
  #isTheirs({ claims }: Book, thread: string | null): boolean {
    if (thread === null) return !this.#writer.mine.has(0);
    return claims.foreign.has(thread) || claims.claimed.has(thread);
  }

  #keepHealth(book: Book, health: Health): void {
    const before = this.#memory.health.list().find(({ id }) => id === health.id);
    if (before?.status !== health.status || before.generation !== health.generation) book.healthMoved = true;
    this.#memory.health.set(health);
  }

  /** Asks `decide`, a second time with the unanswered turns if it wants them. */
  async #decide(
    tx: Transaction,
    book: Book,
    context: Context,
    input: Input,
    { facts, entry }: Known,
  ): Promise<Decision> {
    const decided = this.#deciding.decide(input, facts, context);
    if (decided !== 'needs_unanswered') return decided;
    facts.unanswered = entry ? await unansweredOf(tx, book, entry.state) : [];
    const again = this.#deciding.decide(input, facts, context);
    if (again === 'needs_unanswered') throw new Error(`no decision about ${input.type} even with the unanswered turns`);
    return again;
  }
}
