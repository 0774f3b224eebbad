// Whether a webhook is Twilio's, and the parameters it brings: a form, or JSON with the digest of its bytes in the
// query.
// Not here: what they mean. The one thing to know: Twilio signs the address as it was configured, so our own public URL
// and the query as it came are signed, never what a proxy made of the host; and it signs every parameter, known or not.
import { createHash, createHmac } from 'node:crypto';
import type { AssetConfig, RawRequest } from '../../engine/ports.ts';
import { sameSignature } from '../../net/signature.ts';
import { isObject, parseJson, type Refused, refused } from '../../wire/json.ts';
import { OVERRIDES, settingsOf } from './fields.ts';

/** A message is some kilobytes, with all that WhatsApp adds. */
const MAX_BODY_BYTES = 262_144;
/** Twilio sends some dozens; each is sorted and signed. */
const MAX_PARAMETERS = 1000;

export type Parameters = ReadonlyMap<string, string>;
type Authentic = { ok: true; parameters: Parameters } | Refused;

/** 401 unless the signature holds; 413 and 400 for what is no request of Twilio's. */
export function authentic(asset: AssetConfig, request: RawRequest): Authentic {
  const given = request.headers['x-twilio-signature'];
  if (given === undefined || given === '') return refused(401, 'bad_signature', 'X-Twilio-Signature is missing.');
  if (request.body.length > MAX_BODY_BYTES) {
    return refused(413, 'too_large', `The body is larger than ${MAX_BODY_BYTES} bytes.`);
  }
  const json = /^application\/json\b/i.test(request.headers['content-type'] ?? '');
  return json ? authenticJson(asset, request, given) : authenticForm(asset, request, given);
}

function authenticForm(asset: AssetConfig, request: RawRequest, given: string): Authentic {
  const form = new URLSearchParams(request.body.toString('utf8'));
  if (form.size > MAX_PARAMETERS) return refused(400, 'bad_request', 'The body has too many parameters.');
  if (!fits(asset, request, given, signedForm(form))) return unfit();
  // Of a name that comes twice the first counts.
  return { ok: true, parameters: new Map([...form].reverse()) };
}

/** The query's `bodySHA256` is signed with the URL, and it vouches for the bytes. */
function authenticJson(asset: AssetConfig, request: RawRequest, given: string): Authentic {
  const digest = createHash('sha256').update(request.body).digest('hex');
  const vouched = sameSignature(digest, request.query.get('bodySHA256') ?? '');
  if (!fits(asset, request, given, '') || !vouched) return unfit();
  const parsed = parseJson(request.body, MAX_BODY_BYTES, 400);
  if (!parsed.ok) return parsed;
  const entries = Object.entries(isObject(parsed.value) ? parsed.value : {}).slice(0, MAX_PARAMETERS);
  const texts = entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  return { ok: true, parameters: new Map(texts) };
}

const unfit = (): Refused =>
  refused(
    401,
    'bad_signature',
    'X-Twilio-Signature does not fit: compare the auth token, and the URL at Twilio with the hook URL shown here.',
  );

/** Names in order, each followed by its values; a name that comes twice has its different values in order. */
function signedForm(form: URLSearchParams): string {
  const names = [...new Set(form.keys())].sort();
  return names
    .map((name) =>
      [...new Set(form.getAll(name))]
        .sort()
        .map((value) => name + value)
        .join(''),
    )
    .join('');
}

function fits(asset: AssetConfig, request: RawRequest, given: string, parameters: string): boolean {
  const { authToken } = settingsOf(asset);
  if (authToken === '') return false;
  let matches = false;
  for (const url of addresses(asset.hookUrl, request)) {
    const expected = createHmac('sha1', authToken)
      .update(url + parameters)
      .digest('base64');
    if (sameSignature(expected, given)) matches = true;
  }
  return matches;
}

/**
 * How Twilio may have written our address: with the standard port or without, since its own back ends differ in that
 * (its SDK tries both), and with our overrides or without: a fragment is never sent, and whether it is signed is not
 * documented.
 */
function addresses(hookUrl: string, request: RawRequest): string[] {
  if (!URL.canParse(hookUrl)) return [];
  const { protocol, hostname, port, pathname } = new URL(hookUrl);
  const raw = request.rawQuery ?? request.query.toString();
  const rest = `${pathname}${raw === '' ? '' : `?${raw}`}`;
  const ports = ['', `:${port || (protocol === 'https:' ? '443' : '80')}`];
  return ports.flatMap((at) => ['', OVERRIDES].map((overrides) => `${protocol}//${hostname}${at}${rest}${overrides}`));
}
