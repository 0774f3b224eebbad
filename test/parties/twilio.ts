// Twilio as it documents itself: takes our forms and nothing that its API would not, signs its webhooks, tells
// statuses.
// Not here: our program's side. The one thing to know: it has no idempotency key, so every form that it took is a
// message that the customer got; `faults` is what it found wrong with our requests, and must stay empty.
import { randomBytes } from 'node:crypto';
import { signatureOf } from '../../src/channels/sms/fixtures/signed.ts';
import { faultOf } from '../../src/channels/sms/fixtures/strict.ts';
import { type Answer, call } from './call.ts';
import { type Listener, listen, type Post, type Reply } from './listener.ts';

/** Its first bytes say what it is. */
export const PNG = Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), Buffer.alloc(5_000, 'p')]);
const sid = (prefix: string): string => prefix + randomBytes(16).toString('hex');

export type Taken = { sid: string; form: URLSearchParams };
export type Twilio = Listener & {
  config(): Record<string, unknown>;
  /** its hook at our program, without what stands behind `#` */
  hook: string;
  taken: Taken[];
  faults: string[];
  /** answers the next posts to Messages in place of 201; the message of a `reset` was taken all the same */
  instead: Reply[];
  /** what the number's webhook was set to */
  smsUrl: string;
  /** a picture of the account's, behind a redirect: its parameters in a webhook */
  picture(): Record<string, string>;
  /** how the place behind the redirect was asked */
  fetched: Post[];
  to(address: string): Taken[];
  texts(address: string): string[];
  /** one webhook: a message that came in */
  says(address: string, text: string, more?: Record<string, string>): Promise<Answer>;
  post(url: string, form: Record<string, string>, headers?: Record<string, string>): Promise<Answer>;
  /** a status callback of a message that was taken */
  status(message: Taken, status: string, more?: Record<string, string>): Promise<Answer>;
};

export async function startTwilio(): Promise<Twilio> {
  const listener = await listen();
  const [account, token, number, phone] = [sid('AC'), randomBytes(16).toString('hex'), '+15550199', sid('PN')];
  const twilio: Twilio = Object.assign(listener, {
    hook: '',
    taken: [] as Taken[],
    faults: [] as string[],
    instead: [] as Reply[],
    smsUrl: '',
    fetched: [] as Post[],
    picture: () => ({
      NumMedia: '1',
      MediaContentType0: 'image/png',
      MediaUrl0: `${listener.url}/2010-04-01/Accounts/${account}/Messages/${sid('MM')}/Media/${sid('ME')}`,
    }),
    config: () => ({ account_sid: account, auth_token: token, from: number, api_url: listener.url }),
    to: (address: string) => twilio.taken.filter(({ form }) => form.get('To') === address),
    texts: (address: string) => twilio.to(address).map(({ form }) => form.get('Body') ?? ''),
    says: (address: string, text: string, more: Record<string, string> = {}) => {
      const id = more.MessageSid ?? sid('SM');
      const form = { MessageSid: id, SmsSid: id, SmsStatus: 'received', AccountSid: account, NumMedia: '0' };
      return twilio.post(twilio.hook, { ...form, From: address, To: number, Body: text, ...more });
    },
    post: (url: string, form: Record<string, string>, headers?: Record<string, string>) => {
      const body = new URLSearchParams(form).toString();
      const signed = { 'x-twilio-signature': signatureOf(url, Buffer.from(body), token) };
      const type = { 'content-type': 'application/x-www-form-urlencoded' };
      return call('POST', url.split('#')[0] ?? '', {
        body: Buffer.from(body),
        headers: { ...type, ...(headers ?? signed) },
      });
    },
    status: ({ sid: id, form }: Taken, status: string, more: Record<string, string> = {}) => {
      const url = form.get('StatusCallback') ?? '';
      const said = { MessageSid: id, SmsSid: id, MessageStatus: status, SmsStatus: status, AccountSid: account };
      return twilio.post(url.split('#')[0] ?? '', { ...said, From: number, To: form.get('To') ?? '', ...more });
    },
  });

  function take(post: Post): Reply {
    const made: Taken = { sid: sid('SM'), form: new URLSearchParams(post.raw) };
    const reply = twilio.instead.shift();
    if (reply === undefined || reply.fault !== undefined) twilio.taken.push(made);
    return reply ?? { status: 201, body: { sid: made.sid, status: 'queued', error_code: null } };
  }

  listener.reply = (post) => {
    if (post.path.startsWith('/cdn/')) {
      twilio.fetched.push(post);
      return { headers: { 'content-type': 'image/png' }, body: PNG };
    }
    const fault = faultOf({ ...post, body: post.raw }, { [account]: token });
    if (fault !== '') {
      twilio.faults.push(fault);
      return { status: fault.includes('credentials') ? 401 : 400, body: { code: 20001, message: fault, status: 400 } };
    }
    if (post.method === 'POST' && post.path.endsWith('/Messages.json')) return take(post);
    if (post.method === 'POST') twilio.smsUrl = new URLSearchParams(post.raw).get('SmsUrl') ?? '';
    if (post.path.includes('/Media/')) return { status: 307, headers: { location: `${listener.url}/cdn/1` } };
    if (!post.path.includes('IncomingPhoneNumbers'))
      return { body: { friendly_name: 'Shop', status: 'active', type: 'Full' } };
    const own = { sid: phone, phone_number: number, capabilities: { sms: true }, sms_url: '', sms_application_sid: '' };
    return { body: post.method === 'POST' ? own : { incoming_phone_numbers: [own] } };
  };
  return twilio;
}
