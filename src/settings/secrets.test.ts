// Holds what the vault promises: a sealed text opens only whole, only in its place, only with its key; and that the
// master key's file is private, made once, and missed when it is gone.
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freshKey, keyText, loadRing, parseRing, replaceRingFile } from './master-key.ts';
import { createVault, isSealed, kidOf } from './secrets.ts';

const PLACE = 'bot/bot_1/verification_token';

describe('the vault', () => {
  const key = freshKey();
  const vault = createVault([key]);

  it.each(['', 'whsec_abc', 'ünïcode 🔑', 'x'.repeat(10_000)])('opens what it sealed (%#)', (plain) => {
    const sealed = vault.seal(plain, PLACE);
    expect(sealed).toMatch(/^v1\.[0-9a-f]{8}\./);
    expect(isSealed(sealed)).toBe(true);
    expect(kidOf(sealed)).toBe(key.kid);
    expect(vault.open(sealed, PLACE)).toBe(plain);
  });

  it('seals the same text differently each time', () => {
    expect(vault.seal('a', PLACE)).not.toBe(vault.seal('a', PLACE));
  });

  it('does not open a text that was moved to another place', () => {
    expect(() => vault.open(vault.seal('secret', PLACE), 'bot/bot_2/verification_token')).toThrow(/another place/);
  });

  it('does not open a text of which any part was changed, and does not show it', () => {
    const sealed = vault.seal('secret', PLACE);
    const parts = sealed.split('.');
    for (let i = 1; i < parts.length; i++) {
      const part = parts[i]!;
      const changed = parts.with(i, (part[0] === '0' ? '1' : '0') + part.slice(1)).join('.');
      expect(() => vault.open(changed, PLACE)).toThrow(/^the secret at bot/);
    }
    for (const cut of ['', 'v1', sealed.slice(0, -4), parts.slice(0, 4).join('.'), `${sealed}.x`]) {
      expect(() => vault.open(cut, PLACE)).toThrow(/not a sealed text/);
    }
  });

  it('opens with older keys of the ring and seals with the newest', () => {
    const next = freshKey();
    const both = createVault([next, key]);
    expect(both.open(vault.seal('old', PLACE), PLACE)).toBe('old');
    expect(kidOf(both.seal('new', PLACE))).toBe(next.kid);
    expect(() => vault.open(both.seal('new', PLACE), PLACE)).toThrow(/sealed with master key/);
  });
});

describe('the master key', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'signalbox-key-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('is made once, for its owner only, and leaves no draft behind', () => {
    const first = loadRing(folder, null, false);
    const again = loadRing(folder, null, true);
    if (!first.ok || !again.ok) throw new Error('no key');
    expect(first.created).toBe(true);
    expect(again.created).toBe(false);
    expect(again.ring[0].bytes.equals(first.ring[0].bytes)).toBe(true);
    expect(statSync(join(folder, 'master.key')).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['master.key']);
  });

  it('is not made anew beside a database that needs the old one', () => {
    expect(loadRing(folder, null, true)).toMatchObject({ ok: false, problem: expect.stringMatching(/is missing/) });
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is warned of when others can read it, and refused when it is none', () => {
    loadRing(folder, null, false);
    chmodSync(join(folder, 'master.key'), 0o644);
    expect(loadRing(folder, null, true)).toMatchObject({ warnings: [expect.stringMatching(/chmod 600/)] });
    writeFileSync(join(folder, 'master.key'), '');
    expect(loadRing(folder, null, true)).toMatchObject({ ok: false, problem: expect.stringMatching(/does not hold/) });
  });

  it('comes from the environment in base64, base64url or hex, several newest first', () => {
    const [a, b] = [freshKey(), freshKey()];
    for (const text of [keyText(a), a.bytes.toString('base64'), a.bytes.toString('hex')]) {
      expect(parseRing(text)?.[0].kid).toBe(a.kid);
    }
    expect(parseRing(`${keyText(a)},${keyText(b)}`)?.map((key) => key.kid)).toEqual([a.kid, b.kid]);
    for (const text of ['', 'short', keyText(a).slice(1), `${keyText(a)},x`]) expect(parseRing(text)).toBeNull();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is replaced whole', () => {
    loadRing(folder, null, false);
    const [next, old] = [freshKey(), freshKey()];
    replaceRingFile(folder, [next, old]);
    expect(readFileSync(join(folder, 'master.key'), 'utf8')).toBe(`${keyText(next)}\n${keyText(old)}\n`);
    expect(statSync(join(folder, 'master.key')).mode & 0o777).toBe(0o600);
  });
});
