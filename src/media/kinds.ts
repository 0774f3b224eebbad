// What a file is, by its first bytes: the list of what is taken, and nothing else.
// Not here: sizes and names. The one thing to know: the word of the sender counts for nothing but to tell text from
// text, and sound from film in the containers that hold both; what no signature fits and is no plain text is refused.

/** How many of the first bytes are looked at. */
export const HEAD_BYTES = 4096;

type Kind = { type: string; fits: (head: Buffer) => boolean };

const begins = (bytes: string | number[], at = 0) => {
  const want = typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : Buffer.from(bytes);
  return (head: Buffer): boolean => head.subarray(at, at + want.length).equals(want);
};
const both =
  (...all: ((head: Buffer) => boolean)[]) =>
  (head: Buffer): boolean =>
    all.every((fits) => fits(head));

/** ISO base media: `ftyp` and a brand. HEIC and the like are not taken: most browsers cannot show them. */
const brand = (pattern: RegExp) => (head: Buffer) =>
  begins('ftyp', 4)(head) && pattern.test(head.subarray(8, 12).toString('latin1'));

const KINDS: readonly Kind[] = [
  { type: 'image/png', fits: begins([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]) },
  { type: 'image/jpeg', fits: begins([0xff, 0xd8, 0xff]) },
  { type: 'image/gif', fits: (head) => begins('GIF87a')(head) || begins('GIF89a')(head) },
  { type: 'image/webp', fits: both(begins('RIFF'), begins('WEBP', 8)) },
  { type: 'audio/wav', fits: both(begins('RIFF'), begins('WAVE', 8)) },
  { type: 'audio/ogg', fits: begins('OggS') },
  { type: 'audio/mpeg', fits: (head) => begins('ID3')(head) || isMpegFrame(head) },
  { type: 'audio/mp4', fits: brand(/^M4[AB] $/) },
  { type: 'video/mp4', fits: brand(/^(isom|iso[2-9]|mp4[12]|avc1|M4V |dash|MSNV)$/) },
  { type: 'video/webm', fits: both(begins([0x1a, 0x45, 0xdf, 0xa3]), (head) => head.includes('webm')) },
  { type: 'application/pdf', fits: begins('%PDF-') },
];

/** Containers that hold sound or film; which, the sender may say. */
const SOUND_INSTEAD: Readonly<Record<string, string>> = { 'video/webm': 'audio/webm', 'video/mp4': 'audio/mp4' };

/** Layer III, without an ID3 tag: a sync word, no reserved bits. */
function isMpegFrame(head: Buffer): boolean {
  const [a = 0, b = 0, c = 0] = head;
  return a === 0xff && (b & 0xe6) === 0xe2 && (b & 0x18) !== 0x08 && c >> 4 !== 0xf && (c & 0x0c) !== 0x0c;
}

const UTF8 = new TextDecoder('utf-8', { fatal: true });

/** UTF-8 without control characters, and nothing that a browser would take for a page. */
function isPlainText(head: Buffer, whole: boolean): boolean {
  // The last character may be cut off.
  for (let cut = 0; cut <= (whole ? 0 : 3); cut += 1) {
    try {
      const text = UTF8.decode(head.subarray(0, head.length - cut));
      return text !== '' && !/[^\P{Cc}\t\n\v\f\r]/u.test(text) && !/^\s*<[!?a-z]/i.test(text);
    } catch {
      // one byte less
    }
  }
  return false;
}

/** The MIME type of a file, or null when it is none that is taken. `whole`: the head is all of it. */
export function kindOf(head: Buffer, declared: string, whole: boolean): string | null {
  const said = declared.split(';')[0]?.trim().toLowerCase() ?? '';
  const found = KINDS.find(({ fits }) => fits(head));
  if (found) return SOUND_INSTEAD[found.type] === said ? said : found.type;
  return /^text\/plain$/.test(said) && isPlainText(head, whole) ? 'text/plain' : null;
}

const ENDINGS: Readonly<Record<string, readonly string[]>> = {
  'image/png': ['png'],
  'image/jpeg': ['jpg', 'jpeg'],
  'image/gif': ['gif'],
  'image/webp': ['webp'],
  'audio/wav': ['wav'],
  'audio/ogg': ['ogg', 'oga', 'opus'],
  'audio/mpeg': ['mp3'],
  'audio/mp4': ['m4a', 'mp4'],
  'audio/webm': ['webm', 'weba'],
  'video/mp4': ['mp4', 'm4v'],
  'video/webm': ['webm'],
  'application/pdf': ['pdf'],
  'text/plain': ['txt', 'log', 'csv', 'md'],
  // What a provider had and nobody here knows: endings of documents and recordings that do nothing when they are opened.
  'application/octet-stream': [
    ...['bin', 'docx', 'xlsx', 'pptx', 'odt', 'ods', 'odp', 'rtf', 'csv', 'json', 'zip', 'vcf', 'ics', 'txt'],
    ...['heic', 'tgs', 'amr', '3gp', 'mov', 'avi', 'mkv'],
  ],
};

const NAME_MAX = 100;

/** A name for people that is harmless as a file's name anywhere, with an ending that fits the type. */
export function saneName(given: string, type: string): string {
  const last = given.normalize('NFC').split(/[/\\]/).at(-1) ?? '';
  // Controls, marks that turn the direction of writing, and what some file system or shell reads otherwise.
  const clean = last
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}<>:"|?*%#;&$`'{}]/gu, '')
    .replace(/\s+/gu, ' ')
    // Each run is looked at once: an end that is looked for from every dot takes the square of their number.
    .replace(/^[. ]+|(?<![. ])[. ]+$/g, '');
  const endings = ENDINGS[type] ?? ['bin'];
  const dot = clean.lastIndexOf('.');
  const ending = dot > 0 ? clean.slice(dot + 1).toLowerCase() : '';
  const fits = endings.includes(ending);
  const stem = [...(fits ? clean.slice(0, dot) : clean)].slice(0, NAME_MAX).join('').trim();
  return `${stem === '' ? (type.split('/')[0] ?? 'file') : stem}.${fits ? ending : endings[0]}`;
}
