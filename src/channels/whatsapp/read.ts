// What Meta posts about a number: customers' messages, statuses, echoes, new addresses, and who has a conversation.
// Not here: what a message says (content.ts). The one thing to know: a callback carries events of the whole account, so
// each change names its number; what is of another number, or means nothing to us, is counted and never refuses the rest.
import type { AssetConfig, RawRequest, ReadResult } from '../../engine/ports.ts';
import type { Input } from '../../routing/inputs.ts';
import type { Id } from '../../routing/model.ts';
import { isId, MAX_ID, MAX_NAME, MAX_NOTE, storable } from '../../wire/fields.ts';
import { parseObject } from '../../wire/json.ts';
import { checkHubSignature, digestId } from '../../wire/meta.ts';
import { moment, object, objects, words } from '../../wire/pick.ts';
import { bodyOf, said } from './content.ts';
import { failure } from './errors.ts';
import { type Settings, settingsOf } from './fields.ts';
import { addressOf, type Contacts, contactOf, contactsById, type Loose, whoIs } from './identity.ts';

/** Meta says that a webhook has at most 3 MB. */
const MAX_BODY_BYTES = 3 * 1024 * 1024;
const OBJECT = 'whatsapp_business_account';
/** Statuses that say something new: `sent` is what the answer to our request said already. */
const STATUSES: Readonly<Record<string, 'delivered' | 'read' | 'failed'>> = {
  delivered: 'delivered',
  read: 'read',
  played: 'read',
  failed: 'failed',
};

/** null: it means nothing to us */
type Reader = (value: Loose, at: Place) => (Input[] | null)[];
type Place = { assetId: Id; settings: Settings };

const FIELDS: Readonly<Record<string, Reader>> = {
  messages: (value, at) => [
    ...messagesOf(value, at),
    ...objects(value.statuses).map((status) => statusOf(status, at)),
    ...objects(value.errors).map(() => null),
  ],
  smb_message_echoes: (value, at) => echoesOf(value, 'WhatsApp Business app', at),
  message_echoes: (value, at) => echoesOf(value, 'another app', at),
  standby: (value, at) => standbyOf(object(value.standby), at),
  messaging_handovers: (value, at) => [handoverOf(value, at)],
  user_id_update: (value, at) => objects(value.user_id_update).map((update) => newIdOf(update, at)),
};

/** 401 without the app's signature, 400 for no JSON; else inputs in Meta's order. */
export function read(asset: AssetConfig, request: RawRequest): ReadResult<Input> {
  const settings = settingsOf(asset);
  const refusal = checkHubSignature(request, [settings.appSecret]);
  if (refusal !== null) return refusal;
  const parsed = parseObject(request.body, MAX_BODY_BYTES, 400);
  if (!parsed.ok) return parsed;
  const at = { assetId: asset.id, settings };
  const body = parsed.value;
  const read =
    body.object === OBJECT ? objects(body.entry).flatMap(({ changes }) => objects(changes).flatMap(changeOf)) : [null];
  const items = read.flatMap((inputs) => inputs ?? []);
  return { ok: true, items, ignored: read.filter((inputs) => inputs === null).length, batch: true };

  function changeOf(change: Loose): (Input[] | null)[] {
    const value = object(change.value);
    const field = typeof change.field === 'string' && Object.hasOwn(FIELDS, change.field) ? change.field : '';
    // A handover has its number under `recipient`, all else under `metadata`.
    const number = object(value.metadata).phone_number_id ?? object(value.recipient).phone_number_id;
    if (number !== settings.phoneNumberId) return [null];
    return FIELDS[field]?.(value, at) ?? [null];
  }
}

// ───────────────────────────── customers ─────────────────────────────

function messagesOf(value: Loose, at: Place): (Input[] | null)[] {
  const contacts = contactsById(objects(value.contacts));
  return objects(value.messages).map((message) => messageOf(message, contacts, at));
}

function messageOf(message: Loose, contacts: Contacts, { assetId, settings }: Place): Input[] | null {
  const ids = [message.from, message.from_user_id, message.from_parent_user_id];
  const who = whoIs(ids, contactOf(contacts, ids));
  const externalId = message.id;
  if (who === null || !isId(externalId)) return null;
  const from = { assetId, address: who.address };
  const sign = (name: string, text: string): Input => {
    const key = `${name}:${externalId}`;
    return { type: 'sign', ...from, externalId: key.length > MAX_ID ? digestId(name, externalId) : key, name, text };
  };
  if (message.type === 'system') return systemOf(object(message.system), from, sign);
  if (message.type === 'request_welcome') return [sign('opened', 'Opened the chat for the first time.')];
  // We answer one person at a time; what is said in a group is only shown.
  if (message.group_id !== undefined) return [sign('group', `Said in a group: ${said(message).message.text}`)];
  const about = bodyOf(message);
  const remark = remarkOf(message, about);
  if (remark !== null) return isId(remark.about) ? [{ type: 'remark', ...from, externalId, ...remark }] : null;
  const heard = said(message);
  const sentAt = moment(message.timestamp);
  const word: Input = {
    type: 'customer',
    ...from,
    ...(who.aliases.length > 0 ? { aliases: who.aliases } : {}),
    ...(who.name === undefined ? {} : { name: who.name }),
    externalId,
    ...heard,
    ...(sentAt === undefined ? {} : { sentAt }),
  };
  const referral = adOf(object(message.referral));
  const when = beforeSecond(sentAt);
  const ours: Input[] = settings.sharedNumber ? [{ type: 'control', ...from, ours: true, reason: '', ...when }] : [];
  return [...ours, word, ...(referral === '' ? [] : [sign('referral', referral)])];
}

/** What is said about an earlier message: a reaction, another wording, that it is gone. `about` may be no id. */
function remarkOf(
  message: Loose,
  body: Loose,
): { about: string; remark: Extract<Input, { type: 'remark' }>['remark'] } | null {
  if (message.type === 'reaction') {
    return { about: words(body.message_id, MAX_NAME), remark: { kind: 'reaction', emoji: words(body.emoji, 64) } };
  }
  const about = words(body.original_message_id, MAX_NAME);
  if (message.type === 'revoke') return { about, remark: { kind: 'delete' } };
  if (message.type !== 'edit') return null;
  return { about, remark: { kind: 'edit', text: said(object(body.message)).message.text } };
}

/** A new number or a new business-scoped id, or other news of Meta about the customer: told, and the addresses kept. */
function systemOf(
  system: Loose,
  from: { assetId: Id; address: string },
  sign: (name: string, text: string) => Input,
): Input[] {
  const old = addressOf(system.previous_user_id);
  // The newest address is where we write to: the number, where it is known, comes last.
  const now = [system.parent_user_id, system.user_id, system.wa_id].map(addressOf);
  const aliases = now.flatMap((alias): Input[] => [
    ...(alias === undefined || alias === from.address ? [] : [{ type: 'alias' as const, ...from, alias }]),
    ...(alias === undefined || old === undefined || old === from.address || alias === old
      ? []
      : [{ type: 'alias' as const, assetId: from.assetId, address: old, alias }]),
  ]);
  const name = words(system.type, 64) || 'system';
  return [...aliases, sign(name, words(system.body, MAX_NOTE) || name.replaceAll('_', ' '))];
}

/** A BSUID that another replaces: the thread is found by the old one, or by the number if that is still told. */
function newIdOf(update: Loose, { assetId }: Place): Input[] | null {
  const pairs = [object(update.parent_user_id), object(update.user_id)].flatMap(({ previous, current }) => {
    const alias = addressOf(current);
    const known = [...new Set([addressOf(previous), addressOf(update.wa_id)])];
    return known.flatMap((address): Input[] =>
      address === undefined || alias === undefined || address === alias
        ? []
        : [{ type: 'alias', assetId, address, alias }],
    );
  });
  return pairs.length === 0 ? null : pairs;
}

/** The advertisement that a customer came from. */
function adOf(referral: Loose): string {
  const title = words(referral.headline, MAX_NAME) || words(referral.body, MAX_NAME);
  const from = words(referral.source_url, MAX_NOTE);
  const what = words(referral.source_type, 64) || 'ad';
  return title === '' && from === ''
    ? ''
    : `Came from the ${what} ${[`“${title}”`, from].filter((part) => part !== '' && part !== '“”').join(' ')}`;
}

// ───────────────────────────── statuses ─────────────────────────────

function statusOf(status: Loose, { assetId }: Place): Input[] | null {
  const kind =
    typeof status.status === 'string' && Object.hasOwn(STATUSES, status.status) ? STATUSES[status.status] : undefined;
  const ours = status.biz_opaque_callback_data;
  const messageId = typeof ours === 'string' && /^msg_[0-9a-z]{26}$/.test(ours) ? ours : '';
  const externalId = isId(status.id) ? status.id : undefined;
  if (kind === undefined || (messageId === '' && externalId === undefined)) return null;
  const receipt = { type: 'receipt' as const, assetId, messageId, ...(externalId === undefined ? {} : { externalId }) };
  return [{ ...receipt, status: kind, ...(kind === 'failed' ? { description: whyFailed(status) } : {}) }];
}

function whyFailed(status: Loose): string {
  const [error] = objects(status.errors);
  const said = words(object(error?.error_data).details, MAX_NOTE) || words(error?.title, MAX_NOTE);
  return storable(failure(typeof error?.code === 'number' ? error.code : null, said).slice(0, MAX_NOTE));
}

// ───────────────────────────── others who answer ─────────────────────────────

function echoesOf(value: Loose, author: string, at: Place): (Input[] | null)[] {
  const contacts = contactsById(objects(value.contacts));
  return objects(value.message_echoes).map((echo) => echoOf(echo, contacts, author, at));
}

/** Said in the business's name by somebody else: in the WhatsApp Business app, or by another app on the number. */
function echoOf(echo: Loose, contacts: Contacts, author: string, { assetId }: Place): Input[] | null {
  // In `standby` the message as it was sent stands one level deeper.
  const message = { ...echo, ...object(echo.message) };
  const ids = [message.to, message.to_user_id, message.recipient, message.to_parent_user_id];
  const who = whoIs(ids, contactOf(contacts, ids));
  const externalId = echo.id;
  if (who === null || !isId(externalId)) return null;
  const to = { assetId, address: who.address, externalId };
  const remark = remarkOf(message, bodyOf(message));
  if (remark === null) return [{ type: 'echo', ...to, author, message: said(message).message }];
  if (!isId(remark.about)) return null;
  // A reaction of ours is not the customer's: it is told in words.
  const { remark: what } = remark;
  if (what.kind === 'reaction') {
    return [{ type: 'sign', ...to, name: 'reaction', text: `${author} reacted: ${what.emoji || 'no reaction'}` }];
  }
  return [{ type: 'remark', ...to, ...remark }];
}

/** Copies of a conversation that another app has: first that it has it, then who said what. */
function standbyOf(standby: Loose, at: Place): (Input[] | null)[] {
  const contacts = contactsById(objects(standby.contacts));
  const heard = objects(standby.messages).map((message) => {
    const inputs = messageOf(message, contacts, { ...at, settings: { ...at.settings, sharedNumber: false } });
    const [first] = inputs ?? [];
    if (!inputs || first === undefined || !('address' in first)) return inputs;
    const { assetId, address } = first;
    const taken: Input = { type: 'control', assetId, address, ours: false, reason: 'another app has it' };
    return [{ ...taken, ...beforeSecond(moment(message.timestamp)) }, ...inputs];
  });
  return [...heard, ...echoesOf(standby, 'another app', at), ...objects(standby.statuses).map(() => null)];
}

/** `control_passed`: to us; `control_taken`: from us. Each is told only to the app that it concerns. */
function handoverOf(value: Loose, { assetId }: Place): Input[] | null {
  const sender = object(value.sender);
  const who = whoIs([sender.phone_number, sender.user_id], undefined);
  const kind = value.type ?? ['control_passed', 'control_taken'].find((name) => value[name] !== undefined);
  if (who === null || (kind !== 'control_passed' && kind !== 'control_taken')) return null;
  const { metadata, new_owner_role, previous_owner_role } = object(value[kind]);
  const ours = kind === 'control_passed';
  const role = words(ours ? previous_owner_role : new_owner_role, 64).replaceAll('_', ' ');
  const reason = [role, words(metadata, MAX_NAME)].filter((part) => part !== '').join(': ');
  const at = moment(value.timestamp);
  return [{ type: 'control', assetId, address: who.address, ours, reason, ...(at === undefined ? {} : { at }) }];
}

/** Where a message came from says who has the conversation; Meta's own word of the same second goes before it. */
const beforeSecond = (at: number | undefined): { at?: number } => (at === undefined ? {} : { at: at - 1 });
