// telegram-test-api, a Bot API server that knows nothing of Signalbox, in place of Telegram: from a customer's word to the bot's
// answer with a button, and from the pressed button to the bot. The real program, over real HTTP.
// The one thing to know: the server (4.2.1) gives no webhook its secret and does not know getWebhookInfo, so a forwarder
// stands before it that adds the one and answers the other; all else it passes on untouched.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Bot } from '../parties/bot.ts';
import { freePort } from '../parties/box.ts';
import { call, calm, type Loose, until } from '../parties/call.ts';
import { type Listener, listen } from '../parties/listener.ts';
import { sharedBox } from '../parties/shared.ts';
import { makeBot, verified } from '../parties/world.ts';
import { witness } from './load.ts';

/** A customer's own app, as the package plays it. */
type Client = {
  makeMessage(text: string): Loose;
  makeCommand(text: string): Loose;
  makeCallbackQuery(data: string, more: Loose): Loose;
  sendMessage(message: Loose): Promise<Loose>;
  sendCommand(message: Loose): Promise<Loose>;
  sendCallback(query: Loose): Promise<Loose>;
  /** what the bot said since, and waits for it */
  getUpdates(): Promise<{ result: { message: Loose; messageId: number }[] }>;
};
type Server = {
  start(): Promise<void>;
  stop(): Promise<boolean>;
  getClient(token: string, options: Loose): Client;
};
const TelegramServer = witness<new (config: Loose) => Server>('telegram-test-api');

const TOKEN = '666:AAbbCCddEEff-00112233445566778899_xyz';

describe('A customer in telegram-test-api', () => {
  const place = sharedBox();
  let server: Server;
  let forwarder: Listener;
  let bot: Bot;
  let asset: Loose;
  /** what came of connecting it */
  let connected: Loose;
  /** what the program registered */
  let webhook: { url: string; secret_token: string };
  const called: string[] = [];

  /** To the program with the secret, to the server as it came. */
  async function forward(port: number): Promise<Listener> {
    const between = await listen();
    between.reply = async ({ method, path, headers, raw }) => {
      if (path === '/updates') {
        const proof = { 'x-telegram-bot-api-secret-token': webhook.secret_token };
        const { status, body } = await call('POST', webhook.url, { body: raw, headers: proof });
        return { status, body };
      }
      called.push(path.split('/').at(-1) ?? '');
      if (path.endsWith('/getWebhookInfo')) {
        return { body: { ok: true, result: { url: webhook.url, pending_update_count: 0 } } };
      }
      let sent = raw;
      if (path.endsWith('/setWebhook')) {
        webhook = JSON.parse(raw);
        sent = JSON.stringify({ ...webhook, url: `${between.url}/updates` });
      }
      const type = { 'content-type': headers['content-type'] ?? '' };
      const { status, body } = await call(method, `http://127.0.0.1:${port}${path}`, { body: sent, headers: type });
      return { status, body };
    };
    return between;
  }

  beforeAll(async () => {
    const { box } = place;
    const port = await freePort();
    server = new TelegramServer({ port, host: '127.0.0.1' });
    await server.start();
    [forwarder, bot] = await Promise.all([forward(port), makeBot(box)]);
    await verified(box, 'bots', bot.id);
    const config = { token: TOKEN, api_url: forwarder.url };
    asset = await box.must('POST', '/assets', { name: 'The bot', channel: 'telegram', config });
    const service: string = (await box.must('POST', '/services', { name: 'Orders' })).id;
    await box.must('PUT', `/services/${service}/integrations/${bot.id}`);
    const action = { type: 'forward_to_bot', bot_id: bot.id };
    const trigger = { event: 'message.received', asset_id: asset.id };
    await box.must('POST', `/services/${service}/rules`, { name: 'all', trigger, action });
    connected = await box.must('POST', `/assets/${asset.id}/verification`, {});
  });
  afterAll(async () => {
    await Promise.all([forwarder.down(), bot.down(), server.stop()]);
  });

  const customer = (id: number, firstName: string): Client =>
    server.getClient(TOKEN, { userId: id, chatId: id, firstName, timeout: 90_000 });
  /** The next thing that the bot said to the customer. */
  const shown = async (client: Client) => {
    const [first, ...others] = (await client.getUpdates()).result;
    expect(others).toEqual([]);
    return { id: first?.messageId, ...first?.message };
  };

  it('can write once the token was verified: the server knows the bot, and has its webhook', () => {
    expect(connected).toMatchObject({ verified: true });
    expect(connected.checks[0].detail).toContain('@TestNameBot');
    expect(webhook.url).toBe(asset.hook_url);
    expect(called.slice(0, 3)).toEqual(['getMe', 'setWebhook', 'getWebhookInfo']);
  });

  it('is answered by the bot, presses the button below, and the bot hears of it', async () => {
    const client = customer(5550401, 'Ada');
    await client.sendMessage(client.makeMessage('Where is my order?'));
    const first = await until('the bot hears the customer', () => bot.heard('5550401')[0]);
    expect(first.body).toMatchObject({
      Channel: 'TELEGRAM',
      Message: 'Where is my order?',
      Signalbox: { Author: { Type: 'customer', Name: 'Ada' } },
    });
    const conversation: string = first.body.Conversationid;

    const quick_replies = [{ title: 'Order 42', payload: 'ORDER_42' }, { title: 'Another' }];
    await bot.say(conversation, 'Which one?', { quick_replies });
    const answer = await shown(client);
    expect(answer).toMatchObject({ chat_id: 5550401, text: 'Which one?' });
    const [[button]] = answer.reply_markup.inline_keyboard;
    expect(button).toEqual({ text: 'Order 42', callback_data: 'ORDER_42' });

    const message = { message_id: answer.id, text: answer.text, reply_markup: answer.reply_markup };
    await client.sendCallback(client.makeCallbackQuery(button.callback_data, { message }));
    const pressed = await until('the bot hears of the button', () => bot.heard('5550401')[1]);
    expect(pressed.body).toMatchObject({
      Event: 'POSTBACK',
      PostbackPayload: 'ORDER_42',
      Conversationid: conversation,
    });
    await bot.say(conversation, 'It left today.');
    expect(await shown(client)).toMatchObject({ text: 'It left today.' });
  });

  it('is told apart from another, and a command is a word', async () => {
    const [ada, ben] = [customer(5550402, 'Ada'), customer(5550403, 'Ben')];
    await ada.sendCommand(ada.makeCommand('/start campaign'));
    await until('the bot hears the first', () => bot.words('5550402').length === 1);
    await ben.sendMessage(ben.makeMessage('hello'));
    const post = await until('the bot hears the second', () => bot.heard('5550403')[0]);
    expect(bot.words('5550402')).toEqual(['/start campaign']);
    await bot.say(post.body.Conversationid, 'Hello, Ben.');
    expect(await shown(ben)).toMatchObject({ chat_id: 5550403, text: 'Hello, Ben.' });
    await calm();
    expect(bot.words('5550403')).toEqual(['hello']);
  });
});
