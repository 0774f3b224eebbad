// The hot road: what channels, bots and desks post to us. Straight on node:http, without the framework.
// Not here: their languages (adapters) and what their words cause (engine). The one thing to know: the answer leaves
// after the commit; whoever gets a 202 may forget what they sent. The token in a path is a secret: never logged.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ChannelAdapter, PlainAnswer } from '../engine/channel-port.ts';
import type { AssetConfig, FieldError, RawRequest, ReadResult } from '../engine/ports.ts';
import { type Applied, StoreUnavailable } from '../engine/store-port.ts';
import type { BotCommand, DeskCommand, Input, Reply } from '../routing/inputs.ts';
import type { Id } from '../routing/model.ts';
import { accessOf } from './access.ts';
import { sendJson, sendPlain, sendProblem } from './answers.ts';
import type { Connections } from './connections.ts';
import type { HttpParts, Site } from './parts.ts';
import { PROBLEMS, type ProblemCode, type Refusal, refuse, refusedReply } from './problems.ts';
import { pathOf, plainHeaders, readBody, type Seen } from './request.ts';

export const HOOKS = '/hooks/';
/** A batch of a channel [contract]. */
const CHANNEL_BYTES_MAX = 1024 * 1024;
/** What a provider posts at once: Meta says up to 3 MB, and repeats for days what it is refused. */
const PROVIDER_BYTES_MAX = 3 * 1024 * 1024;
/** One event of a bot or desk [contract]. */
const PARTY_BYTES_MAX = 256 * 1024;
/** Bytes of bodies in memory at once, complete or not, all hooks together: beyond it a flood becomes a crash. */
const BYTES_IN_FLIGHT_MAX = 256 * 1024 * 1024;
/** Requests at once: they wait for one flush, so that this many are a store that does not keep up. */
const REQUESTS_IN_FLIGHT_MAX = 10_000;

/** Inputs of one request in one transaction, as many as Meta ever posts at once: more would hold up everybody else. */
const INPUTS_AT_ONCE = 1_000;

/** `plain`: as the provider wants it. */
type Answered = { status: number; json: unknown } | { plain: PlainAnswer };
/** One request after its party was found: reads it, submits it, answers it. */
type Take = (request: RawRequest) => Promise<Answered | Refusal>;
type Submit = (items: Input[]) => Promise<Applied[]>;
type Party = {
  take: Take;
  limit: number;
  /** answers a GET, by which some providers want the address to be proved */
  prove?: (request: RawRequest) => Answered | Refusal;
};

type Parts = HttpParts & { connections: Connections };
type Kind = { route: string; find(parts: Parts, key: string): Party | Refusal };

const KINDS: Readonly<Record<string, Kind>> = {
  channels: { route: 'POST /hooks/channels/{asset_id}', find: findAsset },
  bots: { route: 'POST /hooks/bots/{token}', find: findBot },
  desks: { route: 'POST /hooks/desks/{token}', find: findDesk },
};
const PROOF = 'GET /hooks/channels/{asset_id}';
accessOf('GET', PROOF.slice('GET '.length));
for (const { route } of Object.values(KINDS)) accessOf('POST', route.slice('POST '.length));

/** Serves one request below /hooks/. Never rejects. Gives the status that was sent; `seen` is filled in for the log. */
export type HookServer = (incoming: IncomingMessage, outgoing: ServerResponse, seen: Seen) => Promise<number>;

/** For the log: nobody was there any more to be answered. */
export const CALLER_GONE = 499;

export function createHooks(site: Site, connections: Connections): HookServer {
  const load = { requests: 0, bytes: 0 };
  const parts = { ...site, connections };
  return async (incoming, outgoing, seen) => {
    const answer = await serve(parts, incoming, seen, load).catch((error: unknown) => unexpected(site, seen, error));
    if (answer === null) return CALLER_GONE;
    if ('plain' in answer) {
      return sendPlain(outgoing, answer.plain, seen.requestId) ? answer.plain.status : CALLER_GONE;
    }
    if (!('refusal' in answer)) {
      return sendJson(outgoing, answer.status, answer.json, seen.requestId) ? answer.status : CALLER_GONE;
    }
    seen.code = answer.refusal;
    const sent = sendProblem(outgoing, answer, site.publicUrl(), seen.requestId);
    return sent ? PROBLEMS[answer.refusal].status : CALLER_GONE;
  };
}

function unexpected(site: Site, seen: Seen, error: unknown): Refusal {
  if (error instanceof StoreUnavailable) return refuse('store_unavailable');
  site.log.error({ err: error, request_id: seen.requestId }, 'a hook failed unexpectedly');
  return refuse('internal');
}

/** null: the caller is gone. */
async function serve(
  site: Parts,
  incoming: IncomingMessage,
  seen: Seen,
  load: { requests: number; bytes: number },
): Promise<Answered | Refusal | null> {
  const target = pathOf(incoming.url ?? '');
  const [kindName = '', key = '', ...rest] = target.path.slice(HOOKS.length).split('/');
  const kind = Object.hasOwn(KINDS, kindName) ? KINDS[kindName] : undefined;
  if (kind === undefined || key === '' || rest.length > 0) return unread(incoming, refuse('not_found'));
  seen.route = kind.route;
  const proves = incoming.method === 'GET' && kind === KINDS.channels;
  if (incoming.method !== 'POST' && !proves) return unread(incoming, onlyPost);
  if (!site.ready()) return unread(incoming, refuse('starting'));
  if (load.requests >= REQUESTS_IN_FLIGHT_MAX || load.bytes >= BYTES_IN_FLIGHT_MAX) {
    return unread(incoming, refuse('overloaded'));
  }
  const party = kind.find(site, key);
  if ('refusal' in party) return unread(incoming, party);
  if (proves) {
    if (party.prove === undefined) return onlyPost;
    seen.route = PROOF;
    return party.prove(requestOf(incoming, target, NO_BODY, site.clock.now()));
  }

  load.requests += 1;
  let held = 0;
  const room = (bytes: number): boolean => {
    held += bytes;
    load.bytes += bytes;
    return load.bytes <= BYTES_IN_FLIGHT_MAX;
  };
  try {
    const read = await readBody(incoming, party.limit, room);
    if (!read.ok) return read.why === 'aborted' ? null : refusedBody(read, party.limit);
    return await party.take(requestOf(incoming, target, read.body, site.clock.now()));
  } finally {
    load.requests -= 1;
    load.bytes -= held;
  }
}

const NO_BODY = Buffer.alloc(0);

function requestOf(
  incoming: IncomingMessage,
  { path, query }: ReturnType<typeof pathOf>,
  body: Buffer,
  now: number,
): RawRequest {
  const [method, headers] = [incoming.method ?? 'POST', plainHeaders(incoming)];
  return { method, path, query: new URLSearchParams(query), rawQuery: query, headers, body, now };
}

const onlyPost = refuse('method_not_allowed', 'A hook takes POST only.', { headers: { allow: 'POST' } });

function refusedBody(read: { why: string; unread: boolean }, limit: number): Refusal {
  const close = read.unread ? { headers: { connection: 'close' } } : {};
  if (read.why === 'no_room') return refuse('overloaded', undefined, close);
  if (read.why === 'slow') return refuse('request_timeout', undefined, close);
  if (read.why === 'encoded')
    return refuse('unsupported_media_type', 'The body is compressed; send it as it is.', close);
  return refuse('too_large', `The body is larger than ${limit} bytes.`, close);
}

/** What is refused before its body was read: a small body is read away by Node, a large one costs the connection. */
function unread(incoming: IncomingMessage, refusal: Refusal): Refusal {
  if (Number(incoming.headers['content-length'] ?? Number.NaN) <= PARTY_BYTES_MAX || incoming.method === 'GET') {
    return refusal;
  }
  return { ...refusal, headers: { ...refusal.headers, connection: 'close' } };
}

const NOT_READ: Readonly<Record<number, ProblemCode>> = {
  400: 'bad_json',
  401: 'bad_signature',
  413: 'too_large',
  415: 'unsupported_media_type',
  422: 'invalid',
};

/** What an adapter could not read, with a code of our list. */
function notRead(read: { status: number; code: string; detail: string; errors: FieldError[] }): Refusal {
  const known = Object.hasOwn(PROBLEMS, read.code) ? PROBLEMS[read.code as ProblemCode].status === read.status : false;
  const code = known ? (read.code as ProblemCode) : (NOT_READ[read.status] ?? 'invalid');
  return refuse(code, read.detail, { errors: read.errors });
}

function findAsset(parts: Parts, id: string): Party | Refusal {
  const asset = parts.directory.asset(id);
  const adapter = asset && parts.adapters.channels.get(asset.channel);
  if (!asset || !adapter) return refuse('not_found', 'There is no such channel hook.');
  const { connections, engine } = parts;
  const submit: Submit = adapter.locate === undefined ? (items) => engine.submit(items) : withFiles(parts, id);
  const take: Take = async (request) => {
    const read = adapter.read(asset, request);
    if (!read.ok) {
      connections.refused(id, read.detail);
      return notRead(read);
    }
    const applied = await inParts(read.items, submit);
    // Some providers prove the address by a call that says nothing.
    if (read.items.length + read.ignored === 0) connections.handshake(id);
    else connections.event(id);
    const plain = read.answer ?? adapter.answer;
    return plain === undefined ? answerChannel(read, applied, adapter.fields !== undefined) : { plain };
  };
  const prove = adapter.handshake && proofOf(parts, asset, adapter);
  const limit = adapter.fields === undefined ? CHANNEL_BYTES_MAX : PROVIDER_BYTES_MAX;
  return { take, limit, ...(prove === undefined ? {} : { prove }) };
}

/** In order. What is not kept is told again as a whole, and is then a duplicate as far as it was. */
async function inParts(items: Input[], submit: Submit): Promise<Applied[]> {
  if (items.length <= INPUTS_AT_ONCE) return submit(items);
  const applied: Applied[] = [];
  for (let from = 0; from < items.length; from += INPUTS_AT_ONCE) {
    applied.push(...(await submit(items.slice(from, from + INPUTS_AT_ONCE))));
  }
  return applied;
}

/** With `media:<id>` for what the provider has, which is fetched from now on. */
function withFiles({ engine, remote }: Parts, assetId: Id): Submit {
  return async (items) => {
    const claimed = await remote.claimed(assetId, items);
    const applied = await engine.submit(claimed);
    if (claimed !== items) remote.wake();
    return applied;
  };
}

function proofOf({ connections }: Parts, asset: AssetConfig, adapter: ChannelAdapter): Party['prove'] {
  return (request) => {
    const plain = adapter.handshake?.(asset, request) ?? null;
    if (plain === null) return refuse('not_found', 'This is no handshake of the channel.');
    if (plain.status < 400) {
      connections.handshake(asset.id);
      return { plain };
    }
    const detail = plain.body === '' ? 'The handshake is not the one that belongs to this asset.' : plain.body;
    connections.refused(asset.id, detail);
    return refuse('forbidden', detail);
  };
}

/**
 * Counts; a single item that was refused is a refusal, one in a batch is counted, or nothing of the batch could go on. A
 * `provider` is never told of a refusal: it would send the same again for days, and then switch the hook off.
 */
function answerChannel(
  read: { batch: boolean; ignored: number; items: Input[] },
  applied: Applied[],
  provider: boolean,
): Answered | Refusal {
  const counts = { accepted: 0, duplicates: 0, ignored: read.ignored, refused: 0 };
  for (const [index, { reply }] of applied.entries()) {
    if (!reply.ok) {
      // A receipt for what we never sent is nobody's mistake here.
      if (read.items[index]?.type === 'receipt') counts.ignored += 1;
      else if (!read.batch && !provider) return refusedReply(reply);
      else counts.refused += 1;
    } else if (reply.duplicate) counts.duplicates += 1;
    else if (reply.ignored) counts.ignored += 1;
    else counts.accepted += 1;
  }
  const { ignored, refused, ...always } = counts;
  const json = { ...always, ...(ignored > 0 ? { ignored } : {}), ...(refused > 0 ? { refused } : {}) };
  return { status: provider ? 200 : 202, json };
}

function findBot(parts: Parts, token: string): Party | Refusal {
  const bot = parts.directory.botByHook(token);
  const adapter = bot && parts.adapters.bots.get(bot.platform);
  if (!bot || !adapter) return refuse('not_found', 'There is no such bot hook.');
  if (parts.directory.world().bots.get(bot.id)?.health.status === 'disabled') return refuse('integration_disabled');
  const inputOf = (command: BotCommand): Input => {
    const handed = parts.engine.handed(command.conversationId);
    return { type: 'bot', botId: bot.id, command, ...(handed === undefined ? {} : { handed }) };
  };
  return { take: async (request) => takeCommands(parts, adapter.read(bot, request), inputOf), limit: PARTY_BYTES_MAX };
}

function findDesk(parts: Parts, token: string): Party | Refusal {
  const desk = parts.directory.deskByHook(token);
  const adapter = desk && parts.adapters.desks.get(desk.kind);
  if (!desk || !adapter) return refuse('not_found', 'There is no such desk hook.');
  if (parts.directory.world().desks.get(desk.id)?.health.status === 'disabled') return refuse('integration_disabled');
  const inputOf = (command: DeskCommand): Input => {
    const handed = parts.engine.handed(command.conversationId);
    return { type: 'desk', deskId: desk.id, command, ...(handed === undefined ? {} : { handed }) };
  };
  const take: Party['take'] = async (request) => takeCommands(parts, adapter.read(desk, request), inputOf, '/data');
  return { take, limit: PARTY_BYTES_MAX };
}

/** One command is answered as itself; several, if a platform ever sends them so, as a list. */
async function takeCommands<T>(
  parts: HttpParts,
  read: ReadResult<T>,
  inputOf: (command: T) => Input,
  base = '',
): Promise<Answered | Refusal> {
  if (!read.ok) return notRead(read);
  if (read.items.length === 0) return { status: 202, json: {} };
  const applied = await parts.engine.submit(read.items.map(inputOf));
  const first = applied[0]?.reply;
  if (!read.batch && first !== undefined) {
    return first.ok ? { status: 202, json: effectOf(first) } : refusedReply(first, base);
  }
  const results = applied.map(({ reply }) =>
    reply.ok ? effectOf(reply) : { code: reply.code, detail: reply.detail, status: PROBLEMS[reply.code].status },
  );
  return { status: 202, json: { results } };
}

/** What a bot or desk is told of its command (contract §3). */
function effectOf(reply: Extract<Reply, { ok: true }>): Record<string, unknown> {
  return {
    ...(reply.messageId === undefined
      ? {}
      : { message_id: reply.messageId, conversation_id: reply.conversationId ?? null }),
    ...(reply.handover === undefined ? {} : { handover: reply.handover }),
    ...(reply.deskConversationId === undefined ? {} : { desk_conversation_id: reply.deskConversationId }),
  };
}
