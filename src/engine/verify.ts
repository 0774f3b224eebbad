// Verification of bots and desks: a real request to them; what holds becomes active, and a draft that holds is saved.
// Also the probing of inactive ones whose `recovery` is automatic. Not here: the request (the adapters' `verify`).
// The one thing to know: a failed verification changes nothing, so that a try-out never takes a live bot down; and one that
// holds counts for the version that was asked, or for none.
import type { Id, NewId } from '../routing/model.ts';
import { createAlarms } from './alarms.ts';
import type { Adapters } from './attempt.ts';
import type { Committer } from './committer.ts';
import { secretPlace } from './opened.ts';
import type {
  BotConfig,
  Check,
  Clock,
  DeskConfig,
  Directory,
  Rehearsal,
  Send,
  Vault,
  VerificationDraft,
  VerificationResult,
} from './ports.ts';
import type { Log } from './settings.ts';
import { ConfigConflict, type ConfigRow } from './store-port.ts';

/** Pause before the first probe of an inactive integration; doubles after each that failed. */
const PROBE_FIRST_MS = 30_000;
const PROBE_LAST_MS = 600_000;

export type Kind = 'bot' | 'desk';

export type VerifyParts = {
  directory: Directory;
  vault: Vault;
  committer: Pick<Committer, 'submit'>;
  adapters: Adapters;
  send: Send;
  clock: Clock;
  /** for signatures */
  wall(): number;
  newId: NewId;
  log: Log;
  /** of several processes one probes */
  leads(): boolean;
};

export type Verifier = {
  /** throws ConfigConflict when the integration was edited meanwhile, StoreUnavailable when the result cannot be kept */
  verify(kind: Kind, id: Id, draft: VerificationDraft, actor: string): Promise<VerificationResult>;
  /** never throws, keeps nothing */
  rehearse(party: Rehearsal): Promise<VerificationResult>;
  /** an integration changed: begins or ends probing it */
  watch(kind: Kind, id: Id): void;
  idle(): boolean;
  stop(): void;
};

export function createVerifier(parts: VerifyParts): Verifier {
  const { directory, clock, log } = parts;
  const last = new Map<Id, Promise<unknown>>();
  const pauses = new Map<string, number>();
  const probes = createAlarms<string>(clock, (keys) => {
    for (const key of keys) void probe(key);
  });

  /** One at a time for each integration: two drafts tried at once would overwrite each other. */
  async function inTurn<T>(id: Id, run: () => Promise<T>): Promise<T> {
    const before = last.get(id) ?? Promise.resolve();
    const mine = before.then(run, run);
    last.set(id, mine);
    try {
      return await mine;
    } finally {
      if (last.get(id) === mine) last.delete(id);
    }
  }

  function wants(kind: Kind, id: Id): boolean {
    const view = kind === 'bot' ? directory.world().bots.get(id) : directory.world().desks.get(id);
    return view?.health.status === 'inactive' && view.settings.recovery === 'automatic';
  }

  async function probe(key: string): Promise<void> {
    const [kind, id] = key.split('/') as [Kind, Id];
    if (!wants(kind, id)) return;
    if (!parts.leads()) {
      probes.set(key, clock.now() + PROBE_FIRST_MS);
      return;
    }
    try {
      await inTurn(id, () => verifyNow(parts, kind, id, {}, 'signalbox'));
    } catch (error) {
      log.warn({ err: error, integration: id }, 'an inactive integration could not be probed');
    }
    if (!wants(kind, id)) return;
    const pause = Math.min((pauses.get(key) ?? PROBE_FIRST_MS) * 2, PROBE_LAST_MS);
    pauses.set(key, pause);
    probes.set(key, clock.now() + pause);
  }

  return {
    verify: (kind, id, draft, actor) => inTurn(id, () => verifyNow(parts, kind, id, draft, actor)),
    async rehearse(party) {
      const checks = await ask(parts, party);
      return { verified: holds(checks), status: 'unverified', checks };
    },
    watch(kind, id) {
      const key = `${kind}/${id}`;
      if (!wants(kind, id)) {
        probes.clear(key);
        pauses.delete(key);
      } else if (!pauses.has(key)) {
        pauses.set(key, PROBE_FIRST_MS);
        probes.set(key, clock.now() + PROBE_FIRST_MS);
      }
    },
    idle: () => last.size === 0,
    stop: () => probes.stop(),
  };
}

async function verifyNow(
  parts: VerifyParts,
  kind: Kind,
  id: Id,
  draft: VerificationDraft,
  actor: string,
): Promise<VerificationResult> {
  const { directory, committer } = parts;
  const before = directory.row(kind, id);
  const checks = await check(parts, kind, id, draft);
  const verified = holds(checks);
  if (verified && before) {
    // What was tried must be what becomes active: the store has the last word on which document is there by then.
    const { version } = Object.keys(draft).length > 0 ? await save(parts, before, draft, actor) : before;
    const [applied] = await committer.submit([{ type: 'integration', id, status: 'active', reason: null, version }]);
    if (applied?.reply.ok === false) throw new ConfigConflict(applied.reply.detail);
  }
  const world = directory.world();
  const view = kind === 'bot' ? world.bots.get(id) : world.desks.get(id);
  return { verified, status: view?.health.status ?? 'unverified', checks };
}

const holds = (checks: Check[]): boolean => checks.length > 0 && checks.every(({ ok }) => ok);

async function check(parts: VerifyParts, kind: Kind, id: Id, draft: VerificationDraft): Promise<Check[]> {
  const bot = kind === 'bot' ? parts.directory.bot(id) : undefined;
  const desk = kind === 'desk' ? parts.directory.desk(id) : undefined;
  if (bot) return ask(parts, { bot: withDraft(bot, draft) });
  if (desk) return ask(parts, { desk: deskWithDraft(desk, draft) });
  return [{ name: 'configuration', ok: false, detail: `There is no such ${kind}.`, ms: 0 }];
}

async function ask({ adapters, send, wall, log }: VerifyParts, party: Rehearsal): Promise<Check[]> {
  try {
    if ('bot' in party) {
      const adapter = adapters.bots.get(party.bot.platform);
      if (adapter) return await adapter.verify(party.bot, send, wall());
    } else {
      const adapter = adapters.desks.get(party.desk.kind);
      if (adapter) return await adapter.verify(party.desk, send, wall());
    }
  } catch (error) {
    const { id } = 'bot' in party ? party.bot : party.desk;
    log.error({ err: error, integration: id }, 'a bug: an adapter threw in a verification');
    return [{ name: 'request', ok: false, detail: 'The verification failed by a fault of Signalbox.', ms: 0 }];
  }
  return [{ name: 'configuration', ok: false, detail: 'Nothing here speaks to this kind.', ms: 0 }];
}

function withDraft(bot: BotConfig, draft: VerificationDraft): BotConfig {
  return {
    ...bot,
    url: draft.url ?? bot.url,
    verificationToken: draft.verification_token ?? bot.verificationToken,
    accessToken: draft.access_token ?? bot.accessToken,
  };
}

function deskWithDraft(desk: DeskConfig, draft: VerificationDraft): DeskConfig {
  return { ...desk, url: draft.url ?? desk.url };
}

/** Saves a draft that held over the document it was tried with; the document that it makes. */
async function save(
  parts: VerifyParts,
  row: ConfigRow,
  draft: VerificationDraft,
  actor: string,
): Promise<Pick<ConfigRow, 'version'>> {
  const { directory, vault, clock, newId } = parts;
  const { kind, id } = row;
  const data: Record<string, unknown> = { ...row.data };
  if (draft.url !== undefined) data.url = draft.url;
  for (const field of ['verification_token', 'access_token'] as const) {
    const plain = draft[field];
    if (kind === 'bot' && plain !== undefined) data[field] = vault.seal(plain, secretPlace(kind, id, field));
  }
  const detail = { changed: Object.keys(draft) };
  const [saved] = await directory.change(
    [{ kind, id, data, expectVersion: row.version }],
    [{ id: newId('aud'), at: clock.now(), actor, action: 'verify', kind, target: id, detail }],
  );
  if (saved === undefined) throw new Error('the store gave no document back that it saved');
  return saved;
}
