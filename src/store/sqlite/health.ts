// What changes by itself about bots and desks: kept here, and laid over every snapshot of the configuration.
// Not here: when health changes (a decision says so). The one thing to know: decisions look at `world`, whose views
// of bots and desks always have the store's own health, whatever the snapshot that was handed in said.
import type { BotView, DeskView, Health, Target, World } from '../../routing/model.ts';
import type { Database, Row, Statement } from './driver.ts';

/** A console is our own: there is nothing to verify about it. */
const CONSOLE = 'console';

export class HealthBook {
  readonly #all: Statement;
  readonly #save: Statement;
  readonly #drop: Statement;
  #known = new Map<string, Health>();
  #bots = new Map<string, BotView>();
  #desks = new Map<string, DeskView>();
  #world: World = { services: new Map(), assets: new Map(), bots: this.#bots, desks: this.#desks };
  #now: () => number;

  constructor(db: Database, now: () => number) {
    this.#now = now;
    this.#all = db.prepare('SELECT id, status, failures, generation, reason, since FROM health');
    this.#save = db.prepare(
      'INSERT OR REPLACE INTO health (id, status, failures, generation, reason, since) VALUES (?, ?, ?, ?, ?, ?)',
    );
    this.#drop = db.prepare('DELETE FROM health WHERE id = ?');
    this.reload();
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

  save(health: Health): void {
    const { id, status, failures, generation, reason, since } = health;
    this.#save.run(id, status, failures, generation, reason, since);
    this.#known.set(id, health);
    this.#lay(id);
  }

  drop(id: string): void {
    this.#drop.run(id);
    this.#known.delete(id);
    this.#lay(id);
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

  /** Reads everything anew: at the start and after a rollback. */
  reload(): void {
    this.#known = new Map(this.#all.all().map((row) => [String(row.id), readHealth(row)]));
    this.#overlay();
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
    const byDefault = desk.kind === CONSOLE ? 'active' : 'unverified';
    this.#desks.set(id, { ...desk, health: this.#known.get(id) ?? this.#unknown(id, byDefault) });
  }

  #unknown(id: string, status: Health['status']): Health {
    return { id, status, failures: 0, generation: 0, reason: null, since: this.#now() };
  }
}

function readHealth(row: Row): Health {
  return {
    id: String(row.id),
    status: row.status as Health['status'],
    failures: Number(row.failures),
    generation: Number(row.generation),
    reason: row.reason as string | null,
    since: Number(row.since),
  };
}
