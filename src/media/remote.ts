// Media that a channel's provider has: rows at once, so that messages can show them; the files in the background, or when
// somebody looks first. Not here: where a file lies (the adapter's `locate`), the way out, keeping it (media.ts).
// The one thing to know: a provider's address never leaves this file; what is shown is a link of ours, and whoever opens
// it before the file is here waits for the one fetch that is under way.
import type { Readable } from 'node:stream';
import type { ChannelAdapter, MediumPlace } from '../engine/channel-port.ts';
import type { Directory, Send } from '../engine/ports.ts';
import type { MediumRow, RemoteMedium, Store } from '../engine/store-port.ts';
import type { Input } from '../routing/inputs.ts';
import type { Id, Media as Medium, NewId } from '../routing/model.ts';
import { FETCHED_BYTES_MAX, type MediaStore, type Taken } from './media.ts';

const REMOTE = 'remote:';
/** Fetched at once without anybody waiting; each may be 25 MiB on its way to the disk. */
const BACKGROUND_MAX = 4;
/** All together: whoever looks first does not wait for the others. */
const RUNNING_MAX = 16;
/** A slow provider must not hold a place for long: 25 MiB at two megabits a second. */
const BODY_MS = 100_000;
/** Whoever looks waits so long; browsers and bots would give up not much later. */
const WAIT_MS = 30_000;
/** The pause grows with the age: as long again as it has been tried for. */
const PAUSE_MIN_MS = 30_000;
const PAUSE_MAX_MS = 3_600_000;
/** Most providers forget a file or its address by then. */
const GIVE_UP_MS = 24 * 3_600_000;
const NAME_MAX = 255;
const TYPE_MAX = 100;
const PROBLEM_MAX = 500;

type Remote = MediumRow & { remote: RemoteMedium };
type Outcome = { row: MediumRow } | { again: boolean; detail: string };

/** `gone`: it will not come. */
export type Absent = { absent: 'gone' | 'later'; detail: string; retryAfterS: number };

export type RemoteMedia = {
  /** The inputs with `media:<id>` for what the provider has; the very same list when there is nothing of the kind. */
  claimed(assetId: Id, inputs: Input[]): Promise<Input[]>;
  /** begins with what is due; after a commit that shows what was claimed */
  wake(): void;
  /** the row with its file, fetched now if need be */
  present(row: MediumRow): Promise<MediumRow | Absent>;
  start(): void;
  /** breaks off what is under way: it goes on after the next start */
  stop(): Promise<void>;
};

export type RemoteParts = {
  media: Pick<MediaStore, 'bring'>;
  store: Pick<Store, 'addRemoteMedia' | 'saveMedium' | 'mediaToFetch'>;
  directory: Pick<Directory, 'asset'>;
  channels: ReadonlyMap<string, ChannelAdapter>;
  send: Send;
  download(ask: {
    url: string;
    headers: Record<string, string>;
    key: string;
    bytesMax: number;
    bodyMs: number;
  }): Promise<
    | { ok: true; status: number; headers: Record<string, string>; body: Readable }
    | { ok: false; reason: string; detail: string }
  >;
  now: () => number;
  at: (at: number, wake: () => void) => () => void;
  newId: NewId;
  log: { warn(facts: object, text: string): void; error(facts: object, text: string): void };
};

export function createRemoteMedia(parts: RemoteParts): RemoteMedia {
  return new Fetcher(parts);
}

class Fetcher implements RemoteMedia {
  readonly #parts: RemoteParts;
  /** by medium: one fetch each, whoever asks */
  readonly #running = new Map<string, Promise<MediumRow>>();
  readonly #bodies = new Set<Readable>();
  #cancel: (() => void) | null = null;
  #looking: Promise<void> | null = null;
  #lookAgain = false;
  /** the disk refused what came of a fetch: until then nothing is fetched, or the same would be again and again */
  #quietUntil = 0;
  #stopped = true;

  constructor(parts: RemoteParts) {
    this.#parts = parts;
  }

  async claimed(assetId: Id, inputs: Input[]): Promise<Input[]> {
    const rows = inputs.flatMap((input) => {
      if (!('message' in input)) return [];
      return input.message.media.filter(isRemote).map((medium) => this.#rowOf(assetId, input.address, medium));
    });
    if (rows.length === 0) return inputs;
    const kept = await this.#parts.store.addRemoteMedia(rows);
    const next = kept.values();
    const shown = (medium: Medium): Medium =>
      isRemote(medium) ? { ...medium, url: `media:${next.next().value?.id}` } : medium;
    return inputs.map((input) =>
      'message' in input && input.message.media.some(isRemote)
        ? { ...input, message: { ...input.message, media: input.message.media.map(shown) } }
        : input,
    );
  }

  wake(): void {
    if (this.#stopped) return;
    if (this.#looking !== null) {
      this.#lookAgain = true;
      return;
    }
    this.#looking = this.#look()
      .catch((err: unknown) => {
        this.#parts.log.warn({ err }, 'media to be fetched could not be looked for; trying again soon');
        this.#wakeAt(this.#parts.now() + PAUSE_MIN_MS);
      })
      .finally(() => {
        this.#looking = null;
        if (!this.#lookAgain) return;
        this.#lookAgain = false;
        this.wake();
      });
  }

  async present(row: MediumRow): Promise<MediumRow | Absent> {
    if (row.sha256 !== '') return row;
    const { remote } = row;
    const now = this.#parts.now();
    if (!isOpen(row)) return { absent: 'gone', detail: remote?.problem ?? 'It is not here any more.', retryAfterS: 0 };
    const running = this.#running.get(row.id);
    // Whoever looks again and again does not ask the provider again and again.
    const resting = row.remote.problem !== null && (row.remote.fetchAt ?? now) > now;
    if (running === undefined && resting) return absent(row, now);
    if (running === undefined && (this.#stopped || this.#running.size >= RUNNING_MAX)) return LATER;
    const came = await inTime(running ?? this.#fetch(row));
    if (came === null) return LATER;
    if (came.sha256 !== '') return came;
    return isOpen(came) ? absent(came, this.#parts.now()) : this.present(came);
  }

  start(): void {
    this.#stopped = false;
    this.wake();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancel?.();
    this.#cancel = null;
    for (const body of this.#bodies) body.destroy();
    await Promise.all([this.#looking, ...this.#running.values()]);
  }

  async #look(): Promise<void> {
    const { store, now } = this.#parts;
    if (this.#quietUntil > now()) {
      this.#wakeAt(this.#quietUntil);
      return;
    }
    const soonest = await store.mediaToFetch(BACKGROUND_MAX + this.#running.size);
    if (this.#stopped) return;
    for (const row of soonest) {
      if (this.#running.has(row.id) || !isOpen(row)) continue;
      const at = row.remote.fetchAt ?? 0;
      if (at > now()) {
        this.#wakeAt(at);
        return;
      }
      if (this.#running.size >= BACKGROUND_MAX) return;
      void this.#fetch(row);
    }
  }

  #wakeAt(at: number): void {
    this.#cancel?.();
    this.#cancel = this.#parts.at(at, () => this.wake());
  }

  /** Never rejects; gives the row as it is then. */
  #fetch(row: Remote): Promise<MediumRow> {
    const run = this.#bring(row)
      .catch((err: unknown): Outcome => {
        this.#parts.log.error({ err, medium: row.id }, 'a medium could not be fetched');
        return { again: true, detail: 'It could not be fetched by a fault of Signalbox.' };
      })
      .then((outcome) => ('row' in outcome ? outcome.row : this.#failed(row, outcome)))
      .finally(() => {
        this.#running.delete(row.id);
        this.wake();
      });
    this.#running.set(row.id, run);
    return run;
  }

  async #bring(row: Remote): Promise<Outcome> {
    const { directory, channels, send, download, now, media } = this.#parts;
    const asset = directory.asset(row.assetId ?? '');
    const adapter = asset && channels.get(asset.channel);
    if (!asset || !adapter?.locate) return { again: false, detail: 'Its asset is gone, and with it the way to it.' };
    const place = await adapter.locate(asset, row.remote.reference, send, now());
    if (!place.ok) return place;
    const key = `${asset.id}:${asset.version}:media`;
    const { url, headers } = place;
    const answer = await download({ url, headers, key, bytesMax: FETCHED_BYTES_MAX, bodyMs: BODY_MS });
    if (!answer.ok) return { again: answer.reason !== 'too_large', detail: answer.detail };
    const { body, status } = answer;
    this.#bodies.add(body);
    try {
      if (status !== 200) return refusedBy(status);
      if (isPacked(answer.headers)) return { again: false, detail: 'The provider gave it compressed, unasked.' };
      const named = place.name === undefined ? row : { ...row, name: place.name.slice(0, NAME_MAX) };
      return outcomeOf(await media.bring(named, body, typeOf(place, answer.headers, row)), body);
    } finally {
      this.#bodies.delete(body);
      body.destroy();
    }
  }

  async #failed(row: Remote, { again, detail }: { again: boolean; detail: string }): Promise<MediumRow> {
    const { store, now, log } = this.#parts;
    // Broken off by us: nothing is known against it.
    if (this.#stopped) return row;
    const age = now() - row.looseAt;
    const fetchAt = again && age < GIVE_UP_MS ? now() + Math.min(Math.max(age, PAUSE_MIN_MS), PAUSE_MAX_MS) : null;
    const failed = { ...row, remote: { ...row.remote, fetchAt, problem: detail.slice(0, PROBLEM_MAX) } };
    await store.saveMedium(failed).catch((err: unknown) => {
      log.warn({ err, medium: row.id }, 'that a medium could not be fetched could not be kept');
      this.#quietUntil = now() + PAUSE_MIN_MS;
    });
    return failed;
  }

  #rowOf(assetId: string, owner: string, medium: Medium): Remote {
    const { newId, now } = this.#parts;
    const reference = medium.url.slice(REMOTE.length);
    return {
      id: newId('med'),
      sha256: '',
      assetId,
      owner,
      type: medium.type.slice(0, TYPE_MAX),
      name: (medium.name ?? 'file').slice(0, NAME_MAX),
      bytes: 0,
      looseAt: now(),
      remote: { reference, fetchAt: now(), problem: null },
    };
  }
}

const isRemote = ({ url }: Medium): boolean => url.startsWith(REMOTE);
const isOpen = (row: MediumRow): row is Remote => row.remote !== undefined && row.remote.fetchAt !== null;
const isPacked = ({ 'content-encoding': encoding = 'identity' }: Record<string, string>): boolean =>
  encoding.toLowerCase() !== 'identity';

/** The first that says something: what the adapter knows, what came with the file, what the message said. */
const typeOf = (place: MediumPlace & { ok: true }, headers: Record<string, string>, row: MediumRow): string =>
  place.type ?? headers['content-type'] ?? row.type;

/** 401 and 403 may be mended by other credentials; what is not there will not come. */
const refusedBy = (status: number): Outcome => ({
  again: status !== 404 && status !== 410,
  detail: `The provider answered ${status} in place of the file.`,
});

function outcomeOf(taken: Taken, body: Readable): Outcome {
  if (taken.ok) return { row: taken.row };
  if (taken.why === 'no_room') return { again: true, detail: 'The disk is nearly full; no files are taken.' };
  if (taken.why === 'too_large') {
    return { again: false, detail: `It is larger than ${FETCHED_BYTES_MAX / 1_048_576} MiB.` };
  }
  if (taken.why === 'empty') return { again: false, detail: 'The provider gave an empty file.' };
  const why = body.errored as (Error & { reason?: string }) | null;
  return { again: why?.reason !== 'too_large', detail: why?.message ?? 'The connection broke while it was read.' };
}

const absent = (row: Remote, now: number): Absent => ({
  absent: 'later',
  detail: row.remote.problem ?? LATER.detail,
  retryAfterS: Math.max(1, Math.ceil(((row.remote.fetchAt ?? now) - now) / 1000)),
});
const LATER: Absent = { absent: 'later', detail: 'The file is still being fetched.', retryAfterS: 5 };

/** null: it takes too long for whoever waits; it goes on. */
async function inTime(run: Promise<MediumRow>): Promise<MediumRow | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), WAIT_MS);
  });
  try {
    return await Promise.race([run, late]);
  } finally {
    clearTimeout(timer);
  }
}
