// A message of ours as the Cloud API wants it: one or more requests, or the sentence why WhatsApp does not take it.
// Not here: the sending (send.ts). The one thing to know: a long text is refused, never cut, and one request is made of a
// message wherever WhatsApp has a form for it: a caption, or buttons below a picture.
import type { Outcome } from '../../routing/inputs.ts';
import type { Media, Message, MessageType, QuickReply } from '../../routing/model.ts';
import { lengthOf, misfit, NO_PERSON, NO_PLACE, payloadOf, tooLong } from '../../wire/fits.ts';
import { unsent } from '../../wire/outcome.ts';
import { personIn, placeIn } from '../../wire/places.ts';
import { BUTTONS, LIMITS, LIST, MAX_CAPTION, type Settings } from './fields.ts';

/** One request's own part of the body, and what a person would call it. */
export type Part = { what: string; body: { type: string } & Record<string, unknown> };

/** Forms of a medium: its name on the wire, and whether it has room for a text. */
const FORMS: Readonly<Partial<Record<MessageType, { form: string; caption: boolean; what: string }>>> = {
  image: { form: 'image', caption: true, what: 'image' },
  video: { form: 'video', caption: true, what: 'video' },
  audio: { form: 'audio', caption: false, what: 'audio' },
  file: { form: 'document', caption: true, what: 'file' },
  sticker: { form: 'sticker', caption: false, what: 'sticker' },
};

export function compose(message: Message, settings: Settings): Part[] | Outcome {
  const { type, text, media, quickReplies = [] } = message;
  const replies = quickReplies.length === 0 ? null : formOf(quickReplies);
  const problem = misfit(message, { ...LIMITS, quickReplies: replies });
  if (problem !== null) return problem;
  if (replies !== null) return withReplies(message, quickReplies, replies, settings);
  if (type === 'location') return locationOf(message);
  if (type === 'contact') return contactOf(message);
  if (FORMS[type] === undefined) return [...textOf(text), ...media.map((each) => mediumOf('file', each, ''))];
  if (media.length === 0) return unsent('invalid', `A message of type ${type} needs a file.`);
  return withText(type, text, media);
}

const textOf = (text: string): Part[] =>
  text.trim() === '' ? [] : [{ what: 'text', body: { type: 'text', text: { body: text, preview_url: false } } }];

/** The text is the first file's caption where there is room; else it goes first, on its own. */
function withText(type: MessageType, text: string, media: Media[]): Part[] {
  const fits = FORMS[type]?.caption === true && lengthOf(text, 'characters') <= MAX_CAPTION;
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

type Form = typeof BUTTONS | typeof LIST;

/** Up to three short ones are buttons, up to ten a list. */
function formOf(replies: QuickReply[]): Form {
  const short = replies.every(({ title }) => lengthOf(title, 'characters') <= BUTTONS.titleMax);
  return replies.length <= BUTTONS.max && short ? BUTTONS : LIST;
}

/** WhatsApp wants a text above them. */
function withReplies(
  { type, text, media }: Message,
  replies: QuickReply[],
  shown: Form,
  { listButton }: Settings,
): Part[] | Outcome {
  const wrong = wrongReplies(text, replies, shown);
  if (wrong !== null) return wrong;
  const buttons = shown === BUTTONS;
  const options = replies.map((reply) => ({ id: payloadOf(reply), title: reply.title }));
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
  return [...files, { what: name, body: { type: 'interactive', interactive } }];
}

const HEADERS: readonly string[] = ['image', 'video', 'document'];
const headerOf = (form: string, { url, name }: Media) =>
  form === 'document' && name !== undefined ? { link: url, filename: name } : { link: url };

function wrongReplies(text: string, replies: QuickReply[], shown: Form): Outcome | null {
  if (text.trim() === '') return unsent('invalid', 'WhatsApp shows quick replies below a text only: add one.');
  const what = `The text above ${shown === BUTTONS ? 'buttons' : 'a list'}`;
  const long = tooLong(what, text, shown.text, { title: LIMITS.title, unit: 'characters' });
  if (long !== null) return long;
  const titles = new Set(replies.map(({ title }) => title));
  const ids = new Set(replies.map(payloadOf));
  if (titles.size === replies.length && ids.size === replies.length) return null;
  return unsent('invalid', 'Two quick replies are the same: WhatsApp wants each title and each payload once.');
}

// ───────────────────────────── places and people ─────────────────────────────

function locationOf(message: Message): Part[] | Outcome {
  const location = placeIn(message);
  return location === null ? NO_PLACE : [{ what: 'location', body: { type: 'location', location } }];
}

function contactOf(message: Message): Part[] | Outcome {
  const person = personIn(message);
  if (person === null) return NO_PERSON;
  const phones = (person.phones ?? []).map((phone) => ({ phone, type: 'WORK' }));
  const contact = { name: { formatted_name: person.name, first_name: person.name }, phones };
  return [{ what: 'contact', body: { type: 'contacts', contacts: [contact] } }];
}
