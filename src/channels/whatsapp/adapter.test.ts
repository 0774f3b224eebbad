// A WhatsApp asset's configuration, its set-up at Meta, media, typing and reading: against a Graph server that takes only
// what Meta documents.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Listener, listen } from '../../../test/parties/listener.ts';
import { graphError, startWhatsapp, type Whatsapp } from '../../../test/parties/whatsapp.ts';
import type { AssetConfig, RawRequest } from '../../engine/ports.ts';
import type { WayOut } from '../../net/client.ts';
import { asset, botMessage, NOW, request, wayOut } from '../../wire/fixtures/samples.ts';
import { whatsappChannel } from './adapter.ts';
import { config as good } from './fixtures/signed.ts';

const HEARD = { at: NOW - 1000, externalId: 'wamid.HBgLLAST' };

describe('the configuration', () => {
  const without = (name: string) => Object.fromEntries(Object.entries(good).filter(([key]) => key !== name));

  it('is kept as given, with the defaults of what was left out', () => {
    expect(whatsappChannel.checkConfig(good)).toEqual({ ok: true, config: good });
    const { phone_number_id, access_token, app_secret } = good;
    expect(whatsappChannel.checkConfig({ phone_number_id, access_token, app_secret })).toEqual({
      ok: true,
      config: {
        ...{ phone_number_id, access_token, app_secret },
        ...{ list_button: 'Choose', shared_number: false, api_url: 'https://graph.facebook.com', api_version: 'v25.0' },
      },
    });
  });

  it.each([
    ['phone_number_id', without('phone_number_id')],
    ['phone_number_id', { ...good, phone_number_id: '+1 555 0100' }],
    ['waba_id', { ...good, waba_id: '../me' }],
    ['access_token', without('access_token')],
    ['access_token', { ...good, access_token: 'two words' }],
    ['app_secret', { ...good, app_secret: '' }],
    ['list_button', { ...good, list_button: 'x'.repeat(21) }],
    ['shared_number', { ...good, shared_number: 'yes' }],
    ['api_url', { ...good, api_url: 'https://me:secret@graph.example/' }],
    ['api_version', { ...good, api_version: 'v23.0/me' }],
    ['colour', { ...good, colour: 'blue' }],
  ])('is refused for its %s', (name, config) => {
    const result = whatsappChannel.checkConfig(config);
    expect(result).toMatchObject({ ok: false, errors: [{ pointer: `/config/${name}` }] });
    expect(JSON.stringify(result)).not.toContain('me:secret');
  });

  it.each([[null], [[]], ['x'], [5]])('is not %j', (config) => {
    expect(whatsappChannel.checkConfig(config)).toMatchObject({ ok: false });
  });
});

describe('at Meta', () => {
  let whatsapp: Whatsapp;
  let hook: Listener;
  let out: WayOut;
  let here: AssetConfig;
  const connect = (config: Record<string, unknown> = {}) =>
    whatsappChannel.connect!({ ...here, config: { ...here.config, ...config } }, out.send, NOW);

  beforeAll(async () => {
    whatsapp = await startWhatsapp();
    out = wayOut();
    hook = await listen();
    here = asset({ channel: 'whatsapp', config: whatsapp.config(), hookUrl: `${hook.url}/hooks/channels/a` });
    // The hook as the program serves it: what the adapter answers to Meta's GET.
    hook.reply = (post) => {
      const url = new URL(post.path, hook.url);
      const asked: RawRequest = { ...request(Buffer.of()), method: 'GET', query: url.searchParams };
      const answer = whatsappChannel.handshake!(here, asked);
      return answer === null ? { status: 404 } : { status: answer.status, body: answer.body };
    };
  });
  afterAll(async () => {
    await Promise.all([whatsapp.down(), hook.down()]);
    await out.close();
  });
  beforeEach(() => {
    for (const list of [whatsapp.accepted, whatsapp.marks, whatsapp.faults, whatsapp.instead, whatsapp.posts])
      list.length = 0;
    whatsapp.callback = null;
  });

  it('shows whose the number is, subscribes the app, and makes our URL the number’s callback', async () => {
    const checks = await connect();
    expect(checks.map(({ name, ok }) => [name, ok])).toEqual([
      ['credentials', true],
      ['subscription', true],
      ['webhook', true],
      ['fields', true],
    ]);
    expect(checks[0]!.detail).toBe('It is +1 555 010 9999 (Front door), quality GREEN.');
    expect(checks[3]!.advice).toContain('messages');
    expect(whatsapp.callback).toEqual({ override_callback_uri: here.hookUrl, verify_token: whatsapp.verifyToken });
    expect(whatsapp.posts.map(({ path }) => path.split('?')[0])).toEqual([
      `/v23.0/${whatsapp.numberId}`,
      `/v23.0/${whatsapp.accountId}/subscribed_apps`,
      `/v23.0/${whatsapp.numberId}`,
    ]);
  });

  it('leaves the account alone where its id was not given', async () => {
    expect((await connect({ waba_id: undefined })).map(({ name }) => name)).toEqual([
      'credentials',
      'webhook',
      'fields',
    ]);
  });

  it('says what to mend, and no secret: a wrong token, a wrong app secret', async () => {
    for (const [config, words] of [
      [{ access_token: 'EAAG-wrong' }, 'access token'],
      [{ app_secret: 'another-secret' }, 'appsecret_proof'],
    ] as const) {
      const checks = await connect(config);
      expect(checks).toMatchObject([{ name: 'credentials', ok: false }]);
      expect(checks[0]!.detail).toContain(words);
      expect(JSON.stringify(checks)).not.toContain(Object.values(config)[0]);
    }
  });

  it('says so when Meta cannot reach the callback', async () => {
    const checks = await connect({ verify_token: 'another-word' });
    expect(checks.at(-2)).toMatchObject({ name: 'webhook', ok: false });
    expect(checks.at(-2)!.detail).toContain('Callback verification failed');
    expect(checks.at(-2)!.detail).toContain('by hand');
  });

  it('gives the place of a medium, with the token that opens it', async () => {
    whatsapp.files.set('700000000000005', { type: 'image/jpeg', bytes: Buffer.from('jpeg') });
    const place = await whatsappChannel.locate!(here, '700000000000005', out.send, NOW);
    expect(place).toEqual({
      ok: true,
      url: `${whatsapp.url}/file/700000000000005`,
      headers: { authorization: `Bearer ${whatsapp.token}`, 'user-agent': 'signalbox' },
      type: 'image/jpeg',
    });
  });

  it('says whether another try for a medium may work', async () => {
    expect(await whatsappChannel.locate!(here, '1', out.send, NOW)).toMatchObject({ ok: false, again: false });
    whatsapp.instead.push(graphError(2, 'API service', { status: 503 }));
    expect(await whatsappChannel.locate!(here, '1', out.send, NOW)).toMatchObject({ ok: false, again: true });
    whatsapp.instead.push({ fault: 'reset' });
    expect(await whatsappChannel.locate!(here, '1', out.send, NOW)).toMatchObject({ ok: false, again: true });
    whatsapp.instead.push({ body: { url: 5 } });
    expect(await whatsappChannel.locate!(here, '1', out.send, NOW)).toMatchObject({ ok: false });
  });

  it('shows typing with the reading of the last message, and reading alone when it is taken', async () => {
    await whatsappChannel.typing!(here, '15550100123', true, botMessage.author, out.send, NOW, HEARD);
    await whatsappChannel.seen!(here, '15550100123', HEARD, out.send, NOW);
    const read = { messaging_product: 'whatsapp', status: 'read', message_id: HEARD.externalId };
    expect(whatsapp.faults).toEqual([]);
    expect(whatsapp.marks).toEqual([{ ...read, typing_indicator: { type: 'text' } }, read]);
  });

  it('has nothing to show where there is no last message, and no end of typing', async () => {
    const { author } = botMessage;
    await whatsappChannel.typing!(here, '15550100123', false, author, out.send, NOW, HEARD);
    await whatsappChannel.typing!(here, '15550100123', true, author, out.send, NOW, null);
    await whatsappChannel.typing!(here, '15550100123', true, author, out.send, NOW, { at: NOW, externalId: null });
    expect(whatsapp.posts).toEqual([]);
  });
});
