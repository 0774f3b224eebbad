// What changes by itself about bots and desks, laid over every snapshot of the configuration.
// Not here: SQL, and when health changes (a decision says so). The one thing to know: decisions look at `world`, whose
// views of bots and desks always have the store's own health, whatever the snapshot that was handed in said.
import type { BotView, DeskView, Health, Target, World } from '../../routing/model.ts';
import type { Row } from './row.ts';

/** A console is our own, and an app desk is sent nothing: there is nothing to verify about them. */
const UNVERIFIABLE: readonly string[] = ['console', 'app'];

export class HealthView {
  #known = new Map<string, Health>();
  #bots = new Map<string, BotView>();
  #desks = new Map<string, DeskView>();
  #world: World = { services: new Map(), assets: new Map(), bots: this.#bots, desks: this.#desks };
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** What decisions look at. */
  get world(): World {
    return this.#world;
  }

  /** Takes a snapshot of the configuration for the decisions from now on. */
  setWorld(world: World): void {
    this.#bots = new Map(world.bots);
    this.#desks = new Map(world.desks);
    this.#world = { services: world.services, assets: world.assets, bots: this.#bots, desks: this.#desks };
    this.#overlay();
  }

  set(health: Health): void {
    this.#known.set(health.id, health);
    this.#lay(health.id);
  }

  unset(id: string): void {
    this.#known.delete(id);
    this.#lay(id);
  }

  /** Takes what is kept in the place of what was known: at the start, and when a transaction failed. */
  replace(all: readonly Health[]): void {
    this.#known = new Map(all.map((health) => [health.id, health]));
    this.#overlay();
  }

  /** Whether it is kept as active; a console desk, of which nothing is kept, is not. */
  isKnownActive(id: string): boolean {
    return this.#known.get(id)?.status === 'active';
  }

  list(): Health[] {
    return [...this.#known.values()];
  }

  /** Whether deliveries to this target may be sent. Assets and urls are never parked. */
  isActive(target: Target): boolean {
    if (target.type !== 'bot' && target.type !== 'desk') return true;
    return this.#statusOf(target.id) === 'active';
  }

  /** All bots and desks that are active: for filters in SQL. */
  activeIds(): string[] {
    const ids = new Set([...this.#known.keys(), ...this.#bots.keys(), ...this.#desks.keys()]);
    return [...ids].filter((id) => this.#statusOf(id) === 'active');
  }

  #statusOf(id: string): Health['status'] {
    const view = this.#bots.get(id) ?? this.#desks.get(id);
    return (view?.health ?? this.#known.get(id))?.status ?? 'unverified';
  }

  #overlay(): void {
    for (const id of this.#bots.keys()) this.#lay(id);
    for (const id of this.#desks.keys()) this.#lay(id);
  }

  #lay(id: string): void {
    const bot = this.#bots.get(id);
    if (bot) this.#bots.set(id, { ...bot, health: this.#known.get(id) ?? this.#unknown(id, 'unverified') });
    const desk = this.#desks.get(id);
    if (!desk) return;
    const byDefault = UNVERIFIABLE.includes(desk.kind) ? 'active' : 'unverified';
    this.#desks.set(id, { ...desk, health: this.#known.get(id) ?? this.#unknown(id, byDefault) });
  }

  #unknown(id: string, status: Health['status']): Health {
    return { id, status, failures: 0, generation: 0, reason: null, since: this.#now() };
  }
}

export function readHealth(row: Row): Health {
  return {
    id: String(row.id),
    status: row.status as Health['status'],
    failures: Number(row.failures),
    generation: Number(row.generation),
    reason: row.reason as string | null,
    since: Number(row.since),
  };
}
