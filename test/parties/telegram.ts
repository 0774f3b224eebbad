// Telegram as far as one bot sees it: a Bot API server that takes only what the real one documents, and posts updates.
// Not here: what its methods take (telegram-methods.ts). The one thing to know: it plays both ends, the server that the
// program calls and the customers who write; a method that it was answered an update with is carried out, as the real
// one does it (core.telegram.org/bots/api#making-requests-when-getting-updates).
import { type Answer, call, type Loose, parsed } from './call.ts';
import { type Listener, listen, type Post, type Reply } from './listener.ts';
import { faultOf } from './telegram-methods.ts';

export type Call = { method: string; parameters: Loose };
export type Webhook = { url: string; secret_token?: string; allowed_updates?: string[] };

export type Telegram = Listener & {
  token: string;
  /** of the bot */
  me: Loose;
  webhook: Webhook | null;
  /** every call that was taken, in order */
  calls: Call[];
  /** what was refused, and why: a correct program has none that the test did not ask for */
  faults: string[];
  /** answers the next call of a method in place of the server, oldest first */
  instead: { method: string; reply: Reply }[];
  /** bytes by file_id */
  files: Map<string, { path: string; type: string; bytes: Buffer }>;
  /** one update to the webhook, as it is */
  post(update: Loose, headers?: Record<string, string>): Promise<Answer>;
  update(kind: string, value: Loose): Loose;
  /** a private chat, as updates name it */
  chatOf(chat: number): Loose;
  /** the number that a message got which was sent */
  idOf(sent: Call | undefined): number;
  /** a customer's message, not sent yet */
  message(chat: number, content: Loose): Loose;
  says(chat: number, text: string): Promise<Answer>;
  /** presses a button under a message of the bot's */
  presses(chat: number, sent: Call, data: string): Promise<Answer>;
  /** what reached the customer: calls of sending, each once */
  sent(chat: number): Call[];
  texts(chat: number): string[];
};

const BOT = 1234567;
const FILE = /^\/file\/bot([^/]+)\/(.+)$/;
const CALL = /^\/bot([^/]+)\/(\w+)$/;

const ok = (result: unknown): Reply => ({ body: { ok: true, result } });
export const failed = (code: number, description: string, parameters?: Loose): Reply => ({
  status: code,
  body: { ok: false, error_code: code, description, ...(parameters ? { parameters } : {}) },
});

export async function startTelegram(): Promise<Telegram> {
  const listener = await listen();
  let updates = 100;
  let messages = 500;
  const messageIds = new WeakMap<Call, number>();
  const chatOf = (chat: number): Loose => ({
    id: chat,
    type: 'private',
    first_name: 'Customer',
    last_name: String(chat),
  });
  const userOf = (chat: number): Loose => ({
    id: chat,
    is_bot: false,
    first_name: 'Customer',
    last_name: String(chat),
  });

  const telegram: Telegram = Object.assign(listener, {
    token: `${BOT}:AAbbCCddEEff-00112233445566778899_xyz`,
    me: { id: BOT, is_bot: true, first_name: 'Front door', username: 'front_door_bot' },
    webhook: null,
    calls: [],
    faults: [],
    instead: [],
    files: new Map(),
    async post(update: Loose, headers?: Record<string, string>) {
      const { url = '', secret_token } = telegram.webhook ?? {};
      const proof: Record<string, string> = secret_token ? { 'x-telegram-bot-api-secret-token': secret_token } : {};
      const answer = await call('POST', url, { body: update, headers: headers ?? proof });
      const { method, ...parameters } = answer.body ?? {};
      if (answer.status < 300 && typeof method === 'string') carryOut(method, parameters);
      return answer;
    },
    update: (kind: string, value: Loose) => ({ update_id: ++updates, [kind]: value }),
    chatOf,
    idOf: (sent: Call | undefined) => (sent && messageIds.get(sent)) ?? 0,
    message: (chat: number, content: Loose) => ({
      message_id: ++messages,
      from: userOf(chat),
      chat: chatOf(chat),
      date: Math.floor(Date.now() / 1000),
      ...content,
    }),
    says: (chat: number, text: string) => telegram.post(telegram.update('message', telegram.message(chat, { text }))),
    presses(chat: number, sent: Call, data: string) {
      const message = {
        message_id: messageIds.get(sent),
        from: telegram.me,
        chat: chatOf(chat),
        date: 1750930200,
        ...sent.parameters,
      };
      const query = { id: `query${++updates}`, from: userOf(chat), message, chat_instance: '-1', data };
      return telegram.post(telegram.update('callback_query', query));
    },
    sent: (chat: number) =>
      telegram.calls.filter(
        ({ method, parameters }) => /^send(?!ChatAction)/.test(method) && parameters.chat_id === chat,
      ),
    texts: (chat: number) => telegram.sent(chat).map(({ parameters }) => parameters.text ?? parameters.caption ?? ''),
  });

  function carryOut(method: string, parameters: Loose): Reply {
    const fault = faultOf(method, parameters);
    if (fault !== '') {
      telegram.faults.push(`${method}: ${fault} in ${JSON.stringify(parameters)}`);
      return fault === 'Not Found' ? failed(404, fault) : failed(400, fault);
    }
    const made: Call = { method, parameters };
    telegram.calls.push(made);
    if (method === 'getMe') return ok(telegram.me);
    if (method === 'setWebhook') {
      telegram.webhook = parameters;
      return ok(true);
    }
    if (method === 'getWebhookInfo') {
      return ok({ url: telegram.webhook?.url ?? '', has_custom_certificate: false, pending_update_count: 0 });
    }
    if (method === 'getFile') {
      const file = telegram.files.get(parameters.file_id);
      return file
        ? ok({ file_id: parameters.file_id, file_unique_id: 'u', file_size: file.bytes.length, file_path: file.path })
        : failed(400, 'Bad Request: invalid file_id');
    }
    if (!/^send(?!ChatAction)/.test(method)) return ok(true);
    const count = method === 'sendMediaGroup' ? parameters.media.length : 1;
    const result = Array.from({ length: count }, () => ({
      message_id: ++messages,
      from: telegram.me,
      chat: chatOf(Number(parameters.chat_id)),
      date: Math.floor(Date.now() / 1000),
    }));
    messageIds.set(made, result[0]?.message_id ?? 0);
    return ok(method === 'sendMediaGroup' ? result : result[0]);
  }

  telegram.reply = (post: Post): Reply => {
    const [, fileToken, path] = FILE.exec(post.path) ?? [];
    if (path !== undefined) {
      const file = [...telegram.files.values()].find((one) => one.path === decodeURI(path));
      if (fileToken !== telegram.token || file === undefined) return failed(404, 'Not Found');
      return { body: file.bytes, headers: { 'content-type': 'application/octet-stream' } };
    }
    const [, token, method = ''] = CALL.exec(post.path) ?? [];
    if (token !== telegram.token) return failed(401, 'Unauthorized');
    const at = telegram.instead.findIndex((next) => next.method === method);
    const [instead] = at < 0 ? [] : telegram.instead.splice(at, 1);
    if (instead !== undefined) return instead.reply;
    return carryOut(method, post.raw === '' ? {} : parsed(post.raw));
  };
  return telegram;
}
