// kill -9 in mid-write: whatever was acknowledged is there, whole, and the file is sound.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Script } from '../conformance/script.ts';
import { openReader } from './connection.ts';
import { createSqliteCore } from './core.ts';

const WRITER = new URL('./fixtures/writer.ts', import.meta.url).pathname;
const ROUNDS = [1, 5, 40];

/** Runs the writer until it has acknowledged some batches, and kills it; the batches it acknowledged. */
function writeAndDie(file: string, firstId: number, batchSize: number): Promise<number[]> {
  const child = spawn(process.execPath, ['--import', 'tsx', WRITER, file, String(firstId), String(batchSize)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let lines = '';
  return new Promise((resolve) => {
    child.stdout.on('data', (chunk) => {
      lines += chunk;
      if (lines.length > 300) setTimeout(() => child.kill('SIGKILL'), Math.random() * 20);
    });
    child.once('close', () => resolve(lines.split('\n').slice(0, -1).map(Number)));
  });
}

it('keeps every acknowledged batch, whole, through kill -9', { timeout: 60_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-kill-'));
  const file = join(folder, 'signalbox.db');
  for (const [round, size] of ROUNDS.entries()) {
    const acked = await writeAndDie(file, (round + 1) * 1_000_000, size);
    expect(acked.length).toBeGreaterThan(10);

    const script = new Script();
    const core = createSqliteCore({ ...script, decide: script.decide, now: Date.now, file });
    const deliveries = core.counts().deliveries.parked;
    expect(core.countDeliveries({}).n).toBe(deliveries);
    const threads = core.listThreads({ limit: 500 }).data;
    expect(threads.reduce((sum, { turn }) => sum + turn, 0)).toBe(deliveries);
    core.close();
    const db = openReader(file);
    expect(db.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
    const texts = new Map<string, number>();
    for (const { text } of db.prepare("SELECT doc ->> '$.text' AS text FROM messages").all()) {
      const batch = String(text).split(' ')[0] ?? '';
      texts.set(batch, (texts.get(batch) ?? 0) + 1);
    }
    for (const batch of acked) expect([batch, texts.get(String(batch))]).toEqual([batch, size]);
    for (const [batch, found] of texts) if (Number(batch) >= (round + 1) * 1_000_000) expect(found).toBe(size);
    const events = db.prepare('SELECT count(*) AS n FROM events').get();
    expect(events).toEqual({ n: deliveries });
    expect(db.prepare('SELECT count(*) AS n FROM timeline').get()).toEqual({ n: 3 * deliveries });
    db.close();
  }
  rmSync(folder, { recursive: true });
});
