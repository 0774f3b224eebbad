// What Telegram posts: one update, read into at most one input.
// Not here: what a message says (message.ts). The one thing to know: a message is known by its chat and number, since
// edits, reactions and answers name it so; other events by the number of their update. Only private chats are read: in a
// group nobody is the customer, and whoever adds the bot to one must not pour its talk into our desk.
import type { AssetConfig, RawRequest, ReadResult } from '../../engine/ports.ts';
import { sameToken } from '../../net/signature.ts';
import type { Input } from '../../routing/inputs.ts';
import { MAX_NAME, MAX_PAYLOAD } from '../../wire/fields.ts';
import { isObject, malformed, parseObject, refused } from '../../wire/json.ts';
import { key, line, moment, objects, whole, words } from '../../wire/pick.ts';
import { messageKey } from './api.ts';
import { settingsOf } from './fields.ts';
import { contentOf } from './message.ts';

/** One update is some kilobytes. */
const MAX_BODY_BYTES = 1_048_576;
/** Telegram lets a person put three on a message; rows and buttons of a keyboard are at most a hundred. */
const REACTIONS_MAX = 10;
const BUTTONS_MAX = 100;

type Raw = Record<string, unknown>;
/** `event`: the key of what is no message. */
type About = { assetId: string; event: string };
/** `answer`: a call of the Bot API that Telegram takes as the answer to this update. */
type Found = { input: Input; answer?: Record<string, unknown> };

export function read(asset: AssetConfig, request: RawRequest): ReadResult<Input> {
  const given = request.headers['x-telegram-bot-api-secret-token'] ?? '';
  if (!sameToken(settingsOf(asset).secretToken, given)) {
    return refused(401, 'bad_signature', 'X-Telegram-Bot-Api-Secret-Token is not the secret token of this channel.');
  }
  const parsed = parseObject(request.body, MAX_BODY_BYTES, 400);
  if (!parsed.ok) return parsed;
  const number = whole(parsed.value.update_id);
  if (number === undefined) return malformed([{ pointer: '/update_id', detail: 'must be a whole number' }]);
  const found = inputOf({ assetId: asset.id, event: `update:${number}` }, parsed.value);
  // A batch: what is refused later is counted. Telegram would bring it again for a day, and nothing would be different.
  if (found === null) return { ok: true, items: [], ignored: 1, batch: true };
  const answered = found.answer && { status: 200, type: 'application/json', body: JSON.stringify(found.answer) };
  return { ok: true, items: [found.input], ignored: 0, batch: true, ...(answered ? { answer: answered } : {}) };
}

function inputOf(about: About, update: Raw): Found | null {
  for (const [kind, value] of Object.entries(update)) {
    if (kind === 'update_id' || !isObject(value)) continue;
    const reader = Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined;
    const input = reader === undefined ? unknownKind(about, kind, value) : reader(about, value);
    return input === null || 'input' in input ? input : { input };
  }
  return null;
}

const KINDS: Readonly<Record<string, (about: About, value: Raw) => Input | Found | null>> = {
  message: said,
  edited_message: edited,
  callback_query: pressed,
  message_reaction: reacted,
  my_chat_member: blocked,
};

/** The customer of a private chat, whose number is theirs; null: another kind of chat. */
function customerOf(chat: unknown): { chat: number; address: string; name: string } | null {
  if (!isObject(chat) || chat.type !== 'private') return null;
  const number = whole(chat.id);
  if (number === undefined || number <= 0) return null;
  const name = line(chat.first_name, chat.last_name);
  return { chat: number, address: String(number), name: name === '' ? words(chat.username, MAX_NAME) : name };
}

function said(about: About, message: Raw): Input | null {
  const customer = customerOf(message.chat);
  const number = whole(message.message_id);
  if (customer === null || number === undefined) return null;
  const content = contentOf(message, customer.chat);
  if ('service' in content) {
    return sign(about, customer.address, content.service, 'Telegram tells of it in the chat; nobody said anything.');
  }
  const { address, name } = customer;
  const sentAt = moment(message.date);
  return {
    type: 'customer',
    assetId: about.assetId,
    address,
    ...(name === '' ? {} : { name }),
    externalId: messageKey(customer.chat, number),
    kind: 'message',
    message: content,
    ...(sentAt === undefined ? {} : { sentAt }),
  };
}

function edited(about: About, message: Raw): Input | null {
  const customer = customerOf(message.chat);
  const number = whole(message.message_id);
  if (customer === null || number === undefined) return null;
  const content = contentOf(message, customer.chat);
  if ('service' in content) return null;
  return remark(about, customer, number, { kind: 'edit', text: content.text });
}

function reacted(about: About, reaction: Raw): Input | null {
  const customer = customerOf(reaction.chat);
  const number = whole(reaction.message_id);
  if (customer === null || number === undefined || !Array.isArray(reaction.new_reaction)) return null;
  const emoji = objects(reaction.new_reaction, REACTIONS_MAX).map(emojiOf).join('');
  return remark(about, customer, number, { kind: 'reaction', emoji });
}

/** A customer's own picture has no character; a paid reaction is always the same star. */
function emojiOf(reaction: Raw): string {
  if (reaction.type === 'paid') return '⭐';
  const emoji = words(reaction.emoji, 16);
  return reaction.type === 'emoji' && emoji !== '' ? emoji : '❔';
}

type Remark = Extract<Input, { type: 'remark' }>['remark'];
function remark(about: About, customer: { chat: number; address: string }, message: number, what: Remark): Input {
  const { assetId, event } = about;
  const { chat, address } = customer;
  return { type: 'remark', assetId, address, externalId: event, about: messageKey(chat, message), remark: what };
}

/** A pressed button waits for a word from us: until then it is shown as busy. */
function pressed(about: About, query: Raw): Found | null {
  const message = isObject(query.message) ? query.message : {};
  const customer = customerOf(message.chat);
  const id = key(query.id, 128);
  const payload = words(query.data, MAX_PAYLOAD);
  if (customer === null || id === '') return null;
  const answer = { method: 'answerCallbackQuery', callback_query_id: id };
  const { assetId } = about;
  if (payload === '') {
    return { input: sign(about, customer.address, 'callback_query', 'A button without data was pressed.'), answer };
  }
  const title = titleOf(message.reply_markup, query.data) ?? payload.slice(0, MAX_NAME);
  const number = whole(message.message_id);
  const details = number === undefined ? {} : { details: { replyTo: messageKey(customer.chat, number) } };
  const { address, name } = customer;
  const input: Input = {
    type: 'customer',
    assetId,
    address,
    ...(name === '' ? {} : { name }),
    externalId: `callback:${id}`,
    kind: 'postback',
    message: { type: 'text', text: title, media: [], ...details },
    payload,
    title,
  };
  return { input, answer };
}

/** What stands on the button that has this data. */
function titleOf(markup: unknown, data: unknown): string | undefined {
  const rows = isObject(markup) && Array.isArray(markup.inline_keyboard) ? markup.inline_keyboard : [];
  const buttons = rows.slice(0, BUTTONS_MAX).flatMap((row) => objects(row, BUTTONS_MAX));
  const title = words(buttons.find((button) => button.callback_data === data)?.text, MAX_NAME);
  return title === '' ? undefined : title;
}

/** In private chats this comes only when the customer blocks the bot, or takes that back. */
function blocked(about: About, change: Raw): Input | null {
  const customer = customerOf(change.chat);
  const status = isObject(change.new_chat_member) ? change.new_chat_member.status : undefined;
  if (customer === null) return null;
  if (status === 'kicked') return sign(about, customer.address, 'blocked', 'The customer has blocked the bot.');
  if (status === 'member') return sign(about, customer.address, 'unblocked', 'The customer has unblocked the bot.');
  return unknownKind(about, 'my_chat_member', change);
}

function unknownKind(about: About, kind: string, value: Raw): Input | null {
  const customer = customerOf(value.chat) ?? customerOf(isObject(value.message) ? value.message.chat : undefined);
  return (
    customer && sign(about, customer.address, words(kind, 64), 'Telegram told of something that is not known here.')
  );
}

function sign(about: About, address: string, name: string, text: string): Input {
  return { type: 'sign', assetId: about.assetId, address, externalId: about.event, name, text };
}
