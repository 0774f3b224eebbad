// Contract §7, the widget's face: who a customer is, what they may see, what reaches them, and what survives a crash.
import { execFile } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Box, COMMAND, startBox } from '../parties/box.ts';
import { call, calm, type Loose, until } from '../parties/call.ts';
import { type Visitor, visit } from '../parties/visitor.ts';
import { AGENT, makeWorld, type World } from '../parties/world.ts';

const SHOP = 'https://shop.example.com';
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

let box: Box;
let world: World;
let asset: Loose;
beforeAll(async () => {
  box = await startBox();
  world = await makeWorld(box, { rule: 'bot_and_desk' });
  asset = await chat({ allowed_origins: [SHOP], title: 'Shop' });
});
afterAll(async () => {
  await world.close();
  await box.close();
});

/** A web chat whose customers are led to the world's bot, and to its desk after a handover. */
async function chat(config: Loose): Promise<Loose> {
  const made = await box.must('POST', '/assets', { name: 'page', channel: 'webchat', config });
  const action = { type: 'forward_to_bot_and_desk', bot_id: world.bot.id, desk_id: world.desk.id };
  await world.addRule({ event: 'message.received', asset_id: made.id }, action);
  return made;
}

async function visitor(body: Loose = {}, of: Loose = asset): Promise<Visitor> {
  const one = visit(box.base, of.id);
  const answer = await one.open(body);
  if (answer.status !== 200) throw new Error(`no session: ${answer.status} ${answer.text}`);
  return one;
}

/** The visitor speaks, and the bot has heard it: gives the conversation. */
async function conversationOf(one: Visitor): Promise<string> {
  const post = await until('the bot hears the customer', () => world.bot.heard(one.session.address)[0]);
  return post.body.Conversationid;
}

describe('An asset of the web chat', () => {
  it('is made with its secrets shown once and the tag for the page', async () => {
    expect(asset.direct_line_secret).toMatch(/^sec_/);
    expect(asset.identity_secret).toMatch(/^whsec_/);
    expect(asset.script_tag).toBe(`<script async src="${box.base}/widget.js" data-asset="${asset.id}"></script>`);
    const again = await box.must('GET', `/assets/${asset.id}`);
    expect(again.direct_line_secret).toMatch(/^••••/);
    expect(again.identity_secret).toMatch(/^••••/);
    expect(again.secret).toBeNull();
  });

  it('refuses a config by its fields', async () => {
    const config = {
      allowed_origins: ['https://a.example/shop'],
      theme: { accent: 'red;}' },
      locale: 'no-such-',
      colour: 1,
    };
    const answer = await box.api('POST', '/assets', { name: 'page', channel: 'webchat', config });
    expect(answer.status).toBe(422);
    const pointers = answer.body.errors.map((error: Loose) => error.pointer).sort();
    expect(pointers).toEqual(['/config/allowed_origins/0', '/config/colour', '/config/locale', '/config/theme/accent']);
  });

  it('has no channel hook', async () => {
    const answer = await call('POST', `${box.base}/hooks/channels/${asset.id}`, {
      body: { type: 'message', id: '1', from: { address: 'x' }, message: { type: 'text', text: 'x' } },
      headers: { authorization: `Bearer ${asset.direct_line_secret}` },
    });
    expect(answer.status).toBe(401);
  });
});

describe('A customer', () => {
  it('gets an address that the server minted, writes, and is answered over the stream', async () => {
    const one = await visitor({ name: 'Ada' });
    expect(one.session.address).toMatch(/^web-[\w-]{22}$/);
    expect(one.session).toMatchObject({ resumed: false, verified: false, settings: { title: 'Shop' } });
    expect(await one.listen()).toBe(200);
    const { body } = await one.says('hello');
    expect(body.results).toMatchObject([{ duplicate: false }]);
    const conversation = await conversationOf(one);
    expect(world.bot.heard(one.session.address)[0]?.body).toMatchObject({ Channel: 'WEBCHAT', Message: 'hello' });
    await world.replies(conversation, 'good day', { quick_replies: [{ title: 'Yes', payload: 'YES' }, 'No'] });
    await until('the answer is shown', () => one.words().includes('good day'));
    expect(one.last('message')).toMatchObject({
      author: { type: 'bot' },
      quick_replies: [
        { title: 'Yes', payload: 'YES' },
        { title: 'No', payload: null },
      ],
    });
    await until('who answers is told', () => one.last('holder')?.type === 'bot');
    await until('the ticks say that it was answered', () => one.last('ticks')?.read_turn === 1);
    one.hangUp();
  });

  it('chooses a quick reply, which reaches the bot as a postback', async () => {
    const one = await visitor();
    await one.says('hello');
    await conversationOf(one);
    await one.post([{ id: 'p1', type: 'postback', payload: 'YES', title: 'Yes' }]);
    const post = await until('the bot gets it', () => world.bot.heard(one.session.address)[1]);
    expect(post.body).toMatchObject({ Event: 'POSTBACK', PostbackPayload: 'YES' });
    const { messages } = (await one.ask('GET', 'history')).body;
    expect(messages.at(-1)).toMatchObject({ text: 'Yes', postback: true, client_id: 'p1', turn: 2 });
  });

  it('sends an outbox in order, and again after a lost answer, and nothing is doubled', async () => {
    const one = await visitor();
    const outbox = ['a', 'b', 'c'].map((text) => ({ id: `out-${text}`, type: 'message', text }));
    const first = await one.post(outbox);
    const second = await one.post(outbox);
    expect(second.body.results.map((each: Loose) => each.duplicate)).toEqual([true, true, true]);
    expect(second.body.results.map((each: Loose) => each.message_id)).toEqual(
      first.body.results.map((each: Loose) => each.message_id),
    );
    await until('the bot hears all', () => world.bot.words(one.session.address).length === 3);
    expect(world.bot.words(one.session.address)).toEqual(['a', 'b', 'c']);
  });

  it('is refused as a whole when one message of a batch is malformed', async () => {
    const one = await visitor();
    const good = { id: '1', type: 'message', text: 'x' };
    const answer = await one.post([
      good,
      { id: '2', type: 'message' },
      { id: 'no spaces', type: 'message', text: 'y' },
    ]);
    expect(answer.status).toBe(422);
    expect(answer.body.errors.map((error: Loose) => error.pointer)).toEqual(['/1/text', '/2/id']);
    expect((await one.ask('GET', 'history')).body.messages).toEqual([]);
  });

  it('goes through a handover: waits, meets an agent by name, and comes back to the bot', async () => {
    const one = await visitor();
    await one.listen();
    await one.says('a human, please');
    const { body } = await world.bot.handOver(await conversationOf(one));
    await until('the customer waits', () => one.last('holder')?.type === 'waiting');
    await world.desk.accept(body.desk_conversation_id);
    await until('the agent has come', () => one.last('holder')?.type === 'agent');
    expect(one.last('holder')).toEqual({ type: 'agent', name: AGENT });
    await until('it is written down', () => one.last('conversation')?.status === 'accepted');
    await one.ask('POST', 'typing', { body: { on: true } });
    const typed = await until(
      'the desk sees the customer typing',
      () => world.desk.told(body.desk_conversation_id, 'typing')[0],
    );
    expect(typed.body.data).toMatchObject({ on: true });
    await world.desk.say(body.desk_conversation_id, 'agent here');
    await world.desk.tell('typing', body.desk_conversation_id, { on: true });
    await until('the agent speaks', () => one.words().includes('agent here'));
    await until('and is typing again', () => one.last('typing')?.on === true);
    await world.desk.finish(body.desk_conversation_id);
    await until('the end is told', () => one.last('conversation')?.status === 'closed');
    await until('the bot is back', () => one.last('holder')?.type === 'bot');
    expect(JSON.stringify(one.events)).not.toContain(world.bot.id);
    one.hangUp();
  });

  it('tells what was read, once, and the bot is told', async () => {
    const one = await visitor();
    await one.says('hello');
    const id = await world.replies(await conversationOf(one), 'read me');
    await one.ask('POST', 'receipts', { body: { message_ids: [id], status: 'read' } });
    await one.ask('POST', 'receipts', { body: { message_ids: [id], status: 'delivered' } });
    const told = await until('the bot is told', () =>
      world.bot
        .told(one.session.address)
        .filter((post) => post.body.Event === 'Message Delivery')
        .at(0),
    );
    expect(told.body).toMatchObject({ DeliveryStatus: 'Read', Messageid: id });
    const { messages } = (await one.ask('GET', 'history')).body;
    expect(messages.at(-1)).toMatchObject({ id, receipt: 'read' });
  });

  it('pages back through the history, each message once', async () => {
    const one = await visitor();
    for (let n = 0; n < 3; n += 1) {
      await one.post(Array.from({ length: 5 }, (_, i) => ({ id: `h${n}-${i}`, type: 'message', text: `${n}-${i}` })));
    }
    const seen: string[] = [];
    let before = '';
    for (let more = true; more; ) {
      const page = (await one.ask('GET', `history?limit=4${before}`)).body;
      seen.unshift(...page.messages.map((message: Loose) => message.text));
      before = `&before=${page.messages[0].cursor}`;
      more = page.more;
    }
    expect(seen).toEqual([0, 1, 2].flatMap((n) => [0, 1, 2, 3, 4].map((i) => `${n}-${i}`)));
  });

  it('comes back with the token to the same thread, and with a spoilt one as somebody new', async () => {
    const one = await visitor();
    await one.says('remember me');
    const { token, address } = one.session;
    const back = await visitor({ token });
    expect(back.session).toMatchObject({ address, resumed: true });
    expect(back.session.history.messages.map((message: Loose) => message.text)).toEqual(['remember me']);
    const spoilt = await visitor({ token: `${token.slice(0, -2)}xx` });
    expect(spoilt.session.resumed).toBe(false);
    expect(spoilt.session.address).not.toBe(address);
    expect(spoilt.session.history.messages).toEqual([]);
  });
});

describe('Nobody', () => {
  it("reads or touches another's thread by any id", async () => {
    const [one, other] = [await visitor(), await visitor()];
    await one.says('my secret words', 'same-id');
    const messageId = await world.replies(await conversationOf(one), 'to one only');
    const file = (await one.upload(PNG, 'image/png', 'mine.png')).body;
    // the same client id is another message
    expect((await other.says('hello', 'same-id')).body.results[0].duplicate).toBe(false);
    // another's upload
    expect((await other.post([{ id: 'steal', type: 'message', media: [file.id] }])).status).toBe(422);
    // another's message
    await other.ask('POST', 'receipts', { body: { message_ids: [messageId], status: 'read' } });
    expect((await one.ask('GET', 'history')).body.messages.at(-1).receipt).not.toBe('read');
    // asking for the address, with a token of another's
    for (const query of [
      `address=${one.session.address}`,
      `from=${one.session.address}`,
      'after=0',
      'before=999999999',
    ]) {
      expect((await other.ask('GET', `history?${query}`)).text).not.toContain('secret words');
    }
    expect((await other.open({ identity: { id: one.session.address, hmac: 'a'.repeat(64) } })).status).toBe(422);
    await other.listen('0');
    await calm();
    expect(JSON.stringify(other.events)).not.toContain('to one only');
    other.hangUp();
  });

  it('gets in with a token of another asset, a changed one, or none', async () => {
    const elsewhere = await chat({});
    const one = await visitor();
    const [head = '', signature = ''] = one.session.token.slice(4).split('.');
    const claims = JSON.parse(Buffer.from(head, 'base64url').toString());
    const forged = Buffer.from(JSON.stringify({ ...claims, address: 'boss' })).toString('base64url');
    for (const token of [`wct_${forged}.${signature}`, `wct_${head}.`, 'wct_', '', 'x'.repeat(3000)]) {
      const answer = await one.ask('GET', 'history', { headers: { authorization: `Bearer ${token}` } });
      expect([answer.status, answer.body.code]).toEqual([401, 'session_over']);
    }
    const answer = await call('GET', `${box.base}/webchat/${elsewhere.id}/history`, {
      headers: { authorization: `Bearer ${one.session.token}` },
    });
    expect(answer.status).toBe(401);
  });

  it('keeps a session whose key was replaced', async () => {
    const own = await chat({});
    const one = await visitor({}, own);
    await box.must('POST', `/assets/${own.id}/rotation`, { what: 'session_key', overlap_s: 0 });
    expect((await one.ask('GET', 'history')).status).toBe(401);
  });
});

describe('A page', () => {
  const from = (origin: string) => ({ headers: { origin } });

  it('of an allowed origin may ask, and its browser may know so for two hours', async () => {
    const url = `${box.base}/webchat/${asset.id}/sessions`;
    const before = await call('OPTIONS', url, {
      headers: {
        origin: SHOP,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type',
      },
    });
    expect(before.status).toBe(204);
    expect(before.headers).toMatchObject({ 'access-control-allow-origin': SHOP, 'access-control-max-age': '7200' });
    const answer = await call('POST', url, { ...from(SHOP), body: {} });
    expect(answer.status).toBe(200);
    expect(answer.headers['access-control-allow-origin']).toBe(SHOP);
    expect(answer.headers.vary).toContain('Origin');
  });

  it('of any other origin may not, however alike', async () => {
    for (const origin of [
      `${SHOP}.evil.example`,
      'http://shop.example.com',
      `${SHOP}:444`,
      'null',
      'https://example.com',
    ]) {
      const answer = await call('POST', `${box.base}/webchat/${asset.id}/sessions`, { ...from(origin), body: {} });
      expect([origin, answer.status, answer.body.code]).toEqual([origin, 403, 'origin_not_allowed']);
      expect(answer.headers['access-control-allow-origin']).toBeUndefined();
    }
  });

  it('of our own may always', async () => {
    const answer = await call('POST', `${box.base}/webchat/${asset.id}/sessions`, { ...from(box.base), body: {} });
    expect(answer.status).toBe(200);
  });

  it('with the id of no asset is told so', async () => {
    const answer = await call('POST', `${box.base}/webchat/ast_nobody/sessions`, { ...from(SHOP), body: {} });
    expect(answer.status).toBe(404);
    expect(answer.headers['access-control-allow-origin']).toBe('*');
  });
});

describe('An identity', () => {
  const hmac = (id: string, of: Loose): string => createHmac('sha256', of.identity_secret).update(id).digest('hex');

  it('that the site vouches for is the address, on every device', async () => {
    const id = 'user-4711';
    const one = await visitor({ identity: { id, name: 'Grace', hmac: hmac(id, asset) } });
    expect(one.session).toMatchObject({ address: id, verified: true });
    await one.says('from the telephone');
    const laptop = await visitor({ identity: { id, hmac: hmac(id, asset) } });
    expect(laptop.session.history.messages).toMatchObject([{ text: 'from the telephone' }]);
    const post = await until('the bot hears it', () => world.bot.heard(id)[0]);
    expect(post.body.Signalbox).toMatchObject({ User: id, Author: { Name: 'Grace' } });
  });

  it('with a wrong HMAC, of another secret or for another id, is refused', async () => {
    const id = 'user-1';
    const wrong = [hmac('user-2', asset), hmac(id, { identity_secret: asset.direct_line_secret }), '', 'f'.repeat(64)];
    for (const each of wrong) {
      const answer = await visit(box.base, asset.id).open({ identity: { id, hmac: each } });
      expect([answer.status, answer.body.code]).toEqual([403, 'bad_identity']);
    }
  });

  it('is asked for where the asset requires one, of those also who came before', async () => {
    const own = await chat({});
    const early = await visitor({}, own);
    await box.must('PATCH', `/assets/${own.id}`, { config: { identity: 'required' } });
    expect((await early.ask('GET', 'history')).status).toBe(401);
    expect((await early.open({ token: early.session.token })).body.code).toBe('identity_required');
    const one = await visitor({ identity: { id: 'u', hmac: hmac('u', own) } }, own);
    expect((await one.ask('GET', 'history')).status).toBe(200);
  });

  it('may not have an address of ours', async () => {
    for (const id of ['web-abc', 'sim-abc', 'erased:x', '', 'a\nb']) {
      const answer = await visit(box.base, asset.id).open({ identity: { id, hmac: hmac(id, asset) } });
      expect([id, answer.status]).toEqual([id, 422]);
    }
  });
});

describe('A file', () => {
  it('reaches the bot and the page by links that end, and is what was sent', async () => {
    const one = await visitor();
    const { status, body: file } = await one.upload(PNG, 'image/png', '../../etc/my "photo".html');
    expect(status).toBe(201);
    expect(file).toMatchObject({ type: 'image/png', name: 'my photo.html.png', bytes: PNG.length });
    await one.post([{ id: 'with-file', type: 'message', text: 'look', media: [file.id] }]);
    const post = await until('the bot hears it', () => world.bot.heard(one.session.address)[0]);
    expect(post.body).toMatchObject({ MessageType: 'image', Message: 'look' });
    const fetched = await call('GET', post.body.Media);
    expect(fetched.status).toBe(200);
    expect(fetched.headers).toMatchObject({
      'content-type': 'image/png',
      'x-content-type-options': 'nosniff',
      'content-length': String(PNG.length),
    });
    expect(fetched.headers['content-security-policy']).toContain('sandbox');
    const shown = (await one.ask('GET', 'history')).body.messages.at(-1).media[0];
    expect((await call('GET', shown.url, { headers: { range: 'bytes=0-3' } })).headers).toMatchObject({
      'content-range': `bytes 0-3/${PNG.length}`,
      'content-length': '4',
    });
    const other = new URL(shown.url);
    other.searchParams.set('e', String(Number(other.searchParams.get('e')) + 3600));
    expect((await call('GET', other.href)).status).toBe(404);
  });

  it('of a type that could harm is refused, whatever it is called', async () => {
    const one = await visitor();
    const hostile: [string, string, string][] = [
      ['<html><script>alert(1)</script>', 'text/html', 'a.html'],
      ['<html><script>alert(1)</script>', 'text/plain', 'a.txt'],
      ['<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', 'image/svg+xml', 'a.svg'],
      ['<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', 'image/png', 'a.png'],
      ['MZ\x90\0\x03', 'image/png', 'a.png'],
      ['PK\x03\x04', 'application/zip', 'a.zip'],
      ['', 'image/png', 'a.png'],
    ];
    for (const [bytes, type, name] of hostile) {
      expect([name, (await one.upload(bytes, type, name)).status]).toEqual([name, 415]);
    }
  });

  it('that is larger than ten megabytes is refused, and leaves nothing behind', async () => {
    const one = await visitor();
    const answer = await one.upload(Buffer.concat([PNG, Buffer.alloc(10 * 1024 * 1024)]), 'image/png', 'big.png');
    expect([answer.status, answer.body.code]).toEqual([413, 'too_large']);
    await until('nothing is left', () => filesIn(join(box.data, 'media', 'incoming')).length === 0);
  });

  it('that an agent uploads reaches the customer, and outlives its link', async () => {
    const one = await visitor();
    await one.says('a human, please');
    const { body } = await world.bot.handOver(await conversationOf(one));
    await world.desk.accept(body.desk_conversation_id);
    const made = await call('POST', `${box.base}/api/v1/media?name=offer.pdf`, {
      body: Buffer.from('%PDF-1.7 an offer'),
      headers: { authorization: `Bearer ${box.key}`, 'content-type': 'application/pdf' },
    });
    expect(made.status).toBe(201);
    const media = [{ url: made.body.url, type: made.body.type, name: made.body.name }];
    await world.desk.tell('message.sent', body.desk_conversation_id, {
      agent: AGENT,
      message: { type: 'file', media },
    });
    const shown = await until('it is shown', async () =>
      (await one.ask('GET', 'history')).body.messages.find((message: Loose) => message.type === 'file'),
    );
    const fetched = await call('GET', shown.media[0].url);
    expect(fetched.headers['content-disposition']).toMatch(/^attachment; filename="offer.pdf"/);
    await box.advance(25 * 3_600_000);
    expect((await call('GET', shown.media[0].url)).status).toBe(404);
    const again = (await one.ask('GET', 'history')).body.messages.find((message: Loose) => message.type === 'file');
    expect((await call('GET', again.media[0].url)).status).toBe(200);
  });

  it('that was never sent is gone a day later, and one that was sent stays', async () => {
    const one = await visitor();
    const sent = (await one.upload('one that stays', 'text/plain', 'stays.txt')).body;
    await one.post([{ id: 's', type: 'message', media: [sent.id] }]);
    const loose = (await one.upload('never to be sent', 'text/plain', 'loose.txt')).body;
    expect(kept('never to be sent')).toBe(true);
    await box.advance(26 * 3_600_000);
    await until('it is swept', async () => {
      // The clock may have leapt while a sweep was under way: then the next is an hour from here.
      await box.advance(3_600_000);
      return !kept('never to be sent');
    });
    expect(kept('one that stays')).toBe(true);
    expect((await one.post([{ id: 'l', type: 'message', media: [loose.id] }])).status).toBe(422);
  });
});

describe('A backup', () => {
  const run = promisify(execFile);

  it('has the files, and a restore brings them back', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'signalbox-backup-'));
    const own = await startBox({ embedded: true });
    const { id } = await own.must('POST', '/assets', { name: 'page', channel: 'webchat', config: {} });
    const one = visit(own.base, id);
    expect((await one.open({})).status).toBe(200);
    const file = (await one.upload('to be restored', 'text/plain', 'note.txt')).body;
    await one.post([{ id: 'r', type: 'message', media: [file.id] }]);
    const [backup, data] = [join(folder, 'copy.db'), join(folder, 'data')];
    await run(process.execPath, [COMMAND, 'backup', backup, '--with-key', '--data', own.data]);
    await run(process.execPath, [COMMAND, 'restore', backup, '--data', data]);
    const other = await startBox({ data, embedded: true });
    const again = visit(other.base, id);
    again.session = one.session;
    const shown = (await again.ask('GET', 'history')).body.messages.at(-1).media[0];
    expect((await call('GET', shown.url)).text).toBe('to be restored');
    for (const each of [other, own]) await each.close();
    rmSync(folder, { recursive: true });
  });
});

describe('Erasing a customer', () => {
  it('removes words and files, tells the open page, and keeps a file that another sent too', async () => {
    const [one, other] = [await visitor(), await visitor()];
    for (const [who, words] of [
      [one, 'only mine'],
      [one, 'in common'],
      [other, 'in common'],
    ] as const) {
      const file = (await who.upload(words, 'text/plain', 'note.txt')).body;
      await who.post([{ id: words.replace(' ', '-'), type: 'message', text: 'see file', media: [file.id] }]);
    }
    await one.upload('not even sent', 'text/plain', 'draft.txt');
    await one.listen();
    await until('the stream is open', () => one.last('ready'));
    await box.must('DELETE', `/customers/${asset.id}/${one.session.address}`);
    await until('the page is told', () => one.last('bye')?.reason === 'gone');
    await until('the files are gone', () => !kept('only mine') && !kept('not even sent'));
    expect(kept('in common')).toBe(true);
    expect((await one.ask('GET', 'history')).body.messages).toEqual([]);
    expect((await other.ask('GET', 'history')).body.messages).toHaveLength(1);
  });
});

describe('A crash', () => {
  it('loses and doubles nothing: the widget comes back with its cursor and its outbox', async () => {
    const one = await visitor();
    await one.listen();
    await one.says('before', 'before');
    const conversation = await conversationOf(one);
    await world.replies(conversation, 'heard before');
    await until('it is shown', () => one.words().includes('heard before'));
    await box.kill9();
    await box.start();
    expect((await one.says('before', 'before')).body.results[0].duplicate).toBe(true);
    await one.says('after', 'after');
    await world.replies(conversation, 'heard after');
    await one.listen();
    await until('what was said meanwhile is shown', () => one.words().includes('heard after'));
    expect(one.words()).toEqual(['heard before', 'heard after']);
    expect(new Set(one.heard()).size).toBe(one.heard().length);
    const { messages } = (await one.ask('GET', 'history')).body;
    expect(messages.map((message: Loose) => message.text)).toEqual(['before', 'heard before', 'after', 'heard after']);
    one.hangUp();
  });

  it('is announced when it is a restart: the stream says goodbye', async () => {
    const one = await visitor();
    await one.listen();
    await until('it is open', () => one.last('ready'));
    await box.restart();
    expect(one.last('bye')).toEqual({ reason: 'restart' });
  });
});

describe('Too much', () => {
  it('of one customer is refused with the time to wait, and others are not hindered', async () => {
    const [one, other] = [await visitor(), await visitor()];
    const batch = (n: number) =>
      Array.from({ length: 20 }, (_, i) => ({ id: `f${n}-${i}`, type: 'message', text: 'flood' }));
    const answers = [];
    for (let n = 0; n < 5; n += 1) answers.push(await one.post(batch(n)));
    const last = answers.at(-1);
    expect([last?.status, last?.body.code]).toEqual([429, 'too_many_requests']);
    expect(Number(last?.headers['retry-after'])).toBeGreaterThan(0);
    expect((await other.says('hello')).status).toBe(200);
  });

  it('many streams of one customer: the oldest gives way', async () => {
    const first = await visitor();
    await first.listen();
    await until('it is open', () => first.last('ready'));
    const later = [];
    for (let n = 0; n < 6; n += 1) {
      const tab = visit(box.base, asset.id);
      tab.session = first.session;
      expect(await tab.listen()).toBe(200);
      later.push(tab);
    }
    await until('the first is told', () => first.last('bye')?.reason === 'replaced');
    for (const tab of later) tab.hangUp();
  });

  it('in one body is refused', async () => {
    const one = await visitor();
    expect((await one.says('x'.repeat(10_001))).status).toBe(422);
    expect(
      (await one.post(Array.from({ length: 21 }, (_, i) => ({ id: `${i}`, type: 'message', text: 'x' })))).status,
    ).toBe(422);
    expect((await one.says('x'.repeat(300_000))).status).toBe(413);
  });

  it('and no token ever stands in the log', async () => {
    const one = await visitor();
    await one.says('hello');
    expect(box.logs()).not.toContain(one.session.token);
    expect(box.logs()).not.toContain('wct_');
  });
});

const filesIn = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? filesIn(join(folder, entry.name)) : [join(folder, entry.name)],
  );

/** Whether a file with this text lies in the data folder. */
function kept(text: string): boolean {
  return filesIn(join(box.data, 'media')).some((path) => readFileSync(path, 'utf8') === text);
}
