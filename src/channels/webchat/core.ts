// The web chat behind its faces (our widget, Direct Line): customers and their tokens, what they say, what they see.
// Not here: addresses, origins, rates and the writing of streams (src/http). The one thing to know: every call is
// about a Customer, whom only `customer`, `open` and `known` make; so nobody reads or writes another's thread.
import type { AssetConfig, Clock, Directory, Engine, FieldError } from '../../engine/ports.ts';
import type { MediumRow, Store } from '../../engine/store-port.ts';
import type { Input } from '../../routing/inputs.ts';
import type { Id, Media, MessageType } from '../../routing/model.ts';
import { malformed } from '../../wire/json.ts';
import { configOf, settingsOf } from './config.ts';
import { HISTORY_DEFAULT, HISTORY_MAX, type HistoryPage, type PostAnswer, type Session } from './protocol.ts';
import { readReceipts, readSession, readTyping, readUtterances, type SessionRead, type Utterance } from './said.ts';
import { createStreams, type Stream, type Streams } from './streams.ts';
import { type Claims, isVouched, mintAddress, readToken, signToken, unfitAddress } from './tokens.ts';
import { externalIdOf, holderOf, showMessage, ticksOf } from './wire.ts';

/** A visitor who does not come back for so long begins anew. Each visit renews it. */
const VISITOR_MS = 90 * 24 * 3_600_000;
/** A known customer's site vouches for them again at each page; when they sign out there, it ends here soon. */
const VERIFIED_MS = 24 * 3_600_000;

export type Customer = { assetId: Id; address: string; name: string; verified: boolean };

/** A customer by their token: until when it is good, and what else it says. */
export type Known = Customer & { until: number; more: Record<string, string> };

export type Refused = { ok: false; code: 'invalid' | 'identity_required' | 'bad_identity'; errors: FieldError[] };
type Result<T> = { ok: true; value: T } | Refused;

export type WebchatParts = {
  engine: Engine;
  directory: Directory;
  store: Store;
  clock: Clock;
  /** a medium with a link that is good now */
  linked: (medium: Media) => Media;
};

export type Webchat = {
  /** the asset, if it is a web chat */
  asset(id: Id): AssetConfig | null;
  /** the origins of other sites that may call for it */
  origins(asset: AssetConfig): string[];
  takesUploads(asset: AssetConfig): boolean;

  /** a session for the widget: of the token, of the identity, or of a new customer */
  open(asset: AssetConfig, ask: unknown): Promise<Result<Session>>;
  /** whose token this is; null: nobody's that is good now */
  customer(asset: AssetConfig, token: string): Known | null;
  /** a customer whom somebody with the asset's secret names; or why that cannot be an address */
  known(asset: AssetConfig, address: string, name: string): Customer | { unfit: string };
  /** a customer with a fresh address */
  mint(asset: AssetConfig, name: string): Customer;
  sign(asset: AssetConfig, customer: Customer, lifeMs: number, more?: Record<string, string>): string;

  /** what the widget posts, checked and said */
  post(customer: Customer, body: unknown): Promise<Result<PostAnswer>>;
  /** in order, all or none; on disk when it resolves */
  say(customer: Customer, utterances: Utterance[]): Promise<Result<PostAnswer>>;
  receipts(customer: Customer, body: unknown): Promise<Result<null>>;
  typing(customer: Customer, body: unknown): Promise<Result<null>>;
  history(customer: Customer, before: number | null, limit: number): Promise<HistoryPage>;
  /** null: as many streams are open as there may be */
  stream(customer: Customer, after: number | null): Stream | null;

  streams(): number;
  stop(): void;
};

export const createWebchat = (parts: WebchatParts): Webchat => new Core(parts);

const keysOf = (asset: AssetConfig): string[] => asset.tokenKeys ?? [];

class Core implements Webchat {
  readonly #parts: WebchatParts;
  readonly #streams: Streams;

  constructor(parts: WebchatParts) {
    this.#parts = parts;
    this.#streams = createStreams(parts);
  }

  asset(id: Id): AssetConfig | null {
    const asset = this.#parts.directory.asset(id);
    return asset?.channel === 'webchat' ? asset : null;
  }

  origins(asset: AssetConfig): string[] {
    return configOf(asset).allowed_origins;
  }

  takesUploads(asset: AssetConfig): boolean {
    return configOf(asset).uploads;
  }

  async open(asset: AssetConfig, ask: unknown): Promise<Result<Session>> {
    const read = readSession(ask);
    if (!read.ok) return invalid(read.errors);
    const { clock, store, directory } = this.#parts;
    const who = this.#whoAsks(asset, read.value, clock.now());
    if ('ok' in who) return who;
    const { customer, resumed, until } = who;
    const thread = await store.customerThread(asset.id, customer.address);
    const history = await this.history(customer, null, HISTORY_DEFAULT);
    return {
      ok: true,
      value: {
        token: signToken(keysOf(asset), claimsOf(customer, until)),
        expires_at: until,
        address: customer.address,
        verified: customer.verified,
        resumed,
        settings: settingsOf(asset),
        holder: holderOf(thread, directory.world()),
        cursor: history.messages.at(-1)?.cursor ?? '0',
        history,
      },
    };
  }

  customer(asset: AssetConfig, token: string): Known | null {
    const claims = readToken(keysOf(asset), asset.id, token, this.#parts.clock.now());
    if (claims === null || !mayStay(asset, claims)) return null;
    const { assetId, address, name, verified, until, more = {} } = claims;
    return { assetId, address, name, verified, until, more };
  }

  known(asset: AssetConfig, address: string, name: string): Customer | { unfit: string } {
    const unfit = unfitAddress(address);
    return unfit === null ? { assetId: asset.id, address, name, verified: true } : { unfit };
  }

  mint(asset: AssetConfig, name: string): Customer {
    return { assetId: asset.id, address: mintAddress(), name, verified: false };
  }

  sign(asset: AssetConfig, customer: Customer, lifeMs: number, more?: Record<string, string>): string {
    const claims = claimsOf(customer, this.#parts.clock.now() + lifeMs);
    return signToken(keysOf(asset), more ? { ...claims, more } : claims);
  }

  async post(customer: Customer, body: unknown): Promise<Result<PostAnswer>> {
    const read = readUtterances(body);
    return read.ok ? this.say(customer, read.value) : invalid(read.errors);
  }

  async say(customer: Customer, utterances: Utterance[]): Promise<Result<PostAnswer>> {
    const found = await mediaOf(this.#parts.store, customer, utterances);
    if ('ok' in found) return found;
    const applied = await this.#parts.engine.submit(utterances.map((each) => inputOf(customer, each, found)));
    const thread = applied.find((each) => each.thread !== null)?.thread;
    if (thread) this.#streams.bind(customer.assetId, customer.address, thread.id);
    const refused = applied.flatMap(({ reply }, index) =>
      reply.ok ? [] : [{ pointer: `/${index}`, detail: reply.detail }],
    );
    if (refused.length > 0) return invalid(refused);
    const results = applied.map(({ reply }, index) => ({
      id: utterances[index]?.clientId ?? '',
      message_id: reply.ok ? (reply.messageId ?? '') : '',
      duplicate: reply.ok && reply.duplicate === true,
    }));
    return { ok: true, value: { results } };
  }

  async receipts(customer: Customer, body: unknown): Promise<Result<null>> {
    const read = readReceipts(body);
    if (!read.ok) return invalid(read.errors);
    const inputs = await receiptsOf(this.#parts.store, customer, read.value.message_ids, read.value.status);
    if (inputs.length > 0) await this.#parts.engine.submit(inputs);
    return { ok: true, value: null };
  }

  async typing({ assetId, address }: Customer, body: unknown): Promise<Result<null>> {
    const read = readTyping(body);
    if (!read.ok) return invalid(read.errors);
    await this.#parts.engine.submit([{ type: 'typing', assetId, address, on: read.value.on }]);
    return { ok: true, value: null };
  }

  async history({ assetId, address }: Customer, before: number | null, limit: number): Promise<HistoryPage> {
    const { store, linked } = this.#parts;
    const thread = await store.customerThread(assetId, address);
    if (thread === null) return { messages: [], more: false, ticks: ticksOf(null) };
    const size = Math.min(limit, HISTORY_MAX);
    const said = await store.said(thread.id, before, size + 1);
    const messages = said.slice(0, size).map((each) => showMessage(each, linked));
    return { messages: messages.reverse(), more: said.length > size, ticks: ticksOf(thread) };
  }

  stream({ assetId, address }: Customer, after: number | null): Stream | null {
    return this.#streams.open(assetId, address, after);
  }

  streams(): number {
    return this.#streams.count();
  }

  stop(): void {
    this.#streams.stop();
  }

  /** The identity wins over the token; a token that is not taken any more is a new customer's. */
  #whoAsks(asset: AssetConfig, ask: SessionRead, now: number): Who | Refused {
    const { identity, token } = ask;
    if (identity !== undefined) {
      const { id, name = ask.name ?? '' } = identity;
      const unfit = unfitAddress(id);
      if (unfit !== null) return invalid([{ pointer: '/identity/id', detail: unfit }]);
      if (!isVouched(asset.signingSecrets, id, identity.hmac)) return { ok: false, code: 'bad_identity', errors: [] };
      const customer = { assetId: asset.id, address: id, name, verified: true };
      return { customer, resumed: true, until: now + VERIFIED_MS };
    }
    const claims = token === undefined ? null : readToken(keysOf(asset), asset.id, token, now);
    if (claims !== null && mayStay(asset, claims)) {
      const { address, name, verified } = claims;
      const customer = { assetId: asset.id, address, name: verified ? name : (ask.name ?? name), verified };
      // A verified session is made longer by the identity alone.
      return { customer, resumed: true, until: verified ? claims.until : now + VISITOR_MS };
    }
    if (configOf(asset).identity === 'required') return { ok: false, code: 'identity_required', errors: [] };
    return { customer: this.mint(asset, ask.name ?? ''), resumed: false, until: now + VISITOR_MS };
  }
}

type Who = { customer: Customer; resumed: boolean; until: number };

/** Also what was given before the site began to ask for identities. */
const mayStay = (asset: AssetConfig, { verified }: Claims): boolean =>
  verified || configOf(asset).identity !== 'required';

const claimsOf = (customer: Customer, until: number): Claims => {
  const { assetId, address, name, verified } = customer;
  return { assetId, address, name, verified, until };
};

function invalid(errors: FieldError[]): Refused {
  return { ok: false, code: 'invalid', errors: malformed(errors).errors };
}

/** The uploads that are named, which must be this customer's; or the fields that name others. */
async function mediaOf(
  store: Pick<Store, 'medium'>,
  { assetId, address }: Customer,
  utterances: Utterance[],
): Promise<ReadonlyMap<Id, MediumRow> | Refused> {
  const rows = new Map<Id, MediumRow>();
  const errors: FieldError[] = [];
  for (const [index, { media }] of utterances.entries()) {
    for (const [place, id] of media.entries()) {
      const row = rows.get(id) ?? (await store.medium(id));
      if (row?.assetId === assetId && row.owner === address) rows.set(id, row);
      else errors.push({ pointer: `/${index}/media/${place}`, detail: 'is no upload of yours; upload the file again' });
    }
  }
  return errors.length > 0 ? invalid(errors) : rows;
}

function inputOf(customer: Customer, utterance: Utterance, rows: ReadonlyMap<Id, MediumRow>): Input {
  const { clientId, kind, text, payload, title, sentAt } = utterance;
  const uploads = utterance.media.flatMap((id) => {
    const row = rows.get(id);
    return row ? [{ url: `media:${id}`, type: row.type, name: row.name }] : [];
  });
  const media: Media[] = [...uploads, ...(utterance.links ?? [])];
  return {
    type: 'customer',
    assetId: customer.assetId,
    address: customer.address,
    ...(customer.name === '' ? {} : { name: customer.name }),
    externalId: externalIdOf(customer.address, clientId),
    kind,
    message: { type: typeOf(media), text, media },
    ...(payload === undefined ? {} : { payload }),
    ...(title === undefined ? {} : { title }),
    ...(sentAt === undefined ? {} : { sentAt }),
  };
}

const SHOWN_AS: readonly MessageType[] = ['image', 'video', 'audio'];

/** What the first medium is; its words stand beside it. */
function typeOf([first]: Media[]): MessageType {
  if (first === undefined) return 'text';
  return SHOWN_AS.find((type) => first.type.startsWith(`${type}/`)) ?? 'file';
}

/** Receipts for what others said in this customer's thread; ids of anything else are passed over. */
async function receiptsOf(
  store: Pick<Store, 'customerThread' | 'message'>,
  { assetId, address }: Customer,
  ids: string[],
  status: 'delivered' | 'read',
): Promise<Input[]> {
  const thread = await store.customerThread(assetId, address);
  if (thread === null) return [];
  const messages = await Promise.all([...new Set(ids)].map((id) => store.message(id)));
  return messages.flatMap((message): Input[] => {
    const theirs = message?.threadId === thread.id && message.author.type !== 'customer';
    return theirs ? [{ type: 'receipt', assetId, messageId: message.id, status }] : [];
  });
}
