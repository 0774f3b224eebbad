// Contract §2: the management API: keys, lists, problems with pointers, idempotency, conflicts, rotation, the feed.
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { call, type Loose, until } from '../parties/call.ts';
import { sharedBox } from '../parties/shared.ts';

describe('The management API', () => {
  const place = sharedBox();
  const pointers = (body: Loose): string[] => (body.errors ?? []).map((error: Loose) => error.pointer);

  it.each([
    [{}],
    [{ authorization: 'Bearer wrong' }],
    [{ authorization: 'Bearer ' }],
    [{ authorization: 'Basic eDp5' }],
  ])('answers nobody without a key (%j)', async (headers) => {
    for (const path of ['/services', '/bots', '/threads', '/deliveries', '/keys', '/audit', '/events']) {
      expect((await call('GET', `${place.box.base}/api/v1${path}`, { headers })).status).toBe(401);
    }
  });

  it('answers every mistake as a problem with a request id, which is also in the header', async () => {
    const answers = [
      await place.box.api('GET', '/bots/bot_00000000000000000000000000'),
      await place.box.api('GET', '/nothing-here'),
      await place.box.api('POST', '/services', {}),
      await place.box.api('POST', '/services', '{'),
      await call('GET', `${place.box.base}/api/v1/bots`),
    ];
    expect(answers.map((answer) => answer.status)).toEqual([404, 404, 422, 400, 401]);
    for (const answer of answers) {
      expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
      expect(answer.body).toMatchObject({
        type: expect.any(String),
        title: expect.any(String),
        status: answer.status,
        detail: expect.any(String),
        code: expect.stringMatching(/^[a-z_]+$/),
        request_id: answer.headers['x-request-id'],
      });
    }
  });

  it('serves the page that a problem’s type names', async () => {
    const { body } = await place.box.api('GET', '/bots/bot_00000000000000000000000000');
    const page = new URL(body.type, place.box.base);
    expect(page.origin).toBe(place.box.base);
    expect((await call('GET', page.href)).status).toBe(200);
  });

  it.each<[string, string, Loose, string]>([
    ['a service without a name', '/services', {}, '/name'],
    ['a name that is a number', '/services', { name: 7 }, '/name'],
    ['an asset on no known channel', '/assets', { name: 'a', channel: 'pigeon', config: {} }, '/channel'],
    ['an http asset without a URL', '/assets', { name: 'a', channel: 'http', config: {} }, '/config/url'],
    ['a bot of no known platform', '/bots', { name: 'b', platform: 'x', url: 'https://bot.example/' }, '/platform'],
    [
      'an other bot without its token',
      '/bots',
      { name: 'b', platform: 'other', url: 'https://bot.example/' },
      '/verification_token',
    ],
    [
      'an imi bot without its token',
      '/bots',
      { name: 'b', platform: 'imi', url: 'https://bot.example/' },
      '/access_token',
    ],
    ['a desk of no known kind', '/desks', { name: 'd', kind: 'smoke', url: 'https://desk.example/' }, '/kind'],
    ['a webhook desk without a URL', '/desks', { name: 'd', kind: 'webhook' }, '/url'],
    ['a key that is no word', '/bots', { name: 'b', platform: 'other', url: 17, verification_token: 'x' }, '/url'],
  ])('refuses %s by 422, pointing to the field', async (_what, path, body, pointer) => {
    const answer = await place.box.api('POST', path, body);
    expect(answer.status).toBe(422);
    expect(pointers(answer.body)).toContain(pointer);
  });

  it('tells all mistakes of a body at once', async () => {
    const { body } = await place.box.api('POST', '/bots', { platform: 'other', url: 5 });
    expect(pointers(body)).toEqual(expect.arrayContaining(['/name', '/url']));
  });

  it('refuses a rule that uses an integration not mapped to the service', async () => {
    const world = await place.world({ rule: 'none' });
    const stranger = await place.world({ rule: 'none' });
    const rule = {
      name: 'r',
      trigger: { event: 'message.received' },
      action: { type: 'forward_to_bot', bot_id: stranger.bot.id },
    };
    const answer = await place.box.api('POST', `/services/${world.service}/rules`, rule);
    expect(answer.status).toBe(422);
    expect(pointers(answer.body)).toContain('/action/bot_id');
  });

  it.each<[string, Loose]>([
    ['/trigger/event', { trigger: { event: 'moon.full' } }],
    ['/action/type', { action: { type: 'explode' } }],
    ['/conditions', { conditions: { field: 'message.text', op: 'resembles', value: 'x' } }],
    ['/conditions', { conditions: { field: 'message.text', op: 'regex', value: '(' } }],
    ['/action', { action: { type: 'send_message' } }],
  ])('refuses a malformed rule, pointing to %s', async (pointer, change) => {
    const world = await place.world({ rule: 'none' });
    const rule = { name: 'r', trigger: { event: 'message.received' }, action: { type: 'close' }, ...change };
    const answer = await place.box.api('POST', `/services/${world.service}/rules`, rule);
    expect(answer.status).toBe(422);
    expect(pointers(answer.body).join(' ')).toContain(pointer);
  });

  describe('with an Idempotency-Key', () => {
    const post = (key: string, body: Loose) => place.box.api('POST', '/services', body, { 'idempotency-key': key });

    it('answers the same again to the same body, and makes one thing', async () => {
      const [key, name] = [randomUUID(), `svc ${randomUUID()}`];
      const answers = [await post(key, { name }), await post(key, { name }), await post(key, { name })];
      expect(new Set(answers.map((answer) => `${answer.status} ${answer.body.id}`)).size).toBe(1);
      const all = (await place.box.must('GET', '/services?limit=100')).data;
      expect(all.filter((each: Loose) => each.name === name)).toHaveLength(1);
    });

    it('refuses another body by 422', async () => {
      const key = randomUUID();
      await post(key, { name: 'one' });
      expect((await post(key, { name: 'two' })).status).toBe(422);
    });

    it('makes one thing of many at once: the others get the stored answer or 409', async () => {
      const [key, name] = [randomUUID(), `svc ${randomUUID()}`];
      const answers = await Promise.all(Array.from({ length: 8 }, () => post(key, { name })));
      expect(answers.every((answer) => answer.status === 201 || answer.status === 409)).toBe(true);
      const all = (await place.box.must('GET', '/services?limit=100')).data;
      expect(all.filter((each: Loose) => each.name === name)).toHaveLength(1);
    });

    it('remembers over a restart', async () => {
      const key = randomUUID();
      const first = await post(key, { name: 'kept' });
      await place.box.restart();
      expect((await post(key, { name: 'kept' })).body.id).toBe(first.body.id);
    });
  });

  it('does not let a bot that a rule uses be deleted or unmapped (409)', async () => {
    const world = await place.world();
    expect((await place.box.api('DELETE', `/bots/${world.bot.id}`)).status).toBe(409);
    expect((await place.box.api('DELETE', `/desks/${world.desk.id}`)).status).toBe(409);
    const mapped = `/services/${world.service}/integrations/${world.bot.id}`;
    expect((await place.box.api('DELETE', mapped)).status).toBe(409);
    expect((await place.box.api('DELETE', `/rules/${world.rule}`)).status).toBeLessThan(300);
    expect((await place.box.api('DELETE', mapped)).status).toBeLessThan(300);
    expect((await place.box.api('DELETE', `/bots/${world.bot.id}`)).status).toBeLessThan(300);
    expect((await place.box.api('GET', `/bots/${world.bot.id}`)).status).toBe(404);
  });

  it('lets an asset belong to one service only (409 asset_taken)', async () => {
    const world = await place.world();
    const { id } = await place.box.must('POST', '/services', { name: 'another' });
    const answer = await place.box.api('PUT', `/services/${id}/assets/${world.channel.asset.id}`);
    expect(answer).toMatchObject({ status: 409, body: { code: 'asset_taken' } });
  });

  it('pages through a list without missing or repeating', async () => {
    for (let count = 0; count < 7; count++) await place.box.must('POST', '/services', { name: `page ${count}` });
    const seen: string[] = [];
    let after = '';
    do {
      const page = await place.box.must('GET', `/services?limit=3${after && `&after=${encodeURIComponent(after)}`}`);
      expect(page.data.length).toBeLessThanOrEqual(3);
      seen.push(...page.data.map((each: Loose) => each.id));
      after = page.next_cursor ?? '';
    } while (after);
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.length).toBe((await place.box.must('GET', '/services?limit=100')).data.length);
  });

  it.each(['limit=0', 'limit=-1', 'limit=x', 'limit=1000000', 'after=%00nonsense'])(
    'refuses or bounds a list asked with %s, and never breaks',
    async (query) => {
      for (const path of ['/services', '/threads', '/deliveries', '/events', '/conversations']) {
        expect((await place.box.api('GET', `${path}?${query}`)).status).toBeLessThan(500);
      }
    },
  );

  it('changes what a PATCH names and keeps the rest', async () => {
    const world = await place.world();
    const before = await place.box.must('GET', `/bots/${world.bot.id}`);
    const after = await place.box.must('PATCH', `/bots/${world.bot.id}`, { name: 'renamed' });
    expect(after).toMatchObject({ id: before.id, name: 'renamed', url: before.url, platform: before.platform });
  });

  it('rotates the secret of an asset: both are taken during the overlap, the new one after', async () => {
    const world = await place.world();
    const old = world.channel.asset.secret;
    const path = `/assets/${world.channel.asset.id}/rotation`;
    const { secret } = await place.box.must('POST', path, { what: 'secret', overlap_s: 60 });
    const tryWith = async (bearer: string): Promise<number> =>
      (await world.channel.post([], { authorization: `Bearer ${bearer}` })).status;
    expect([await tryWith(old), await tryWith(secret)]).toEqual([202, 202]);
    await place.box.advance(61_000);
    expect([await tryWith(old), await tryWith(secret)]).toEqual([401, 202]);
  });

  it('tells everything that happened, in order, from a cursor', async () => {
    const world = await place.world();
    const start = await place.box.must('GET', '/events?limit=1');
    expect(start.data).toHaveLength(1);
    const line = await world.meet('hello yourself');
    const events: Loose[] = [];
    await until('the whole exchange is told', async () => {
      let after: string = start.next_cursor ?? '';
      events.length = 0;
      for (let page = 0; page < 50; page++) {
        const { data, next_cursor } = await place.box.must(
          'GET',
          `/events?limit=100&after=${encodeURIComponent(after)}`,
        );
        events.push(...data);
        if (data.length === 0 || !next_cursor) break;
        after = next_cursor;
      }
      return JSON.stringify(events).includes(line.thread) && events.some((each) => each.type === 'message.sent');
    });
    expect(new Set(events.map((each) => each.id)).size).toBe(events.length);
  });

  it('describes itself: OpenAPI 3.1 with webhooks, and a readable reference', async () => {
    const api = await call('GET', `${place.box.base}/openapi.json`);
    expect(api.status).toBe(200);
    expect(api.body.openapi).toMatch(/^3\.1/);
    expect(Object.keys(api.body.webhooks).length).toBeGreaterThan(0);
    expect(Object.keys(api.body.paths)).toEqual(expect.arrayContaining(['/api/v1/bots', '/api/v1/deliveries']));
    expect((await call('GET', `${place.box.base}/docs`)).status).toBe(200);
  });

  it('erases a customer', async () => {
    const world = await place.world();
    const line = await world.meet('a word to forget');
    const path = `/customers/${world.channel.asset.id}/${line.address}`;
    expect((await place.box.api('DELETE', path)).status).toBeLessThan(300);
    const left = [
      await place.box.api('GET', `/threads/${line.thread}/timeline?limit=100`),
      await place.box.api('GET', '/events?limit=100'),
      await place.box.api('GET', `/conversations/${line.conversation}/messages`),
    ];
    expect(left.map((answer) => answer.text).join()).not.toContain('a word to forget');
  });
});
