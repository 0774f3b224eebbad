// Media: files that customers and agents upload, or that a provider had, kept in the data folder under their SHA-256, and links to them.
// Not here: who may upload and how often (src/http), what is taken (kinds.ts), the rows (the store), fetching (remote.ts).
// The one thing to know: a message shows a medium as `media:<id>`, which never ends; whoever is to fetch it is given a
// signed link that does. Files are removed when no row has them any more, and rows when no message shows them.
import { createHash, createHmac, type Hash, timingSafeEqual } from 'node:crypto';
import { createReadStream, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { type FileHandle, open, rename, rm, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import type { MediumRow, RemoteMedium, Store } from '../engine/store-port.ts';
import type { Id, Media as Medium, NewId } from '../routing/model.ts';
import { HEAD_BYTES, kindOf, saneName } from './kinds.ts';

/** Bytes of one file: what phones make, and what the poorest of the other channels takes. */
const FILE_BYTES_MAX = 10 * 1024 * 1024;
/** Of one that a provider has: what most of them take from a customer, and what fits on a disk of ours. */
export const FETCHED_BYTES_MAX = 25 * 1024 * 1024;
/** What no signature fits: kept for whoever expects it, never shown, only saved. */
const UNKNOWN_TYPE = 'application/octet-stream';
/** The database is on the same disk, and must not find it full. */
const DISK_LEFT_MIN = 256 * 1024 * 1024;
/** Uploaded and never sent: long enough for a message that was begun yesterday. */
const UNSENT_MS = 24 * 3_600_000;
const SWEEP_FIRST_MS = 60_000;
const SWEEP_EVERY_MS = 3_600_000;
const SWEEP_STEP = 200;
/** A link for somebody who looks now, and comes back for another. */
const LINK_MS = 24 * 3_600_000;
/** Links are the same for an hour, so that browsers may keep what they fetched. */
const LINK_STEP_MS = 3_600_000;
/** For bots and desks, which may come for it long after they were told. */
export const PARTY_LINK_MS = 7 * 24 * 3_600_000;
const ID = /^med_[0-9a-z]{26}$/;
const REFERENCE = /^media:(med_[0-9a-z]{26})$/;

export type Taken = { ok: true; row: MediumRow } | { ok: false; why: WhyNot | 'type' };

export type Owner = { assetId: Id | null; owner: string };
export type Upload = Owner & { body: Readable; declared: string; name: string };

export type MediaParts = {
  folder: string;
  store: Store;
  /** signs links; of the instance, sealed in the database */
  key: Buffer;
  now: () => number;
  at: (at: number, wake: () => void) => () => void;
  newId: NewId;
  publicUrl: () => string;
  log: { warn(facts: object, text: string): void };
};

export type MediaStore = {
  /** Takes a file as it comes; on disk, synced, when it resolves. */
  take(upload: Upload): Promise<Taken>;
  /** The same for a row of what a provider has; what is of no known kind is kept too. `aborted`: the row is gone. */
  bring(row: MediumRow & { remote: RemoteMedium }, body: Readable, declared: string): Promise<Taken>;
  /** The row that a link names, if the link is good now. */
  byLink(id: string, expires: string, signature: string): Promise<MediumRow | 'expired' | null>;
  row(id: Id): Promise<MediumRow | null>;
  read(row: MediumRow, range?: { start: number; end: number }): Readable;
  /** The medium with a link for now in the place of `media:<id>`; others as they are. */
  linked(medium: Medium, lifeMs?: number): Medium;
  /** `media:<id>` for a good link of ours, so that what is said with it outlives the link; others as they are. */
  adopted(medium: Medium): Medium;
  /** Removes what nothing shows any more; called after an erasure, and by the clock. */
  sweep(): Promise<number>;
  start(): void;
  stop(): void;
};

export function createMedia(parts: MediaParts): MediaStore {
  return new Shelf(parts);
}

class Shelf implements MediaStore {
  readonly #parts: MediaParts;
  readonly #incoming: string;
  #cancel: (() => void) | null = null;
  #parted = 0;
  /** putting a file in its place and removing one go one after the other, or a file might go that a new row has */
  #last: Promise<unknown> = Promise.resolve();

  constructor(parts: MediaParts) {
    this.#parts = parts;
    this.#incoming = join(parts.folder, 'incoming');
    mkdirSync(this.#incoming, { recursive: true, mode: 0o700 });
    // What a crash left half written.
    for (const name of readdirSync(this.#incoming)) rmSync(join(this.#incoming, name), { force: true });
  }

  take({ body, declared, name, ...owner }: Upload): Promise<Taken> {
    const { store, newId, now } = this.#parts;
    const describe = (file: Written): MediumRow | null => {
      const type = kindOf(file.head, declared, file.bytes <= HEAD_BYTES);
      if (type === null) return null;
      const { sha256, bytes } = file;
      return { id: newId('med'), sha256, ...owner, type, name: saneName(name, type), bytes, looseAt: now() };
    };
    return this.#keep(body, FILE_BYTES_MAX, describe, async (row) => {
      await store.addMedium(row);
      return true;
    });
  }

  bring(row: MediumRow & { remote: RemoteMedium }, body: Readable, declared: string): Promise<Taken> {
    const remote = { ...row.remote, fetchAt: null, problem: null };
    const describe = ({ head, bytes, sha256 }: Written): MediumRow => {
      const type = kindOf(head, declared, bytes <= HEAD_BYTES) ?? UNKNOWN_TYPE;
      return { ...row, sha256, bytes, type, name: saneName(row.name, type), remote };
    };
    return this.#keep(body, FETCHED_BYTES_MAX, describe, (known) => this.#parts.store.saveMedium(known));
  }

  /** Writes a file, then its row. `save` says whether there is a row now; if not, nothing is left. */
  async #keep(
    body: Readable,
    bytesMax: number,
    describe: (file: Written) => MediumRow | null,
    save: (row: MediumRow) => Promise<boolean>,
  ): Promise<Taken> {
    const { folder } = this.#parts;
    const disk = await statfs(folder);
    if (disk.bavail * disk.bsize < DISK_LEFT_MIN + bytesMax) return { ok: false, why: 'no_room' };
    const draft = join(this.#incoming, `${process.pid}-${++this.#parted}`);
    try {
      const file = await write(draft, body, bytesMax);
      if ('why' in file) return { ok: false, why: file.why };
      const row = describe(file);
      if (row === null) return { ok: false, why: 'type' };
      const saved = await this.#inTurn(async () => {
        const place = this.#placeOf(row.sha256);
        const shelf = dirname(place);
        const isNew = mkdirSync(shelf, { recursive: true, mode: 0o700 }) !== undefined;
        const known = existsSync(place);
        await rename(draft, place);
        await synced(shelf);
        if (isNew) await synced(folder);
        if (await save(row)) return true;
        if (!known) await rm(place, { force: true });
        return false;
      });
      return saved ? { ok: true, row } : { ok: false, why: 'aborted' };
    } finally {
      await rm(draft, { force: true });
    }
  }

  async byLink(id: string, expires: string, signature: string): Promise<MediumRow | 'expired' | null> {
    if (!this.#isSigned(id, expires, signature)) return null;
    if (Number(expires) * 1000 <= this.#parts.now()) return 'expired';
    return this.#parts.store.medium(id);
  }

  row(id: Id): Promise<MediumRow | null> {
    return ID.test(id) ? this.#parts.store.medium(id) : Promise.resolve(null);
  }

  read({ sha256 }: MediumRow, range?: { start: number; end: number }): Readable {
    return createReadStream(this.#placeOf(sha256), range);
  }

  linked(medium: Medium, lifeMs = LINK_MS): Medium {
    const id = REFERENCE.exec(medium.url)?.[1];
    if (id === undefined) return medium;
    const from = Math.ceil(this.#parts.now() / LINK_STEP_MS) * LINK_STEP_MS;
    const expires = String((from + lifeMs) / 1000);
    const name = encodeURIComponent(medium.name ?? 'file');
    const url = `${this.#parts.publicUrl()}/media/${id}/${name}?e=${expires}&s=${this.#signature(id, expires)}`;
    return { ...medium, url };
  }

  adopted(medium: Medium): Medium {
    const start = `${this.#parts.publicUrl()}/media/`;
    if (!medium.url.startsWith(start) || !URL.canParse(medium.url)) return medium;
    const url = new URL(medium.url);
    const id = url.pathname.slice(new URL(start).pathname.length).split('/')[0] ?? '';
    const [expires, signature] = [url.searchParams.get('e') ?? '', url.searchParams.get('s') ?? ''];
    const good = this.#isSigned(id, expires, signature) && Number(expires) * 1000 > this.#parts.now();
    return good ? { ...medium, url: `media:${id}` } : medium;
  }

  async sweep(): Promise<number> {
    const { store, now } = this.#parts;
    for (let removed = 0; ; ) {
      const loose = await store.looseMedia(now() - UNSENT_MS, SWEEP_STEP);
      if (loose.length === 0) return removed;
      await this.#inTurn(async () => {
        for (const sha256 of await store.dropMedia(loose)) await rm(this.#placeOf(sha256), { force: true });
      });
      removed += loose.length;
    }
  }

  start(): void {
    const { at, now, log } = this.#parts;
    const round = (): void => {
      this.sweep()
        .catch((err: unknown) =>
          log.warn({ err }, 'media that nobody shows could not be removed; trying again in an hour'),
        )
        .finally(() => {
          if (this.#cancel !== null) this.#cancel = at(now() + SWEEP_EVERY_MS, round);
        });
    };
    // Soon: what was erased before a crash may still lie there.
    this.#cancel = at(now() + SWEEP_FIRST_MS, round);
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
  }

  #placeOf(sha256: string): string {
    return join(this.#parts.folder, sha256.slice(0, 2), sha256);
  }

  #signature(id: string, expires: string): string {
    return createHmac('sha256', this.#parts.key).update(`${id}\n${expires}`).digest('base64url');
  }

  #isSigned(id: string, expires: string, signature: string): boolean {
    if (!ID.test(id) || !/^\d{1,12}$/.test(expires)) return false;
    const [want, given] = [Buffer.from(this.#signature(id, expires)), Buffer.from(signature)];
    return want.length === given.length && timingSafeEqual(want, given);
  }

  #inTurn<T>(run: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(run, run);
    this.#last = mine.catch(() => undefined);
    return mine;
  }
}

type WhyNot = 'too_large' | 'empty' | 'no_room' | 'aborted';
/** What a disk, or the owner's share of it, says when it is full. */
const FULL: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT']);
type Written = { sha256: string; bytes: number; head: Buffer };

/** Writes a stream to a file, at most so much of it, and syncs it. */
async function write(path: string, body: Readable, bytesMax: number): Promise<Written | { why: WhyNot }> {
  const file = await open(path, 'wx', 0o600);
  try {
    const done = await pour(file, createHash('sha256'), body, bytesMax);
    if ('why' in done) return done;
    await file.sync();
    return done;
  } finally {
    await file.close();
  }
}

async function pour(
  file: FileHandle,
  hash: Hash,
  body: Readable,
  bytesMax: number,
): Promise<Written | { why: WhyNot }> {
  let bytes = 0;
  let head = Buffer.alloc(0);
  try {
    // What is left of a body that is too large stays in the connection, so that the refusal can be sent.
    for await (const chunk of body.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > bytesMax) return { why: 'too_large' };
      if (head.length < HEAD_BYTES) head = Buffer.concat([head, chunk.subarray(0, HEAD_BYTES - head.length)]);
      hash.update(chunk);
      await file.writeFile(chunk);
    }
  } catch (error) {
    const { code = '', syscall } = error as NodeJS.ErrnoException;
    if (FULL.has(code)) return { why: 'no_room' };
    if (body.destroyed && syscall !== 'write') return { why: 'aborted' };
    throw error;
  }
  return bytes === 0 ? { why: 'empty' } : { sha256: hash.digest('hex'), bytes, head };
}

async function synced(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
