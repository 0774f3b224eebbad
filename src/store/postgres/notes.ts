// What the processes on one database tell each other when a transaction is kept (NOTIFY): that somebody should look.
// Not here: what is looked at then (peers.ts). The one thing to know: nothing depends on a note that is lost, but time: all
// but signals are found by looking now and then.
import type { ReplayTask } from '../../engine/store-port.ts';
import type { Transient } from '../../routing/inputs.ts';
import type { Id } from '../../routing/model.ts';

/** The channel of this schema. */
export const CHANNEL = "'signalbox_' || current_schema()";

/** PostgreSQL takes less than 8000 bytes; letters may have four. */
const TEXT_MAX = 1_900;

/** What one note says. `hello`: a process has begun; `bye`: it has ended; `loose`: something is owed that no thread has. */
export type Note = {
  from: number;
  hello?: true;
  bye?: true;
  touched?: true;
  world?: true;
  loose?: true;
  signal?: Transient;
  /** the asset's channel knows a message of ours by this id now */
  sent?: [assetId: Id, externalId: string];
  /** a task that somebody changed */
  replay?: [id: Id, status: ReplayTask['status']];
};
type Word = Omit<Note, 'from'>;

export class Notes {
  #plain: Word = {};
  #words: Word[] = [];

  hello(): void {
    this.#plain.hello = true;
  }

  /** A thread of another process was decided here. */
  touched(): void {
    this.#plain.touched = true;
  }

  world(): void {
    this.#plain.world = true;
  }

  loose(): void {
    this.#plain.loose = true;
  }

  word(word: Pick<Note, 'signal' | 'sent' | 'replay'>): void {
    this.#words.push(word);
  }

  bye(from: number): string {
    return JSON.stringify({ from, bye: true });
  }

  /** As they are sent; there is always one, by which others know of the commit. */
  texts(from: number): string[] {
    const all = [this.#plain, ...this.#words].map((word) => JSON.stringify({ from, ...word }));
    return all.filter((text) => text.length <= TEXT_MAX);
  }
}

export function readNote(text: string): Note | null {
  try {
    return JSON.parse(text) as Note;
  } catch {
    return null;
  }
}
