// Programs to copy: a bot or a desk of a dozen lines, filled in with the addresses and secrets at hand.
// Pure texts. The one thing to know: what a person typed goes into a program as a JSON literal, never as it is.

export type Place = { hookUrl: string; url: string; token: string | null; secret: string | null };

const literal = (text: string): string => JSON.stringify(text);
const inShell = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;
const portOf = (url: string): string => {
  try {
    return new URL(url).port || '8080';
  } catch {
    return '8080';
  }
};

export function curlFor(type: 'bot' | 'desk', { hookUrl, secret }: Place): string {
  const body =
    type === 'bot'
      ? { eventid: '1001', conversation_id: 'CONVERSATION', message: 'Hello', Messagetype: 'text' }
      : { type: 'message.sent', data: { conversation_id: 'CONVERSATION', agent: 'Maya', message: { text: 'Hello' } } };
  const lines = [`curl ${inShell(hookUrl)}`, `-H 'content-type: application/json'`];
  if (type === 'desk') lines.push(`-H ${inShell(`authorization: Bearer ${secret ?? 'SECRET'}`)}`);
  return [...lines, `-d ${inShell(JSON.stringify(body))}`].join(' \\\n  ');
}

export const nodeFor = (type: 'bot' | 'desk', place: Place): string => (type === 'bot' ? bot(place) : desk(place));

const bot = ({ hookUrl, url, token }: Place): string => `import { createServer } from 'node:http';

createServer(async (request, response) => {
  const event = JSON.parse(Buffer.concat(await request.toArray()));
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ ${token === null ? '' : `verification_token: ${literal(token)} `}}));
  if (event.Event !== 'Incoming message' || event.ConversationType !== 'BOT') return;
  const { Conversationid: conversation_id, Message } = event;
  const said = { eventid: '1001', conversation_id, message: \`You said: \${Message}\`, Messagetype: 'text' };
  const headers = { 'content-type': 'application/json' };
  await fetch(${literal(hookUrl)}, { method: 'POST', headers, body: JSON.stringify(said) });
}).listen(${portOf(url)});
`;

const desk = ({ hookUrl, url, secret }: Place): string => `import { createServer } from 'node:http';

createServer(async (request, response) => {
  const { type, data } = JSON.parse(Buffer.concat(await request.toArray()));
  response.end();
  if (type !== 'conversation.started') return;
  const { conversation_id } = data;
  const said = { type: 'message.sent', data: { conversation_id, agent: 'Maya', message: { text: 'Hello, how can I help?' } } };
  const headers = { 'content-type': 'application/json', authorization: ${literal(`Bearer ${secret ?? 'SECRET'}`)} };
  await fetch(${literal(hookUrl)}, { method: 'POST', headers, body: JSON.stringify(said) });
}).listen(${portOf(url)});
`;
