// The desk that stands for whoever answers in a provider's own app: made and deleted with its asset, and switched like any.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type House, type Loose, openHouse } from '../fixtures/house.ts';

let house: House;
let asset: Loose;
const must = async (method: string, path: string, body?: unknown): Promise<Loose> => {
  const answer = await house.api(method, path, { body });
  if (answer.status >= 300) throw new Error(`${method} ${path} → ${answer.status} ${answer.text}`);
  return answer.body;
};

beforeAll(async () => {
  house = await openHouse();
  const config = {
    phone_number_id: '100000000000001',
    waba_id: '100000000000002',
    access_token: 'token-of-the-number',
    app_secret: '0123456789abcdef0123456789abcdef',
    verify_token: 'word-of-ours',
  };
  asset = await must('POST', '/assets', { name: 'Number', channel: 'whatsapp', config });
});
afterAll(() => house.close());

const desk = async (): Promise<Loose> => must('GET', `/desks/${asset.app_desk_id}`);

describe('an app desk', () => {
  it('is made with its asset: active, without a wire, never online, with half an hour', async () => {
    expect(await desk()).toMatchObject({
      name: 'Number, in the app',
      kind: 'app',
      status: 'active',
      online: false,
      url: null,
      hook_url: null,
      secret: null,
      reply_within_s: 1_800,
    });
  });

  it('is not made by hand', async () => {
    const answer = await house.api('POST', '/desks', { body: { name: 'D', kind: 'app' } });
    expect([answer.status, answer.body.errors[0].pointer]).toEqual([422, '/kind']);
    expect(answer.body.errors[0].detail).not.toContain('app');
  });

  it('gets another name and time, and no address', async () => {
    const path = `/desks/${asset.app_desk_id}`;
    expect(await must('PATCH', path, { name: 'Phone', reply_within_s: 60 })).toMatchObject({ reply_within_s: 60 });
    const answer = await house.api('PATCH', path, { body: { url: 'https://desk.example' } });
    expect([answer.status, answer.body.errors[0].pointer]).toEqual([422, '/url']);
  });

  it('is switched off, and on again without a verification', async () => {
    const path = `/desks/${asset.app_desk_id}`;
    expect(await must('PATCH', path, { status: 'disabled' })).toMatchObject({ status: 'disabled' });
    expect((await must('PATCH', path, { enabled: true })).status).toBe('active');
    expect(await must('POST', `${path}/verification`, {})).toMatchObject({ verified: true });
  });

  it('is deleted with its asset, and not before', async () => {
    const answer = await house.api('DELETE', `/desks/${asset.app_desk_id}`);
    expect([answer.status, answer.body.code]).toEqual([409, 'in_use']);
    await must('DELETE', `/assets/${asset.id}`);
    expect((await house.api('GET', `/desks/${asset.app_desk_id}`)).status).toBe(404);
  });
});
