// What was taken stays known where the clock leaps: forward past its generation, and back before it.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GENERATION_MS } from '../rows/dedupe.ts';
import { openWriter } from './connection.ts';
import { Dedupe } from './dedupe.ts';
import type { Database } from './driver.ts';

describe('What was taken', () => {
  let folder: string;
  let db: Database;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'signalbox-dedupe-'));
    db = openWriter(join(folder, 'signalbox.db'));
  });
  afterEach(() => {
    db.close();
    rmSync(folder, { recursive: true });
  });

  it.each([520, -520])('is known when the clock leaps by %i generations, and after a start', (leap) => {
    const now = 1_000 * GENERATION_MS;
    const dedupe = new Dedupe(db);
    dedupe.add('first', 'msg_1', now);
    dedupe.settle();
    const later = now + leap * GENERATION_MS;
    expect(dedupe.find('first', later)).toBe('msg_1');
    dedupe.add('second', null, later);
    dedupe.settle();
    for (const each of [dedupe, new Dedupe(db)]) {
      expect([each.find('first', later), each.find('second', later)]).toEqual(['msg_1', null]);
      expect(each.find('third', later)).toBeUndefined();
    }
  });
});
