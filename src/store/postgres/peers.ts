// The process among others: renews its lease on a connection of its own, listens to the others, and looks now and then
// for what it was not told. Not here: what is done about it (engine/together.ts), and how one takes over (processes.ts).
// The one thing to know: a lease counts from when its renewal was sent, by this machine's own clock; whoever was frozen
// or cut off for longer begins no attempt until it has asked.
import type { Peers, PeersTold, ThreadNow } from '../../engine/peers-port.ts';
import type { Id, Target } from '../../routing/model.ts';
import type { Memory } from './apply.ts';
import { catchUp } from './claims.ts';
import { Link } from './connection.ts';
import { Away } from './failure.ts';
import { owedTargets } from './lanes.ts';
import { CHANNEL, readNote } from './notes.ts';
import { GONE, LEASE_MS, RENEW } from './processes.ts';
import type { Writer } from './writer.ts';

/** Between two looks; six of them in a lease. */
const LOOK_MS = 1_000;
const RENEW_MS = 900;
/** A look that takes longer hangs. */
const HANGS_MS = 3_000;
/** So much earlier than others may take over, no attempt begins any more. */
const MARGIN_MS = 500;

/** `$1`: our number, `$2`: the numbers whose threads are ours. */
const LOOK = {
  name: 'look',
  text: `SELECT (SELECT world FROM journal) AS world, (SELECT holder FROM processes WHERE id = $1) AS holder,
    (SELECT count(*) FROM leases WHERE id <> $1) AS others,
    (SELECT coalesce(json_agg(online), '[]')::text FROM leases WHERE id <> $1) AS online,
    EXISTS (SELECT 1 FROM threads WHERE touched AND owner = ANY($2)) AS touched, ${GONE} AS gone`,
};

export class PeersHere implements Peers {
  readonly #url: string;
  readonly #writer: Writer;
  readonly #memory: Memory;
  #told: PeersTold | undefined;
  #link: Link | undefined;
  #timer: NodeJS.Timeout | undefined;
  #looking = false;
  #run: Promise<void> | undefined;
  #again = false;
  #closed = false;
  #heldUntil = 0;
  #renewedAt = Number.NEGATIVE_INFINITY;
  #online: readonly Id[] = [];
  #shown = '[]';
  #elsewhere: ReadonlySet<Id> = new Set();
  #others = 0;
  #takeOvers = 0;
  #fenced = 0;

  constructor(url: string, writer: Writer, memory: Memory) {
    this.#url = url;
    this.#writer = writer;
    this.#memory = memory;
    // The lease began with the writer's opening.
    this.#heldUntil = performance.now() + LEASE_MS / 2;
    this.#look();
  }

  begin(told: PeersTold): void {
    this.#told = told;
    this.#memory.configured = (rows, health) => told.configured(rows, health);
    // What changed since the engine read it, nobody took over.
    this.#memory.stale = true;
    this.#look();
  }

  /** The writer was refused: another has taken over. */
  fenced(): void {
    this.#fenced += 1;
    this.#heldUntil = 0;
    this.#told?.fenced();
    this.#look();
  }

  mayAct(): boolean {
    return performance.now() < this.#heldUntil;
  }

  leads(): boolean {
    return this.mayAct() && this.#writer.mine.has(0);
  }

  async takeOver(): Promise<Target[] | null> {
    const targets = await this.#writer.takeOver((tx) =>
      owedTargets(async (sql, values) => (await tx.query(sql, values)).rows),
    );
    if (targets !== null) this.#takeOvers += 1;
    return targets;
  }

  catchUp(): Promise<ThreadNow[]> {
    return catchUp(this.#writer);
  }

  setOnline(deskIds: readonly Id[]): void {
    this.#online = deskIds;
    this.#look();
  }

  online(): ReadonlySet<Id> {
    return new Set([...this.#online, ...this.#elsewhere]);
  }

  stats(): Record<string, number> {
    return {
      processes: this.#others + 1,
      leads: this.leads() ? 1 : 0,
      take_overs: this.#takeOvers,
      taken_over_from: this.#fenced,
    };
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#run;
    await this.#link?.end();
  }

  /** One look at a time; whoever asks during one gets another. */
  #look(): void {
    if (this.#looking) {
      this.#again = true;
      return;
    }
    if (this.#closed) return;
    this.#looking = true;
    this.#again = false;
    clearTimeout(this.#timer);
    this.#run = this.#once()
      .catch((error: unknown) => {
        this.#link?.cut();
        if (!(error instanceof Away)) throw error;
      })
      .finally(() => {
        this.#looking = false;
        if (this.#closed) return;
        if (this.#again) this.#look();
        else this.#timer = setTimeout(() => this.#look(), LOOK_MS);
      });
  }

  async #once(): Promise<void> {
    const link = await this.#connected();
    const late = setTimeout(() => link.cut(), HANGS_MS);
    try {
      await this.#renew(link);
      await this.#see(link);
    } finally {
      clearTimeout(late);
    }
  }

  async #renew(link: Link): Promise<void> {
    const { me } = this.#writer;
    const at = performance.now();
    const held = this.mayAct();
    const online = JSON.stringify(this.#online);
    // Notes make us look often; a renewal is a write.
    if (held && online === this.#shown && at - this.#renewedAt < RENEW_MS) return;
    const { count } = await link.query({ name: 'renew', text: RENEW }, [me, online]);
    if (count !== 1) {
      await this.#writer.restore();
      this.#again = true;
      return;
    }
    this.#renewedAt = at;
    this.#heldUntil = at + LEASE_MS - MARGIN_MS;
    if (!held) this.#told?.resumed();
    if (online === this.#shown) return;
    this.#shown = online;
    await link.query(`SELECT pg_notify(${CHANNEL}, $1)`, [JSON.stringify({ from: me, hello: true })]);
  }

  async #see(link: Link): Promise<void> {
    const { rows } = await link.query(LOOK, [this.#writer.me, [...this.#writer.mine]]);
    const seen = rows[0] ?? {};
    this.#others = Number(seen.others);
    this.#writer.others = this.#others > 0;
    const online = (JSON.parse(String(seen.online)) as string[]).flatMap((text) => JSON.parse(text) as Id[]);
    const before = [...this.#elsewhere].sort().join();
    this.#elsewhere = new Set(online);
    if (this.#told === undefined) return;
    if (seen.touched === true) this.#told.touched();
    if (Number(seen.world) > this.#memory.seen || before !== [...this.#elsewhere].sort().join()) this.#told.world();
    if (seen.gone === true) this.#told.gone();
  }

  async #connected(): Promise<Link> {
    if (this.#link && !this.#link.dead) return this.#link;
    const link = await Link.open(this.#url);
    this.#link = link;
    link.onNotice((text) => this.#hear(text));
    const { rows } = await link.query(`SELECT quote_ident(${CHANNEL}) AS channel`);
    await link.query(`LISTEN ${rows[0]?.channel}`);
    // What was told while nobody listened.
    this.#told?.loose();
    this.#told?.committed();
    return link;
  }

  #hear(text: string): void {
    const note = readNote(text);
    const told = this.#told;
    if (note === null || note.from === this.#writer.me || told === undefined) return;
    told.committed();
    if (note.signal) told.signal(note.signal);
    if (note.sent) told.sent(...note.sent);
    if (note.replay) told.replay(...note.replay);
    if (note.loose) told.loose();
    if (note.touched || note.world || note.hello || note.bye) this.#look();
  }
}
