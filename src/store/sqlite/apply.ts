// A batch of inputs: decided and saved in order, in one transaction.
// Not here: what a decision looks at (facts.ts) and how it is saved (save.ts). The one thing to know: a refusal of the
// disk undoes the batch; a mistake of ours undoes only the input that met it, and everybody else is answered.
import type { Applied } from '../../engine/store-port.ts';
import type { Context, Decide, Decision, Input, Reply } from '../../routing/inputs.ts';
import type { NewId } from '../../routing/model.ts';
import { onceHash } from '../rows/dedupe.ts';
import { type Loaded, loadFacts } from './facts.ts';
import { asUnavailable } from './failure.ts';
import { saveDecision } from './save.ts';
import type { Tables } from './tables.ts';

export type Deciding = {
  decide: Decide;
  now: () => number;
  newId: NewId;
  random: () => number;
  /** told of mistakes in our own code that an input met; the input is answered with a conflict */
  onError: (error: unknown) => void;
};

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

/** Decides and saves. Throws StoreFailure `unavailable` when the disk refuses: then nothing of it is kept. */
export function applyBatch(tables: Tables, deciding: Deciding, inputs: Input[]): Applied[] {
  const { now, newId, random } = deciding;
  const context: Context = { now: now(), newId, random, world: tables.health.world };
  try {
    return tables.write(() => inputs.map((input) => applyOne(tables, deciding, context, input)));
  } catch (error) {
    if (asUnavailable(error)) throw error;
    return tables.write(() => inputs.map((input) => applyAlone(tables, deciding, context, input)));
  }
}

/** The second way: with a savepoint around each input, so that one that cannot be saved is undone alone. */
function applyAlone(tables: Tables, deciding: Deciding, context: Context, input: Input): Applied {
  tables.db.exec('SAVEPOINT one');
  try {
    const applied = applyOne(tables, deciding, context, input);
    tables.flush();
    tables.db.exec('RELEASE one');
    return applied;
  } catch (error) {
    if (asUnavailable(error)) throw error;
    tables.db.exec('ROLLBACK TO one');
    tables.db.exec('RELEASE one');
    tables.reset();
    deciding.onError(error);
    return broken();
  }
}

function applyOne(tables: Tables, deciding: Deciding, context: Context, input: Input): Applied {
  const { now } = context;
  const hash = onceHash(input);
  if (hash) {
    const first = tables.dedupe.find(hash, now);
    if (first !== undefined) return without({ ok: true, duplicate: true, ...(first !== null && { messageId: first }) });
  }
  const loaded = loadFacts(tables, input, now);
  const decision = decideOne(tables, deciding, context, input, loaded);
  const applied = saveDecision(tables, loaded, decision, now);
  if (input.type === 'clock') applied.dueAt = tables.threads.byId(input.threadId)?.columns.dueAt ?? null;
  const { reply } = decision;
  if (hash && reply.ok) tables.dedupe.add(hash, reply.messageId ?? decision.messages[0]?.id ?? null, now);
  return applied;
}

/** Asks `decide`, a second time with the unanswered turns if it wants them. */
function decideOne(
  tables: Tables,
  deciding: Deciding,
  context: Context,
  input: Input,
  { facts, entry }: Loaded,
): Decision {
  const decided = deciding.decide(input, facts, context);
  if (decided !== 'needs_unanswered') return decided;
  facts.unanswered = entry ? tables.messages.unanswered(entry.n, entry.state.answered) : [];
  const again = deciding.decide(input, facts, context);
  if (again === 'needs_unanswered') throw new Error(`no decision about ${input.type} even with the unanswered turns`);
  return again;
}
