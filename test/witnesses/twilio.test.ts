// Twilio's own SDK beside our channel: its validator takes what we sign in tests, we take what it signs, and a message
// that its client makes is the request that we make. No live Twilio is called.
import { describe, expect, it } from 'vitest';
import { smsChannel } from '../../src/channels/sms/adapter.ts';
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
import { witness } from './load.ts';

type Form = Record<string, string>;
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
      expect(read(hook, query, body, 'application/x-www-form-urlencoded', theirs)).toMatchObject({ ok: true });
      expect(twilio.validateRequest(TOKEN, signatureOf(url, body), url, fixture.body)).toBe(true);
    }
  });

  it('of a JSON body is theirs too, and fits no other bytes', () => {
    const body = '{"MessageSid":"SM1","From":"+15550100","Body":"x"}';
    const query = `bodySHA256=${twilio.getExpectedBodyHash(body)}`;
    const url = `${HOOK_URL}?${query}`;
    const signature = twilio.getExpectedTwilioSignature(TOKEN, url, {});
    for (const [bytes, good] of [
      [body, true],
      [body.replace('x', 'y'), false],
    ] as const) {
      expect(twilio.validateRequestWithBody(TOKEN, signature, url, bytes)).toBe(good);
      expect(read(HOOK_URL, query, Buffer.from(bytes), 'application/json', signature).ok).toBe(good);
    }
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
