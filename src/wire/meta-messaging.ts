// The webhook of Messenger and Instagram: signature, then every event of every entry, in order, as inputs.
// Not here: what a message says (meta-content.ts), and what goes out (meta-send.ts). The one thing to know: the address
// is the customer's scoped id, which is the sender of their events and the recipient of echoes; both are only digits.
import type { AssetConfig, RawRequest, ReadResult } from '../engine/ports.ts';
import type { Input } from '../routing/inputs.ts';
import type { Id } from '../routing/model.ts';
import { MAX_ID, MAX_NAME, MAX_PAYLOAD, MAX_TEXT } from './fields.ts';
import { isObject, parseObject } from './json.ts';
import { checkHubSignature, digestId } from './meta.ts';
import { contentOf, type Said } from './meta-content.ts';
import { key, line, moment, object, objects, words } from './pick.ts';

type Loose = Record<string, unknown>;

/** Where the two networks differ in what they tell. */
export type MetaNetwork = {
  object: 'page' | 'instagram';
  /** `entry.id` of what concerns this asset */
  account(config: Record<string, unknown>): string;
  appSecrets(config: Record<string, unknown>): string[];
  /** who spoke when an echo names no app */
  inApp: string;
  /** whether it tells what was delivered: an Instagram never does */
  delivered: boolean;
  /** the message of ours that an echo without an app may be: it can be here before the answer to its send */
  ownEcho?(asset: AssetConfig, address: string, said: Said, now: number): Id | undefined;
};

/** Meta sends batches of at most a thousand updates; none of them is left out. */
const MAX_BODY_BYTES = 4 * 1024 * 1024;
/** What one delivery event may name; Meta names a few. */
const MAX_MIDS = 200;
/** The app of Meta's own inbox for pages (Business Suite), in echoes and in the words about thread control. */
const PAGE_INBOX = '263902037430900';
const OUR_METADATA = 'signalbox:';

/** Our message's id, as it goes out and comes back in an echo. */
export const metadataOf = (messageId: Id): string => OUR_METADATA + messageId;

/** 401, 400 or 413, else inputs in the order of the body; what means nothing to us is counted. */
export function readMeta(network: MetaNetwork, asset: AssetConfig, request: RawRequest): ReadResult<Input> {
  const refusal = checkHubSignature(request, network.appSecrets(asset.config));
  if (refusal !== null) return refusal;
  const body = parseObject(request.body, MAX_BODY_BYTES, 400);
  if (!body.ok) return body;
  const items: Input[] = [];
  let ignored = 0;
  for (const event of eventsOf(network, asset, body.value)) {
    const inputs = event === null ? [] : new Reader(network, asset, event, request.now).inputs();
    items.push(...inputs);
    if (inputs.length === 0) ignored += 1;
  }
  return { ok: true, items, ignored, batch: true };
}

/** What another app has the line for is told in `standby`; apps in development get some of it as `changes`. */
function eventsOf(network: MetaNetwork, asset: AssetConfig, body: Loose): (Loose | null)[] {
  if (body.object !== network.object) return [null];
  const account = network.account(asset.config);
  return objects(body.entry).flatMap((entry): (Loose | null)[] => {
    if (account === '' || key(entry.id, MAX_ID) !== account) return [null];
    const standby = objects(entry.standby).map((event) => ({ ...event, standby: true }));
    const changes = objects(entry.changes).map(({ value }) =>
      isObject(value) && isObject(value.sender) ? value : null,
    );
    const events = [...objects(entry.messaging), ...standby, ...changes];
    return events.length === 0 ? [null] : events;
  });
}

/** One event: who it is about is found once, then what it is. */
class Reader {
  readonly #network: MetaNetwork;
  readonly #asset: AssetConfig;
  readonly #event: Loose;
  /** '' when it is about nobody */
  readonly #address: string;
  /** Meta's times are in ms; some of its samples have them in seconds, or as text */
  readonly #at: number | undefined;
  readonly #now: number;

  constructor(network: MetaNetwork, asset: AssetConfig, event: Loose, now: number) {
    this.#now = now;
    this.#network = network;
    this.#asset = asset;
    this.#event = event;
    const message = object(event.message);
    const address = scopedId(message.is_echo === true ? event.recipient : event.sender);
    this.#address = address === network.account(asset.config) ? '' : address;
    this.#at = moment(event.timestamp);
  }

  inputs(): Input[] {
    if (this.#address === '') return [];
    const { message, postback, reaction, message_edit: edit, delivery, read } = this.#event;
    if (isObject(message)) return this.#message(message);
    if (isObject(postback)) return this.#postback(postback);
    if (isObject(reaction)) return this.#reaction(reaction);
    if (isObject(edit)) return this.#edit(edit);
    if (isObject(delivery)) return this.#network.delivered ? this.#fates('delivered', delivery) : [];
    if (isObject(read)) return this.#fates('read', read);
    return this.#control() ?? this.#sign();
  }

  get #who(): { assetId: Id; address: string } {
    return { assetId: this.#asset.id, address: this.#address };
  }

  #message(message: Loose): Input[] {
    const externalId = key(message.mid, MAX_ID);
    if (externalId === '') return [];
    if (message.is_deleted === true) {
      return this.#remark(digestId('delete', externalId), externalId, { kind: 'delete' });
    }
    const said = contentOf(message, externalId);
    if (message.is_echo === true) return this.#echo(message, externalId, said);
    const reply = isObject(message.quick_reply) ? words(message.quick_reply.payload, MAX_PAYLOAD) : '';
    const word =
      reply === ''
        ? this.#word(externalId, 'message', said)
        : this.#word(externalId, 'postback', said, { payload: reply, title: line(said.text) });
    return [word, ...this.#referral(message.referral, externalId)];
  }

  #word(
    externalId: string,
    kind: 'message' | 'postback',
    message: Said,
    more: { payload?: string; title?: string } = {},
  ): Input {
    const sentAt = this.#at === undefined ? {} : { sentAt: this.#at };
    return { type: 'customer', ...this.#who, externalId, kind, message, ...more, ...sentAt };
  }

  /** What came back of ours means nothing new. The app tells whose it is; the metadata is believed where no app is named. */
  #echo(message: Loose, externalId: string, said: Said): Input[] {
    const app = appId(message.app_id);
    if (app !== '' && app === this.#config('app_id')) return [];
    const metadata = key(message.metadata, MAX_ID);
    const named = metadata.startsWith(OUR_METADATA) ? metadata.slice(OUR_METADATA.length) : '';
    const ours = app !== '' ? undefined : named || this.#network.ownEcho?.(this.#asset, this.#address, said, this.#now);
    const messageId = ours === undefined || ours === '' ? {} : { messageId: ours };
    return [{ type: 'echo', ...this.#who, externalId, ...messageId, author: this.#appName(app), message: said }];
  }

  /** In standby the payload is for the app that sent the button: the customer's word is its title then. */
  #postback(postback: Loose): Input[] {
    const title = line(postback.title);
    const payload = words(postback.payload, MAX_PAYLOAD);
    // Older versions of the API gave it no id.
    const made = digestId('postback', this.#address, this.#at ?? '', title, payload);
    const externalId = key(postback.mid, MAX_ID) || made;
    const said: Said = { type: 'text', text: title, media: [] };
    const word =
      payload === ''
        ? this.#word(externalId, 'message', title === '' ? { ...said, details: { unknown: 'postback' } } : said)
        : this.#word(externalId, 'postback', said, { payload, ...(title === '' ? {} : { title }) });
    return [word, ...this.#referral(postback.referral, externalId)];
  }

  #reaction({ mid, action, emoji, reaction }: Loose): Input[] {
    const about = key(mid, MAX_ID);
    const given = action === 'unreact' ? '' : words(emoji, 64) || words(reaction, 64);
    const externalId = digestId('reaction', this.#address, about, given, this.#at ?? '');
    return this.#remark(externalId, about, { kind: 'reaction', emoji: given });
  }

  #edit({ mid, text, num_edit: times }: Loose): Input[] {
    const about = key(mid, MAX_ID);
    const after = words(text, MAX_TEXT);
    return this.#remark(digestId('edit', about, key(times, 32), after), about, { kind: 'edit', text: after });
  }

  #remark(externalId: string, about: string, remark: Extract<Input, { type: 'remark' }>['remark']): Input[] {
    return about === '' ? [] : [{ type: 'remark', ...this.#who, externalId, about, remark }];
  }

  /** `watermark`: everything up to then; `mids` or `mid`: these. Either may be missing. */
  #fates(status: 'delivered' | 'read', { mids, mid, watermark }: Loose): Input[] {
    const named = [mid, ...(Array.isArray(mids) ? mids.slice(0, MAX_MIDS) : [])];
    const ids = named.map((id) => key(id, MAX_ID)).filter((id) => id !== '');
    const { assetId, address } = this.#who;
    const receipts = ids.map((externalId): Input => ({ type: 'receipt', assetId, messageId: '', externalId, status }));
    const at = moment(watermark);
    return at === undefined ? receipts : [...receipts, { type: 'watermark', assetId, address, status, at }];
  }

  /** Nobody's thread is as good as ours: whoever speaks has it. */
  #control(): Input[] | null {
    const { pass_thread_control: passed, take_thread_control: taken } = this.#event;
    const control = isObject(passed) ? passed : taken;
    if (!isObject(control)) return null;
    const app = appId(control.new_owner_app_id);
    const ours = app === '' || app === this.#config('app_id');
    const at = this.#at === undefined ? {} : { at: this.#at };
    return [{ type: 'control', ...this.#who, ours, reason: ours ? '' : this.#appName(app), ...at }];
  }

  /** Came by a link, an advertisement or a shop: told after the word that it came with, which makes the thread. */
  #referral(value: unknown, of: string): Input[] {
    if (!isObject(value)) return [];
    const product = told('product', isObject(value.product) ? value.product.id : undefined);
    const parts = ['source', 'type', 'ref', 'ad_id'].map((name) => told(name, value[name]));
    const text = [...parts, product].filter((part) => part !== '');
    const externalId = digestId('referral', of);
    return [{ type: 'sign', ...this.#who, externalId, name: 'referral', text: text.join(', ') }];
  }

  /** Whatever else happened: its name is the one field that is not of every event. A known name was malformed. */
  #sign(): Input[] {
    if (isObject(this.#event.referral)) return this.#referral(this.#event.referral, `${this.#address} ${this.#at}`);
    const asked = this.#event.request_thread_control;
    const name = Object.keys(this.#event).find((field) => !COMMON.includes(field));
    if (name === undefined || KNOWN.includes(name)) return [];
    const app = isObject(asked) ? appId(asked.requested_owner_app_id) : '';
    const text = app === '' ? '' : `${this.#appName(app)} asks for the thread`;
    const kind = words(name, MAX_NAME);
    return [
      {
        type: 'sign',
        ...this.#who,
        externalId: digestId('sign', this.#address, this.#at ?? '', kind),
        name: kind,
        text,
      },
    ];
  }

  #config(name: string): string {
    return appId(this.#asset.config[name]);
  }

  #appName(app: string): string {
    if (app === PAGE_INBOX) return 'Page inbox';
    return app === '' ? this.#network.inApp : 'another app';
  }
}

const KNOWN: readonly string[] = [
  'message',
  'postback',
  'reaction',
  'message_edit',
  'delivery',
  'read',
  'pass_thread_control',
  'take_thread_control',
  'referral',
];
const COMMON: readonly string[] = ['sender', 'recipient', 'timestamp', 'standby', 'time', 'id'];

const told = (name: string, value: unknown): string => {
  const text = line(value);
  return text === '' ? '' : `${name} ${text}`;
};

/** A scoped id of somebody: digits. Nobody else has an address here, the simulator's customers among them. */
function scopedId(party: unknown): string {
  const id = isObject(party) ? key(party.id, 64) : '';
  return /^\d+$/.test(id) ? id : '';
}

/** App ids come as texts and as numbers; '' and `null` are none. */
function appId(value: unknown): string {
  const id = key(value, 64);
  return /^\d+$/.test(id) ? id : '';
}
