// What the Cloud API's answers mean: each of Meta's errors, a message that went in parts, and that the capabilities are true.
import { describe, expect, it } from 'vitest';
import type { Reply } from '../../../test/parties/listener.ts';
import { graphError } from '../../../test/parties/whatsapp.ts';
import type { Message } from '../../routing/model.ts';
import { CAPABILITIES } from './fields.ts';
import { medium, sending } from './fixtures/sending.ts';

const to = sending();

describe('an answer', () => {
  const usage = {
    'x-business-use-case-usage': JSON.stringify({ 6007: [{ type: 'messages', estimated_time_to_regain_access: 3 }] }),
  };
  it.each<[string, Reply, Record<string, unknown>]>([
    [
      '131047: outside the window',
      graphError(131047, 'Re-engagement message'),
      { result: 'final', reason: 'outside_window' },
    ],
    [
      '131026: not on WhatsApp',
      graphError(131026, 'Message undeliverable'),
      { result: 'final', reason: 'unreachable' },
    ],
    ['131049: Meta chose not to', graphError(131049, 'Not delivered'), { result: 'final', reason: 'filtered' }],
    ['131051: type', graphError(131051, 'Unsupported message type'), { result: 'final', reason: 'unsupported' }],
    ['131053: file', graphError(131053, 'Media upload error'), { result: 'final', reason: 'media_refused' }],
    [
      '131031: locked',
      graphError(131031, 'Account locked', { status: 403 }),
      { result: 'final', reason: 'restricted' },
    ],
    ['368: policy', graphError(368, 'Temporarily blocked', { status: 403 }), { result: 'final', reason: 'restricted' }],
    [
      '190: token',
      graphError(190, 'Access token has expired', { status: 401 }),
      { result: 'retry', reason: 'bad_credentials' },
    ],
    [
      '10: permission',
      graphError(10, 'Permission denied', { status: 403 }),
      { result: 'final', reason: 'not_permitted' },
    ],
    ['100: parameter', graphError(100, 'Invalid parameter'), { result: 'final', reason: 'rejected' }],
    ['a code nobody knows', graphError(987654, 'New'), { result: 'final', reason: 'rejected' }],
    [
      '131056: this customer alone',
      graphError(131056, 'Pair rate limit hit'),
      { result: 'retry', reason: 'throttled', retryAfterS: 6, pauseS: undefined },
    ],
    [
      '130429: the whole number',
      graphError(130429, 'Rate limit hit', { status: 429 }),
      { result: 'retry', reason: 'throttled', retryAfterS: 60, pauseS: 60 },
    ],
    ['80007: the whole account', graphError(80007, 'Rate limit issues'), { result: 'retry', pauseS: 60 }],
    [
      '80007 with the time it takes',
      graphError(80007, 'Rate limit issues', { headers: usage }),
      { result: 'retry', pauseS: 180, retryAfterS: 180 },
    ],
    [
      '130429 with Retry-After',
      graphError(130429, 'Rate limit hit', { status: 429, headers: { 'retry-after': '17' } }),
      { result: 'retry', pauseS: 17 },
    ],
    ['1: passing', graphError(1, 'API unknown', { status: 500 }), { result: 'retry', reason: 'server_error' }],
    ['2: passing', graphError(2, 'API service', { status: 503 }), { result: 'retry', reason: 'server_error' }],
    [
      '131000: passing',
      graphError(131000, 'Something went wrong', { status: 500 }),
      { result: 'retry', reason: 'server_error' },
    ],
    [
      '131016: passing',
      graphError(131016, 'Service unavailable', { status: 503 }),
      { result: 'retry', reason: 'server_error' },
    ],
    ['a page of a proxy', { status: 502, body: '<html>' }, { result: 'unknown', status: 502 }],
    ['400 without a word', { status: 400, body: '' }, { result: 'final', reason: 'rejected' }],
    ['a connection that broke', { fault: 'reset' }, { result: 'unknown' }],
    ['200 without an id', { body: {} }, { result: 'unknown', externalId: undefined }],
    ['200 that is no JSON', { body: 'fine' }, { result: 'unknown', externalId: undefined }],
  ])('%s', async (_, reply, expected) => {
    to.whatsapp.instead.push(reply);
    const outcome = await to.send({ text: 'hello' });
    for (const [name, value] of Object.entries(expected))
      expect([name, outcome[name as keyof typeof outcome]]).toEqual([name, value]);
    expect(outcome.gone).toBeUndefined();
  });

  it('never shows a secret that Meta repeats', async () => {
    to.whatsapp.instead.push(
      graphError(100, `Bad token ${to.whatsapp.token} of ${to.whatsapp.appSecret} and ${to.whatsapp.verifyToken}`),
    );
    const shown = JSON.stringify(await to.send({ text: 'hello' }));
    for (const secret of [to.whatsapp.token, to.whatsapp.appSecret, to.whatsapp.verifyToken])
      expect(shown).not.toContain(secret);
    expect(shown).toContain('[masked]');
  });

  it('to the second part says which part arrived, and is no reason to send the first again', async () => {
    for (const [reply, result] of [
      [graphError(131053, 'Media upload error'), 'final'],
      [graphError(130429, 'Rate limit hit', { status: 429 }), 'final'],
      [{ fault: 'reset' }, 'final'],
    ] as [Reply, string][]) {
      to.whatsapp.accepted.length = 0;
      to.whatsapp.posts.length = 0;
      const real = to.whatsapp.reply;
      to.whatsapp.reply = (post) => (to.whatsapp.posts.length === 2 ? reply : real(post));
      const outcome = await to.send({ type: 'audio', text: 'Listen', media: [medium('audio/ogg')] });
      to.whatsapp.reply = real;
      expect(outcome).toMatchObject({ result, reason: 'partly_sent', externalId: to.whatsapp.accepted[0]!.id });
      expect(outcome.detail).toMatch(/^Sent: text\. (Perhaps not|Not) sent: audio\. /);
      expect(outcome.retryAfterS).toBeUndefined();
    }
  });
});

describe('what the capabilities say', () => {
  it('is what is taken: each type, the longest text, the most quick replies', async () => {
    const of: Record<string, Partial<Message>> = {
      text: { text: 'a'.repeat(CAPABILITIES.text.max) },
      location: { text: '1,2' },
      contact: { text: 'A +1 555 0100' },
    };
    for (const type of CAPABILITIES.sends) {
      expect(await to.send({ type, text: '', media: [medium('x/y')], ...of[type] })).toMatchObject({ result: 'ok' });
    }
    const { max, titleMax, payloadMax } = CAPABILITIES.quickReplies!;
    const most = Array.from({ length: max }, (_, index) => ({
      title: String(index).padEnd(titleMax, 'x'),
      payload: String(index).padEnd(payloadMax, 'x'),
    }));
    expect(await to.send({ quickReplies: most })).toMatchObject({ result: 'ok' });
    expect(await to.send({ quickReplies: [...most, { title: 'more' }] })).toMatchObject({ result: 'final' });
    expect(to.whatsapp.faults).toEqual([]);
  });
});
