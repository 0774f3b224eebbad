// The app desk has no wire: nothing goes out, whatever is owed to it, and nobody can speak for it.
import { describe, expect, it } from 'vitest';
import { desk, facts, item, NOW, request } from '../../wire/fixtures/samples.ts';
import { appDesk } from './adapter.ts';

describe('the app desk', () => {
  const inside = desk({ kind: 'app', url: null });
  const never = async () => Promise.reject(new Error('an app desk sends nothing'));

  it('is sent nothing', async () => {
    expect(await appDesk.send(inside, item(), facts(), never, NOW)).toMatchObject({ result: 'ok', reason: 'ok' });
    expect(await appDesk.verify(inside, never, NOW)).toMatchObject([{ ok: true }]);
    expect(appDesk.typing).toBeUndefined();
  });

  it('takes nothing by a hook, with whatever secret', () => {
    const body = { type: 'conversation.accepted', data: { conversation_id: 'conv_1', agent: 'Agent' } };
    for (const headers of [undefined, { authorization: 'Bearer secret-of-the-desk' }])
      expect(appDesk.read(inside, request(body, headers))).toMatchObject({ ok: false, status: 422, code: 'invalid' });
  });
});
