// Keys: made once, shown once, taken away at once; failed logins are braked; nobody rises above their own role.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN_KEY, type House, openHouse } from './fixtures/house.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());
/** The brake counts per address, and all tests come from one. */
afterEach(() => house.clock.advance(61_000));

const make = async (role: string): Promise<{ id: string; key: string }> =>
  (await house.api('POST', '/keys', { body: { name: `${role}'s`, role } })).body;

describe('a key', () => {
  it('has 256 bits, is shown once, and kept as a digest', async () => {
    const made = await make('viewer');
    expect(made.key).toMatch(/^sk_[\w-]{43}$/);
    const shown = await house.api('GET', `/keys/${made.id}`);
    expect(shown.body).toMatchObject({ role: 'viewer', prefix: made.key.slice(0, 7), last4: made.key.slice(-4) });
    expect(shown.text).not.toContain(made.key);
    expect(JSON.stringify(house.parts.directory.row('key', made.id))).not.toContain(made.key);
    expect(shown.text).not.toContain('sha256');
  });

  it('opens the door until it is deleted', async () => {
    const made = await make('viewer');
    expect((await house.api('GET', '/bots', { key: made.key })).status).toBe(200);
    expect((await house.api('DELETE', `/keys/${made.id}`)).status).toBe(204);
    expect((await house.api('GET', '/bots', { key: made.key })).status).toBe(401);
    expect((await house.api('DELETE', `/keys/${made.id}`)).status).toBe(404);
  });

  it('is seen to be used, to the hour', async () => {
    const made = await make('viewer');
    const lastUsed = async (): Promise<string> => (await house.api('GET', `/keys/${made.id}`)).body.last_used_at;
    expect(await lastUsed()).toBeNull();
    await house.api('GET', '/bots', { key: made.key });
    await expect.poll(lastUsed).not.toBeNull();
    const first = await lastUsed();
    await house.api('GET', '/bots', { key: made.key });
    expect(await lastUsed()).toBe(first);
    await house.clock.advance(3_700_000);
    await house.api('GET', '/bots', { key: made.key });
    await expect.poll(lastUsed).not.toBe(first);
  });

  it('changes its role at once', async () => {
    const made = await make('viewer');
    expect((await house.api('GET', '/keys', { key: made.key })).status).toBe(403);
    await house.api('PATCH', `/keys/${made.id}`, { body: { role: 'admin' } });
    expect((await house.api('GET', '/keys', { key: made.key })).status).toBe(200);
  });
});

describe('who is not known', () => {
  it.each([
    ['no header', undefined],
    ['another scheme', 'Basic YTpi'],
    ['an empty key', 'Bearer '],
    ['a wrong key', 'Bearer sk_wrong'],
    ['two words', `Bearer ${ADMIN_KEY} ${ADMIN_KEY}`],
    ['part of a key', `Bearer ${ADMIN_KEY.slice(0, -1)}`],
    ['an endless key', `Bearer ${'k'.repeat(5_000)}`],
  ])('with %s is told 401 and how to log in', async (_, authorization) => {
    const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
    const answer = await house.api('GET', '/bots', { key: null, headers });
    expect([answer.status, answer.body.code]).toEqual([401, 'unauthorized']);
    expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/);
    expect(house.logged()).not.toContain('sk_wrong');
  });

  it('is braked after thirty tries, while made keys still work, and may try again after a minute', async () => {
    const made = await make('viewer');
    const guess = (): Promise<{ status: number }> => house.api('GET', '/bots', { key: 'sk_guess' });
    for (let i = 0; i < 30; i++) expect((await guess()).status).toBe(401);
    const braked = await house.api('GET', '/bots', { key: 'sk_guess' });
    expect([braked.status, braked.body.code]).toEqual([429, 'too_many_attempts']);
    expect(Number(braked.headers.get('retry-after'))).toBeGreaterThan(0);
    // The key of the settings may be short: while its address is braked, it cannot be guessed either.
    expect((await house.api('GET', '/bots', { key: ADMIN_KEY })).status).toBe(429);
    expect((await house.api('GET', '/bots', { key: made.key })).status).toBe(200);
    await house.clock.advance(61_000);
    expect((await house.api('GET', '/bots', { key: ADMIN_KEY })).status).toBe(200);
    expect((await guess()).status).toBe(401);
  });
});

describe('roles', () => {
  it('are not given above one’s own', async () => {
    const admin = await make('admin');
    const owner = await make('owner');
    const asAdmin = { key: admin.key };
    const body = { name: 'x', role: 'owner' };
    expect((await house.api('POST', '/keys', { ...asAdmin, body })).body.code).toBe('forbidden');
    expect((await house.api('POST', '/users', { ...asAdmin, body })).status).toBe(403);
    expect((await house.api('PATCH', `/keys/${admin.id}`, { ...asAdmin, body: { role: 'owner' } })).status).toBe(403);
    expect((await house.api('PATCH', `/keys/${owner.id}`, { ...asAdmin, body: { role: 'viewer' } })).status).toBe(403);
    expect((await house.api('DELETE', `/keys/${owner.id}`, asAdmin)).status).toBe(403);
    expect((await house.api('POST', '/keys', { ...asAdmin, body: { name: 'x', role: 'admin' } })).status).toBe(201);
    expect((await house.api('DELETE', `/keys/${owner.id}`, { key: owner.key })).status).toBe(204);
  });
});

describe('users', () => {
  it('are made, changed, listed and deleted', async () => {
    const { id } = (await house.api('POST', '/users', { body: { name: 'Ada', role: 'agent' } })).body;
    expect(id).toMatch(/^usr_/);
    await house.api('PATCH', `/users/${id}`, { body: { email: 'ada@example.com' } });
    expect((await house.api('GET', `/users/${id}`)).body).toMatchObject({ name: 'Ada', email: 'ada@example.com' });
    expect((await house.api('GET', '/users')).body.data).toHaveLength(1);
    expect((await house.api('DELETE', `/users/${id}`)).status).toBe(204);
    expect((await house.api('GET', `/users/${id}`)).status).toBe(404);
  });

  it.each([
    [{}, ['/name', '/role']],
    [{ name: 'x', role: 'king' }, ['/role']],
    [{ name: 'x', role: 'agent', email: 'nobody' }, ['/email']],
    [{ name: 'x', role: 'agent', admin: true }, ['/admin']],
  ])('are refused when malformed: %j', async (body, pointers) => {
    const answer = await house.api('POST', '/users', { body });
    expect(answer.status).toBe(422);
    expect(answer.body.errors.map((error: { pointer: string }) => error.pointer)).toEqual(pointers);
  });
});

describe('the audit trail', () => {
  it('says who did what, newest first, without secrets', async () => {
    const admin = await make('admin');
    const made = (await house.api('POST', '/keys', { key: admin.key, body: { name: 'theirs', role: 'agent' } })).body;
    const { body, text } = await house.api('GET', '/audit?limit=1');
    expect(body.data[0]).toMatchObject({
      actor: `admin's (${admin.id})`,
      action: 'create',
      kind: 'key',
      target: made.id,
      detail: { name: 'theirs', role: 'agent' },
    });
    expect(text).not.toContain(made.key);
    const next = await house.api('GET', `/audit?limit=1&after=${encodeURIComponent(body.next_cursor)}`);
    expect(next.body.data[0].target).toBe(admin.id);
  });
});
