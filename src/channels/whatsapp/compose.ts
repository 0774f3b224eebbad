// A message of ours as the Cloud API wants it: one or more requests, or the sentence why WhatsApp does not take it.
// Not here: the sending (send.ts). The one thing to know: a long text is refused, never cut, and one request is made of a
// message wherever WhatsApp has a form for it: a caption, or buttons below a picture.
import type { Media, Message, MessageType, QuickReply } from '../../routing/model.ts';
import { BUTTONS, LIST, MAX_CAPTION, MAX_TEXT, type Settings } from './fields.ts';

/** One request's own part of the body, and what a person would call it. */
export type Part = { what: string; body: { type: string } & Record<string, unknown> };
export type Composed = { ok: true; parts: [Part, ...Part[]] } | { ok: false; reason: string; detail: string };

export const NOTHING = 'There is nothing in the message that could be sent.';
const no = (reason: string, detail: string): Composed => ({ ok: false, reason, detail });
/** Characters as people count them: an emoji outside the basic plane is one. */
const lengthOf = (text: string): number => [...text].length;
const many = (parts: Part[]): Composed => {
  const [first, ...rest] = parts;
  return first === undefined ? no('empty', NOTHING) : { ok: true, parts: [first, ...rest] };
};

/** Forms of a medium: its name on the wire, and whether it has room for a text. */
const FORMS: Readonly<Partial<Record<MessageType, { form: string; caption: boolean; what: string }>>> = {
  image: { form: 'image', caption: true, what: 'picture' },
  video: { form: 'video', caption: true, what: 'video' },
  audio: { form: 'audio', caption: false, what: 'audio' },
  file: { form: 'document', caption: true, what: 'file' },
  sticker: { form: 'sticker', caption: false, what: 'sticker' },
};

export function compose(message: Message, settings: Settings): Composed {
  const { type, text, media } = message;
  if (lengthOf(text) > MAX_TEXT) {
    return no(
      'too_long',
      `WhatsApp takes at most ${MAX_TEXT} characters in a text, and this one has ${lengthOf(text)}: send it in parts.`,
    );
  }
  if (message.quickReplies && message.quickReplies.length > 0) {
    return withReplies(message, message.quickReplies, settings);
  }
  if (type === 'location') return locationOf(text);
  if (type === 'contact') return contactOf(text);
  if (FORMS[type] === undefined) return many([...textOf(text), ...media.map((each) => mediumOf('file', each, ''))]);
  if (media.length === 0) return no('empty', 'A message of this type needs a link to its file.');
  return many(withText(type, text, media));
}

const textOf = (text: string): Part[] =>
  text === '' ? [] : [{ what: 'text', body: { type: 'text', text: { body: text, preview_url: false } } }];

/** The text is the first file's caption where there is room; else it goes first, on its own. */
function withText(type: MessageType, text: string, media: Media[]): Part[] {
  const fits = FORMS[type]?.caption === true && lengthOf(text) <= MAX_CAPTION;
  const files = media.map((medium, index) => mediumOf(type, medium, fits && index === 0 ? text : ''));
  return fits ? files : [...textOf(text), ...files];
}

function mediumOf(type: MessageType, medium: Media, caption: string): Part {
  const { form, what } = FORMS[type] ?? { form: 'document', what: 'file' };
  const filename = form === 'document' && medium.name !== undefined ? { filename: medium.name } : {};
  const content = { link: medium.url, ...(caption === '' ? {} : { caption }), ...filename };
  return { what, body: { type: form, [form]: content } };
}

// ───────────────────────────── quick replies ─────────────────────────────

/** Up to three short ones are buttons, up to ten a list. WhatsApp wants a text above them. */
function withReplies({ type, text, media }: Message, replies: QuickReply[], { listButton }: Settings): Composed {
  const short = replies.every(({ title }) => lengthOf(title) <= BUTTONS.title);
  const buttons = replies.length <= BUTTONS.max && short;
  const limit = buttons ? BUTTONS : LIST;
  const wrong = wrongReplies(text, replies, limit);
  if (wrong !== null) return wrong;
  const options = replies.map(({ title, payload }) => ({ id: payload ?? title, title }));
  const { form, what } = FORMS[type] ?? { form: '', what: '' };
  const [medium, ...more] = media;
  const header = buttons && medium !== undefined && more.length === 0 && HEADERS.includes(form);
  const body = { text };
  const action = buttons
    ? { buttons: options.map((reply) => ({ type: 'reply', reply })) }
    : { button: listButton, sections: [{ title: listButton, rows: options }] };
  const above = header && medium ? { header: { type: form, [form]: headerOf(form, medium) } } : {};
  const interactive = { type: buttons ? 'button' : 'list', ...above, body, action };
  const files = header ? [] : media.map((each) => mediumOf(FORMS[type] ? type : 'file', each, ''));
  const name = header ? `${what} with buttons` : buttons ? 'text with buttons' : 'text with a list';
  return many([...files, { what: name, body: { type: 'interactive', interactive } }]);
}

const HEADERS: readonly string[] = ['image', 'video', 'document'];
const headerOf = (form: string, { url, name }: Media) =>
  form === 'document' && name !== undefined ? { link: url, filename: name } : { link: url };

function wrongReplies(
  text: string,
  replies: QuickReply[],
  limit: { max: number; title: number; id: number; text: number },
): Composed | null {
  if (text === '') return no('empty', 'WhatsApp shows quick replies below a text only: add one.');
  if (replies.length > LIST.max) {
    return no(
      'too_many_quick_replies',
      `WhatsApp shows at most ${LIST.max} quick replies, and there are ${replies.length}.`,
    );
  }
  if (lengthOf(text) > limit.text) {
    return no(
      'too_long',
      `WhatsApp takes at most ${limit.text} characters above ${limit === BUTTONS ? 'buttons' : 'a list'}.`,
    );
  }
  const long = replies.find(({ title }) => lengthOf(title) > limit.title);
  if (long)
    return no(
      'too_long',
      `The quick reply “${long.title}” is longer than the ${limit.title} characters that WhatsApp shows.`,
    );
  const heavy = replies.find(({ title, payload }) => lengthOf(payload ?? title) > limit.id);
  if (heavy)
    return no('too_long', `The payload of the quick reply “${heavy.title}” is longer than ${limit.id} characters.`);
  const titles = new Set(replies.map(({ title }) => title));
  const ids = new Set(replies.map(({ title, payload }) => payload ?? title));
  if (titles.size < replies.length || ids.size < replies.length) {
    return no('rejected', 'Two quick replies are the same: WhatsApp wants each title and each payload once.');
  }
  return null;
}

// ───────────────────────────── places and people ─────────────────────────────

function locationOf(text: string): Composed {
  const location = placeIn(text);
  if (location === null) {
    return no(
      'rejected',
      'A location’s text is “latitude,longitude” and then, if you like, its name: 52.52,13.405 Berlin.',
    );
  }
  return { ok: true, parts: [{ what: 'location', body: { type: 'location', location } }] };
}

function placeIn(text: string): { latitude: number; longitude: number; name?: string } | null {
  const shape = /^\s*(-?\d{1,3}(?:\.\d{1,15})?)\s*,\s*(-?\d{1,3}(?:\.\d{1,15})?)(?:\s+(\S[\s\S]*))?$/.exec(text);
  const [latitude, longitude] = [Number(shape?.[1]), Number(shape?.[2])];
  if (shape === null || Math.abs(latitude) > 90 || Math.abs(longitude) > 180) return null;
  const name = shape[3]?.trim() ?? '';
  return { latitude, longitude, ...(name === '' ? {} : { name }) };
}

function contactOf(text: string): Composed {
  const line = text.trim();
  const phone = /\+?\d[\d ().-]{4,30}\d$/.exec(line)?.[0];
  if (phone === undefined) {
    return no('rejected', 'A contact’s text is a name and a phone number on one line: Front desk +1 555 0100.');
  }
  const name = line.slice(0, line.length - phone.length).replace(/[\s,:;-]+$/, '') || phone;
  const contact = { name: { formatted_name: name, first_name: name }, phones: [{ phone, type: 'WORK' }] };
  return { ok: true, parts: [{ what: 'contact', body: { type: 'contacts', contacts: [contact] } }] };
}
