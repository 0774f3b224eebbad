// The Cloud API as far as one phone number sees it: a Graph server that takes only what Meta documents, and posts webhooks.
// Not here: what a message may look like (whatsapp-messages.ts). The one thing to know: it plays both ends, the server that
// the program calls and the customers who write; it signs as Meta does, with node's own HMAC.
import { createHmac, randomBytes } from 'node:crypto';
import { type Answer, call, type Loose, parsed } from './call.ts';
import { type Listener, listen, type Post, type Reply } from './listener.ts';
import { faultOf } from './whatsapp-messages.ts';

export type Sent = { id: string; to: string; body: Loose };
export type Whatsapp = Listener & {
  numberId: string;
  accountId: string;
  token: string;
  appSecret: string;
  verifyToken: string;
  /** where webhooks go, and what the number's own callback was set to */
  hook: string;
  callback: Loose | null;
  /** messages that were accepted, in order */
  accepted: Sent[];
  /** marks of reading, with or without typing */
  marks: Loose[];
  /** what was refused, and why: a correct program has none that the test did not ask for */
  faults: string[];
  /** answers the next requests in place of the server, oldest first */
  instead: Reply[];
  /** by id */
  files: Map<string, { type: string; bytes: Buffer }>;
  /** what an asset is made with */
  config(): Loose;
  /** a callback as Meta posts it, signed */
  post(body: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** the whole body of a callback with these events of the number */
  callbackOf(value: Loose, field?: string): Loose;
  message(from: string, content: Loose): Loose;
  status(sent: Sent, status: string, more?: Loose): Loose;
  says(from: string, text: string): Promise<Answer>;
  /** what reached a customer, and its texts */
  sent(to: string): Sent[];
  texts(to: string): string[];
};

const VERSION = 'v23.0';
const ok = (body: Loose): Reply => ({ body });
/** An error of Graph, as Meta words them. */
export const graphError = (
  code: number,
  message: string,
  more: { status?: number; details?: string; headers?: Record<string, string> } = {},
): Reply => ({
  status: more.status ?? 400,
  ...(more.headers ? { headers: more.headers } : {}),
  body: {
    error: {
      message: `(#${code}) ${message}`,
      type: 'OAuthException',
      code,
      error_data: { messaging_product: 'whatsapp', details: more.details ?? message },
      fbtrace_id: 'AbCdEf',
    },
  },
});
const wamid = (): string => `wamid.HBgL${randomBytes(24).toString('base64url')}AA==`;

export async function startWhatsapp(): Promise<Whatsapp> {
  const listener = await listen();
  const whatsapp: Whatsapp = Object.assign(listener, {
    numberId: '100200300400500',
    accountId: '600700800900100',
    token: `EAAG${randomBytes(30).toString('base64url')}`,
    appSecret: randomBytes(16).toString('hex'),
    verifyToken: randomBytes(12).toString('base64url'),
    hook: '',
    callback: null,
    accepted: [],
    marks: [],
    faults: [],
    instead: [],
    files: new Map(),
    config: () => ({
      phone_number_id: whatsapp.numberId,
      waba_id: whatsapp.accountId,
      access_token: whatsapp.token,
      app_secret: whatsapp.appSecret,
      verify_token: whatsapp.verifyToken,
      api_url: whatsapp.url,
      api_version: VERSION,
    }),
    post: (body: unknown, headers?: Record<string, string>) => {
      // As Meta does it: what is not ASCII is escaped before it is signed.
      const escaped = JSON.stringify(body).replace(
        /[\u0080-\uffff]/g,
        (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
      );
      const signature = createHmac('sha256', whatsapp.appSecret).update(escaped).digest('hex');
      return call('POST', whatsapp.hook, {
        body: escaped,
        headers: headers ?? { 'content-type': 'application/json', 'x-hub-signature-256': `sha256=${signature}` },
      });
    },
    callbackOf: (value: Loose, field = 'messages') => ({
      object: 'whatsapp_business_account',
      entry: [
        {
          id: whatsapp.accountId,
          changes: [
            {
              field,
              value: {
                messaging_product: 'whatsapp',
                metadata: { display_phone_number: '15550109999', phone_number_id: whatsapp.numberId },
                ...value,
              },
            },
          ],
        },
      ],
    }),
    message: (from: string, content: Loose) => ({
      from,
      id: wamid(),
      timestamp: String(Math.floor(listener.clock() / 1000)),
      ...content,
    }),
    status: (sent: Sent, status: string, more: Loose = {}) => ({
      id: sent.id,
      status,
      timestamp: String(Math.floor(listener.clock() / 1000)),
      recipient_id: sent.to,
      ...(sent.body.biz_opaque_callback_data ? { biz_opaque_callback_data: sent.body.biz_opaque_callback_data } : {}),
      ...more,
    }),
    says: (from: string, text: string) =>
      whatsapp.post(
        whatsapp.callbackOf({
          contacts: [{ profile: { name: `Customer ${from}` }, wa_id: from }],
          messages: [whatsapp.message(from, { type: 'text', text: { body: text } })],
        }),
      ),
    sent: (to: string) => whatsapp.accepted.filter((one) => one.to === to),
    texts: (to: string) => whatsapp.sent(to).map(({ body }) => body.text?.body ?? body.interactive?.body.text ?? ''),
  });

  whatsapp.reply = (post: Post): Reply | Promise<Reply> => {
    const { pathname, searchParams } = new URL(post.path, whatsapp.url);
    if (post.headers.authorization !== `Bearer ${whatsapp.token}`)
      return graphError(190, 'Invalid OAuth access token', { status: 401 });
    if (pathname.startsWith('/file/')) return fileOf(pathname.slice('/file/'.length));
    const [, version, node = '', edge = ''] = pathname.split('/');
    const proof = createHmac('sha256', whatsapp.appSecret).update(whatsapp.token).digest('hex');
    if (searchParams.get('appsecret_proof') !== proof)
      return graphError(100, 'Invalid appsecret_proof provided in the API argument');
    if (version !== VERSION) return graphError(2635, 'You are calling a deprecated version of the API');
    const next = whatsapp.instead.shift();
    if (next) return next;
    if (node === whatsapp.accountId && edge === 'subscribed_apps') return ok({ success: true });
    if (node !== whatsapp.numberId) return mediumOf(node);
    if (edge === 'messages') return take(parsed(post.raw));
    if (post.raw === '')
      return ok({
        id: node,
        display_phone_number: '+1 555 010 9999',
        verified_name: 'Front door',
        quality_rating: 'GREEN',
      });
    return overridden(parsed(post.raw));
  };
  return whatsapp;

  function take(body: Loose): Reply {
    const fault = faultOf(body);
    if (fault !== '') {
      whatsapp.faults.push(`${fault} in ${JSON.stringify(body)}`);
      return graphError(100, 'Invalid parameter', { details: fault });
    }
    if (body.status === 'read') {
      whatsapp.marks.push(body);
      return ok({ success: true });
    }
    const to = body.to ?? body.recipient;
    const sent: Sent = { id: wamid(), to, body };
    whatsapp.accepted.push(sent);
    const contact = body.to ? { input: to, wa_id: to } : { input: to, user_id: to };
    return ok({ messaging_product: 'whatsapp', contacts: [contact], messages: [{ id: sent.id }] });
  }

  /** Meta asks the address for its challenge before it takes it. */
  async function overridden(body: Loose): Promise<Reply> {
    const { override_callback_uri, verify_token } = body?.webhook_configuration ?? {};
    const query = new URLSearchParams({
      'hub.mode': 'subscribe',
      'hub.verify_token': verify_token,
      'hub.challenge': '1158201444',
    });
    const asked = await call('GET', `${override_callback_uri}?${query}`).catch(() => null);
    if (asked?.status !== 200 || asked.text !== '1158201444') return graphError(2200, 'Callback verification failed');
    whatsapp.callback = body.webhook_configuration;
    return ok({ success: true });
  }

  function mediumOf(id: string): Reply {
    const file = whatsapp.files.get(id);
    if (!file) return graphError(100, `Unsupported get request. Object with ID '${id}' does not exist`);
    return ok({
      messaging_product: 'whatsapp',
      url: `${whatsapp.url}/file/${id}`,
      mime_type: file.type,
      sha256: '',
      file_size: file.bytes.length,
      id,
    });
  }

  function fileOf(id: string): Reply {
    const file = whatsapp.files.get(id);
    return file ? { body: file.bytes, headers: { 'content-type': file.type } } : graphError(100, 'no such file');
  }
}
