// Sessions as documents: what their cookie is called, who it stands for, and how many there may be.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type House, openHouse } from './fixtures/house.ts';
import { newLink } from './links.ts';
import { cookieName, cookieOf, createSessions, SESSIONS_PER_USER, type Sessions } from './sessions.ts';

let house: House;
let sessions: Sessions;
beforeAll(async () => {
  house = await openHouse();
  sessions = createSessions({ ...house.parts, publicUrl: () => house.url });
});
afterAll(() => house.close());

const user = async (role: string): Promise<string> =>
  (await house.api('POST', '/users', { body: { name: role, role } })).body.id;

async function open(userId: string, demo = false): Promise<string> {
  const { writes, cookie } = sessions.open(userId, demo);
  await house.parts.directory.change(writes, []);
  return cookie.split(';')[0] ?? '';
}

describe('the cookie', () => {
  it.each([
    ['https://chat.example.com', '__Host-signalbox', true],
    ['HTTPS://chat.example.com:8443', '__Host-signalbox', true],
    ['http://127.0.0.1:7070', 'signalbox-7070', false],
    ['http://box.lan', 'signalbox-80', false],
  ])('of %s is %s', (url, name, secure) => {
    expect(cookieName(url)).toBe(name);
    const rest = `Path=/; Max-Age=60; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`;
    expect(cookieOf(url, 'token', 60)).toBe(`${name}=token; ${rest}`);
  });

  it('stands for the user in the role of now, among other cookies', async () => {
    const id = await user('viewer');
    const cookie = await open(id);
    expect(sessions.identify(`theme=dark; ${cookie} ; x`)).toMatchObject({ id, name: 'viewer', role: 'viewer' });
    const row = house.parts.directory.row('user', id);
    await house.parts.directory.change([{ kind: 'user', id, data: { ...row?.data, role: 'agent' } }], []);
    expect(sessions.identify(cookie)).toMatchObject({ id, role: 'agent' });
  });

  it.each([undefined, '', 'signalbox=', 'other', 'a=b=c', `x${'y'.repeat(100)}`])(
    'stands for nobody as %s',
    (cookie) => {
      expect(sessions.identify(cookie)).toBeNull();
    },
  );

  it('stands for the user though another of its name was thrown in before it', async () => {
    const cookie = await open(await user('viewer'));
    const name = cookie.split('=')[0];
    for (const thrown of [`${name}=`, `${name}=junk`, `${name}=${'A'.repeat(43)}`]) {
      expect([thrown, sessions.identify(`${thrown}; ${cookie}`)?.role]).toEqual([thrown, 'viewer']);
    }
  });

  it('of a guess, of another name or of a longer word stands for nobody', async () => {
    const cookie = await open(await user('viewer'));
    const [name, token] = cookie.split('=') as [string, string];
    const last = token.endsWith('A') ? 'B' : 'A';
    for (const wrong of [`${name}=${token.slice(0, -1)}${last}`, `x${name}=${token}`, `${cookie}x`, `${name}=`]) {
      expect([wrong, sessions.identify(wrong)]).toEqual([wrong, null]);
    }
    expect(sessions.identify(cookie)).not.toBeNull();
  });
});

describe('a session', () => {
  it('is kept as a digest', async () => {
    const cookie = await open(await user('viewer'));
    const kept = JSON.stringify(house.parts.directory.rows('session'));
    expect(kept).not.toContain(cookie.split('=')[1]);
  });

  it('of dev opens nothing elsewhere', async () => {
    expect(sessions.identify(await open(await user('owner'), true))).toBeNull();
  });

  it('pushes out the oldest of the same user when there are too many', async () => {
    const id = await user('agent');
    const cookies: string[] = [];
    for (let n = 0; n < SESSIONS_PER_USER + 1; n += 1) {
      await house.clock.advance(1);
      cookies.push(await open(id));
    }
    const open_ = cookies.map((cookie) => sessions.identify(cookie) !== null);
    expect(open_).toEqual([false, ...Array(SESSIONS_PER_USER).fill(true)]);
  });

  it('that is over goes with the next one that is opened', async () => {
    await open(await user('viewer'));
    await house.clock.advance(15 * 24 * 3_600_000);
    await open(await user('viewer'));
    expect(house.parts.directory.rows('session')).toHaveLength(1);
  });
});

describe('a link', () => {
  it('has 256 bits and is kept as a digest', () => {
    const { token, write } = newLink('invitation', 'usr_1', 0, () => 'lnk_1');
    expect(token).toMatch(/^[\w-]{43}$/);
    expect(JSON.stringify(write)).not.toContain(token);
    expect(write.data).toMatchObject({ purpose: 'invitation', expires_at: '1970-01-08T00:00:00.000Z' });
  });
});
