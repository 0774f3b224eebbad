// Direct Line's routes for the OpenAPI document.
// Not here: what they do (server.ts, sockets.ts). The one thing to know: these schemas describe and never check; activities
// are Bot Framework's, and docs/webchat.md says which of their fields mean something here.
import { type OpenAPIHono, z } from '@hono/zod-openapi';
import { DIRECT_LINE } from './server.ts';

type Registry = OpenAPIHono['openAPIRegistry'];
type Registered = Parameters<Registry['registerPath']>[0];

const JSON_TYPE = 'application/json';
const conversation = z
  .object({
    conversationId: z.string(),
    token: z.string(),
    expires_in: z.int().openapi({ description: 'seconds' }),
    streamUrl: z.string().optional(),
  })
  .openapi('DirectLineConversation');
const account = z.object({ id: z.string().optional(), name: z.string().optional() });
const activity = z
  .object({
    type: z.string(),
    id: z.string().optional(),
    from: account.optional(),
    text: z.string().optional(),
    value: z.unknown().optional(),
    attachments: z.array(z.object({ contentType: z.string(), contentUrl: z.string().optional() }).loose()).optional(),
    channelData: z.record(z.string(), z.unknown()).optional(),
  })
  .loose()
  .openapi('DirectLineActivity');
const activities = z.object({ activities: z.array(activity), watermark: z.string() }).openapi('DirectLineActivities');
const sent = z.object({ id: z.string() });
const parameters = z.object({
  user: account.optional(),
  trustedOrigins: z.array(z.string()).optional(),
});
const refused = {
  description: 'Refused',
  content: { [JSON_TYPE]: { schema: z.object({ error: z.object({ code: z.string(), message: z.string() }) }) } },
};
const params = z.object({ id: z.string() });
const watermark = z.object({ watermark: z.string().optional() });

type Draft = {
  method: 'get' | 'post';
  path: string;
  name: string;
  summary: string;
  query?: z.ZodObject;
  body?: z.ZodType | 'form';
  status: 101 | 200 | 201;
  answer?: z.ZodType;
};

const ONE = '/conversations/{id}';
const DRAFTS: readonly Draft[] = [
  {
    method: 'post',
    path: '/tokens/generate',
    name: 'generateDirectLineToken',
    summary: 'A token for a new conversation; with the secret, by a server',
    body: parameters,
    status: 200,
    answer: conversation,
  },
  {
    method: 'post',
    path: '/tokens/refresh',
    name: 'refreshDirectLineToken',
    summary: 'The token again, good for longer',
    status: 200,
    answer: conversation,
  },
  {
    method: 'post',
    path: '/conversations',
    name: 'startDirectLineConversation',
    summary: "Begins the token's conversation, or with the secret a new one",
    body: parameters,
    status: 201,
    answer: conversation,
  },
  {
    method: 'get',
    path: ONE,
    name: 'reconnectDirectLineConversation',
    summary: 'The conversation with a fresh stream after a watermark',
    query: watermark,
    status: 200,
    answer: conversation,
  },
  {
    method: 'get',
    path: `${ONE}/activities`,
    name: 'listDirectLineActivities',
    summary: 'What happened after a watermark',
    query: watermark,
    status: 200,
    answer: activities,
  },
  {
    method: 'post',
    path: `${ONE}/activities`,
    name: 'postDirectLineActivity',
    summary: 'A message, a pressed button, typing, or an event',
    body: activity,
    status: 200,
    answer: sent,
  },
  {
    method: 'post',
    path: `${ONE}/upload`,
    name: 'uploadToDirectLine',
    summary: 'Files, and with them a message',
    query: z.object({ userId: z.string().optional() }),
    body: 'form',
    status: 200,
    answer: sent,
  },
  {
    method: 'get',
    path: `${ONE}/stream`,
    name: 'streamDirectLine',
    summary: 'Activities over a WebSocket, by a streamUrl as it was given',
    query: z.object({ t: z.string(), watermark: z.string().optional() }),
    status: 101,
  },
];

const form = z.object({ file: z.string().openapi({ format: 'binary' }) });

function pathOf({ method, path, name, summary, query, body, status, answer }: Draft): Registered {
  const content =
    body === 'form' ? { 'multipart/form-data': { schema: form } } : body && { [JSON_TYPE]: { schema: body } };
  return {
    method,
    path: DIRECT_LINE + path,
    operationId: name,
    tags: ['Direct Line'],
    summary,
    description: "With a token of Direct Line as the bearer, or from a server with the asset's `direct_line_secret`.",
    security: [],
    request: {
      ...(path.includes('{id}') ? { params } : {}),
      ...(query ? { query } : {}),
      ...(content ? { body: { content, required: false } } : {}),
    },
    responses: {
      [status]: { description: summary, ...(answer ? { content: { [JSON_TYPE]: { schema: answer } } } : {}) },
      default: refused,
    },
  };
}

export function registerDirectLine(registry: Registry): void {
  for (const draft of DRAFTS) registry.registerPath(pathOf(draft));
}
