// Contract §7, the other face: existing Direct Line clients work by changing their domain, and a conversation's id gives
// nobody another's words. Microsoft's library is here as it comes; what it never does is done by hand.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Box, startBox } from '../parties/box.ts';
import { call, calm, type Loose, until } from '../parties/call.ts';
import { ask, directLine, listen } from '../parties/direct-line.ts';
import { visit } from '../parties/visitor.ts';
import { AGENT, makeWorld, type World } from '../parties/world.ts';

const SHOP = 'https://shop.example.com';
const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==';

let box: Box;
let world: World;
let asset: Loose;
let secret: string;
beforeAll(async () => {
  box = await startBox();
  world = await makeWorld(box, { rule: 'bot_and_desk' });
  asset = await chat({ allowed_origins: [SHOP] });
  secret = asset.direct_line_secret;
});
afterAll(async () => {
  await world.close();
  await box.close();
});

async function chat(config: Loose): Promise<Loose> {
  const made = await box.must('POST', '/assets', { name: 'page', channel: 'webchat', config });
  const action = { type: 'forward_to_bot_and_desk', bot_id: world.bot.id, desk_id: world.desk.id };
  await world.addRule({ event: 'message.received', asset_id: made.id }, action);
  return made;
}

let users = 0;
const newUser = (): string => `dl_user-${++users}`;

/** A token for a user, or for somebody new; with its conversation. */
async function token(user?: string, more: Loose = {}): Promise<{ token: string; conversationId: string }> {
  const body = { ...(user ? { user: { id: user, name: 'Ada' } } : {}), ...more };
  const answer = await ask(box.base, secret, 'POST', '/tokens/generate', { body });
  if (answer.status !== 200) throw new Error(`no token: ${answer.status} ${answer.text}`);
  return answer.body;
}

/** The bot has heard this customer: gives the bot's conversation. */
async function heardOf(address: string): Promise<string> {
  const post = await until('the bot hears the customer', () => world.bot.heard(address)[0]);
  return post.body.Conversationid;
}

const addressOf = (bearer: string): string =>
  JSON.parse(Buffer.from(bearer.split('.')[1] ?? '', 'base64url').toString()).sub;

const texts = (activities: Loose[]): string[] =>
  activities.filter(({ type }) => type === 'message').map(({ text }) => text);

describe.each([
  ['polling', false],
  ['a WebSocket', true],
])("Microsoft's library over %s", (_, webSocket) => {
  it('writes to the bot, meets an agent by name, and comes back to the bot', async () => {
    const user = newUser();
    const client = await directLine(box.base, { token: (await token(user)).token, webSocket }, user);
    const id = await client.says('hello', { channelData: { clientActivityID: 'mine-1' } });
    const conversation = await heardOf(user);
    expect(world.bot.heard(user)[0]?.body).toMatchObject({ Channel: 'WEBCHAT', Message: 'hello' });
    const own = await until('its own words come back', () => client.seen.find((each) => each.id === id));
    expect(own).toMatchObject({
      type: 'message',
      text: 'hello',
      from: { id: user, role: 'user' },
      channelData: { clientActivityID: 'mine-1' },
    });
    expect(id).toMatch(/^dlc_\w+\|0000001$/);
    await world.replies(conversation, 'good day', { quick_replies: [{ title: 'Yes', payload: 'YES' }, 'No'] });
    await until('the answer comes', () => client.words().includes('good day'));
    expect(client.seen.find((each) => each.type === 'message' && each.text === 'good day')).toMatchObject({
      from: { id: 'bot', role: 'bot' },
      suggestedActions: {
        actions: [
          { type: 'postBack', title: 'Yes', value: 'YES' },
          { type: 'imBack', title: 'No', value: 'No' },
        ],
      },
    });
    await client.post({ type: 'message', text: 'YES', channelData: { postBack: true, clientActivityID: 'mine-2' } });
    const pressed = await until('the bot gets the button', () => world.bot.heard(user)[1]);
    expect(pressed.body).toMatchObject({ Event: 'POSTBACK', PostbackPayload: 'YES' });

    const { body } = await world.bot.handOver(conversation);
    await until('the desk is offered it', () => world.desk.offers(user)[0]);
    await world.desk.accept(body.desk_conversation_id);
    await until('the agent comes', () =>
      client.seen.some((each: Loose) => each.type === 'conversationUpdate' && each.membersAdded?.[0]?.name === AGENT),
    );
    await client.post({ type: 'typing' });
    await until('the desk sees typing', () => world.desk.told(body.desk_conversation_id, 'typing')[0]);
    await world.desk.say(body.desk_conversation_id, 'agent here');
    await until('the agent speaks', () => client.words().includes('agent here'));
    expect(client.seen.findLast((each) => each.type === 'message')?.from).toEqual({
      id: 'agent',
      name: AGENT,
      role: 'bot',
    });
    await world.desk.finish(body.desk_conversation_id);
    await until('the end is told', () => client.seen.some((each: Loose) => each.membersRemoved));
    await client.says('me again');
    await until('the bot has it again', () => world.bot.words(user).includes('me again'));
    await world.replies(conversation, 'welcome back');
    await until('the bot answers', () => client.words().includes('welcome back'));
    expect(client.words()).toEqual(['good day', 'agent here', 'welcome back']);
    const ids = client.seen.map((each) => each.id);
    expect(new Set(ids).size).toBe(ids.length);
    client.end();
  });

  it('sends files, and is sent files', async () => {
    const user = newUser();
    const client = await directLine(box.base, { token: (await token(user)).token, webSocket }, user);
    const picture = { contentType: 'image/png', contentUrl: `data:image/png;base64,${PNG}`, name: 'me.png' };
    const id = await client.says('two of them', { attachments: [picture, picture] });
    const own = await until('it comes back', () => client.seen.find((each) => each.id === id));
    const { attachments, text } = own as Loose;
    expect([text, attachments.map((each: Loose) => each.contentType)]).toEqual([
      'two of them',
      ['image/png', 'image/png'],
    ]);
    const bytes = Buffer.from(await (await fetch(attachments[0].contentUrl)).arrayBuffer());
    expect(bytes.toString('base64')).toBe(PNG);
    const conversation = await heardOf(user);
    expect(world.bot.heard(user)[0]?.body).toMatchObject({ MessageType: 'image', Message: 'two of them' });
    await world.replies(conversation, 'a map', { media: [{ url: 'https://maps.example/1.png', type: 'image' }] });
    const map = await until('the map comes', () => client.seen.find((each: Loose) => each.text === 'a map'));
    expect((map as Loose).attachments).toEqual([
      { contentType: 'image/png', contentUrl: 'https://maps.example/1.png' },
    ]);
    client.end();
  });

  it('lives through a crash of the server without loss or double', async () => {
    const user = newUser();
    const client = await directLine(box.base, { token: (await token(user)).token, webSocket }, user);
    await client.says('before');
    const conversation = await heardOf(user);
    await world.replies(conversation, 'one');
    await until('it is heard', () => client.words().includes('one'));
    await world.replies(conversation, 'two');
    await box.kill9();
    await box.start();
    await world.replies(conversation, 'three');
    if (webSocket) {
      await until('the rest is heard', () => client.words().includes('three'));
      expect(client.words()).toEqual(['one', 'two', 'three']);
      await client.says('after');
      await until('the bot hears', () => world.bot.words(user).includes('after'));
    }
    const { conversationId } = client.library as unknown as { conversationId: string };
    const all = (await ask(box.base, secret, 'GET', `/conversations/${conversationId}/activities`)).body;
    expect(texts(all.activities)).toEqual(['before', 'one', 'two', 'three', ...(webSocket ? ['after'] : [])]);
    client.end();
  });
});

describe('With the secret', () => {
  it("a server names its customer by from.id, once for each conversation, and reads the customer's thread", async () => {
    const user = newUser();
    const opened = await ask(box.base, secret, 'POST', '/conversations');
    expect(opened.status).toBe(201);
    expect(opened.body).toMatchObject({ expires_in: 1800 });
    const path = `/conversations/${opened.body.conversationId}`;
    const stream = await listen(opened.body.streamUrl);
    expect((await ask(box.base, secret, 'GET', `${path}/activities`)).body.activities).toEqual([]);
    const says = (id: string | undefined, text: string) =>
      ask(box.base, secret, 'POST', `${path}/activities`, { body: { type: 'message', from: { id }, text } });
    expect((await says(undefined, 'who am I')).body.error).toMatchObject({ code: 'BadArgument' });
    expect((await says('web-somebody', 'ours')).status).toBe(400);
    const { status, body } = await says(user, 'hello');
    expect([status, body.id]).toEqual([200, `${opened.body.conversationId}|0000001`]);
    expect((await says('somebody-else', 'mine too')).body.error.code).toBe('ConversationOfAnotherUser');
    await world.replies(await heardOf(user), 'good day');
    await until('the stream that waited has both', () => stream.activities.length === 2);
    expect(texts(stream.activities)).toEqual(['hello', 'good day']);
    stream.close();
    await box.kill9();
    await box.start();
    const again = (await ask(box.base, secret, 'GET', `${path}/activities`)).body;
    expect(again.activities.map((each: Loose) => each.id)).toEqual([body.id, `${opened.body.conversationId}|0000002`]);
    expect((await says('somebody-else', 'still mine')).status).toBe(409);
  });

  it("a page is refused: it is a server's", async () => {
    const headers = { origin: SHOP };
    const answer = await ask(box.base, secret, 'POST', '/conversations', { headers });
    expect([answer.status, answer.body.error.code]).toEqual([403, 'Forbidden']);
  });

  it('a replaced one is good for the overlap, and then for nothing', async () => {
    const made = await chat({});
    const old = made.direct_line_secret;
    await box.must('POST', `/assets/${made.id}/rotation`, { what: 'secret', overlap_s: 60 });
    expect((await ask(box.base, old, 'POST', '/tokens/generate')).status).toBe(200);
    await box.advance(61_000);
    expect((await ask(box.base, old, 'POST', '/tokens/generate')).status).toBe(403);
  });
});

describe('A token', () => {
  it('has a user that always wins over from.id, or an address that the server minted', async () => {
    const user = newUser();
    const named = await token(user);
    const path = (of: { conversationId: string }) => `/conversations/${of.conversationId}/activities`;
    const body = { type: 'message', from: { id: 'the-boss', name: 'Boss' }, text: 'hello' };
    expect((await ask(box.base, named.token, 'POST', path(named), { body })).status).toBe(200);
    expect((await world.bot.heard(user)).length || (await heardOf(user))).toBeTruthy();
    const minted = await token();
    await ask(box.base, minted.token, 'POST', path(minted), { body });
    expect(addressOf(minted.token)).toMatch(/^web-[\w-]{22}$/);
    await heardOf(addressOf(minted.token));
    expect(world.bot.heard('the-boss')).toEqual([]);
    // What the page calls its user is shown to the page alone.
    const { activities } = (await ask(box.base, minted.token, 'GET', path(minted))).body;
    expect(activities[0].from).toEqual({ id: 'the-boss', name: 'Boss', role: 'user' });
  });

  it('sees its conversation from its beginning, not what the customer said before', async () => {
    const user = newUser();
    const first = await token(user);
    const say = (of: { token: string; conversationId: string }, text: string) =>
      ask(box.base, of.token, 'POST', `/conversations/${of.conversationId}/activities`, {
        body: { type: 'message', text },
      });
    await say(first, 'long ago');
    const second = await token(user);
    await say(second, 'today');
    const { activities } = (
      await ask(box.base, second.token, 'GET', `/conversations/${second.conversationId}/activities`)
    ).body;
    expect(texts(activities)).toEqual(['today']);
    await until('it is one thread', () => world.bot.words(user).length === 2);
  });

  it('is good for its conversation alone, for half an hour, and longer when it is refreshed', async () => {
    const [one, other] = [await token(newUser()), await token(newUser())];
    const read = (bearer: string, id: string) => ask(box.base, bearer, 'GET', `/conversations/${id}/activities`);
    expect((await read(one.token, one.conversationId)).status).toBe(200);
    for (const { method, path } of [
      { method: 'GET', path: '' },
      { method: 'GET', path: '/activities' },
      { method: 'POST', path: '/activities' },
      { method: 'POST', path: '/upload' },
    ]) {
      const body = method === 'POST' ? { body: { type: 'message', text: 'x' } } : {};
      const answer = await ask(box.base, one.token, method, `/conversations/${other.conversationId}${path}`, body);
      expect([method, path, answer.status]).toEqual([method, path, 403]);
    }
    expect((await ask(box.base, one.token, 'POST', '/tokens/generate')).status).toBe(403);
    expect((await ask(box.base, secret, 'POST', '/tokens/refresh')).status).toBe(403);
    await box.advance(20 * 60_000);
    const fresh = (await ask(box.base, one.token, 'POST', '/tokens/refresh')).body;
    expect(fresh).toMatchObject({ conversationId: one.conversationId, expires_in: 1800 });
    await box.advance(11 * 60_000);
    const over = await read(one.token, one.conversationId);
    expect([over.status, over.body.error.code]).toEqual([403, 'TokenExpired']);
    expect((await read(fresh.token, one.conversationId)).status).toBe(200);
  });

  it('is taken from allowed origins, or those that the server trusts with it, and from no page else', async () => {
    const one = await token(newUser());
    const trusted = await token(newUser(), { trustedOrigins: ['https://partner.example'] });
    const read = (of: { token: string; conversationId: string }, origin: string) =>
      ask(box.base, of.token, 'GET', `/conversations/${of.conversationId}/activities`, { headers: { origin } });
    expect((await read(one, SHOP)).headers['access-control-allow-origin']).toBe(SHOP);
    const strange = await read(one, 'https://evil.example');
    expect([strange.status, strange.headers['access-control-allow-origin']]).toEqual([403, undefined]);
    expect((await read(trusted, 'https://partner.example')).status).toBe(200);
    expect((await read(trusted, SHOP)).status).toBe(403);
    const preflight = await call('OPTIONS', `${box.base}/v3/directline/conversations`, {
      headers: { origin: SHOP, 'access-control-request-method': 'POST' },
    });
    expect([preflight.status, preflight.headers['access-control-allow-origin']]).toEqual([204, '*']);
    expect(preflight.headers['access-control-allow-headers']).toContain('x-ms-bot-agent');
  });

  it('is needed, and must be one of ours', async () => {
    const one = await token(newUser());
    const [head, body, signature] = one.token.split('.');
    const claims = JSON.parse(Buffer.from(body ?? '', 'base64url').toString());
    const forged = Buffer.from(JSON.stringify({ ...claims, sub: 'boss', user: 'boss' })).toString('base64url');
    const none = Buffer.from('{"alg":"none"}').toString('base64url');
    const widget = visit(box.base, asset.id);
    await widget.open();
    const path = `/conversations/${one.conversationId}/activities`;
    expect((await ask(box.base, '', 'GET', path)).status).toBe(401);
    const bad = [`${head}.${forged}.${signature}`, `${head}.${body}.`, `${none}.${body}.`, 'x'.repeat(9_000), 'sec_no'];
    for (const each of [...bad, widget.session.token]) {
      const answer = await ask(box.base, each, 'GET', path);
      expect([answer.status, answer.body.error.code]).toEqual([403, 'Forbidden']);
    }
    const turned = await widget.ask('GET', 'history', { headers: { authorization: `Bearer ${one.token}` } });
    expect(turned.status).toBe(401);
  });

  it('is not given to strangers where customers must be known', async () => {
    const strict = await chat({ identity: 'required' });
    const generate = (body: Loose) => ask(box.base, strict.direct_line_secret, 'POST', '/tokens/generate', { body });
    expect((await generate({})).body.error.code).toBe('IdentityRequired');
    expect((await generate({ user: { id: 'dl_known' } })).status).toBe(200);
    for (const id of ['web-abc', 'sim-abc', 'erased', 'x'.repeat(129)]) {
      expect([id, (await generate({ user: { id } })).status]).toEqual([id, 400]);
    }
  });
});

describe('What is malformed', () => {
  it('is refused with what is wrong with it, in the form that clients read', async () => {
    const one = await token(newUser());
    const path = `/conversations/${one.conversationId}`;
    const post = (body: unknown) => ask(box.base, one.token, 'POST', `${path}/activities`, { body });
    const cases: [unknown, number][] = [
      ['{"type":', 400],
      ['[]', 400],
      [{}, 400],
      [{ type: 'message' }, 400],
      [{ type: 'message', text: 5 }, 400],
      [{ type: 'message', text: 'x'.repeat(10_001) }, 400],
      [{ type: 'messageDelete', id: '1' }, 400],
      [{ type: 'message', attachments: [{ contentUrl: 'javascript:alert(1)' }] }, 400],
      [{ type: 'message', attachments: [{ contentUrl: 'file:///etc/passwd' }] }, 400],
      [{ type: 'message', value: { big: 'x'.repeat(5_000) } }, 400],
      [{ type: 'message', text: 'x', filler: 'x'.repeat(300 * 1024) }, 413],
    ];
    for (const [body, status] of cases) {
      const answer = await post(body);
      expect([JSON.stringify(body).slice(0, 60), answer.status]).toEqual([JSON.stringify(body).slice(0, 60), status]);
      expect(answer.body.error).toMatchObject({ code: expect.any(String), message: expect.any(String) });
    }
    for (const watermark of ['abc', '-1', '1e9', '9'.repeat(20)]) {
      const answer = await ask(box.base, one.token, 'GET', `${path}/activities?watermark=${watermark}`);
      expect([watermark, answer.status]).toEqual([watermark, 400]);
    }
    for (const watermark of ['', 'null', 'undefined', '-', '0', '999999999']) {
      const answer = await ask(box.base, one.token, 'GET', `${path}/activities?watermark=${watermark}`);
      expect([watermark, answer.status]).toEqual([watermark, 200]);
    }
    expect((await ask(box.base, secret, 'GET', '/conversations/dlc_none/activities')).status).toBe(404);
    expect((await ask(box.base, secret, 'GET', '/nothing')).status).toBe(404);
    expect((await ask(box.base, one.token, 'DELETE', path)).status).toBe(405);
  });

  it('events and other activities without effect are taken with an id', async () => {
    const user = newUser();
    const one = await token(user);
    for (const type of ['event', 'conversationUpdate', 'endOfConversation', 'typing']) {
      const body = { type, name: 'webchat/join', value: { language: 'en' } };
      const answer = await ask(box.base, one.token, 'POST', `/conversations/${one.conversationId}/activities`, {
        body,
      });
      expect([type, answer.status, typeof answer.body.id]).toEqual([type, 200, 'string']);
    }
    await calm();
    expect(world.bot.told(user)).toEqual([]);
  });

  it('the same activity again has no second effect', async () => {
    const user = newUser();
    const one = await token(user);
    const body = { type: 'message', text: 'once', channelData: { clientActivityID: 'same' } };
    const path = `/conversations/${one.conversationId}/activities`;
    const ids = [];
    for (let n = 0; n < 3; n += 1) ids.push((await ask(box.base, one.token, 'POST', path, { body })).body.id);
    expect(new Set(ids).size).toBe(1);
    await heardOf(user);
    await calm();
    expect(world.bot.words(user)).toEqual(['once']);
  });

  it('uploads are checked, file by file', async () => {
    const one = await token(newUser());
    const path = `/conversations/${one.conversationId}/upload?userId=x`;
    const send = (body: Buffer | string, type: string, more: Loose = {}) =>
      ask(box.base, one.token, 'POST', path, { body: Buffer.from(body), headers: { 'content-type': type, ...more } });
    const form = (type: string, bytes: string) =>
      `--b\r\ncontent-disposition: form-data; name="file"; filename="a.png"\r\ncontent-type: ${type}\r\n\r\n${bytes}\r\n--b--\r\n`;
    const multipart = 'multipart/form-data; boundary=b';
    expect((await send(form('text/plain', 'hello'), multipart)).status).toBe(200);
    expect(
      (await send(Buffer.from(PNG, 'base64'), 'image/png', { 'content-disposition': 'name="f"; filename="one.png"' }))
        .status,
    ).toBe(200);
    expect((await send(form('text/html', '<script>'), multipart)).status).toBe(415);
    expect((await send(form('text/plain', ''), multipart)).status).toBe(400);
    expect((await send(form('text/plain', 'cut off').slice(0, -9), multipart)).status).toBe(400);
    expect((await send('--b--', multipart)).status).toBe(400);
    expect((await send('hello', 'multipart/form-data')).status).toBe(400);
    expect((await send(form('text/plain', 'x'.repeat(11 * 1024 * 1024)), multipart)).status).toBe(413);
    const { activities } = (await ask(box.base, one.token, 'GET', `/conversations/${one.conversationId}/activities`))
      .body;
    expect(activities.map((each: Loose) => each.attachments[0].name)).toEqual(['a.png.txt', 'one.png']);
  });
});

describe('A stream', () => {
  it('is opened by its address alone, soon, and from allowed pages only', async () => {
    const one = await token(newUser());
    const opened = (await ask(box.base, one.token, 'POST', '/conversations')).body;
    const url = new URL(opened.streamUrl);
    const without = new URL(url);
    without.searchParams.delete('t');
    await expect(listen(String(without))).rejects.toThrow('refused: 401');
    const whole = new URL(url);
    whole.searchParams.set('t', one.token);
    await expect(listen(String(whole))).rejects.toThrow('refused: 403');
    const another = await token(newUser());
    const elsewhere = String(url).replace(one.conversationId, another.conversationId);
    await expect(listen(elsewhere)).rejects.toThrow('refused: 403');
    await expect(listen(String(url), { origin: 'https://evil.example' })).rejects.toThrow('refused: 403');
    (await listen(String(url), { origin: SHOP })).close();
    // the token in the address is good for nothing else
    const t = url.searchParams.get('t') ?? '';
    expect((await ask(box.base, t, 'GET', `/conversations/${one.conversationId}/activities`)).status).toBe(403);
    await box.advance(61_000);
    await expect(listen(String(url))).rejects.toThrow('refused: 403');
    expect((await ask(box.base, one.token, 'GET', `/conversations/${one.conversationId}/stream`)).status).toBe(426);
  });

  it('begins after the watermark, tells typing, and tells the bot what arrived', async () => {
    const user = newUser();
    const one = await token(user);
    const path = `/conversations/${one.conversationId}`;
    await ask(box.base, one.token, 'POST', `${path}/activities`, { body: { type: 'message', text: 'seen before' } });
    const conversation = await heardOf(user);
    const { watermark } = (await ask(box.base, one.token, 'GET', `${path}/activities`)).body;
    const again = (await ask(box.base, one.token, 'GET', `${path}?watermark=${watermark}`)).body;
    const stream = await listen(again.streamUrl);
    const id = await world.replies(conversation, 'new');
    await until('it comes', () => stream.activities.length > 0);
    expect(texts(stream.activities)).toEqual(['new']);
    expect(Number(stream.sets[0].watermark)).toBeGreaterThan(Number(watermark));
    const receipt = await until('the bot is told', () =>
      world.bot.told(user).find(({ body }) => body.Event === 'Message Delivery'),
    );
    expect(receipt.body).toMatchObject({ DeliveryStatus: 'Delivered', Messageid: id });
    await world.bot.post({ eventid: '1008', conversation_id: conversation, on: true });
    await until('the bot types', () =>
      stream.activities.some(({ type, from }) => type === 'typing' && from.id === 'bot'),
    );
    stream.close();
  });

  it('ends with the customer who is erased', async () => {
    const user = newUser();
    const one = await token(user);
    const opened = (await ask(box.base, one.token, 'POST', '/conversations')).body;
    const stream = await listen(opened.streamUrl);
    await ask(box.base, one.token, 'POST', `/conversations/${one.conversationId}/activities`, {
      body: { type: 'message', text: 'forget me' },
    });
    await until('it came', () => stream.activities.length > 0);
    await box.must('DELETE', `/customers/${asset.id}/${user}`);
    await stream.closed;
    expect(stream.activities.at(-1).type).toBe('endOfConversation');
    expect((await ask(box.base, secret, 'GET', `/conversations/${one.conversationId}`)).status).toBe(404);
  });

  it('gives way when one customer has too many, and comes back after a restart', async () => {
    const one = await token(newUser());
    const streams = [];
    for (let n = 0; n < 7; n += 1) {
      const { streamUrl } = (await ask(box.base, one.token, 'GET', `/conversations/${one.conversationId}`)).body;
      streams.push(await listen(streamUrl));
    }
    expect(await streams[0]?.closed).toBe(1008);
    const { code, ms } = await box.stop();
    expect(code).toBe(0);
    expect(ms).toBeLessThan(4_000);
    expect(await streams[6]?.closed).toBe(1012);
    await box.start();
  });

  it('leaves other requests for another protocol as they are', async () => {
    const headers = { connection: 'Upgrade, HTTP2-Settings', upgrade: 'h2c', 'http2-settings': 'AAMAAABkAAQAAP__' };
    expect((await call('GET', `${box.base}/health/live`, { headers })).status).toBe(200);
    const said = await world.bot.post({ eventid: '1001', conversation_id: 'conv_none', message: 'hi' }, headers);
    expect([said.status, said.body.code]).toEqual([404, 'not_found']);
    await expect(listen(`${box.base.replace('http', 'ws')}/api/v1/events`)).rejects.toThrow('refused: 401');
  });
});

describe('A conversation', () => {
  it('is resumed with all of it, each once, by the library', async () => {
    const user = newUser();
    const given = await token(user);
    const first = await directLine(box.base, { token: given.token, webSocket: true }, user);
    await first.says('before the reload');
    await world.replies(await heardOf(user), 'noted');
    await until('it is answered', () => first.words().includes('noted'));
    first.end();
    const again = await directLine(box.base, { ...given, watermark: '0', webSocket: true }, user);
    await again.says('after the reload');
    await until('all is there', () => texts(again.seen).includes('after the reload'));
    expect(texts(again.seen)).toEqual(['before the reload', 'noted', 'after the reload']);
    again.end();
  });

  it('takes what a person writes, and not what a program pours', async () => {
    const one = await token(newUser());
    const path = `/conversations/${one.conversationId}/activities`;
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, n) =>
        ask(box.base, one.token, 'POST', path, { body: { type: 'message', text: `n${n}` } }),
      ),
    );
    const refused = answers.filter(({ status }) => status !== 200);
    expect(refused.length).toBeGreaterThan(0);
    for (const { status, headers, body } of refused) {
      expect([status, body.error.code, Number(headers['retry-after']) > 0]).toEqual([429, 'TooManyRequests', true]);
    }
  });

  it('of one asset is nothing to the secret of another', async () => {
    const other = await chat({});
    const one = await token(newUser());
    const path = `/conversations/${one.conversationId}/activities`;
    expect((await ask(box.base, secret, 'GET', path)).status).toBe(200);
    expect((await ask(box.base, other.direct_line_secret, 'GET', path)).status).toBe(404);
  });
});
