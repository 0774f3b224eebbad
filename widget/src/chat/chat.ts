// One customer's chat in one tab: holds the transcript, and ties session, stream, outbox and the other tabs together.
// Not here: how it looks. The one thing to know: whatever happens is an action; the tab where it happened reduces it and
// tells it to the others, so that all tabs show the same while one of them speaks to the server.
import { type Settings, type StreamEvents, TYPING_MS } from '../../../src/channels/webchat/protocol.ts';
import { backoff } from './backoff.ts';
import type { Keep } from './keep.ts';
import { type Election, type Locks, standForElection } from './leader.ts';
import { type Cable, type Line, openLine, type Said } from './line.ts';
import { idMaker, type Outbox, outboxIn } from './outbox.ts';
import { type Pauses, pauses } from './pause.ts';
import { type Receipts, receiptsBy } from './receipts.ts';
import { type Sender, startSender } from './sender.ts';
import { type Identity, type Sessions, sessionsIn } from './session.ts';
import type { ServerEvent } from './sse.ts';
import { keepStream } from './stream.ts';
import { type Action, EMPTY, type Queued, reduce, type Transcript, unacknowledged } from './transcript.ts';
import { passes, type Refusal, type Wire } from './wire.ts';

export type ChatPorts = {
  /** names this chat among others of the page's origin */
  name: string;
  wire: Wire;
  keep: Keep;
  locks: Locks | undefined;
  cable: Cable;
  now(): number;
  random(): number;
};

export type Written = Pick<Queued, 'type' | 'text' | 'payload' | 'title'>;
type Watcher = (now: Transcript, action: Action | null, live: boolean) => void;

/** Renewed so long before it ends; a token that lives shorter is renewed when it is refused. */
const RENEW_BEFORE_MS = 60_000;
const LONGEST_TIMER_MS = 2_000_000_000;
/** The indicator is repeated a little more often than it fades. */
const TYPING_EVERY_MS = TYPING_MS - 2_000;

export class Chat {
  state: Transcript = EMPTY;
  settings: Settings | null = null;
  readonly #ports: ChatPorts;
  readonly #watchers = new Set<Watcher>();
  readonly #sessions: Sessions;
  readonly #outbox: Outbox;
  readonly #line: Line;
  readonly #receipts: Receipts;
  readonly #waits: Pauses = pauses();
  readonly #newId: () => string;
  readonly #files = new Map<string, File>();
  #election: Election | undefined;
  #electedFor = '';
  #work: { stream: { stop(): void }; sender: Sender } | undefined;
  #renewal: ReturnType<typeof setTimeout> | undefined;
  #fade: ReturnType<typeof setTimeout> | undefined;
  #typedAt = 0;
  /** whose words were told while this tab was not theirs */
  #missed = '';
  #loading = false;
  #stopped = false;

  constructor(ports: ChatPorts) {
    this.#ports = ports;
    const { wire, keep, locks, name } = ports;
    this.#outbox = outboxIn(keep, ports.now);
    this.#newId = idMaker(ports.now, ports.random);
    this.#sessions = sessionsIn({ ask: wire.session, keep, locks, lockName: `${name}:session` });
    this.#receipts = receiptsBy((ask) => wire.receipts(this.#sessions.token(), ask));
    this.#line = openLine(ports.cable, {
      leads: () => this.#election?.leads() ?? false,
      hear: (said) => this.#hear(said),
      dead: () => this.#election?.seize(),
    });
  }

  /** Until the first session, or a refusal that trying again cannot mend; `failed` hears every try that fails. */
  async start(failed: (refusal: Refusal, final: boolean) => void): Promise<boolean> {
    for (let attempt = 0; !this.#stopped; attempt += 1) {
      const refusal = await this.#open();
      if (refusal === null) return true;
      const final = !passes(refusal);
      failed(refusal, final);
      if (final) return false;
      await this.#waits.pause(Math.max(refusal.retryMs, backoff(attempt, this.#ports.random)));
    }
    return false;
  }

  watch(watcher: Watcher): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  // ───────────────────────────── what a person does ─────────────────────────────

  /** False: too much waits already. */
  send(written: Written): boolean {
    const { address } = this.state;
    const item: Queued = { ...written, id: this.#newId(), at: this.#ports.now(), address, state: 'queued' };
    this.#typedAt = 0;
    return this.#enqueue(item);
  }

  async attach(file: File): Promise<void> {
    const { address } = this.state;
    const preview = [{ url: null, type: file.type, name: file.name, bytes: file.size }];
    const item: Queued = {
      id: this.#newId(),
      type: 'message',
      at: this.#ports.now(),
      address,
      state: 'uploading',
      preview,
    };
    this.#files.set(item.id, file);
    await this.#upload(item, file);
  }

  retry(id: string): void {
    const item = this.state.queue.find((one) => one.id === id);
    const file = this.#files.get(id);
    if (item === undefined) return;
    const { why: _, ...rest } = item;
    if (file !== undefined && item.media === undefined) void this.#upload({ ...rest, state: 'uploading' }, file);
    else this.#enqueue({ ...rest, state: 'queued' });
    this.wake();
  }

  discard(id: string): void {
    this.#files.delete(id);
    this.#outbox.drop(id);
    this.#happen([{ type: 'dropped', id }]);
  }

  typed(on: boolean): void {
    const now = this.#ports.now();
    const due = on ? now - this.#typedAt > TYPING_EVERY_MS : this.#typedAt > 0;
    if (!due || this.state.link !== 'live') return;
    this.#typedAt = on ? now : 0;
    void this.#ports.wire.typing(this.#sessions.token(), { on });
  }

  /** What is on the screen has been seen. */
  seen(): void {
    this.#acknowledge('read');
  }

  async older(): Promise<void> {
    const first = this.state.messages[0];
    if (this.#loading || !this.state.more || first === undefined) return;
    this.#loading = true;
    const { address } = this.state;
    const answer = await this.#ports.wire.history(this.#sessions.token(), first.cursor);
    this.#loading = false;
    if (answer.ok && address === this.state.address) this.#happen([{ type: 'page', page: answer.value }], false);
  }

  async identify(identity: Identity): Promise<Refusal | null> {
    this.#sessions.identify(identity);
    if (this.settings === null) return null;
    const refusal = await this.#open();
    // One that does not hold must not be asked with again when the session is renewed.
    if (refusal !== null && !passes(refusal)) this.#sessions.identify(undefined);
    return refusal;
  }

  /** Forgets this customer: the next one who uses the browser must find nothing. */
  async reset(): Promise<void> {
    this.#outbox.clear();
    this.#receipts.clear();
    this.#files.clear();
    this.#sessions.forget();
    if (this.settings !== null) await this.#open({ moved: true });
  }

  /** Whatever waits for a better moment: this is one. */
  wake(): void {
    this.#waits.wake();
    this.#work?.sender.poke();
    if (this.#election !== undefined) this.#line.check();
  }

  /** Gives up everything that is open, until `resume`: the page may be kept for the back button. */
  rest(): void {
    this.#election?.resign();
    this.#election = undefined;
    this.#electedFor = '';
    clearTimeout(this.#renewal);
  }

  resume(): void {
    if (this.settings !== null) void this.#open();
  }

  stop(): void {
    this.#stopped = true;
    this.rest();
    this.#waits.wake();
    this.#watchers.clear();
    this.#line.close();
  }

  // ───────────────────────────── the session ─────────────────────────────

  async #open(options: { forget?: boolean; moved?: boolean } = {}): Promise<Refusal | null> {
    const { answer, was, anonymous } = await this.#sessions.open(options);
    if (!answer.ok) return answer;
    const session = answer.value;
    const { address } = session;
    const moved = options.moved === true || (was !== '' && was !== address);
    // The same person under another address: what they wrote goes with them. One who was verified takes it along only
    // as the same.
    if (moved && anonymous) this.#outbox.move(was, address);
    this.settings = session.settings;
    const known = new Set(session.history.messages.map((message) => message.client_id));
    for (const item of this.#outbox.items(address)) if (known.has(item.id)) this.#outbox.drop(item.id);
    this.#happen([{ type: 'session', session, queue: this.#outbox.items(address) }], false);
    if (moved) this.#line.say({ say: 'moved', kept: this.#ports.keep.get('session') });
    this.#renewLater(session.expires_at);
    this.#elect(address);
    if (!this.#leads()) this.#happen([{ type: 'link', link: 'live' }], false);
    if (this.#missed !== address) return null;
    // What another tab told of this customer while we asked may be newer than the answer.
    this.#missed = '';
    return this.#open();
  }

  #renewLater(expiresAt: number): void {
    clearTimeout(this.#renewal);
    const ms = expiresAt - this.#ports.now() - RENEW_BEFORE_MS;
    if (ms > RENEW_BEFORE_MS) this.#renewal = setTimeout(() => void this.#open(), Math.min(ms, LONGEST_TIMER_MS));
  }

  readonly #renew = async (forget = false): Promise<boolean> => (await this.#open({ forget })) === null;

  // ───────────────────────────── the tabs ─────────────────────────────

  #leads(): boolean {
    return this.#election?.leads() ?? false;
  }

  #elect(address: string): void {
    if (this.#electedFor === address || this.#stopped) return;
    this.#election?.resign();
    this.#electedFor = address;
    const change = (leads: boolean): void => (leads ? this.#lead() : this.#follow());
    this.#election = standForElection(`${this.#ports.name}:${address}`, this.#ports.locks, change);
  }

  #lead(): void {
    const { wire, now, random } = this.#ports;
    const token = (): string => this.#sessions.token();
    const stream = keepStream({
      open: (signal) => wire.events(token(), this.state.cursor, signal),
      event: (event) => this.#hearServer(event),
      link: (live) => this.#happen([{ type: 'link', link: live ? 'live' : 'offline' }]),
      renew: this.#renew,
      pause: this.#waits.pause,
      now,
      random,
    });
    const sender = startSender({
      outbox: this.#outbox,
      address: () => this.state.address,
      post: (items) => wire.post(token(), items),
      renew: this.#renew,
      pause: this.#waits.pause,
      random,
      taken: (ids) => this.#happen([{ type: 'posted', ids }]),
      refused: (id, why) => this.#happen([{ type: 'refused', id, why }]),
      failing: (stuck) => {
        if (this.state.stuck !== stuck) this.#happen([{ type: 'stuck', stuck }]);
      },
    });
    this.#work = { stream, sender };
    this.#acknowledge('delivered');
  }

  #follow(): void {
    this.#work?.stream.stop();
    this.#work?.sender.stop();
    this.#work = undefined;
  }

  #hear(said: Said): void {
    if (said.say === 'send') this.#work?.sender.poke();
    else if (said.say === 'moved') {
      // Whom this page vouched for is the past, or who has logged out in one tab would come back through another.
      this.#sessions.identify(undefined);
      const here = this.#ports.keep.get('session') as { address?: string } | undefined;
      // Where another move is seen already, this one is the past.
      if (said.kept && (here?.address ?? this.state.address) === this.state.address)
        this.#ports.keep.set('session', said.kept);
      void this.#open();
    } else if (said.say === 'do' && said.address === this.state.address) this.#happen(said.actions, false, true);
    else if (said.say === 'do') this.#missed = said.address;
  }

  // ───────────────────────────── what happens ─────────────────────────────

  #hearServer(event: ServerEvent): void {
    const actions = actionsOf(event);
    if (event.id !== null && event.id !== '') actions.push({ type: 'cursor', cursor: event.id });
    if (actions.length > 0) this.#happen(actions, true, true);
    if (event.event === 'ready') this.#receipts.flush();
    if (event.event === 'message') this.#acknowledge('delivered');
    if (event.event === 'typing' && this.state.typing !== null) {
      clearTimeout(this.#fade);
      this.#fade = setTimeout(() => this.#happen([{ type: 'typing', typing: null }]), TYPING_MS);
    }
  }

  /** `tell`: the other tabs; `live`: it happened just now, and somebody may want to hear of it. */
  #happen(actions: Action[], tell = true, live = false): void {
    for (const action of actions) {
      this.state = reduce(this.state, action);
      if (action.type === 'message' && action.message.client_id !== undefined) {
        this.#outbox.drop(action.message.client_id);
      }
      // Of another tab, maybe: what that one keeps may be seen here only later.
      if (action.type === 'queued' && action.item.state === 'queued' && this.#work) this.#outbox.put(action.item);
      for (const watcher of this.#watchers) watcher(this.state, action, live);
    }
    if (tell) this.#line.say({ say: 'do', address: this.state.address, actions });
  }

  #acknowledge(status: 'delivered' | 'read'): void {
    const ids = unacknowledged(this.state, status);
    if (ids.length === 0) return;
    this.#happen([{ type: 'receipts', ids, status }]);
    this.#receipts.owe(ids, status);
  }

  #enqueue(item: Queued): boolean {
    if (!this.#outbox.put(item)) return false;
    this.#happen([{ type: 'queued', item }]);
    if (this.#work !== undefined) this.#work.sender.poke();
    else {
      this.#line.say({ say: 'send' });
      this.#line.check();
    }
    return true;
  }

  /** A file takes its place in the line once it is with the server: a browser may not keep it over a reload. */
  async #upload(item: Queued, file: File): Promise<void> {
    this.#happen([{ type: 'queued', item }], false);
    for (let attempt = 0; !this.#stopped && this.#files.has(item.id); attempt += 1) {
      const answer = await this.#ports.wire.upload(this.#sessions.token(), file, file.name);
      if (answer.ok) {
        const { id, url, type, name, bytes } = answer.value;
        this.#files.delete(item.id);
        this.#enqueue({ ...item, media: [id], preview: [{ url, type, name, bytes }], state: 'queued' });
        return;
      }
      if (answer.status === 401) await this.#renew();
      else if (!passes(answer)) return this.#happen([{ type: 'refused', id: item.id, why: answer.detail }], false);
      await this.#waits.pause(Math.max(answer.retryMs, backoff(attempt, this.#ports.random)));
    }
  }
}

/** What an event of the stream does to the transcript; one that nobody here knows does nothing. */
export function actionsOf(event: ServerEvent): Action[] {
  const read = <K extends keyof StreamEvents>(): StreamEvents[K] => JSON.parse(event.data) as StreamEvents[K];
  switch (event.event) {
    case 'ready': {
      const { holder, ticks, cursor } = read<'ready'>();
      return [
        { type: 'holder', holder },
        { type: 'ticks', ticks },
        { type: 'cursor', cursor },
      ];
    }
    case 'message':
      return [{ type: 'message', message: read<'message'>() }];
    case 'receipt': {
      const { message_id: id, status } = read<'receipt'>();
      return status === 'failed' ? [] : [{ type: 'receipts', ids: [id], status }];
    }
    case 'holder':
      return [{ type: 'holder', holder: read<'holder'>() }];
    case 'ticks':
      return [{ type: 'ticks', ticks: read<'ticks'>() }];
    case 'typing': {
      const { on, author } = read<'typing'>();
      return [{ type: 'typing', typing: on ? author : null }];
    }
    default:
      return [];
  }
}
