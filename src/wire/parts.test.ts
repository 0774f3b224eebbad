// A message in several requests: in order, until one fails; and nothing of it is ever sent again.
import { describe, expect, it } from 'vitest';
import type { Exchange, Send } from '../engine/ports.ts';
import type { Outcome } from '../routing/inputs.ts';
import { answered } from './fixtures/samples.ts';
import { SEND_MS, unsent } from './outcome.ts';
import { sendParts } from './parts.ts';

const part = (what: string) => ({
  what,
  exchange: { url: `https://x.example/${what}`, headers: {}, body: what, key: 'a' },
});
const ok = (externalId: string): Outcome => ({ ...unsent('ok', 'Taken.'), result: 'ok', externalId });

async function sent(parts: string[], outcomes: Outcome[]) {
  const asked: Exchange[] = [];
  const send: Send = async (exchange) => {
    asked.push(exchange);
    return answered(200, '');
  };
  const outcome = await sendParts(parts.map(part), send, () => outcomes[asked.length - 1] ?? unsent('rejected', 'No.'));
  return { outcome, asked: asked.map(({ body }) => body), waits: asked.map(({ timeoutMs }) => timeoutMs) };
}

describe('the parts', () => {
  it('go in order, each with its time, and the last one stands for them', async () => {
    const { outcome, asked, waits } = await sent(['image', 'text'], [ok('1'), ok('2')]);
    expect(asked).toEqual(['image', 'text']);
    expect(outcome).toMatchObject({ result: 'ok', externalId: '2' });
    expect(waits).toEqual([SEND_MS, SEND_MS]);
  });

  it.each(['retry', 'final', 'unknown'] as const)('are as the first one, when that is %s', async (result) => {
    const failed: Outcome = { ...unsent('throttled', 'No.'), result, retryAfterS: 5 };
    expect(await sent(['image', 'text'], [failed])).toMatchObject({ outcome: failed, asked: ['image'] });
  });

  it.each([
    ['retry', 'Not sent'],
    ['final', 'Not sent'],
    ['unknown', 'Perhaps not sent'],
  ] as const)('end at a later one that is %s, and are final', async (result, words) => {
    const failed: Outcome = { ...unsent('throttled', 'No.'), result, retryAfterS: 5, pauseS: 5 };
    const { outcome, asked } = await sent(['image', 'video', 'text'], [ok('1'), failed]);
    expect(asked).toEqual(['image', 'video']);
    expect(outcome).toMatchObject({ result: 'final', reason: 'partly_sent', externalId: '1', pauseS: 5 });
    expect(outcome.detail).toBe(`Sent: image. ${words}: video, text. No.`);
    expect(outcome).not.toHaveProperty('retryAfterS');
  });

  it('are none: there is nothing to send', async () => {
    expect((await sent([], [])).outcome).toMatchObject({ result: 'final', reason: 'invalid' });
  });
});
