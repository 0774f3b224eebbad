// How each asset is connected, as its hook has seen it: proved, heard of, refused; for whoever sets a channel up.
// Not here: what was said. The one thing to know: it is memory of this process and nothing depends on it; whoever reads
// the live feed is told that something changed, and asks for the asset.
import type { Clock, Directory } from '../engine/ports.ts';
import type { Id } from '../routing/model.ts';

/** ms; null: not since the process began. */
export type Connection = {
  handshakeAt: number | null;
  eventAt: number | null;
  refusedAt: number | null;
  refusedReason: string | null;
  verifiedAt: number | null;
};

export type Connections = {
  of(assetId: Id): Readonly<Connection>;
  /** the provider proved the address, or tried to */
  handshake(assetId: Id): void;
  event(assetId: Id): void;
  /** `reason`: a sentence without secrets */
  refused(assetId: Id, reason: string): void;
  verified(assetId: Id): void;
};

/** Of an asset that hears something all the time, and of one that is refused all the time: readers need no more. */
const TOLD_EVERY_MS = 10_000;
const REFUSED_TOLD_EVERY_MS = 1_000;
const REASON_MAX = 500;

const UNSEEN: Readonly<Connection> = {
  handshakeAt: null,
  eventAt: null,
  refusedAt: null,
  refusedReason: null,
  verifiedAt: null,
};

type Seen = Connection & { toldAt: number };

/** Remembers assets that exist, so it is as large as their number at most. */
export function createConnections(
  { directory, clock }: { directory: Pick<Directory, 'row' | 'onChange'>; clock: Pick<Clock, 'now'> },
  tell: (assetId: Id) => void,
): Connections {
  const seen = new Map<Id, Seen>();
  directory.onChange((changed) => {
    for (const { kind, id } of changed) if (kind === 'asset' && !directory.row('asset', id)) seen.delete(id);
  });
  const known = (id: Id): Seen => {
    let found = seen.get(id);
    if (found === undefined) {
      found = { ...UNSEEN, toldAt: Number.NEGATIVE_INFINITY };
      seen.set(id, found);
    }
    return found;
  };
  const told = (id: Id, at: Seen, now: number): void => {
    at.toldAt = now;
    tell(id);
  };
  return {
    of: (id) => seen.get(id) ?? UNSEEN,
    handshake(id) {
      const [at, now] = [known(id), clock.now()];
      at.handshakeAt = now;
      told(id, at, now);
    },
    event(id) {
      const [at, now] = [known(id), clock.now()];
      const isNews = at.eventAt === null || (at.refusedAt ?? 0) >= at.eventAt;
      at.eventAt = now;
      if (isNews || now - at.toldAt >= TOLD_EVERY_MS) told(id, at, now);
    },
    refused(id, reason) {
      const [at, now] = [known(id), clock.now()];
      at.refusedAt = now;
      at.refusedReason = reason.slice(0, REASON_MAX);
      if (now - at.toldAt >= REFUSED_TOLD_EVERY_MS) told(id, at, now);
    },
    verified(id) {
      const [at, now] = [known(id), clock.now()];
      at.verifiedAt = now;
      told(id, at, now);
    },
  };
}
