// The readers of what is no JSON: forms with files, files, headers, addresses, queries; and conditions with the words they meet.
// The one thing to know: a form is cut into pieces by chance, as a network cuts it, and its files go nowhere.
import { Readable } from 'node:stream';
import { readActivity } from '../../src/channels/webchat/directline/activity.ts';
import { boundaryOf, parameterOf } from '../../src/http/directline/multipart.ts';
import { takeFiles } from '../../src/http/directline/upload.ts';
import { check, instant, paging, time } from '../../src/http/fields.ts';
import { rangeOf } from '../../src/http/media.ts';
import { sentFrom } from '../../src/http/origin.ts';
import { requestIdOf } from '../../src/http/request.ts';
import { kindOf, saneName } from '../../src/media/kinds.ts';
import type { MediaStore } from '../../src/media/media.ts';
import { parseAllowPrivate } from '../../src/net/allow-list.ts';
import { verify } from '../../src/net/signature.ts';
import { readTarget } from '../../src/net/target.ts';
import { checkCondition, evaluate } from '../../src/routing/rules.ts';
import { NOW, SIGNING_SECRET } from '../../src/wire/fixtures/samples.ts';
import { objectIn } from '../../src/wire/json.ts';
import { retryAfter } from '../../src/wire/outcome.ts';
import { personIn, placeIn } from '../../src/wire/places.ts';
import { signed } from '../parties/signature.ts';
import type { Bender } from './bend.ts';
import { held, jsonOf, type Reader, textsOf } from './parsers-reader.ts';

/** A header, an address, a name: a text that becomes something, or nothing. */
function text(
  name: string,
  samples: string[],
  read: (text: string) => unknown,
  fault: (found: never, good: Buffer) => string,
): Reader {
  return {
    ...{ name, form: 'text', samples: textsOf(...samples) },
    ask: (bytes) => () => read(bytes.toString('utf8')),
    judge: (found, good) =>
      found === null || found === undefined || found === '' ? held(false) : held(true, fault(found as never, good)),
  };
}

const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13]);
const partOf = (head: string, body: Buffer | string): Buffer =>
  Buffer.concat([
    Buffer.from(`--b1\r\nContent-Disposition: form-data; ${head}\r\n\r\n`),
    Buffer.from(body),
    Buffer.from('\r\n'),
  ]);
const formOf = (...parts: Buffer[]): Buffer => Buffer.concat([...parts, Buffer.from('--b1--\r\n')]);
const ACTIVITY = partOf(
  'name="activity"\r\nContent-Type: application/vnd.microsoft.activity',
  '{"type":"message","text":"see","from":{"id":"dl_u"}}',
);
const picture = (name: string): Buffer => partOf(`name="file"; filename="${name}"\r\nContent-Type: image/png`, PNG);
export const FORM_TYPE = 'multipart/form-data; boundary=b1';
const FILES_MAX = 10;

/** Takes every file to its end and keeps nothing, as the shelf does that keeps them. */
const nowhere = {
  async take({ body, name }: { body: Readable; name: string }) {
    let bytes = 0;
    try {
      for await (const chunk of body) bytes += (chunk as Buffer).length;
    } catch {
      return { ok: false, why: 'aborted' };
    }
    return bytes === 0 ? { ok: false, why: 'empty' } : { ok: true, row: { id: `med_${saneName(name, 'image/png')}` } };
  },
} as unknown as MediaStore;

function cut(bytes: Buffer, bender: Bender): Buffer[] {
  const size = bender.one(0.1) && bytes.length < 2_000 ? 1 : 1 + bender.below(bytes.length + 1);
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) => bytes.subarray(at * size, (at + 1) * size));
}

export const FORMS: readonly Buffer[] = [
  formOf(ACTIVITY, picture('a.png')),
  formOf(picture('a \\"b\\".png'), picture("x.png; filename*=UTF-8''%E2%82%AC.png")),
  formOf(...Array.from({ length: 11 }, () => picture('a.png'))),
];
const upload: Reader = {
  name: 'upload of a form',
  form: 'bytes',
  samples: FORMS,
  ask(bytes, bender) {
    const [pieces, complete] = [cut(bytes, bender), bender.one(0.9)];
    const type = bender.one(0.05) ? bender.text(FORM_TYPE) : FORM_TYPE;
    const headers = { 'content-type': type, 'content-disposition': bender.text('attachment; filename="a.png"') };
    return async () => {
      const files = await takeFiles(nowhere, Object.assign(Readable.from(pieces), { headers, complete }) as never, {
        assetId: 'ast_a',
        owner: 'web-1',
      });
      return files !== null && 'ids' in files
        ? { ...files, said: readActivity(files.activity ?? { type: 'message' }, files.ids.length) }
        : files;
    };
  },
  judge(result) {
    if (result === null) return held(false);
    if ('code' in result)
      return held(
        false,
        ['BadArgument', 'TooLarge', 'UnsupportedMediaType'].includes(result.code) ? '' : `refused with ${result.code}`,
      );
    return held(true, result.ids.length > 0 && result.ids.length <= FILES_MAX ? '' : `${result.ids.length} files`);
  },
};

const HEADS = [
  PNG,
  Buffer.from('GIF89a..'),
  Buffer.from('RIFF....WEBPVP8 '),
  Buffer.from('\0\0\0\x18ftypmp42'),
  Buffer.from('%PDF-1.7\n'),
  Buffer.from('ID3\x03'),
  Buffer.from('plain words, ünd môre'),
];
const kinds: Reader = {
  name: 'kind of a file',
  form: 'bytes',
  samples: HEADS,
  ask(bytes, bender) {
    const [declared, whole] = [bender.one(0.5) ? 'text/plain' : bender.text('video/mp4; codecs="x"'), bender.one(0.5)];
    return () => kindOf(bytes, declared, whole);
  },
  judge: (type) =>
    held(
      type !== null,
      type === null || /^(image|audio|video|application|text)\/[a-z\d]+$/.test(type) ? '' : `is ${type}`,
    ),
};

const signature: Reader = {
  name: 'signature',
  form: 'json',
  samples: [jsonOf(signed(SIGNING_SECRET, 'msg-1', NOW, 'body'))],
  ask(bytes) {
    const given = objectIn(bytes.toString('utf8'));
    return () => ({
      given,
      verdict: verify({ headers: given as never, body: Buffer.from('body'), secrets: [SIGNING_SECRET], now: NOW }),
    });
  },
  judge({ given, verdict }, good) {
    const was = JSON.parse(good.toString('utf8'));
    const same = ['webhook-id', 'webhook-timestamp'].every((name) => given[name] === was[name]);
    return held(verdict.ok, verdict.ok && !same ? 'a signature of something else holds' : '');
  },
};

const queries: Reader = {
  name: 'query of a list',
  form: 'form',
  samples: textsOf('limit=50&after=msg_01jz0000000000000000000001', 'limit=1', ''),
  ask: (bytes) => () =>
    check(paging, Object.fromEntries(new URLSearchParams(bytes.toString('utf8'))), 'query parameter'),
  judge: (result) =>
    held(
      result.ok,
      !result.ok || (result.value.limit >= 1 && result.value.limit <= 100) ? '' : `limit ${result.value.limit}`,
    ),
};

const CONDITIONS = [
  {
    all: [
      { field: 'message.text', op: 'regex_ignore_case', value: '^(order|refund)\\b.*\\d{3,}' },
      { not: { field: 'time.local', op: 'between', value: ['22:00', '06:00'] } },
    ],
  },
  {
    any: [
      { field: 'attributes.customparam1', op: 'in', value: ['gold', 'silver'] },
      { field: 'customer.address', op: 'starts_with', value: '+49' },
    ],
  },
  { field: 'attributes.n', op: 'gte', value: 3 },
];
const conditions: Reader = {
  name: 'condition of a rule',
  form: 'json',
  samples: CONDITIONS.map(jsonOf),
  ask(bytes, bender) {
    const fields = { 'message.text': bender.text('order 1234 please'), 'attributes.n': '7', 'time.local': '23:10' };
    return () => {
      const condition = parsed(bytes);
      const errors = checkCondition(condition);
      return { errors, why: errors.length === 0 ? evaluate(condition as never, fields).why : '' };
    };
  },
  judge: ({ errors, why }) => held(errors.length === 0, typeof why === 'string' ? '' : 'no reason'),
};

function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return null;
  }
}

const allowed = parseAllowPrivate('10.0.0.0/8, [fd00::/8]:443, bots.lan:8080');
if (!allowed.ok) throw new Error(allowed.errors.join(' '));
const [SITE, HOST] = ['https://signalbox.example', 'signalbox.example'];
const fits = (holds: boolean, found: unknown): string => (holds ? '' : `found ${JSON.stringify(found)?.slice(0, 120)}`);

export const PLAIN: readonly Reader[] = [
  ...[upload, kinds, signature, queries, conditions],
  text(
    'name of a file',
    ['photo.png', 'a b.tar.gz', '../../etc/passwd', 'ünï.PNG'],
    (name) => saneName(name, 'image/png'),
    (name: string) =>
      fits([...name].length <= 110 && /^[^/\\\p{Cc}\p{Cs}.][^/\\\p{Cc}\p{Cs}]*\.png$/iu.test(name), name),
  ),
  text('boundary', [FORM_TYPE, 'Multipart/Form-Data; charset=utf-8; boundary="a b"'], boundaryOf, (found: string) =>
    fits(found.length <= 200 && !/[\r\n]/.test(found), found),
  ),
  text(
    'name in a disposition',
    ['form-data; name="f"; filename="a;b.png"', "form-data; filename*=UTF-8''%E2%82%AC.txt"],
    (line) => parameterOf(line, 'filename'),
    (found: string) => fits(typeof found === 'string', found),
  ),
  text(
    'Retry-After',
    ['120', 'Thu, 26 Jun 2025 09:31:15 GMT', 'Thursday, 26-Jun-25 09:31:15 GMT'],
    (header) => retryAfter(header, NOW),
    (s: number) => fits(Number.isInteger(s) && s >= 0 && s <= 86_400, s),
  ),
  text(
    'time',
    ['2025-06-26T09:30:15.250Z', '2025-06-26 09:30:15', '2030-01-31T12:00:00+05:30'],
    (given) => [time, instant].map((schema) => schema.safeParse(given)).find(({ success }) => success)?.data,
    (found) => fits(typeof found === 'string', found),
  ),
  text(
    'URL to be reached',
    ['https://bots.example:8443/in?x=1', 'http://10.1.2.3/', 'https://[fd00::1]/', 'http://bots.lan:8080'],
    (url) => (readTarget(url, allowed.list, true).ok ? readTarget(url, allowed.list, true) : null),
    (found: { url: string; host: string; port: number }) =>
      fits(
        /^https?:\/\//i.test(found.url) &&
          URL.canParse(found.url) &&
          found.host !== '' &&
          found.port > 0 &&
          found.port < 65_536,
        found,
      ),
  ),
  text(
    'list of private addresses',
    ['10.0.0.0/8, 192.168.1.7:3000, [fd00::/8]:443, bots.lan'],
    (list) => parseAllowPrivate(list),
    (found: { ok: boolean; errors?: string[] }) =>
      fits(found.ok || found.errors?.every((each) => each !== '') === true, found),
  ),
  text(
    'place',
    ['51.5,-0.12 The bridge', ' -90 , 180'],
    (words) => placeIn({ text: words }),
    ({ latitude, longitude }: { latitude: number; longitude: number }) =>
      fits(Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180, latitude),
  ),
  text(
    'contact',
    ['First Last +1 555 0100, (555) 0101'],
    (words) => personIn({ text: words }),
    ({ name, phones }: { name: string; phones: string[] }) =>
      fits(name !== '' && phones.every((phone) => /\d/.test(phone) && phone.length <= 40), phones),
  ),
  text(
    'origin',
    [SITE, `${SITE}:443`, 'null', 'https://other.example'],
    (origin) => sentFrom({ origin, host: HOST }, SITE),
    (from: string) => fits(['ours', 'another'].includes(from), from),
  ),
  text(
    'id of a request',
    ['0198c2a4-7d3e-7000-8000-000000000000'],
    (given) => requestIdOf({ headers: { 'x-request-id': given } } as never, () => 'req_own'),
    (found: string) => fits(/^[\w.:-]{7,128}$/.test(found), found),
  ),
  text(
    'range',
    ['bytes=0-99', 'bytes=-5', 'bytes=100-'],
    (header) => rangeOf(header, 1_000),
    ({ start, end }: { start: number; end: number }) => fits(start >= 0 && start <= end && end < 1_000, [start, end]),
  ),
];
