// A Chatwoot that is stricter than a real one: one account, one API inbox, its application and public API as far as a
// desk needs them, and its webhooks, signed and judged as Chatwoot judges them. Written after its API description
// (swagger/) and its source (lib/webhooks/trigger.rb, app/listeners/webhook_listener.rb, app/models/message.rb,
// app/builders/, app/presenters/conversations/) at github.com/chatwoot/chatwoot; none of it is copied.
// Not here: Chatwoot itself; none was called. The one thing to know: what a real one would silently ignore (an unknown
// path or parameter, a wrong type) is written down in `faults`, which every test holds empty.
import { createHmac, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { type Answer, call, type Loose, parsed, until } from './call.ts';

export const TOKEN = 'chatwoot-token-of-the-tests';
export const ACCOUNT = 3;
export const INBOX = 7;
const IDENTIFIER = 'inbox-identifier';
/** lib/webhooks/trigger.rb */
const WEBHOOK_TIMEOUT_MS = 5_000;

type Person = { id: number; name: string; type: 'user' | 'agent_bot' | 'contact' };
type Message = {
  id: number;
  content: string | null;
  message_type: 'incoming' | 'outgoing' | 'template';
  private: boolean;
  source_id: string | null;
  sender: Person | null;
  status: 'sent' | 'failed';
  external_error?: string;
  attachments?: Loose[];
};
type Contact = { id: number; name: string; identifier: string | null; source: string };
export type Conversation = {
  id: number;
  contact: Contact;
  status: 'open' | 'resolved' | 'pending' | 'snoozed';
  assignee: Person | null;
  additional_attributes: Loose;
  custom_attributes: Loose;
  messages: Message[];
};
type Asked = { method: string; path: string; query: URLSearchParams; body: Loose };
type Reply = { status: number; body: Loose };
type Route = { method: string; path: RegExp; takes: string[]; run(asked: Asked, ids: string[]): Reply };

const ok = (body: Loose): Reply => ({ status: 200, body });
const no = (status: number, error: string): Reply => ({ status, body: { error } });
export const user = (name: string, id = 1): Person => ({ id, name, type: 'user' });

export type Chatwoot = Awaited<ReturnType<typeof startChatwoot>>;

export async function startChatwoot() {
  const contacts: Contact[] = [];
  const conversations: Conversation[] = [];
  const inbox = {
    id: INBOX,
    name: 'Customers',
    channel_type: 'Channel::Api',
    webhook_url: '' as string | null,
    lock_to_single_conversation: false,
    inbox_identifier: IDENTIFIER,
    hmac_token: 'hmac-token-of-chatwoot',
  };
  const state = {
    url: '',
    faults: [] as string[],
    requests: [] as Asked[],
    /** answers to our webhooks, in order */
    answers: [] as { event: string; status: number; text: string }[],
    /** typing and seen of contacts, as the public API got them */
    typed: [] as string[],
    inbox,
    contacts,
    conversations,
    /** from 4.13 on; null: an older one, which does not sign */
    secret: 'webhook-secret-of-chatwoot' as string | null,
    administrator: true,
    clock: Date.now as () => number,
    /** does the work of the next matching request, and breaks the connection instead of answering */
    breakNext: null as RegExp | null,
    /** the same, but never answers */
    hangNext: null as RegExp | null,
    /** answers instead */
    refuse: null as ((asked: Asked) => Reply | null) | null,
  };
  let ids = 100;

  // ── what it shows ──
  const shown = (of: Conversation): Loose => ({
    id: of.id,
    account_id: ACCOUNT,
    inbox_id: INBOX,
    status: of.status,
    additional_attributes: of.additional_attributes,
    custom_attributes: of.custom_attributes,
    meta: { sender: { id: of.contact.id, identifier: of.contact.identifier }, assignee: of.assignee ?? undefined },
    messages: of.messages.slice(-1).map(listed),
  });
  const KINDS = { incoming: 0, outgoing: 1, template: 3 };
  const listed = (of: Message): Loose => ({ ...of, message_type: KINDS[of.message_type] });
  const pushed = (of: Conversation): Loose => ({
    ...shown(of),
    can_reply: true,
    channel: 'Channel::Api',
    contact_inbox: { source_id: of.contact.source, inbox_id: INBOX },
    meta: { sender: { id: of.contact.id, name: of.contact.name, type: 'contact' }, assignee: of.assignee },
  });

  // ── its webhooks ──
  async function post(event: string, payload: Loose, about?: Message): Promise<Answer | null> {
    if (!inbox.webhook_url) return null;
    const body = JSON.stringify({ ...payload, event });
    const timestamp = String(Math.floor(state.clock() / 1000));
    const mac = state.secret && createHmac('sha256', state.secret).update(`${timestamp}.${body}`).digest('hex');
    const headers = {
      'x-chatwoot-delivery': randomUUID(),
      ...(mac ? { 'x-chatwoot-timestamp': timestamp, 'x-chatwoot-signature': `sha256=${mac}` } : {}),
    };
    const answer = await call('POST', inbox.webhook_url, { body, headers, timeoutMs: WEBHOOK_TIMEOUT_MS }).catch(
      () => null,
    );
    state.answers.push({ event, status: answer?.status ?? 0, text: answer?.text ?? '' });
    if (about && (answer === null || answer.status >= 300)) {
      about.status = 'failed';
      about.external_error = String(answer?.status ?? 'timeout');
    }
    return answer;
  }
  const messageCreated = (of: Conversation, message: Message): Promise<Answer | null> => {
    const { attachments, ...rest } = message;
    const files = attachments?.length ? { attachments } : {};
    const payload = {
      ...rest,
      account: { id: ACCOUNT, name: 'Account' },
      inbox: { id: INBOX, name: inbox.name },
      content_type: 'text',
      content_attributes: {},
      conversation: pushed(of),
      ...files,
    };
    return post('message_created', payload, message);
  };

  function add(of: Conversation, given: Partial<Message>): Message {
    const message: Message = {
      id: ++ids,
      content: null,
      message_type: 'outgoing',
      private: false,
      source_id: null,
      sender: null,
      status: 'sent',
      ...given,
    };
    of.messages.push(message);
    return message;
  }

  // ── its API ──
  const account = `/api/v1/accounts/${ACCOUNT}`;
  const one = (id: string | undefined): Conversation | undefined =>
    conversations.find((each) => String(each.id) === id);
  const showInbox = (): Loose => ({
    ...inbox,
    ...(state.administrator ? (state.secret ? { secret: state.secret } : {}) : { hmac_token: undefined }),
  });
  const said = (of: Conversation, body: Loose): Message =>
    add(of, {
      content: body.content,
      message_type: body.message_type ?? 'outgoing',
      private: body.private ?? false,
      source_id: body.source_id ?? null,
      sender: body.message_type === 'incoming' ? { ...of.contact, type: 'contact' } : user('Signalbox', 99),
    });
  const MESSAGE = ['content', 'message_type', 'private', 'source_id'];
  const routes: Route[] = [
    {
      method: 'GET',
      path: new RegExp(`^${account}/inboxes/(\\d+)$`),
      takes: [],
      run: (_, [id]) => (id === String(INBOX) ? ok(showInbox()) : no(404, 'Resource could not be found')),
    },
    {
      method: 'PUT',
      path: new RegExp(`^${account}/inboxes/${INBOX}$`),
      takes: ['channel.webhook_url'],
      run({ body }) {
        if (!state.administrator) return no(401, 'You are not authorized to do this action');
        inbox.webhook_url = body.channel.webhook_url;
        return ok(showInbox());
      },
    },
    {
      method: 'GET',
      path: new RegExp(`^${account}/contacts/search$`),
      takes: [],
      run({ query }) {
        const q = query.get('q') ?? '';
        if (q === '') return no(422, 'Specify search string with parameter q');
        const found = contacts.filter((each) => each.name.includes(q) || each.identifier?.includes(q));
        const payload = found.map(({ id, name, identifier, source }) => ({
          id,
          name,
          identifier,
          contact_inboxes: [{ source_id: source, inbox: { id: INBOX } }],
        }));
        return ok({ meta: { count: payload.length, current_page: 1 }, payload });
      },
    },
    {
      method: 'POST',
      path: new RegExp(`^${account}/contacts$`),
      takes: ['inbox_id', 'name', 'identifier'],
      run({ body }) {
        if (typeof body.name !== 'string' || body.name.length > 255)
          return no(422, 'Name is too long (maximum is 255 characters)');
        if (body.inbox_id !== INBOX) return no(404, 'Resource could not be found');
        if (contacts.some((each) => each.identifier === body.identifier))
          return { status: 422, body: { message: 'Identifier has already been taken', attributes: ['identifier'] } };
        const contact = { id: ++ids, name: body.name, identifier: body.identifier ?? null, source: randomUUID() };
        contacts.push(contact);
        return ok({ payload: { contact, contact_inbox: { inbox: { id: INBOX }, source_id: contact.source } } });
      },
    },
    {
      method: 'GET',
      path: new RegExp(`^${account}/contacts/(\\d+)/conversations$`),
      takes: [],
      run: (_, [id]) =>
        ok({
          payload: conversations
            .filter((each) => String(each.contact.id) === id)
            .toReversed()
            .slice(0, 20)
            .map(shown),
        }),
    },
    {
      method: 'POST',
      path: new RegExp(`^${account}/conversations$`),
      takes: [
        'inbox_id',
        'contact_id',
        'source_id',
        'status',
        'additional_attributes',
        'custom_attributes',
        ...MESSAGE.map((name) => `message.${name}`),
      ],
      run({ body }) {
        const contact = contacts.find((each) => each.id === body.contact_id);
        if (!contact || body.inbox_id !== INBOX || body.source_id !== contact.source)
          return no(404, 'Resource could not be found');
        const old = inbox.lock_to_single_conversation
          ? conversations.find((each) => each.contact === contact)
          : undefined;
        const { status, additional_attributes, custom_attributes } = body;
        const made: Conversation = old ?? {
          id: conversations.length + 1,
          contact,
          status,
          assignee: null,
          additional_attributes,
          custom_attributes,
          messages: [],
        };
        if (!old) conversations.push(made);
        const note = said(made, body.message);
        if (!old) void post('conversation_created', pushed(made));
        void messageCreated(made, note);
        return ok(shown(made));
      },
    },
    {
      method: 'GET',
      path: new RegExp(`^${account}/conversations/(\\d+)/messages$`),
      takes: [],
      run: (_, [id]) => ok({ meta: {}, payload: one(id)?.messages.slice(-20).map(listed) ?? [] }),
    },
    {
      method: 'POST',
      path: new RegExp(`^${account}/conversations/(\\d+)/messages$`),
      takes: MESSAGE,
      run({ body }, [id]) {
        const of = one(id);
        if (!of) return no(404, 'Resource could not be found');
        if (typeof body.content !== 'string' || body.content.length > 150_000) return no(422, 'Content is too long');
        const message = said(of, body);
        void messageCreated(of, message);
        return ok(listed(message));
      },
    },
    {
      method: 'POST',
      path: new RegExp(`^${account}/conversations/(\\d+)/toggle_status$`),
      takes: ['status'],
      run({ body }, [id]) {
        const of = one(id);
        if (!of) return no(404, 'Resource could not be found');
        void turn(of, body.status);
        return ok({ meta: {}, payload: { success: true, current_status: of.status, conversation_id: of.id } });
      },
    },
    {
      method: 'POST',
      path: /^\/public\/api\/v1\/inboxes\/([\w-]+)\/contacts\/([\w-]+)\/conversations\/(\d+)\/toggle_typing$/,
      takes: ['typing_status'],
      run({ body }, [identifier, source, id]) {
        const of = one(id);
        if (!of || identifier !== IDENTIFIER || of.contact.source !== source)
          return no(404, 'Resource could not be found');
        state.typed.push(body.typing_status);
        const contact = { id: of.contact.id, name: of.contact.name, type: 'contact' };
        void post(`conversation_typing_${body.typing_status}`, {
          user: contact,
          conversation: pushed(of),
          is_private: false,
        });
        return { status: 200, body: null };
      },
    },
  ];

  async function turn(of: Conversation, status: Conversation['status']): Promise<Answer | null> {
    if (of.status === status) return null;
    const changed_attributes = [{ status: { previous_value: of.status, current_value: status } }];
    of.status = status;
    return post('conversation_status_changed', { ...pushed(of), changed_attributes });
  }

  function answerTo(asked: Asked, token: string): Reply {
    const { method, path } = asked;
    const refused = state.refuse?.(asked);
    if (refused) return refused;
    if (path.startsWith('/api/') && token !== TOKEN) return no(401, 'Invalid Access Token');
    const route = routes.find((each) => each.method === method && each.path.test(path));
    if (!route) {
      state.faults.push(`no such route: ${method} ${path}`);
      return no(404, 'Resource could not be found');
    }
    for (const name of leaves(asked.body)) {
      if (!route.takes.includes(name) && !/^(additional|custom)_attributes\./.test(name))
        state.faults.push(`${method} ${path}: no parameter ${name}`);
    }
    return route.run(asked, route.path.exec(path)?.slice(1) ?? []);
  }

  const sockets = new Set<Socket>();
  const server = createServer(async (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://chatwoot');
    const body = parsed(Buffer.concat(chunks).toString('utf8'));
    const asked = { method: request.method ?? '', path: pathname, query: searchParams, body };
    state.requests.push(asked);
    const reply = answerTo(asked, String(request.headers.api_access_token ?? ''));
    if (state.hangNext?.test(`${asked.method} ${asked.path}`)) {
      state.hangNext = null;
      return;
    }
    if (state.breakNext?.test(`${asked.method} ${asked.path}`)) {
      state.breakNext = null;
      return void response.destroy();
    }
    response.writeHead(reply.status, { 'content-type': 'application/json; charset=utf-8' });
    response.end(reply.body === null ? '' : JSON.stringify(reply.body));
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  state.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  server.unref();

  return Object.assign(state, {
    /** the conversations of the contact that stands for a thread, oldest first */
    of: (thread: string): Conversation[] => conversations.filter((each) => each.contact.identifier === thread),
    opened: (thread: string): Promise<Conversation> =>
      until('the conversation is in Chatwoot', () =>
        conversations.findLast((each) => each.contact.identifier === thread),
      ),
    /** an agent's message, or what `given` makes of it; waits until our answer came */
    async says(of: Conversation, content: string | null, given: Partial<Message> = {}): Promise<Message> {
      const message = add(of, { content, sender: user('Agent One'), ...given });
      await messageCreated(of, message);
      return message;
    },
    /** the same webhook once more */
    again: messageCreated,
    async assign(of: Conversation, assignee: Person | null): Promise<void> {
      const changed_attributes = [
        { assignee_id: { previous_value: of.assignee?.id ?? null, current_value: assignee?.id ?? null } },
      ];
      of.assignee = assignee;
      await post('conversation_updated', { ...pushed(of), changed_attributes });
    },
    turn,
    types: (of: Conversation, on: boolean, is_private = false) =>
      post(on ? 'conversation_typing_on' : 'conversation_typing_off', {
        user: user('Agent One'),
        conversation: pushed(of),
        is_private,
      }),
    post,
    pushed,
    async down(): Promise<void> {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  });
}

/** The names of all values in a body, as `a.b`. */
function leaves(value: Loose, before = ''): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return before === '' ? [] : [before];
  return Object.entries(value).flatMap(([name, inner]) => leaves(inner, before === '' ? name : `${before}.${name}`));
}
