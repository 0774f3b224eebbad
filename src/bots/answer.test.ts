// What a bot's answer means: the token in each of its places, statuses, Retry-After, replies at once, and masking.
import { describe, expect, it } from 'vitest';
import type { ExchangeAnswer } from '../engine/ports.ts';
import { answered, bot, id, NOW, SIGNING_SECRET } from '../wire/fixtures/samples.ts';
import { botOutcome } from './answer.ts';

const TOKEN = 'open sesame/42';
const conversationId = id('conv', 'b');
const judge = (answer: ExchangeAnswer, token = true) => botOutcome(bot(), answer, { token, conversationId, now: NOW });

describe('the verification token', () => {
  it.each([
    ['verification_token', answered(200, { verification_token: TOKEN })],
    ['Verification-Token', answered(201, { 'Verification-Token': TOKEN })],
    ['verificationToken', answered(200, { verificationToken: TOKEN })],
    [
      'VERIFICATIONTOKEN beside others',
      answered(200, { ok: true, VERIFICATIONTOKEN: TOKEN, token: 'of something else' }),
    ],
    ['token', answered(200, { token: TOKEN })],
    ['the whole text', answered(200, ` ${TOKEN}\n`)],
    ['a JSON string', answered(200, JSON.stringify(TOKEN))],
    ['a header', answered(204, '', { 'x-verification-token': TOKEN })],
    ['JSON with a byte order mark', answered(200, `\ufeff${JSON.stringify({ token: TOKEN })}`)],
  ])('is found in %s', (_, answer) => {
    expect(judge(answer)).toMatchObject({ result: 'ok', reason: 'ok' });
  });

  it('may be a number in JSON', () => {
    const outcome = botOutcome(bot({ verificationToken: '4711' }), answered(200, { token: 4711 }), {
      token: true,
      conversationId,
      now: NOW,
    });
    expect(outcome.result).toBe('ok');
  });

  it.each([
    ['an empty answer', answered(204), 'token_missing'],
    ['another text', answered(200, 'OK'), 'token_missing'],
    ['JSON without it', answered(200, { ok: true }), 'token_missing'],
    ['an empty one', answered(200, { verification_token: '' }), 'token_missing'],
    ['one that is deeper', answered(200, { data: { verification_token: TOKEN } }), 'token_missing'],
    ['another token', answered(200, { verification_token: `${TOKEN} ` }), 'token_wrong'],
    ['another in the header', answered(200, '', { 'x-verification-token': 'x' }), 'token_wrong'],
  ])('is missed in %s', (_, answer, reason) => {
    expect(judge(answer)).toMatchObject({ result: 'retry', reason, status: expect.any(Number) });
    expect(judge(answer, false)).toMatchObject({ result: 'ok' });
  });

  it('is never right where none is set', () => {
    const without = bot({ verificationToken: null });
    for (const body of ['', '""', '{"token": ""}', '{"token": "null"}']) {
      const outcome = botOutcome(without, answered(200, body), { token: true, conversationId, now: NOW });
      expect(outcome.result, body).toBe('retry');
    }
  });
});

describe('a status', () => {
  it.each([
    [199, 'bad_status', {}],
    [301, 'redirect', {}],
    [304, 'redirect', {}],
    [400, 'rejected', {}],
    [401, 'rejected', {}],
    [404, 'rejected', {}],
    [408, 'rejected', {}],
    [410, 'gone', { gone: true }],
    [429, 'throttled', {}],
    [500, 'server_error', {}],
    [503, 'server_error', {}],
    [599, 'server_error', {}],
    [999, 'bad_status', {}],
  ])('of %d is a failure that is retried: %s', (status, reason, more) => {
    const outcome = judge(answered(status, { token: TOKEN }));
    expect(outcome).toMatchObject({ result: 'retry', status, reason, ...more });
    expect(outcome.gone ?? false).toBe(status === 410);
    expect(outcome.detail).toMatch(/\.$/);
  });

  it.each([
    [429, '17', 17],
    [503, ' 0 ', 0],
    [503, new Date(NOW + 90_400).toUTCString(), 90],
    [429, new Date(NOW - 90_000).toUTCString(), 0],
    [429, '999999999', 86_400],
    [429, '1.5', undefined],
    [429, '-3', undefined],
    [429, 'soon', undefined],
    [429, '2025-06-26', undefined],
    [500, '17', undefined],
    [200, '17', undefined],
  ])('of %d with Retry-After %s waits %s s', (status, header, expected) => {
    const outcome = judge(answered(status, { token: TOKEN }, { 'retry-after': header }));
    expect(outcome.retryAfterS).toBe(expected);
  });

  it('of none: what the network said passes on', () => {
    const answer: ExchangeAnswer = {
      ok: false,
      reason: 'timeout',
      detail: 'No complete answer within 5 s.',
      sent: 'maybe',
      timing: { totalMs: 5000 },
    };
    expect(judge(answer)).toEqual({
      result: 'retry',
      status: null,
      reason: 'timeout',
      detail: 'No complete answer within 5 s.',
      timing: { totalMs: 5000 },
      answer: '',
    });
  });
});

describe('replies at once', () => {
  const say = { eventid: 1001, message: 'hi' };

  it('are read one by one, a bad one refused alone', () => {
    const events = [say, { eventid: 1009 }, 'hello', { ...say, conversation_id: 'conv_other', epoch: 2 }];
    const outcome = judge(answered(200, { token: TOKEN, events }));
    expect(outcome).toMatchObject({ result: 'ok' });
    expect(outcome.commands).toMatchObject([
      { ok: true, command: { type: 'message', conversationId, message: { text: 'hi' } } },
      { ok: false, detail: expect.stringContaining('/events/1/eventid') },
      { ok: false, detail: expect.stringContaining('/events/2') },
      { ok: true, command: { conversationId: 'conv_other', epoch: 2 } },
    ]);
  });

  it.each([
    ['not successful', answered(500, { token: TOKEN, events: [say] })],
    ['without the token', answered(200, { events: [say] })],
    ['without events', answered(200, { token: TOKEN, events: null })],
  ])('do not count in an attempt that was %s', (_, answer) => {
    expect(judge(answer).commands).toBeUndefined();
  });

  it('are limited', () => {
    const outcome = judge(answered(200, { token: TOKEN, events: Array(60).fill(say) }));
    expect(outcome.commands).toHaveLength(51);
    expect(outcome.commands!.at(-1)).toMatchObject({ ok: false });
  });

  it('are found without regard to case, as all that a bot says', () => {
    const outcome = judge(answered(200, { Token: TOKEN, Events: [{ EventId: 1001, Message: 'hi' }] }));
    expect(outcome.commands).toMatchObject([{ ok: true, command: { message: { text: 'hi' } } }]);
  });

  it('must be a list', () => {
    expect(judge(answered(200, { token: TOKEN, events: say })).commands).toMatchObject([{ ok: false }]);
  });
});

describe('the answer that is kept', () => {
  it('has no secrets', () => {
    const all = bot({ accessToken: 'acc€ss' });
    const body = JSON.stringify({ a: TOKEN, b: SIGNING_SECRET, c: all.hookTokens[0], d: all.accessToken }).replace(
      '/',
      '\\/',
    );
    const { answer } = botOutcome(all, answered(200, body), { token: false, conversationId, now: NOW });
    expect(answer).toBe('{"a":"[masked]","b":"[masked]","c":"[masked]","d":"[masked]"}');
  });

  it('is the first 16 KiB, whole characters, masked before it is cut', () => {
    const { answer } = judge(answered(500, `${'€'.repeat(5459)}${TOKEN}${'x'.repeat(50_000)}`));
    expect(Buffer.byteLength(answer)).toBeLessThanOrEqual(16_384);
    expect(answer).not.toContain('ope');
    expect(answer).not.toContain('\ufffd');
    expect(answer.startsWith('€€')).toBe(true);
  });
});
