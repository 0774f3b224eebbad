// Removes secrets from what a peer answered, before it is kept and shown.
// Not here: which secrets there are. The one thing to know: a secret is found in every spelling that JSON or a URL may
// give it, character by character (\/ and \u0041 and %2F), since an error page likes to quote what it was sent.

export type Mask = (text: string) => string;
export const MASKED = '[masked]';
/** A JSON answer may quote a JSON string: two layers of escapes are as deep as anyone has seen. */
const ESCAPE = '\\\\{1,3}';

/**
 * A function that puts `[masked]` in place of every occurrence of the secrets. Longer secrets win over shorter ones
 * that they contain. Of a signing secret, the part after `whsec_` alone is masked too.
 */
export function maskOf(secrets: readonly (string | null)[]): Mask {
  const words = new Set<string>();
  for (const secret of secrets) {
    if (secret === null || secret === '') continue;
    words.add(secret);
    if (secret.startsWith('whsec_') && secret.length > 'whsec_'.length) words.add(secret.slice('whsec_'.length));
  }
  if (words.size === 0) return (text) => text;
  const longestFirst = [...words].sort((a, b) => b.length - a.length);
  const pattern = new RegExp(longestFirst.map(spellings).join('|'), 'gu');
  return (text) => (text === '' ? '' : text.replace(pattern, MASKED));
}

/** The mask of a configuration, made at its first use: a changed configuration is another object. */
export function maskFor(owner: object, secrets: () => readonly (string | null)[]): Mask {
  let mask = masks.get(owner);
  if (mask === undefined) {
    mask = maskOf(secrets());
    masks.set(owner, mask);
  }
  return mask;
}

const masks = new WeakMap<object, Mask>();

/** A run of backslashes is one piece: piece by piece, each could match in several ways and a long run in ages. */
function spellings(secret: string): string {
  return (secret.match(/\\+|./gsu) ?? []).map((piece) => spellingsOf(piece)).join('');
}

function spellingsOf(piece: string): string {
  const json = [...Array(piece.length).keys()].map((i) => `${ESCAPE}u${anyCase(hex(piece.charCodeAt(i), 4))}`);
  const percent = [...Buffer.from(piece, 'utf8')].map((byte) => `%${anyCase(hex(byte, 2))}`);
  return `(?:${plain(piece)}|${json.join('')}|${percent.join('')}${piece === ' ' ? '|\\+' : ''})`;
}

/** JSON's short escapes of control characters. */
const SHORT: Readonly<Record<string, string>> = { '\b': 'b', '\f': 'f', '\n': 'n', '\r': 'r', '\t': 't' };

function plain(piece: string): string {
  if (/^[A-Za-z0-9]$/.test(piece)) return piece;
  const short = SHORT[piece];
  if (short !== undefined) return `(?:${piece}|${ESCAPE}${short})`;
  if (piece.startsWith('\\')) return `\\\\{${piece.length},${piece.length * 4}}`;
  return `(?:${ESCAPE})?\\u{${(piece.codePointAt(0) ?? 0).toString(16)}}`;
}

const hex = (code: number, digits: number): string => code.toString(16).padStart(digits, '0');
const anyCase = (digits: string): string => digits.replace(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`);
