// What Meta's channels share: signatures over raw bytes, the handshake, URLs, and what Graph's errors become.
import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { RawRequest } from '../engine/ports.ts';
import { answered, NOW, request } from './fixtures/samples.ts';
import { maskOf } from './mask.ts';
import {
  appSecretProof,
  checkHubSignature,
  digestId,
  type GraphError,
  graphError,
  graphOutcome,
  graphUrl,
  hubHandshake,
} from './meta.ts';
import { final, slower } from './ruling.ts';

const SECRET = 'app-secret-one';
const BODY = Buffer.from('{"object":"page","entry":[{"text":"\\u00e4\\/"}]}');
const hex = (body: Buffer, secret = SECRET): string => createHmac('sha256', secret).update(body).digest('hex');

describe('a signature', () => {
  it('holds over the raw bytes, by any of the secrets', () => {
    const signed = request(BODY, { 'x-hub-signature-256': `sha256=${hex(BODY)}` });
    expect(checkHubSignature(signed, [SECRET])).toBeNull();
    expect(checkHubSignature(signed, ['another', SECRET])).toBeNull();
  });

  // The worked example of Meta's own documents is not public with its secret; this one is from an independent HMAC tool.
  it('is the plain HMAC that any tool computes', () => {
    const known = 'f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8';
    const body = Buffer.from('The quick brown fox jumps over the lazy dog');
    expect(checkHubSignature(request(body, { 'x-hub-signature-256': `sha256=${known}` }), ['key'])).toBeNull();
  });

  it.each([
    ['is missing', {}, [SECRET]],
    ['is empty', { 'x-hub-signature-256': '' }, [SECRET]],
    ['has no scheme', { 'x-hub-signature-256': hex(BODY) }, [SECRET]],
    [
      'is the old SHA-1',
      { 'x-hub-signature': `sha1=${createHmac('sha1', SECRET).update(BODY).digest('hex')}` },
      [SECRET],
    ],
    ['is cut', { 'x-hub-signature-256': `sha256=${hex(BODY).slice(0, 62)}` }, [SECRET]],
    ['is no hex', { 'x-hub-signature-256': `sha256=${'z'.repeat(64)}` }, [SECRET]],
    ['is of another secret', { 'x-hub-signature-256': `sha256=${hex(BODY, 'x')}` }, [SECRET]],
    [
      'is of the body written again',
      { 'x-hub-signature-256': `sha256=${hex(Buffer.from(JSON.stringify(JSON.parse(BODY.toString()))))}` },
      [SECRET],
    ],
    ['meets no secret', { 'x-hub-signature-256': `sha256=${hex(BODY)}` }, []],
    ['is of an empty secret', { 'x-hub-signature-256': `sha256=${hex(BODY, '')}` }, ['']],
  ])('that %s is refused', (_, headers, secrets) => {
    expect(checkHubSignature(request(BODY, headers as Record<string, string>), secrets)).toMatchObject({
      ok: false,
      status: 401,
      code: 'bad_signature',
    });
  });
});

describe('the handshake', () => {
  const asked = (query: Record<string, string>): RawRequest => ({
    ...request(Buffer.alloc(0)),
    method: 'GET',
    query: new URLSearchParams(query),
  });
  const right = { 'hub.mode': 'subscribe', 'hub.verify_token': 'ours', 'hub.challenge': '1158201444' };

  it('gives the challenge back as it came', () => {
    expect(hubHandshake(asked(right), 'ours')).toEqual({ status: 200, type: 'text/plain', body: '1158201444' });
  });

  it('is none without its mode', () => expect(hubHandshake(asked({}), 'ours')).toBeNull());

  it.each([
    ['another token', { ...right, 'hub.verify_token': 'theirs' }, 'ours'],
    ['no token', { 'hub.mode': 'subscribe', 'hub.challenge': '1' }, 'ours'],
    ['an empty token against none of ours', { ...right, 'hub.verify_token': '' }, ''],
    ['no token of ours', right, undefined],
    ['no challenge', { 'hub.mode': 'subscribe', 'hub.verify_token': 'ours' }, 'ours'],
    ['a page as challenge', { ...right, 'hub.challenge': '<script>' }, 'ours'],
    ['a book as challenge', { ...right, 'hub.challenge': '1'.repeat(300) }, 'ours'],
  ])('is refused with %s', (_, query, token) => {
    expect(hubHandshake(asked(query as Record<string, string>), token)).toMatchObject({ status: 403 });
  });
});

describe('a URL of Graph', () => {
  it.each([
    ['https://graph.facebook.com', 'v23.0', ['17', 'messages'], 'https://graph.facebook.com/v23.0/17/messages'],
    ['http://127.0.0.1:9/x//', 'v1.0', ['me'], 'http://127.0.0.1:9/x/v1.0/me'],
    ['https://graph.facebook.com/', 'v1.0', ['../a?b#c'], 'https://graph.facebook.com/v1.0/..%2Fa%3Fb%23c'],
  ])('of %s, %s and %j', (base, version, parts, url) => expect(graphUrl(base, version, ...parts)).toBe(url));

  it('is proved by the HMAC of the token', () => {
    expect(appSecretProof('The quick brown fox jumps over the lazy dog', 'key')).toBe(
      'f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8',
    );
  });
});

describe('an event without an id', () => {
  it('has the same one each time it is told, and another than others', () => {
    expect(digestId('ref', 'a', 1)).toBe(digestId('ref', 'a', 1));
    expect(digestId('ref', 'a', 1)).not.toBe(digestId('ref', 'a', 2));
    expect(digestId('ref', 'ab', 'c')).not.toBe(digestId('ref', 'a', 'bc'));
  });
});

describe('an error of Graph', () => {
  const by = { mask: maskOf(['token-of-the-page']), now: NOW, ruling: () => null };
  const body = (code: unknown, more: object = {}) => ({
    error: { message: 'said', type: 'OAuthException', code, ...more },
  });

  it.each([
    [400, 4, 'retry', 'throttled'],
    [400, 17, 'retry', 'throttled'],
    [400, 32, 'retry', 'throttled'],
    [400, 613, 'retry', 'throttled'],
    [400, 80007, 'retry', 'throttled'],
    [401, 190, 'retry', 'bad_credentials'],
    [403, 10, 'final', 'not_permitted'],
    [403, 200, 'final', 'not_permitted'],
    [400, 368, 'final', 'restricted'],
    [400, 100, 'final', 'rejected'],
    [400, 1, 'retry', 'server_error'],
    [500, 2, 'retry', 'server_error'],
    [503, 7777, 'retry', 'server_error'],
    [400, 7777, 'final', 'rejected'],
    [200, 100, 'final', 'rejected'],
  ])('answered %d with code %d is %s: %s', (status, code, result, reason) => {
    expect(graphOutcome(answered(status, body(code)), by)).toMatchObject({ result, reason, status });
  });

  it('names its code, and no secret', () => {
    const answer = answered(400, body(100, { error_subcode: 33, message: 'no token-of-the-page,\nhere' }));
    const outcome = graphOutcome(answer, by);
    expect(outcome.detail).toBe('Meta did not take the request as it was. (Meta’s error 100/33: no [masked], here)');
    expect(outcome.answer).not.toContain('token-of-the-page');
  });

  it('names no half of a secret where it is cut', () => {
    const message = `${'x'.repeat(290)}token-of-the-page`;
    expect(graphOutcome(answered(400, body(100, { message })), by).detail).not.toContain('tok');
  });

  it('is ruled by the channel first', () => {
    const ruling = (error: GraphError) => (error.subcode === 33 ? final('quota', 'Mine.') : null);
    expect(graphOutcome(answered(500, body(2, { error_subcode: 33 })), { ...by, ruling })).toMatchObject({
      result: 'final',
      reason: 'quota',
    });
    expect(graphOutcome(answered(500, body(2)), { ...by, ruling })).toMatchObject({ result: 'retry' });
  });

  it.each([
    ['a minute when nothing is said', {}, 60],
    ['as long as Retry-After says', { 'retry-after': '90' }, 90],
    [
      'as long as the usage header says',
      { 'x-business-use-case-usage': '{"17":[{"type":"messenger","estimated_time_to_regain_access":4}]}' },
      240,
    ],
    ['not for ever', { 'retry-after': '80000' }, 3600],
    ['a minute when the header is noise', { 'x-business-use-case-usage': '{"17":[null,{}],"a":5}' }, 60],
  ])('that asks to slow down pauses the asset %s', (_, headers, seconds) => {
    const answer = answered(400, body(613), headers as Record<string, string>);
    expect(graphOutcome(answer, by)).toMatchObject({ result: 'retry', retryAfterS: seconds, pauseS: seconds });
  });

  it('may slow one customer down alone', () => {
    const ruling = () => slower('customer', 6, 'Slower.');
    const outcome = graphOutcome(answered(400, body(131056)), { ...by, ruling });
    expect(outcome).toMatchObject({ result: 'retry', retryAfterS: 6 });
    expect(outcome.pauseS).toBeUndefined();
  });

  it('without a body is judged by its status, and 429 pauses', () => {
    expect(graphOutcome(answered(400, ''), by)).toMatchObject({ result: 'final', reason: 'rejected' });
    expect(graphOutcome(answered(502, '<html>'), by)).toMatchObject({ result: 'unknown', reason: 'server_error' });
    expect(graphOutcome(answered(200, '<html>'), by)).toMatchObject({ result: 'unknown', reason: 'bad_answer' });
    expect(graphOutcome(answered(429, 'slow'), by)).toMatchObject({ result: 'retry', pauseS: 60 });
  });

  it('is unknown when the request left and nothing came back', () => {
    const lost = {
      ok: false as const,
      reason: 'reset',
      detail: 'Broken.',
      sent: 'maybe' as const,
      timing: { totalMs: 1 },
    };
    expect(graphOutcome(lost, by).result).toBe('unknown');
    expect(graphOutcome({ ...lost, sent: 'no' }, by).result).toBe('retry');
  });

  it.each([
    ['', null],
    ['[]', null],
    ['null', null],
    ['{"error":[]}', null],
    ['{"error":{"code":"5"}}', null],
    ['{', null],
  ])('is none in %j', (text, expected) => expect(graphError(text)).toBe(expected));
});
