// The OpenAPI 3.1 document, built from the same routes that are served, the hooks, and the webhooks we send.
// Not here: pages (reference.ts shows it). The one thing to know: roles come from the access table and error codes from
// the closed list, so the document cannot say otherwise than the server does.
import type { OpenAPIHono, RouteConfig } from '@hono/zod-openapi';
import { z } from '@hono/zod-openapi';
import { accessOf, ROLES } from './access.ts';
import { JSON_TYPE, PROBLEM_TYPE, STREAM_TYPE } from './answers.ts';
import { registerDirectLine } from './directline/wires.ts';
import type { Site } from './parts.ts';
import type { Env } from './pipeline.ts';
import { PROBLEMS, type ProblemCode } from './problems.ts';
import type { Answers, Route } from './route.ts';
import { cookieName } from './sessions.ts';
import { registerWebchat } from './webchat/wires.ts';
import { HOOK_WIRES, WEBHOOKS, type Wire } from './wires.ts';

type Registry = OpenAPIHono['openAPIRegistry'];
export type Document = ReturnType<OpenAPIHono['getOpenAPI31Document']>;

const CODES = Object.keys(PROBLEMS) as [ProblemCode, ...ProblemCode[]];

const problem = z
  .object({
    type: z.string().openapi({ format: 'uri', description: 'a page that explains the code' }),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.enum(CODES),
    request_id: z.string(),
    errors: z
      .array(z.object({ pointer: z.string().openapi({ description: 'JSON pointer' }), detail: z.string() }))
      .optional(),
  })
  .openapi('Problem', { description: 'RFC 9457' });

const refusal = { description: 'Refused', content: { [PROBLEM_TYPE]: { schema: problem } } };

const stream = z.string().openapi({ description: '`id: seq` and `data: event`, one after the other' });

const idempotency = z.object({
  'Idempotency-Key': z
    .string()
    .optional()
    .openapi({ description: 'same key and body: the stored answer, kept for 24 hours' }),
});

function responses(answers: Answers): RouteConfig['responses'] {
  const shown = Object.entries(answers).map(([status, { description, schema, orStream }]) => [
    status,
    schema === undefined
      ? { description }
      : {
          description,
          content: { [JSON_TYPE]: { schema }, ...(orStream ? { [STREAM_TYPE]: { schema: stream } } : {}) },
        },
  ]);
  return { ...Object.fromEntries(shown), default: refusal };
}

function parameters(path: string): z.ZodObject | undefined {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] as string);
  return names.length === 0 ? undefined : z.object(Object.fromEntries(names.map((each) => [each, z.string()])));
}

const jsonBody = (schema: z.ZodType, required: boolean) => ({ required, content: { [JSON_TYPE]: { schema } } });

/** Enters one route of the management API. */
export function register(registry: Registry, route: Route): void {
  const access = accessOf(route.method, route.path);
  const params = parameters(route.path);
  registry.registerPath({
    method: route.method,
    path: route.path,
    operationId: route.name,
    tags: [route.section],
    summary: route.summary,
    ...(route.description === undefined ? {} : { description: route.description }),
    ...(access === 'anyone' ? { security: [] } : { security: [{ key: [] }, { session: [] }], 'x-roles': [...access] }),
    request: {
      ...(params === undefined ? {} : { params }),
      ...(route.query === undefined ? {} : { query: route.query }),
      ...(route.method === 'post' && access !== 'anyone' ? { headers: idempotency } : {}),
      ...(route.body === undefined ? {} : { body: jsonBody(route.body, route.bodyOptional !== true) }),
    },
    responses: responses(route.answers),
  });
}

function registerWire(registry: Registry, wire: Wire, webhook: boolean): void {
  const params = webhook ? undefined : parameters(wire.path);
  const config: RouteConfig = {
    method: 'post',
    path: wire.path,
    operationId: wire.name,
    tags: [webhook ? 'Webhooks' : 'Hooks'],
    summary: wire.summary,
    description: wire.description,
    security: wire.security === 'bearer' ? [{ secret: [] }, { signature: [] }] : [],
    request: { ...(params === undefined ? {} : { params }), body: jsonBody(wire.body, true) },
    responses: webhook ? responsesOfPeer(wire.answers) : responses(wire.answers),
  };
  if (webhook) registry.registerWebhook(config);
  else registry.registerPath(config);
}

const responsesOfPeer = (answers: Answers): RouteConfig['responses'] => {
  const { default: _, ...rest } = responses(answers);
  return rest;
};

const PLAIN: readonly [path: string, name: string, summary: string, type: string][] = [
  ['/health/live', 'isAlive', 'Whether the process answers', JSON_TYPE],
  ['/health/ready', 'isReady', 'Whether it takes requests; 503 if not', JSON_TYPE],
  ['/health', 'getHealth', 'The same as /health/ready', JSON_TYPE],
  ['/metrics', 'getMetrics', 'Metrics for Prometheus', 'text/plain'],
  ['/openapi.json', 'getOpenApi', 'This document', JSON_TYPE],
  ['/docs', 'getReference', 'This document, to read', 'text/html'],
  ['/problems', 'listProblems', 'All error codes, to read', 'text/html'],
  ['/problems/{code}', 'getProblem', 'What an error code means, to read', 'text/html'],
  ['/hooks/channels/{asset_id}', 'proveChannelHook', "A provider's handshake, where it has one", 'text/plain'],
  ['/', 'getHome', 'What runs here; browsers are led to the console', 'text/html'],
  ['/console', 'openConsole', 'Leads to the console', 'text/html'],
  ['/console/{path}', 'getConsole', 'The console and its files', 'text/html'],
  ['/widget.js', 'getWidget', 'The web chat, for one script tag in a page', 'text/javascript'],
  ['/widget/{path}', 'getWidgetPart', 'What the web chat loads; its names hold a hash', 'text/javascript'],
];

function registerPlain(registry: Registry): void {
  for (const [path, operationId, summary, type] of PLAIN) {
    const params = parameters(path);
    const schema = z.string();
    registry.registerPath({
      method: 'get',
      path,
      operationId,
      tags: ['Server'],
      summary,
      security: [],
      ...(params === undefined ? {} : { request: { params } }),
      responses: {
        200: { description: summary, content: { [type]: { schema: type === JSON_TYPE ? z.object({}) : schema } } },
      },
    });
  }
}

const FOR_READERS = `Ids are prefixed and sortable. Times are RFC 3339. Absent values are null. Lists take \`limit\` (1 to 100, default 50) and \`after\`, and give \`data\` and \`next_cursor\`. \`Idempotency-Key\` works on every POST but those that sign in. Unknown fields and query parameters are refused. Every answer carries \`x-request-id\`. Errors are RFC 9457 problems with a \`code\` of a closed list: see /problems. Roles: ${ROLES.join(', ')}.`;

/** The whole document. The routes must have been registered before. */
export function documentOf(app: OpenAPIHono<{ Bindings: Env }>, site: Site): Document {
  const registry = app.openAPIRegistry;
  for (const wire of HOOK_WIRES) registerWire(registry, wire, false);
  for (const wire of WEBHOOKS) registerWire(registry, wire, true);
  registerWebchat(registry);
  registerDirectLine(registry);
  registerPlain(registry);
  registry.registerComponent('securitySchemes', 'key', {
    type: 'http',
    scheme: 'bearer',
    description: 'an API key (sk_…)',
  });
  registry.registerComponent('securitySchemes', 'session', {
    type: 'apiKey',
    in: 'cookie',
    name: cookieName(site.publicUrl()),
    description:
      "the console's session, from `POST /api/v1/session`; what it changes must come from a page of this server",
  });
  registry.registerComponent('securitySchemes', 'secret', {
    type: 'http',
    scheme: 'bearer',
    description: "the asset's or desk's own secret",
  });
  registry.registerComponent('securitySchemes', 'signature', {
    type: 'apiKey',
    in: 'header',
    name: 'webhook-signature',
    description: 'Standard Webhooks: webhook-id, webhook-timestamp (5 minutes), webhook-signature',
  });
  return app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: { title: 'Signalbox', version: site.settings.version, description: FOR_READERS },
    servers: [{ url: site.publicUrl() }],
  });
}
