// Reading bodies: how much of them is in memory, and when no more is taken.
import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { readBody } from './request.ts';

const incoming = (headers: Record<string, string> = {}): PassThrough & IncomingMessage =>
  Object.assign(new PassThrough(), { headers }) as unknown as PassThrough & IncomingMessage;

describe('a body', () => {
  it('is asked room for as it comes, and not when it is complete', async () => {
    const request = incoming();
    const asked: number[] = [];
    const read = readBody(request, 1_000, (bytes) => asked.push(bytes) > 0);
    request.write('a'.repeat(300));
    await new Promise(setImmediate);
    expect(asked).toEqual([300]);
    request.end('b'.repeat(200));
    expect(await read).toMatchObject({ ok: true });
    expect(asked).toEqual([300, 200]);
  });

  it('is read no further when there is no room', async () => {
    const request = incoming();
    const read = readBody(request, 1_000, (bytes) => bytes < 200);
    request.write('a'.repeat(100));
    await new Promise(setImmediate);
    request.write('b'.repeat(200));
    expect(await read).toEqual({ ok: false, why: 'no_room', unread: true });
    expect(request.isPaused()).toBe(true);
  });

  it('that is too large asks for no more room than its limit', async () => {
    const request = incoming();
    let asked = 0;
    const read = readBody(request, 1_000, (bytes) => {
      asked += bytes;
      return true;
    });
    for (let i = 0; i < 20; i++) request.write('a'.repeat(100));
    request.end();
    expect(await read).toEqual({ ok: false, why: 'too_large', unread: false });
    expect(asked).toBe(1_000);
  });
});
