// `signalbox keys rotate-master`: every secret is sealed anew with a fresh master key.
// Not here: the ring and its file (src/settings/master-key.ts).
// The one thing to know: at each moment the ring at hand opens everything, so a crash in between costs nothing: first
// [new, old] is kept, then all kept answers and documents are written, then [new].
import type { Vault } from '../engine/ports.ts';
import type { AuditEntry, ConfigWrite, KeptAnswer, Store } from '../engine/store-port.ts';
import { answerPlace } from '../http/idempotency.ts';
import type { DataFolder } from '../settings/data-folder.ts';
import { newId } from '../settings/ids.ts';
import { freshKey, loadRing, replaceRingFile } from '../settings/master-key.ts';
import { createVault, type KeyRing, kidOf } from '../settings/secrets.ts';
import type { Settings } from '../settings/settings.ts';
import { EXIT, Stop } from './exit.ts';
import { out, outJson } from './output.ts';
import { findRunning } from './running.ts';
import { resealed, sealedTexts } from './sealed.ts';
import { hasStore, openStanding } from './standing-store.ts';

/** Answers kept for an Idempotency-Key that are sealed anew in one transaction. */
const ANSWERS_AT_ONCE = 500;

export async function rotateMaster(settings: Settings, data: DataFolder, json: boolean): Promise<void> {
  if (findRunning(data) !== null) throw new Stop(EXIT.failed, 'Signalbox runs; stop it first.');
  if (!hasStore(settings, data)) throw new Stop(EXIT.failed, `There is no database in ${data.folder}.`);
  const store = await openStanding(settings, data);
  try {
    const read = loadRing(data.folder, settings.masterKey, true);
    if (!read.ok) throw new Stop(EXIT.settings, read.problem);
    const ring = read.from === 'file' ? grownRing(data, read.ring) : read.ring;
    if (ring.length < 2) {
      throw new Stop(
        EXIT.settings,
        'The master key is in SIGNALBOX_MASTER_KEY. Set it to the new and the old one (new,old), run this again, then leave the old one out.',
      );
    }
    const count = await sealAll(store, ring);
    if (read.from === 'file') replaceRingFile(data.folder, [ring[0]]);
    if (json) outJson({ kid: ring[0].kid, secrets: count });
    else
      out(
        `${count} secrets are sealed with the new master key ${ring[0].kid}.${read.from === 'file' ? '' : ' Leave the old one out now.'}`,
      );
  } finally {
    await store.close();
  }
}

/** A rotation that was cut off is gone on with; else a new key comes first. */
function grownRing(data: DataFolder, ring: KeyRing): KeyRing {
  if (ring.length > 1) return ring;
  const grown: KeyRing = [freshKey(), ...ring];
  replaceRingFile(data.folder, grown);
  return grown;
}

async function sealAll(store: Store, ring: KeyRing): Promise<number> {
  const vault = createVault(ring);
  await sealAnswers(store, vault, ring[0].kid);
  const writes: ConfigWrite[] = [];
  let count = 0;
  for (const { kind, id, data, version } of (await store.loadConfig()).rows) {
    const old = sealedTexts(kind, id, data).filter((each) => kidOf(each.sealed) !== ring[0].kid);
    if (old.length === 0) continue;
    count += old.length;
    writes.push({ kind, id, data: resealed(kind, id, data, vault), expectVersion: version });
  }
  const audit: AuditEntry = {
    id: newId('aud'),
    at: Date.now(),
    actor: 'signalbox keys (command line)',
    action: 'rotate_master',
    kind: 'instance',
    target: ring[0].kid,
    detail: { secrets: count },
  };
  await store.writeConfig(writes, [audit]);
  return count;
}

/** Who repeats a request with its Idempotency-Key gets the stored answer after a rotation too. */
async function sealAnswers(store: Store, vault: Vault, kid: string): Promise<void> {
  for (let after: string | null = null; ; ) {
    const page: KeptAnswer[] = await store.keptAnswers(after, ANSWERS_AT_ONCE);
    const last = page.at(-1);
    if (last === undefined) return;
    const old = page.filter(({ body }) => kidOf(body) !== kid);
    await store.replaceAnswers(
      old.map(({ key, body }) => ({ key, body: vault.seal(vault.open(body, answerPlace(key)), answerPlace(key)) })),
    );
    after = last.key;
  }
}
