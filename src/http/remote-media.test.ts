// What a provider has of a medium: shown at once, fetched once, kept as an upload is, and what is said when it does not come.
// Not here: the way out itself (src/net/download.test.ts). The one thing to know: the provider is a real server that
// stands for Telegram, and the clock is the test's: nothing is fetched again before it says so.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Reply } from '../../test/parties/listener.ts';
import { startTelegram, type Telegram } from '../../test/parties/telegram.ts';
import { ADMIN_KEY, type Answer, type House, type Loose, openHouse } from './fixtures/house.ts';

const PNG = Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), Buffer.alloc(5_000, 'p')]);
const HOUR_MS = 3_600_000;

let house: House;
let telegram: Telegram;
let asset: Loose;
let files = 0;
beforeAll(async () => {
  house = await openHouse();
  telegram = await startTelegram();
  const body = { name: 'T', channel: 'telegram', config: { token: telegram.token, api_url: telegram.url } };
  asset = (await house.api('POST', '/assets', { body })).body;
  telegram.webhook = { url: asset.hook_url, secret_token: asset.config.secret_token };
});
afterAll(async () => {
  await house.close();
  await telegram.down();
});
beforeEach(() => {
  telegram.instead.length = 0;
  telegram.calls.length = 0;
});

/** A file that Telegram has; its id. */
function has(bytes: Buffer, path = `documents/file_${++files}.bin`): string {
  const id = `file${++files}`;
  telegram.files.set(id, { path, type: '', bytes });
  return id;
}
const asked = (): number => telegram.calls.filter(({ method }) => method === 'getFile').length;
const failing = (times: number, reply: Reply): void => {
  for (let n = 0; n < times; n += 1) telegram.instead.push({ method: 'getFile', reply });
};
const down: Reply = { status: 502, body: { ok: false, error_code: 502, description: 'Bad Gateway' } };

async function sends(chat: number, content: Loose): Promise<void> {
  const answer = await telegram.post(telegram.update('message', telegram.message(chat, content)));
  expect(answer.status).toBe(200);
}
const document = (file_id: string, more: Loose = {}): Loose => ({
  document: { file_id, file_unique_id: 'u', file_size: 5, ...more },
});
async function shown(chat: number): Promise<Loose[]> {
  const { data } = (await house.api('GET', `/threads?asset_id=${asset.id}&q=${chat}`)).body;
  const items = (await house.api('GET', `/threads/${data[0].id}/timeline`)).body.data;
  return items.flatMap((item: Loose) => item.message?.media ?? item.media ?? []);
}
const open = (link: string, more: Loose = {}): Promise<Answer> =>
  house.call('GET', link.slice(house.url.length), { key: null, ...more });
async function bytesOf(link: string): Promise<Buffer> {
  const response = await fetch(link);
  if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
  return Buffer.from(await response.arrayBuffer());
}
/** The newest medium of a customer, as its row is now. */
async function row(chat: number): Promise<Loose> {
  const link = (await shown(chat)).at(-1).url;
  return house.parts.media.row(new URL(link).pathname.split('/')[2] as string);
}
/** A busy machine takes a while for 25 MiB. */
const poll: typeof expect.poll = (look) => expect.poll(look, { timeout: 10_000 });
const fetched = (chat: number): Promise<void> => poll(async () => (await row(chat)).sha256).not.toBe('');
const troubled = (chat: number): Promise<void> => poll(async () => (await row(chat)).remote.problem).not.toBeNull();

describe('a medium that a provider has', () => {
  it('is a link of ours, fetched in the background and kept', async () => {
    await sends(1, { ...document(has(PNG), { file_name: 'cat.png', mime_type: 'image/png' }), caption: 'Look' });
    const [medium] = await shown(1);
    expect(medium).toMatchObject({ type: 'image/png', name: 'cat.png' });
    expect(medium.url).toMatch(new RegExp(`^${house.url}/media/med_\\w+/cat\\.png\\?e=\\d+&s=`));
    await fetched(1);
    expect(await bytesOf(medium.url)).toEqual(PNG);
    expect(asked()).toBe(1);
    const answer = await open(medium.url);
    expect(answer.headers.get('content-type')).toBe('image/png');
    expect(answer.headers.get('content-disposition')).toMatch(/^inline; filename="cat\.png"/);
    const part = await open(medium.url, { headers: { range: 'bytes=0-3' } });
    expect([part.status, part.headers.get('content-length')]).toEqual([206, '4']);
  });

  it('is one, however often and for whomever at once the provider tells of it', async () => {
    const id = has(PNG);
    const update = telegram.update('message', telegram.message(2, document(id)));
    for (let n = 0; n < 3; n += 1) await telegram.post(update);
    const media = await shown(2);
    expect(media).toHaveLength(1);
    const all = await Promise.all(Array.from({ length: 8 }, () => bytesOf(media[0].url)));
    expect(all.every((bytes) => bytes.equals(PNG))).toBe(true);
    expect(asked()).toBe(1);
    await sends(2, document(id));
    const [first, second] = await shown(2);
    expect(new URL(second.url).pathname.split('/')[2]).toBe(new URL(first.url).pathname.split('/')[2]);
    await sends(3, document(id));
    await fetched(3);
    expect((await row(3)).id).not.toBe((await row(2)).id);
  });

  it('of no kind that is known is a download, whatever it says', async () => {
    const page = Buffer.from('<!DOCTYPE html><script>alert(1)</script>');
    await sends(4, document(has(page), { file_name: 'page.html', mime_type: 'text/html' }));
    await fetched(4);
    const answer = await open((await shown(4))[0].url);
    expect(answer.headers.get('content-type')).toBe('application/octet-stream');
    expect(answer.headers.get('content-disposition')).toMatch(/^attachment; filename="page\.html\.bin"/);
    expect(answer.headers.get('content-security-policy')).toContain('sandbox');
  });

  it('that does not come is tried again, in longer and longer pauses, and says why', async () => {
    failing(1, down);
    await sends(5, document(has(PNG)));
    await troubled(5);
    const [medium] = await shown(5);
    const answer = await open(medium.url);
    expect([answer.status, answer.body.code]).toEqual([502, 'media_unavailable']);
    expect(answer.text).not.toContain(telegram.token);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(20);
    expect(asked()).toBe(0);
    await house.clock.advance(31_000);
    await fetched(5);
    expect(await bytesOf(medium.url)).toEqual(PNG);
  });

  it('is given up after a day', async () => {
    failing(60, down);
    await sends(6, document(has(PNG)));
    await troubled(6);
    const [medium] = await shown(6);
    for (let hours = 0; hours < 30 && (await row(6)).remote.fetchAt !== null; hours += 1) {
      const before = telegram.instead.length;
      await house.clock.advance(HOUR_MS);
      await poll(() => telegram.instead.length).toBeLessThan(before);
      await poll(async () => ((await row(6)).remote.fetchAt ?? Number.MAX_VALUE) > house.clock.now()).toBe(true);
    }
    expect((await row(6)).remote.fetchAt).toBeNull();
    telegram.instead.length = 0;
    const answer = await open((await shown(6))[0].url);
    expect([answer.status, answer.body.code]).toEqual([404, 'not_found']);
    expect(medium.url).not.toBe('');
    expect(asked()).toBe(0);
  });

  it.each([
    ['is not known to the provider any more', null],
    ['is empty', Buffer.alloc(0)],
    ['is too large', Buffer.alloc(25 * 1024 * 1024 + 1)],
  ])('is given up at once when it %s', async (_, bytes) => {
    const chat = 100 + ++files;
    await sends(chat, document(bytes === null ? 'nobody-knows' : has(bytes)));
    await troubled(chat);
    expect((await row(chat)).remote.fetchAt).toBeNull();
    const answer = await open((await shown(chat))[0].url);
    expect([answer.status, answer.body.code]).toEqual([404, 'not_found']);
    expect(answer.text).not.toContain(telegram.token);
  });

  it('goes on after a restart', async () => {
    await house.parts.remote.stop();
    await sends(7, document(has(PNG)));
    const later = await open((await shown(7))[0].url);
    expect([later.status, later.body.code]).toEqual([502, 'media_unavailable']);
    expect(asked()).toBe(0);
    house.parts.remote.start();
    await fetched(7);
  });

  it('is gone with its customer, fetched or not', async () => {
    failing(1, down);
    await sends(8, document(has(PNG)));
    await troubled(8);
    const [medium] = await shown(8);
    expect((await house.api('DELETE', `/customers/${asset.id}/8`)).status).toBe(200);
    await house.parts.media.sweep();
    expect((await open(medium.url)).status).toBe(404);
    await house.clock.advance(HOUR_MS);
    expect(asked()).toBe(0);
  });

  it('is out of reach once its asset is gone', async () => {
    const body = { name: 'T2', channel: 'telegram', config: { token: telegram.token, api_url: telegram.url } };
    const other = (await house.api('POST', '/assets', { body, key: ADMIN_KEY })).body;
    failing(1, down);
    const update = telegram.update('message', telegram.message(9, document(has(PNG))));
    await house.call('POST', `/hooks/channels/${other.id}`, {
      key: null,
      body: update,
      headers: { 'x-telegram-bot-api-secret-token': other.config.secret_token },
    });
    await poll(() => telegram.instead.length).toBe(0);
    const thread = (await house.api('GET', `/threads?asset_id=${other.id}`)).body.data[0];
    const items = (await house.api('GET', `/threads/${thread.id}/timeline`)).body.data;
    const [medium] = items.flatMap((item: Loose) => item.message?.media ?? item.media ?? []);
    expect((await house.api('DELETE', `/assets/${other.id}`)).status).toBe(204);
    await house.clock.advance(31_000);
    await poll(async () => (await open(medium.url)).status).toBe(404);
    expect(asked()).toBe(0);
  });
});
