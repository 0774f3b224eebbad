// One open stream's place in its customer's thread, and what it last told of how things stand.
// Not here: when it is woken (streams.ts) and how it is written (its transport). The one thing to know: words, receipts
// and conversations are read after the cursor, each once; who answers and how far one's own words got are levels, told
// when they differ from what was told last.
import type { Happened, Store, ThreadRow } from '../../engine/store-port.ts';
import type { Id } from '../../routing/model.ts';
import type { Holder, Ticks } from './protocol.ts';
import type { Line, StreamItem, StreamsParts } from './streams.ts';
import { holderOf, type Linked, showMessage, ticksOf } from './wire.ts';

const PAGE = 100;

/** What a customer is shown of what happened; null: nothing. */
export async function itemOf(
  happened: Happened,
  { store, linked }: { store: Pick<Store, 'conversation'>; linked: Linked },
): Promise<StreamItem | null> {
  const cursor = String(happened.ord);
  if ('message' in happened) {
    return { event: 'message', cursor, data: showMessage(happened, linked), said: happened };
  }
  const { type, data } = happened.event;
  if (type === 'message.receipt') {
    const status = data.status as 'delivered' | 'failed' | 'read';
    return { event: 'receipt', cursor, data: { message_id: String(data.message_id), status } };
  }
  if (type === 'conversation.updated' && data.status === 'accepted') {
    return { event: 'conversation', cursor, data: { status: 'accepted', agent: String(data.agent ?? '') } };
  }
  if (type !== 'conversation.closed') return null;
  // Only what the customer saw beginning is seen ending: a desk's conversation that somebody had accepted.
  const closed = await store.conversation(String(data.conversation_id));
  if (closed?.type !== 'desk' || closed.agent === null) return null;
  return { event: 'conversation', cursor, data: { status: 'closed', agent: closed.agent } };
}

type Reading = {
  assetId: Id;
  address: string;
  after: number | null;
  begin(): Promise<void>;
  bind(threadId: Id): void;
};

/** One stream's place in its thread, and what it last told of how things stand. */
export class Reader {
  readonly #parts: StreamsParts;
  readonly #line: Line;
  readonly #of: Reading;
  #cursor = 0;
  #ready = false;
  #dirty = true;
  #over = false;
  #holder = '';
  #ticks = '';

  constructor(parts: StreamsParts, line: Line, of: Reading) {
    this.#parts = parts;
    this.#line = line;
    this.#of = of;
    line.wake = () => {
      this.#dirty = true;
    };
  }

  async next(waitMs: number): Promise<StreamItem[] | null> {
    if (this.#over) return null;
    for (let waited = false; ; waited = await this.#pause(waitMs)) {
      if (this.#line.closed) return null;
      if (this.#line.ended !== null) {
        this.#over = true;
        return [{ event: 'bye', data: { reason: this.#line.ended } }];
      }
      // A thread that came through another process is found here.
      if (waited && this.#line.threadId === null) this.#dirty = true;
      const items = this.#dirty ? await this.#read() : [];
      if (items.length > 0 || waited) return items;
    }
  }

  async #read(): Promise<StreamItem[]> {
    const { store, directory } = this.#parts;
    await this.#of.begin();
    this.#dirty = false;
    const items: StreamItem[] = [];
    const thread = await store.customerThread(this.#of.assetId, this.#of.address);
    if (thread !== null && thread.id !== this.#line.threadId) {
      this.#of.bind(thread.id);
      // What was committed between the reading and the binding woke nobody.
      this.#dirty = true;
    }
    const [holder, ticks] = [holderOf(thread, directory.world()), ticksOf(thread)];
    if (!this.#ready) {
      this.#ready = true;
      this.#cursor = this.#of.after ?? (await this.#newest(thread));
      items.push({ event: 'ready', data: { holder, ticks, cursor: String(this.#cursor) } });
      this.#note(holder, ticks);
    }
    if (thread !== null) {
      const happened = await store.happened(thread.id, this.#cursor, PAGE);
      for (const each of happened) {
        const item = await itemOf(each, this.#parts);
        if (item) items.push(item);
        this.#cursor = each.ord;
      }
      if (happened.length === PAGE) this.#dirty = true;
    }
    items.push(...this.#standing(holder, ticks), ...this.#typing());
    return items;
  }

  /** From now on: what is committed after this look. */
  async #newest(thread: ThreadRow | null): Promise<number> {
    if (thread === null) return 0;
    return (await this.#parts.store.said(thread.id, null, 1))[0]?.ord ?? 0;
  }

  #note(holder: Holder, ticks: Ticks): void {
    this.#holder = JSON.stringify(holder);
    this.#ticks = JSON.stringify(ticks);
  }

  #standing(holder: Holder, ticks: Ticks): StreamItem[] {
    const items: StreamItem[] = [];
    if (this.#holder !== JSON.stringify(holder)) items.push({ event: 'holder', data: holder });
    if (this.#ticks !== JSON.stringify(ticks)) items.push({ event: 'ticks', data: ticks });
    this.#note(holder, ticks);
    return items;
  }

  #typing(): StreamItem[] {
    const { typing } = this.#line;
    this.#line.typing = null;
    return typing === null ? [] : [{ event: 'typing', data: typing }];
  }

  /** Until it is woken (false) or the time is over (true). */
  #pause(ms: number): Promise<boolean> {
    const { clock } = this.#parts;
    return new Promise((resolve) => {
      const done = (waited: boolean): void => {
        cancel();
        this.#line.wake = () => {
          this.#dirty = true;
        };
        resolve(waited);
      };
      const cancel = clock.at(clock.now() + ms, () => done(true));
      this.#line.wake = () => {
        this.#dirty = true;
        done(false);
      };
      if (this.#dirty || this.#line.closed || this.#line.ended !== null) done(false);
    });
  }
}
