// The widget's face of the web chat, and links to media, for the OpenAPI document.
// Not here: what they do (server.ts) and their types as the widget has them (src/channels/webchat/protocol.ts).
// The one thing to know: these schemas describe and never check.
import { type OpenAPIHono, z } from '@hono/zod-openapi';
import { PROBLEM_TYPE, STREAM_TYPE } from '../answers.ts';

type Registry = OpenAPIHono['openAPIRegistry'];
type Registered = Parameters<Registry['registerPath']>[0];

const JSON_TYPE = 'application/json';
const TAG = 'Web chat';
const asset_id = z.string();
const refused = {
  description: 'Refused',
  content: { [PROBLEM_TYPE]: { schema: z.object({ code: z.string() }).loose() } },
};

const holder = z.object({ type: z.enum(['none', 'bot', 'waiting', 'agent']), name: z.string() });
const ticks = z.object({ delivered_turn: z.int(), read_turn: z.int() });
const medium = z.object({ url: z.string(), type: z.string(), name: z.string() });
const message = z
  .object({
    id: z.string(),
    cursor: z.string(),
    at: z.int().openapi({ description: 'ms since 1970' }),
    author: z.object({ type: z.enum(['customer', 'agent', 'bot', 'system']), name: z.string() }),
    type: z.string(),
    text: z.string(),
    media: z.array(medium),
    quick_replies: z.array(z.object({ title: z.string(), payload: z.union([z.string(), z.null()]) })),
    client_id: z.string().optional(),
    turn: z.int().optional(),
    postback: z.literal(true).optional(),
    receipt: z.union([z.enum(['delivered', 'read']), z.null()]).optional(),
  })
  .openapi('ChatMessage');
const history = z.object({ messages: z.array(message), more: z.boolean(), ticks }).openapi('ChatHistory');
const session = z
  .object({
    token: z.string(),
    expires_at: z.int(),
    address: z.string(),
    verified: z.boolean(),
    resumed: z.boolean(),
    settings: z.record(z.string(), z.unknown()),
    holder,
    cursor: z.string(),
    history,
  })
  .openapi('ChatSession');
const asked = z.object({
  token: z.string().optional(),
  identity: z.object({ id: z.string(), name: z.string().optional(), hmac: z.string() }).optional(),
  name: z.string().optional(),
});
const posted = z
  .array(
    z.object({
      id: z.string().openapi({ description: 'yours: the same one again is a duplicate without effect' }),
      type: z.enum(['message', 'postback']),
      text: z.string().optional(),
      media: z.array(z.string()).optional(),
      payload: z.string().optional(),
      title: z.string().optional(),
      sent_at: z.int().optional(),
    }),
  )
  .openapi('ChatPost');
const results = z.object({
  results: z.array(z.object({ id: z.string(), message_id: z.string(), duplicate: z.boolean() })),
});
const uploaded = z.object({ id: z.string(), url: z.string(), type: z.string(), name: z.string(), bytes: z.int() });

type Draft = {
  method: 'get' | 'post';
  action: string;
  name: string;
  summary: string;
  query?: z.ZodObject;
  body?: z.ZodType | 'bytes';
  status: 200 | 201 | 204;
  answer?: z.ZodType | 'stream';
};

const DRAFTS: readonly Draft[] = [
  {
    method: 'post',
    action: 'sessions',
    name: 'openChat',
    summary: 'A session: of a token, of an identity, or of somebody new',
    body: asked,
    status: 200,
    answer: session,
  },
  {
    method: 'get',
    action: 'events',
    name: 'streamChat',
    summary: 'What happens, as Server-Sent Events, after a cursor',
    query: z.object({ after: z.string().optional() }),
    status: 200,
    answer: 'stream',
  },
  {
    method: 'get',
    action: 'history',
    name: 'getChatHistory',
    summary: 'What was said, backwards, page by page',
    query: z.object({ before: z.string().optional(), limit: z.string().optional() }),
    status: 200,
    answer: history,
  },
  {
    method: 'post',
    action: 'messages',
    name: 'postToChat',
    summary: 'What the customer says, in order, all or none',
    body: posted,
    status: 200,
    answer: results,
  },
  {
    method: 'post',
    action: 'receipts',
    name: 'postChatReceipts',
    summary: 'What reached the customer, and what was read',
    body: z.object({ message_ids: z.array(z.string()), status: z.enum(['delivered', 'read']) }),
    status: 204,
  },
  {
    method: 'post',
    action: 'typing',
    name: 'postChatTyping',
    summary: 'The customer is typing, or stopped',
    body: z.object({ on: z.boolean() }),
    status: 204,
  },
  {
    method: 'post',
    action: 'media',
    name: 'uploadToChat',
    summary: 'A file: the bytes as they are, at most 10 MiB',
    query: z.object({ name: z.string().optional() }),
    body: 'bytes',
    status: 201,
    answer: uploaded,
  },
];

const bytes = z.string().openapi({ format: 'binary' });

function pathOf(draft: Draft): Registered {
  const { method, action, name, summary, query, body, status, answer } = draft;
  const content = body === 'bytes' ? { '*/*': { schema: bytes } } : body && { [JSON_TYPE]: { schema: body } };
  const said =
    answer === 'stream' ? { [STREAM_TYPE]: { schema: z.string() } } : answer && { [JSON_TYPE]: { schema: answer } };
  return {
    method,
    path: `/webchat/{asset_id}/${action}`,
    operationId: name,
    tags: [TAG],
    summary,
    description:
      action === 'sessions'
        ? "From pages of the asset's allowed origins."
        : "From pages of the asset's allowed origins, with the token of a session as the bearer.",
    security: [],
    request: {
      params: z.object({ asset_id }),
      ...(query ? { query } : {}),
      ...(content ? { body: { content, required: true } } : {}),
    },
    responses: { [status]: { description: summary, ...(said ? { content: said } : {}) }, default: refused },
  };
}

export function registerWebchat(registry: Registry): void {
  for (const draft of DRAFTS) registry.registerPath(pathOf(draft));
  registry.registerPath({
    method: 'get',
    path: '/media/{id}/{name}',
    operationId: 'getMedium',
    tags: [TAG],
    summary: 'A file that was uploaded, by a signed link that ends',
    security: [],
    request: {
      params: z.object({ id: z.string(), name: z.string() }),
      query: z.object({ e: z.string(), s: z.string() }),
    },
    responses: { 200: { description: 'The file', content: { '*/*': { schema: bytes } } }, default: refused },
  });
}
