// What happens in a run, by chance: customers' words, moods, bad weather, deaths, edits, verifications, work by hand.
// Not here: the parties' own words (parties.ts). The one thing to know: all that happens is asked for before the run
// begins to move, at times of its own; then it is calm, and all that is owed must come to rest.

import { ConfigConflict, StoreUnavailable } from '../../src/engine/store-port.ts';
import type { Input } from '../../src/routing/inputs.ts';
import type { Id } from '../../src/routing/model.ts';
import type { Call } from './calls.ts';
import type { Chance } from './chance.ts';
import type { Disk } from './disk.ts';
import type { House, Process } from './house.ts';
import { MOODS, type Parties } from './parties.ts';
import { BOTS, DESKS } from './setup.ts';
import type { Time } from './virtual.ts';
import type { Weather } from './weather.ts';

export type LifeParts = {
  time: Time;
  chance: Chance;
  weather: Weather;
  house: House;
  parties: Parties;
  disk: Disk;
  /** how many processes there are */
  several: number;
  call(call: Call): void;
  wrong(what: string, facts?: unknown): void;
};

/** After it has become calm, what was late has caught up by then. */
const CALM_MS = 20_000;

export class Life {
  readonly #parts: LifeParts;
  readonly #customers: string[];

  constructor(parts: LifeParts) {
    this.#parts = parts;
    this.#customers = Array.from({ length: parts.chance.between(1, 4) }, (_, i) => `c${i + 1}`);
  }

  /** Asks for all that happens within `ms`. */
  plan(ms: number): void {
    const { time, chance } = this.#parts;
    const steps = chance.often(0.1) ? chance.between(20, 40) : chance.between(3, 12);
    for (let i = 0; i < steps; i++) time.at(time.now + chance.between(0, ms), () => this.#step(), null);
  }

  #step(): void {
    const { chance, weather } = this.#parts;
    const { pick, often, between, random } = chance;
    const what = random() * 100;
    if (what < 36) for (let i = between(1, 3); i > 0; i--) this.#speaks(pick(this.#customers), often(0.15));
    else if (what < 58) this.#mood(pick([...BOTS, ...DESKS, 'asset', 'bot_1']));
    else if (what < 66) this.#dies(pick(this.#parts.house.processes));
    else if (what < 70) weather.storeRefuses(between(100, 20_000));
    else if (what < 73) weather.storeIsSlow(between(100, 20_000));
    else if (what < 77) weather.networkIsCut(between(100, 20_000));
    else if (what < 84) this.#verify(pick([...BOTS, ...DESKS]));
    else if (what < 88) this.#edit(pick([...BOTS, ...DESKS]));
    else if (what < 90) this.#disable(pick([...BOTS, ...DESKS]));
    else if (what < 93) this.#byHand();
    else if (what < 96) this.#deliveryByHand();
    else if (what < 98.5) this.#replayAll();
    else this.#wanders();
  }

  /** With several processes, often once more when a merge window is about to end: which of them takes it is chance. */
  #speaks(address: string, postback: boolean): void {
    const { time, chance, parties, several } = this.#parts;
    parties.speak(address, postback);
    if (several === 1 || chance.often(0.5)) return;
    time.at(time.now + chance.between(1_100, 1_300), () => parties.speak(address, false), null);
  }

  #mood(id: Id): void {
    const { parties, chance } = this.#parts;
    parties.moods.set(id, chance.pick(MOODS));
  }

  #dies(process: Process | undefined): void {
    const { house, chance } = this.#parts;
    if (!process) return;
    const at = chance.pick(['exchange', 'exchange', 'commit', null] as const);
    if (at !== null) house.trap = { at, ms: chance.between(0, at === 'exchange' ? 120 : 3) };
    else if (house.processes.length > 1 && chance.often(0.4)) {
      if (chance.often(0.5)) house.freeze(process, chance.between(500, 12_000));
      else house.cut(process, chance.between(500, 12_000));
    } else if (chance.often(0.25) && process.engine !== null && !process.stopping) house.stop(process);
    else house.kill(process, chance.between(50, 5_000));
  }

  /** Somebody speaks or acts in any conversation there is, open or closed. */
  #wanders(): void {
    const { disk, chance, parties } = this.#parts;
    const bots = [...disk.conversations.values()].filter(({ type }) => type === 'bot');
    if (bots.length === 0) return;
    const { id, partyId } = chance.pick(bots);
    if (chance.often(0.6)) parties.botSays(partyId, id, {});
    else parties.botHandsOver(partyId, id);
  }

  #byHand(): void {
    const { disk, chance, call } = this.#parts;
    const threads = [...disk.threads.keys()];
    if (threads.length === 0) return;
    const to = chance.pick([...BOTS, ...DESKS]);
    const input: Input = { type: 'holder', threadId: chance.pick(threads), to, reason: 'by hand', actor: 'operator' };
    call({ inputs: () => [{ ...input }], told: () => undefined, again: false });
  }

  #deliveryByHand(): void {
    const { disk, chance, call } = this.#parts;
    if (disk.deliveries.length === 0) return;
    const { id, threadId, status } = chance.pick(disk.deliveries);
    const of = { threadId, deliveryId: id };
    const outcome = chance.pick(['sent', 'resend', 'drop'] as const);
    const input: Input =
      status === 'held'
        ? { type: 'resolution', ...of, outcome }
        : status === 'retrying'
          ? { type: 'retry', ...of }
          : { type: 'replay', ...of };
    if (input.type === 'replay') this.#parts.disk.replaysByHand += 1;
    call({ inputs: () => [{ ...input }], told: () => undefined, again: false });
  }

  #replayAll(): void {
    const { chance } = this.#parts;
    const targetId = chance.pick(BOTS);
    const { house } = this.#parts;
    this.#of((process) => {
      const started = process.engine?.startReplay({ targetId, status: 'delivered' }, 'operator');
      if (chance.often(0.5)) house.trap = { at: 'commit', ms: chance.between(0, 8) };
      return started;
    });
  }

  #verify(id: Id): void {
    const kind = id.startsWith('bot') ? 'bot' : 'desk';
    this.#of((process) => process.engine?.verify(kind, id, {}, 'operator'));
  }

  /** Another address, as by the API: it must be verified again, and is not written while it is active. */
  #edit(id: Id): void {
    const kind = id.startsWith('bot') ? 'bot' : 'desk';
    this.#of(async (process) => {
      const row = process.directory?.row(kind, id);
      if (!row) return;
      const data = { ...row.data, url: `https://${id}.example/${row.version + 1}` };
      await process.engine?.setStatus(id, 'unverified', 'edited');
      await process.directory?.change([{ kind, id, data, expectVersion: row.version, unlessActive: true }], []);
    });
  }

  #disable(id: Id): void {
    this.#of((process) => process.engine?.setStatus(id, 'disabled', 'by hand'));
  }

  /** Everybody is well, the weather is good; bots and desks stay as they are. */
  calm(): void {
    const { weather, parties, time } = this.#parts;
    parties.moods.clear();
    weather.calm = true;
    this.#parts.house.trap = null;
    weather.roughUntil = time.now + CALM_MS;
  }

  /** All are verified again. */
  mend(): void {
    for (const id of [...BOTS, ...DESKS]) this.#verify(id);
  }

  #of(act: (process: Process) => Promise<unknown> | undefined): void {
    const { house, chance, time, wrong } = this.#parts;
    const { ready } = house;
    const process = ready.length > 0 ? chance.pick(ready) : undefined;
    if (!process) return;
    const expected = (error: unknown): boolean => error instanceof StoreUnavailable || error instanceof ConfigConflict;
    const failed = (error: unknown): void => (expected(error) ? undefined : wrong('an operator met a bug', error));
    time.at(time.now, () => void act(process)?.catch(failed), process);
  }
}
