// A batch of inputs: loaded together, decided in order in memory, written together, in one transaction.
// Not here: what a decision looks at (load.ts, facts.ts) and how it is saved (save.ts, flush.ts).
// The one thing to know: a refusal of the database undoes the batch; a mistake of ours undoes only the input that met it:
// the batch goes a second time, each input in a savepoint of its own.
import type { Applied } from '../../engine/store-port.ts';
import type { Context, Decide, Decision, Input, Reply } from '../../routing/inputs.ts';
import type { NewId } from '../../routing/model.ts';
import { onceHash } from '../rows/dedupe.ts';
import type { HealthView } from '../rows/health.ts';
import { readHealth } from '../rows/health.ts';
import { Book } from './book.ts';
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

/** What is in memory of the health, and whether there are aliases; `stale`: a transaction failed, and it must be read anew. */
export type Memory = { health: HealthView; aliases: boolean; stale: boolean };

const without = (reply: Reply): Applied => ({
  reply,
  thread: null,
  dueAt: undefined,
  queued: [],
  changes: [],
  health: null,
  transients: [],
});

const broken = (): Applied =>
  without({ ok: false, code: 'conflict', detail: 'This could not be decided because of an internal error.' });

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

  #context(): Context {
    const { now, newId, random } = this.#deciding;
    return { now: now(), newId, random, world: this.#memory.health.world };
  }

  #together(inputs: Input[]): Work<Applied[]> {
    return async (tx) => {
      await this.#fresh(tx);
      const { book, applied } = await this.#decideAll(tx, this.#context(), inputs);
      return (last) => {
        book.placed(last);
        return applied;
      };
    };
  }

  /** The second way: with a savepoint around each input, so that one that cannot be saved is undone alone. */
  #oneByOne(inputs: Input[]): Work<Applied[]> {
    return async (tx) => {
      this.#memory.stale = true;
      const context = this.#context();
      const all: Applied[] = [];
      for (const input of inputs) {
        await this.#fresh(tx);
        await tx.query('SAVEPOINT one');
        try {
          const { book, applied, last } = await this.#decideAll(tx, context, [input]);
          await tx.settle();
          book.placed(await last);
          all.push(...applied);
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
    const { rows } = await tx.query('SELECT id, status, failures, generation, reason, since FROM health');
    this.#memory.health.replace(rows.map(readHealth));
    const { rows: some } = await tx.query('SELECT 1 AS found FROM aliases LIMIT 1');
    this.#memory.aliases = some.length > 0;
    this.#memory.stale = false;
  }

  async #decideAll(tx: Transaction, context: Context, inputs: Input[]) {
    const book = new Book();
    await load(tx, book, wantedBy(inputs), context.now, this.#memory.aliases);
    const applied: Applied[] = [];
    for (const input of inputs) applied.push(await this.#one(tx, book, context, input));
    return { book, applied, last: flush(tx, book, context.now) };
  }

  async #one(tx: Transaction, book: Book, context: Context, input: Input): Promise<Applied> {
    const hash = onceHash(input);
    if (hash) {
      const first = book.dedupe.get(hash);
      if (first !== undefined && first !== false) {
        return without({ ok: true, duplicate: true, ...(first !== null && { messageId: first }) });
      }
    }
    const known = factsFor(book, input);
    if (input.type === 'watermark' && known.entry)
      known.facts.sent = await reachedIn(tx, book, known.entry.state.id, input);
    const decision = await this.#decide(tx, book, context, input, known);
    const applied = await saveDecision(tx, book, known, decision, context.now);
    if (decision.aliases) this.#memory.aliases = true;
    if (decision.health) this.#memory.health.set(decision.health);
    if (input.type === 'clock') applied.dueAt = book.thread(input.threadId)?.columns.dueAt ?? null;
    const { reply } = decision;
    if (hash && reply.ok) book.remember(hash, reply.messageId ?? decision.messages[0]?.id ?? null);
    return applied;
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
