// The processes: each is a real engine and directory over the one disk; they start, die, freeze and stop in order.
// Not here: what is asked of them (life.ts) and what must hold (witness.ts). The one thing to know: a process that is dead
// is dropped as it is; the next one begins on what is on disk, and has nothing else.
import { otherBot } from '../../src/bots/other/adapter.ts';
import { httpChannel } from '../../src/channels/http/adapter.ts';
import { webhookDesk } from '../../src/desks/webhook/adapter.ts';
import type { ChannelAdapter } from '../../src/engine/channel-port.ts';
import { createDirectory } from '../../src/engine/directory.ts';
import { createEngine } from '../../src/engine/engine.ts';
import type { Clock, Directory, Engine, Vault } from '../../src/engine/ports.ts';
import type { Limits } from '../../src/engine/settings.ts';
import type { Disk } from './disk.ts';
import { networkOf, type Peer } from './network.ts';
import { Owners } from './owners.ts';
import { type Member, memberOf } from './peers.ts';
import { providerChannel } from './provider.ts';
import { storeOf } from './store.ts';
import type { Owner, Time } from './virtual.ts';
import type { Weather } from './weather.ts';
import type { Witness } from './witness.ts';

export type Process = Owner & {
  number: number;
  engine: Engine | null;
  directory: Directory | null;
  stopping: boolean;
  member: Member | null;
  cutUntil: number;
};

/** What is sealed stands in clear: nothing here leaves memory. */
const VAULT: Vault = { seal: (plain) => plain, open: (sealed) => sealed };

export type HouseParts = {
  time: Time;
  weather: Weather;
  disk: Disk;
  random: () => number;
  witness: Witness;
  limits: Partial<Limits>;
  peerOf(url: string): Peer;
  wrong(what: string, facts?: unknown): void;
  /** how many processes there are */
  several: number;
};

export class House {
  readonly processes: Process[] = [];
  readonly #parts: HouseParts;
  deaths = 0;
  /** the next process to do this dies `ms` later */
  trap: { at: 'exchange' | 'commit'; ms: number } | null = null;
  #numbers = 0;
  #ids = 0;

  readonly #owners: Owners;
  #dead: number[] = [];

  constructor(parts: HouseParts) {
    this.#parts = parts;
    this.#owners = new Owners(parts.disk, parts.time, parts.several === 1);
  }

  /** Those that take hooks. */
  get ready(): Process[] {
    return this.processes.filter(({ engine, dead, stopping }) => engine !== null && !dead && !stopping);
  }

  start(): void {
    const process: Process = {
      ...{ number: ++this.#numbers, dead: false, frozenUntil: 0, engine: null, directory: null, stopping: false },
      ...{ member: null, cutUntil: 0 },
    };
    this.processes.push(process);
    const { time } = this.#parts;
    time.at(time.now, () => void this.#begin(process).catch(() => this.kill(process, 500)), process);
  }

  /** It is gone at this instant; another begins after `ms`. */
  kill(process: Process, ms: number): void {
    if (process.dead) return;
    const { time, weather } = this.#parts;
    process.dead = true;
    // On the same machine the next one sees that it is dead; on another it waits for the lease to run out.
    if (process.member && (this.#parts.several === 1 || this.#parts.random() < 0.5))
      this.#dead.push(process.member.number());
    this.deaths += 1;
    this.processes.splice(this.processes.indexOf(process), 1);
    weather.rough(ms);
    time.at(time.now + ms, () => this.start(), null);
  }

  /** Ends as on SIGTERM; another begins. */
  stop(process: Process): void {
    const { time, weather } = this.#parts;
    process.stopping = true;
    weather.rough(7_000);
    const stopped = (): void => void time.at(time.now, () => this.kill(process, 100), null);
    time.at(time.now, () => void process.engine?.stop(6_000).then(stopped), process);
  }

  #isCut({ cutUntil }: Process): boolean {
    return this.#parts.time.now < cutUntil;
  }

  /** It stands still, and goes on where it was. */
  freeze(process: Process, ms: number): void {
    process.frozenUntil = this.#parts.weather.rough(ms);
  }

  /** It is cut off from the database. */
  cut(process: Process, ms: number): void {
    process.cutUntil = this.#parts.weather.rough(ms);
  }

  /** A process has come to where another may have set a trap for it. */
  #reaches(process: Process, at: 'exchange' | 'commit'): void {
    if (this.trap?.at !== at) return;
    const { time } = this.#parts;
    const { ms } = this.trap;
    this.trap = null;
    time.at(time.now + ms, () => this.kill(process, 500), null);
  }

  async #begin(process: Process): Promise<void> {
    const { time, weather, disk, random, witness, limits, peerOf, wrong, several } = this.#parts;
    const log = {
      info: () => {},
      warn: () => {},
      error: (facts: Record<string, unknown>, text: string) => {
        if (text.includes('bug') || text.includes('was not taken')) wrong(text, facts.err ?? facts);
      },
    };
    const here = storeOf({
      ...{ disk, time, owners: this.#owners },
      latency: () => weather.latency(),
      refuses: () => weather.refuses() || this.#isCut(process),
      late: (ms) => void weather.rough(ms),
      asked: (inputs) => witness.asks(process, inputs),
      done: () => this.#reaches(process, 'commit'),
    });
    const member = memberOf({
      ...{ time, owners: this.#owners, process, random, ask: here.ask },
      isAlone: several === 1,
      isCalm: () => weather.calm && time.now >= weather.roughUntil,
      isCut: () => weather.refuses() || this.#isCut(process),
      others: () => this.processes.flatMap((each) => (each !== process && each.member ? [each.member] : [])),
      dead: () => this.#dead.splice(0),
    });
    here.member = member;
    process.member = member;
    const { store } = here;
    const clock: Clock = { now: () => time.now, at: (at, wake) => time.at(at, wake, process) };
    const directory = await createDirectory({ store, vault: VAULT, now: clock.now, log });
    const engine = createEngine({
      ...{ store, directory, vault: VAULT, clock, limits, log },
      ...(several > 1 && { peers: member }),
      adapters: {
        channels: new Map<string, ChannelAdapter>([
          ['http', httpChannel],
          ['telegram', providerChannel],
        ]),
        bots: new Map([['other', otherBot]]),
        desks: new Map([['webhook', webhookDesk]]),
      },
      send: networkOf({
        ...{ time, weather, process, peerOf, witness },
        left: () => this.#reaches(process, 'exchange'),
      }),
      newId: (prefix) => `${prefix}_p${++this.#ids}`,
    });
    await engine.start();
    process.engine = engine;
    process.directory = directory;
  }
}
