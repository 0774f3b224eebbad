// A contact centre's software behind a webhook: offers, messages and closings arrive here, its agents speak from here.
// Not here: the console desk, which lives in the program. The one thing to know: every offer is a new conversation.
import { type Answer, call, type Loose } from './call.ts';
import { firstTries, type Listener, listen, type Post } from './listener.ts';

export type DeskMade = { id: string; hook_url: string; secret: string; signing_secret: string };
export const AGENT = 'agent one';

export type Desk = Listener & {
  id: string;
  made: DeskMade;
  adopt(desk: DeskMade, clock: () => number): void;
  /** any body to its hook, by default with its bearer secret */
  post(body: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** one event about one conversation */
  tell(type: string, conversationId: string, data?: Loose): Promise<Answer>;
  accept(conversationId: string): Promise<Answer>;
  say(conversationId: string, text: string, data?: Loose): Promise<Answer>;
  finish(conversationId: string, reason?: string): Promise<Answer>;
  /** the `conversation.started` of one customer, without repeated tries */
  offers(address: string): Post[];
  /** what it was told in one conversation, without repeated tries */
  told(conversationId: string, type?: string): Post[];
};

export async function startDesk(): Promise<Desk> {
  const listener = await listen();
  const desk: Desk = Object.assign(listener, {
    id: '',
    made: { id: '', hook_url: '', secret: '', signing_secret: '' },
    adopt: (made: DeskMade, clock: () => number) => {
      desk.id = made.id;
      desk.made = made;
      desk.secrets = [made.signing_secret];
      desk.clock = clock;
    },
    post: (body: unknown, headers?: Record<string, string>) =>
      call('POST', desk.made.hook_url, { body, headers: headers ?? { authorization: `Bearer ${desk.made.secret}` } }),
    tell: (type: string, conversation_id: string, data: Loose = {}) =>
      desk.post({ type, timestamp: new Date(desk.clock()).toISOString(), data: { conversation_id, ...data } }),
    accept: (conversationId: string) => desk.tell('conversation.accepted', conversationId, { agent: AGENT }),
    say: (conversationId: string, text: string, data: Loose = {}) =>
      desk.tell('message.sent', conversationId, { agent: AGENT, message: { type: 'text', text }, ...data }),
    finish: (conversationId: string, reason = 'solved') => desk.tell('conversation.closed', conversationId, { reason }),
    offers: (address: string) =>
      firstTries(
        desk.posts.filter(
          (post) => post.body?.type === 'conversation.started' && post.body.data.customer.address === address,
        ),
      ),
    told: (conversationId: string, type?: string) =>
      firstTries(
        desk.posts.filter(
          (post) =>
            post.body?.data?.conversation_id === conversationId && (type === undefined || post.body.type === type),
        ),
      ),
  });
  return desk;
}
