// The widget's face of the web chat: /webchat/{asset id}/…, straight on node:http beside the hooks.
// Not here: what is said and seen (the core in src/channels/webchat). The one thing to know: the order is origin, asset,
// token, rate, body; a token stands in the Authorization header only, and its customer is all that a request may touch.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AssetConfig } from '../../engine/ports.ts';
import { StoreUnavailable } from '../../engine/store-port.ts';
import { accessOf } from '../access.ts';
import { sendJson, sendProblem } from '../answers.ts';
import { type Brake, createBrake } from '../brake.ts';
import { addressOf } from '../origin.ts';
import type { Site, Webchat } from '../parts.ts';
import { malformed, type Refusal, refuse } from '../problems.ts';
import { pathOf, readBody, type Seen } from '../request.ts';
import { allowOrigin, preflight } from './cors.ts';
import {
  createPlaces,
  createRates,
  OF_CALLER,
  OF_CUSTOMER,
  type Rate,
  type Rates,
  STREAMS_OF_CALLER_MAX,
} from './rates.ts';
import { writeStream } from './stream.ts';
import { takeUpload } from './upload.ts';

export const WEBCHAT = '/webchat/';
const BODY_BYTES_MAX = 256 * 1024;
/** Wrong tokens of one network address in a minute; a widget whose session is over sends one. */
const WRONG_TOKENS = { failures: 100, windowMs: 60_000 };

type Known = NonNullable<ReturnType<Webchat['customer']>>;
type Call = {
  site: Site;
  webchat: Webchat;
  rates: Rates;
  places: ReturnType<typeof createPlaces>;
  asset: AssetConfig;
  incoming: IncomingMessage;
  outgoing: ServerResponse;
  query: URLSearchParams;
  caller: string;
};
type CustomerCall = Call & { customer: Known; token: string };
/** `sent`: the answer was written already. */
type Answered = { json: unknown; status?: number } | 'nothing' | 'sent' | Refusal;
type Handler = (call: CustomerCall) => Promise<Answered>;

const HANDLERS: Readonly<Record<string, Handler>> = {
  'GET events': events,
  'GET history': history,
  'POST messages': messages,
  'POST receipts': (call) => small(call, OF_CUSTOMER.other, (body) => call.webchat.receipts(call.customer, body)),
  'POST typing': (call) => small(call, OF_CUSTOMER.other, (body) => call.webchat.typing(call.customer, body)),
  'POST media': upload,
};
const SESSIONS = 'POST sessions';
for (const name of [SESSIONS, ...Object.keys(HANDLERS)]) {
  const [method = '', action = ''] = name.split(' ');
  accessOf(method, `/webchat/{asset_id}/${action}`);
}

export type WebchatServer = (incoming: IncomingMessage, outgoing: ServerResponse, seen: Seen) => Promise<void>;

/** Never rejects. */
export function createWebchatServer(site: Site, webchat: Webchat): WebchatServer {
  const rates = createRates(site.clock);
  const places = createPlaces(STREAMS_OF_CALLER_MAX);
  const wrong = createBrake(site.clock, WRONG_TOKENS);
  return async (incoming, outgoing, seen) => {
    const answer = await serve({ site, webchat, rates, places, incoming, outgoing }, wrong, seen).catch(
      (error: unknown) => unexpected(site, outgoing, error),
    );
    if (answer === 'sent') return;
    if (answer === 'nothing') {
      outgoing.writeHead(204, { 'cache-control': 'no-store' }).end();
    } else if ('refusal' in answer) {
      seen.code = answer.refusal;
      sendProblem(outgoing, answer, site.publicUrl(), seen.requestId);
    } else sendJson(outgoing, answer.status ?? 200, answer.json, seen.requestId);
  };
}

function unexpected(site: Site, outgoing: ServerResponse, error: unknown): Answered {
  const lost = error instanceof StoreUnavailable;
  if (!lost) {
    const request_id = outgoing.getHeader('x-request-id');
    site.log.error({ err: error, request_id }, 'a request of the web chat failed unexpectedly');
  }
  if (!outgoing.headersSent) return refuse(lost ? 'store_unavailable' : 'internal');
  outgoing.destroy();
  return 'sent';
}

async function serve(
  given: Pick<Call, 'site' | 'webchat' | 'rates' | 'places' | 'incoming' | 'outgoing'>,
  wrong: Brake,
  seen: Seen,
): Promise<Answered> {
  const { site, webchat, incoming, outgoing } = given;
  const { path, query } = pathOf(incoming.url ?? '');
  const [assetId = '', action = '', ...rest] = path.slice(WEBCHAT.length).split('/');
  const asset = webchat.asset(assetId);
  if (asset === null || rest.length > 0) {
    // Nothing is told here that a page could not know; so every page may read why its chat stays away.
    outgoing.setHeader('access-control-allow-origin', '*');
    if (incoming.method === 'OPTIONS') {
      preflight(outgoing);
      return 'sent';
    }
    return refuse('not_found', 'There is no such web chat. Check the asset id in the script tag.');
  }
  const strange = allowOrigin(incoming, outgoing, webchat.origins(asset), site.publicUrl());
  if (strange) return strange;
  if (incoming.method === 'OPTIONS') {
    seen.route = 'OPTIONS /webchat/{asset_id}';
    preflight(outgoing);
    return 'sent';
  }
  const name = `${incoming.method} ${action}`;
  const handler = Object.hasOwn(HANDLERS, name) ? HANDLERS[name] : undefined;
  if (handler === undefined && name !== SESSIONS) return notHere(action);
  seen.route = name.replace(' ', ' /webchat/{asset_id}/');
  if (!site.ready()) return refuse('starting');
  const call: Call = { ...given, asset, query: new URLSearchParams(query), caller: addressOf(incoming) };
  if (handler === undefined) return session(call);
  const token = /^bearer +([^ ]+) *$/i.exec(incoming.headers.authorization ?? '')?.[1] ?? '';
  const customer = webchat.customer(asset, token);
  if (customer !== null) return handler({ ...call, customer, token });
  // Only now: whoever guesses must not shut out the others behind their address.
  const waitS = wrong.waitS(call.caller);
  if (waitS > 0) return refuse('too_many_attempts', undefined, { retryAfterS: waitS });
  wrong.failed(call.caller);
  return refuse('session_over');
}

function notHere(action: string): Refusal {
  const methods = [SESSIONS, ...Object.keys(HANDLERS)].filter((each) => each.endsWith(` ${action}`));
  const allow = methods.map((each) => each.split(' ')[0]).join(', ');
  return allow === ''
    ? refuse('not_found')
    : refuse('method_not_allowed', `Use ${allow}.`, { headers: { allow: `${allow}, OPTIONS` } });
}

const over = (waitS: number): Refusal | null =>
  waitS > 0 ? refuse('too_many_requests', undefined, { retryAfterS: waitS }) : null;

/** Of one customer of one asset. */
const who = ({ customer }: CustomerCall): string => `${customer.assetId}\n${customer.address}`;

async function jsonOf({ incoming }: Call): Promise<{ value: unknown } | Refusal | null> {
  const read = await readBody(incoming, BODY_BYTES_MAX);
  if (!read.ok) {
    if (read.why === 'aborted') return null;
    const close = read.unread ? { headers: { connection: 'close' } } : {};
    if (read.why === 'slow') return refuse('request_timeout', undefined, close);
    if (read.why === 'encoded') return refuse('unsupported_media_type', 'Send the body as it is.', close);
    return refuse('too_large', `The body is larger than ${BODY_BYTES_MAX} bytes.`, close);
  }
  try {
    return {
      value: read.body.length === 0 ? {} : JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(read.body)),
    };
  } catch {
    return refuse('bad_json');
  }
}

type Result<T> = Awaited<ReturnType<Webchat['receipts']>> | { ok: true; value: T };

function answerOf<T>(result: Result<T>): Answered {
  if (!result.ok) return result.code === 'invalid' ? malformed(result.errors) : refuse(result.code);
  return result.value === null ? 'nothing' : { json: result.value };
}

async function session(call: Call): Promise<Answered> {
  const wait = over(call.rates.take(OF_CALLER.sessions, call.caller));
  if (wait) return wait;
  const body = await jsonOf(call);
  if (body === null) return 'sent';
  return 'refusal' in body ? body : answerOf(await call.webchat.open(call.asset, body.value));
}

async function small(
  call: CustomerCall,
  rate: Rate,
  act: (body: unknown) => ReturnType<Webchat['receipts']>,
): Promise<Answered> {
  const wait = over(call.rates.take(rate, who(call)));
  if (wait) return wait;
  const body = await jsonOf(call);
  if (body === null) return 'sent';
  return 'refusal' in body ? body : answerOf(await act(body.value));
}

async function messages(call: CustomerCall): Promise<Answered> {
  const body = await jsonOf(call);
  if (body === null) return 'sent';
  if ('refusal' in body) return body;
  // Each message counts: a batch is no way around.
  const cost = Array.isArray(body.value) ? Math.max(1, body.value.length) : 1;
  const wait =
    over(call.rates.take(OF_CUSTOMER.messages, who(call), cost)) ??
    over(call.rates.take(OF_CALLER.messages, call.caller, cost));
  return wait ?? answerOf(await call.webchat.post(call.customer, body.value));
}

/** A place in the order of commits, as we gave it; anything else is none. */
const cursorOf = (text: string | null): number | null =>
  text !== null && /^\d{1,15}$/.test(text) ? Number(text) : null;

async function history(call: CustomerCall): Promise<Answered> {
  const wait = over(call.rates.take(OF_CUSTOMER.other, who(call)));
  if (wait) return wait;
  const before = call.query.get('before');
  const limit = call.query.get('limit') ?? '30';
  if (before !== null && cursorOf(before) === null) return malformed([{ pointer: '/before', detail: 'is no cursor' }]);
  if (!/^[1-9]\d{0,2}$/.test(limit)) return malformed([{ pointer: '/limit', detail: 'must be from 1 to 100' }]);
  return { json: await call.webchat.history(call.customer, cursorOf(before), Number(limit)) };
}

async function events(call: CustomerCall): Promise<Answered> {
  const { webchat, asset, token, incoming, outgoing, caller, rates, places } = call;
  const wait = over(rates.take(OF_CUSTOMER.streams, who(call))) ?? over(rates.take(OF_CALLER.streams, caller));
  if (wait) return wait;
  const last = incoming.headers['last-event-id'];
  const after = call.query.get('after') ?? (typeof last === 'string' ? last : null);
  if (after !== null && cursorOf(after) === null) return malformed([{ pointer: '/after', detail: 'is no cursor' }]);
  const leave = places.enter(caller);
  if (leave === null) return refuse('too_many_streams', 'As many chats are open as one network address may have.');
  outgoing.once('close', leave);
  const source = webchat.stream(call.customer, cursorOf(after));
  if (source === null) return refuse('too_many_streams', 'As many chats are open as this server takes.');
  const stillValid = (): boolean => {
    const now = webchat.asset(asset.id);
    return now !== null && webchat.customer(now, token) !== null;
  };
  await writeStream(incoming, outgoing, source, stillValid);
  return 'sent';
}

async function upload(call: CustomerCall): Promise<Answered> {
  const { site, webchat, asset, customer, rates, caller, incoming, query } = call;
  if (!webchat.takesUploads(asset)) return refuse('forbidden', 'This web chat takes no files.');
  // A length that is not told is counted as the most it can be.
  const bytes = Number(incoming.headers['content-length'] ?? 10 * 1024 * 1024);
  const wait =
    over(rates.take(OF_CUSTOMER.uploads, who(call))) ??
    over(rates.take(OF_CALLER.uploadedBytes, caller, Math.min(bytes, 10 * 1024 * 1024)));
  if (wait) return { ...wait, headers: { connection: 'close' } };
  const owner = { assetId: asset.id, owner: customer.address };
  const taken = await takeUpload(site, incoming, query.get('name') ?? '', owner);
  return taken === null ? 'sent' : 'refusal' in taken ? taken : { status: 201, json: taken };
}
