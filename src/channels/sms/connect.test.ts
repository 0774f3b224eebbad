// Setting a Twilio sender up: what its configuration must look like, the checks that connect it, and where a file is
// found.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Listener, listen, type Post, type Reply } from '../../../test/parties/listener.ts';
import type { Check } from '../../engine/ports.ts';
import type { WayOut } from '../../net/client.ts';
import { asset, NOW, wayOut } from '../../wire/fixtures/samples.ts';
import { smsChannel } from './adapter.ts';
import { config, HOOK_URL, TOKEN } from './fixtures/signed.ts';
import { faultOf } from './fixtures/strict.ts';

const zeros = '0'.repeat(31);
const KEY = { api_key_sid: `SK${zeros}2`, api_key_secret: 'secret-of-the-key' };
const NUMBER = {
  sid: `PN${zeros}1`,
  phone_number: '+15550199',
  capabilities: { sms: true },
  sms_url: 'https://before.example/',
};
const FILE = `${config.account_sid}/MM${zeros}1/ME${zeros}1`;

let peer: Listener;
let out: WayOut;
/** by the end of the path; a Reply in place of what Twilio would say when all is well */
let answers: Record<string, Reply>;
const WELL: Record<string, unknown> = {
  [`${config.account_sid}.json`]: { friendly_name: 'Shop', status: 'active', type: 'Full' },
  'Messages.json': { messages: [] },
  'IncomingPhoneNumbers.json': { incoming_phone_numbers: [NUMBER] },
  [`${NUMBER.sid}.json`]: { ...NUMBER, sms_application_sid: '' },
};
function replyTo(post: Post): Reply {
  const fault = faultOf(
    { ...post, body: post.raw },
    { [config.account_sid]: TOKEN, [KEY.api_key_sid]: KEY.api_key_secret },
  );
  if (fault !== '') return { status: fault.includes('credentials') ? 401 : 400, body: { code: 20003, message: fault } };
  const name = post.path.split('?')[0]?.split('/').at(-1) ?? '';
  return answers[name] ?? { body: WELL[name] ?? {} };
}
beforeAll(async () => {
  peer = await listen();
  peer.reply = replyTo;
  out = wayOut();
});
beforeEach(() => {
  answers = {};
  peer.posts.length = 0;
});
afterAll(async () => {
  await peer.down();
  await out.close();
});
const here = (more: Record<string, unknown> = {}) =>
  asset({ channel: 'sms', config: { ...config, api_url: peer.url, ...more } });
const checks = async (more: Record<string, unknown> = {}): Promise<Check[]> =>
  (await smsChannel.connect?.(here(more), out.send, NOW)) ?? [];
const brief = (all: Check[]) => all.map(({ name, ok }) => `${name}: ${ok}`);

describe('the configuration', () => {
  const needed = { account_sid: config.account_sid, auth_token: TOKEN, from: '+15550199' };
  it('has defaults', () => expect(smsChannel.checkConfig(needed)).toEqual({ ok: true, config }));

  it.each<[string, Record<string, unknown>]>([
    ['/config/account_sid', { account_sid: 'AC1' }],
    ['/config/account_sid', { account_sid: undefined }],
    ['/config/auth_token', { auth_token: '' }],
    ['/config/auth_token', { auth_token: 'a b' }],
    ['/config/from', { from: undefined }],
    ['/config/from', { from: '5550199 call me' }],
    ['/config/from', { from: 'SHOP' }],
    ['/config/from', { from: 'whatsapp:5550199' }],
    ['/config/messaging_service_sid', { messaging_service_sid: 'SM1' }],
    ['/config/api_key_secret', { api_key_sid: KEY.api_key_sid }],
    ['/config/api_key_sid', { api_key_secret: 'x' }],
    ['/config/api_url', { api_url: 'https://user:password@api.twilio.com' }],
    ['/config/api_version', { api_version: '../..' }],
    ['/config/colour', { colour: 'red' }],
  ])('names %s', (pointer, more) => {
    const result = smsChannel.checkConfig({ ...needed, ...more });
    expect(result).toMatchObject({ ok: false, errors: [{ pointer }] });
    expect(JSON.stringify(result)).not.toContain(TOKEN);
  });

  it.each(['+15550199', '12345', 'whatsapp:+15550199'])('takes the sender %s', (from) => {
    expect(smsChannel.checkConfig({ ...needed, from })).toMatchObject({ ok: true });
  });
});

describe('connecting', () => {
  it('looks at the account and points the number at the hook, to be tried again', async () => {
    const all = await checks();
    expect(brief(all)).toEqual(['credentials: true', 'number: true', 'webhook: true']);
    expect(all[0]?.detail).toContain('Shop');
    expect(all[2]?.detail).toContain('another address before');
    const form = Object.fromEntries(new URLSearchParams(peer.posts.at(-1)?.raw));
    expect(form).toEqual({ SmsUrl: `${HOOK_URL}#rc=5&rp=all`, SmsMethod: 'POST' });
  });

  it('tries the API key as well as the token', async () => {
    expect(brief(await checks(KEY))).toEqual(['credentials: true', 'api key: true', 'number: true', 'webhook: true']);
    expect(brief(await checks({ ...KEY, api_key_secret: 'wrong' }))).toEqual(['credentials: true', 'api key: false']);
  });

  it.each([
    ['whatsapp:+15550199', 'A WhatsApp sender'],
    ['12345', 'A short code'],
  ])('says what is left to do by hand for %s', async (from, what) => {
    const all = await checks({ from });
    expect(brief(all)).toEqual(['credentials: true', 'webhook: true']);
    expect(all[1]).toMatchObject({ detail: `${what} is set up by hand.`, advice: expect.stringContaining(HOOK_URL) });
  });

  it.each<[string, Record<string, Reply>, Record<string, unknown>, string[], RegExp]>([
    [
      'a wrong token',
      {},
      { auth_token: 'f'.repeat(32) },
      ['credentials: false'],
      /copy the Account SID and auth token again/,
    ],
    [
      'a closed account',
      { [`${config.account_sid}.json`]: { body: { status: 'closed' } } },
      {},
      ['credentials: false'],
      /closed/,
    ],
    [
      'another’s number',
      {},
      { from: '+15550198' },
      ['credentials: true', 'number: false'],
      /no number of this account/,
    ],
    [
      'a number without SMS',
      {
        'IncomingPhoneNumbers.json': {
          body: { incoming_phone_numbers: [{ ...NUMBER, capabilities: { sms: false } }] },
        },
      },
      {},
      ['credentials: true', 'number: false'],
      /has no SMS/,
    ],
    [
      'nonsense',
      { 'IncomingPhoneNumbers.json': { body: 'hello' } },
      {},
      ['credentials: true', 'number: false'],
      /no number/,
    ],
    [
      'an address that Twilio does not take',
      { [`${NUMBER.sid}.json`]: { status: 400, body: { code: 21402, message: 'SmsUrl is not valid' } } },
      {},
      ['credentials: true', 'number: true', 'webhook: false'],
      /SmsUrl is not valid/,
    ],
  ])('names %s and what to do', async (_, given, more, names, detail) => {
    answers = given;
    const all = await checks(more);
    expect(brief(all)).toEqual(names);
    expect(all.at(-1)?.detail).toMatch(detail);
    expect(JSON.stringify(all)).not.toContain(TOKEN);
  });

  it('warns of a trial account, and of an app that wins over the webhook', async () => {
    answers = {
      [`${config.account_sid}.json`]: { body: { friendly_name: 'x', status: 'active', type: 'Trial' } },
      [`${NUMBER.sid}.json`]: { body: { ...NUMBER, sms_application_sid: `AP${zeros}1` } },
    };
    const all = await checks();
    expect(all.map(({ advice }) => advice?.split(':')[0])).toEqual([
      expect.stringContaining('trial'),
      undefined,
      expect.stringContaining('TwiML App'),
    ]);
  });

  it('when nobody is there says so', async () => {
    const all = (await smsChannel.connect?.(here({ api_url: 'http://127.0.0.1:1' }), out.send, NOW)) ?? [];
    expect(brief(all)).toEqual(['credentials: false']);
  });
});

describe('a customer’s file', () => {
  const place = (reference: string, more: Record<string, unknown> = {}) =>
    smsChannel.locate?.(here(more), reference, out.send, NOW);
  const medium = `ME${zeros}1`;

  it('lies where Twilio redirects to, without our credentials', async () => {
    answers = { [medium]: { status: 307, headers: { location: 'https://cdn.example/file?signed=1' } } };
    expect(await place(FILE)).toEqual({ ok: true, url: 'https://cdn.example/file?signed=1', headers: {} });
  });

  it('or lies there itself, for our credentials alone, however large', async () => {
    const itself = {
      ok: true,
      url: `${peer.url}/2010-04-01/Accounts/${FILE.replace('/MM', '/Messages/MM').replace('/ME', '/Media/ME')}`,
      headers: { authorization: expect.stringMatching(/^Basic /) },
    };
    answers = { [medium]: { body: 'bytes' } };
    expect(await place(FILE)).toEqual(itself);
    answers = { [medium]: { body: 'x'.repeat(300_000) } };
    expect(await place(FILE)).toEqual(itself);
  });

  it('somewhere else is asked without them', async () => {
    expect(await place('https://files.example/a.jpg')).toEqual({
      ok: true,
      url: 'https://files.example/a.jpg',
      headers: {},
    });
    expect(peer.posts).toEqual([]);
  });

  it.each([
    [404, false],
    [401, true],
    [403, false],
    [429, true],
    [500, true],
  ])('answered %d may be tried again: %s', async (status, again) => {
    answers = { [medium]: { status } };
    expect(await place(FILE)).toMatchObject({ ok: false, again, detail: expect.stringMatching(/^[A-Z].*\.$/) });
  });
});
