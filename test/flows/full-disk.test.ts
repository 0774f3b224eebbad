// A disk without room: nothing is acknowledged that is not kept, the answer says when to come again, and the program
// goes on by itself when there is room.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Box, startBox } from '../parties/box.ts';
import { call, type Loose, sleep, until } from '../parties/call.ts';
import { type Disk, smallDisk } from '../parties/disk.ts';
import { makeWorld, type World } from '../parties/world.ts';

describe('With a full disk', () => {
  let disk: Disk;
  let box: Box;
  let world: World;
  const taken: string[] = [];
  const answers: { status: number; headers: Record<string, string>; body: Loose }[] = [];
  let address = '';

  beforeAll(async () => {
    disk = smallDisk();
    box = await startBox({ data: disk.folder });
    world = await makeWorld(box, { rule: 'bot' });
    const line = await world.meet('before');
    address = line.address;
    disk.fill(box.pid());
    // What was already reserved on disk may take a little more: on until it refuses.
    for (let count = 1; count <= 1_500 && answers.filter((answer) => answer.status >= 500).length < 5; count++) {
      const text = `message ${count} ${'x'.repeat(8_000)}`;
      const answer = await world.channel.says(address, text, { id: `full-${count}` });
      answers.push(answer);
      if (answer.status === 202) taken.push(text);
    }
  });
  afterAll(async () => {
    await world?.close();
    await box?.close();
    disk?.remove();
  });

  it('a message is refused by 503 with Retry-After, and by nothing else', () => {
    const refused = answers.filter((answer) => answer.status !== 202);
    expect(refused.length).toBeGreaterThan(0);
    expect([...new Set(refused.map((answer) => answer.status))]).toEqual([503]);
    for (const answer of refused) {
      expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
      expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
    }
  });

  it('a bot and the management API are told the same', async () => {
    const conversation = world.bot.heard(address)[0]!.body.Conversationid;
    expect(await world.bot.say(conversation, 'x'.repeat(8_000))).toMatchObject({ status: 503 });
    expect(await box.api('POST', '/services', { name: 'x'.repeat(100) })).toMatchObject({ status: 503 });
  });

  it('the program lives, and can be read', async () => {
    expect((await call('GET', `${box.base}/health/live`)).status).toBe(200);
    expect((await box.api('GET', '/services')).status).toBe(200);
  });

  it('and room again, everything goes on: what was taken arrives, what was refused can be said again', async () => {
    disk.free(box.pid());
    await until('a message is taken again', async () => {
      const answer = await world.channel.says(address, 'after', { id: 'after' });
      if (answer.status !== 202) await sleep(200);
      return answer.status === 202;
    });
    const expected = ['hello', ...taken, 'after'];
    await until('all of it is heard', () => world.bot.words(address).length >= expected.length);
    expect(world.bot.words(address)).toEqual(expected);
  });

  it('and after a restart nothing is missing', async () => {
    await box.restart();
    const line = await world.meet('after the restart');
    expect(world.channel.texts(line.address)).toEqual(['after the restart']);
  });
});
