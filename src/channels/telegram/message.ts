// A message of Telegram as content: what kind it is, its words, its media, its details.
// Not here: who said it, and updates of other kinds (read.ts). The one thing to know: a kind that we do not know is the
// customer's word all the same, told by its name; a service message (pinned, title changed) is a sign, and no word.
// Shapes: core.telegram.org/bots/api#message, Bot API 10.1.
import type { Details, Media, MessageType } from '../../routing/model.ts';
import { MAX_NAME } from '../../wire/fields.ts';
import { isObject } from '../../wire/json.ts';
import { line, mediaType, objects, whole, words } from '../../wire/pick.ts';
import { type Person, personText, placeOf, placeText } from '../../wire/places.ts';
import { messageKey } from './api.ts';

export type Content = { type: MessageType; text: string; media: Media[]; details?: Details };
type Raw = Record<string, unknown>;

/** Sizes that one picture comes in are fewer than ten. */
const SIZES_MAX = 20;
const FILE_ID = /^[A-Za-z0-9_-]{1,500}$/;

/** What was said; `{service}`: nothing, Telegram tells of something that happened in the chat. */
export function contentOf(message: Raw, chat: number): Content | { service: string } {
  const content = knownContent(message) ?? unknownContent(message);
  if ('service' in content) return content;
  const answered = isObject(message.reply_to_message) ? whole(message.reply_to_message.message_id) : undefined;
  return answered === undefined
    ? content
    : { ...content, details: { ...content.details, replyTo: messageKey(chat, answered) } };
}

/** The order matters: an animation also comes as a document, and a venue as a location, for older programs. */
function knownContent(message: Raw): Content | null {
  if (typeof message.text === 'string') return { type: 'text', text: words(message.text), media: [] };
  const { photo, animation, video, video_note, audio, voice, document, sticker, venue, location, contact } = message;
  if (photo !== undefined) return withFile(message, 'image', objects(photo, SIZES_MAX).at(-1), 'image/jpeg');
  if (animation !== undefined) return withFile(message, 'video', animation, 'video/mp4');
  if (video !== undefined) return withFile(message, 'video', video, 'video/mp4');
  if (video_note !== undefined) return withFile(message, 'video', video_note, 'video/mp4');
  if (audio !== undefined) return withFile(message, 'audio', audio, 'audio/mpeg');
  if (voice !== undefined) return withFile(message, 'audio', voice, 'audio/ogg');
  if (document !== undefined) return withFile(message, 'file', document, 'application/octet-stream');
  if (sticker !== undefined) return isObject(sticker) ? ofSticker(sticker) : null;
  if (venue !== undefined) return isObject(venue) ? ofPlace(venue.location, venue) : null;
  if (location !== undefined) return ofPlace(location, {});
  if (contact !== undefined) return isObject(contact) ? ofContact(contact) : null;
  return null;
}

function withFile(message: Raw, type: MessageType, file: unknown, guess: string): Content | null {
  const medium = mediumOf(file, guess);
  return medium && { type, text: words(message.caption), media: [medium] };
}

function mediumOf(file: unknown, guess: string): Media | null {
  if (!isObject(file) || typeof file.file_id !== 'string' || !FILE_ID.test(file.file_id)) return null;
  const name = words(file.file_name, MAX_NAME);
  const type = mediaType(file.mime_type, guess);
  return { url: `remote:${file.file_id}`, type, ...(name === '' ? {} : { name }) };
}

function ofSticker(sticker: Raw): Content | null {
  const still = sticker.is_animated === true ? 'application/x-tgsticker' : 'image/webp';
  const medium = mediumOf(sticker, sticker.is_video === true ? 'video/webm' : still);
  if (medium === null) return null;
  const emoji = words(sticker.emoji, 64);
  return { type: 'sticker', text: emoji, media: [medium], details: { sticker: emoji === '' ? {} : { emoji } } };
}

function ofPlace(location: unknown, venue: Raw): Content | null {
  if (!isObject(location)) return null;
  const { latitude, longitude } = location;
  const place = placeOf(latitude, longitude, words(venue.title, MAX_NAME), words(venue.address, MAX_NAME));
  return place && { type: 'location', text: placeText(place), media: [], details: { location: place } };
}

function ofContact(contact: Raw): Content | null {
  const phone = words(contact.phone_number, 64);
  if (phone === '') return null;
  const person: Person = { name: line(contact.first_name, contact.last_name), phones: [phone] };
  return { type: 'contact', text: personText(person), media: [], details: { contacts: [person] } };
}

function unknownContent(message: Raw): Content | { service: string } {
  const kinds = Object.keys(message).filter((name) => !ABOUT.has(name));
  const service = kinds.find((name) => SERVICE.has(name));
  if (service !== undefined) return { service };
  const kind = words(kinds.find((name) => !COMPANIONS.has(name)) ?? 'message', 64);
  const said = words(message.caption);
  return { type: 'text', text: said === '' ? `[${kind}]` : said, media: [], details: { unknown: kind } };
}

/** Fields that stand beside the content, whatever it is. */
const ABOUT: ReadonlySet<string> = new Set(
  `message_id message_thread_id direct_messages_topic from sender_chat sender_boost_count sender_business_bot sender_tag
  date guest_query_id business_connection_id chat forward_origin is_topic_message is_automatic_forward reply_to_message
  external_reply quote reply_to_story reply_to_checklist_task_id reply_to_poll_option_id via_bot guest_bot_caller_user
  guest_bot_caller_chat edit_date has_protected_content is_from_offline is_paid_post media_group_id author_signature
  paid_star_count link_preview_options suggested_post_info effect_id reply_markup`.split(/\s+/),
);

/** Fields that come with a content and are none. */
const COMPANIONS: ReadonlySet<string> = new Set(
  'entities caption caption_entities show_caption_above_media has_media_spoiler'.split(' '),
);

/** What Telegram itself tells in a chat. */
const SERVICE: ReadonlySet<string> = new Set(
  `new_chat_members left_chat_member chat_owner_left chat_owner_changed new_chat_title new_chat_photo delete_chat_photo
  group_chat_created supergroup_chat_created channel_chat_created message_auto_delete_timer_changed migrate_to_chat_id
  migrate_from_chat_id pinned_message successful_payment refunded_payment connected_website write_access_allowed
  proximity_alert_triggered boost_added chat_background_set checklist_tasks_done checklist_tasks_added
  direct_message_price_changed forum_topic_created forum_topic_edited forum_topic_closed forum_topic_reopened
  general_forum_topic_hidden general_forum_topic_unhidden giveaway_created giveaway_completed managed_bot_created
  paid_message_price_changed poll_option_added poll_option_deleted suggested_post_approved
  suggested_post_approval_failed suggested_post_declined suggested_post_paid suggested_post_refunded
  video_chat_scheduled video_chat_started video_chat_ended video_chat_participants_invited gift unique_gift
  gift_upgrade_sent`.split(/\s+/),
);
