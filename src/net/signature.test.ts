// Standard Webhooks: the vectors of the public reference libraries, rotation, and that whatever is altered fails.
import { describe, expect, it } from 'vitest';
import { newSecret, sameToken, sign, verify, type WhyInvalid } from './signature.ts';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const ID = 'msg_p5jXN8AQM9LWM0D4loKWxJek';
const TIMESTAMP = 1_614_265_330;
const BODY = '{"test": 2432232314}';
const SIGNATURE = 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=';
const OTHER = 'v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc=';
const NOW = TIMESTAMP * 1000;

const HEADERS = { 'webhook-id': ID, 'webhook-timestamp': String(TIMESTAMP), 'webhook-signature': SIGNATURE };
const whyInvalid = (
  headers: Record<string, string | string[] | undefined>,
  change: Partial<Parameters<typeof verify>[0]> = {},
) => {
  const verdict = verify({
    headers: { ...HEADERS, ...headers },
    body: Buffer.from(BODY),
    secrets: [SECRET],
    now: NOW,
    ...change,
  });
  return verdict.ok ? null : verdict.why;
};

describe('signing', () => {
  it('gives what the reference library gives', () => {
    expect(sign({ id: ID, timestamp: TIMESTAMP, body: BODY, secrets: [SECRET] })).toEqual(HEADERS);
    expect(sign({ id: ID, timestamp: TIMESTAMP, body: Buffer.from(BODY), secrets: [SECRET.slice(6)] })).toEqual(
      HEADERS,
    );
  });

  it('signs with each secret during a rotation, and each holder can check', () => {
    const [old, fresh] = [newSecret(), newSecret()];
    const headers = sign({ id: 'msg_1', timestamp: TIMESTAMP, body: 'ü', secrets: [fresh, old] });
    expect(headers['webhook-signature'].split(' ')).toHaveLength(2);
    for (const secret of [old, fresh]) {
      expect(verify({ headers, body: Buffer.from('ü'), secrets: [secret], now: NOW })).toEqual({ ok: true });
    }
    expect(verify({ headers, body: Buffer.from('ü'), secrets: [newSecret()], now: NOW }).ok).toBe(false);
  });

  it.each(['', 'whsec_', 'whsec_short', 'whsec_not base64 at all, no', 'whsec_$$$$$$$$$$$$$$$$$$$$$$$$$$$$'])(
    'throws on %j, which is no secret',
    (secret) => expect(() => sign({ id: ID, timestamp: TIMESTAMP, body: BODY, secrets: [secret] })).toThrow('secret'),
  );
});

describe('checking', () => {
  it.each<[string, Record<string, string | string[] | undefined>, WhyInvalid | null]>([
    ['the reference vector', {}, null],
    [
      'a valid signature among others',
      { 'webhook-signature': `${OTHER} v2,${SIGNATURE.slice(3)} ${SIGNATURE} ${OTHER}` },
      null,
    ],
    ['no id', { 'webhook-id': undefined }, 'missing_header'],
    ['an empty id', { 'webhook-id': '' }, 'missing_header'],
    ['no timestamp', { 'webhook-timestamp': undefined }, 'missing_header'],
    ['no signature', { 'webhook-signature': undefined }, 'missing_header'],
    ['a header that came twice', { 'webhook-signature': [SIGNATURE, SIGNATURE] }, 'missing_header'],
    ['a word as timestamp', { 'webhook-timestamp': 'hello' }, 'bad_timestamp'],
    ['a timestamp with more behind it', { 'webhook-timestamp': `${TIMESTAMP}.5` }, 'bad_timestamp'],
    ['a negative timestamp', { 'webhook-timestamp': '-1' }, 'bad_timestamp'],
    ['milliseconds', { 'webhook-timestamp': String(NOW) }, 'bad_timestamp'],
    ['another id', { 'webhook-id': `${ID}x` }, 'no_match'],
    ['another timestamp', { 'webhook-timestamp': String(TIMESTAMP + 1) }, 'no_match'],
    ['another signature', { 'webhook-signature': OTHER }, 'no_match'],
    ['part of a signature', { 'webhook-signature': SIGNATURE.slice(0, 12) }, 'no_match'],
    ['an empty signature', { 'webhook-signature': 'v1,' }, 'no_match'],
    ['a signature of another version', { 'webhook-signature': `v1a,${SIGNATURE.slice(3)}` }, 'no_match'],
    ['a bare signature', { 'webhook-signature': SIGNATURE.slice(3) }, 'no_match'],
    ['the right one behind very many', { 'webhook-signature': `${`${OTHER} `.repeat(16)}${SIGNATURE}` }, 'no_match'],
  ])('%s', (_name, headers, why) => expect(whyInvalid(headers)).toBe(why));

  it('holds the tolerance to both sides, to the second', () => {
    expect([300, 301, -300, -301].map((age) => whyInvalid({}, { now: NOW + age * 1000 }))).toEqual([
      null,
      'too_old',
      null,
      'too_new',
    ]);
    expect(whyInvalid({}, { now: NOW + 11_000, toleranceS: 10 })).toBe('too_old');
  });

  it('fails with no secret, a wrong one, or one that is none', () => {
    expect(whyInvalid({}, { secrets: [] })).toBe('no_match');
    expect(whyInvalid({}, { secrets: [newSecret(), 'whsec_'] })).toBe('no_match');
    expect(whyInvalid({}, { secrets: ['', SECRET] })).toBeNull();
  });

  it('fails for each single bit of the body that is turned', () => {
    const body = Buffer.from(BODY);
    for (let bit = 0; bit < body.length * 8; bit += 1) {
      const altered = Buffer.from(body);
      altered[bit >> 3]! ^= 1 << (bit & 7);
      expect(whyInvalid({}, { body: altered })).toBe('no_match');
    }
    expect(whyInvalid({}, { body: Buffer.concat([body, Buffer.from('\n')]) })).toBe('no_match');
    expect(whyInvalid({}, { body: Buffer.alloc(0) })).toBe('no_match');
  });
});

describe('secrets and tokens', () => {
  it('are new each time, with 32 bytes', () => {
    const secrets = new Set(Array.from({ length: 50 }, newSecret));
    expect(secrets.size).toBe(50);
    for (const secret of secrets) expect(Buffer.from(secret.slice(6), 'base64')).toHaveLength(32);
  });

  it('are compared whole, and an empty token equals nothing', () => {
    expect(sameToken('abc', 'abc')).toBe(true);
    expect(sameToken('abc', 'abd')).toBe(false);
    expect(sameToken('abc', 'abcd')).toBe(false);
    expect(sameToken('ü', 'ü')).toBe(true);
    expect(sameToken('', '')).toBe(false);
  });
});
