// The files that go with a backup: those that the database knows and that are there.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import * as errors from '../engine/store-port.ts';
import { decide } from '../routing/route.ts';
import { newId } from '../settings/ids.ts';
import { openSqlite } from '../store/sqlite/open.ts';
import { copyMedia } from './media-copies.ts';

const HERE = 'a'.repeat(64);
const GONE = 'b'.repeat(64);
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'signalbox-copies-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('are copied once, and what a provider still has is none of them', async () => {
  const file = join(folder, 'box.db');
  const run = { decide, now: Date.now, newId, random: Math.random };
  const store = await openSqlite({ file, errors, onError: () => undefined, run });
  const row = { assetId: 'ast_1', owner: '+1', type: 'image/png', name: 'cat.png', bytes: 3, looseAt: 5 };
  await store.addMedium({ ...row, id: newId('med'), sha256: HERE });
  await store.addMedium({ ...row, id: newId('med'), sha256: GONE });
  const remote = { reference: 'file 1', fetchAt: 5, problem: null };
  await store.addRemoteMedia([{ ...row, id: newId('med'), sha256: '', remote }]);
  await store.close();
  const [from, to] = [join(folder, 'media'), join(folder, 'copy')];
  mkdirSync(join(from, 'aa'), { recursive: true });
  mkdirSync(to);
  writeFileSync(join(from, 'aa', HERE), 'cat');
  expect(copyMedia(file, from, to)).toEqual({ files: 1, missing: 1 });
  expect(readFileSync(join(to, 'aa', HERE), 'utf8')).toBe('cat');
  expect(copyMedia(file, from, to)).toEqual({ files: 1, missing: 1 });
});
