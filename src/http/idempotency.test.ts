// Idempotency-Key: the same POST twice acts once; another body, another key, another route, a crash in between.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN_KEY, type Answer, type House, openHouse } from './fixtures/house.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

const post = (word: string, body: unknown, path = '/services', key = ADMIN_KEY): Promise<Answer> =>
  house.api('POST', path, { body, key, headers: { 'idempotency-key': word } });
const count = async (): Promise<number> => (await house.api('GET', '/services?limit=100')).body.data.length;

describe('the same key', () => {
  it('with the same body acts once and gives the stored answer', async () => {
    const before = await count();
    const first = await post('k1', { name: 'One' });
    const second = await post('k1', { name: 'One' });
    expect(second.status).toBe(201);
    expect(second.text).toBe(first.text);
    expect(first.headers.get('idempotent-replayed')).toBeNull();
    expect(second.headers.get('idempotent-replayed')).toBe('true');
    expect(await count()).toBe(before + 1);
  });

  it('with another body is refused', async () => {
    await post('k2', { name: 'One' });
    const answer = await post('k2', { name: 'Two' });
    expect([answer.status, answer.body.code]).toEqual([422, 'idempotency_mismatch']);
  });

  it('of another API key, or on another route, is another key', async () => {
    const other = (await house.api('POST', '/keys', { body: { name: 'o', role: 'owner' } })).body.key;
    const mine = await post('k3', { name: 'Same' });
    expect((await post('k3', { name: 'Same' }, '/services', other)).body.id).not.toBe(mine.body.id);
    expect((await post('k3', { name: 'Same', role: 'viewer' }, '/users')).status).toBe(201);
  });

  it('sent many times at once acts once; the others are told to wait', async () => {
    const before = await count();
    const answers = await Promise.all(Array.from({ length: 8 }, () => post('k4', { name: 'Race' })));
    expect(await count()).toBe(before + 1);
    for (const answer of answers) {
      if (answer.status === 201) continue;
      expect([answer.status, answer.body.code]).toEqual([409, 'idempotency_running']);
      expect(answer.headers.get('retry-after')).toBe('1');
    }
    expect(answers.filter((answer) => answer.status === 201).length).toBeGreaterThan(0);
  });

  it('is free again when the request was refused', async () => {
    const path = '/services/svc_none/rules';
    const rule = { name: 'r', trigger: { event: 'message.received' }, action: { type: 'close' } };
    expect((await post('k5', rule, path)).status).toBe(404);
    expect((await post('k5', rule, path)).headers.get('idempotent-replayed')).toBeNull();
    expect((await post('k5', { name: '' })).status).toBe(422);
    expect((await post('k5', { name: 'Good' })).status).toBe(201);
  });

  it('shows a secret again, which lies sealed in the store', async () => {
    const { store } = house.parts;
    const finish = store.finishKey;
    const kept: string[] = [];
    store.finishKey = (key, answer) => {
      kept.push(JSON.stringify(answer));
      return finish(key, answer);
    };
    const first = await post('k6', { name: 'Key', role: 'viewer' }, '/keys');
    const second = await post('k6', { name: 'Key', role: 'viewer' }, '/keys');
    store.finishKey = finish;
    expect(second.body.key).toBe(first.body.key);
    expect(kept).toHaveLength(1);
    expect(kept[0]).not.toContain(first.body.key);
    expect(kept[0]).not.toContain('viewer');
  });

  it('lives for a day', async () => {
    const first = await post('k7', { name: 'Day' });
    await house.clock.advance(23 * 3_600_000);
    expect((await post('k7', { name: 'Day' })).body.id).toBe(first.body.id);
    await house.clock.advance(2 * 3_600_000);
    expect((await post('k7', { name: 'Day' })).body.id).not.toBe(first.body.id);
  });

  it('of a request that went down with its process is free after two minutes', async () => {
    const { store, clock } = house.parts;
    const claimed: string[] = [];
    const original = store.claimKey;
    store.claimKey = (key, hash, at) => {
      claimed.push(key);
      return original(key, hash, at);
    };
    try {
      const body = { name: 'Crash' };
      const finish = store.finishKey;
      store.finishKey = async () => undefined; // the process ends before the answer is kept
      await post('k8', body);
      store.finishKey = finish;
      expect((await post('k8', body)).body.code).toBe('idempotency_running');
      await house.clock.advance(121_000);
      expect((await post('k8', body)).status).toBe(201);
      expect(new Set(claimed).size).toBe(1);
      expect(clock.now()).toBeGreaterThan(0);
    } finally {
      store.claimKey = original;
    }
  });
});

it.each([['with space'], ['x'.repeat(256)], ['ünïcode']])('a key that is none is 422: %s', async (word) => {
  const answer = await house.api('POST', '/services', {
    body: { name: 'x' },
    headers: { 'idempotency-key': Buffer.from(word).toString('latin1') },
  });
  expect([answer.status, answer.body.code]).toEqual([422, 'invalid']);
  expect(answer.body.detail).toContain('Idempotency-Key');
});

it('is not looked at on other methods', async () => {
  const { id } = (await house.api('POST', '/services', { body: { name: 'A' } })).body;
  const headers = { 'idempotency-key': 'k9' };
  await house.api('PATCH', `/services/${id}`, { body: { name: 'B' }, headers });
  await house.api('PATCH', `/services/${id}`, { body: { name: 'C' }, headers });
  expect((await house.api('GET', `/services/${id}`)).body.name).toBe('C');
});
