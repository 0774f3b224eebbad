// What both builds share: hooks in, messages in PostgreSQL, posts out. Only what is queued how differs (bullmq.mjs,
// pg-boss.mjs). Nothing signs, checks a token, keeps an order or knows a rule: each of that would cost them more.
// The one thing to know: a hook is answered when its message is committed and its job is queued.
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import pg from 'pg';
import { Pool } from 'undici';

const CONNECTIONS = 64;
const DATABASE_CONNECTIONS = 16;
const headers = { 'content-type': 'application/json' };

const TABLES = `
CREATE TABLE conversations (id text PRIMARY KEY, address text NOT NULL UNIQUE, updated_at timestamptz NOT NULL);
CREATE TABLE messages (id text PRIMARY KEY, external_id text UNIQUE, conversation text NOT NULL, author text NOT NULL,
  body text NOT NULL, status text NOT NULL, created_at timestamptz NOT NULL DEFAULT now(), delivered_at timestamptz);
CREATE INDEX messages_conversation ON messages (conversation, created_at);`;
const FROM_CUSTOMER = {
  name: 'from-customer',
  text: `WITH c AS (INSERT INTO conversations VALUES ($1, $2, now())
      ON CONFLICT (address) DO UPDATE SET updated_at = now() RETURNING id)
    INSERT INTO messages (id, external_id, conversation, author, body, status)
    SELECT $3, $4, c.id, 'customer', $5, 'pending' FROM c ON CONFLICT (external_id) DO NOTHING RETURNING conversation`,
};
const FROM_BOT = {
  name: 'from-bot',
  text: `WITH c AS (SELECT id, address FROM conversations WHERE id = $1), m AS (
      INSERT INTO messages (id, conversation, author, body, status) SELECT $2, id, 'bot', $3, 'pending' FROM c)
    SELECT address FROM c`,
};
const DELIVERED = {
  name: 'delivered',
  text: `UPDATE messages SET status = 'delivered', delivered_at = now() WHERE id = $1`,
};

const target = (url) => {
  const { origin, pathname } = new URL(url);
  return { pool: new Pool(origin, { connections: CONNECTIONS }), path: pathname };
};
const toBot = ({ id, conversation, text }) => ({
  Conversationid: conversation,
  ConversationType: 'BOT',
  Message: text,
  MessageType: 'text',
  Messageid: id,
  Media: '',
  Channel: 'HTTP',
  Event: 'Incoming message',
  Timestamp: new Date().toISOString().replace('T', ' ').slice(0, 22),
});
const toChannel = ({ id, address, text }) => ({
  type: 'message',
  message_id: id,
  to: { address },
  message: { type: 'text', text },
});

/** `start(order, deliver)` opens the queues and gives `enqueue(lane, job)`; `deliver(lane, job)` throws when it failed. */
export function serveBuild(start) {
  let database;
  let lanes;
  let enqueue;

  async function deliver(lane, job) {
    const { pool, path, shape } = lanes[lane];
    const answer = await pool.request({ method: 'POST', path, headers, body: JSON.stringify(shape(job)) });
    await answer.body.dump();
    if (answer.statusCode >= 300) throw new Error(`answered ${answer.statusCode}`);
    await database.query({ ...DELIVERED, values: [job.id] });
  }
  async function fromCustomer({ id: externalId, from, message }) {
    const id = randomUUID();
    const values = [randomUUID(), from.address, id, externalId, message.text];
    const { rows } = await database.query({ ...FROM_CUSTOMER, values });
    if (rows.length === 0) return { accepted: 0, duplicates: 1 };
    await enqueue('bot', { id, conversation: rows[0].conversation, text: message.text });
    return { accepted: 1, duplicates: 0 };
  }
  async function fromBot({ conversation_id, message }) {
    const id = randomUUID();
    const { rows } = await database.query({ ...FROM_BOT, values: [conversation_id, id, message] });
    await enqueue('channel', { id, address: rows[0].address, text: message });
    return { message_id: id, conversation_id };
  }

  const server = createServer((request, response) => {
    const chunks = [];
    const reply = (status, value) => {
      const body = JSON.stringify(value);
      response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body);
    };
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      const body = JSON.parse(Buffer.concat(chunks).toString());
      (request.url === '/bot' ? fromBot(body) : fromCustomer(body)).then(
        (value) => reply(202, value),
        (error) => reply(500, { error: error.message }),
      );
    });
  });
  process.on('message', async (order) => {
    database = new pg.Pool({ connectionString: order.database, max: DATABASE_CONNECTIONS });
    await database.query(TABLES);
    lanes = {
      bot: { ...target(order.bot), shape: toBot },
      channel: { ...target(order.channel), shape: toChannel },
    };
    enqueue = await start(order, deliver);
    process.send({ ok: true });
  });
  process.on('disconnect', () => process.exit(0));
  server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
}
