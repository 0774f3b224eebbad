// The feed of everything that happened: as pages to catch up from, and live.
import { get as httpGet } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { READERS_MAX } from '../feed.ts';
import { ADMIN_KEY, type House, type Loose, openHouse } from '../fixtures/house.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

const happen = async (name: string): Promise<string> =>
  (await house.api('POST', '/services', { body: { name } })).body.id;

type Stream = { events(): { id: number; data: Loose }[]; text(): string; ended: Promise<void>; close(): void };

async function open(query = '', headers: Record<string, string> = {}, key = ADMIN_KEY): Promise<Stream> {
  const abort = new AbortController();
  const response = await fetch(`${house.url}/api/v1/events${query}`, {
    headers: { authorization: `Bearer ${key}`, accept: 'text/event-stream', ...headers },
    signal: abort.signal,
  });
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toContain('text/event-stream');
  expect(response.headers.get('x-accel-buffering')).toBe('no');
  expect(response.headers.get('cache-control')).toContain('no-store');
  let text = '';
  const ended = (async () => {
    const decoder = new TextDecoder();
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>)
      text += decoder.decode(chunk, { stream: true });
  })().catch(() => undefined);
  return {
    text: () => text,
    ended,
    close: () => abort.abort(),
    events: () =>
      [...text.matchAll(/id: (\d+)\ndata: (.*)\n\n/g)].map((match) => ({
        id: Number(match[1]),
        data: JSON.parse(match[2] as string),
      })),
  };
}

describe('a page of events', () => {
  it('goes on from the cursor, which is always there', async () => {
    await happen('one');
    await happen('two');
    const first = (await house.api('GET', '/events?limit=1')).body;
    expect(first.data[0].seq).toBe(1);
    const all = (await house.api('GET', `/events?after=${first.next_cursor}&limit=100`)).body;
    expect(all.data[0].seq).toBe(2);
    const end = (await house.api('GET', `/events?after=${all.next_cursor}`)).body;
    expect(end).toEqual({ data: [], next_cursor: all.next_cursor });
    await happen('three');
    const later = (await house.api('GET', `/events?after=${end.next_cursor}`)).body;
    expect(later.data.map((each: Loose) => each.type)).toContain('config.changed');
    expect((await house.api('GET', '/events?after=x')).status).toBe(422);
  });
});

describe('a live stream', () => {
  it('begins now, and tells what happens in order', async () => {
    await happen('before');
    const stream = await open();
    await expect.poll(stream.text).toContain('retry:');
    const ids = [await happen('a'), await happen('b'), await happen('c')];
    await expect.poll(() => stream.events().map((each) => each.data.data.id)).toEqual(ids);
    for (const { id, data } of stream.events()) expect(data.seq).toBe(id);
    stream.close();
  });

  it('resumes after Last-Event-ID without a gap and without a repetition, also far back', async () => {
    const start = Number((await house.api('GET', '/events?limit=100')).body.next_cursor);
    const first = await open();
    const ids = [await happen('a')];
    await expect.poll(() => first.events().length).toBe(1);
    const last = first.events()[0]?.id;
    first.close();
    for (let i = 0; i < 30; i++) ids.push(await happen(`n${i}`));
    const second = await open('', { 'last-event-id': String(last) });
    await expect.poll(() => second.events().map((each) => each.data.data.id)).toEqual(ids.slice(1));
    ids.push(await happen('live'));
    await expect.poll(() => second.events().at(-1)?.data.data.id).toBe(ids.at(-1));
    const third = await open(`?after=${start}`);
    await expect.poll(() => third.events().map((each) => each.data.data.id)).toEqual(ids);
    const numbers = third.events().map((each) => each.id);
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    second.close();
    third.close();
  });

  it('gives a sign of life every 15 seconds', async () => {
    const stream = await open();
    await expect.poll(stream.text).toContain('retry:');
    await house.clock.advance(15_000);
    await expect.poll(stream.text).toContain(': still here\n\n');
    await house.clock.advance(15_000);
    await expect.poll(() => stream.text().split(': still here').length).toBe(3);
    stream.close();
  });

  it('ends when its key is taken away', async () => {
    const { id, key } = (await house.api('POST', '/keys', { body: { name: 'k', role: 'viewer' } })).body;
    const stream = await open('', {}, key);
    await expect.poll(stream.text).toContain('retry:');
    await house.api('DELETE', `/keys/${id}`);
    await house.clock.advance(15_000);
    await stream.ended;
    expect(stream.events().some((each) => each.data.data.action === 'delete')).toBe(false);
  });

  it('is refused with a bad Last-Event-ID', async () => {
    const headers = { accept: 'text/event-stream', 'last-event-id': 'x' };
    const answer = await house.call('GET', '/api/v1/events', { headers });
    expect([answer.status, answer.body.code]).toEqual([422, 'invalid']);
  });

  it('does not hold memory for a reader that does not read', async () => {
    const { hostname, port } = new URL(house.url);
    const headers = { authorization: `Bearer ${ADMIN_KEY}`, accept: 'text/event-stream' };
    const stuck = httpGet({ hostname, port, path: '/api/v1/events?after=0', headers });
    stuck.on('error', () => undefined);
    await new Promise<void>((resolve) => stuck.on('response', (response) => resolve(void response.pause())));
    const live = await open();
    const id = await happen('others go on');
    await expect.poll(() => live.events().at(-1)?.data.data.id).toBe(id);
    stuck.destroy();
    live.close();
  });

  it('is one of a limited number, and gives its place back', async () => {
    const metric = async (): Promise<string> =>
      /signalbox_event_streams (\d+)/.exec((await house.call('GET', '/metrics')).text)?.[1] ?? '';
    await expect.poll(metric).toBe('0');
    const headers = { accept: 'text/event-stream' };
    expect((await house.call('HEAD', '/api/v1/events', { headers })).status).toBe(200);
    expect(await metric()).toBe('0');
    const streams = await Promise.all(Array.from({ length: READERS_MAX }, () => open()));
    const more = await house.call('GET', '/api/v1/events', { headers });
    expect([more.status, more.body.code]).toEqual([429, 'too_many_streams']);
    for (const stream of streams) stream.close();
    await expect.poll(metric).toBe('0');
    (await open()).close();
  });
});
