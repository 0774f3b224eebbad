// The steps around every route of the management API: ready, who, may, query, body, once, do, answer.
// Not here: what a route does. The one thing to know: nothing of a request is looked at before its key was, and no
// exception leaves here: what nobody expected is logged under the request id and answered without its words.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FieldError } from '../engine/ports.ts';
import { ConfigConflict, StoreUnavailable } from '../engine/store-port.ts';
import { type Access, accessOf, mayUse } from './access.ts';
import { type Answer, emptyResponse, JSON_TYPE, jsonResponse, problemResponse } from './answers.ts';
import type { Door } from './door.ts';
import { check } from './fields.ts';
import { type Claim, claim } from './idempotency.ts';
import type { Principal } from './keys.ts';
import type { Site } from './parts.ts';
import { malformed, type Refusal, refuse } from './problems.ts';
import { readBody, type Seen } from './request.ts';
import type { Call, Route } from './route.ts';

/** The largest sensible body is a rule with its conditions; 256 KiB is far beyond. */
const BODY_BYTES_MAX = 256 * 1024;
/** Somebody else edits the same thing in the same millisecond: rare; that often in a row: a script, which may wait. */
const CONFLICT_TRIES = 5;

/** What comes with a request besides the framework's own; `seen` is filled in. */
export type Env = { incoming: IncomingMessage; outgoing: ServerResponse; requestId: string; seen: Seen };

export type Runner = (env: Env, params: Record<string, string>, query: Record<string, string>) => Promise<Response>;

/** Puts the steps around a route. Throws when it has no row in the access table. */
export function runner(site: Site, door: Door, route: Route): Runner {
  const access = accessOf(route.method, route.path);
  const key = `${route.method.toUpperCase()} ${route.path}`;
  return async (env, params, query) => {
    env.seen.route = key;
    const answer = await attempt(site, () => steps(site, door, access, route, env, params, query), env.requestId);
    return responseOf(site, env, answer);
  };
}

async function steps(
  site: Site,
  door: Door,
  access: Access,
  route: Route,
  env: Env,
  params: Record<string, string>,
  rawQuery: Record<string, string>,
): Promise<Answer> {
  if (!site.ready()) return refuse('starting');
  if (Object.values(params).some((value) => UNSTORABLE.test(value))) return refuse('not_found');
  const who = identify(door, access, env);
  if ('refusal' in who) return who;
  const query = readQuery(route, rawQuery);
  if ('refusal' in query) return query;
  const read = await readJson(route, env);
  if ('refusal' in read) return read;

  const call: Call = {
    params,
    query: query.value,
    body: read.value,
    principal: who,
    requestId: env.requestId,
    incoming: env.incoming,
  };
  // Where no key is asked for, nobody can be told apart: an answer is never kept for somebody else to fetch.
  if (route.method !== 'post' || access === 'anyone' || route.takesFile) return act(route, call);
  return keyed(site, route, call, read.bytes, () => act(route, call));
}

/** Runs once for an Idempotency-Key and what was sent with it; without one, always. */
export async function keyed(
  site: Site,
  { method, path }: Pick<Route, 'method' | 'path'>,
  { incoming, principal, params, requestId }: Call,
  sent: Buffer,
  run: () => Promise<Answer>,
): Promise<Answer> {
  const word = incoming.headers['idempotency-key'];
  if (typeof word !== 'string') return run();
  const scope = [principal.id, method, path, ...Object.values(params)];
  return once(site, await claim(site, word, scope, sent), requestId, run);
}

const NOBODY: Principal = { id: '', name: 'anyone', role: 'viewer' };

function identify(door: Door, access: Access, env: Env): Principal | Refusal {
  if (access === 'anyone') return NOBODY;
  const who = door.identify(env.incoming);
  if ('refusal' in who || mayUse(access, who.role)) return who;
  return refuse('forbidden', `The role ${who.role} may not use this route; ${access.join(', ')} may.`);
}

function readQuery(route: Route, raw: Record<string, string>): { value: unknown } | Refusal {
  if (route.query === undefined) {
    const errors = Object.keys(raw).map((key) => ({ pointer: `/${key}`, detail: 'is an unknown query parameter' }));
    return errors.length === 0 ? { value: {} } : malformed(errors);
  }
  const read = check(route.query, raw, 'query parameter');
  return read.ok ? { value: read.value } : malformed(read.errors);
}

async function readJson(route: Route, env: Env): Promise<{ value: unknown; bytes: Buffer } | Refusal> {
  const nothing = { value: {}, bytes: Buffer.alloc(0) };
  if (route.body === undefined) return nothing;
  const read = await readBody(env.incoming, BODY_BYTES_MAX);
  if (!read.ok) {
    const close = read.unread ? { headers: { connection: 'close' } } : {};
    if (read.why === 'slow') return refuse('request_timeout', undefined, close);
    if (read.why === 'encoded')
      return refuse('unsupported_media_type', 'The body is compressed; send it as it is.', close);
    return refuse('too_large', `The body is larger than ${BODY_BYTES_MAX} bytes.`, close);
  }
  const value = parse(read.body, route.bodyOptional === true, env.incoming.headers['content-type']);
  if ('refusal' in value) return value;
  const checked = check(route.body, value.value, 'field');
  return checked.ok ? { value: checked.value, bytes: read.body } : malformed(checked.errors);
}

function parse(body: Buffer, optional: boolean, type: string | undefined): { value: unknown } | Refusal {
  if (body.length === 0 && optional) return { value: {} };
  if (body.length > 0 && !/^application\/([\w.-]+\+)?json *(;|$)/i.test(type ?? '')) {
    return refuse('unsupported_media_type', `The body must be declared as ${JSON_TYPE}.`);
  }
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(body);
    return { value: ESCAPED_UNSTORABLE.test(text) ? JSON.parse(text, storable) : JSON.parse(text) };
  } catch {
    const detail = body.length === 0 ? 'is empty; JSON is expected' : 'is not valid JSON in UTF-8';
    const errors: FieldError[] = [{ pointer: '', detail }];
    return refuse('bad_json', `The body ${detail}.`, { errors });
  }
}

/** NUL and halves of surrogate pairs: not every store can hold them, and nobody means them. */
const UNSTORABLE = /[\p{Cs}\0]/u;
const ESCAPED_UNSTORABLE = /\\u(0000|d[89a-f])/i;

const storable = (_: string, value: unknown): unknown =>
  typeof value === 'string' ? value.replace(new RegExp(UNSTORABLE, 'gu'), '\ufffd') : value;

/** Runs the handler, again when a configuration changed between its reading and its writing. */
async function act(route: Route, call: Call): Promise<Answer> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await route.handle(call);
    } catch (error) {
      if (!(error instanceof ConfigConflict)) throw error;
      if (tries === CONFLICT_TRIES) return refuse('conflict', 'Somebody else changed the same thing meanwhile.');
    }
  }
}

async function once(site: Site, claimed: Claim, requestId: string, run: () => Promise<Answer>): Promise<Answer> {
  if (claimed.state === 'refused') return claimed.refusal;
  if (claimed.state === 'replayed') {
    const { status, body } = claimed.answer;
    const headers = { 'idempotent-replayed': 'true' };
    return status === 204 ? emptyResponse() : jsonResponse(status, body, headers);
  }
  let kept: { status: number; body: string } | null = null;
  try {
    const answer = await run();
    if ('status' in answer && !(answer instanceof Response)) {
      kept = { status: answer.status, body: 'json' in answer ? JSON.stringify(answer.json) : '' };
    }
    return answer;
  } finally {
    // What was done is done: that its answer could not be kept must not make it look undone.
    await claimed.finish(kept).catch((error: unknown) => {
      site.log.error({ err: error, request_id: requestId }, 'the answer to an Idempotency-Key could not be kept');
    });
  }
}

/** Expected exceptions of the store become refusals, all others an internal error under the request id. */
export async function attempt(site: Site, run: () => Promise<Answer>, requestId: string): Promise<Answer> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof StoreUnavailable) {
      site.log.warn({ err: error, request_id: requestId }, 'the store is unavailable');
      return refuse('store_unavailable');
    }
    site.log.error({ err: error, request_id: requestId }, 'a request failed unexpectedly');
    return refuse('internal');
  }
}

function responseOf(site: Site, env: Env, answer: Answer): Response {
  if (answer instanceof Response) return answer;
  if ('refusal' in answer) {
    env.seen.code = answer.refusal;
    return problemResponse(answer, env.requestId, site.publicUrl());
  }
  if (answer.status === 204) return emptyResponse();
  const headers: Record<string, string> = {};
  if (answer.location !== undefined) headers.location = `${site.publicUrl()}${answer.location}`;
  return jsonResponse(answer.status, JSON.stringify(answer.json), headers);
}
