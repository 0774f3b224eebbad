// The hot road: what is answered to channels, bots and desks, and what never is.
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { StoreUnavailable } from '../engine/store-port.ts';
import { sign } from '../net/signature.ts';
import { type Answer, type Furnished, furnish, type House, type Loose, openHouse } from './fixtures/house.ts';

let house: House;
let world: Furnished;
beforeAll(async () => {
  house = await openHouse();
  world = await furnish(house);
});
afterAll(() => house.close());

let ids = 0;
const message = (address: string, text = 'hello', id = `m${++ids}`): Loose => ({
  type: 'message',
  id,
  from: { address },
  message: { type: 'text', text },
});
const channel = (body: unknown, more: object = {}): Promise<Answer> =>
  house.call('POST', `/hooks/channels/${world.asset.id}`, { key: world.asset.secret, body, ...more });
const at = (url: string, body: unknown, key: string | null = null): Promise<Answer> =>
  house.call('POST', new URL(url).pathname, { key, body });
const bot = (body: unknown): Promise<Answer> => at(world.bot.hook_url, body);
const desk = (type: string, data: object): Promise<Answer> =>
  at(world.desk.hook_url, { type, data }, world.desk.secret);

let people = 0;
/** A customer whose first message the bot has. */
async function meet(): Promise<{ address: string; conversation: string; thread: string }> {
  const address = `customer ${++people}`;
  await channel(message(address));
  await house.settled();
  const post = house.peer.posts.findLast((each) => each.body?.Signalbox?.User === address);
  const conversation: string = post?.body.Conversationid;
  const thread = (await house.api('GET', `/conversations/${conversation}`)).body.thread_id;
  return { address, conversation, thread };
}

describe('the channel hook', () => {
  it('answers what it took, after the commit', async () => {
    const one = message('ann');
    expect(await channel(one)).toMatchObject({ status: 202, body: { accepted: 1, duplicates: 0 } });
    expect((await channel(one)).body).toEqual({ accepted: 0, duplicates: 1 });
    expect((await channel([one, message('ann'), message('ben')])).body).toEqual({ accepted: 2, duplicates: 1 });
    expect((await channel([])).body).toEqual({ accepted: 0, duplicates: 0 });
    const unknown = { type: 'receipt', message_id: 'msg_none', status: 'read' };
    expect((await channel([unknown, message('ann')])).body).toEqual({ accepted: 1, duplicates: 0, ignored: 1 });
    expect((await channel(unknown)).body).toEqual({ accepted: 0, duplicates: 0, ignored: 1 });
  });

  it('takes a signature instead of the secret', async () => {
    const raw = JSON.stringify(message('ann'));
    const timestamp = Math.floor(house.clock.now() / 1000);
    const headers = sign({ id: 'x', timestamp, body: raw, secrets: [world.asset.signing_secret] });
    const path = `/hooks/channels/${world.asset.id}`;
    expect((await house.call('POST', path, { key: null, raw, headers })).status).toBe(202);
    const forged = await house.call('POST', path, { key: null, raw: raw.replace('ann', 'eve'), headers });
    expect([forged.status, forged.body.code]).toEqual([401, 'bad_signature']);
  });

  it.each([
    ['no secret', { key: null }, 401, 'bad_signature'],
    ['a wrong secret', { key: 'sec_wrong' }, 401, 'bad_signature'],
    ['no JSON', { body: undefined, raw: '{"type":' }, 400, 'bad_json'],
    ['a malformed field', { body: { type: 'message', id: 'x', from: {}, message: { text: 'x' } } }, 422, 'invalid'],
    ['a compressed body', { headers: { 'content-encoding': 'gzip' } }, 415, 'unsupported_media_type'],
    ['a body over 1 MiB', { raw: `"${'x'.repeat(1024 * 1024)}"` }, 413, 'too_large'],
  ])('refuses %s', async (_, more, status, code) => {
    const answer = await channel(message('eve'), more);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect(answer.body.request_id).toBe(answer.headers.get('x-request-id'));
  });

  it('takes a batch just under 1 MiB', async () => {
    const items = Array.from({ length: 15 }, () => message('zoe', 'x'.repeat(60_000)));
    expect((await channel(items)).body).toEqual({ accepted: 15, duplicates: 0 });
  });
});

describe('an unknown address below /hooks', () => {
  it.each([
    '/hooks/',
    '/hooks/bots',
    '/hooks/bots/',
    '/hooks/bots/none',
    '/hooks/desks/none',
    '/hooks/channels/ast_none',
    '/hooks/pigeons/x',
    '/hooks/bots/a/b',
    '/hooks/__proto__/x',
  ])('is 404: %s', async (path) => {
    const answer = await house.call('POST', path, { key: null, body: {} });
    expect([answer.status, answer.body.code]).toEqual([404, 'not_found']);
  });

  it.each(['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'])('takes POST only, not %s', async (method) => {
    for (const path of [
      new URL(world.bot.hook_url).pathname,
      '/hooks/desks/none',
      `/hooks/channels/${world.asset.id}`,
    ]) {
      const answer = await house.call(method, path, { key: null });
      expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST']);
    }
  });
});

describe('the bot hook', () => {
  it('answers a message with its id, a handover with the desk conversation, the rest with nothing', async () => {
    const { conversation, address } = await meet();
    const said = await bot({ eventid: '1001', conversation_id: conversation, message: 'hi', Messagetype: 'text' });
    expect(said).toMatchObject({
      status: 202,
      body: { message_id: expect.stringMatching(/^msg_/), conversation_id: conversation },
    });
    await house.settled();
    const out = house.peer.posts.findLast((post) => post.path === '/out' && post.body.to?.address === address);
    expect(out?.body).toMatchObject({ message_id: said.body.message_id, message: { type: 'text', text: 'hi' } });
    expect((await bot({ event: 'milestone', conversation_id: conversation, name: 'paid' })).body).toEqual({});
    expect((await bot({ event: 'typing', conversation_id: conversation, on: true })).body).toEqual({});
    const handed = await bot({ eventid: 1002, conversation_id: conversation });
    expect(handed).toMatchObject({
      status: 202,
      body: { handover: 'offered', desk_conversation_id: expect.stringMatching(/^conv_/) },
    });
    expect((await bot({ eventid: 1002, conversation_id: conversation })).status).toBe(202);
  });

  it('refuses with the codes of the contract, and tells the holder and the epoch', async () => {
    const { conversation } = await meet();
    const say = (more: object = {}): Promise<Answer> =>
      bot({ eventid: '1001', conversation_id: conversation, message: 'x', ...more });
    const cases: [Answer, number, string][] = [
      [await say({ conversation_id: 'conv_none' }), 404, 'not_found'],
      [await say({ epoch: 0 }), 409, 'stale_epoch'],
      [await say({ message: '' }), 422, 'invalid'],
      [await bot({ conversation_id: conversation }), 422, 'invalid'],
      [await bot([1]), 422, 'invalid'],
      [await bot('{'), 422, 'invalid'],
    ];
    for (const [answer, status, code] of cases) {
      expect([answer.status, answer.body.code]).toEqual([status, code]);
      expect(answer.headers.get('content-type')).toBe('application/problem+json');
    }
    const offered = (await bot({ eventid: 1002, conversation_id: conversation })).body.desk_conversation_id;
    const late = await say();
    expect(late).toMatchObject({
      status: 409,
      body: { code: 'not_holder', holder: { type: 'desk', id: world.desk.id } },
    });
    expect(late.body.epoch).toBeGreaterThan(1);
    expect((await desk('conversation.accepted', { conversation_id: offered, agent: 'Kim' })).status).toBe(202);
    expect((await desk('conversation.closed', { conversation_id: offered, reason: 'done' })).status).toBe(202);
    const closed = await desk('message.sent', {
      conversation_id: offered,
      agent: 'Kim',
      message: { type: 'text', text: 'x' },
    });
    expect([closed.status, closed.body.code]).toEqual([410, 'conversation_closed']);
    expect((await bot({ eventid: 1003, conversation_id: conversation })).status).toBe(202);
    expect((await say()).status).toBe(410);
  });

  it('brakes a bot that talks without end, and says when to come back', async () => {
    await house.api('PATCH', `/bots/${world.bot.id}`, { body: { max_per_minute: 2 } });
    const { conversation } = await meet();
    const say = (): Promise<Answer> => bot({ eventid: '1001', conversation_id: conversation, message: 'again' });
    expect([(await say()).status, (await say()).status]).toEqual([202, 202]);
    const braked = await say();
    expect([braked.status, braked.body.code]).toEqual([429, 'too_many_messages']);
    const wait = Number(braked.headers.get('retry-after'));
    expect(wait).toBeGreaterThan(0);
    expect(wait).toBeLessThanOrEqual(60);
    await house.api('PATCH', `/bots/${world.bot.id}`, { body: { max_per_minute: 30 } });
  });

  it('takes 256 KiB, and not one byte more, declared or not', async () => {
    const path = new URL(world.bot.hook_url).pathname;
    const limit = 256 * 1024;
    const exact = `{"eventid":1003,"conversation_id":"conv_none","reason":"${'x'.repeat(limit)}`.slice(0, limit - 2);
    const fits = await house.call('POST', path, { key: null, raw: `${exact}"}` });
    expect(fits.status).not.toBe(413);
    expect((await house.call('POST', path, { key: null, raw: `${exact}"} ` })).status).toBe(413);
    expect(
      (await house.call('POST', path, { key: null, raw: 'x'.repeat(8_000_000) }).catch(() => ({ status: 413 }))).status,
    ).toBe(413);
    expect(await chunked(path, 300, 1024)).toBe(413);
    expect((await bot({ eventid: 1003, conversation_id: 'conv_none' })).status).toBe(404);
  });

  it('says 503 with Retry-After when the disk refuses, and keeps nothing', async () => {
    const { conversation, thread } = await meet();
    const { engine } = house.parts;
    const submit = engine.submit;
    engine.submit = () => Promise.reject(new StoreUnavailable('disk full'));
    try {
      const answer = await bot({ eventid: '1001', conversation_id: conversation, message: 'lost?' });
      expect([answer.status, answer.body.code]).toEqual([503, 'store_unavailable']);
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
      expect((await channel(message('ann'))).status).toBe(503);
      engine.submit = () => Promise.reject(new Error('a bug with a secret in it'));
      const bug = await bot({ eventid: '1001', conversation_id: conversation, message: 'x' });
      expect([bug.status, bug.body.code]).toEqual([500, 'internal']);
      expect(bug.text).not.toContain('secret');
      expect(house.logged()).toContain('a bug with a secret in it');
    } finally {
      engine.submit = submit;
    }
    expect((await house.api('GET', `/threads/${thread}/timeline`)).text).not.toContain('lost?');
  });

  it('never shows its token: not in the log, not in an answer', async () => {
    const token = new URL(world.bot.hook_url).pathname.split('/').at(-1) as string;
    const answer = await bot('{');
    expect(answer.text).not.toContain(token);
    expect(house.logged()).not.toContain(token);
  });

  it('cannot be used with the token of another kind', async () => {
    const token = new URL(world.bot.hook_url).pathname.split('/').at(-1);
    expect((await house.call('POST', `/hooks/desks/${token}`, { key: null, body: {} })).status).toBe(404);
  });
});

describe('the desk hook', () => {
  it('asks for the secret', async () => {
    const answer = await at(world.desk.hook_url, { type: 'typing', data: {} }, 'sec_wrong');
    expect([answer.status, answer.body.code]).toEqual([401, 'bad_signature']);
  });

  it('answers an agent’s message with its id', async () => {
    const { conversation } = await meet();
    const offered = (await bot({ eventid: 1002, conversation_id: conversation })).body.desk_conversation_id;
    const said = await desk('message.sent', {
      conversation_id: offered,
      agent: 'Kim',
      message: { type: 'text', text: 'hi' },
    });
    expect(said).toMatchObject({
      status: 202,
      body: { message_id: expect.stringMatching(/^msg_/), conversation_id: offered },
    });
  });
});

/** Sends without a declared length. */
function chunked(path: string, pieces: number, size: number): Promise<number> {
  const { hostname, port } = new URL(house.url);
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, path, method: 'POST' }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sent.on('error', reject);
    for (let i = 0; i < pieces; i++) sent.write('x'.repeat(size));
    sent.end();
  });
}
