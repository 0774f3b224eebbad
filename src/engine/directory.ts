// The configuration in memory: rows, opened secrets, hook tokens, and the World that decisions look at.
// Not here: what a document may look like (src/http checks it), and the building of the World (world.ts).
// The one thing to know: a change is saved first, then taken over here, then handed to the store; changes go one after
// the other. Tokens of hooks are looked up by their digest, so that the time of a look-up tells nothing about them.
import { hash } from 'node:crypto';
import type { Health, Id, World } from '../routing/model.ts';
import { type Opened, openAsset, openBot, openDesk } from './opened.ts';
import type { Peers } from './peers-port.ts';
import type { AssetConfig, BotConfig, DeskConfig, Directory, Vault } from './ports.ts';
import type { Log } from './settings.ts';
import type { AuditEntry, ConfigKind, ConfigRow, ConfigWrite, Store } from './store-port.ts';
import { buildWorld, type OwnWorld } from './world.ts';

export type DirectoryParts = {
  store: Pick<Store, 'loadConfig' | 'writeConfig' | 'setWorld'>;
  vault: Vault;
  /** ms since 1970 */
  now: () => number;
  /** base of the URLs that are handed out; asked when one is needed */
  publicUrl?: () => string;
  /** other processes on the same database, where there may be any */
  peers?: Pick<Peers, 'setOnline' | 'online'>;
  log: Log;
};

type Changed = { kind: ConfigKind; id: Id };
type HookToken = { kind: ConfigKind; id: Id; until: number | null };

/** Loads the configuration, opens every secret and hands the World to the store. Rejects when a secret does not open. */
export async function createDirectory(parts: DirectoryParts): Promise<Directory> {
  const directory = new Book(parts);
  await directory.load();
  return directory;
}

class Book implements Directory {
  readonly #parts: DirectoryParts;
  readonly #rows = new Map<string, ConfigRow>();
  readonly #bots = new Map<Id, Opened<BotConfig>>();
  readonly #desks = new Map<Id, Opened<DeskConfig>>();
  readonly #assets = new Map<Id, Opened<AssetConfig>>();
  readonly #hooks = new Map<string, HookToken>();
  readonly #health = new Map<Id, Health>();
  readonly #online = new Set<Id>();
  readonly #listeners = new Set<(changed: Changed[]) => void>();
  /** what was taken over and not handed to the store yet, of which listeners are told then, or by a later `renew` */
  #untold: Changed[] = [];
  #world: OwnWorld = buildWorld({ rows: [], health: () => undefined, online: () => false });
  /** changes go one after the other */
  #last: Promise<unknown> = Promise.resolve();

  constructor(parts: DirectoryParts) {
    this.#parts = parts;
  }

  async load(): Promise<void> {
    const { rows, health } = await this.#parts.store.loadConfig();
    for (const each of health) this.#health.set(each.id, each);
    for (const row of rows) this.#take(row);
    await this.#publish();
  }

  reload(): Promise<void> {
    return this.#inTurn(async () => {
      const { rows, health } = await this.#parts.store.loadConfig();
      this.#follow(rows, health);
      await this.#publish();
    });
  }

  /** Listeners are told at once: who is sent to by this World while they think otherwise would be owed what nobody reads. */
  renew(rows: ConfigRow[], health: Health[]): World {
    this.#follow(rows, health);
    this.#build();
    this.#tell();
    return this.#world;
  }

  world() {
    return this.#world;
  }

  bot(id: Id): BotConfig | undefined {
    return this.#bots.get(id)?.at(this.#parts.now());
  }

  desk(id: Id): DeskConfig | undefined {
    return this.#desks.get(id)?.at(this.#parts.now());
  }

  asset(id: Id): AssetConfig | undefined {
    return this.#assets.get(id)?.at(this.#parts.now());
  }

  botByHook(token: string): BotConfig | undefined {
    const found = this.#byHook(token);
    return found?.kind === 'bot' ? this.bot(found.id) : undefined;
  }

  deskByHook(token: string): DeskConfig | undefined {
    const found = this.#byHook(token);
    return found?.kind === 'desk' ? this.desk(found.id) : undefined;
  }

  /** By id, which is by age. */
  rows(kind: ConfigKind): ConfigRow[] {
    const found = [...this.#rows.values()].filter((row) => row.kind === kind);
    return found.sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
  }

  row(kind: ConfigKind, id: Id): ConfigRow | undefined {
    return this.#rows.get(rowKey(kind, id));
  }

  /** Throws ConfigConflict or StoreUnavailable of the store; then nothing is changed here either. */
  change(writes: ConfigWrite[], audit: AuditEntry[]): Promise<ConfigRow[]> {
    return this.#inTurn(async () => {
      const written = await this.#parts.store.writeConfig(writes, audit);
      for (const { kind, id, data } of writes) if (data === null) this.#drop(kind, id);
      for (const { id, unlessActive } of writes) if (unlessActive) this.#isNotActive(id);
      for (const row of written) if (!isDeleted(row, writes)) this.#take(row);
      this.#untold.push(...writes.map(({ kind, id }) => ({ kind, id })));
      await this.#publish();
      return written;
    });
  }

  noteHealth(health: Health): void {
    this.#health.set(health.id, health);
    const bot = this.#world.bots.get(health.id);
    if (bot) this.#world.bots.set(health.id, { ...bot, health });
    const desk = this.#world.desks.get(health.id);
    if (desk) this.#world.desks.set(health.id, { ...desk, health });
  }

  setOnline(deskId: Id, online: boolean): void {
    if (this.#online.has(deskId) === online) return;
    if (online) this.#online.add(deskId);
    else this.#online.delete(deskId);
    this.#parts.peers?.setOnline([...this.#online]);
    this.#inTurn(() => this.#publish()).catch((error) => {
      this.#parts.log.error({ err: error, desk: deskId }, 'who is online could not be handed to the store');
    });
  }

  onChange(listener: (changed: Changed[]) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The store has looked: if it is active here, another process has changed that and we were not told yet. */
  #isNotActive(id: Id): void {
    const health = this.#health.get(id);
    if (health?.status === 'active') this.#health.set(id, { ...health, status: 'unverified' });
  }

  #inTurn<T>(run: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(run, run);
    this.#last = mine.catch(() => undefined);
    return mine;
  }

  /**
   * Takes over what differs in all that is kept: both together, or a bot that was moved would be taken for active where nobody
   * has verified it. All or nothing.
   */
  #follow(rows: ConfigRow[], health: Health[]): void {
    const newer = rows.filter((row) => this.#rows.get(rowKey(row.kind, row.id))?.version !== row.version);
    const taken = newer.map((row) => this.#opened(row));
    const kept = new Set(rows.map(({ kind, id }) => rowKey(kind, id)));
    for (const { kind, id } of [...this.#rows.values()]) {
      if (kept.has(rowKey(kind, id))) continue;
      this.#drop(kind, id);
      this.#untold.push({ kind, id });
    }
    for (const take of taken) take();
    this.#untold.push(...newer.map(({ kind, id }) => ({ kind, id })));
    for (const each of health) {
      const before = this.#health.get(each.id);
      this.#health.set(each.id, each);
      if (before?.status === each.status && before.generation === each.generation) continue;
      this.#untold.push({ kind: this.#desks.has(each.id) ? 'desk' : 'bot', id: each.id });
    }
  }

  #take(row: ConfigRow): void {
    this.#opened(row)();
  }

  /** Opens the secrets of a row, which may throw; what this gives takes it over. */
  #opened(row: ConfigRow): () => void {
    const { vault, publicUrl = () => '' } = this.#parts;
    const asset = row.kind === 'asset' ? openAsset(row, vault, publicUrl) : undefined;
    const bot = row.kind === 'bot' ? openBot(row, vault) : undefined;
    const desk = row.kind === 'desk' ? openDesk(row, vault, publicUrl) : undefined;
    return () => {
      this.#rows.set(rowKey(row.kind, row.id), row);
      if (asset) this.#assets.set(row.id, asset);
      if (bot) this.#takeHooks(row, this.#bots, bot);
      if (desk) this.#takeHooks(row, this.#desks, desk);
    };
  }

  #takeHooks<Config>({ kind, id }: ConfigRow, book: Map<Id, Opened<Config>>, opened: Opened<Config>): void {
    this.#forgetHooks(kind, id);
    book.set(id, opened);
    for (const { plain, until } of opened.hookTokens) this.#hooks.set(digest(plain), { kind, id, until });
  }

  #drop(kind: ConfigKind, id: Id): void {
    this.#forgetHooks(kind, id);
    this.#rows.delete(rowKey(kind, id));
    for (const book of [this.#bots, this.#desks, this.#assets]) book.delete(id);
    this.#health.delete(id);
    this.#online.delete(id);
  }

  #forgetHooks(kind: ConfigKind, id: Id): void {
    if (kind !== 'bot' && kind !== 'desk') return;
    for (const [key, token] of this.#hooks) if (token.id === id) this.#hooks.delete(key);
  }

  #byHook(token: string): HookToken | undefined {
    const found = this.#hooks.get(digest(token));
    return found && (found.until === null || found.until > this.#parts.now()) ? found : undefined;
  }

  #build(): void {
    const elsewhere = this.#parts.peers?.online();
    this.#world = buildWorld({
      rows: this.#rows.values(),
      health: (id) => this.#health.get(id),
      online: (id) => this.#online.has(id) || elsewhere?.has(id) === true,
    });
  }

  async #publish(): Promise<void> {
    this.#build();
    await this.#parts.store.setWorld(this.#world);
    this.#tell();
  }

  #tell(): void {
    const changed = this.#untold;
    this.#untold = [];
    if (changed.length > 0) for (const listener of this.#listeners) listener(changed);
  }
}

const rowKey = (kind: ConfigKind, id: Id): string => `${kind}/${id}`;
const digest = (token: string): string => hash('sha256', token, 'base64');
const isDeleted = (row: ConfigRow, writes: ConfigWrite[]): boolean =>
  writes.some(({ kind, id, data }) => data === null && kind === row.kind && id === row.id);
