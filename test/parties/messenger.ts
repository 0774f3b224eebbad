// Messenger or Instagram as one page or account sees it: a Graph server that takes only what Meta documents, and webhooks.
// Not here: what a message may look like (meta-messages.ts). The one thing to know: it plays both ends, the server that
// the program calls and the customers who write; it signs as Meta does, with node's own HMAC.
import { createHmac, randomBytes } from 'node:crypto';
import { type Answer, call, type Loose } from './call.ts';
import { type Listener, listen, type Post, type Reply } from './listener.ts';
import { faultOf } from './meta-messages.ts';

export type SentPart = { mid: string; to: string; body: Loose; at: number };
export type Messenger = Listener & {
  /** the page, or the Instagram account */
  id: string;
  appId: string;
  token: string;
  appSecret: string;
  verifyToken: string;
  /** where webhooks go */
  hook: string;
  /** what the app's dashboard was told of the webhook */
  callback: string;
  subscribedFields: string[];
  /** messages that were accepted, in order */
  accepted: SentPart[];
  actions: Loose[];
  /** what was refused, and why: a correct program has none that the test did not ask for */
  faults: string[];
  /** answers the next requests in place of the server, oldest first */
  instead: Reply[];
  /** by path */
  files: Map<string, { type: string; bytes: Buffer }>;
  /** what an asset is made with */
  config(): Loose;
  /** a webhook as Meta posts it, escaped and signed */
  post(body: unknown): Promise<Answer>;
  /** the body of a webhook with these events */
  bodyOf(events: Loose[], where?: 'messaging' | 'standby'): Loose;
  event(from: string, what: Loose): Loose;
  message(from: string, content: Loose): Loose;
  /** what a person or another app sent in the page's name */
  echo(to: string, content: Loose): Loose;
  says(from: string, text: string): Promise<Answer>;
  tells(...events: Loose[]): Promise<Answer>;
  sent(to: string): SentPart[];
  texts(to: string): string[];
};

export const PAGE_INBOX = '263902037430900';
const VERSION = 'v25.0';

/** An error of Graph, as Meta words them. */
export const graphError = (code: number, subcode: number | null, message: string, status = 400): Reply => ({
  status,
  body: {
    error: {
      message: `(#${code}) ${message}`,
      type: 'OAuthException',
      code,
      ...(subcode === null ? {} : { error_subcode: subcode }),
      fbtrace_id: 'AbCdEf',
    },
  },
});

/** As Meta writes JSON: slashes and what is not ASCII are escaped. */
export const escaped = (body: unknown): string =>
  JSON.stringify(body)
    .replaceAll('/', '\\/')
    .replace(/[\u0080-\uffff]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);

export async function startMessenger(network: 'page' | 'instagram' = 'page'): Promise<Messenger> {
  const listener = await listen();
  const mid = (): string => `m_${randomBytes(24).toString('base64url')}`;
  const sign = (body: string): string => createHmac('sha256', messenger.appSecret).update(body).digest('hex');
  const messenger: Messenger = Object.assign(listener, {
    id: network === 'page' ? '110000000000001' : '17840000000000001',
    appId: '220000000000002',
    token: `EAAB${randomBytes(30).toString('base64url')}`,
    appSecret: randomBytes(16).toString('hex'),
    verifyToken: randomBytes(12).toString('base64url'),
    hook: '',
    callback: '',
    subscribedFields: [],
    accepted: [],
    actions: [],
    faults: [],
    instead: [],
    files: new Map(),
    config: () => ({
      ...(network === 'page'
        ? { page_id: messenger.id, page_access_token: messenger.token }
        : { account_id: messenger.id, access_token: messenger.token }),
      app_id: messenger.appId,
      app_secret: messenger.appSecret,
      verify_token: messenger.verifyToken,
      api_url: messenger.url,
    }),
    post: (body: unknown) => {
      const text = escaped(body);
      const headers = { 'content-type': 'application/json', 'x-hub-signature-256': `sha256=${sign(text)}` };
      return call('POST', messenger.hook, { body: text, headers });
    },
    bodyOf: (events: Loose[], where = 'messaging') => ({
      object: network,
      entry: [{ id: messenger.id, time: messenger.clock(), [where]: events }],
    }),
    event: (from: string, what: Loose) => ({
      sender: { id: from },
      recipient: { id: messenger.id },
      timestamp: messenger.clock(),
      ...what,
    }),
    message: (from: string, content: Loose) => messenger.event(from, { message: { mid: mid(), ...content } }),
    echo: (to: string, content: Loose) => ({
      sender: { id: messenger.id },
      recipient: { id: to },
      timestamp: messenger.clock(),
      message: { is_echo: true, mid: mid(), ...content },
    }),
    says: (from: string, text: string) => messenger.tells(messenger.message(from, { text })),
    tells: (...events: Loose[]) => messenger.post(messenger.bodyOf(events)),
    sent: (to: string) => messenger.accepted.filter((part) => part.to === to),
    texts: (to: string) => messenger.sent(to).flatMap(({ body }) => body.message.text ?? []),
  });

  const fault = (why: string, reply: Reply = graphError(100, null, why)): Reply => {
    messenger.faults.push(why);
    return reply;
  };

  function send(body: Loose): Reply {
    const wrong = faultOf(body, network);
    if (wrong !== '') return fault(wrong);
    const to = body.recipient.id as string;
    if (body.sender_action !== undefined) {
      messenger.actions.push(body);
      return { body: { recipient_id: to } };
    }
    const part = { mid: mid(), to, body, at: messenger.clock() };
    messenger.accepted.push(part);
    return { body: { recipient_id: to, message_id: part.mid } };
  }

  function carryOut(post: Post, path: string): Reply {
    const of = (name: string): string => `/${VERSION}/${name}`;
    const fields = messenger.subscribedFields;
    if (post.method === 'POST') {
      if (!/^application\/json/.test(post.headers['content-type'] ?? '')) return fault('no JSON');
      if (path === of(`${messenger.id}/messages`)) return send(post.body);
      if (path !== of(`${messenger.id}/subscribed_apps`)) return fault(`no such thing to post: ${path}`);
      messenger.subscribedFields = String(post.body?.subscribed_fields ?? '').split(',');
      return { body: { success: true } };
    }
    if (path === of('me')) {
      const whose =
        network === 'page' ? { name: 'Shoes', id: messenger.id } : { username: 'shoes', user_id: messenger.id };
      return { body: whose };
    }
    if (path === of(`${messenger.id}/subscribed_apps`)) {
      return { body: { data: [{ name: 'Signalbox', id: messenger.appId, subscribed_fields: fields }] } };
    }
    if (path === of(`${messenger.appId}/subscriptions`)) {
      const hook = { object: network, callback_url: messenger.callback, active: true };
      const names = fields.map((name) => ({ name, version: VERSION }));
      return { body: { data: messenger.callback === '' ? [] : [{ ...hook, fields: names }] } };
    }
    return fault(`no such thing to get: ${path}`);
  }

  messenger.reply = (post) => {
    const { pathname, searchParams } = new URL(post.path, messenger.url);
    const file = messenger.files.get(pathname);
    if (file !== undefined) return { headers: { 'content-type': file.type }, body: file.bytes };
    const app = `${messenger.appId}|${messenger.appSecret}`;
    const token = pathname.endsWith('/subscriptions') ? app : messenger.token;
    if (post.headers.authorization !== `Bearer ${token}`)
      return fault('token', graphError(190, null, 'Invalid OAuth', 401));
    if (searchParams.has('access_token')) return fault('a token in the URL');
    const proof = createHmac('sha256', messenger.appSecret).update(token).digest('hex');
    const given = searchParams.get('appsecret_proof');
    if (network === 'page' ? given !== proof : given !== null) return fault('appsecret_proof');
    return messenger.instead.shift() ?? carryOut(post, pathname);
  };
  return messenger;
}

/**
 * From now on whatever is sent in our name is echoed before it is answered: with the app's id and the message's metadata
 * on Messenger, with neither on Instagram.
 */
export function echoEarly(messenger: Messenger): void {
  const answer = messenger.reply;
  messenger.reply = async (post) => {
    const reply = await answer(post);
    const part = messenger.accepted.at(-1);
    if (part && (reply.body as Loose)?.message_id === part.mid) {
      const { text, attachment, metadata } = part.body.message;
      const said = text === undefined ? { attachments: [attachment] } : { text };
      const ours = metadata === undefined ? {} : { metadata, app_id: Number(messenger.appId) };
      const echo = messenger.echo(part.to, { ...said, ...ours });
      echo.message.mid = part.mid;
      await messenger.tells(echo).catch(() => undefined);
    }
    return reply;
  };
}
