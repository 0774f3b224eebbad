// Contract §3: messages of one customer that come within the window reach the bot as one; a postback closes it.
import { beforeAll, describe, expect, it } from 'vitest';
import { calm, until } from '../parties/call.ts';
import { sharedBox } from '../parties/shared.ts';
import type { World } from '../parties/world.ts';

/** The longest there is: the clock goes on by itself too, also while a busy machine starts the program again. */
const WINDOW_MS = 10_000;

describe('With a merge window', () => {
  const place = sharedBox();
  let world: World;
  beforeAll(async () => {
    world = await place.world({ rule: 'bot', bot: { merge_window_ms: WINDOW_MS } });
  });

  it('a burst of short messages is one turn: joined by line breaks, the originals beside it', async () => {
    const address = world.newcomer();
    for (const word of ['I', 'have', 'a question']) await world.says(address, word);
    await calm();
    expect(world.bot.heard(address)).toEqual([]);
    await place.box.advance(WINDOW_MS + 100);
    const post = await until('the bot hears it', () => world.bot.heard(address)[0]);
    expect(post.body.Message).toBe('I\nhave\na question');
    expect(post.body.Signalbox.Messages).toHaveLength(3);
    await calm();
    expect(world.bot.heard(address)).toHaveLength(1);
  });

  it('a message after the window is a turn of its own', async () => {
    const address = world.newcomer();
    await world.says(address, 'one');
    await place.box.advance(WINDOW_MS + 100);
    await until('the bot hears the first', () => world.bot.heard(address)[0]);
    await world.says(address, 'two');
    await place.box.advance(WINDOW_MS + 100);
    await until('the bot hears the second', () => world.bot.heard(address)[1]);
    expect(world.bot.words(address)).toEqual(['one', 'two']);
  });

  it('a postback is never merged and closes the window', async () => {
    const address = world.newcomer();
    await world.says(address, 'one');
    await world.says(address, 'two');
    await world.channel.taps(address, 'TAPPED');
    await until('both come without waiting', () => world.bot.heard(address).length === 2);
    expect(world.bot.words(address)).toEqual(['one\ntwo', 'TAPPED']);
  });

  it('what one customer says is never merged with what another does', async () => {
    const [first, second] = [world.newcomer(), world.newcomer()];
    await world.says(first, 'mine');
    await world.says(second, 'yours');
    await place.box.advance(WINDOW_MS + 100);
    await until('both are heard', () => world.bot.heard(first).length === 1 && world.bot.heard(second).length === 1);
    expect([world.bot.words(first), world.bot.words(second)]).toEqual([['mine'], ['yours']]);
  });

  it('a window that is open in a crash is kept: the burst still comes as one', async () => {
    let address = '';
    // The clock goes on meanwhile: where a start took longer than the window, there was none to be kept.
    await until('the program is back within the window', async () => {
      address = world.newcomer();
      const from = performance.now();
      await world.says(address, 'before');
      await place.box.kill9();
      await place.box.start();
      await world.says(address, 'after');
      return performance.now() - from < WINDOW_MS;
    });
    await place.box.advance(WINDOW_MS + 100);
    await until('the bot hears it', () => world.bot.heard(address).length > 0);
    await calm();
    expect(world.bot.words(address).join('\n')).toBe('before\nafter');
    expect(world.bot.heard(address)).toHaveLength(1);
  });

  it('media of a burst are all there', async () => {
    const address = world.newcomer();
    const media = [{ url: 'https://media.example/1', type: 'image/png' }];
    await world.says(address, 'look');
    expect((await world.channel.says(address, '', { message: { type: 'image', media } })).status).toBe(202);
    await place.box.advance(WINDOW_MS + 100);
    await until('the bot hears it', () => world.bot.heard(address)[0]);
    expect(JSON.stringify(world.bot.heard(address).map((post) => post.body))).toContain('https://media.example/1');
  });
});
