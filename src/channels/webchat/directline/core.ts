// Direct Line behind its HTTP face: who calls, which conversation they may see, what they say in it, what they are shown.
// Not here: bytes, origins, rates, sockets (src/http/directline). The one thing to know: a conversation is a window on one
// customer's thread from its beginning on. A token is good for its conversation and its customer alone; with the secret a
// server names the customer by `from.id`, once for each conversation.
import { createHash, randomUUID, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import type { AssetConfig, FieldError } from '../../../engine/ports.ts';
import type { DirectLineRow } from '../../../engine/store-port.ts';
import type { Id, NewId } from '../../../routing/model.ts';
import { storable, text } from '../../../wire/fields.ts';
import { check, type Read } from '../../../wire/json.ts';
import { configOf } from '../config.ts';
import type { Customer, Webchat, WebchatParts } from '../core.ts';
import { NAME_MAX } from '../protocol.ts';
import { itemOf } from '../reader.ts';
import { mintAddress, unfitAddress } from '../tokens.ts';
import { type ActivityRead, OWN_ID, readActivity } from './activity.ts';
import type { ActivitySet, Conversation } from './protocol.ts';
import { ORIGINS_MAX, STREAM_TOKEN_S, TOKEN_S, USER_ID_MAX } from './protocol.ts';
import { activityId, passingId, showItem } from './show.ts';
import { createLineStreams, type LineStream } from './streams.ts';
import { assetOf, type Claims, readToken, signToken } from './tokens.ts';

/** `claims` null: a server, with the secret. */
export type Caller = { asset: AssetConfig; claims: Claims | null };

export type Refused =
  | { ok: false; why: 'invalid'; errors: FieldError[] }
  /** `other_user`: the conversation is somebody else's */
  | { ok: false; why: 'other_user' | 'no_user' | 'identity_required' };
type Result<T> = { ok: true; value: T } | Refused;

export type DirectLineParts = WebchatParts & { webchat: Webchat; newId: NewId };

export type DirectLine = {
  /** whose secret or token this is; `over`: it was one */
  caller(bearer: string): Caller | 'over' | null;
  /** the same, of the token in a stream's address; `connecting`: not yet open, when it must not have ended */
  streamer(token: string, connecting: boolean): { asset: AssetConfig; claims: Claims } | null;
  /** origins of other sites from which this caller may call */
  origins(caller: Caller): string[];
  takesUploads(asset: AssetConfig): boolean;

  /** a token for a new conversation; for servers */
  generate(asset: AssetConfig, body: unknown): Promise<Result<Conversation>>;
  refresh(asset: AssetConfig, claims: Claims): Conversation;
  /** begins the conversation: the token's, or for a server a new one */
  start(caller: Caller, body: unknown, streams: string): Promise<Result<Conversation>>;
  /** null: there is none, or not for this caller */
  line(caller: Caller, id: Id): Promise<DirectLineRow | null>;
  /** the conversation again, with the address of a stream after a watermark */
  again(caller: Caller, line: DirectLineRow, streams: string, watermark: string | null): Conversation;
  /** what happened after a watermark; null: from its beginning */
  activities(line: DirectLineRow, after: number | null): Promise<ActivitySet>;
  stream(line: DirectLineRow, after: number | null): LineStream | null;

  /** whose words these are, by the rules of who may name whom; known for good from now on */
  customer(caller: Caller, line: DirectLineRow, from: ActivityRead['from']): Promise<Result<Speaker>>;
  read(body: unknown, files?: number): Read<ActivityRead>;
  /** does what the activity asks for; gives its id */
  act(speaker: Speaker, act: ActivityRead['act'], uploads: Id[]): Promise<Result<{ id: string }>>;
  /** these messages reached the client */
  delivered(line: DirectLineRow, messageIds: Id[]): Promise<void>;
};

export type Speaker = { line: DirectLineRow; customer: Customer };

/** A conversation in which nobody spoke: a page that was opened and left. */
const SILENT_MS = 2 * 24 * 3_600_000;
/** Since somebody spoke last, by and large. The thread stays; a client that comes later begins a new conversation. */
const SPOKEN_MS = 30 * 24 * 3_600_000;
/** Longer by less than this is not written down. */
const SPOKEN_STEP_MS = 24 * 3_600_000;
const PAGE = 100;
/** Pages read in one answer in which nothing is for the client. */
const PAGES_MAX = 20;
/** Messages looked through for the button that a client pressed. */
const BUTTONS_WITHIN = 20;

const asked = z
  .object({
    user: z.object({ id: text(USER_ID_MAX).nullish(), name: text(NAME_MAX).nullish() }).nullish(),
    trustedOrigins: z.array(z.string().max(300)).max(ORIGINS_MAX).nullish(),
  })
  .nullish();

export const createDirectLine = (parts: DirectLineParts): DirectLine => new Core(parts);

const keysOf = (asset: AssetConfig): string[] => asset.tokenKeys ?? [];
const digest = (word: string): Buffer => createHash('sha256').update(word).digest();

class Core implements DirectLine {
  readonly #parts: DirectLineParts;
  readonly #streams: ReturnType<typeof createLineStreams>;

  constructor(parts: DirectLineParts) {
    this.#parts = parts;
    this.#streams = createLineStreams(parts);
  }

  caller(bearer: string): Caller | 'over' | null {
    const aud = assetOf(bearer);
    if (aud === null) {
      const asset = this.#ofSecret(bearer);
      return asset && { asset, claims: null };
    }
    const asset = this.#parts.webchat.asset(aud);
    const claims = asset && readToken(keysOf(asset), bearer);
    if (!asset || claims === null || claims.aud !== aud || claims.use !== undefined) return null;
    return this.#isOver(claims) || !mayStay(asset, claims) ? 'over' : { asset, claims };
  }

  streamer(token: string, connecting: boolean): { asset: AssetConfig; claims: Claims } | null {
    const asset = this.#parts.webchat.asset(assetOf(token) ?? '');
    const claims = asset && readToken(keysOf(asset), token);
    if (!asset || claims?.use !== 'stream' || claims.aud !== asset.id) return null;
    return connecting && this.#isOver(claims) ? null : { asset, claims };
  }

  origins({ asset, claims }: Caller): string[] {
    return claims?.origins ?? this.#parts.webchat.origins(asset);
  }

  takesUploads(asset: AssetConfig): boolean {
    return this.#parts.webchat.takesUploads(asset);
  }

  async generate(asset: AssetConfig, body: unknown): Promise<Result<Conversation>> {
    const read = this.#asked(body);
    if (!read.ok) return read;
    const { user, name, origins } = read.value;
    if (user === null && configOf(asset).identity === 'required') return { ok: false, why: 'identity_required' };
    const address = user ?? mintAddress();
    const line = await this.#begin(asset, address, user);
    return { ok: true, value: this.#token(asset, claimsFor(line, { sub: address, user, name, origins })) };
  }

  refresh(asset: AssetConfig, claims: Claims): Conversation {
    return this.#token(asset, claims);
  }

  async start(caller: Caller, body: unknown, streams: string): Promise<Result<Conversation>> {
    const { asset, claims } = caller;
    if (claims !== null) {
      const line = await this.line(caller, claims.conv);
      return line === null
        ? { ok: false, why: 'other_user' }
        : { ok: true, value: this.again(caller, line, streams, null) };
    }
    const read = this.#asked(body);
    if (!read.ok) return read;
    const { user, name, origins } = read.value;
    const line = await this.#begin(asset, user, user);
    const given = claimsFor(line, { sub: user ?? mintAddress(), user, name, origins });
    return { ok: true, value: this.again({ asset, claims: given }, line, streams, null) };
  }

  async line({ asset, claims }: Caller, id: Id): Promise<DirectLineRow | null> {
    if (claims !== null && claims.conv !== id) return null;
    const row = await this.#parts.store.directLine(id);
    if (row !== null) return row.assetId === asset.id ? row : null;
    // What nobody spoke in is forgotten early; a token that is still good brings it back.
    return claims && rowOf(claims, 0);
  }

  again({ asset, claims }: Caller, line: DirectLineRow, streams: string, watermark: string | null): Conversation {
    const base = claims ?? claimsFor(line, { sub: line.address ?? mintAddress(), user: line.address });
    const stream: Claims = { ...base, use: 'stream', exp: this.#seconds() + STREAM_TOKEN_S };
    const query = new URLSearchParams({ watermark: watermark ?? '', t: signToken(keysOf(asset), stream) });
    return { ...this.#token(asset, base), streamUrl: `${streams}/conversations/${line.id}/stream?${query}` };
  }

  async activities(line: DirectLineRow, after: number | null): Promise<ActivitySet> {
    const { store, linked, clock } = this.#parts;
    const now = clock.now();
    let cursor = Math.max(after ?? 0, line.after);
    const set: ActivitySet = { activities: [], watermark: String(cursor) };
    const thread = line.address === null ? null : await store.customerThread(line.assetId, line.address);
    for (let page = 0; thread !== null && page < PAGES_MAX && set.activities.length === 0; page += 1) {
      const happened = await store.happened(thread.id, cursor, PAGE);
      for (const each of happened) {
        const item = await itemOf(each, { store, linked });
        const activity = item && showItem(line, item, linked, 'event' in each ? each.event.at : now);
        if (activity) set.activities.push(activity);
        cursor = each.ord;
      }
      set.watermark = String(cursor);
      if (happened.length < PAGE) break;
    }
    return set;
  }

  stream(line: DirectLineRow, after: number | null): LineStream | null {
    return this.#streams.open(line, after);
  }

  async customer(caller: Caller, line: DirectLineRow, from: ActivityRead['from']): Promise<Result<Speaker>> {
    const { asset, claims } = caller;
    const named = claims === null ? (from.id ?? line.address) : (line.address ?? claims.sub);
    if (named === null) return { ok: false, why: 'no_user' };
    if (line.address !== null && line.address !== named) return { ok: false, why: 'other_user' };
    // Addresses of ours are fit where we said them ourselves.
    const unfit = claims === null && line.address === null ? unfitAddress(named) : null;
    if (unfit !== null) return { ok: false, why: 'invalid', errors: [{ pointer: '/from/id', detail: unfit }] };
    const now = this.#parts.clock.now();
    const known = line.address !== null && line.userId !== null && line.keepUntil > now + SPOKEN_MS - SPOKEN_STEP_MS;
    const userId = claims?.user ?? from.id ?? named;
    const saved = known
      ? line
      : await this.#parts.store.saveDirectLine({ ...line, address: named, userId, keepUntil: now + SPOKEN_MS });
    if (saved.address !== named && claims === null) return { ok: false, why: 'other_user' };
    this.#streams.named(saved);
    const name = claims?.name ?? from.name ?? '';
    const customer = {
      assetId: asset.id,
      address: saved.address ?? named,
      name: storable(name.slice(0, NAME_MAX)),
      verified: claims === null || claims.user !== undefined,
    };
    return { ok: true, value: { line: saved, customer } };
  }

  read(body: unknown, files = 0): Read<ActivityRead> {
    return readActivity(body, files);
  }

  async act({ line, customer }: Speaker, act: ActivityRead['act'], uploads: Id[]): Promise<Result<{ id: string }>> {
    const { webchat, store } = this.#parts;
    if (act.kind === 'typing') await webchat.typing(customer, { on: true });
    if (act.kind !== 'say') return { ok: true, value: { id: passingId(line.id, 'x', randomUUID()) } };
    const { words } = act;
    const clientId = words.clientId ?? `${OWN_ID}${randomUUID()}`;
    const title = words.title ?? (await this.#buttonOf(customer, words.payload));
    const said = await webchat.say(customer, [{ ...words, title, clientId, media: uploads }]);
    if (!said.ok) return { ok: false, why: 'invalid', errors: said.errors };
    const message = await store.message(said.value.results[0]?.message_id ?? '');
    const id = message === null ? passingId(line.id, 'x', clientId) : activityId(line.id, message.seq);
    return { ok: true, value: { id } };
  }

  async delivered({ assetId, address }: DirectLineRow, messageIds: Id[]): Promise<void> {
    if (address === null || messageIds.length === 0) return;
    const customer = { assetId, address, name: '', verified: false };
    await this.#parts.webchat.receipts(customer, { message_ids: messageIds, status: 'delivered' });
  }

  /** The words on the button that says this: a client sends what it means alone. */
  async #buttonOf({ assetId, address }: Customer, payload: string | undefined): Promise<string | undefined> {
    const { store } = this.#parts;
    const thread = payload === undefined ? null : await store.customerThread(assetId, address);
    if (thread === null) return undefined;
    const said = await store.said(thread.id, null, BUTTONS_WITHIN);
    const replies = said.flatMap(({ message }) => message.quickReplies ?? []);
    return replies.find((reply) => reply.payload === payload)?.title;
  }

  #ofSecret(secret: string): AssetConfig | null {
    const given = digest(secret);
    let found: AssetConfig | null = null;
    for (const { id } of this.#parts.directory.rows('asset')) {
      const asset = this.#parts.webchat.asset(id);
      for (const each of asset?.secrets ?? []) if (timingSafeEqual(digest(each), given)) found = asset;
    }
    return found;
  }

  #asked(body: unknown): Result<{ user: string | null; name?: string; origins?: string[] }> {
    const read = check(asked, body);
    if (!read.ok) return { ok: false, why: 'invalid', errors: read.errors };
    const { user, trustedOrigins } = read.value ?? {};
    const id = user?.id || null;
    const unfit = id === null ? null : unfitAddress(id);
    if (unfit !== null) return { ok: false, why: 'invalid', errors: [{ pointer: '/user/id', detail: unfit }] };
    const wrong = (trustedOrigins ?? []).findIndex((each) => !URL.canParse(each) || new URL(each).origin !== each);
    if (wrong !== -1) {
      const detail = 'must be an origin as browsers send it: https://www.example.com, without a path';
      return { ok: false, why: 'invalid', errors: [{ pointer: `/trustedOrigins/${wrong}`, detail }] };
    }
    return {
      ok: true,
      value: {
        user: id,
        ...(user?.name ? { name: user.name } : {}),
        ...(trustedOrigins?.length ? { origins: trustedOrigins } : {}),
      },
    };
  }

  async #begin(asset: AssetConfig, address: string | null, userId: string | null): Promise<DirectLineRow> {
    const { store, clock, newId } = this.#parts;
    const after = await store.lastEventSeq();
    const keepUntil = clock.now() + SILENT_MS;
    return store.saveDirectLine({ id: newId('dlc'), assetId: asset.id, address, userId, after, keepUntil });
  }

  #token(asset: AssetConfig, claims: Claims): Conversation {
    const { use: _, ...whole } = claims;
    const token = signToken(keysOf(asset), { ...whole, exp: this.#seconds() + TOKEN_S });
    return { conversationId: claims.conv, token, expires_in: TOKEN_S };
  }

  #seconds(): number {
    return Math.floor(this.#parts.clock.now() / 1000);
  }

  #isOver({ exp }: Claims): boolean {
    return exp * 1000 <= this.#parts.clock.now();
  }
}

type Given = { sub: string; user: string | null; name?: string; origins?: string[] };

function claimsFor(line: DirectLineRow, { sub, user, name, origins }: Given): Claims {
  return {
    aud: line.assetId,
    conv: line.id,
    sub,
    after: line.after,
    exp: 0,
    ...(user === null ? {} : { user }),
    ...(name === undefined ? {} : { name }),
    ...(origins === undefined ? {} : { origins }),
  };
}

export function rowOf({ aud, conv, sub, user, after }: Claims, keepUntil: number): DirectLineRow {
  return { id: conv, assetId: aud, address: sub, userId: user ?? null, after, keepUntil };
}

/** Also what was given before the site began to ask for identities. */
const mayStay = (asset: AssetConfig, { user }: Claims): boolean =>
  user !== undefined || configOf(asset).identity !== 'required';
