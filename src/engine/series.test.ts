// The hour of a series in the engine: what makes an attempt late, and whether that counts. Contract §3 Numbers.
// Not here: the hour itself (src/routing/delivery.test.ts).
import { expect, it } from 'vitest';
import type { Outcome } from '../routing/inputs.ts';
import { failure, ok, openBox, sleep } from './fixtures/box.ts';
import { StoreUnavailable } from './store-port.ts';

const rest = async (): Promise<void> => {
  for (let i = 0; i < 6; i++) await sleep(3);
};

it('goes on while its target is busy with others, and stands still while the store is away', async () => {
  const box = await openBox({
    settings: { max_in_flight: 1, retry_spacing_s: [10, 10, 10], failure_threshold: 100 },
  });
  await box.engine.verify('bot', 'bot_1', {}, 'test');
  box.peers.bot = () => failure();
  await box.say('1-a', 'a');
  await box.engine.settled();
  const id = box.sent.at(-1)?.item.delivery.id ?? '';
  const series = async (): Promise<number> => (await box.store.delivery(id))?.delivery.seriesAt ?? 0;
  const tries = (): number => box.sent.filter(({ item }) => item.delivery.id === id).length;
  const began = await series();

  let end = (_: Outcome): void => undefined;
  box.peers.bot = () =>
    new Promise((resolve) => {
      end = resolve;
    });
  await box.say('1-b', 'b');
  await rest();
  box.clock.advance(40_000);
  await rest();
  expect(tries()).toBe(1);
  box.peers.bot = () => failure();
  end(ok());
  await box.engine.settled();
  expect([tries(), await series()]).toEqual([2, began]);

  box.control.down = true;
  await expect(box.say('1-c', 'c')).rejects.toBeInstanceOf(StoreUnavailable);
  await rest();
  box.clock.advance(40_000);
  await rest();
  box.control.down = false;
  box.clock.advance(2_000);
  await box.engine.settled();
  expect(tries()).toBe(3);
  expect((await series()) - began).toBeGreaterThanOrEqual(30_000);
  await box.close();
  expect(box.bugs).toEqual([]);
});
