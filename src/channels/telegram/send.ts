// A message of ours as one call of the Bot API, or the reason why Telegram would not take it.
// Not here: what became of the call (errors.ts). The one thing to know: it is always one call, a caption with its picture,
// an album as one, so that nothing is ever half sent; what does not fit into one is refused before anything leaves.
import type { AssetConfig, AttemptFacts, Send } from '../../engine/ports.ts';
import type { LaneItem } from '../../engine/store-port.ts';
import type { Outcome } from '../../routing/inputs.ts';
import type { Media, Message, QuickReply } from '../../routing/model.ts';
import { misfit, NO_PERSON, NO_PLACE, NO_RECIPIENT, owed, payloadOf, tooLong } from '../../wire/fits.ts';
import { SEND_MS, unsent } from '../../wire/outcome.ts';
import { personIn, placeIn } from '../../wire/places.ts';
import { call } from './api.ts';
import { outcomeOfCall } from './errors.ts';
import { CAPTION_MAX, LIMITS } from './fields.ts';

type Call = { method: string; parameters: Record<string, unknown> };
type Made = Call | Outcome;

export async function sendMessage(
  asset: AssetConfig,
  item: LaneItem,
  _facts: AttemptFacts,
  send: Send,
  now: number,
): Promise<Outcome> {
  const wanted = owed(item);
  if ('reason' in wanted) return wanted;
  const made = callFor(wanted.message, wanted.to);
  if ('reason' in made) return made;
  const exchange = { ...call(asset, made.method, made.parameters), timeoutMs: SEND_MS };
  return outcomeOfCall(asset, await send(exchange), now);
}

/** `to`: the customer's address, which is the number of their chat. */
function callFor(message: Message, to: string): Made {
  const chat = /^\d{1,16}$/.test(to) ? Number(to) : Number.NaN;
  if (!Number.isSafeInteger(chat)) return NO_RECIPIENT;
  const problem = misfit(message, LIMITS);
  if (problem !== null) return problem;
  const made = MAKERS[message.type](message);
  if ('reason' in made) return made;
  const keyboard = keyboardOf(message.quickReplies ?? []);
  if (made.method === 'sendMediaGroup' && 'reply_markup' in keyboard) {
    return unsent(
      'unsupported',
      'Telegram shows no buttons under several files: send the buttons with a text of their own.',
    );
  }
  return { method: made.method, parameters: { chat_id: chat, ...made.parameters, ...keyboard } };
}

const MAKERS: Readonly<Record<Message['type'], (message: Message) => Made>> = {
  text: ofText,
  image: ofMedia,
  video: ofMedia,
  audio: ofMedia,
  file: ofMedia,
  location: ofLocation,
  contact: ofContact,
  sticker: ofSticker,
};

function ofText({ text, media }: Message): Made {
  if (media.length > 0) {
    return unsent('unsupported', 'A text has no files on Telegram: send it as an image, video, audio or file.');
  }
  return { method: 'sendMessage', parameters: { text } };
}

function ofMedia({ type, text, media }: Message): Made {
  const [first, ...others] = media;
  const long = tooLong('The text under a file', text, CAPTION_MAX, { title: LIMITS.title, unit: 'utf16' });
  if (first === undefined || long !== null) return long ?? unsent('invalid', `A message of type ${type} needs a file.`);
  const caption = text === '' ? {} : { caption: text };
  if (others.length > 0) return ofAlbum(type, media, caption);
  const kind = kindOf(type, first);
  return { method: METHODS[kind], parameters: { [kind]: first.url, ...caption } };
}

/** As one message, with the text under the first file. Telegram mixes pictures and videos, and nothing else. */
function ofAlbum(type: Message['type'], media: Media[], caption: { caption?: string }): Made {
  const album = media.map((medium, index) => ({
    type: albumKindOf(type, medium),
    media: medium.url,
    ...(index === 0 ? caption : {}),
  }));
  const kinds = new Set(album.map((part) => (part.type === 'video' ? 'photo' : part.type)));
  if (kinds.size > 1) {
    return unsent(
      'unsupported',
      'Telegram takes only pictures and videos together: send other files in messages of their own.',
    );
  }
  return { method: 'sendMediaGroup', parameters: { media: album } };
}

type Kind = 'photo' | 'animation' | 'video' | 'audio' | 'voice' | 'document';
const METHODS: Readonly<Record<Kind, string>> = {
  photo: 'sendPhoto',
  animation: 'sendAnimation',
  video: 'sendVideo',
  audio: 'sendAudio',
  voice: 'sendVoice',
  document: 'sendDocument',
};

/** A moving picture does not move as a photo, and Opus is played as a voice message only. */
function kindOf(type: Message['type'], medium: Media): Kind {
  if (type === 'image' && medium.type === 'image/gif') return 'animation';
  if (type === 'audio' && medium.type.startsWith('audio/ogg')) return 'voice';
  return albumKindOf(type, medium);
}

/** Of several files each is what it is, not what the first one is. */
function albumKindOf(type: Message['type'], medium: Media): 'photo' | 'video' | 'audio' | 'document' {
  if (type === 'file') return 'document';
  if (medium.type.startsWith('image/')) return 'photo';
  if (medium.type.startsWith('video/')) return 'video';
  if (medium.type.startsWith('audio/')) return 'audio';
  return type === 'image' ? 'photo' : type === 'video' ? 'video' : type === 'audio' ? 'audio' : 'document';
}

function ofLocation(message: Message): Made {
  const place = placeIn(message);
  if (place === null) return NO_PLACE;
  const { latitude, longitude, name, address } = place;
  if (name === undefined) return { method: 'sendLocation', parameters: { latitude, longitude } };
  return { method: 'sendVenue', parameters: { latitude, longitude, title: name, address: address ?? name } };
}

function ofContact(message: Message): Made {
  const person = personIn(message);
  const [phone] = person?.phones ?? [];
  if (person === null || phone === undefined) return NO_PERSON;
  return { method: 'sendContact', parameters: { phone_number: phone, first_name: person.name } };
}

function ofSticker({ media, text }: Message): Made {
  const [sticker, ...others] = media;
  if (sticker === undefined || others.length > 0) return unsent('invalid', 'A sticker is one file (WebP).');
  // What comes in has its emoji as text; words would be lost.
  if (/[\p{L}\p{N}]/u.test(text)) {
    return unsent('unsupported', 'A sticker has no text on Telegram: send it as a message of its own.');
  }
  return { method: 'sendSticker', parameters: { sticker: sticker.url } };
}

/** One button in each row, as its words may be long; a button without a payload tells its title. */
function keyboardOf(replies: QuickReply[]): { reply_markup?: Record<string, unknown> } {
  if (replies.length === 0) return {};
  const rows = replies.map((reply) => [{ text: reply.title, callback_data: payloadOf(reply) }]);
  return { reply_markup: { inline_keyboard: rows } };
}
