// The day's work over the API: threads moved by hand, agents of a console desk, deliveries sent again, customers erased.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, type Furnished, furnish, type House, type Loose, openHouse } from '../fixtures/house.ts';

let house: House;
let world: Furnished;
beforeAll(async () => {
  house = await openHouse();
  world = await furnish(house, { consoleDesk: true });
});
afterAll(() => house.close());

const get = async (path: string): Promise<Loose> => {
  const answer = await house.api('GET', path);
  if (answer.status !== 200) throw new Error(`GET ${path} → ${answer.status} ${answer.text}`);
  return answer.body;
};
const post = (path: string, body?: unknown): Promise<Answer> => house.api('POST', path, { body });

let people = 0;
async function meet(
  address = `customer ${++people}`,
): Promise<{ address: string; conversation: string; thread: string }> {
  const body = {
    type: 'message',
    id: `${address}-${++people}`,
    from: { address },
    message: { type: 'text', text: 'hello' },
  };
  await house.call('POST', `/hooks/channels/${world.asset.id}`, { key: world.asset.secret, body });
  await house.settled();
  const { data } = await get(`/threads?asset_id=${world.asset.id}&limit=100`);
  const thread = data.find((each: Loose) => each.address === address);
  return { address, conversation: thread.holder.conversation_id, thread: thread.id };
}
const come = (online = true): Promise<Answer> =>
  house.api('PUT', `/desks/${world.desk.id}/presence`, { body: { online } });

describe('a thread', () => {
  it('is shown with its holder, its conversations and an explained timeline', async () => {
    const { thread, conversation } = await meet();
    const shown = await get(`/threads/${thread}`);
    expect(shown.holder).toMatchObject({ type: 'bot', id: world.bot.id, conversation_id: conversation });
    expect(shown.conversations.map((each: Loose) => each.id)).toEqual([conversation]);
    const { data } = await get(`/threads/${thread}/timeline?limit=100`);
    expect(new Set(data.map((each: Loose) => each.type))).toEqual(new Set(['message', 'event', 'delivery']));
    expect(JSON.stringify(data)).toContain('no conditions');
    expect((await get(`/threads?holder_id=${world.bot.id}&waiting=true&limit=1`)).data).toHaveLength(1);
    expect((await get('/threads?limbo=unrouted')).data).toEqual([]);
    expect((await house.api('GET', '/threads/thr_none')).status).toBe(404);
    expect((await house.api('GET', '/threads/thr_none/timeline')).status).toBe(404);
    expect((await house.api('GET', '/threads?waiting=perhaps')).status).toBe(422);
  });

  it('is moved by hand, and the trail says by whom', async () => {
    const { thread } = await meet();
    await come();
    const moved = await post(`/threads/${thread}/holder`, {
      to: world.desk.id,
      reason: 'asked for Kim',
      attributes: { vip: 'yes' },
    });
    expect(moved.status).toBe(200);
    expect(moved.body).toMatchObject({ holder: { type: 'desk', id: world.desk.id }, attributes: { vip: 'yes' } });
    // Not why: that stands in the timeline, where it is erased with the customer.
    const trail = (await get('/audit?limit=1')).data[0];
    expect(trail).toMatchObject({ action: 'move', kind: 'thread', target: thread });
    expect(trail.detail).toEqual({ to: world.desk.id });
    const refused = await post(`/threads/${thread}/holder`, { to: 'bot_none', reason: '' });
    expect(refused.status).toBeGreaterThanOrEqual(400);
    expect(refused.status).toBeLessThan(500);
    expect(refused.body.errors).toEqual([{ pointer: '/to', detail: expect.stringContaining('mapped') }]);
    expect((await post('/threads/thr_none/holder', { to: world.desk.id })).status).toBe(404);
    expect((await post(`/threads/${thread}/holder`, { reason: 'x' })).body.errors[0].pointer).toBe('/to');
  });
});

describe('an agent of a console desk', () => {
  async function offered(): Promise<{ address: string; thread: string; desk: string; bot: string }> {
    await come();
    const { address, thread, conversation } = await meet();
    const { body } = await post(`/threads/${thread}/holder`, { to: world.desk.id, reason: 'by hand' });
    return { address, thread, bot: conversation, desk: body.holder.conversation_id };
  }

  it('accepts, answers, types and closes', async () => {
    const { address, thread, desk, bot } = await offered();
    expect(await get(`/conversations/${desk}`)).toMatchObject({ type: 'desk', status: 'offered', thread_id: thread });
    expect((await post(`/conversations/${desk}/accept`)).status).toBe(202);
    expect(await get(`/conversations/${desk}`)).toMatchObject({ status: 'accepted', agent: 'SIGNALBOX_API_KEY' });
    expect((await post(`/conversations/${desk}/typing`, { on: true })).status).toBe(202);
    const body = { text: 'Kim here', agent: 'Kim', id: 'mine-1' };
    const said = await post(`/conversations/${desk}/messages`, body);
    expect(said).toMatchObject({ status: 202, body: { message_id: expect.stringMatching(/^msg_/) } });
    expect((await post(`/conversations/${desk}/messages`, body)).body.message_id).toBe(said.body.message_id);
    await house.settled();
    const out = house.peer.posts.filter((each) => each.body?.to?.address === address && each.body.type === 'message');
    expect(out.map((each) => [each.body.message.text, each.body.author])).toEqual([
      ['Kim here', { type: 'agent', name: 'Kim' }],
    ]);
    const { data } = await get(`/conversations/${desk}/messages`);
    expect(data.map((each: Loose) => each.text)).toContain('Kim here');
    expect((await post(`/conversations/${desk}/close`, { reason: 'solved', note: 'refund sent' })).status).toBe(202);
    expect(await get(`/conversations/${desk}`)).toMatchObject({ status: 'closed', close_reason: 'solved' });
    expect((await get(`/threads/${thread}`)).holder).toMatchObject({ type: 'bot', conversation_id: bot });
    expect((await post(`/conversations/${desk}/messages`, { text: 'late' })).body.code).toBe('conversation_closed');
  });

  it('passes the customer on', async () => {
    const { thread, desk } = await offered();
    expect((await post(`/conversations/${desk}/accept`, { agent: 'Kim' })).status).toBe(202);
    expect((await post(`/conversations/${desk}/transfer`, { to: 'bot', reason: 'back' })).status).toBe(202);
    expect((await get(`/threads/${thread}`)).holder.type).toBe('bot');
  });

  it('is refused where they do not belong', async () => {
    const { desk, bot } = await offered();
    const acts: [string, object][] = [
      ['accept', {}],
      ['messages', { text: 'x' }],
      ['typing', {}],
      ['transfer', { to: 'bot' }],
      ['close', {}],
    ];
    for (const [act, body] of acts) {
      expect([act, (await post(`/conversations/${bot}/${act}`, body)).body.code]).toEqual([act, 'not_console_desk']);
      expect([act, (await post(`/conversations/conv_none/${act}`, body)).status]).toEqual([act, 404]);
      const stale = await post(`/conversations/${desk}/${act}`, { ...body, epoch: 0 });
      expect([act, stale.body.code]).toEqual([act, 'stale_epoch']);
    }
    const empty = await post(`/conversations/${desk}/messages`, { agent: 'Kim' });
    expect([empty.status, empty.body.errors[0].pointer]).toEqual([422, '/text']);
    const media = { media: [{ url: 'javascript:alert(1)', type: 'image/png' }] };
    expect((await post(`/conversations/${desk}/messages`, media)).body.errors[0].pointer).toBe('/media/0/url');
  });

  it('finds nobody at a desk that all have left', async () => {
    await come();
    await come(false);
    const { thread } = await meet();
    const moved = await post(`/threads/${thread}/holder`, { to: world.desk.id, reason: 'x' });
    expect(moved.status).toBe(409);
  });
});

describe('a delivery', () => {
  it('is listed by filter, shown with its attempts, and sent again', async () => {
    const { conversation } = await meet();
    const query = `target=${world.bot.id}&conversation_id=${conversation}`;
    const [first] = (await get(`/deliveries?${query}&status=delivered`)).data;
    expect(first).toMatchObject({ status: 'delivered', kind: 'message', target: { type: 'bot', id: world.bot.id } });
    const whole = await get(`/deliveries/${first.id}`);
    expect(whole.attempts).toHaveLength(1);
    expect(whole.attempts[0]).toMatchObject({ ok: true, status: 200, reason: 'ok' });
    expect(whole.attempts[0].answer).not.toContain('the-verification-token');
    expect(whole.message.text).toBe('hello');
    const again = await post(`/deliveries/${first.id}/replay`);
    expect(again.status).toBe(202);
    await house.settled();
    expect(await get(`/deliveries/${again.body.delivery_id}`)).toMatchObject({ replay: true, status: 'delivered' });
    expect((await get(`/deliveries?${query}`)).data.map((each: Loose) => each.id)).toEqual([
      again.body.delivery_id,
      first.id,
    ]);
    expect((await get(`/deliveries?${query}&since=2100-01-01T00:00:00Z`)).data).toEqual([]);
    expect((await post('/deliveries/dlv_none/replay')).status).toBe(404);
    expect((await post(`/deliveries/${first.id}/retry`)).status).toBe(409);
    const settled = await post(`/deliveries/${first.id}/resolution`, { outcome: 'drop' });
    expect([settled.status, settled.body.code]).toEqual([409, 'conflict']);
    expect((await post(`/deliveries/${first.id}/resolution`, { outcome: 'pray' })).status).toBe(422);
  });

  it('says everything in snake_case, and times in words', async () => {
    await come();
    const { thread } = await meet();
    await post(`/threads/${thread}/holder`, { to: world.desk.id, reason: 'x' });
    const { data: told } = await get(`/conversations?thread_id=${thread}`);
    const desk = told.find((each: Loose) => each.type === 'desk').id;
    const { message_id } = (await post(`/conversations/${desk}/messages`, { text: 'Kim here' })).body;
    await house.settled();
    const body = { type: 'receipt', message_id, status: 'read' };
    await house.call('POST', `/hooks/channels/${world.asset.id}`, { key: world.asset.secret, body });
    await house.settled();
    const { data } = await get(`/deliveries?thread_id=${thread}&limit=100`);
    const kinds = data.map((each: Loose) => each.kind);
    expect(kinds).toEqual(expect.arrayContaining(['started', 'message', 'receipt']));
    const timeline = await get(`/threads/${thread}/timeline?limit=100`);
    expect(JSON.stringify([data, timeline])).not.toMatch(/"[a-z_]*[A-Z]\w*":/);
    const receipt = data.find((each: Loose) => each.kind === 'receipt');
    expect(receipt.data).toMatchObject({ status: 'read', at: expect.stringMatching(/^\d{4}-.*Z$/) });
  });

  it.each(['status=lost', 'target_type=moon', 'since=yesterday'])('is not looked for by %s', async (query) => {
    const answer = await house.api('GET', `/deliveries?${query}`);
    expect([answer.status, answer.body.errors[0].pointer]).toEqual([422, `/${query.split('=')[0]}`]);
  });

  it('is sent again with many others, as a task with progress', async () => {
    const { conversation } = await meet();
    const started = await post('/replays', { filter: { status: 'delivered', conversation_id: conversation } });
    expect(started.status).toBe(202);
    expect(started.body).toMatchObject({ filter: { status: 'delivered', conversation_id: conversation } });
    await house.settled();
    expect(await get(`/replays/${started.body.id}`)).toMatchObject({ status: 'done', total: 1, done: 1, failed: 0 });
    expect((await get('/replays')).data.length).toBeGreaterThan(0);
    const late = await house.api('PATCH', `/replays/${started.body.id}`, { body: { status: 'paused' } });
    expect([late.status, late.body.code]).toEqual([409, 'conflict']);
    const all = await post('/replays', { filter: {} });
    expect([all.status, all.body.errors[0].pointer]).toEqual([422, '/filter']);
    expect((await house.api('GET', '/replays/rpl_none')).status).toBe(404);
  });
});

describe('a customer', () => {
  it.each(['+49 151 / 234', 'a%2Fb', 'ü@例え', 'plain', 'a?b#c', '..'])(
    'with the address %s is erased, and nobody else',
    async (address) => {
      await meet('somebody else');
      const { thread } = await meet(address);
      const gone = await house.api('DELETE', `/customers/${world.asset.id}/${encodeURIComponent(address)}`);
      if (address === '..') return; // no client sends it: URLs resolve it away
      expect(gone.body.threads).toBe(1);
      // A shell stays, so that a late word of a bot finds a closed conversation.
      const shell = await house.api('GET', `/threads/${thread}`);
      const timeline = await house.api('GET', `/threads/${thread}/timeline?limit=100`);
      for (const { text } of [shell, timeline]) {
        expect(text).not.toContain(JSON.stringify(address));
        expect(text).not.toContain('hello');
      }
      expect(
        (await get(`/threads?asset_id=${world.asset.id}&limit=100`)).data.some(
          (each: Loose) => each.address === 'somebody else',
        ),
      ).toBe(true);
      const [entry] = (await get('/audit?limit=1')).data;
      expect(entry).toMatchObject({ action: 'erase', kind: 'customer', target: world.asset.id });
      expect(JSON.stringify(entry)).not.toContain(address);
    },
  );

  it('who is not known is none', async () => {
    expect((await house.api('DELETE', '/customers/ast_none/nobody')).body).toEqual({
      threads: 0,
      messages: 0,
      deliveries: 0,
    });
  });
});

describe('a bot that holds threads', () => {
  it('can be deleted when no rule uses it; what it held is open to the next rule', async () => {
    const own = await openHouse();
    try {
      const place = await furnish(own);
      const say = (id: string): Promise<Answer> =>
        own.call('POST', `/hooks/channels/${place.asset.id}`, {
          key: place.asset.secret,
          body: { type: 'message', id, from: { address: 'ann' }, message: { type: 'text', text: 'hello' } },
        });
      await say('1');
      await own.settled();
      expect((await own.api('DELETE', `/rules/${place.rule}`)).status).toBe(204);
      expect((await own.api('DELETE', `/bots/${place.bot.id}`)).status).toBe(204);
      await own.settled();
      expect(await say('2')).toMatchObject({ status: 202, body: { accepted: 1 } });
      await own.settled();
      const { data } = (await own.api('GET', '/threads')).body;
      expect(data[0]).toMatchObject({ holder: { type: 'none' }, limbo: 'unrouted' });
      const late = await own.call('POST', new URL(place.bot.hook_url).pathname, { key: null, body: {} });
      expect(late.status).toBe(404);
      expect(own.logged()).not.toContain('failed unexpectedly');
    } finally {
      await own.close();
    }
  });
});
