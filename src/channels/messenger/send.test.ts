// What goes out on Messenger, to a Graph server that takes only what Meta documents: requests, limits, errors, connecting.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Reply } from '../../../test/parties/listener.ts';
import { graphError, type Messenger, startMessenger } from '../../../test/parties/messenger.ts';
import { faultOf } from '../../../test/parties/meta-messages.ts';
import type { AssetConfig, AttemptFacts } from '../../engine/ports.ts';
import type { WayOut } from '../../net/client.ts';
import type { Outcome } from '../../routing/inputs.ts';
import type { Message } from '../../routing/model.ts';
import {
  agentMessage,
  asset,
  botMessage,
  delivery,
  facts,
  id,
  item,
  NOW,
  photo,
  thread,
  wayOut,
} from '../../wire/fixtures/samples.ts';
import { messengerChannel } from './adapter.ts';
import { config as sample } from './fixtures/signed.ts';

const HOUR = 3_600_000;
const PSID = '5550100000000001';
const SECRETS = ['page_access_token', 'app_secret', 'verify_token'] as const;
let graph: Messenger;
let out: WayOut;
let here: AssetConfig;
const configured = (more: object = {}): AssetConfig => {
  const checked = messengerChannel.checkConfig({ ...graph.config(), ...more });
  if (!checked.ok) throw new Error(JSON.stringify(checked.errors));
  return asset({ channel: 'messenger', config: checked.config });
};
beforeAll(async () => {
  graph = await startMessenger();
  out = wayOut();
  here = configured();
});
afterEach(() => {
  for (const list of [graph.accepted, graph.actions, graph.faults, graph.instead, graph.posts]) list.splice(0);
});
afterAll(async () => {
  await graph.down();
  await out.close();
});

const heard = (hours: number): Partial<AttemptFacts> => ({ heard: { at: NOW - hours * HOUR, externalId: 'm_in-1' } });
const send = (more: Partial<Message> = {}, about = heard(1), from = here, of = botMessage): Promise<Outcome> => {
  const message = { ...of, ...more };
  const owed = item({
    delivery: delivery({ target: { type: 'asset', id: from.id }, messageId: message.id }),
    message,
    thread: { ...thread, address: PSID },
  });
  return messengerChannel.send(from, owed, facts({ channel: 'messenger', ...about }), out.send, NOW);
};
const sent = () => graph.accepted.map(({ body }) => body);
const metadata = `signalbox:${botMessage.id}`;
const file = (type: string, url: string) => ({ attachment: { type, payload: { url, is_reusable: false } } });
const quickReplies = [{ title: 'Yes', payload: 'YES' }, { title: 'No' }];
const quick_replies = [
  { content_type: 'text', title: 'Yes', payload: 'YES' },
  { content_type: 'text', title: 'No', payload: 'No' },
];
const clip = (kind: string, mime: string) => ({
  type: kind as Message['type'],
  text: '',
  media: [{ url: 'https://m.example/f', type: mime }],
});

describe('a message', () => {
  it.each<[string, Partial<Message>, object[]]>([
    ['of text', {}, [{ text: botMessage.text }]],
    ['with quick replies', { quickReplies }, [{ text: botMessage.text, quick_replies }]],
    ['of a picture', { type: 'image', text: '', media: [photo] }, [file('image', photo.url)]],
    ['of a video', clip('video', 'video/mp4'), [file('video', 'https://m.example/f')]],
    ['of a sound', clip('audio', 'audio/mpeg'), [file('audio', 'https://m.example/f')]],
    ['of a file', clip('file', 'application/pdf'), [file('file', 'https://m.example/f')]],
    ['of a picture with no exact kind', clip('image', '*/*'), [file('image', 'https://m.example/f')]],
    [
      'of a picture with words, the picture first',
      { type: 'image', media: [photo], quickReplies },
      [file('image', photo.url), { text: botMessage.text, quick_replies }],
    ],
    [
      'of two pictures with quick replies below the last',
      { type: 'image', text: '', media: [photo, photo], quickReplies },
      [file('image', photo.url), { ...file('image', photo.url), quick_replies }],
    ],
  ])('%s', async (_, more, parts) => {
    const outcome = await send(more);
    expect(graph.faults).toEqual([]);
    expect(outcome).toMatchObject({ result: 'ok', status: 200, externalId: graph.accepted.at(-1)?.mid });
    expect(sent()).toEqual(
      parts.map((part) => ({ recipient: { id: PSID }, messaging_type: 'RESPONSE', message: { ...part, metadata } })),
    );
  });

  it('carries the token in a header and its proof in the URL', async () => {
    await send();
    const [post] = graph.posts;
    expect(post?.headers.authorization).toBe(`Bearer ${graph.token}`);
    expect(post?.path).toMatch(/^\/v25\.0\/110000000000001\/messages\?appsecret_proof=[0-9a-f]{64}$/);
    expect(post?.path).not.toContain(graph.token);
  });

  it('of 2000 characters goes, whatever their size', async () => {
    expect(await send({ text: '😀'.repeat(2000) })).toMatchObject({ result: 'ok' });
    expect(graph.faults).toEqual([]);
  });
});

describe('what does not fit', () => {
  it.each<[string, Partial<Message>, string, RegExp]>([
    ['a long text', { text: 'x'.repeat(2001) }, 'too_long', /2001 characters; Messenger takes 2000/],
    ['a place', { type: 'location', text: '52.5,13.4' }, 'unsupported', /no message of type location/],
    ['a contact', { type: 'contact', text: 'One +15550100' }, 'unsupported', /contact/],
    ['a sticker', { type: 'sticker', text: '', media: [photo] }, 'unsupported', /sticker/],
    ['nothing', { text: ' ' }, 'invalid', /nothing/],
    ['too many media', { media: Array.from({ length: 11 }, () => photo) }, 'too_many', /11 media/],
    [
      'too many quick replies',
      { quickReplies: Array.from({ length: 14 }, (_, n) => ({ title: `${n}` })) },
      'too_many',
      /14 quick replies; Messenger shows 13/,
    ],
    [
      'a long title',
      { quickReplies: [{ title: 'ok' }, { title: 'x'.repeat(21) }] },
      'too_long',
      /title of quick reply 2/,
    ],
    [
      'a long payload',
      { quickReplies: [{ title: 'ok', payload: 'x'.repeat(1001) }] },
      'too_long',
      /payload of quick reply 1/,
    ],
  ])('%s is refused before sending', async (_, more, reason, detail) => {
    expect(await send(more)).toMatchObject({
      result: 'final',
      status: null,
      reason,
      detail: expect.stringMatching(detail),
    });
    expect(graph.posts).toEqual([]);
  });

  it('a delivery of another kind is refused', async () => {
    const owed = item({ delivery: delivery({ kind: 'receipt' }) });
    const outcome = await messengerChannel.send(here, owed, facts(), out.send, NOW);
    expect(outcome).toMatchObject({ result: 'final', reason: 'unsupported' });
  });
});

describe('the window', () => {
  const tagged = { messaging_type: 'MESSAGE_TAG', tag: 'HUMAN_AGENT' };
  const system = { ...botMessage, author: { type: 'system' as const, id: null, name: 'Signalbox' } };
  it.each<[string, Message, boolean, number, object | string]>([
    ['a bot', botMessage, true, 23.99, { messaging_type: 'RESPONSE' }],
    ['a bot', botMessage, true, 24, 'takes answers of bots within 24 hours'],
    ['the system', system, true, 25, 'takes answers of bots within 24 hours'],
    ['an agent', agentMessage, false, 23.99, { messaging_type: 'RESPONSE' }],
    ['an agent', agentMessage, true, 23.99, { messaging_type: 'RESPONSE' }],
    ['an agent', agentMessage, false, 25, 'human agent tag'],
    ['an agent', agentMessage, true, 24, tagged],
    ['an agent', agentMessage, true, 167.9, tagged],
    ['an agent', agentMessage, true, 168, 'within 7 days'],
  ])('for %s (%#), tag granted: %s, after %d h', async (_, message, tag, hours, expected) => {
    const outcome = await send({}, heard(hours), configured({ human_agent_tag: tag }), message);
    expect(graph.faults).toEqual([]);
    if (typeof expected === 'string') {
      expect(outcome).toMatchObject({ result: 'final', reason: 'outside_window', status: null });
      expect(outcome.detail).toContain(expected);
      expect(outcome.detail).toContain(`${Math.floor(hours)} hours ago`);
      expect(sent()).toEqual([]);
    } else expect(sent()).toMatchObject([expected]);
  });

  it('is shut for whom the customer never wrote to', async () => {
    expect(await send({}, { heard: null })).toMatchObject({ result: 'final', reason: 'outside_window' });
  });

  it('is Meta’s to judge when nobody looked', async () => {
    expect(await send({}, {})).toMatchObject({ result: 'ok' });
  });
});

describe('an error of Meta', () => {
  it.each<[string, Reply, Partial<Outcome>]>([
    [
      'outside the window',
      graphError(10, 2018278, 'outside of allowed window', 403),
      { result: 'final', reason: 'outside_window' },
    ],
    [
      'another app has it',
      graphError(10, 2018300, 'another app is controlling'),
      { result: 'final', reason: 'other_app' },
    ],
    ['a restricted page', graphError(10, 1893063, 'restricted'), { result: 'final', reason: 'restricted' }],
    ['no permission', graphError(10, null, 'permission', 403), { result: 'final', reason: 'not_permitted' }],
    [
      'permission of the page',
      graphError(200, null, 'pages_messaging', 403),
      { result: 'final', reason: 'not_permitted' },
    ],
    [
      'nobody there',
      graphError(551, 1545041, 'This person isn’t available'),
      { result: 'final', reason: 'unreachable' },
    ],
    ['nobody known', graphError(100, 2018001, 'No matching user found'), { result: 'final', reason: 'no_recipient' }],
    ['the person forbids it', graphError(230, null, 'disallow'), { result: 'final', reason: 'unreachable' }],
    ['no file', graphError(100, 2018008, 'Failed to fetch the file'), { result: 'final', reason: 'media_refused' }],
    ['a bad request', graphError(100, null, 'Invalid parameter'), { result: 'final', reason: 'rejected' }],
    ['a dead token', graphError(190, 463, 'expired', 401), { result: 'retry', reason: 'bad_credentials' }],
    ['abuse', graphError(368, null, 'abusive'), { result: 'final', reason: 'restricted' }],
    ['a passing trouble', graphError(1200, null, 'Temporary send message failure'), { result: 'retry' }],
    ['a trouble of Graph', graphError(2, null, 'Service temporarily unavailable', 500), { result: 'retry' }],
    ['too many calls', graphError(613, null, 'rate limit'), { result: 'retry', reason: 'throttled', pauseS: 60 }],
    ['too many calls of the app', graphError(4, null, 'request limit', 403), { result: 'retry', pauseS: 60 }],
    ['a lost answer', graphError(1, 1357046, 'Received Invalid JSON reply'), { result: 'unknown' }],
    ['no answer at all', { fault: 'reset' }, { result: 'unknown' }],
    ['a page of a proxy', { status: 502, body: '<html>' }, { result: 'unknown' }],
    ['somebody else’s answer', { body: { hello: 'world' } }, { result: 'unknown', reason: 'bad_answer' }],
  ])('%s', async (_, reply, expected) => {
    graph.instead = [reply];
    expect(await send()).toMatchObject(expected);
    expect(graph.posts).toHaveLength(1);
  });

  it.each<[string, Reply, string]>([
    ['is refused', graphError(100, 2018047, 'Upload attachment failure'), 'final'],
    ['may come again', graphError(1200, null, 'Temporary'), 'final'],
    ['is lost', { fault: 'reset' }, 'final'],
  ])('for a later part, that %s, sends nothing twice', async (_, reply, result) => {
    graph.instead = [{ body: { recipient_id: PSID, message_id: 'm_first' } }, reply];
    const outcome = await send({ type: 'image', media: [photo] });
    expect(outcome).toMatchObject({ result, reason: 'partly_sent' });
    expect(outcome.detail).toMatch(/^Sent: image\. (Perhaps not|Not) sent: text\. ./);
    expect(outcome.externalId).toBe('m_first');
    expect(outcome.retryAfterS).toBeUndefined();
  });

  it('never quotes a secret', async () => {
    const words = SECRETS.map((name) => String(here.config[name])).join(' and ');
    graph.instead = [graphError(100, null, words)];
    const outcome = await send();
    for (const name of SECRETS) expect(JSON.stringify(outcome)).not.toContain(String(here.config[name]));
    expect(outcome.detail).toContain('[masked] and [masked]');
  });
});

describe('typing and seen', () => {
  const heardAt = { at: NOW - HOUR, externalId: 'm_in-1' };
  const by = botMessage.author;
  it('are sender actions', async () => {
    await messengerChannel.typing?.(here, PSID, true, by, out.send, NOW, heardAt);
    await messengerChannel.typing?.(here, PSID, false, by, out.send, NOW);
    await messengerChannel.seen?.(here, PSID, heardAt, out.send, NOW);
    expect(graph.faults).toEqual([]);
    expect(graph.actions.map((body) => body.sender_action)).toEqual(['typing_on', 'typing_off', 'mark_seen']);
    expect(graph.actions[0]).toEqual({ recipient: { id: PSID }, sender_action: 'typing_on' });
  });

  it('are not asked for outside the window', async () => {
    await messengerChannel.typing?.(here, PSID, true, by, out.send, NOW, { ...heardAt, at: NOW - 24 * HOUR });
    await messengerChannel.typing?.(here, PSID, true, by, out.send, NOW, null);
    expect(graph.posts).toEqual([]);
  });
});

describe('connecting', () => {
  const connect = (at = here) => messengerChannel.connect?.(at, out.send, NOW) ?? Promise.resolve([]);
  const names = (checks: { name: string; ok: boolean }[]) => checks.map(({ name, ok }) => `${name} ${ok}`);

  it('shows whose token it is, subscribes the Page, and finds our webhook', async () => {
    graph.callback = here.hookUrl;
    const checks = await connect();
    expect(graph.faults).toEqual([]);
    expect(names(checks)).toEqual(['credentials true', 'subscription true', 'fields true', 'webhook true']);
    expect(checks[0]?.detail).toBe('The token is of “Shoes” (110000000000001).');
    expect(graph.subscribedFields).toContain('messaging_handovers');
  });

  it.each([
    ['', 'has no webhook yet'],
    ['https://elsewhere.example/hook', 'https://elsewhere.example/hook'],
  ])('says what to enter while the webhook is “%s”', async (callback, said) => {
    graph.callback = callback;
    const checks = await connect();
    expect(names(checks).at(-1)).toBe('webhook false');
    expect(checks.at(-1)?.detail).toContain(said);
    expect(checks.at(-1)?.detail).toContain(here.hookUrl);
  });

  it.each<[string, () => AssetConfig, RegExp]>([
    ['a wrong token', () => configured({ page_access_token: 'wrong' }), /^The access token is not valid any more/],
    ['another page', () => configured({ page_id: '110000000000009' }), /The Page ID is 110000000000009/],
    ['a server that is none of Graph', () => configured({ api_url: `${graph.url}/files` }), /./],
  ])('stops at %s', async (_, at, detail) => {
    const checks = await connect(at());
    expect(names(checks)).toEqual(['credentials false']);
    expect(checks[0]?.detail).toMatch(detail);
    expect(JSON.stringify(checks)).not.toContain(graph.token);
  });
});

describe('a file', () => {
  const locate = (reference: string) => messengerChannel.locate?.(here, reference, out.send, NOW);
  it('is where its URL says, without a header of ours', async () => {
    expect(await locate('url:https://cdn.example/a.jpg')).toEqual({
      ok: true,
      url: 'https://cdn.example/a.jpg',
      headers: {},
    });
    expect(graph.posts).toEqual([]);
  });

  it.each([
    [{ id: '1', mime_type: 'image/jpeg', name: 'a.jpg', image_data: { url: 'https://cdn.example/a' } }, 'image/jpeg'],
    [{ id: '1', mime_type: 'video/mp4', name: 'a.mp4', video_data: { url: 'https://cdn.example/a' } }, 'video/mp4'],
    [{ id: '1', mime_type: 'application/pdf', name: 'a.pdf', file_url: 'https://cdn.example/a' }, 'application/pdf'],
  ])('is asked of Graph by its message: %j', async (data, type) => {
    graph.instead = [{ body: { data: [{}, data] } }];
    expect(await locate('mid:1:m_img-3')).toEqual({
      ok: true,
      url: 'https://cdn.example/a',
      headers: {},
      type,
      name: data.name,
    });
    expect(graph.posts[0]).toMatchObject({ method: 'GET' });
    expect(graph.posts[0]?.path).toMatch(/^\/v25\.0\/m_img-3\/attachments\?appsecret_proof=/);
  });

  it.each<[string, string, Reply, boolean]>([
    ['is gone', 'mid:0:m_1', { body: { data: [] } }, false],
    ['has no place', 'mid:0:m_1', { body: { data: [{ image_data: {} }] } }, false],
    ['is refused', 'mid:0:m_1', graphError(100, 33, 'does not exist'), false],
    ['is not to be had just now', 'mid:0:m_1', { status: 500, body: 'x' }, true],
    ['cannot be asked for', 'mid:0:m_1', { fault: 'reset' }, true],
    ['is none', 'nonsense', {}, false],
  ])('that %s is told so', async (_, reference, reply, again) => {
    graph.instead = [reply];
    expect(await locate(reference)).toMatchObject({ ok: false, again });
  });
});

describe('the capabilities', () => {
  const { capabilities } = messengerChannel;
  it('are kept: what they name is sent, and what they do not is refused', async () => {
    const all = ['text', 'image', 'video', 'audio', 'file', 'location', 'contact', 'sticker'] as const;
    for (const type of all) {
      const outcome = await send({ type, ...(type === 'text' ? {} : { media: [photo] }) });
      expect([type, outcome.result]).toEqual([type, capabilities?.sends.includes(type) ? 'ok' : 'final']);
    }
  });

  it('are those of Meta’s pages', () => {
    const longest = { text: 'x'.repeat(capabilities?.text.max ?? 0) };
    const body = { recipient: { id: '1' }, messaging_type: 'RESPONSE', message: longest };
    expect(faultOf(body, 'page')).toBe('');
    expect(faultOf({ ...body, message: { text: `${longest.text}x` } }, 'page')).not.toBe('');
  });

  it('belong to a config that is refused when an id is none', () => {
    expect(messengerChannel.checkConfig(sample)).toEqual({ ok: true, config: sample });
    for (const name of ['page_id', 'app_id', 'api_version']) {
      const result = messengerChannel.checkConfig({ ...sample, [name]: '../x' });
      expect(result).toMatchObject({ ok: false, errors: [{ pointer: `/config/${name}` }] });
    }
  });

  it('take nobody’s id but ours in the handshake', () => {
    const ask = (token: string) => {
      const query = new URLSearchParams({ 'hub.mode': 'subscribe', 'hub.verify_token': token, 'hub.challenge': '42' });
      const request = { method: 'GET', path: '/', query, headers: {}, body: Buffer.of(), now: NOW };
      return messengerChannel.handshake?.(asset({ id: id('ast', 'a'), config: sample }), request);
    };
    expect(ask(sample.verify_token)).toEqual({ status: 200, type: 'text/plain', body: '42' });
    expect(ask('another')).toMatchObject({ status: 403 });
  });
});
