// What comes to a process that was away for so long that another has taken over from it.
// Not here: how it is found out (src/store/postgres), and whole lives of several processes (test/simulation).
import { expect, it } from 'vitest';
import { ok, openBox, sleep } from './fixtures/box.ts';

it.each(['another has sent it', 'nobody has sent it yet'])('what was decided before it began anew: %s', async (how) => {
  const box = await openBox({
    async others([input], [applied], store) {
      const item = applied?.queued[0];
      if (input?.type !== 'customer' || !item || how !== 'another has sent it') return;
      const { id: deliveryId, threadId } = item.delivery;
      await store.apply([{ type: 'attempt', threadId, deliveryId, startedAt: 0, epoch: 1, outcome: ok() }]);
    },
  });
  await box.engine.verify('bot', 'bot_1', {}, 'test');
  await box.engine.settled();
  let answer = (): void => undefined;
  box.control.answered = new Promise((resolve) => {
    answer = resolve;
  });
  const said = box.say('1-a', 'hello');
  for (const before = box.control.applies; box.control.applies === before; ) await sleep(1);
  box.fenced();
  answer();
  expect((await said)[0]?.reply.ok).toBe(true);
  await box.engine.settled();
  expect(box.sent.map(({ item }) => item.message?.text)).toEqual(how === 'another has sent it' ? [] : ['hello']);
  await box.close();
  expect(box.bugs).toEqual([]);
});
