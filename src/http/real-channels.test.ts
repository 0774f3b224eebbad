// Setting a real channel up through the API: what it asks for, what is kept of it, and what its hook tells.
// Not here: how each provider is read and sent to (src/channels), and its media (remote-media.test.ts). The one thing to
// know: Telegram is played by a server that takes what the real one documents; nothing between it and the API is.
import { createHmac } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startTelegram, type Telegram } from '../../test/parties/telegram.ts';
import { ADMIN_KEY, type Answer, type House, type Loose, openHouse } from './fixtures/house.ts';

let house: House;
let telegram: Telegram;
let developer: string;
beforeAll(async () => {
  house = await openHouse();
  telegram = await startTelegram();
  developer = (await must('POST', '/keys', { name: 'Dev', role: 'developer' })).key;
});
afterAll(async () => {
  await house.close();
  await telegram.down();
});
afterEach(() => {
  expect(telegram.faults.splice(0)).toEqual([]);
});

async function must(method: string, path: string, body?: unknown, key = ADMIN_KEY): Promise<Loose> {
  const answer = await house.api(method, path, { body, key });
  if (answer.status >= 300) throw new Error(`${method} ${path} → ${answer.status} ${answer.text}`);
  return answer.body;
}
const config = (more: Loose = {}): Loose => ({ token: telegram.token, api_url: telegram.url, ...more });
const make = (more: Loose = {}): Promise<Loose> =>
  must('POST', '/assets', { name: 'Front door', channel: 'telegram', config: config(), ...more });
const opened = (id: string): Loose => house.parts.directory.asset(id)?.config;
const hook = (id: string, body: unknown, secret: string | null): Promise<Answer> =>
  house.call('POST', `/hooks/channels/${id}`, {
    key: null,
    body,
    headers: secret === null ? {} : { 'x-telegram-bot-api-secret-token': secret },
  });
const says = (text: string): Loose => telegram.update('message', telegram.message(77, { text }));

describe('the channels', () => {
  it('say what they ask for and what they can', async () => {
    const { data } = await must('GET', '/channels', undefined, developer);
    const by = Object.fromEntries(data.map((each: Loose) => [each.channel, each]));
    expect(by.http).toMatchObject({ word: 'HTTP', fields: [], steps: [], capabilities: null, can_connect: false });
    expect(by.telegram).toMatchObject({ word: 'TELEGRAM', title: 'Telegram', can_connect: true });
    expect(by.telegram.fields.map((field: Loose) => [field.name, field.kind, field.generated ?? false])).toEqual([
      ['token', 'secret', false],
      ['secret_token', 'secret', true],
      ['api_url', 'url', false],
    ]);
    expect(by.telegram.capabilities).toMatchObject({
      receipts: { accepted: true, delivered: false, read: false, failed: false },
      quick_replies: { max: 100, payload_max: 64 },
      window_hours: null,
      echoes: false,
    });
    expect(by.telegram.steps[0]).toMatchObject({ title: expect.any(String), text: expect.any(String) });
  });
});

describe('an asset of a real channel', () => {
  it('keeps its secrets sealed, and shows no more than their ends', async () => {
    const made = await make();
    expect(made).toMatchObject({ secret: null, signing_secret: null, app_desk_id: null });
    expect(made.config).toEqual({
      token: `••••${telegram.token.slice(-4)}`,
      secret_token: expect.stringMatching(/^[\w-]{43}$/),
      api_url: telegram.url,
    });
    expect(opened(made.id)).toEqual({ ...config(), secret_token: made.config.secret_token });
    expect(JSON.stringify(house.parts.directory.row('asset', made.id))).not.toContain(telegram.token);
    expect(JSON.stringify(house.parts.directory.row('asset', made.id))).not.toContain(made.config.secret_token);
    expect((await house.api('GET', `/assets/${made.id}`)).body.config).toEqual(made.config);
    const seen = (await house.api('GET', `/assets/${made.id}`, { key: developer })).body.config;
    expect(seen).toEqual({ ...made.config, secret_token: `••••${made.config.secret_token.slice(-4)}` });
    const rotation = { what: 'secret', overlap_s: 0 };
    expect((await house.api('POST', `/assets/${made.id}/rotation`, { body: rotation })).status).toBe(422);
  });

  it('keeps a secret that is left out or sent back as it was shown, and takes another', async () => {
    const made = await make();
    const secret_token = made.config.secret_token;
    await must('PATCH', `/assets/${made.id}`, { config: { api_url: `${telegram.url}/` } });
    expect(opened(made.id)).toEqual({ ...config(), secret_token });
    await must('PATCH', `/assets/${made.id}`, { config: { ...made.config, secret_token: '••••' } });
    expect(opened(made.id)).toEqual({ ...config(), secret_token });
    await must('PATCH', `/assets/${made.id}`, { config: { token: '5:other' } });
    expect(opened(made.id)).toEqual({ token: '5:other', secret_token, api_url: 'https://api.telegram.org' });
    const fresh = await must('PATCH', `/assets/${made.id}`, { config: config({ secret_token: '' }) });
    expect(fresh.config.secret_token).not.toBe(secret_token);
    await must('PATCH', `/assets/${made.id}`, { name: 'Back door' });
    expect(opened(made.id)).toEqual({ ...config(), secret_token: fresh.config.secret_token });
  });

  it('sends its secrets to no other address at the word of somebody who is not to know them', async () => {
    const made = await make();
    const patch = (given: Loose, key?: string) =>
      house.api('PATCH', `/assets/${made.id}`, { body: { config: given }, ...(key === undefined ? {} : { key }) });
    const elsewhere = 'https://elsewhere.example.com';
    for (const given of [{ api_url: elsewhere }, {}, { token: '5:other', secret_token: '••••', api_url: elsewhere }]) {
      const refused = await patch(given, developer);
      expect([refused.status, refused.body.errors[0].pointer]).toEqual([
        422,
        expect.stringMatching(/^\/config\/(secret_)?token$/),
      ]);
    }
    expect(opened(made.id)).toEqual({ ...config(), secret_token: made.config.secret_token });
    const own = { token: '5:other', secret_token: 'entered-anew-0123456789', api_url: elsewhere };
    expect((await patch(own, developer)).status).toBe(200);
    expect(opened(made.id)).toEqual(own);
    expect((await patch({ api_url: telegram.url })).status).toBe(200);
  });

  it.each([
    [{}, ['/config/token']],
    [{ token: 5 }, ['/config/token']],
    [{ token: '••••abcd' }, ['/config/token']],
    [{ token: '5:abc', secret_token: 'with spaces' }, ['/config/secret_token']],
    [{ token: '5:abc', api_url: 'http://10.0.0.1' }, ['/config/api_url']],
    [{ token: '5:abc', api_url: 'https://user:word@example.com' }, ['/config/api_url']],
    [{ token: '5:abc', chat: 'x' }, ['/config/chat']],
  ])('is refused with the config %j', async (given, pointers) => {
    const answer = await house.api('POST', '/assets', { body: { name: 'A', channel: 'telegram', config: given } });
    const found = [...new Set(answer.body.errors.map((error: Loose) => error.pointer))];
    expect([answer.status, found]).toEqual([422, pointers]);
  });

  it('is verified at its provider, which then knows our hook', async () => {
    const made = await make();
    const path = `/assets/${made.id}/verification`;
    const { verified, checks } = await must('POST', path, {}, developer);
    expect([verified, checks.map((check: Loose) => check.name)]).toEqual([true, ['credentials', 'webhook', 'updates']]);
    expect(telegram.webhook).toMatchObject({ url: made.hook_url, secret_token: made.config.secret_token });
    expect((await must('GET', `/assets/${made.id}`)).connection.verified_at).not.toBeNull();
    await must('PATCH', `/assets/${made.id}`, { config: { token: '5:wrong', api_url: telegram.url } });
    const failed = await must('POST', path);
    expect(failed).toMatchObject({ verified: false, checks: [{ name: 'credentials', ok: false }] });
    const { data } = await must('GET', '/audit?limit=2');
    expect(data.map((entry: Loose) => [entry.action, entry.target, entry.detail])).toContainEqual([
      'verify',
      made.id,
      { verified: false },
    ]);
  });

  it('sends a test message, outside any thread', async () => {
    const made = await make();
    const path = `/assets/${made.id}/test_message`;
    const sent = await must('POST', path, { address: '4711', text: 'Does it ring?' }, developer);
    expect(sent).toMatchObject({ sent: true, status: 200 });
    expect(telegram.texts(4711)).toEqual(['Does it ring?']);
    telegram.instead.push({
      method: 'sendMessage',
      reply: {
        status: 403,
        body: { ok: false, error_code: 403, description: `Forbidden: ${telegram.token} was blocked by the user` },
      },
    });
    const refused = await must('POST', path, { address: '4711', text: 'And now?' });
    expect(refused).toMatchObject({ sent: false, status: 403 });
    expect(JSON.stringify(refused)).not.toContain(telegram.token);
    expect((await must('GET', `/threads?asset_id=${made.id}`)).data).toEqual([]);
    const missing = await house.api('POST', path, { body: { address: '4711' } });
    expect(missing.status).toBe(422);
    expect(
      (await house.api('POST', '/assets/ast_none/test_message', { body: { address: 'a', text: 'b' } })).status,
    ).toBe(404);
  });

  it('is tried ten times a minute at most', async () => {
    const made = await make();
    const path = `/assets/${made.id}/test_message`;
    const body = { address: '4712', text: 'ring' };
    for (let n = 0; n < 10; n += 1) await must('POST', path, body);
    const answer = await house.api('POST', path, { body });
    expect([answer.status, answer.body.code]).toEqual([429, 'too_many_requests']);
    expect((await house.api('POST', `/assets/${made.id}/verification`, { body: {} })).status).toBe(429);
    await house.clock.advance(61_000);
    await must('POST', path, body);
  });

  it('of a channel that is set up in its own way has nothing to try', async () => {
    const made = await must('POST', '/assets', { name: 'A', channel: 'http', config: { url: house.peer.url } });
    for (const [what, body] of [
      ['verification', {}],
      ['test_message', { address: 'a', text: 'b' }],
    ] as const) {
      expect((await house.api('POST', `/assets/${made.id}/${what}`, { body })).status).toBe(422);
    }
  });
});

describe('the hook of a real channel', () => {
  it('answers 200 with counts', async () => {
    const made = await make();
    const secret = made.config.secret_token;
    const update = says('hello');
    expect(await hook(made.id, update, secret)).toMatchObject({ status: 200, body: { accepted: 1, duplicates: 0 } });
    expect(await hook(made.id, update, secret)).toMatchObject({ status: 200, body: { accepted: 0, duplicates: 1 } });
    const poll = telegram.update('poll', { id: '1' });
    expect(await hook(made.id, poll, secret)).toMatchObject({ status: 200, body: { accepted: 0, ignored: 1 } });
  });

  it('answers as the read wants it', async () => {
    const made = await make();
    const message = { message_id: 5, chat: { id: 77, type: 'private' }, date: 1, text: 'Pick' };
    const from = { id: 77, is_bot: false, first_name: 'Ann' };
    const query = { id: 'q1', from, message, chat_instance: '1', data: 'yes' };
    const answer = await hook(made.id, telegram.update('callback_query', query), made.config.secret_token);
    expect([answer.status, answer.body]).toEqual([200, { method: 'answerCallbackQuery', callback_query_id: 'q1' }]);
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
  });

  it('tells the asset, and whoever looks, what it has seen', async () => {
    const made = await make();
    const connection = async (): Promise<Loose> => (await must('GET', `/assets/${made.id}`)).connection;
    const nothing = { handshake_at: null, event_at: null, refused_at: null, refused_reason: null, verified_at: null };
    expect(await connection()).toEqual(nothing);
    const told = await signalled(async () => {
      expect((await hook(made.id, says('hi'), null)).status).toBe(401);
      await hook(made.id, says('hi'), made.config.secret_token);
    });
    expect(told).toContainEqual({ type: 'channel', asset_id: made.id });
    expect(await connection()).toMatchObject({
      event_at: expect.any(String),
      refused_at: expect.any(String),
      refused_reason: expect.stringMatching(/\w/),
    });
    expect(JSON.stringify(await connection())).not.toContain(made.config.secret_token);
  });

  it('takes no GET where the channel has no handshake', async () => {
    const made = await make();
    const answer = await house.call('GET', `/hooks/channels/${made.id}`, { key: null });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST']);
    expect((await house.call('GET', '/hooks/channels/ast_none', { key: null })).status).toBe(404);
  });

  it('answers 503 while the store refuses, so that the provider sends again', async () => {
    const made = await make();
    const { submit } = house.parts.engine;
    const { StoreUnavailable } = await import('../engine/store-port.ts');
    house.parts.engine.submit = () => Promise.reject(new StoreUnavailable('The disk is full.'));
    const answer = await hook(made.id, says('hello'), made.config.secret_token).finally(() => {
      house.parts.engine.submit = submit;
    });
    expect([answer.status, answer.body.code]).toEqual([503, 'store_unavailable']);
    expect((await hook(made.id, says('hello'), made.config.secret_token)).body.accepted).toBe(1);
  });
});

describe('an asset whose provider has an app of its own', () => {
  const given = {
    phone_number_id: '100200',
    access_token: 'EAAGtokenofthenumber',
    app_secret: 'the-app-secret-0123456789',
  };
  const whatsapp = (more: Loose = {}): Promise<Loose> =>
    must('POST', '/assets', { name: 'Shop', channel: 'whatsapp', config: given, ...more });

  it('has a desk that stands for whoever answers there, and takes it along', async () => {
    const long = 'x'.repeat(100);
    const made = await whatsapp({ name: long });
    const desk = await must('GET', `/desks/${made.app_desk_id}`);
    expect(desk).toMatchObject({ kind: 'app', status: 'active', url: null, hook_url: null, reply_within_s: 1800 });
    expect(desk.name).toBe(`${long.slice(0, 88)}, in the app`);
    expect(house.parts.directory.world().assets.get(made.id)?.appDeskId).toBe(desk.id);
    expect((await must('GET', `/assets/${made.id}`)).app_desk_id).toBe(desk.id);
    expect((await house.api('DELETE', `/desks/${desk.id}`)).status).toBe(409);

    const service = (await must('POST', '/services', { name: 'Sales' })).id;
    await must('PUT', `/services/${service}/assets/${made.id}`);
    await must('PUT', `/services/${service}/integrations/${desk.id}`);
    const rule = await must('POST', `/services/${service}/rules`, {
      name: 'idle',
      trigger: { event: 'desk.idle', desk_id: desk.id },
      action: { type: 'send_message', text: 'Still there?' },
    });
    const refused = await house.api('DELETE', `/assets/${made.id}`);
    expect([refused.status, refused.body.rules]).toEqual([409, [{ id: rule.id, name: 'idle' }]]);
    await must('DELETE', `/rules/${rule.id}`);
    expect((await house.api('DELETE', `/assets/${made.id}`)).status).toBe(204);
    expect((await house.api('GET', `/desks/${desk.id}`)).status).toBe(404);
    expect((await must('GET', `/services/${service}`)).assets).toEqual([]);
  });

  it('proves its address by a handshake, and by nothing else', async () => {
    const made = await whatsapp();
    const shake = (token: string, mode = 'subscribe'): Promise<Answer> => {
      const query = new URLSearchParams({ 'hub.mode': mode, 'hub.verify_token': token, 'hub.challenge': '11584' });
      return house.call('GET', `/hooks/channels/${made.id}?${query}`, { key: null });
    };
    const good = await shake(made.config.verify_token);
    expect([good.status, good.text, good.headers.get('content-type')]).toEqual([200, '11584', 'text/plain']);
    expect((await must('GET', `/assets/${made.id}`)).connection.handshake_at).not.toBeNull();
    const bad = await shake('guess');
    expect([bad.status, bad.body.code]).toEqual([403, 'forbidden']);
    expect(bad.headers.get('content-type')).toBe('application/problem+json');
    expect((await must('GET', `/assets/${made.id}`)).connection.refused_reason).toBe('The verify token is wrong.');
    expect((await shake(made.config.verify_token, 'other')).status).toBe(404);
    expect((await house.call('PUT', `/hooks/channels/${made.id}`, { key: null })).status).toBe(405);
  });

  it('is answered as its provider wants it, whatever became of what it said', async () => {
    const made = await whatsapp();
    const body = Buffer.from(JSON.stringify({ object: 'whatsapp_business_account', entry: [] }));
    const signature = createHmac('sha256', given.app_secret).update(body).digest('hex');
    const answer = await house.call('POST', `/hooks/channels/${made.id}`, {
      key: null,
      raw: body,
      headers: { 'x-hub-signature-256': `sha256=${signature}` },
    });
    expect([answer.status, answer.text]).toEqual([200, 'EVENT_RECEIVED']);
    expect(answer.headers.get('content-type')).toMatch(/^text\/plain/);
  });
});

/** The signals of the live feed while something is done. */
async function signalled(run: () => Promise<void>): Promise<Loose[]> {
  const stop = new AbortController();
  const response = await fetch(`${house.url}/api/v1/events`, {
    headers: { authorization: `Bearer ${ADMIN_KEY}`, accept: 'text/event-stream' },
    signal: stop.signal,
  });
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  await reader.read();
  await run();
  let text = '';
  while (!text.includes('"channel"')) text += new TextDecoder().decode((await reader.read()).value);
  stop.abort();
  return [...text.matchAll(/event: signal\ndata: (.*)\n/g)].map((match) => JSON.parse(match[1] as string));
}
