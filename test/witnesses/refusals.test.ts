// What a provider refuses, as our stand-ins word it, shown to the programs that others wrote: they find the same code and the same
// time to wait, and where they judge whether another try may work, they judge as we do.
// The one thing to know: where we differ it is written down here, with the reason.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { telegramChannel } from '../../src/channels/telegram/adapter.ts';
import { config as telegramConfig } from '../../src/channels/telegram/fixtures/signed.ts';
import { whatsappChannel } from '../../src/channels/whatsapp/adapter.ts';
import { config, NUMBER_ID } from '../../src/channels/whatsapp/fixtures/signed.ts';
import type { WayOut } from '../../src/net/client.ts';
import { asset, botMessage, delivery, facts, item, NOW, thread, wayOut } from '../../src/wire/fixtures/samples.ts';
import type { Loose } from '../parties/call.ts';
import { type Listener, listen, type Reply } from '../parties/listener.ts';
import { failed } from '../parties/telegram.ts';
import { graphError } from '../parties/whatsapp.ts';
import { witness } from './load.ts';

type Sends = (...parameters: unknown[]) => Promise<unknown>;
const { WhatsAppClient } = witness<{
  WhatsAppClient: new (options: Record<string, string>) => { messages: { sendText: Sends } };
}>('@kapso/whatsapp-cloud-api');
const { Bot } = witness<{ Bot: new (token: string, options: unknown) => { api: { sendMessage: Sends } } }>('grammy');

const CHAT = 15550100123;
let peer: Listener;
let out: WayOut;
beforeAll(async () => {
  peer = await listen();
  out = wayOut();
});
afterEach(() => expect(peer.posts.splice(0)).toHaveLength(2));
afterAll(async () => {
  await peer.down();
  await out.close();
});
const lane = () => item({ message: botMessage, delivery: delivery({}), thread: { ...thread, address: String(CHAT) } });
const errorOf = (sent: Promise<unknown>): Promise<Loose> =>
  sent.then(
    () => expect.unreachable('it was refused'),
    (error: unknown) => error,
  );

describe('WhatsApp', () => {
  /** What both make of it: ours, and their word for what to do. */
  async function judged(reply: Reply) {
    peer.reply = () => reply;
    const here = asset({ channel: 'whatsapp', config: { ...config, api_url: peer.url } });
    const ours = await whatsappChannel.send(here, lane(), facts(), out.send, NOW);
    const { access_token: accessToken, api_version: graphVersion } = config;
    const client = new WhatsAppClient({ accessToken, graphVersion, baseUrl: peer.url });
    const theirs = await errorOf(
      client.messages.sendText({ phoneNumberId: NUMBER_ID, to: String(CHAT), body: botMessage.text }),
    );
    return { ours, theirs };
  }
  /** To them a bad token is to be refreshed; with us it waits until somebody has entered a good one. */
  const again = (action: string): boolean => ['retry', 'retry_after', 'refresh_token'].includes(action);

  // By Meta's list of error codes, with the HTTP status that stands there.
  it.each<[number, number]>([
    ...[0, 190].map((code): [number, number] => [code, 401]),
    ...[10, 200, 368, 130497, 131031].map((code): [number, number] => [code, 403]),
    ...[100, 130472, 131008, 131009, 131021, 131026, 131037].map((code): [number, number] => [code, 400]),
    ...[131042, 131045, 131047, 131049, 131050, 131051, 131052, 131053].map((code): [number, number] => [code, 400]),
    ...[132000, 132001, 133010].map((code): [number, number] => [code, 400]),
    ...[4, 80007, 130429, 131056].map((code): [number, number] => [code, 429]),
    ...[131000, 131016, 131057].map((code): [number, number] => [code, 500]),
  ])('says %d (HTTP %d), and both know whether to try again', async (code, status) => {
    const { ours, theirs } = await judged(graphError(code, 'In words', { status, details: 'In more words' }));
    expect(theirs).toMatchObject({ code, httpStatus: status, details: 'In more words', fbtraceId: 'AbCdEf' });
    expect([code, ours.result]).toEqual([code, again(theirs.retry.action) ? 'retry' : 'final']);
  });

  it.each([
    ['131048: Meta asks for better messages and names no time', 131048, 429, 'retry_after', 'final'],
    ['33: the number is ours to mend, and the message waits', 33, 400, 'fix_and_retry', 'retry'],
  ])('says %s, and there we differ', async (_, code, status, action, result) => {
    const { ours, theirs } = await judged(graphError(code, 'In words', { status }));
    expect([theirs.retry.action, ours.result]).toEqual([action, result]);
  });

  it('says how long to wait, and both wait as long', async () => {
    const { ours, theirs } = await judged(
      graphError(130429, 'Rate limit hit', { status: 429, headers: { 'retry-after': '17' } }),
    );
    expect(theirs.retry).toEqual({ action: 'retry_after', retryAfterMs: 17_000 });
    expect(ours).toMatchObject({ result: 'retry', retryAfterS: 17, pauseS: 17 });
  });
});

describe('Telegram', () => {
  async function judged(reply: Reply) {
    peer.reply = () => reply;
    const here = asset({ channel: 'telegram', config: { ...telegramConfig, api_url: peer.url } });
    const ours = await telegramChannel.send(here, lane(), facts(), out.send, NOW);
    const bot = new Bot(telegramConfig.token, { client: { apiRoot: peer.url } });
    return { ours, theirs: await errorOf(bot.api.sendMessage(CHAT, botMessage.text)) };
  }

  it('says how long to wait, and both wait as long', async () => {
    const { ours, theirs } = await judged(failed(429, 'Too Many Requests: retry after 17', { retry_after: 17 }));
    expect(theirs).toMatchObject({ error_code: 429, parameters: { retry_after: 17 } });
    expect(ours).toMatchObject({ result: 'retry', retryAfterS: 17, pauseS: 17 });
  });

  it.each([
    [400, 'Bad Request: chat not found', 'final'],
    [401, 'Unauthorized', 'retry'],
    [403, 'Forbidden: bot was blocked by the user', 'final'],
  ])('refuses with %d, and both find why', async (code, description, result) => {
    const { ours, theirs } = await judged(failed(code, description));
    expect(theirs).toMatchObject({ error_code: code, description });
    expect(ours).toMatchObject({ result, status: code });
  });
});
