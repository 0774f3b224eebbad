// Twilio's own SDK beside our channel: its validator takes what we sign in tests, we take what it signs, and a message
// that its client makes is the request that we make. No live Twilio is called.
import { parse } from 'node:querystring';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { smsChannel } from '../../src/channels/sms/adapter.ts';
import { OVERRIDES } from '../../src/channels/sms/fields.ts';
import { config, fixtures, HOOK_URL, signatureOf, TOKEN } from '../../src/channels/sms/fixtures/signed.ts';
import type { Exchange, Send } from '../../src/engine/ports.ts';
import type { Message } from '../../src/routing/model.ts';
import {
  answered,
  asset,
  botMessage,
  delivery,
  facts,
  item,
  NOW,
  photo,
  request,
} from '../../src/wire/fixtures/samples.ts';
import { listen } from '../parties/listener.ts';
import { SEED } from '../parties/seed.ts';
import { startTwilio } from '../parties/twilio.ts';
import { witness } from './load.ts';

type Form = Record<string, string | string[]>;
type Asked = {
  method: string;
  uri: string;
  username: string;
  password: string;
  data: Record<string, string | string[]>;
};
type Client = { messages: { create(parameters: Record<string, unknown>): Promise<unknown> } };
type Twilio = {
  (sid: string, token: string, options: { httpClient: { request(asked: Asked): Promise<unknown> } }): Client;
  getExpectedTwilioSignature(token: string, url: string, form: Form): string;
  getExpectedBodyHash(body: string): string;
  validateRequest(token: string, signature: string, url: string, form: Form): boolean;
  validateRequestWithBody(token: string, signature: string, url: string, body: string): boolean;
};
const twilio = witness<Twilio>('twilio');

const HOOKS = [
  HOOK_URL,
  'https://signalbox.example:8443/hooks/channels/ast_a',
  'http://192.0.2.7/hooks/channels/ast_a',
  'https://[2001:db8::1]/hooks/channels/ast_a',
];
const QUERIES = ['', 'message=msg_1jz00000000000000000000002', 'a=%7e&b=x%20y&a=2'];
const cases = HOOKS.flatMap((hook) => QUERIES.map((query): [string, string] => [hook, query]));
const FORM = 'application/x-www-form-urlencoded';
/** A form as a server's framework gives it to the validator: what comes twice is a list. */
const formOf = (raw: string): Form =>
  Object.fromEntries(Object.entries(parse(raw)).map(([name, value]) => [name, value ?? '']));
const read = (hook: string, query: string, body: Buffer, type: string, signature: string) =>
  smsChannel.read(asset({ channel: 'sms', config, hookUrl: hook }), {
    ...request(body, { 'content-type': type, 'x-twilio-signature': signature }),
    query: new URLSearchParams(query),
    rawQuery: query,
  });

describe('a signature', () => {
  it.each(cases)('of %s?%s is the same for both', (hook, query) => {
    const url = query === '' ? hook : `${hook}?${query}`;
    for (const { fixture } of fixtures) {
      const body = Buffer.from(new URLSearchParams(fixture.body).toString());
      const theirs = twilio.getExpectedTwilioSignature(TOKEN, url, fixture.body);
      expect(read(hook, query, body, FORM, theirs)).toMatchObject({ ok: true });
      expect(twilio.validateRequest(TOKEN, signatureOf(url, body), url, fixture.body)).toBe(true);
    }
  });

  // The hook is HOOK_URL; `at` is the address that Twilio signed, `raw` the body that comes.
  const words = 'MessageSid=SM1&From=%2B15550100&Body=x';
  const port = HOOK_URL.replace('.example', '.example:443');
  it.each<[string, { at?: string; query?: string; raw?: string; signs?: string; token?: string; good: boolean }]>([
    ['of plain words', { good: true }],
    ['of words beyond ASCII', { raw: `${words}+%C3%9Cber+50%25+%F0%9F%91%8B%0A`, good: true }],
    ['of an empty value', { raw: `${words}&ProfileName=`, good: true }],
    ['of a name that comes twice', { raw: `${words}&Body=b&Body=a&Extra=1`, good: true }],
    ['of a name and value that come twice', { raw: `${words}&Body=x`, good: true }],
    ['of another order', { signs: words, raw: words.split('&').reverse().join('&'), good: true }],
    ['of a name that nobody knows', { raw: `${words}&FromTheFuture=1`, good: true }],
    ['with the standard port in the address', { at: port, good: true }],
    ['with a query as it came', { query: "a=%7e&b=x%20y&c=it's+", good: true }],
    ['of another query', { at: `${HOOK_URL}?a=1`, query: 'a=2', good: false }],
    ['of a query in another order', { at: `${HOOK_URL}?a=1&b=2`, query: 'b=2&a=1', good: false }],
    ['without the query', { at: HOOK_URL, query: 'a=1', good: false }],
    ['of another port', { at: port.replace('443', '8443'), good: false }],
    ['of another host', { at: HOOK_URL.replace('signalbox', 'other'), good: false }],
    ['of another scheme', { at: HOOK_URL.replace('https', 'http'), good: false }],
    ['of another path', { at: `${HOOK_URL}/`, good: false }],
    ['of other words', { signs: words.replace('=x', '=y'), good: false }],
    ['of fewer names', { signs: words, raw: `${words}&Extra=1`, good: false }],
    ['of more names', { signs: `${words}&Extra=1`, raw: words, good: false }],
    ['of another account', { token: TOKEN.replace('0', 'f'), good: false }],
  ])('%s is taken or refused by both', (_, { at, query = '', raw = words, signs = raw, token = TOKEN, good }) => {
    const url = query === '' ? HOOK_URL : `${HOOK_URL}?${query}`;
    const signature = twilio.getExpectedTwilioSignature(token, at ?? url, formOf(signs));
    expect(signature).toBe(signatureOf(at ?? url, Buffer.from(signs), token));
    expect(twilio.validateRequest(TOKEN, signature, url, formOf(raw))).toBe(good);
    expect(read(HOOK_URL, query, Buffer.from(raw), FORM, signature).ok).toBe(good);
  });

  it.each([[''], ['x'], ['=='], ['ü'.repeat(28)]])('that is none (%j) is refused by both', (signature) => {
    expect(twilio.validateRequest(TOKEN, signature, HOOK_URL, formOf(words))).toBe(false);
    expect(read(HOOK_URL, '', Buffer.from(words), FORM, signature).ok).toBe(false);
  });

  it('over our overrides too is taken by both, who are told of them', () => {
    const signature = twilio.getExpectedTwilioSignature(TOKEN, HOOK_URL + OVERRIDES, formOf(words));
    expect(twilio.validateRequest(TOKEN, signature, HOOK_URL + OVERRIDES, formOf(words))).toBe(true);
    expect(read(HOOK_URL, '', Buffer.from(words), FORM, signature).ok).toBe(true);
  });

  it('of any form is the same for both', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 12 });
    const form = fc.array(fc.tuple(fc.oneof(text, fc.constantFrom('Body', 'From')), text), { maxLength: 8 });
    fc.assert(
      fc.property(form, (entries) => {
        const raw = new URLSearchParams(entries).toString();
        const signature = twilio.getExpectedTwilioSignature(TOKEN, HOOK_URL, formOf(raw));
        expect(read(HOOK_URL, '', Buffer.from(raw), FORM, signature).ok).toBe(true);
        expect(signatureOf(HOOK_URL, Buffer.from(raw))).toBe(signature);
      }),
      { numRuns: 300, seed: SEED },
    );
  });

  it('that our stand-in makes is theirs', async () => {
    const [stand, hook] = await Promise.all([startTwilio(), listen()]);
    stand.hook = `${hook.url}/hooks/channels/ast_a`;
    await stand.says('+15550100', 'Wo ist Käthes 🪑?', { ProfileName: "O'Hara & Söhne" });
    const [post] = hook.posts;
    const { auth_token: token } = stand.config() as { auth_token: string };
    const signature = post?.headers['x-twilio-signature'] ?? '';
    expect(formOf(post?.raw ?? '')).toMatchObject({ Body: 'Wo ist Käthes 🪑?', From: '+15550100' });
    expect(twilio.validateRequest(token, signature, stand.hook, formOf(post?.raw ?? ''))).toBe(true);
    await Promise.all([stand.down(), hook.down()]);
  });

  const body = '{"MessageSid":"SM1","From":"+15550100","Body":"x"}';
  const digest = `bodySHA256=${twilio.getExpectedBodyHash(body)}`;
  it.each<[string, { query?: string; signs?: string; bytes?: string; token?: string; good: boolean }]>([
    ['', { good: true }],
    [' beside another name', { query: `message=msg_1jz00000000000000000000002&${digest}`, good: true }],
    [' of other bytes', { bytes: body.replace('x', 'y'), good: false }],
    [' of the same bytes written anew', { bytes: body.replace(',', ', '), good: false }],
    [' without its digest', { query: 'message=1', good: false }],
    [' whose digest is not signed', { signs: '', good: false }],
    [' of another account', { token: TOKEN.replace('0', 'f'), good: false }],
  ])('of a JSON body%s is taken or refused by both', (_, given) => {
    const { query = digest, signs = query, bytes = body, token = TOKEN, good } = given;
    const signature = twilio.getExpectedTwilioSignature(token, signs === '' ? HOOK_URL : `${HOOK_URL}?${signs}`, {});
    expect(twilio.validateRequestWithBody(TOKEN, signature, `${HOOK_URL}?${query}`, bytes)).toBe(good);
    expect(read(HOOK_URL, query, Buffer.from(bytes), 'application/json', signature).ok).toBe(good);
  });
});

describe('a message', () => {
  const key = { api_key_sid: `SK${'0'.repeat(32)}`, api_key_secret: 'secret-of-the-key' };
  const service = { from: undefined, messaging_service_sid: `MG${'0'.repeat(32)}` };
  it.each<[string, Partial<Message>, Record<string, unknown>]>([
    ['of words', { text: 'Über 50% & more +\n👋' }, {}],
    ['with pictures', { type: 'image', text: 'Look', media: [photo, photo] }, {}],
    ['by a service', { text: 'hi' }, service],
    ['with an API key', { text: 'hi' }, key],
  ])('%s is the request that their client makes', async (_, message, more) => {
    const ours: Exchange[] = [];
    const send: Send = async (exchange) => {
      ours.push(exchange);
      return answered(201, { sid: 'SM1' });
    };
    const lane = item({ message: { ...botMessage, ...message }, delivery: delivery({}) });
    await smsChannel.send(asset({ channel: 'sms', config: { ...config, ...more } }), lane, facts(), send, NOW);
    const form = new URLSearchParams(ours[0]?.body);

    const theirs: Asked[] = [];
    const httpClient = {
      request: async (asked: Asked) => {
        theirs.push(asked);
        return { statusCode: 201, body: { sid: 'SM1' }, headers: {} };
      },
    };
    const [user, password] =
      'api_key_sid' in more ? [key.api_key_sid, key.api_key_secret] : [config.account_sid, TOKEN];
    const options = { httpClient, accountSid: config.account_sid };
    await twilio(user, password, options).messages.create({
      to: form.get('To'),
      from: form.get('From') ?? undefined,
      messagingServiceSid: form.get('MessagingServiceSid') ?? undefined,
      body: message.text,
      mediaUrl: message.media?.map(({ url }) => url),
      statusCallback: form.get('StatusCallback'),
    });
    const [asked] = theirs;
    const sorted = (entries: [string, string][]) => entries.sort(([a], [b]) => a.localeCompare(b));
    const data = Object.entries(asked?.data ?? {}).flatMap(([name, value]) =>
      [value].flat().map((one): [string, string] => [name, one]),
    );
    expect(sorted([...form])).toEqual(sorted(data));
    expect([ours[0]?.method ?? 'POST', ours[0]?.url]).toEqual([asked?.method.toUpperCase(), asked?.uri]);
    const basic = Buffer.from(`${asked?.username}:${asked?.password}`).toString('base64');
    expect(ours[0]?.headers.authorization).toBe(`Basic ${basic}`);
  });
});
