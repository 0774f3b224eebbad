// A bot or desk that gets another address or token while somebody verifies it: it is never active where nobody asked it.
// Not here: what a verification itself guards (engine/verify.test.ts). The one thing to know: a change that meets a conflict is
// tried again by the server itself a few times, so that a single verification in between costs nobody an answer.
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { type House, type Loose, openHouse, TOKEN } from '../fixtures/house.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());
afterEach(() => vi.restoreAllMocks());

const must = async (method: string, path: string, body?: unknown): Promise<Loose> => {
  const answer = await house.api(method, path, { body });
  if (answer.status >= 300) throw new Error(`${method} ${path} → ${answer.status} ${answer.text}`);
  return answer.body;
};

/** Somebody verifies it right after it was made unverified, so many times. */
function verifiedBetween(kind: 'bot' | 'desk', times: number): void {
  const { engine } = house.parts;
  const { setStatus } = engine;
  let left = times;
  vi.spyOn(engine, 'setStatus').mockImplementation(async (id, status, reason) => {
    await setStatus.call(engine, id, status, reason);
    if (left-- > 0) expect(await engine.verify(kind, id, {}, 'another')).toMatchObject({ status: 'active' });
  });
}

describe.each([
  ['bot', () => ({ platform: 'other', url: `${house.peer.url}/bot`, verification_token: TOKEN }), { url: '/away' }],
  ['bot', () => ({ platform: 'other', url: `${house.peer.url}/bot`, verification_token: TOKEN }), { token: 'other' }],
  ['desk', () => ({ kind: 'webhook', url: `${house.peer.url}/desk` }), { url: '/away' }],
] as const)('a %s', (kind, made, { url, token }: { url?: string; token?: string }) => {
  const change = () => (token ? { verification_token: token } : { url: `${house.peer.url}${url}` });
  const make = async (): Promise<string> => {
    const { id } = await must('POST', `/${kind}s`, { name: 'B', ...made() });
    await must('POST', `/${kind}s/${id}/verification`, {});
    return `/${kind}s/${id}`;
  };
  const what = token ? 'token' : 'address';

  it(`that is verified before its other ${what} is written is unverified there`, async () => {
    const path = await make();
    verifiedBetween(kind, 1);
    expect(await must('PATCH', path, change())).toMatchObject({ status: 'unverified' });
    expect(await must('GET', path)).toMatchObject({ status: 'unverified', ...(token ? {} : change()) });
  });

  it(`that is verified each time before its other ${what} is written stays as it was, and that is told`, async () => {
    const path = await make();
    const before = await must('GET', path);
    const audited = await must('GET', '/audit?limit=1');
    verifiedBetween(kind, 100);
    const answer = await house.api('PATCH', path, { body: { ...change(), name: 'Another' } });
    expect([answer.status, answer.body.code]).toEqual([409, 'conflict']);
    expect(await must('GET', path)).toMatchObject({ ...before, since: expect.any(String), status: 'active' });
    expect(await must('GET', '/audit?limit=1')).toEqual(audited);
  });

  it('keeps what is active where only its name is another', async () => {
    const path = await make();
    expect(await must('PATCH', path, { name: 'Another' })).toMatchObject({ name: 'Another', status: 'active' });
  });
});
