// A process among others, in memory: it renews its lease, looks now and then, and hears notes of the others' commits.
// Not here: whose thread is whose (owners.ts). The one thing to know: it is made after src/store/postgres/peers.ts, with its
// times; what is tried here is what the engine makes of it (src/engine/together.ts).
import type { Peers, PeersTold } from '../../src/engine/peers-port.ts';
import type { ReplayTask } from '../../src/engine/store-port.ts';
import type { Id } from '../../src/routing/model.ts';
import { LEASE_MS, type Noted, type Owners } from './owners.ts';
import type { Owner, Time } from './virtual.ts';

const LOOK_MS = 1_000;
/** In calm, where nothing is lost and nobody dies: so a run is short. */
const LOOK_CALM_MS = 600_000;
const MARGIN_MS = 500;
/** A note is there after so long, at most. */
const NOTE_MS = 30;

export type Member = Peers & {
  number(): number;
  /** what it asked the store is refused: another has taken over, and it begins as a new process */
  isFenced(): boolean;
  /** what was kept is made known to the others */
  tell(noted: Noted): void;
  tellReplay(id: Id, status: ReplayTask['status']): void;
  hear(noted: Noted): void;
  hearReplay(id: Id, status: ReplayTask['status']): void;
  /** the configuration was read */
  read(): void;
  close(): void;
};

export type MemberParts = {
  time: Time;
  owners: Owners;
  process: Owner;
  random(): number;
  isAlone: boolean;
  isCalm(): boolean;
  /** the database cannot be reached from here */
  isCut(): boolean;
  others(): Member[];
  dead(): number[];
  ask<T>(run: () => T): Promise<T>;
};

export function memberOf(parts: MemberParts): Member {
  const { time, owners, process, random } = parts;
  let number = owners.register(parts.dead());
  let told: PeersTold | null = null;
  let heldUntil = time.now + LEASE_MS / 2;
  let seen = owners.world;
  let closed = false;
  /** notes were missed: a new connection asks for what nobody else would find */
  let wasCut = false;
  /** it was taken over and has not let go yet: until then it does not ask for a lease */
  let isTaken = false;
  const mayAct = (): boolean => time.now < heldUntil;
  const later = (run: () => void): void => void time.at(time.now + 1 + Math.floor(random() * NOTE_MS), run, process);

  function fenced(): boolean {
    if (!owners.isTaken(number)) return false;
    number = owners.register([]);
    heldUntil = 0;
    isTaken = true;
    const beginAnew = (): void => {
      told?.fenced();
      isTaken = false;
      look();
    };
    time.at(time.now, beginAnew, process);
    return true;
  }

  function look(): void {
    if (closed || isTaken) return;
    if (parts.isCut()) {
      wasCut = true;
      return;
    }
    if (fenced()) return;
    const held = mayAct();
    const lease = parts.isCalm() ? 2 * LOOK_CALM_MS : LEASE_MS;
    owners.renew(number, lease);
    heldUntil = time.now + lease - MARGIN_MS;
    if (wasCut) told?.loose();
    wasCut = false;
    if (!held) told?.resumed();
    if (owners.isTouched(number)) told?.touched();
    if (owners.world > seen) told?.world();
    if (owners.isGone(number)) told?.gone();
  }

  function looks(): void {
    look();
    if (!closed) time.at(time.now + (parts.isCalm() ? LOOK_CALM_MS : LOOK_MS), looks, process);
  }
  if (!parts.isAlone) time.at(time.now + LOOK_MS, looks, process);

  return {
    number: () => number,
    isFenced: fenced,
    begin(given) {
      told = given;
      look();
      told.loose();
    },
    mayAct,
    leads: () => mayAct() && owners.has(number, 0),
    takeOver: () => parts.ask(() => (owners.takeOver(number) ? owners.owedTargets(number) : null)),
    catchUp: () => parts.ask(() => owners.catchUp(number)),
    setOnline: () => undefined,
    online: () => new Set(),
    stats: () => ({}),
    tell(noted) {
      if (noted.world) owners.world += 1;
      if (noted.world && seen === owners.world - 1) seen = owners.world;
      for (const other of parts.others()) {
        // What is lost is found by looking; what is owed by no thread is told again on a new connection only.
        const lost = !parts.isCalm() && random() < 0.1;
        if (!lost || noted.loose) other.hear(lost ? { ...noted, touched: false, world: false } : noted);
      }
    },
    tellReplay(id, status) {
      for (const other of parts.others()) other.hearReplay(id, status);
    },
    hear: (noted) =>
      later(() => {
        if (parts.isCut()) return;
        told?.committed();
        if (noted.loose) told?.loose();
        if (noted.touched || noted.world) look();
      }),
    hearReplay: (id, status) => later(() => told?.replay(id, status)),
    read() {
      seen = owners.world;
    },
    close() {
      closed = true;
      owners.leave(number);
    },
  };
}
