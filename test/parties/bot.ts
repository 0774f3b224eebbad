// A bot that speaks the seed's wire and nothing else: it writes down every POST, answers with its token, and speaks
// through its hook. Not here: wit. The one thing to know: `reply` is its HTTP answer, `say` its word to the customer.
import { type Answer, call, type Loose } from './call.ts';
import { firstTries, type Listener, listen, type Post, type Reply } from './listener.ts';

export type BotMade = { id: string; hook_url: string; signing_secret: string };

export type Bot = Listener & {
  id: string;
  hookUrl: string;
  /** what it must show in every answer; '' for a bot of platform imi */
  token: string;
  adopt(bot: BotMade, token: string, clock: () => number): void;
  /** a good answer, with whatever else */
  ok(more?: Loose): Reply;
  /** any body to its hook */
  post(body: unknown, headers?: Record<string, string>): Promise<Answer>;
  say(conversationId: string, message: string, more?: Loose): Promise<Answer>;
  handOver(conversationId: string, more?: Loose): Promise<Answer>;
  finish(conversationId: string, more?: Loose): Promise<Answer>;
  /** everything it was told of one customer, every try */
  told(address: string): Post[];
  /** the incoming messages and postbacks of one customer, without repeated tries */
  heard(address: string): Post[];
  /** the words of `heard` */
  words(address: string): string[];
};

const timestamp = (): string => new Date().toISOString().replace('T', ' ').replace('Z', '');

export async function startBot(): Promise<Bot> {
  const listener = await listen();
  const bot: Bot = Object.assign(listener, {
    id: '',
    hookUrl: '',
    token: '',
    adopt: (made: BotMade, token: string, clock: () => number) => {
      bot.id = made.id;
      bot.hookUrl = made.hook_url;
      bot.token = token;
      bot.secrets = [made.signing_secret];
      bot.clock = clock;
    },
    ok: (more: Loose = {}) => ({
      status: 200,
      body: { ...(bot.token ? { verification_token: bot.token } : {}), ...more },
    }),
    post: (body: unknown, headers?: Record<string, string>) => call('POST', bot.hookUrl, { body, headers }),
    say: (conversation_id: string, message: string, more: Loose = {}) =>
      bot.post({ eventid: '1001', conversation_id, message, Messagetype: 'text', Timestamp: timestamp(), ...more }),
    handOver: (conversation_id: string, more: Loose = {}) =>
      bot.post({ eventid: '1002', conversation_id, Timestamp: timestamp(), ...more }),
    finish: (conversation_id: string, more: Loose = {}) => bot.post({ eventid: '1003', conversation_id, ...more }),
    told: (address: string) => bot.posts.filter((post) => post.body?.Signalbox?.User === address),
    heard: (address: string) =>
      firstTries(bot.told(address).filter((post) => /^(Incoming message|(FB )?POSTBACK)$/.test(post.body.Event))),
    words: (address: string) =>
      bot.heard(address).map((post) => (post.body.Message ?? post.body.PostbackPayload) as string),
  });
  bot.reply = () => bot.ok();
  return bot;
}
