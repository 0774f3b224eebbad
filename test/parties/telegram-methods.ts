// What the Bot API takes: the methods that a bot like ours calls, each with its parameters, which are needed, and of what type.
// Not here: what they do (telegram.ts). The one thing to know: written after the reference of the Bot API
// (core.telegram.org/bots/api, version 10.1), not after what we send: a parameter that Telegram does not know is refused.
import { z } from 'zod';

const whole = z.int();
const text = z.string();
const yes = z.boolean();
/** 1 to `max` in UTF-16 units, and not blank. */
const words = (max: number) => text.max(max).refine((value) => value.trim() !== '', 'is empty');
const link = text.regex(/^(https?:\/\/\S+|[A-Za-z0-9_-]{20,})$/, 'is neither an HTTP URL nor a file_id');
const bytes = (min: number, max: number) =>
  text.refine(
    (value) => Buffer.byteLength(value) >= min && Buffer.byteLength(value) <= max,
    `must have ${min} to ${max} bytes`,
  );

const button = z.union([
  z.strictObject({ text: words(1000), callback_data: bytes(1, 64) }),
  z.strictObject({ text: words(1000), url: text }),
]);
const inlineKeyboard = z.strictObject({ inline_keyboard: z.array(z.array(button).min(1).max(8)).max(100) });
const replyParameters = z.strictObject({ message_id: whole, allow_sending_without_reply: yes.optional() });

/** Those that all methods of sending share. */
const sending = {
  business_connection_id: text.optional(),
  chat_id: z.union([whole, text]),
  message_thread_id: whole.optional(),
  direct_messages_topic_id: whole.optional(),
  disable_notification: yes.optional(),
  protect_content: yes.optional(),
  allow_paid_broadcast: yes.optional(),
  message_effect_id: text.optional(),
  reply_parameters: replyParameters.optional(),
};
const keyed = { ...sending, reply_markup: inlineKeyboard.optional() };
const captioned = { caption: text.max(1024).optional(), parse_mode: text.optional() };
const above = { show_caption_above_media: yes.optional(), has_spoiler: yes.optional() };
const seconds = { duration: whole.optional() };
const size = { width: whole.optional(), height: whole.optional() };
const point = { latitude: z.number().min(-90).max(90), longitude: z.number().min(-180).max(180) };

const inAlbum = <T extends string>(type: T) => ({ type: z.literal(type), media: link, ...captioned });
const photoOrVideo = z.discriminatedUnion('type', [
  z.strictObject({ ...inAlbum('photo'), ...above }),
  z.strictObject({ ...inAlbum('video'), ...above, ...seconds, ...size, supports_streaming: yes.optional() }),
]);
const album = z.union([
  z.array(photoOrVideo).min(2).max(10),
  z
    .array(z.strictObject(inAlbum('document')))
    .min(2)
    .max(10),
  z
    .array(z.strictObject({ ...inAlbum('audio'), ...seconds, performer: text.optional(), title: text.optional() }))
    .min(2)
    .max(10),
]);

const updates = [
  'message',
  'edited_message',
  'channel_post',
  'edited_channel_post',
  'business_connection',
  'business_message',
  'edited_business_message',
  'deleted_business_messages',
  'guest_message',
  'message_reaction',
  'message_reaction_count',
  'inline_query',
  'chosen_inline_result',
  'callback_query',
  'shipping_query',
  'pre_checkout_query',
  'purchased_paid_media',
  'poll',
  'poll_answer',
  'my_chat_member',
  'chat_member',
  'chat_join_request',
  'chat_boost',
  'removed_chat_boost',
  'managed_bot',
] as const;
const actions = [
  'typing',
  'upload_photo',
  'record_video',
  'upload_video',
  'record_voice',
  'upload_voice',
  'upload_document',
  'choose_sticker',
  'find_location',
  'record_video_note',
  'upload_video_note',
] as const;

export const METHODS: Readonly<Record<string, z.ZodType>> = {
  getMe: z.strictObject({}),
  setWebhook: z.strictObject({
    url: text,
    ip_address: text.optional(),
    max_connections: whole.min(1).max(100).optional(),
    allowed_updates: z.array(z.enum(updates)).optional(),
    drop_pending_updates: yes.optional(),
    secret_token: text.regex(/^[A-Za-z0-9_-]{1,256}$/).optional(),
  }),
  deleteWebhook: z.strictObject({ drop_pending_updates: yes.optional() }),
  getWebhookInfo: z.strictObject({}),
  sendMessage: z.strictObject({ ...keyed, text: words(4096), parse_mode: text.optional() }),
  sendPhoto: z.strictObject({ ...keyed, photo: link, ...captioned, ...above }),
  sendAnimation: z.strictObject({ ...keyed, animation: link, ...captioned, ...above, ...seconds, ...size }),
  sendVideo: z.strictObject({
    ...keyed,
    video: link,
    ...captioned,
    ...above,
    ...seconds,
    ...size,
    supports_streaming: yes.optional(),
  }),
  sendAudio: z.strictObject({
    ...keyed,
    audio: link,
    ...captioned,
    ...seconds,
    performer: text.optional(),
    title: text.optional(),
  }),
  sendVoice: z.strictObject({ ...keyed, voice: link, ...captioned, ...seconds }),
  sendDocument: z.strictObject({
    ...keyed,
    document: link,
    ...captioned,
    disable_content_type_detection: yes.optional(),
  }),
  sendSticker: z.strictObject({ ...keyed, sticker: link, emoji: text.optional() }),
  sendMediaGroup: z.strictObject({ ...sending, media: album }),
  sendLocation: z.strictObject({
    ...keyed,
    ...point,
    horizontal_accuracy: z.number().optional(),
    live_period: whole.optional(),
  }),
  sendVenue: z.strictObject({ ...keyed, ...point, title: words(256), address: words(256) }),
  sendContact: z.strictObject({
    ...keyed,
    phone_number: words(64),
    first_name: words(256),
    last_name: text.optional(),
    vcard: bytes(0, 2048).optional(),
  }),
  sendChatAction: z.strictObject({
    business_connection_id: text.optional(),
    chat_id: z.union([whole, text]),
    message_thread_id: whole.optional(),
    action: z.enum(actions),
  }),
  answerCallbackQuery: z.strictObject({
    callback_query_id: words(256),
    text: text.max(200).optional(),
    show_alert: yes.optional(),
    url: text.optional(),
    cache_time: whole.optional(),
  }),
  getFile: z.strictObject({ file_id: words(500) }),
};

/** '' when Telegram takes the call, else what it says is wrong. */
export function faultOf(method: string, parameters: unknown): string {
  const schema = Object.hasOwn(METHODS, method) ? METHODS[method] : undefined;
  if (schema === undefined) return 'Not Found';
  const issue = schema.safeParse(parameters).error?.issues[0];
  return issue === undefined ? '' : `Bad Request: ${issue.path.join('.')} ${issue.message}`;
}
