// Contract §2 and §3: only a real request makes an integration active, and nothing but it is sent before.
import { describe, expect, it } from 'vitest';
import { calm, type Loose, until } from '../parties/call.ts';
import { sharedBox } from '../parties/shared.ts';
import { makeBot } from '../parties/world.ts';

describe('A bot', () => {
  const place = sharedBox();
  const status = async (id: string): Promise<string> => (await place.box.must('GET', `/bots/${id}`)).status;
  const verify = (id: string, draft: Loose = {}): Promise<Loose> =>
    place.box.must('POST', `/bots/${id}/verification`, draft);

  it('begins unverified, with a hook URL of its own and a signing secret shown once', async () => {
    const bot = await makeBot(place.box);
    const shown = await place.box.must('GET', `/bots/${bot.id}`);
    expect(shown).toMatchObject({ status: 'unverified', hook_url: bot.hookUrl });
    expect(bot.secrets[0]).toMatch(/^whsec_/);
    expect(JSON.stringify(shown)).not.toContain(bot.secrets[0]);
    expect(JSON.stringify(shown)).not.toContain(bot.token);
    await bot.down();
  });

  it('gets nothing before it is verified; what it is owed waits, in order, and is then delivered', async () => {
    const world = await place.world({ unverified: true });
    const address = world.newcomer();
    await world.says(address, 'one');
    await world.says(address, 'two');
    await calm();
    expect(world.bot.posts).toEqual([]);
    const parked = await world.deliveries(`target=${world.bot.id}&status=parked`);
    expect(parked.length).toBeGreaterThan(0);
    expect(await world.verifyBot()).toMatchObject({ verified: true, status: 'active' });
    await until('both arrive', () => world.bot.words(address).length === 2);
    expect(world.bot.words(address)).toEqual(['one', 'two']);
    expect(world.bot.posts[0]!.body.Event).toBe('Verification');
  });

  it('is told which checks were made, each with its name, its outcome and its time', async () => {
    const bot = await makeBot(place.box);
    const result = await verify(bot.id);
    expect(result.checks.length).toBeGreaterThan(0);
    for (const check of result.checks) {
      expect(check).toMatchObject({
        name: expect.any(String),
        ok: true,
        detail: expect.any(String),
        ms: expect.any(Number),
      });
    }
    await bot.down();
  });

  it.each([
    ['answers without the token', { status: 200, body: { hello: 1 } }],
    ['answers with another status', { status: 404, body: 'no' }],
    ['breaks the connection', { fault: 'reset' as const }],
  ])('stays unverified when it %s, and the failed check says why', async (_what, reply) => {
    const bot = await makeBot(place.box);
    bot.reply = () => reply;
    const result = await verify(bot.id);
    expect(result).toMatchObject({ verified: false, status: 'unverified' });
    expect(result.checks.some((check: Loose) => !check.ok && check.detail.length > 0)).toBe(true);
    expect(JSON.stringify(result)).not.toContain(bot.token);
    await bot.down();
  });

  it('stays unverified when nobody listens at its URL', async () => {
    const bot = await makeBot(place.box);
    await bot.down();
    expect(await verify(bot.id)).toMatchObject({ verified: false, status: 'unverified' });
  });

  it.each([
    ['its URL', (url: string) => ({ url: `${url}/moved` })],
    ['its token', () => ({ verification_token: 'a new token of good length' })],
  ])('becomes unverified when %s is changed by PATCH', async (_what, change) => {
    const world = await place.world();
    await world.box.must('PATCH', `/bots/${world.bot.id}`, change(world.bot.url));
    expect(await status(world.bot.id)).toBe('unverified');
  });

  it('stays active when only its name is changed', async () => {
    const world = await place.world();
    await world.box.must('PATCH', `/bots/${world.bot.id}`, { name: 'another name' });
    expect(await status(world.bot.id)).toBe('active');
  });

  it('keeps its live traffic while a draft is tried that does not hold', async () => {
    const world = await place.world();
    const other = await makeBot(place.box);
    other.reply = () => ({ status: 500 });
    expect(await verify(world.bot.id, { url: `${other.url}/in` })).toMatchObject({ verified: false, status: 'active' });
    expect(other.posts).toHaveLength(1);
    await world.meet('still here');
    await other.down();
  });

  it('moves to a draft that holds: Verify, then Save', async () => {
    const world = await place.world();
    const other = await makeBot(place.box);
    const draft = { url: `${other.url}/in`, verification_token: other.token };
    expect(await verify(world.bot.id, draft)).toMatchObject({ verified: true, status: 'active' });
    const before = world.bot.posts.length;
    const address = world.newcomer();
    await world.says(address, 'hello');
    await until('the new place hears it', () => other.heard(address)[0]);
    expect(world.bot.posts).toHaveLength(before);
    await other.down();
  });

  it('that a person disabled gets nothing until a person verifies it again', async () => {
    const world = await place.world();
    await world.box.must('PATCH', `/bots/${world.bot.id}`, { status: 'disabled' });
    expect(await status(world.bot.id)).toBe('disabled');
    const address = world.newcomer();
    await world.says(address, 'hello');
    await calm();
    expect(world.bot.heard(address)).toEqual([]);
    expect(await world.verifyBot()).toMatchObject({ verified: true, status: 'active' });
    await until('it hears it', () => world.bot.heard(address)[0]);
  });

  it('signs every POST to it with its signing secret, and a retry has the same webhook-id', async () => {
    const world = await place.world();
    const line = await world.meet();
    await world.says(line.address, 'more');
    await until('the bot hears it', () => world.bot.heard(line.address)[1]);
    expect(world.bot.posts.map((post) => post.signatureFault)).toEqual(world.bot.posts.map(() => ''));
    expect(new Set(world.bot.posts.map((post) => post.headers['webhook-id'])).size).toBe(world.bot.posts.length);
  });
});
