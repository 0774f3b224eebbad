// The two ends of the wire between the program and the store's thread: one message a call, one message an answer.
// Not here: what the calls do. The one thing to know: failures cross as a kind and a sentence; each end makes its own
// class of it. Batches cross as packed text, which costs less than the structured clone of many small objects.
import { type MessagePort, Worker } from 'node:worker_threads';
import type { Applied } from '../../engine/store-port.ts';
import type { Input } from '../../routing/inputs.ts';
import type { SqliteCore } from './core.ts';
import { asUnavailable, type FailureKind, StoreFailure } from './failure.ts';
import { packApplied, unpackApplied } from './packed-applied.ts';
import { packInputs, unpackInputs } from './packed-inputs.ts';

export type Method = Exclude<keyof SqliteCore, 'rest'>;
/** `open` is asked of the thread itself, the rest of the store in it; a text is the inputs of `apply`. */
type Call = { id: number; method: Method | 'open'; args: unknown[] } | { id: number; inputs: string };
type Answer =
  | { id: number; ok: true; value: unknown }
  | { id: number; ok: false; kind: FailureKind | null; message: string }
  /** a mistake that an input met: for the log */
  | { id: null; message: string };

/** What the store's thread needs to be told by its entry point. */
export type Serving = {
  create(file: string, onError: (error: unknown) => void): SqliteCore;
};

/** Answers calls on a port until the store is closed. Runs in the store's thread. */
export function serve(port: MessagePort, { create }: Serving): void {
  let core: SqliteCore | undefined;
  const onError = (error: unknown): void => {
    port.postMessage({ id: null, message: describe(error) } satisfies Answer);
  };
  const rest = (): void => {
    try {
      core?.rest();
    } catch (error) {
      onError(error);
    }
  };
  const answer = (call: Call): unknown => {
    if ('method' in call && call.method === 'open') {
      core = create(call.args[0] as string, onError);
      return undefined;
    }
    if (core === undefined) throw new StoreFailure('unavailable', 'The store is not open.');
    if ('method' in call) return (core[call.method as Method] as (...args: unknown[]) => unknown)(...call.args);
    const inputs = unpackInputs(call.inputs);
    const applied = core.apply(inputs);
    // After the answer, and after what has come in meanwhile.
    setImmediate(rest);
    return packApplied(inputs, applied);
  };
  port.on('message', (call: Call) => {
    try {
      port.postMessage({ id: call.id, ok: true, value: answer(call) } satisfies Answer);
    } catch (error) {
      const failure = asUnavailable(error);
      const message = failure?.message ?? describe(error);
      port.postMessage({ id: call.id, ok: false, kind: failure?.kind ?? null, message } satisfies Answer);
    }
    if ('method' in call && call.method === 'close') {
      core = undefined;
      port.close();
    }
  });
}

const describe = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error));

/** The program's end: a thread that can be called. Calls are answered in order. */
export class Caller {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  #next = 1;
  #stopping = false;
  #ended: StoreFailure | undefined;

  constructor(entry: URL, onError: (error: unknown) => void) {
    this.#worker = new Worker(entry, { name: 'store' });
    this.#worker.on('message', (answer: Answer) => this.#take(answer, onError));
    this.#worker.on('error', (error) => this.#end(`The store's thread failed: ${error.message}`, error, onError));
    this.#worker.on('exit', () => this.#end("The store's thread has ended.", undefined, onError));
  }

  call(method: Method | 'open', args: unknown[]): Promise<unknown> {
    return this.#ask((id) => ({ id, method, args }));
  }

  /** The hot call. The inputs must stay as they are until it is answered. */
  async apply(inputs: Input[]): Promise<Applied[]> {
    const text = await this.#ask((id) => ({ id, inputs: packInputs(inputs) }));
    return unpackApplied(inputs, text as string);
  }

  #ask(callOf: (id: number) => Call): Promise<unknown> {
    if (this.#ended) return Promise.reject(this.#ended);
    return new Promise((resolve, reject) => {
      const call = callOf(this.#next++);
      this.#waiting.set(call.id, { resolve, reject });
      this.#worker.postMessage(call);
    });
  }

  /** Ends the thread, after a last call if there is one; what else is under way is refused. */
  async stop(last?: Method): Promise<void> {
    this.#stopping = true;
    try {
      if (last) await this.call(last, []);
    } finally {
      this.#ended ??= new StoreFailure('unavailable', 'The store is closed.');
      await this.#worker.terminate();
    }
  }

  #take(answer: Answer, onError: (error: unknown) => void): void {
    if (answer.id === null) {
      onError(new Error(answer.message));
      return;
    }
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if (answer.ok) waiting?.resolve(answer.value);
    else waiting?.reject(answer.kind ? new StoreFailure(answer.kind, answer.message) : new Error(answer.message));
  }

  #end(sentence: string, cause: unknown, onError: (error: unknown) => void): void {
    if (this.#ended === undefined) {
      this.#ended = new StoreFailure('unavailable', sentence, { cause });
      if (!this.#stopping) onError(this.#ended);
    }
    for (const { reject } of this.#waiting.values()) reject(this.#ended);
    this.#waiting.clear();
  }
}
