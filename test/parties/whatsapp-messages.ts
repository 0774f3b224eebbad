// What the Cloud API takes at a number's `messages`, as Meta describes it: names, types, lengths, and nothing else.
// Not here: what it answers (whatsapp.ts). The one thing to know: written from Meta's pages and its OpenAPI description
// (github.com/facebook/openapi, business messaging v23.0; its schemas are broken, so facts and not schemas were taken).
import type { Loose } from './call.ts';

/** '' or what is wrong, as far as it was looked. */
type Check = (value: Loose) => string;

const has = (value: unknown): value is Loose => typeof value === 'object' && value !== null && !Array.isArray(value);
const text =
  (max: number, pattern = /^[\s\S]+$/): Check =>
  (value) =>
    typeof value !== 'string'
      ? 'is no string'
      : [...value].length > max
        ? `is longer than ${max}`
        : pattern.test(value)
          ? ''
          : 'is malformed';
const exactly =
  (...words: unknown[]): Check =>
  (value) =>
    words.includes(value) ? '' : `is not ${words.join(' or ')}`;
const number =
  (most: number): Check =>
  (value) =>
    typeof value === 'number' && Math.abs(value) <= most ? '' : `is no number up to ${most}`;
const flag: Check = (value) => (typeof value === 'boolean' ? '' : 'is no boolean');

/** An object with these fields and no others; a `?` at the end of a name: it may be left out. */
const shape =
  (fields: Record<string, Check>): Check =>
  (value) => {
    if (!has(value)) return 'is no object';
    const names = Object.keys(fields).map((name) => name.replace(/\?$/, ''));
    const stranger = Object.keys(value).find((name) => !names.includes(name));
    if (stranger !== undefined) return `has an unknown parameter ${stranger}`;
    for (const [name, check] of Object.entries(fields)) {
      const key = name.replace(/\?$/, '');
      if (value[key] === undefined && name.endsWith('?')) continue;
      const fault = value[key] === undefined ? 'is missing' : check(value[key]);
      if (fault !== '') return `${key} ${fault}`;
    }
    return '';
  };
const listOf =
  (item: Check, most: number): Check =>
  (value) =>
    !Array.isArray(value) || value.length === 0 || value.length > most
      ? `is no list of 1 to ${most}`
      : (value.map(item).find((fault) => fault !== '') ?? '');
const once =
  (check: Check, ...names: string[]): Check =>
  (value) =>
    check(value) ||
    (names.find((name) => new Set(value.map((each: Loose) => (each.reply ?? each)[name])).size < value.length)
      ? 'has the same twice'
      : '');

const link = text(4096, /^https?:\/\/\S+$/);
const captioned = shape({ link, 'caption?': text(1024) });
const document = shape({ link, 'caption?': text(1024), 'filename?': text(240) });
const reply = (id: number, title: number): Check => shape({ id: text(id), title: text(title) });
const button = shape({ type: exactly('reply'), reply: reply(256, 20) });
const row = shape({ id: text(200), title: text(24), 'description?': text(72) });

const interactive: Check = (value) =>
  value?.type === 'list'
    ? shape({
        type: exactly('list'),
        body: shape({ text: text(4096) }),
        action: shape({
          button: text(20),
          sections: listOf(shape({ title: text(24), rows: once(listOf(row, 10), 'id') }), 10),
        }),
      })(value)
    : shape({
        type: exactly('button'),
        'header?': (header) =>
          header?.type === 'document'
            ? shape({ type: exactly('document'), document: shape({ link, 'filename?': text(240) }) })(header)
            : shape({ type: exactly('image', 'video'), [header?.type]: shape({ link }) })(header),
        body: shape({ text: text(1024) }),
        action: shape({ buttons: once(listOf(button, 3), 'id', 'title') }),
      })(value);

const contact = shape({
  name: shape({ formatted_name: text(256), 'first_name?': text(256), 'last_name?': text(256) }),
  'phones?': listOf(
    shape({ phone: text(64), 'type?': exactly('HOME', 'WORK', 'CELL', 'MAIN'), 'wa_id?': text(20) }),
    10,
  ),
  'emails?': listOf(shape({ email: text(256), 'type?': exactly('HOME', 'WORK') }), 10),
});

const CONTENT: Readonly<Record<string, Check>> = {
  text: shape({ body: text(4096), 'preview_url?': flag }),
  image: captioned,
  video: captioned,
  audio: shape({ link }),
  document,
  sticker: shape({ link }),
  location: shape({ latitude: number(90), longitude: number(180), 'name?': text(1000), 'address?': text(1000) }),
  contacts: listOf(contact, 5),
  interactive,
};

const read = shape({
  messaging_product: exactly('whatsapp'),
  status: exactly('read'),
  message_id: text(256, /^wamid\./),
  'typing_indicator?': shape({ type: exactly('text') }),
});

/** What is wrong with a body that was posted to a number's `messages`, or ''. */
export function faultOf(body: Loose): string {
  if (!has(body)) return 'the body is no object';
  if (body.status !== undefined) return read(body);
  const content = CONTENT[body.type];
  if (content === undefined) return `type is not ${Object.keys(CONTENT).join(', ')}`;
  if ((body.to === undefined) === (body.recipient === undefined)) return 'either to or recipient is needed';
  return shape({
    messaging_product: exactly('whatsapp'),
    recipient_type: exactly('individual'),
    'to?': text(20, /^\+?\d{5,15}$/),
    'recipient?': text(140, /^[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}$/),
    type: text(32),
    [body.type]: content,
    'biz_opaque_callback_data?': text(512),
  })(body);
}
