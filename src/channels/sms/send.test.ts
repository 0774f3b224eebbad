// What Twilio is sent, held against its own description, and what its answers mean; what is refused before.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Listener, listen, type Reply } from '../../../test/parties/listener.ts';
import type { AssetConfig, AttemptFacts } from '../../engine/ports.ts';
import type { WayOut } from '../../net/client.ts';
import type { Outcome } from '../../routing/inputs.ts';
import type { Message } from '../../routing/model.ts';
import {
  agentMessage,
  answered,
  asset,
  botMessage,
  delivery,
  facts,
  item,
  NOW,
  photo,
  thread,
  wayOut,
} from '../../wire/fixtures/samples.ts';
import { smsChannel } from './adapter.ts';
import { config, HOOK_URL, TOKEN } from './fixtures/signed.ts';
import { faultOf } from './fixtures/strict.ts';

const KEY = { api_key_sid: `SK${'0'.repeat(31)}2`, api_key_secret: 'secret-of-the-key' };
const SERVICE = `MG${'0'.repeat(31)}3`;
const SID = `SM${'0'.repeat(31)}9`;
const USERS = { [config.account_sid]: TOKEN, [KEY.api_key_sid]: KEY.api_key_secret };
const CREATED = { sid: SID, status: 'queued', error_code: null, error_message: null, num_segments: '1' };

let peer: Listener;
let out: WayOut;
let reply: Reply;
beforeAll(async () => {
  peer = await listen();
  peer.reply = (post) => {
    const fault = faultOf({ ...post, body: post.raw }, USERS);
    return fault === '' ? reply : { status: 400, body: { code: 1, message: fault } };
  };
  out = wayOut();
});
beforeEach(() => {
  reply = { status: 201, body: CREATED };
  peer.posts.length = 0;
});
afterAll(async () => {
  await peer.down();
  await out.close();
});

const here = (more: Record<string, unknown> = {}): AssetConfig =>
  asset({ channel: 'sms', config: { ...config, api_url: peer.url, ...more } });
function sent(
  message: Partial<Message>,
  more: { to?: string; config?: Record<string, unknown>; facts?: Partial<AttemptFacts> } = {},
): Promise<Outcome> {
  const lane = item({
    delivery: delivery({ target: { type: 'asset', id: here().id }, messageId: botMessage.id }),
    message: { ...botMessage, ...message },
    thread: { ...thread, address: more.to ?? thread.address },
  });
  return smsChannel.send(here(more.config), lane, facts(more.facts), out.send, NOW);
}
const forms = () => peer.posts.map((post) => [...new URLSearchParams(post.raw)]);
const callback = ['StatusCallback', `${HOOK_URL}?message=${botMessage.id}#rc=5&rp=all`];

describe('what is sent', () => {
  const to = ['To', '+15550100'];
  const from = ['From', '+15550199'];
  const WHATSAPP = { to: 'whatsapp:+15550100', config: { from: 'whatsapp:+15550199' } };
  const replies = [{ title: 'Yes', payload: 'YES' }, { title: 'No' }];
  it.each<[string, Partial<Message>, Parameters<typeof sent>[1], string[][]]>([
    ['a text', { text: 'Über 50% & more +\n👋' }, {}, [to, from, ['Body', 'Über 50% & more +\n👋'], callback]],
    ['1600 characters', { text: 'x'.repeat(1600) }, {}, [to, from, ['Body', 'x'.repeat(1600)], callback]],
    [
      'quick replies, as lines',
      { text: 'Sure?', quickReplies: replies },
      {},
      [to, from, ['Body', 'Sure?\n- Yes\n- No'], callback],
    ],
    [
      'a picture with words',
      { type: 'image', text: 'Look', media: [photo] },
      {},
      [to, from, ['Body', 'Look'], ['MediaUrl', photo.url], callback],
    ],
    ['a file alone', { type: 'file', text: '', media: [photo] }, {}, [to, from, ['MediaUrl', photo.url], callback]],
    [
      'ten pictures',
      { type: 'image', text: '', media: Array(10).fill(photo) },
      {},
      [to, from, ...Array(10).fill(['MediaUrl', photo.url]), callback],
    ],
    [
      'by a service',
      { text: 'hi' },
      { config: { from: undefined, messaging_service_sid: SERVICE } },
      [to, ['MessagingServiceSid', SERVICE], ['Body', 'hi'], callback],
    ],
    [
      'by a sender of a service',
      { text: 'hi' },
      { config: { messaging_service_sid: SERVICE } },
      [to, from, ['MessagingServiceSid', SERVICE], ['Body', 'hi'], callback],
    ],
    [
      'on WhatsApp',
      { text: 'hi' },
      WHATSAPP,
      [['To', WHATSAPP.to], ['From', 'whatsapp:+15550199'], ['Body', 'hi'], callback],
    ],
    ['with an API key', { text: 'hi' }, { config: KEY }, [to, from, ['Body', 'hi'], callback]],
  ])('%s is one form that Twilio takes', async (_, message, more, form) => {
    expect(await sent(message, more)).toMatchObject({ result: 'ok', status: 201, externalId: SID });
    expect(forms()).toEqual([form]);
  });

  it('agents and bots alike', async () => {
    expect(await sent(agentMessage)).toMatchObject({ result: 'ok' });
  });

  it('each type that the channel says it sends, and no other', async () => {
    for (const type of ['text', 'image', 'video', 'audio', 'file', 'location', 'contact', 'sticker'] as const) {
      const outcome = await sent({ type, text: 'words', media: type === 'text' ? [] : [photo] });
      expect([type, outcome.result]).toEqual([type, smsChannel.capabilities?.sends.includes(type) ? 'ok' : 'final']);
    }
  });
});

describe('what is refused before it is sent', () => {
  const whatsapp = { to: 'whatsapp:+15550100', config: { from: 'whatsapp:+15550199' } };
  const heard = (hours: number) => ({ facts: { heard: { at: NOW - hours * 3_600_000, externalId: SID } } });
  it.each<[string, Partial<Message>, Parameters<typeof sent>[1], string, RegExp]>([
    ['a long text', { text: 'x'.repeat(1601) }, {}, 'too_long', /has 1601 characters; Twilio takes 1600/],
    ['emoji that are too many', { text: '👋'.repeat(801) }, {}, 'too_long', /1602/],
    [
      'quick replies that are too long',
      { text: 'x'.repeat(1590), quickReplies: [{ title: 'Yes, please' }] },
      {},
      'too_long',
      /with the titles of its quick replies below it, has 1604/,
    ],
    ['nothing', { text: ' \n' }, {}, 'invalid', /nothing/],
    ['a picture without one', { type: 'image', text: 'x' }, {}, 'invalid', /needs a file/],
    ['eleven pictures', { type: 'image', media: Array(11).fill(photo) }, {}, 'too_many', /11 media; Twilio takes 10/],
    [
      'two pictures on WhatsApp',
      { type: 'image', media: [photo, photo] },
      whatsapp,
      'too_many',
      /2 media; Twilio takes 1 /,
    ],
    ['a place', { type: 'location', text: '1,2' }, {}, 'unsupported', /no message of type location/],
    ['to nobody', { text: 'x' }, { to: '' }, 'no_recipient', /no address/],
    [
      'after WhatsApp’s window',
      { text: 'x' },
      { ...whatsapp, ...heard(24) },
      'outside_window',
      /24 hours ago; WhatsApp takes free text within 24 hours/,
    ],
    [
      'to who never wrote on WhatsApp',
      { text: 'x' },
      { ...whatsapp, facts: { heard: null } },
      'outside_window',
      /has not written/,
    ],
  ])('%s', async (_, message, more, reason, detail) => {
    const outcome = await sent(message, more);
    expect(outcome).toMatchObject({ result: 'final', reason, status: null, detail: expect.stringMatching(detail) });
    expect(peer.posts).toEqual([]);
  });

  it('nothing of SMS, which has no window, nor of WhatsApp within it', async () => {
    expect(await sent({ text: 'x' }, heard(1000))).toMatchObject({ result: 'ok' });
    expect(await sent({ text: 'x' }, { ...whatsapp, ...heard(23.9) })).toMatchObject({ result: 'ok' });
  });

  it('what is no message', async () => {
    const receipt = item({ delivery: delivery({ kind: 'receipt' }), message: botMessage });
    expect(await smsChannel.send(here(), receipt, facts(), out.send, NOW)).toMatchObject({ reason: 'unsupported' });
  });
});

describe('what Twilio answers', () => {
  const error = (status: number, code: number, message = 'said by Twilio') => ({
    status,
    body: { code, message, more_info: 'https://www.twilio.com/docs/errors/1', status },
  });
  it.each<[Reply, Outcome['result'], string, RegExp]>([
    [error(400, 21211), 'final', 'no_recipient', /none that Twilio can send to.*21211/],
    [error(400, 21610), 'final', 'opted_out', /START/],
    [error(400, 21614), 'final', 'no_recipient', /no mobile/],
    [error(400, 21617), 'final', 'too_long', /1600/],
    [error(400, 21608), 'final', 'not_permitted', /trial/],
    [error(400, 21609), 'final', 'bad_sender', /public URL/],
    [error(400, 21910), 'final', 'bad_sender', /different networks/],
    [error(400, 63007), 'final', 'bad_sender', /whatsapp:/],
    [error(400, 63016), 'final', 'outside_window', /24 hours/],
    [error(400, 77777, 'Something new'), 'final', 'rejected', /77777: Something new/],
    [error(401, 20003), 'retry', 'bad_credentials', /Account SID and auth token/],
    [error(404, 20404), 'retry', 'bad_credentials', /API base URL/],
    [error(429, 20429), 'retry', 'throttled', /slow down/],
    [error(429, 63018), 'retry', 'throttled', /WhatsApp/],
    [error(429, 21611), 'retry', 'throttled', /queue/],
    [error(500, 20500, 'Internal'), 'retry', 'server_error', /20500/],
    [{ status: 401, body: 'no' }, 'retry', 'bad_credentials', /Account SID/],
    [{ status: 503, body: '<html>gateway</html>' }, 'unknown', 'server_error', /nobody knows/],
    [{ status: 200, body: '<html>hello</html>' }, 'unknown', 'bad_answer', /API base URL/],
    [{ status: 302, headers: { location: 'https://else.example/' } }, 'retry', 'redirect', /redirect/],
    [{ fault: 'reset' }, 'unknown', 'closed', /./],
  ])('%j is %s: %s', async (given, result, reason, detail) => {
    reply = given;
    const outcome = await sent({ text: 'hi' });
    expect(outcome).toMatchObject({ result, reason, detail: expect.stringMatching(detail) });
    expect(peer.posts).toHaveLength(1);
  });

  it('a limit of the account makes all of it wait, a limit of one customer only theirs', async () => {
    reply = error(429, 20429);
    expect(await sent({})).toMatchObject({ retryAfterS: 2, pauseS: 2 });
    reply = { ...error(429, 20429), headers: { 'retry-after': '9' } };
    expect(await sent({})).toMatchObject({ retryAfterS: 9, pauseS: 9 });
    reply = { status: 429, body: 'busy' };
    expect(await sent({})).toMatchObject({ result: 'retry', pauseS: 2 });
    reply = error(429, 14107);
    const outcome = await sent({});
    expect(outcome).toMatchObject({ result: 'retry', retryAfterS: 30 });
    expect(outcome.pauseS).toBeUndefined();
  });

  it('and a secret in it is not kept', async () => {
    const basic = Buffer.from(`${KEY.api_key_sid}:${KEY.api_key_secret}`).toString('base64');
    const outcome = await smsChannel.send(
      here(KEY),
      item({ message: botMessage, delivery: delivery({}) }),
      facts(),
      async () => answered(400, { code: 77777, message: `${TOKEN} ${KEY.api_key_secret} ${basic}` }),
      NOW,
    );
    for (const secret of [TOKEN, KEY.api_key_secret, basic]) expect(JSON.stringify(outcome)).not.toContain(secret);
  });

  it('anything at all: never a throw', async () => {
    for (const body of [
      '',
      'null',
      '[]',
      '{"code":{}}',
      '{"code":1e400}',
      '{"sid":5}',
      `{"sid":"${'x'.repeat(1000)}"}`,
    ]) {
      for (const status of [200, 201, 400, 401, 409, 429, 500]) {
        const outcome = await smsChannel.send(
          here(),
          item({ message: botMessage, delivery: delivery({}) }),
          facts(),
          async () => answered(status, body),
          NOW,
        );
        expect(['ok', 'retry', 'final', 'unknown']).toContain(outcome.result);
        expect((outcome.externalId ?? '').length).toBeLessThanOrEqual(64);
      }
    }
  });
});
