// What Signalbox is measured against: a plain forwarder, in memory, in order per conversation, with nothing kept,
// nothing signed and no token checked. node:http in, undici out, as a good hand-written one would be.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Pool } from 'undici';

export type ForwarderOrder = { bot: string; channel: string };
const CONNECTIONS = 64;

type Lane = { pool: Pool; path: string; queue: string[]; running: boolean };
const conversations = new Map<string, { id: string; address: string; toBot: Lane; toChannel: Lane }>();
const byId = new Map<string, { address: string; toChannel: Lane }>();
let bot: { pool: Pool; path: string } | undefined;
let channel: { pool: Pool; path: string } | undefined;
let serial = 0;

const headers = { 'content-type': 'application/json' };
const timestamp = (): string => new Date().toISOString().replace('T', ' ').slice(0, 22);

async function run(lane: Lane): Promise<void> {
  if (lane.running) return;
  lane.running = true;
  for (let body = lane.queue.shift(); body !== undefined; body = lane.queue.shift()) {
    try {
      const answer = await lane.pool.request({ method: 'POST', path: lane.path, headers, body });
      await answer.body.dump();
    } catch {
      // Nothing is kept and nothing is tried again: that is what makes it the plain one.
    }
  }
  lane.running = false;
}

function push(lane: Lane, body: unknown): void {
  lane.queue.push(JSON.stringify(body));
  void run(lane);
}

const lane = (to: { pool: Pool; path: string } | undefined): Lane => {
  if (to === undefined) throw new Error('the forwarder was not told where to');
  return { ...to, queue: [], running: false };
};

function conversationOf(address: string) {
  let known = conversations.get(address);
  if (known === undefined) {
    known = { id: `conv_${++serial}`, address, toBot: lane(bot), toChannel: lane(channel) };
    conversations.set(address, known);
    byId.set(known.id, known);
  }
  return known;
}

function fromCustomer(text: string): unknown {
  const { from, message } = JSON.parse(text);
  const conversation = conversationOf(from.address);
  push(conversation.toBot, {
    Conversationid: conversation.id,
    ConversationType: 'BOT',
    Message: message.text,
    MessageType: message.type,
    Messageid: `msg_${++serial}`,
    Media: '',
    Channel: 'HTTP',
    Event: 'Incoming message',
    Timestamp: timestamp(),
  });
  return { accepted: 1, duplicates: 0 };
}

function fromBot(text: string): unknown {
  const { conversation_id, message, Messagetype } = JSON.parse(text);
  const conversation = byId.get(conversation_id);
  const message_id = `msg_${++serial}`;
  if (conversation !== undefined) {
    const to = { address: conversation.address };
    push(conversation.toChannel, { type: 'message', message_id, to, message: { type: Messagetype, text: message } });
  }
  return { message_id, conversation_id };
}

const server = createServer((request: IncomingMessage, response: ServerResponse) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const text = Buffer.concat(chunks).toString();
    const answer = JSON.stringify(request.url === '/bot' ? fromBot(text) : fromCustomer(text));
    response.writeHead(202, { ...headers, 'content-length': Buffer.byteLength(answer) });
    response.end(answer);
  });
});

const target = (url: string): { pool: Pool; path: string } => {
  const { origin, pathname } = new URL(url);
  return { pool: new Pool(origin, { connections: CONNECTIONS }), path: pathname };
};
process.on('message', (order: ForwarderOrder) => {
  bot = target(order.bot);
  channel = target(order.channel);
  process.send?.({ ok: true });
});
process.on('disconnect', () => process.exit(0));
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.send?.({ port: typeof address === 'object' && address ? address.port : 0 });
});
