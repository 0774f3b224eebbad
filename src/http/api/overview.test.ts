// The home screen and the search, on a whole house: what they say follows from what is there.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN_KEY, type Furnished, furnish, type House, type Loose, openHouse, TOKEN } from '../fixtures/house.ts';
import { paceOf } from './replays.ts';
import { excerpt, shares } from './search.ts';

let house: House;
let world: Furnished;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

const get = async (path: string, key = ADMIN_KEY): Promise<Loose> => {
  const answer = await house.api('GET', path, { key });
  if (answer.status !== 200) throw new Error(`GET ${path} → ${answer.status} ${answer.text}`);
  return answer.body;
};
const overview = (): Promise<Loose> => get('/overview');
const find = async (q: string, more = ''): Promise<Loose> => get(`/search?q=${encodeURIComponent(q)}${more}`);
const steps = async (): Promise<string[]> =>
  (await overview()).checklist.filter((each: Loose) => each.done).map((each: Loose) => each.key);

async function say(address: string, text: string, name?: string): Promise<Loose> {
  const from = name === undefined ? { address } : { address, name };
  const body = { type: 'message', id: `${address} ${text}`, from, message: { type: 'text', text } };
  await house.call('POST', `/hooks/channels/${world.asset.id}`, { key: world.asset.secret, body });
  await house.settled();
  const { data } = await get('/threads?limit=100');
  return data.find((each: Loose) => each.address === address);
}
const replies = (conversation: string, message: string) =>
  house.call('POST', new URL(world.bot.hook_url).pathname, {
    key: null,
    body: { eventid: 1001, conversation_id: conversation, message },
  });

describe('the overview', () => {
  it('of an empty house promises nothing and lists the first steps', async () => {
    const empty = await overview();
    expect(Object.values(empty.promises).every((n) => n === 0)).toBe(true);
    expect(empty).toMatchObject({ threads: 0, needs: [], oldest_pending_at: null });
    expect(empty.checklist).toEqual(
      ['asset', 'bot_verified', 'rule', 'message_received', 'bot_answered', 'person_answered', 'second_user'].map(
        (key) => ({ key, done: false }),
      ),
    );
  });

  it('ticks the steps off as things happen, and counts who waits and what was refused', async () => {
    world = await furnish(house, { consoleDesk: true });
    expect(await steps()).toEqual(['asset', 'bot_verified', 'rule']);
    const { holder } = await say('ann', 'hello', 'Ann Smith');
    expect(await steps()).toEqual(['asset', 'bot_verified', 'rule', 'message_received']);
    expect((await overview()).promises).toMatchObject({ waiting: 1, limbo: 0, stale_refused: 0 });
    expect((await replies(holder.conversation_id, 'hello yourself')).status).toBe(202);
    await house.settled();
    const bad = { eventid: 1001, conversation_id: holder.conversation_id, message: 'late', epoch: 0 };
    const late = await house.call('POST', new URL(world.bot.hook_url).pathname, { key: null, body: bad });
    expect(late.body.code).toBe('stale_epoch');
    const now = await overview();
    expect(now.promises).toMatchObject({ waiting: 0, stale_refused: 1 });
    expect(now.now).toMatchObject({ messages_per_minute: 2, bot_p95_ms: expect.any(Number) });
    expect(now.deliveries).toMatchObject({ delivered: 2, dead: 0 });
    expect(await steps()).toContain('bot_answered');
    expect(await steps()).not.toContain('person_answered');
  });

  it('shows the last hour step by step', async () => {
    const { step_s, points, since } = await get('/overview/series?minutes=60');
    expect(step_s).toBeGreaterThan(0);
    expect(Date.parse(since)).toBeLessThanOrEqual(Date.parse(points[0].at));
    expect(points.reduce((sum: number, each: Loose) => sum + each.in, 0)).toBe(1);
    expect(points.reduce((sum: number, each: Loose) => sum + each.out, 0)).toBe(1);
    const wrong = await house.api('GET', '/overview/series?minutes=0');
    expect([wrong.status, wrong.body.errors[0].pointer]).toEqual([422, '/minutes']);
  });

  it('says who waits at a console desk, with since when and where to go', async () => {
    await house.api('PUT', `/desks/${world.desk.id}/presence`, { body: { online: true } });
    const { id } = await say('ann', 'I want a person');
    await house.api('POST', `/threads/${id}/holder`, { body: { to: world.desk.id, reason: 'asked' } });
    const [first] = (await overview()).needs;
    expect(first).toMatchObject({
      kind: 'handover_waiting',
      id: world.desk.id,
      name: 'Console',
      count: 1,
      title: '1 customer waits at the desk “Console”',
      since: expect.stringMatching(/Z$/),
      link: '/console/inbox',
    });
    const { holder } = await get(`/threads/${id}`);
    expect(holder).toMatchObject({ type: 'desk', phase: 'offered', agent: null });
    await house.api('POST', `/conversations/${holder.conversation_id}/accept`, { body: {} });
    await house.api('POST', `/conversations/${holder.conversation_id}/messages`, { body: { text: 'here I am' } });
    await house.settled();
    expect((await overview()).needs).toEqual([]);
    expect(await steps()).toContain('person_answered');
  });

  it('says which threads nobody takes, and which bot does not work and for whom', async () => {
    await house.api('PATCH', `/rules/${world.rule}`, { body: { enabled: false } });
    const lost = await say('lost', 'is anybody there');
    await house.api('PATCH', `/rules/${world.rule}`, { body: { enabled: true } });
    house.peer.status = 410;
    await say('bob', 'hello');
    await house.settled();
    house.peer.status = 200;
    const { needs, promises } = await overview();
    expect(promises).toMatchObject({ limbo: 2, unrouted: 1, undeliverable: 1, parked: 1 });
    expect(needs.map((each: Loose) => each.kind)).toEqual(['thread_unrouted', 'integration_inactive']);
    expect(needs[0]).toMatchObject({ id: lost.id, title: 'lost was not routed', link: `/console/threads/${lost.id}` });
    expect(needs[1]).toMatchObject({
      id: world.bot.id,
      title: '“Helper” is inactive',
      count: 1,
      link: `/console/integrations/${world.bot.id}`,
    });
    expect(needs[1].detail).toContain('1 customer waits for it; 1 delivery is kept for it');
    await house.api('POST', `/bots/${world.bot.id}/verification`, { body: {} });
    await house.settled();
  });
});

describe('a list of threads', () => {
  const listed = async (query: string): Promise<string[]> =>
    (await get(`/threads?${query}`)).data.map((each: Loose) => each.address).sort();

  it('is filtered by words, state, channel and service, and shows what was said last', async () => {
    expect(await listed('q=SMITH')).toEqual(['ann']);
    expect(await listed('q=nobody+like+that')).toEqual([]);
    expect(await listed('state=desk')).toEqual(['ann']);
    expect(await listed('state=bot')).toEqual(['bob']);
    expect(await listed('state=nobody')).toEqual(['lost']);
    expect(await listed('state=limbo')).toEqual(['lost']);
    expect(await listed('state=unrouted')).toEqual(['lost']);
    expect(await listed('state=offered')).toEqual([]);
    expect(await listed('state=waiting')).toEqual(['bob', 'lost']);
    expect(await listed(`channel=http&service_id=${world.service}&q=b`)).toEqual(['bob']);
    expect(await listed('channel=webchat')).toEqual([]);
    expect(await listed('service_id=svc_none')).toEqual([]);
    const [ann] = (await get('/threads?q=ann')).data;
    expect(ann.last_message).toMatchObject({ text: 'here I am', author: { type: 'agent' } });
    expect((await house.api('GET', '/threads?state=lost')).body.errors[0].pointer).toBe('/state');
  });

  it('leads to a thread with who held it when, and a timeline from either end', async () => {
    const [ann] = (await get('/threads?q=ann')).data;
    const { holders } = await get(`/threads/${ann.id}`);
    expect(holders.map((each: Loose) => [each.epoch, each.from.type, each.to.type, each.phase, each.agent])).toEqual([
      [1, 'none', 'bot', null, null],
      [2, 'bot', 'desk', 'offered', null],
      [2, 'desk', 'desk', 'accepted', 'SIGNALBOX_API_KEY'],
    ]);
    expect(holders[0]).toMatchObject({ actor: `rule ${world.rule}`, reason: 'rule “all”' });
    const path = `/threads/${ann.id}/timeline?limit=100`;
    const { data } = await get(path);
    expect((await get(`${path}&order=desc`)).data).toEqual([...data].reverse());
    const toBot = data.find((each: Loose) => each.delivery?.target.type === 'bot');
    expect(toBot.attempts).toEqual([expect.objectContaining({ number: 1, ok: true, status: 200 })]);
    expect(toBot.attempts[0]).not.toHaveProperty('answer');
    const why = data.find((each: Loose) => each.event?.type === 'message.received').event.data;
    expect(why).toMatchObject({ message_id: data[0].message.id, decision: { winner: world.rule } });
  });
});

describe('the request of a delivery', () => {
  it('is shown as it would be sent, without what proves who we are', async () => {
    const { data } = await get(`/deliveries?target=${world.bot.id}&limit=1`);
    const posts = house.peer.posts.length;
    const { request } = await get(`/deliveries/${data[0].id}`);
    expect(request).toMatchObject({ method: 'POST', url: `${house.peer.url}/bot`, cut: false });
    expect(request.headers).toMatchObject({ 'webhook-id': data[0].id, 'webhook-signature': '[masked]' });
    expect(JSON.parse(request.body)).toMatchObject({ Message: 'hello', ConversationType: 'BOT', Channel: 'HTTP' });
    expect(JSON.stringify(request)).not.toContain(TOKEN);
    expect(house.peer.posts).toHaveLength(posts);
  });

  it('hides a secret wherever it stands, in the address and in the words too', async () => {
    const bot = `/bots/${world.bot.id}`;
    await house.api('PATCH', bot, { body: { url: `${house.peer.url}/bot?key=${encodeURIComponent(TOKEN)}` } });
    const { id } = await say('ann', `the token is ${TOKEN}, she said`);
    const { data } = await get(`/deliveries?target=${world.bot.id}&thread_id=${id}&limit=1`);
    const { request } = await get(`/deliveries/${data[0].id}`);
    expect(request.url).toBe(`${house.peer.url}/bot?key=[masked]`);
    expect(JSON.parse(request.body).Message).toBe('the token is [masked], she said');
    await house.api('PATCH', bot, { body: { url: `${house.peer.url}/bot` } });
    await house.api('POST', `${bot}/verification`, { body: {} });
    await house.settled();
  });

  it('is none where nothing is sent: a console desk has no address', async () => {
    const { data } = await get(`/deliveries?target=${world.desk.id}&limit=1`);
    expect((await get(`/deliveries/${data[0].id}`)).request).toBeNull();
  });
});

describe('replays', () => {
  it('say before they begin how many they would be, and afterwards how fast they went', async () => {
    const filter = { status: 'delivered', target: world.bot.id };
    const before = (await get(`/deliveries?target=${world.bot.id}&limit=100`)).data.length;
    const dry = await house.api('POST', '/replays', { body: { filter, dry_run: true } });
    expect(dry).toMatchObject({ status: 200, body: { count: before } });
    expect((await get(`/deliveries?target=${world.bot.id}&limit=100`)).data).toHaveLength(before);
    const { body } = await house.api('POST', '/replays', { body: { filter } });
    await house.settled();
    const done = await get(`/replays/${body.id}`);
    expect(done).toMatchObject({ status: 'done', total: before, done: before, remaining_s: null });
    expect(done.rate_per_s).toBeGreaterThan(0);
  });

  it.each([
    [{ done: 0, total: 10 }, null, null],
    [{ done: 50, total: 150, workedMs: 2_000 }, 25, 4],
    [{ done: 50, total: 150, workedMs: 2_000, status: 'paused' }, 25, 4],
    [{ done: 50, total: 150, workedMs: 2_000, status: 'cancelled' }, 25, null],
    [{ done: 12, total: 10, workedMs: 1_000 }, 12, 0],
  ])('of %j go at %d a second and take %d s more', (task, rate, remaining) => {
    const whole = { status: 'running', ...task } as Parameters<typeof paceOf>[0];
    expect(paceOf(whole)).toEqual({ rate_per_s: rate, remaining_s: remaining });
  });
});

describe('the search', () => {
  it('takes any id, or its beginning', async () => {
    const [ann] = (await get('/threads?q=ann')).data;
    const { data: timeline } = await get(`/threads/${ann.id}/timeline?limit=100`);
    const delivery = timeline.find((each: Loose) => each.delivery?.target.type === 'bot');
    const event = timeline.find((each: Loose) => each.type === 'event').event;
    const ids: [string, string, string][] = [
      [ann.id, 'thread', ann.id],
      [ann.holder.conversation_id, 'conversation', ann.holder.conversation_id],
      [timeline[0].message.id, 'message', timeline[0].message.id],
      [delivery.delivery.id, 'delivery', delivery.delivery.id],
      [delivery.attempts[0].id, 'delivery', delivery.delivery.id],
      [event.id, 'thread', ann.id],
      [world.bot.id, 'bot', world.bot.id],
      [world.rule.slice(0, 20), 'rule', world.rule],
    ];
    for (const [asked, type, id] of ids) {
      const { data, complete } = await find(asked);
      expect([asked, data.map((each: Loose) => [each.type, each.id]), complete]).toEqual([asked, [[type, id]], true]);
    }
    expect((await find(ann.id)).data[0]).toMatchObject({ title: 'Ann Smith', detail: 'ann', thread_id: ann.id });
    expect((await find('thr_nothing')).data).toEqual([]);
  });

  it('finds names, addresses and words', async () => {
    const types = async (q: string) => (await find(q)).data.map((each: Loose) => each.type);
    expect(await types('helper')).toEqual(['bot']);
    expect(await types('smith')).toEqual(['customer']);
    expect(await types('yourself')).toEqual(['message']);
    expect((await find('ANYBODY there')).data).toMatchObject([
      { type: 'message', title: 'is anybody there', detail: 'lost' },
    ]);
    expect(await find('nothing of the kind')).toEqual({ data: [], complete: true });
    expect((await find('o', '&limit=2')).data).toHaveLength(2);
    expect((await house.api('GET', '/search?q=')).body.errors[0].pointer).toBe('/q');
    expect((await house.api('GET', '/search')).status).toBe(422);
  });

  it('shows keys and users only to those who may list them', async () => {
    const { body } = await house.api('POST', '/keys', { body: { name: 'looking glass', role: 'viewer' } });
    expect((await find('looking glass')).data).toMatchObject([{ type: 'key', id: body.id }]);
    expect((await get('/search?q=looking%20glass', body.key)).data).toEqual([]);
    expect((await get(`/search?q=${body.id}`, body.key)).data).toEqual([]);
    expect((await find(body.id)).data).toHaveLength(1);
  });

  it.each([
    [10, [20, 20, 20], [4, 3, 3]],
    [10, [0, 1, 20], [0, 1, 9]],
    [2, [5, 5, 5], [1, 1, 0]],
    [10, [1, 1, 1], [1, 1, 1]],
  ])('of %d places gives those who found %j so many: %j', (limit, found, taken) => {
    expect(shares(limit, found)).toEqual(taken);
  });

  it.each([
    ['short', 'short', 'short'],
    [`${'a'.repeat(100)} needle ${'b'.repeat(100)}`, 'NEEDLE', `…${'a'.repeat(59)} needle ${'b'.repeat(59)}…`],
  ])('shows of %j what stands around %j', (text, q, shown) => {
    expect(excerpt(text, q)).toBe(shown);
  });
});
