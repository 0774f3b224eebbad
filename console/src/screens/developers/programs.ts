// Programs to begin with, filled in with this instance's address: a bot, a program behind the HTTP channel, a desk.
// Not here: showing them. The one thing to know: each runs as it stands with Node alone, once the words in capitals are
// replaced; secrets come from the environment.

export type Topic = 'bot' | 'http' | 'desk';
export const TOPICS: readonly Topic[] = ['bot', 'http', 'desk'];

const SIGNED = `import { createHmac, timingSafeEqual } from 'node:crypto';

/** Whether Signalbox signed this body, less than five minutes ago. */
export function isSigned(headers, body, secret) {
  const { 'webhook-id': id, 'webhook-timestamp': time, 'webhook-signature': given = '' } = headers;
  if (Math.abs(Date.now() / 1000 - Number(time)) > 300) return false;
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
  const right = createHmac('sha256', key).update(\`\${id}.\${time}.\${body}\`).digest();
  return given.split(' ').some((each) => {
    const got = Buffer.from(each.replace('v1,', ''), 'base64');
    return got.length === right.length && timingSafeEqual(got, right);
  });
}`;

export const signatureProgram = (): string => SIGNED;

const LISTEN = `import { createServer } from 'node:http';

const read = async (request) => {
  let body = '';
  for await (const chunk of request) body += chunk;
  return JSON.parse(body);
};
const post = (url, body, headers = {}) =>
  fetch(url, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json', ...headers } });
`;

const BOT_CURL = (url: string): string => `# 1. Register your bot. The answer has its hook_url: keep it.
curl -s ${url}/api/v1/bots \\
  -H "Authorization: Bearer $SIGNALBOX_KEY" -H 'Content-Type: application/json' \\
  -d '{"name": "My bot", "platform": "other", "url": "https://BOT.EXAMPLE.COM/in", "verification_token": "A-LONG-SECRET"}'

# 2. Let it be verified: one real request, which must be answered with the token.
curl -s -X POST ${url}/api/v1/bots/BOT_ID/verification \\
  -H "Authorization: Bearer $SIGNALBOX_KEY" -H 'Content-Type: application/json' -d '{}'

# 3. Say something to the customer of a conversation.
curl -s ${url}/hooks/bots/YOUR-HOOK \\
  -H 'Content-Type: application/json' \\
  -d '{"eventid": "1001", "conversation_id": "CONVERSATION_ID", "message": "Hello", "Messagetype": "text"}'`;

const BOT_NODE = (url: string): string => `${LISTEN}
const HOOK = process.env.BOT_HOOK; // ${url}/hooks/bots/…
const TOKEN = process.env.BOT_TOKEN; // the verification token you chose

createServer(async (request, response) => {
  const event = await read(request);
  // At once: the answer is due within 5 seconds, with the token.
  response.setHeader('content-type', 'application/json').end(JSON.stringify({ verification_token: TOKEN }));
  if (event.Event !== 'Incoming message' || event.ConversationType !== 'BOT') return;
  const conversation_id = event.Conversationid;
  if (/human/i.test(event.Message)) await post(HOOK, { eventid: '1002', conversation_id });
  else await post(HOOK, { eventid: '1001', conversation_id, message: \`You said: \${event.Message}\`, Messagetype: 'text' });
}).listen(8080);`;

const HTTP_CURL = (url: string): string => `# 1. Add an asset. The answer has hook_url, secret and signing_secret, once.
curl -s ${url}/api/v1/assets \\
  -H "Authorization: Bearer $SIGNALBOX_KEY" -H 'Content-Type: application/json' \\
  -d '{"name": "My channel", "channel": "http", "config": {"url": "https://CHANNEL.EXAMPLE.COM/out"}}'

# 2. Bring in what a customer said. The same id again is a duplicate.
curl -s ${url}/hooks/channels/ASSET_ID \\
  -H "Authorization: Bearer $ASSET_SECRET" -H 'Content-Type: application/json' \\
  -d '{"type": "message", "id": "1", "from": {"address": "anna", "name": "Anna"}, "message": {"type": "text", "text": "Hello"}}'`;

const HTTP_NODE = (url: string): string => `${LISTEN}
const HOOK = process.env.ASSET_HOOK; // ${url}/hooks/channels/ast_…
const SECRET = process.env.ASSET_SECRET;

// What customers get: sent again with the same message_id until you answer 2xx.
createServer(async (request, response) => {
  const { type, to, message } = await read(request);
  if (type === 'message') console.log(\`to \${to.address}: \${message.text}\`);
  response.setHeader('content-type', 'application/json').end('{}');
}).listen(8081);

// What customers say: a line typed here.
process.stdin.on('data', (line) =>
  post(
    HOOK,
    { type: 'message', id: crypto.randomUUID(), from: { address: 'me' }, message: { type: 'text', text: String(line).trim() } },
    { authorization: \`Bearer \${SECRET}\` },
  ),
);`;

const DESK_CURL = (
  url: string,
): string => `# 1. Register the desk. The answer has hook_url, secret and signing_secret, once.
curl -s ${url}/api/v1/desks \\
  -H "Authorization: Bearer $SIGNALBOX_KEY" -H 'Content-Type: application/json' \\
  -d '{"name": "My desk", "kind": "webhook", "url": "https://DESK.EXAMPLE.COM/in"}'

# 2. Accept what conversation.started offered, and answer.
curl -s ${url}/hooks/desks/YOUR-HOOK \\
  -H "Authorization: Bearer $DESK_SECRET" -H 'Content-Type: application/json' \\
  -d '{"type": "conversation.accepted", "conversation_id": "CONVERSATION_ID", "agent": "Maya"}'
curl -s ${url}/hooks/desks/YOUR-HOOK \\
  -H "Authorization: Bearer $DESK_SECRET" -H 'Content-Type: application/json' \\
  -d '{"type": "message.sent", "conversation_id": "CONVERSATION_ID", "agent": "Maya", "message": {"type": "text", "text": "Hello, Maya here"}}'`;

const DESK_NODE = (url: string): string => `${LISTEN}
const HOOK = process.env.DESK_HOOK; // ${url}/hooks/desks/…
const headers = { authorization: \`Bearer \${process.env.DESK_SECRET}\` };

createServer(async (request, response) => {
  const { type, data } = await read(request);
  response.end(); // a 2xx within 5 seconds
  if (type !== 'conversation.started') return;
  const about = { conversation_id: data.conversation_id, agent: 'Maya' };
  await post(HOOK, { type: 'conversation.accepted', ...about }, headers);
  const message = { type: 'text', text: \`Hello, I have read \${data.transcript.length} messages.\` };
  await post(HOOK, { type: 'message.sent', ...about, message }, headers);
}).listen(8082);`;

const PROGRAMS = {
  bot: { curl: BOT_CURL, node: BOT_NODE },
  http: { curl: HTTP_CURL, node: HTTP_NODE },
  desk: { curl: DESK_CURL, node: DESK_NODE },
};

export type Language = 'curl' | 'node';
export const programOf = (topic: Topic, language: Language, url: string): string => PROGRAMS[topic][language](url);
