// LINE as it documents itself: takes pushes and nothing that its API would not, once for each retry key; signs its
// webhooks.
// Not here: our program's side. The one thing to know: `sent` is what a customer sees, each accepted push once;
// `faults` is what it found wrong with our requests, and must stay empty.
import { createHmac, randomBytes, randomInt } from 'node:crypto';
import { faultOf } from '../../src/channels/line/fixtures/strict.ts';
import { type Answer, call, type Loose } from './call.ts';
import { type Listener, listen, type Post, type Reply } from './listener.ts';

export type LineUser = string;
export type Line = Listener & {
  config(): Record<string, unknown>;
  hook: string;
  faults: string[];
  /** answers the next pushes; a push whose connection breaks (`reset`) was accepted all the same */
  instead: Reply[];
  /** LINE's messages to a customer, in order */
  sent(user: LineUser): Loose[];
  texts(user: LineUser): string[];
  /** retry keys of all pushes to a customer, every try */
  keys(user: LineUser): string[];
  asked(path: string): Post[];
  newcomer(): LineUser;
  event(user: LineUser, more: Loose): Loose;
  message(user: LineUser, message: Loose): Loose;
  post(events: Loose[], headers?: Record<string, string>): Promise<Answer>;
  says(user: LineUser, text: string): Promise<Answer>;
};

/** What is behind each message with a medium; its first bytes say what it is. */
export const PNG = Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), Buffer.alloc(5_000, 'p')]);
const digits = (count: number): string => Array.from({ length: count }, () => randomInt(10)).join('');

export async function startLine(): Promise<Line> {
  const listener = await listen();
  const [secret, token] = [randomBytes(16).toString('hex'), randomBytes(40).toString('base64')];
  const accepted = new Map<string, { to: string; messages: Loose[]; ids: { id: string }[] }>();
  const pushes = () => listener.posts.filter(({ path }) => path === '/v2/bot/message/push');
  const line: Line = Object.assign(listener, {
    hook: '',
    faults: [] as string[],
    instead: [] as Reply[],
    config: () => ({
      channel_secret: secret,
      channel_access_token: token,
      api_url: `${listener.url}/v2`,
      data_url: `${listener.url}/v2`,
    }),
    sent: (user: LineUser) =>
      [...accepted.values()].filter(({ to }) => to === user).flatMap(({ messages }) => messages),
    texts: (user: LineUser) => line.sent(user).map(({ text }) => text as string),
    keys: (user: LineUser) =>
      pushes()
        .filter(({ body }) => body.to === user)
        .map(({ headers }) => headers['x-line-retry-key'] ?? ''),
    asked: (path: string) => listener.posts.filter((post) => post.path === path),
    newcomer: () => `U${randomBytes(16).toString('hex')}`,
    event: (user: LineUser, more: Loose) => ({
      webhookEventId: `01J${randomBytes(12).toString('hex').toUpperCase().slice(0, 23)}`,
      deliveryContext: { isRedelivery: false },
      timestamp: listener.clock(),
      source: { type: 'user', userId: user },
      mode: 'active',
      ...more,
    }),
    message: (user: LineUser, message: Loose) =>
      line.event(user, {
        type: 'message',
        replyToken: randomBytes(16).toString('hex'),
        message: { id: digits(18), quoteToken: 'q', markAsReadToken: randomBytes(20).toString('hex'), ...message },
      }),
    post: (events: Loose[], headers?: Record<string, string>) => {
      const body = Buffer.from(JSON.stringify({ destination: `U${'0'.repeat(32)}`, events }));
      const signed = { 'x-line-signature': createHmac('sha256', secret).update(body).digest('base64') };
      return call('POST', line.hook, { body, headers: { 'content-type': 'application/json', ...(headers ?? signed) } });
    },
    says: (user: LineUser, text: string) => line.post([line.message(user, { type: 'text', text })]),
  });

  function push(post: Post): Reply {
    const key = post.headers['x-line-retry-key'] ?? '';
    const before = accepted.get(key);
    if (before !== undefined) {
      const headers = { 'x-line-accepted-request-id': 'request-1' };
      return { status: 409, headers, body: { message: 'The retry key is already accepted', sentMessages: before.ids } };
    }
    const reply = line.instead.shift();
    if (reply !== undefined && reply.fault === undefined) return reply;
    const ids = post.body.messages.map(() => ({ id: digits(18) }));
    accepted.set(key, { to: post.body.to, messages: post.body.messages, ids });
    return reply ?? { body: { sentMessages: ids } };
  }

  listener.reply = (post) => {
    const fault = faultOf(post, token);
    if (fault !== '') {
      line.faults.push(fault);
      return { status: fault.includes('token') ? 401 : 400, body: { message: fault } };
    }
    if (post.path === '/v2/bot/message/push') return push(post);
    if (post.path.endsWith('/content')) return { headers: { 'content-type': 'image/png' }, body: PNG };
    if (post.path === '/v2/bot/info') return { body: { displayName: 'Shop', basicId: '@216ru', chatMode: 'bot' } };
    return post.path.endsWith('/loading/start') ? { status: 202, body: {} } : { body: {} };
  };
  return line;
}
