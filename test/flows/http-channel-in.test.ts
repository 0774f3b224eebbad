// Contract §6, in: what the HTTP channel takes, when it answers, duplicates, batches and who may speak.
import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { call, calm, until } from '../parties/call.ts';
import { sharedBox } from '../parties/shared.ts';
import { signed } from '../parties/signature.ts';
import type { World } from '../parties/world.ts';

describe('The HTTP channel takes in', () => {
  const place = sharedBox();
  let world: World;
  beforeAll(async () => {
    world = await place.world({ rule: 'bot' });
  });

  const message = (address: string, text: string, id: string = randomUUID()) => ({
    type: 'message',
    id,
    from: { address, name: 'a customer' },
    message: { type: 'text', text },
    timestamp: new Date().toISOString(),
  });

  it('a message and says that it accepted one', async () => {
    const answer = await world.channel.post(message(world.newcomer(), 'hello'));
    expect(answer).toMatchObject({ status: 202, body: { accepted: 1, duplicates: 0 } });
  });

  it('the same id on the same asset once, even at the same instant, and says that the others are duplicates', async () => {
    const address = world.newcomer();
    const one = message(address, 'once');
    const answers = await Promise.all(Array.from({ length: 6 }, () => world.channel.post(one)));
    expect(answers.map((answer) => answer.status)).toEqual(answers.map(() => 202));
    expect(answers.reduce((sum, answer) => sum + answer.body.accepted, 0)).toBe(1);
    expect(answers.reduce((sum, answer) => sum + answer.body.duplicates, 0)).toBe(5);
    await until('the bot hears it', () => world.bot.heard(address)[0]);
    await calm();
    expect(world.bot.heard(address)).toHaveLength(1);
  });

  it('the same id again after a restart and six days as a duplicate', async () => {
    const address = world.newcomer();
    const one = message(address, 'once');
    await world.channel.post(one);
    await place.box.restart();
    await place.box.advance(6 * 24 * 3_600_000);
    expect((await world.channel.post(one)).body).toMatchObject({ accepted: 0, duplicates: 1 });
  });

  it('the same id on another asset as another message', async () => {
    const other = await place.world({ rule: 'bot' });
    const id = randomUUID();
    await world.channel.post(message(world.newcomer(), 'here', id));
    expect((await other.channel.post(message(other.newcomer(), 'there', id))).body).toMatchObject({ accepted: 1 });
  });

  it('a batch, in its order', async () => {
    const address = world.newcomer();
    const words = Array.from({ length: 20 }, (_, index) => `part ${index}`);
    const answer = await world.channel.post(words.map((word) => message(address, word)));
    expect(answer).toMatchObject({ status: 202, body: { accepted: 20, duplicates: 0 } });
    await until('the bot hears all', () => world.bot.heard(address).length === 20);
    expect(world.bot.words(address)).toEqual(words);
  });

  it('a batch that repeats itself', async () => {
    const one = message(world.newcomer(), 'once');
    expect((await world.channel.post([one, one])).body).toMatchObject({ accepted: 1, duplicates: 1 });
  });

  it('an empty batch', async () => {
    expect(await world.channel.post([])).toMatchObject({ status: 202, body: { accepted: 0, duplicates: 0 } });
  });

  it('a receipt for a message nobody knows, which it counts as ignored', async () => {
    const answer = await world.channel.receipt('msg_00000000000000000000000000', 'delivered');
    expect(answer).toMatchObject({ status: 202, body: { accepted: 0, ignored: 1 } });
  });

  it('a postback with its title', async () => {
    const address = world.newcomer();
    expect((await world.channel.taps(address, 'MENU', { title: 'Menu' })).body).toMatchObject({ accepted: 1 });
    const post = await until('the bot hears it', () => world.bot.heard(address)[0]);
    expect(post.body).toMatchObject({ Event: 'POSTBACK', PostbackPayload: 'MENU' });
  });

  it('many customers at once without mixing them', async () => {
    const addresses = Array.from({ length: 25 }, () => world.newcomer());
    await Promise.all(
      addresses.map(async (address) => {
        for (const word of ['a', 'b', 'c']) await world.says(address, `${word} ${address}`);
      }),
    );
    for (const address of addresses) {
      await until(`all of ${address} arrives`, () => world.bot.heard(address).length === 3);
      expect(world.bot.words(address)).toEqual(['a', 'b', 'c'].map((word) => `${word} ${address}`));
    }
  });

  it('a signed body without the secret, for five minutes', async () => {
    const { signing_secret: secret } = world.channel.asset;
    const body = JSON.stringify(message(world.newcomer(), 'signed'));
    const at = (ms: number): Record<string, string> => signed(secret, 'evt', place.box.now() + ms, body);
    expect((await world.channel.post(body, at(0))).status).toBe(202);
    expect((await world.channel.post(body, at(-6 * 60_000))).status).toBe(401);
    expect((await world.channel.post(body, at(6 * 60_000))).status).toBe(401);
    expect((await world.channel.post(body.replace('signed', 'forged'), at(0))).status).toBe(401);
  });

  it('nothing from a stranger', async () => {
    const body = message(world.newcomer(), 'let me in');
    for (const authorization of ['', 'Bearer ', 'Bearer wrong', `Basic ${world.channel.asset.secret}`]) {
      expect((await world.channel.post(body, authorization ? { authorization } : {})).status).toBe(401);
    }
    const other = await place.world({ rule: 'none' });
    const headers = { authorization: `Bearer ${other.channel.asset.secret}` };
    expect((await world.channel.post(body, headers)).status).toBe(401);
    const nobody = `${world.box.base}/hooks/channels/ast_00000000000000000000000000`;
    expect([401, 404]).toContain((await call('POST', nobody, { body, headers })).status);
  });

  it('nothing that is not JSON (400), and nothing too large (413)', async () => {
    for (const body of ['', '{', 'hello', '{"type":"message",}', '\u0000']) {
      expect((await world.channel.post(body)).status).toBe(400);
    }
    expect((await world.channel.post('[[[['.repeat(20_000))).status).toBeLessThan(500);
    expect((await world.channel.post(message('a', 'x'.repeat(2 * 1024 * 1024)))).status).toBe(413);
  });

  it('nothing of a batch in which one item is malformed', async () => {
    const address = world.newcomer();
    const answer = await world.channel.post([message(address, 'good'), { type: 'message', id: 7 }]);
    expect(answer.status).toBe(422);
    expect(answer.body.errors.map((error: { pointer: string }) => error.pointer).join()).toContain('/1');
    await calm();
    expect(world.bot.heard(address)).toEqual([]);
  });
});
