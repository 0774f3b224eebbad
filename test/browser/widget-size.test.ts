// What every visitor of a site with the chat loads: small, and from one place.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../parties/box.ts';

const FOLDER = join(ROOT, 'dist', 'widget');
const LOADER_BYTES = 3_000;
const CHAT_BYTES = 25_000;

const files = readdirSync(FOLDER);
const packed = (name: string): number => gzipSync(readFileSync(join(FOLDER, name))).length;

describe('The web chat', () => {
  it('is a loader and one file that is named by its contents and by the loader', () => {
    expect(files).toHaveLength(2);
    const chat = files.find((name) => /^chat-[0-9a-f]{10}\.js$/.test(name)) ?? 'none';
    expect(readFileSync(join(FOLDER, 'widget.js'), 'utf8')).toContain(chat);
  });

  it(`is at most ${CHAT_BYTES} bytes as it travels, its loader ${LOADER_BYTES}`, () => {
    expect(packed('widget.js')).toBeLessThanOrEqual(LOADER_BYTES);
    for (const name of files.filter((one) => one !== 'widget.js')) expect(packed(name)).toBeLessThanOrEqual(CHAT_BYTES);
  });

  it('evaluates no text as a program and names no other host', () => {
    for (const name of files) {
      const text = readFileSync(join(FOLDER, name), 'utf8');
      expect(text).not.toMatch(/\beval\(|new Function\(/);
      const hosts = (text.match(/https?:\/\/[\w.-]+/g) ?? []).filter((host) => host !== 'http://www.w3.org');
      expect(hosts).toEqual([]);
    }
  });
});
