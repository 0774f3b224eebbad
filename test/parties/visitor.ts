// A visitor of a page with the web chat in it, as the widget is one: a session, an outbox, a stream that comes back.
// Not here: a browser. The one thing to know: `seen` is what a careful widget would show: by cursor, each once; `events`
// is everything that came, as it came.
import { randomUUID } from 'node:crypto';
import { type ClientRequest, request } from 'node:http';
import { type Answer, type Asked, call, type Loose, parsed } from './call.ts';

export type Shown = { event: string; id: string | null; data: Loose };

export type Visitor = {
  asset: string;
  session: Loose;
  /** what came over all streams so far */
  events: Shown[];
  /** anything to the web chat, by default as this visitor */
  ask(method: string, path: string, asked?: Asked): Promise<Answer>;
  open(body?: Loose, headers?: Record<string, string>): Promise<Answer>;
  post(items: Loose[]): Promise<Answer>;
  says(text: string, id?: string): Promise<Answer>;
  upload(bytes: Buffer | string, type: string, name: string): Promise<Answer>;
  /** opens a stream; gives the status of its answer */
  listen(after?: string | null): Promise<number>;
  hangUp(): void;
  /** the ids of messages that came, in the order in which they came */
  heard(): string[];
  /** the words of messages by others */
  words(): string[];
  last(event: string): Loose | undefined;
};

export function visit(base: string, asset: string): Visitor {
  let stream: ClientRequest | null = null;
  const visitor: Visitor = {
    asset,
    session: {},
    events: [],
    ask: (method, path, asked = {}) =>
      call(method, `${base}/webchat/${asset}/${path}`, {
        ...asked,
        headers: { authorization: `Bearer ${visitor.session.token}`, ...asked.headers },
      }),
    open: async (body = {}, headers = {}) => {
      const answer = await call('POST', `${base}/webchat/${asset}/sessions`, { body, headers });
      if (answer.status === 200) visitor.session = answer.body;
      return answer;
    },
    post: (items) => visitor.ask('POST', 'messages', { body: items }),
    says: (text, id = randomUUID()) => visitor.post([{ id, type: 'message', text }]),
    upload: (bytes, type, name) =>
      visitor.ask('POST', `media?name=${encodeURIComponent(name)}`, {
        body: Buffer.from(bytes),
        headers: { 'content-type': type },
      }),
    listen: (after = visitor.events.findLast(({ id }) => id !== null)?.id ?? visitor.session.cursor) =>
      new Promise((resolve, reject) => {
        visitor.hangUp();
        const query = after === null ? '' : `?after=${after}`;
        const headers = { authorization: `Bearer ${visitor.session.token}`, accept: 'text/event-stream' };
        const mine = request(`${base}/webchat/${asset}/events${query}`, { headers, agent: false }, (incoming) => {
          let rest = '';
          incoming.setEncoding('utf8');
          incoming.on('error', () => undefined);
          incoming.on('data', (text: string) => {
            const blocks = (rest + text).split('\n\n');
            rest = blocks.pop() ?? '';
            for (const block of blocks) {
              const event = read(block);
              if (event) visitor.events.push(event);
            }
          });
          resolve(incoming.statusCode ?? 0);
        });
        mine.on('error', reject);
        mine.end();
        stream = mine;
      }),
    hangUp: () => {
      stream?.on('error', () => undefined);
      stream?.destroy();
      stream = null;
    },
    heard: () => visitor.events.filter(({ event }) => event === 'message').map(({ data }) => data.id),
    words: () =>
      visitor.events
        .filter(({ event, data }) => event === 'message' && data.author.type !== 'customer')
        .map(({ data }) => data.text),
    last: (event) => visitor.events.findLast((each) => each.event === event)?.data,
  };
  return visitor;
}

/** One event of a stream; a comment is none. */
function read(block: string): Shown | null {
  const field = (name: string): string | null =>
    block
      .split('\n')
      .find((line) => line.startsWith(`${name}: `))
      ?.slice(name.length + 2) ?? null;
  const event = field('event');
  return event === null ? null : { event, id: field('id'), data: parsed(field('data') ?? '') };
}
