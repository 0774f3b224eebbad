import { describe, expect, it } from 'vitest';
import { type SenderPorts, startSender } from './sender.ts';
import type { Queued } from './transcript.ts';
import type { Answer } from './wire.ts';

type Reply = Answer<{ results: { id: string }[] }>;
const OK: Reply = { ok: true, value: { results: [] } };
const no = (status: number, pointer = ''): Reply => ({
  ok: false,
  status,
  code: '',
  detail: 'no',
  pointer,
  retryMs: 0,
});

/** A sender on a list, with the server's answers in their order; when they are used up, all is well. */
async function run(texts: string[], answers: Reply[], more: Partial<SenderPorts> = {}) {
  let kept: Queued[] = texts.map((id) => ({ id, type: 'message', text: id, at: 1, address: 'a', state: 'queued' }));
  const sent: string[][] = [];
  const seen = { taken: [] as string[], refused: [] as string[], failing: [] as boolean[], pauses: 0 };
  const sender = startSender({
    outbox: {
      items: () => kept,
      put: (item) => {
        kept = kept.map((one) => (one.id === item.id ? item : one));
        return true;
      },
      drop: (id) => {
        kept = kept.filter((one) => one.id !== id);
      },
    },
    address: () => 'a',
    post: async (items) => {
      sent.push(items.map((item) => item.id));
      return answers.shift() ?? OK;
    },
    renew: async () => false,
    pause: async () => {
      seen.pauses += 1;
      if (seen.pauses > 50) throw new Error('it waits for ever');
    },
    random: () => 0,
    taken: (ids) => seen.taken.push(...ids),
    refused: (id) => seen.refused.push(id),
    failing: (fails) => seen.failing.push(fails),
    ...more,
  });
  await new Promise((resolve) => setTimeout(resolve, 5));
  sender.stop();
  return { sent, kept, ...seen };
}

describe('The sender', () => {
  it('sends all in order, in one request', async () => {
    const { sent, taken, kept } = await run(['1', '2', '3'], []);
    expect(sent).toEqual([['1', '2', '3']]);
    expect([taken, kept]).toEqual([['1', '2', '3'], []]);
  });

  it.each([0, 408, 429, 500, 503])(
    'tries again after %i, from the oldest on, and says that it fails',
    async (status) => {
      const { sent, pauses, failing } = await run(['1', '2'], [no(status), no(status)]);
      expect(sent).toEqual([
        ['1', '2'],
        ['1', '2'],
        ['1', '2'],
      ]);
      expect([pauses, failing]).toEqual([2, [true, true, false]]);
    },
  );

  it('lays aside the one that is named in a refusal, and sends the rest', async () => {
    const { sent, refused, taken } = await run(['1', '2', '3'], [no(422, '/1/text')]);
    expect(sent).toEqual([
      ['1', '2', '3'],
      ['1', '3'],
    ]);
    expect([refused, taken]).toEqual([['2'], ['1', '3']]);
  });

  it('finds by itself who is to blame when nobody is named', async () => {
    const { refused, taken } = await run(['1', '2', '3'], [no(422), no(422)]);
    expect([refused, taken]).toEqual([['1'], ['2', '3']]);
  });

  it('asks for a new token once, and goes on with it at once', async () => {
    let renewed = 0;
    const renew = async (): Promise<boolean> => {
      renewed += 1;
      return true;
    };
    const { taken, pauses } = await run(['1'], [no(401)], { renew });
    expect([renewed, pauses, taken]).toEqual([1, 0, ['1']]);
    const stubborn = await run(['1'], [no(401), no(401)], { renew });
    expect([stubborn.pauses, stubborn.taken]).toEqual([1, ['1']]);
  });

  it('sends no more than the server takes at once', async () => {
    const { sent } = await run(
      Array.from({ length: 45 }, (_, index) => String(index)),
      [],
    );
    expect(sent.map((ids) => ids.length)).toEqual([20, 20, 5]);
  });
});
