// How people get into the console and out again: the first owner's link, passwords, invitations, sessions and their
// cookie, what a page of another site may not do, and what a role opens. Against the real program.
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Box, COMMAND, cleanEnv, freePort, startBox } from '../parties/box.ts';
import { type Answer, call, type Loose, until } from '../parties/call.ts';

const PASSWORD = 'correct horse battery';
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** A browser: it keeps the cookie, and says from which page it asks. */
type Browser = {
  cookie: string;
  setCookie: string;
  ask(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  who(): Promise<string | number>;
};

function browser(base: string): Browser {
  const self: Browser = {
    cookie: '',
    setCookie: '',
    async ask(method, path, body, headers = {}) {
      const said: Record<string, string> = {
        origin: base,
        ...(self.cookie ? { cookie: self.cookie } : {}),
        ...headers,
      };
      const sent = Object.fromEntries(Object.entries(said).filter(([, value]) => value !== ''));
      const answer = await call(method, `${base}/api/v1${path}`, { body, headers: sent });
      const set = answer.headers['set-cookie'];
      if (set !== undefined) {
        self.setCookie = set;
        self.cookie = set.split(';')[0] ?? '';
      }
      return answer;
    },
    async who() {
      const { status, body } = await self.ask('GET', '/session');
      return status === 200 ? body.user.role : status;
    },
  };
  return self;
}

const tokenOf = (url: string): string => url.split('#token=')[1] ?? '';
const firstLink = (logs: string): string =>
  [...logs.matchAll(/http\S+\/console\/welcome#token=\S+/g)].at(-1)?.[0] ?? '';
const look = (base: string, token: string): Promise<Answer> =>
  call('GET', `${base}/api/v1/session/link`, { headers: { authorization: `Bearer ${token}` } });

async function signIn(box: Box, email: string, password = PASSWORD): Promise<Browser> {
  const fresh = browser(box.base);
  const answer = await fresh.ask('POST', '/session', { email, password });
  if (answer.status !== 200) throw new Error(`sign-in → ${answer.status} ${answer.text}`);
  return fresh;
}

/** A user of a role who has chosen a password, and the browser in which they did. */
async function member(box: Box, role: string, email: string): Promise<{ id: string; browser: Browser }> {
  const { id } = await box.must('POST', '/users', { name: `a ${role}`, role, email });
  const { url } = await box.must('POST', `/users/${id}/invitation`, {});
  const fresh = browser(box.base);
  const answer = await fresh.ask('POST', '/session/link', { token: tokenOf(url), password: PASSWORD });
  expect(answer).toMatchObject({ status: 200, body: { user: { id, role, email } } });
  return { id, browser: fresh };
}

/** A live stream, and when it ended. */
function stream(box: Box, cookie: string): Promise<{ ended: () => boolean; close: () => void }> {
  return new Promise((resolve, reject) => {
    const headers = { cookie, accept: 'text/event-stream' };
    const asked = request(`${box.base}/api/v1/events`, { headers, agent: false }, (incoming: IncomingMessage) => {
      let over = false;
      incoming.on('end', () => {
        over = true;
      });
      incoming.on('error', () => undefined);
      incoming.resume();
      resolve({ ended: () => over, close: () => incoming.destroy() });
    });
    asked.on('error', reject);
    asked.end();
  });
}

describe('The first owner', () => {
  let box: Box;
  beforeAll(async () => {
    box = await startBox({ env: { SIGNALBOX_LOG_LEVEL: 'debug' } });
  });
  afterAll(() => box.close());

  it('comes in by the link that the start prints, once, and after that by password', async () => {
    await until('the link is printed', () => firstLink(box.logs()));
    const link = firstLink(box.logs());
    expect(link.startsWith(`${box.base}/console/welcome#token=`)).toBe(true);
    const token = tokenOf(link);
    expect(await look(box.base, token)).toMatchObject({ status: 200, body: { purpose: 'first_owner', email: null } });

    const mine = browser(box.base);
    const about = { token, name: 'Ada', email: 'Ada@Example.com' };
    expect(await mine.ask('POST', '/session/link', about)).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: '/password', detail: 'is required' }] },
    });
    expect((await mine.ask('POST', '/session/link', { ...about, password: 'too short' })).status).toBe(422);
    expect((await mine.ask('POST', '/session/link', { ...about, password: 'x'.repeat(1025) })).status).toBe(422);
    expect(await mine.ask('POST', '/session/link', { ...about, password: PASSWORD })).toMatchObject({
      status: 200,
      body: { user: { name: 'Ada', email: 'Ada@Example.com', role: 'owner' } },
    });
    expect(await mine.who()).toBe('owner');

    const again = await browser(box.base).ask('POST', '/session/link', { ...about, password: PASSWORD });
    expect(again).toMatchObject({ status: 410, body: { code: 'link_gone' } });
    expect((await look(box.base, token)).status).toBe(410);

    const elsewhere = await signIn(box, ' ada@example.COM ');
    expect((await elsewhere.ask('GET', '/session')).body).toMatchObject({
      user: { name: 'Ada', role: 'owner' },
      instance: { public_url: box.base, dev: false },
    });
  });

  it('is asked for at no later start, and stays signed in over it', async () => {
    const mine = await signIn(box, 'ada@example.com');
    const before = box.logs().length;
    await box.restart();
    expect(await mine.who()).toBe('owner');
    expect(box.logs().slice(before)).not.toContain('#token=');
  });

  it('leaves a trail: the audit says who did what, under the id of the user', async () => {
    const mine = await signIn(box, 'ada@example.com');
    const { id } = (await mine.ask('GET', '/session')).body.user;
    expect((await mine.ask('POST', '/services', { name: 'Sales' })).status).toBe(201);
    const { data } = (await mine.ask('GET', '/audit')).body;
    expect(data[0]).toMatchObject({ action: 'create', kind: 'service', actor: expect.stringContaining(id) });
    expect(data.map((entry: Loose) => entry.action)).toContain('sign_in');
  });

  it('stays the last one: nobody takes that role from the only owner who can sign in', async () => {
    const mine = await signIn(box, 'ada@example.com');
    const { id } = (await mine.ask('GET', '/session')).body.user;
    const tries: [string, Loose?][] = [['DELETE'], ['PATCH', { role: 'viewer' }]];
    for (const [method, body] of tries) {
      const answer = await mine.ask(method, `/users/${id}`, body);
      expect(answer).toMatchObject({ status: 409, body: { code: 'last_owner' } });
    }
  });

  it('is not lost when two owners take the role from each other at the same moment', async () => {
    const { id: bo, browser: other } = await member(box, 'owner', 'bo@example.com');
    const mine = await signIn(box, 'ada@example.com');
    const { id } = (await mine.ask('GET', '/session')).body.user;
    const both = await Promise.all([
      mine.ask('PATCH', `/users/${bo}`, { role: 'viewer' }),
      other.ask('PATCH', `/users/${id}`, { role: 'viewer' }),
    ]);
    const { data } = (await box.api('GET', '/users')).body;
    expect(data.filter((each: Loose) => each.role === 'owner')).toHaveLength(1);
    expect(both.map((answer) => answer.status).includes(200)).toBe(true);
    for (const user of [id, bo]) await box.must('PATCH', `/users/${user}`, { role: 'owner' });
  });

  it('leaves no password, token or cookie in the log, nor in any answer', async () => {
    const mine = await signIn(box, 'ada@example.com');
    const link = firstLink(box.logs());
    const lines = box
      .logs()
      .split('\n')
      .filter((line) => line.startsWith('{'));
    expect(lines.length).toBeGreaterThan(20);
    const answers = await Promise.all(['/users', '/audit', '/events'].map((path) => mine.ask('GET', path)));
    const read = [...lines, ...answers.map((answer) => answer.text)].join('\n');
    const secrets = [PASSWORD, tokenOf(link), mine.cookie.split('=')[1] as string, '$scrypt$', 'sha256'];
    for (const secret of secrets) expect(read).not.toContain(secret);
  });
});

describe('Nobody yet', () => {
  it('gets a new link at each start, and one that expires', async () => {
    const box = await startBox();
    const first = await until('it is printed', () => firstLink(box.logs()));
    await box.restart();
    const second = await until('it is printed again', () => {
      const found = firstLink(box.logs());
      return found === first ? '' : found;
    });
    expect((await look(box.base, tokenOf(first))).status).toBe(410);
    expect((await look(box.base, tokenOf(second))).status).toBe(200);
    await box.advance(59 * 60_000);
    expect((await look(box.base, tokenOf(second))).status).toBe(200);
    await box.advance(2 * 60_000);
    expect((await look(box.base, tokenOf(second))).status).toBe(410);
    const late = { token: tokenOf(second), name: 'Eve', email: 'eve@example.com', password: PASSWORD };
    expect((await browser(box.base).ask('POST', '/session/link', late)).status).toBe(410);
    await box.close();
  });
});

describe('A session', () => {
  let box: Box;
  beforeAll(async () => {
    box = await startBox();
  });
  afterAll(() => box.close());

  it('opens what its role opens and nothing else, by the same table as keys', async () => {
    const agent = (await member(box, 'agent', 'agent@example.com')).browser;
    const developer = (await member(box, 'developer', 'developer@example.com')).browser;
    const rows: [Browser, string, string, Loose, number][] = [
      [agent, 'GET', '/threads', undefined, 200],
      [agent, 'POST', '/services', { name: 'mine' }, 403],
      [agent, 'GET', '/users', undefined, 403],
      [agent, 'GET', '/settings', undefined, 403],
      [developer, 'POST', '/services', { name: 'theirs' }, 201],
      [developer, 'POST', '/keys', { name: 'mine', role: 'viewer' }, 403],
      [developer, 'POST', '/backups', undefined, 403],
      [developer, 'GET', '/audit', undefined, 403],
    ];
    for (const [who, method, path, body, status] of rows) {
      expect([method, path, (await who.ask(method, path, body)).status]).toEqual([method, path, status]);
    }
    const { url } = await box.must('POST', `/users/${(await member(box, 'owner', 'owner@example.com')).id}/invitation`);
    expect(url).toContain('/console/welcome#token=');
  });

  it('changes nothing for a page of another site, and nothing for one that does not say', async () => {
    const { browser: mine } = await member(box, 'admin', 'careful@example.com');
    const body = { name: 'from elsewhere' };
    const foreign: Record<string, string>[] = [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { origin: `${box.base}0` },
      { origin: '' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { 'sec-fetch-site': 'none' },
    ];
    for (const headers of foreign) {
      const answer = await mine.ask('POST', '/services', body, headers);
      expect([headers, answer.status, answer.body.code]).toEqual([headers, 403, 'cross_site']);
    }
    expect((await mine.ask('DELETE', '/session', undefined, { origin: 'https://evil.example' })).status).toBe(403);
    expect(await mine.who()).toBe('admin');
    expect((await mine.ask('POST', '/services', body, { 'sec-fetch-site': 'same-origin' })).status).toBe(201);
    const names = (await mine.ask('GET', '/services')).body.data.map((each: Loose) => each.name);
    expect(names.filter((each: string) => each === 'from elsewhere')).toHaveLength(1);
  });

  it('ends when its person signs out: its stream too, and other browsers stay', async () => {
    const { browser: mine } = await member(box, 'viewer', 'leaving@example.com');
    const other = await signIn(box, 'leaving@example.com');
    const before = mine.cookie;
    const live = await stream(box, before);
    expect((await mine.ask('DELETE', '/session')).status).toBe(204);
    expect(mine.setCookie).toMatch(/^signalbox-\d+=; Path=\/; Max-Age=0; HttpOnly; SameSite=Lax$/);
    await until('the stream ends', () => live.ended());
    mine.cookie = before;
    expect(await mine.who()).toBe(401);
    expect(await other.who()).toBe('viewer');
  });

  it('ends everywhere when the password, the role or the user changes', async () => {
    const { id, browser: mine } = await member(box, 'viewer', 'everywhere@example.com');
    const other = await signIn(box, 'everywhere@example.com');
    const old = mine.cookie;
    const wrong = await mine.ask('PUT', '/session/password', { current: 'not the one', password: 'another password' });
    expect(wrong).toMatchObject({ status: 422, body: { errors: [{ pointer: '/current' }] } });
    const change = { current: PASSWORD, password: 'another password' };
    expect((await mine.ask('PUT', '/session/password', change)).status).toBe(204);
    expect(mine.cookie).not.toBe(old);
    expect([await mine.who(), await other.who()]).toEqual(['viewer', 401]);
    expect(
      (await browser(box.base).ask('POST', '/session', { email: 'everywhere@example.com', password: PASSWORD })).status,
    ).toBe(401);

    const live = await stream(box, mine.cookie);
    await box.must('PATCH', `/users/${id}`, { role: 'agent' });
    await until('the stream ends', () => live.ended());
    expect(await mine.who()).toBe(401);

    const again = await signIn(box, 'everywhere@example.com', 'another password');
    expect(await again.who()).toBe('agent');
    await box.must('DELETE', `/users/${id}`);
    expect(await again.who()).toBe(401);
  });

  it('of two who change the password at once lets one: the other was signed out by it', async () => {
    const { browser: mine } = await member(box, 'viewer', 'at-once@example.com');
    const other = await signIn(box, 'at-once@example.com');
    const chosen = ['the one password', 'the other password'] as const;
    const change = (by: Browser, password: string): Promise<Answer> =>
      by.ask('PUT', '/session/password', { current: PASSWORD, password });
    const answers = await Promise.all([change(mine, chosen[0]), change(other, chosen[1])]);
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 401]);
    const first = answers[0].status === 204 ? 0 : 1;
    expect(await [mine, other][first]?.who()).toBe('viewer');
    const tries = chosen.map((password) =>
      browser(box.base).ask('POST', '/session', { email: 'at-once@example.com', password }),
    );
    expect((await Promise.all(tries)).map(({ status }) => status)).toEqual(first === 0 ? [200, 401] : [401, 200]);
  });

  it('ends after a day without use, and after two weeks in any case', async () => {
    await member(box, 'viewer', 'idle@example.com');
    const [idle, busy] = [await signIn(box, 'idle@example.com'), await signIn(box, 'idle@example.com')];
    await box.advance(DAY - HOUR);
    expect(await busy.who()).toBe('viewer');
    await box.advance(2 * HOUR);
    expect([await idle.who(), await busy.who()]).toEqual([401, 'viewer']);
    for (let hours = 25; hours < 14 * 24 - 12; hours += 20) {
      await box.advance(20 * HOUR);
      expect(await busy.who()).toBe('viewer');
    }
    const seen = async (): Promise<Loose> =>
      (await box.api('GET', '/users?limit=100')).body.data.find((each: Loose) => each.email === 'idle@example.com');
    await until('it is seen that they were there', async () => {
      // One use may find the note of the use before still on its way to the disk; the next is noted a minute later.
      await box.advance(61_000);
      expect(await busy.who()).toBe('viewer');
      const { last_seen_at } = await seen();
      return box.now() - Date.parse(last_seen_at) < 2 * HOUR;
    });
    expect(await seen()).toMatchObject({ has_password: true });
    await box.advance(20 * HOUR);
    expect(await busy.who()).toBe(401);
  });

  it('has a cookie that only its own host gets over https, which no script reads', async () => {
    const own = await startBox({ env: { SIGNALBOX_PUBLIC_URL: 'https://chat.example.com' } });
    const token = tokenOf(await until('the link is printed', () => firstLink(own.logs())));
    const mine = browser(own.base);
    const about = { token, name: 'Ada', email: 'ada@example.com', password: PASSWORD };
    const answer = await mine.ask('POST', '/session/link', about, { origin: 'https://chat.example.com' });
    expect(answer.status).toBe(200);
    expect(mine.setCookie).toMatch(
      /^__Host-signalbox=[\w-]{43}; Path=\/; Max-Age=1209600; HttpOnly; SameSite=Lax; Secure$/,
    );
    const post = (origin: string): Promise<Answer> => mine.ask('POST', '/services', { name: 'one' }, { origin });
    expect((await post('https://chat.example.com')).status).toBe(201);
    expect((await post('https://chat.example.com.evil.example')).status).toBe(403);
    const plain = await signIn(box, 'owner@example.com');
    expect(plain.setCookie).toMatch(/^signalbox-\d+=[\w-]{43}; Path=\/; Max-Age=1209600; HttpOnly; SameSite=Lax$/);
    await own.close();
  });
});

describe('A wrong password', () => {
  it('says as much for a stranger as for a user, is braked after ten, and a wait later it goes on', async () => {
    const box = await startBox();
    await member(box, 'viewer', 'braked@example.com');
    await member(box, 'viewer', 'other@example.com');
    const guess = (email: string, password: string): Promise<Answer> =>
      browser(box.base).ask('POST', '/session', { email, password });
    const stranger = await guess('nobody@example.com', 'not the one');
    const known = await guess('braked@example.com', 'not the one');
    const bare = ({ status, body }: Answer): Loose => ({ status, ...body, request_id: '' });
    expect(bare(stranger)).toEqual(bare(known));
    expect(known).toMatchObject({ status: 401, body: { code: 'bad_credentials' } });
    const rest = await Promise.all(Array.from({ length: 12 }, () => guess('braked@example.com', 'not the one')));
    expect(rest.filter((answer) => answer.status === 401)).toHaveLength(9);
    const braked = await guess('braked@example.com', PASSWORD);
    expect(braked).toMatchObject({ status: 429, body: { code: 'too_many_attempts' } });
    expect(Number(braked.headers['retry-after'])).toBeGreaterThan(60);
    expect((await guess('other@example.com', PASSWORD)).status).toBe(200);
    await box.advance(16 * 60_000);
    expect((await guess('braked@example.com', PASSWORD)).status).toBe(200);
    await box.close();
  });
});

describe('A link for a user', () => {
  let box: Box;
  beforeAll(async () => {
    box = await startBox();
  });
  afterAll(() => box.close());
  const invite = async (id: string): Promise<string> =>
    tokenOf((await box.must('POST', `/users/${id}/invitation`, {})).url);

  it('replaces the older one, is used once, also by two at once, and ends with the user’s role', async () => {
    const { id } = await box.must('POST', '/users', { name: 'Bo', role: 'agent', email: 'bo@example.com' });
    const [older, newer] = [await invite(id), await invite(id)];
    expect((await look(box.base, older)).status).toBe(410);
    expect((await look(box.base, newer)).body).toMatchObject({
      purpose: 'invitation',
      name: 'Bo',
      email: 'bo@example.com',
    });
    const use = (): Promise<Answer> =>
      browser(box.base).ask('POST', '/session/link', { token: newer, password: PASSWORD });
    const statuses = (await Promise.all([use(), use(), use()])).map((answer) => answer.status);
    expect(statuses.toSorted()).toEqual([200, 410, 410]);
    const third = await invite(id);
    await box.must('PATCH', `/users/${id}`, { role: 'viewer' });
    expect((await look(box.base, third)).status).toBe(410);
  });

  it('resets a password, and signs out whoever was in', async () => {
    const { id, browser: before } = await member(box, 'agent', 'reset@example.com');
    const token = await invite(id);
    expect((await look(box.base, token)).body).toMatchObject({ purpose: 'password_reset' });
    const after = browser(box.base);
    const used = await after.ask('POST', '/session/link', { token, password: 'a new beginning' });
    expect(used.status).toBe(200);
    expect([await before.who(), await after.who()]).toEqual([401, 'agent']);
    await signIn(box, 'reset@example.com', 'a new beginning');
  });

  it('expires: an invitation after a week', async () => {
    const own = await startBox();
    const { id } = await own.must('POST', '/users', { name: 'Late', role: 'agent', email: 'late@example.com' });
    const token = tokenOf((await own.must('POST', `/users/${id}/invitation`, {})).url);
    await own.advance(7 * DAY - HOUR);
    expect((await look(own.base, token)).status).toBe(200);
    await own.advance(2 * HOUR);
    expect((await look(own.base, token)).status).toBe(410);
    await own.close();
  });

  it('is made by nobody below the user’s role, and no two users have one e-mail address', async () => {
    const admin = (await member(box, 'admin', 'admin@example.com')).browser;
    const owner = await box.must('POST', '/users', { name: 'Own', role: 'owner', email: 'own@example.com' });
    expect((await admin.ask('POST', `/users/${owner.id}/invitation`, {})).status).toBe(403);
    const twice = await admin.ask('POST', '/users', { name: 'Two', role: 'agent', email: 'OWN@example.com' });
    expect(twice).toMatchObject({ status: 409, body: { code: 'email_taken' } });
  });

  it('comes from the command line too, beside a running Signalbox and while it stands', async () => {
    const run = async (...args: string[]): Promise<Loose> => {
      const env = { ...box.env, SIGNALBOX_API_KEY: box.key, SIGNALBOX_PUBLIC_URL: box.base };
      const command = [COMMAND, 'users', ...args, '--data', box.data, '--json'];
      return JSON.parse((await promisify(execFile)(process.execPath, command, { cwd: box.data, env })).stdout);
    };
    const running = await run('add', 'line@example.com', '--role', 'developer', '--name', 'Lin');
    expect((await look(box.base, tokenOf(running.url))).body).toMatchObject({ purpose: 'invitation', name: 'Lin' });
    await box.stop();
    const standing = await run('link', 'LINE@example.com');
    const added = await run('add', 'second@example.com', '--role', 'owner');
    const listed = await run('list');
    expect(listed.map((each: Loose) => each.email)).toEqual(
      expect.arrayContaining(['line@example.com', 'second@example.com']),
    );
    await box.start();
    expect((await look(box.base, tokenOf(running.url))).status).toBe(410);
    const token = tokenOf(standing.url);
    const used = await browser(box.base).ask('POST', '/session/link', { token, password: PASSWORD });
    expect(used).toMatchObject({ status: 200, body: { user: { name: 'Lin', role: 'developer' } } });
    expect((await look(box.base, tokenOf(added.url))).body.purpose).toBe('invitation');
  });
});

describe('The console', () => {
  let box: Box;
  beforeAll(async () => {
    box = await startBox();
  });
  afterAll(() => box.close());
  const page = (path: string): Promise<Answer> =>
    call('GET', `${box.base}${path}`, { headers: { accept: 'text/html' } });

  it('is where a browser is led, under a policy that runs nothing inline and lets nobody frame it', async () => {
    expect(await page('/')).toMatchObject({ status: 302, headers: { location: '/console/' } });
    const [one, two] = [await page('/console/'), await page('/console/threads/thr_1')];
    for (const { status, headers, text } of [one, two]) {
      expect([status, headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
      const policy = headers['content-security-policy'] ?? '';
      expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self' 'nonce-");
      expect(policy).toContain("frame-ancestors 'none'; base-uri 'none'");
      expect(policy).not.toContain('unsafe');
      const nonce = /'nonce-([^']+)'/.exec(policy)?.[1];
      expect(text).toContain(`content="${nonce}"`);
      expect(text).not.toContain('__NONCE__');
      expect(headers['cache-control']).toBe('no-store');
    }
    expect(one.headers['content-security-policy']).not.toBe(two.headers['content-security-policy']);
    const script = /src="(\/console\/files\/[^"]+\.js)"/.exec(one.text)?.[1] ?? '';
    const got = await call('GET', `${box.base}${script}`);
    expect([got.status, got.headers['cache-control']]).toEqual([200, 'public, max-age=31536000, immutable']);
    expect((await page('/console/files/gone.js')).status).toBe(404);
  });

  it('shows each setting with its source, and a secret only as set', async () => {
    const { data } = await box.must('GET', '/settings');
    const of = (name: string): Loose => data.find((each: Loose) => each.name === name);
    expect(of('public_url')).toMatchObject({ value: box.base, source: 'environment SIGNALBOX_PUBLIC_URL' });
    expect(of('retention_days')).toMatchObject({ value: '365', source: 'default' });
    expect(of('api_key').value).toBe('(set, not shown)');
    expect(JSON.stringify(data)).not.toContain(box.key);
  });

  it('makes a backup that can be restored: nobody is signed in by it, and all can sign in, under a new master key too', async () => {
    const own = await startBox({ embedded: true });
    const { browser: mine } = await member(own, 'admin', 'backup@example.com');
    const started = await mine.ask('POST', '/backups');
    expect(started).toMatchObject({ status: 202, body: { status: 'running' } });
    const done = await until('it is made', async () => {
      const { data } = await own.must('GET', '/backups');
      return data.find((each: Loose) => each.status === 'done');
    });
    expect(done).toMatchObject({ name: started.body.name, problem: null });
    expect(done.bytes).toBeGreaterThan(10_000);
    await own.stop();
    const file = join(own.data, 'backups', done.name);
    const command = (...args: string[]): Promise<unknown> =>
      promisify(execFile)(process.execPath, [COMMAND, ...args, '--data', own.data], {
        cwd: own.data,
        env: own.env,
      });
    await command('restore', file, '--force');
    await command('keys', 'rotate-master');
    await own.start();
    expect(await mine.who()).toBe(401);
    await signIn(own, 'backup@example.com');
    await own.close();
  });
});

describe('The link of dev', () => {
  it('signs in as owner of the demo without a question, once, and its session is worth nothing in production', async () => {
    const data = mkdtempSync(join(tmpdir(), 'signalbox-dev-'));
    const port = String(await freePort());
    const base = `http://127.0.0.1:${port}`;
    const child = spawn(process.execPath, [COMMAND, 'dev', '--data', data, '--port', port], {
      cwd: data,
      env: cleanEnv({}),
    });
    let out = '';
    child.stdout.on('data', (chunk) => (out += chunk));
    const token = tokenOf(await until('the link is printed', () => firstLink(out)));
    const mine = browser(base);
    expect((await look(base, token)).body).toMatchObject({ purpose: 'dev' });
    expect((await mine.ask('POST', '/session/link', { token })).body.user).toMatchObject({ role: 'owner' });
    expect((await mine.ask('POST', '/session/link', { token })).status).toBe(410);
    expect((await mine.ask('GET', '/session')).body).toMatchObject({
      user: { role: 'owner' },
      instance: { dev: true },
    });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await ended;

    const box = await startBox({ data, embedded: true });
    const there = browser(box.base);
    there.cookie = mine.cookie.replace(port, new URL(box.base).port);
    expect(await there.who()).toBe(401);
    await until('a link is printed', () => firstLink(box.logs()).includes(box.base));
    await box.close();
    rmSync(data, { recursive: true, force: true });
  });
});
