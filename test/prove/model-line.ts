// The model of the model-based proof: who holds the line, its epoch, what is owed to whom and the bot's status, as
// contract §3 and §4 say it, for one bot, two desks and a rule that forwards to bot and first desk.
// Not here: anything real (model-acts.ts). The one thing to know: it is at rest after every act; what a bot is owed is a
// list of items in their order, and only its first open one is ever tried.
export type Desk = 'X' | 'Y';
export type Party = 'bot' | Desk;
export type Phase = 'offered' | 'queued' | 'accepted';
export type ItemStatus = 'waits' | 'tried' | 'delivered' | 'dead' | 'cancelled';
type Item = {
  words: string;
  turn: number | null;
  owed: number | null;
  conv: number;
  tries: number;
  status: ItemStatus;
};
type Share = { conv: number; acked: number; given: number; drain: number; returned: number };
type DeskTalk = { desk: Desk; status: Phase | 'closed'; taken: boolean; heard: string[]; toldClosed: boolean };

/** As the world of the proof is set: one try and one retry; three failures in a row. */
export const TRIES = 2;
export const THRESHOLD = 3;
/** The loop guard's, in a minute. */
export const HANDOVERS_MAX = 10;

export class Line {
  holder: 'none' | Party = 'none';
  epoch = 0;
  turn = 0;
  answered = 0;
  limbo: null | 'overdue' | 'needs_person' | 'unrouted' = null;
  said: string[] = [];
  /** what the bot was told, first tries only; what reached the customer */
  told: string[] = [];
  customer: string[] = [];
  items: Item[] = [];
  /** bot conversations ever opened; which is open */
  convs = 0;
  share: Share | null = null;
  talks: DeskTalk[] = [];
  handovers = 0;
  status: 'active' | 'inactive' | 'unverified' | 'disabled' = 'active';
  failures = 0;
  well = true;

  get talk(): DeskTalk | undefined {
    return this.holder === 'X' || this.holder === 'Y' ? this.talks.at(-1) : undefined;
  }

  // ───────────────────────────── the customer ─────────────────────────────

  say(words: string): number {
    this.turn += 1;
    this.said.push(words);
    const told = this.holder === 'none' ? this.#giveToBot({ fresh: true }) : this.share;
    if (told && told.given < this.turn) this.#tell(told, this.turn, null);
    this.talk?.heard.push(words);
    return this.#rest(202);
  }

  // ───────────────────────────── the bot ─────────────────────────────

  botSays(words: string): number {
    if (this.status === 'disabled') return 403;
    if (!this.share) return 410;
    if (this.holder !== 'bot') return 409;
    this.customer.push(words);
    this.answered = Math.max(this.answered, this.share.acked);
    return this.#rest(202);
  }

  botHandsOver(): number {
    if (this.status === 'disabled') return 403;
    if (!this.share) return 410;
    if (this.holder !== 'bot') return this.talk && this.talk.status !== 'accepted' && this.#from() ? 202 : 409;
    this.handovers += 1;
    this.#giveToDesk('X');
    return this.#rest(202);
  }

  botCloses(): number {
    if (this.status === 'disabled') return 403;
    if (!this.share) return 202;
    if (this.holder !== 'bot') return 409;
    const { conv, acked } = this.share;
    for (const item of this.items) if (item.conv === conv && isOpen(item)) item.status = 'cancelled';
    this.share = null;
    this.answered = Math.max(this.answered, acked);
    this.#hold('none');
    if (this.turn > this.answered) this.#giveToBot();
    return this.#rest(202);
  }

  // ───────────────────────────── the desks ─────────────────────────────

  /** Of a conversation that is over: who closes or rejects it says nothing new, all else is too late. */
  late(talk: DeskTalk, ends: boolean): number | null {
    if (talk === this.talk) return null;
    return ends ? 202 : talk.taken ? 410 : 409;
  }

  deskQueues(talk: DeskTalk): number {
    if (talk.status === 'offered') talk.status = 'queued';
    return 202;
  }

  deskAccepts(talk: DeskTalk): number {
    talk.status = 'accepted';
    talk.taken = true;
    return 202;
  }

  agentSays(talk: DeskTalk, words: string): number {
    this.deskAccepts(talk);
    this.customer.push(words);
    this.#answeredByDesk();
    if (this.share) this.#owe(this.share, { words, turn: null, owed: null });
    return this.#rest(202);
  }

  deskCloses(talk: DeskTalk): number {
    if (talk.status !== 'accepted') return this.deskRejects(talk);
    this.#leave(true);
    this.#answeredByDesk();
    if (this.share) this.#giveToBot();
    else this.#hold('none');
    return this.#rest(202);
  }

  deskRejects(talk: DeskTalk): number {
    if (talk.status === 'accepted') return 409;
    this.#leave(true);
    if (this.share && this.status === 'active') this.#giveToBot({ failedDesk: true });
    else {
      this.#hold('none');
      this.limbo = 'needs_person';
    }
    return this.#rest(202);
  }

  deskTransfers(talk: DeskTalk, to: Party | 'back'): number {
    if (to === talk.desk) return 422;
    if (to === 'back' && !(this.share && this.status === 'active')) return 409;
    if (to === 'bot' && this.status !== 'active') return 409;
    this.#leave(true);
    if (to === 'back' || to === 'bot') this.#giveToBot();
    else this.#giveToDesk(to);
    return this.#rest(202);
  }

  // ───────────────────────────── by hand ─────────────────────────────

  move(to: Party): number {
    if (this.holder === to) return 200;
    if (to === 'bot' && this.status !== 'active') return 409;
    if (to === 'bot') {
      this.#leave(false);
      this.#giveToBot();
    } else this.#giveToDesk(to);
    return this.#rest(200);
  }

  /** A verification that holds, an edit, a switch. */
  become(status: 'active' | 'unverified' | 'disabled'): void {
    const back = status === 'active' && this.status !== 'active';
    if (this.status !== status || status === 'active') this.failures = 0;
    this.status = status;
    if (back) {
      for (const item of this.items) if (isOpen(item)) [item.tries, item.status] = [0, 'waits'];
      // Who needs a person is routed again.
      if (this.limbo === 'needs_person' && this.turn > this.answered) this.#giveToBot();
    }
    this.#rest(200);
  }

  /** The next try of what waits for its time is made now. */
  retry(): void {
    const head = this.items.find(isOpen);
    if (head?.status === 'tried') head.status = 'waits';
    this.#rest(202);
  }

  replay(index: number): number {
    const item = this.items[index] as Item;
    if (isOpen(item)) return 409;
    this.items.push({ ...item, tries: 0, status: 'waits' });
    return this.#rest(202);
  }

  // ───────────────────────────── the line ─────────────────────────────

  /** Whether what a desk holds came from the bot's open conversation. */
  #origin: number | null = null;
  #from(): boolean {
    return this.share !== null && this.#origin === this.share.conv;
  }

  #hold(holder: Line['holder']): void {
    this.holder = holder;
    this.epoch += 1;
  }

  #answeredByDesk(): void {
    this.answered = this.turn;
    if (this.share) this.share.drain = Math.max(this.share.drain, this.turn);
  }

  #leave(byItself: boolean): void {
    const left = this.talk;
    if (!left) return;
    left.status = 'closed';
    left.toldClosed = !byItself;
  }

  #giveToDesk(desk: Desk): void {
    if (this.holder === 'bot') this.#origin = this.share?.conv ?? null;
    else if (this.holder === 'none') this.#origin = null;
    if (this.talk && this.talk.status !== 'closed') this.#leave(false);
    this.#hold(desk);
    const heard = this.said.slice(this.answered);
    this.talks.push({ desk, status: 'offered', taken: false, heard, toldClosed: false });
  }

  #giveToBot({ fresh = false, failedDesk = false } = {}): Share {
    this.#hold('bot');
    const at = this.answered;
    if (!this.share) {
      this.convs += 1;
      this.share = { conv: this.convs, acked: at, given: at, drain: at, returned: 0 };
    }
    const to = this.share;
    const after = Math.max(at, failedDesk ? to.returned : 0);
    if (failedDesk) to.returned = this.turn;
    this.#oweAll(to, after, fresh);
    if (after > at) this.limbo = 'overdue';
    return to;
  }

  /** All that nobody answered: by itself if the lane has all of it still, else all of it anew. */
  #oweAll(to: Share, after: number, fresh: boolean): void {
    const turns = Array.from({ length: this.turn - after }, (_, index) => after + index + 1);
    const again = turns.some((turn) => turn <= Math.max(to.acked, to.drain));
    if (again) to.drain = Math.max(to.drain, to.given);
    const { given } = to;
    for (const turn of turns) {
      if (again || turn > given) this.#tell(to, turn, fresh && turn === this.turn ? null : this.epoch);
    }
  }

  #tell(to: Share, turn: number, owed: number | null): void {
    to.given = Math.max(to.given, turn);
    this.#owe(to, { words: this.said[turn - 1] as string, turn, owed });
  }

  #owe(to: Share, item: Pick<Item, 'words' | 'turn' | 'owed'>): void {
    this.items.push({ ...item, conv: to.conv, tries: 0, status: 'waits' });
  }

  /** Whatever may be sent is sent; then the line says what it lacks. */
  #rest(status: number): number {
    for (let head = this.#head(); head; head = this.#head()) this.#try(head);
    const waiting = this.turn > this.answered;
    if (this.holder === 'none') {
      if (this.limbo !== 'needs_person') this.limbo = waiting ? 'unrouted' : null;
    } else if (!waiting || this.limbo !== 'overdue') this.limbo = null;
    return status;
  }

  #head(): Item | undefined {
    const head = this.status === 'active' ? this.items.find(isOpen) : undefined;
    return head?.status === 'waits' ? head : undefined;
  }

  #try(item: Item): void {
    const { share } = this;
    const own = share?.conv === item.conv ? share : null;
    const asked =
      own && this.holder === 'bot' && item.turn !== null && (item.turn > own.drain || item.owed === this.epoch);
    if (!this.#first.has(item)) this.told.push(`${asked ? 'BOT' : 'CCSP'} ${item.words}`);
    this.#first.add(item);
    item.tries += 1;
    if (this.well) {
      item.status = 'delivered';
      this.failures = 0;
    } else {
      this.failures += 1;
      if (this.failures >= THRESHOLD) this.status = 'inactive';
      item.status = this.status === 'active' && item.tries >= TRIES ? 'dead' : 'tried';
    }
    if (!own || item.turn === null || isOpen(item)) return;
    own.acked = Math.max(own.acked, item.turn);
    if (item.status === 'dead' && this.holder === 'bot' && item.turn > this.answered) this.limbo = 'overdue';
  }

  readonly #first = new Set<Item>();
}

const isOpen = ({ status }: Item): boolean => status === 'waits' || status === 'tried';

/** As the API shows the status of a delivery: what is owed to a bot that is not active is parked. */
export function shown({ items, status }: Line): string[] {
  const names = { waits: 'pending', tried: 'retrying', delivered: 'delivered', dead: 'dead', cancelled: 'cancelled' };
  return items.map((item) => (isOpen(item) && status !== 'active' ? 'parked' : names[item.status]));
}
