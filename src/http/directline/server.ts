// Direct Line 3.0 under /v3/directline: tokens, conversations, activities, uploads, straight on node:http.
// Not here: what is said and seen (src/channels/webchat/directline), live streams (sockets.ts). The one thing to know: the
// order is secret or token, origin, conversation, rate, body. The secret is a server's: a page is refused with it.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { DirectLineRow } from '../../engine/store-port.ts';
import { StoreUnavailable } from '../../engine/store-port.ts';
import { accessOf } from '../access.ts';
import { sendJson } from '../answers.ts';
import { type Brake, createBrake } from '../brake.ts';
import { addressOf } from '../origin.ts';
import type { DirectLine, Site } from '../parts.ts';
import { pathOf, readBody, type Seen } from '../request.ts';
import { allowOrigin, preflight } from '../webchat/cors.ts';
import { createRates, OF_CALLER, OF_CUSTOMER, type Rate, type Rates } from '../webchat/rates.ts';
import { type Refusal, refuse, sendRefusal, tooMany } from './errors.ts';
import { takeFiles } from './upload.ts';

export const DIRECT_LINE = '/v3/directline';
const BODY_BYTES_MAX = 256 * 1024;
/** Wrong secrets and tokens of one network address in a minute; a page whose token has ended sends a few. */
const WRONG = { failures: 100, windowMs: 60_000 };
/** New conversations of one asset: each is a row until it is forgotten. */
const OF_ASSET: Rate = { name: 'direct_lines', burst: 200, perS: 20 };
const FILE_BYTES = 10 * 1024 * 1024;

type Caller = Exclude<ReturnType<DirectLine['caller']>, string | null>;
type Call = {
  site: Site;
  rates: Rates;
  caller: Caller;
  incoming: IncomingMessage;
  query: URLSearchParams;
  /** the network address */
  from: string;
  /** base of the addresses of streams */
  streams: string;
};
type LineCall = Call & { line: DirectLineRow };
/** null: the caller hung up */
type Answered = { json: unknown; status?: number } | Refusal | null;

const HANDLERS: Readonly<Record<string, (call: Call) => Promise<Answered>>> = {
  'POST /tokens/generate': generate,
  'POST /tokens/refresh': refresh,
  'POST /conversations': start,
};
const LINE_HANDLERS: Readonly<Record<string, (call: LineCall) => Promise<Answered>>> = {
  'GET /conversations/{id}': again,
  'GET /conversations/{id}/activities': activities,
  'POST /conversations/{id}/activities': act,
  'POST /conversations/{id}/upload': upload,
  'GET /conversations/{id}/stream': async () =>
    refuse('UpgradeRequired', 'This is the address of a WebSocket.', { headers: { upgrade: 'websocket' } }),
};
const ROUTES = [...Object.keys(HANDLERS), ...Object.keys(LINE_HANDLERS)];
for (const route of ROUTES) {
  const [method = '', path = ''] = route.split(' ');
  accessOf(method, DIRECT_LINE + path);
}

export type DirectLineServer = (incoming: IncomingMessage, outgoing: ServerResponse, seen: Seen) => Promise<void>;

/** Never rejects. */
export function createDirectLineServer(site: Site): DirectLineServer {
  const rates = createRates(site.clock);
  const wrong = createBrake(site.clock, WRONG);
  return async (incoming, outgoing, seen) => {
    const answer = await serve(site, { rates, wrong }, incoming, outgoing, seen).catch((error: unknown) =>
      unexpected(site, error, seen),
    );
    if (answer === null) return;
    if ('code' in answer) {
      seen.code = answer.code;
      sendRefusal(outgoing, answer);
    } else if (answer.json === undefined) preflight(outgoing);
    else sendJson(outgoing, answer.status ?? 200, answer.json, seen.requestId);
  };
}

function unexpected(site: Site, error: unknown, { requestId }: Seen): Refusal {
  if (error instanceof StoreUnavailable)
    return refuse('ServiceUnavailable', 'Nothing can be kept just now. Try again.');
  site.log.error({ err: error, request_id: requestId }, 'a Direct Line request failed unexpectedly');
  return refuse('ServerError', 'Something went wrong on our side. Try again.');
}

async function serve(
  site: Site,
  { rates, wrong }: { rates: Rates; wrong: Brake },
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  seen: Seen,
): Promise<Answered> {
  const { path, query } = pathOf(incoming.url ?? '');
  const { route, id } = routeOf(incoming.method ?? '', path.slice(DIRECT_LINE.length));
  // Until it is known who asks, there is nothing in an answer that a page may not read; and it must, to begin anew.
  outgoing.setHeader('access-control-allow-origin', '*');
  if (incoming.method === 'OPTIONS') return { json: undefined };
  if (!ROUTES.includes(route)) return notHere(route);
  seen.route = route.replace(' ', ` ${DIRECT_LINE}`);
  if (!site.ready()) return refuse('ServiceUnavailable', 'Signalbox is starting.');
  const from = addressOf(incoming);
  const bearer = /^bearer +([^ ]+) *$/i.exec(incoming.headers.authorization ?? '')?.[1];
  if (bearer === undefined)
    return refuse('MissingToken', 'Send Authorization: Bearer and a token (a server: the secret).');
  const caller = site.directLine.caller(bearer);
  if (caller === null) {
    // Only now: whoever guesses must not shut out the others behind their address.
    const waitS = wrong.waitS(from);
    if (waitS > 0) return tooMany(waitS);
    wrong.failed(from);
    return refuse('Forbidden', 'This is no secret and no token of a web chat here, or it was replaced.');
  }
  if (caller === 'over') return refuse('TokenExpired', 'The token has ended. Get a new one from your server.');
  const strange = checkOrigin(site, caller, incoming, outgoing);
  if (strange) return strange;
  const streams = `${site.publicUrl().replace(/^http/, 'ws')}${DIRECT_LINE}`;
  const call: Call = { site, rates, caller, incoming, query: new URLSearchParams(query), from, streams };
  const handler = HANDLERS[route];
  if (handler) return handler(call);
  if (caller.claims !== null && caller.claims.conv !== id) {
    return refuse('Forbidden', 'The token is for another conversation.');
  }
  const line = await site.directLine.line(caller, id);
  if (line === null) return refuse('ConversationNotFound', 'There is no such conversation, or it has been forgotten.');
  return LINE_HANDLERS[route]?.({ ...call, line }) ?? notHere(route);
}

/** The row of the access table for a path below ours, and the conversation's id. */
function routeOf(method: string, path: string): { route: string; id: string } {
  const [, first = '', id, ...rest] = path.split('/');
  const named = first === 'conversations' && id !== undefined;
  return { route: `${method} ${named ? ['/conversations/{id}', ...rest].join('/') : path}`, id: named ? id : '' };
}

function notHere(route: string): Refusal {
  const path = route.slice(route.indexOf(' ') + 1);
  const methods = ROUTES.filter((each) => each.endsWith(` ${path}`)).map((each) => each.split(' ')[0]);
  if (methods.length === 0) return refuse('NotFound', 'There is nothing at this address.');
  const allow = [...methods, 'OPTIONS'].join(', ');
  return refuse('MethodNotAllowed', `Use ${methods.join(', ')}.`, { headers: { allow } });
}

function checkOrigin(site: Site, caller: Caller, incoming: IncomingMessage, outgoing: ServerResponse): Refusal | null {
  if (incoming.headers.origin === undefined) return null;
  if (caller.claims === null) {
    return refuse(
      'Forbidden',
      'The secret belongs on a server. Let yours generate a token, and give that to the page.',
    );
  }
  outgoing.removeHeader('access-control-allow-origin');
  const strange = allowOrigin(incoming, outgoing, site.directLine.origins(caller), site.publicUrl());
  return strange && refuse('OriginNotAllowed', strange.detail ?? 'The page is not of an allowed origin.');
}

type Result<T> = { ok: true; value: T } | Exclude<Awaited<ReturnType<DirectLine['generate']>>, { ok: true }>;

function answerOf<T>(result: Result<T>, status = 200): Answered {
  return result.ok ? { json: result.value, status } : refusalOf(result);
}

function refusalOf(result: Exclude<Result<never>, { ok: true }>): Refusal {
  if (result.why === 'invalid') return badFields(result.errors);
  if (result.why === 'no_user')
    return refuse('BadArgument', '/from/id is required: with the secret, it says whose words these are.');
  if (result.why === 'other_user') {
    return refuse('ConversationOfAnotherUser', "The conversation is another user's. Start one for each user.");
  }
  return refuse('IdentityRequired', 'This web chat is for known customers: generate the token with user.id.');
}

function badFields(errors: readonly { pointer: string; detail: string }[]): Refusal {
  const [first] = errors;
  return refuse('BadArgument', first ? `${first.pointer || 'The body'} ${first.detail}.` : 'The body is malformed.');
}

async function jsonOf(incoming: IncomingMessage): Promise<{ value: unknown } | Refusal | null> {
  const read = await readBody(incoming, BODY_BYTES_MAX);
  if (!read.ok) {
    const close = { close: read.unread };
    if (read.why === 'aborted') return null;
    if (read.why === 'slow') return refuse('RequestTimeout', 'The body did not arrive in ten seconds.', close);
    if (read.why === 'encoded') return refuse('UnsupportedMediaType', 'Send the body as it is.', close);
    return refuse('TooLarge', `The body is larger than ${BODY_BYTES_MAX} bytes.`, close);
  }
  if (read.body.length === 0) return { value: undefined };
  try {
    return { value: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(read.body)) };
  } catch {
    return refuse('BadArgument', 'The body is not valid JSON in UTF-8.');
  }
}

const over = (waitS: number): Refusal | null => (waitS > 0 ? tooMany(waitS) : null);

/** Of one conversation, and, for pages, of one network address: a server calls for many. */
function paced({ rates, caller, from }: Call, id: string, rate: Rate, ofCaller?: Rate): Refusal | null {
  const own = over(rates.take(rate, `${caller.asset.id}\n${id}`));
  return own ?? (caller.claims && ofCaller ? over(rates.take(ofCaller, from)) : null);
}

async function generate(call: Call): Promise<Answered> {
  const { site, caller, rates, incoming } = call;
  if (caller.claims !== null) return refuse('Forbidden', 'Tokens are generated with the secret, by a server.');
  const wait = over(rates.take(OF_ASSET, caller.asset.id));
  if (wait) return wait;
  const body = await jsonOf(incoming);
  if (body === null || 'code' in body) return body;
  return answerOf(await site.directLine.generate(caller.asset, body.value));
}

async function refresh(call: Call): Promise<Answered> {
  const { caller, site } = call;
  if (caller.claims === null) return refuse('Forbidden', 'A token is refreshed with that token, not with the secret.');
  const wait = paced(call, caller.claims.conv, OF_CUSTOMER.other, OF_CALLER.sessions);
  return wait ?? { json: site.directLine.refresh(caller.asset, caller.claims) };
}

async function start(call: Call): Promise<Answered> {
  const { site, caller, rates, incoming, from, streams } = call;
  const wait = caller.claims ? over(rates.take(OF_CALLER.sessions, from)) : over(rates.take(OF_ASSET, caller.asset.id));
  if (wait) return wait;
  const body = await jsonOf(incoming);
  if (body === null || 'code' in body) return body;
  return answerOf(await site.directLine.start(caller, body.value, streams), 201);
}

/** A watermark as we gave it; `undefined`, `null` and `-` are what clients write for none. */
function watermarkOf(query: URLSearchParams): number | null | Refusal {
  const given = query.get('watermark') ?? '';
  if (['', '-', 'null', 'undefined'].includes(given)) return null;
  return /^\d{1,15}$/.test(given) ? Number(given) : refuse('BadArgument', 'watermark is none that was given out here.');
}

async function again(call: LineCall): Promise<Answered> {
  const after = watermarkOf(call.query);
  if (after !== null && typeof after !== 'number') return after;
  const wait = paced(call, call.line.id, OF_CUSTOMER.other);
  const { site, caller, line, streams } = call;
  return wait ?? { json: site.directLine.again(caller, line, streams, after === null ? null : String(after)) };
}

async function activities(call: LineCall): Promise<Answered> {
  const after = watermarkOf(call.query);
  if (after !== null && typeof after !== 'number') return after;
  const wait = paced(call, call.line.id, OF_CUSTOMER.other);
  return wait ?? { json: await call.site.directLine.activities(call.line, after) };
}

async function act(call: LineCall): Promise<Answered> {
  const { site, caller, line, incoming } = call;
  const body = await jsonOf(incoming);
  if (body === null || 'code' in body) return body;
  const read = site.directLine.read(body.value);
  if (!read.ok) return badFields(read.errors);
  const says = read.value.act.kind === 'say';
  const wait = says
    ? paced(call, line.id, OF_CUSTOMER.messages, OF_CALLER.messages)
    : paced(call, line.id, OF_CUSTOMER.other);
  if (wait) return wait;
  const speaker = await site.directLine.customer(caller, line, read.value.from);
  return speaker.ok ? answerOf(await site.directLine.act(speaker.value, read.value.act, [])) : refusalOf(speaker);
}

async function upload(call: LineCall): Promise<Answered> {
  const { site, caller, line, rates, incoming, query, from } = call;
  const close = (refusal: Refusal): Refusal => ({ ...refusal, close: true });
  if (!site.directLine.takesUploads(caller.asset)) return close(refuse('Forbidden', 'This web chat takes no files.'));
  const bytes = Math.min(Number(incoming.headers['content-length'] ?? FILE_BYTES), OF_CALLER.uploadedBytes.burst);
  const wait = paced(call, line.id, OF_CUSTOMER.uploads) ?? over(rates.take(OF_CALLER.uploadedBytes, from, bytes));
  if (wait) return close(wait);
  const speaker = await site.directLine.customer(caller, line, { id: query.get('userId') || null, name: null });
  if (!speaker.ok) return close(refusalOf(speaker));
  const { assetId, address } = speaker.value.customer;
  const files = await takeFiles(site.media, incoming, { assetId, owner: address });
  if (files === null || 'code' in files) return files;
  const read = site.directLine.read(files.activity ?? { type: 'message' }, files.ids.length);
  if (!read.ok) return badFields(read.errors);
  return answerOf(await site.directLine.act(speaker.value, read.value.act, files.ids));
}
