// What a stranger can do to the others at a web chat's door: nothing. Guessing, hoarding, half handshakes, odd bodies.
import { createHmac } from 'node:crypto';
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Box, startBox } from '../parties/box.ts';
import { call, type Loose, until } from '../parties/call.ts';
import { visit } from '../parties/visitor.ts';

let box: Box;
let asset: Loose;
beforeAll(async () => {
  box = await startBox();
  asset = await box.must('POST', '/assets', { name: 'page', channel: 'webchat', config: {} });
});
afterAll(async () => {
  await box.close();
});

const line = (method: string, path: string, bearer: string, body?: unknown) =>
  call(method, `${box.base}/v3/directline${path}`, { body, headers: { authorization: `Bearer ${bearer}` } });

/** The status of an attempt to open a stream's address, with whatever the handshake should say. */
function shake(streamUrl: string, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const url = streamUrl.replace(/^ws/, 'http');
    const asked = request(url, { headers: { connection: 'Upgrade', upgrade: 'websocket', ...headers }, agent: false });
    asked.on('response', (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    asked.on('upgrade', (_, socket) => {
      socket.destroy();
      resolve(101);
    });
    asked.on('error', reject);
    asked.end();
  });
}

describe('A stranger', () => {
  it('who guesses tokens does not shut out the others behind the same address', async () => {
    const one = visit(box.base, asset.id);
    await one.open();
    const guess = (): Promise<{ status: number }> =>
      one.ask('GET', 'history', { headers: { authorization: 'Bearer wct_a.b' } });
    for (let tries = 0; tries < 100; tries += 1) expect((await guess()).status).toBe(401);
    expect((await guess()).status).toBe(429);
    expect((await one.says('I am a customer')).status).toBe(200);

    const made = await line('POST', '/tokens/generate', asset.direct_line_secret, {});
    for (let tries = 0; tries < 100; tries += 1) await line('POST', '/conversations', 'nonsense');
    expect((await line('POST', '/conversations', 'nonsense')).status).toBe(429);
    expect((await line('POST', '/conversations', made.body.token)).status).toBe(201);
  });

  it('who breaks handshakes off uses up no streams', async () => {
    const made = await line('POST', '/tokens/generate', asset.direct_line_secret, { user: { id: 'half' } });
    const begun = await line('POST', '/conversations', made.body.token);
    const open = async (): Promise<number> => {
      const { text } = await call('GET', `${box.base}/metrics`);
      return Number(/^signalbox_chat_streams\S* (\d+)$/m.exec(text)?.[1] ?? Number.NaN);
    };
    expect(await open()).toBe(0);
    for (let tries = 0; tries < 3; tries += 1) {
      expect(await shake(begun.body.streamUrl, { 'sec-websocket-version': '13', 'sec-websocket-key': 'short' })).toBe(
        400,
      );
    }
    await until('none is open', async () => (await open()) === 0);
  });

  it('posts what is nested without end, and is told so', async () => {
    const made = await line('POST', '/tokens/generate', asset.direct_line_secret, {});
    const deep = `{"type":"message","value":${'['.repeat(60_000)}${']'.repeat(60_000)}}`;
    const answer = await line('POST', `/conversations/${made.body.conversationId}/activities`, made.body.token, deep);
    expect([answer.status, answer.body.error.code]).toEqual([400, 'BadArgument']);
  });

  it('is known by no id that could not be erased', async () => {
    for (const id of ['.', '..']) {
      const hmac = createHmac('sha256', asset.identity_secret).update(id).digest('hex');
      const answer = await visit(box.base, asset.id).open({ identity: { id, hmac } });
      expect([id, answer.status]).toEqual([id, 422]);
    }
  });
});

describe('An upload under an Idempotency-Key', () => {
  const upload = (name: string, words: string) =>
    call('POST', `${box.base}/api/v1/media?name=${name}`, {
      body: words,
      headers: { authorization: `Bearer ${box.key}`, 'content-type': 'text/plain', 'idempotency-key': 'up-1' },
    });

  it('is taken once, and never answered with another file', async () => {
    const first = await upload('offer.txt', 'the offer');
    const again = await upload('offer.txt', 'the offer');
    expect([again.status, again.body]).toEqual([201, first.body]);
    expect(again.headers['idempotent-replayed']).toBe('true');
    expect((await upload('offer.txt', 'another offer')).body.code).toBe('idempotency_mismatch');
    expect((await upload('bill.txt', 'the offer')).body.code).toBe('idempotency_mismatch');
  });
});
