// Proof: `kill -9` at random instants under load, and the first delivery after each start.
import { startBox } from '../parties/box.ts';
import { sleep, until } from '../parties/call.ts';
import { chance } from './chance.ts';
import { type Counted, startCrowd } from './crowd.ts';

export type Killed = Counted & { kills: number; firstDeliveryMs: number[] };

/** How long the program lives before it is killed: from still starting to deep in its work. */
const LIFE_MS = { from: 20, to: 900 };

export async function kill9(
  {
    times,
    seed,
    perSecond,
    env = {},
  }: { times: number; seed: number; perSecond: number; env?: Record<string, string> },
  tell: (done: number) => void = () => undefined,
): Promise<Killed> {
  const random = chance(seed);
  const box = await startBox({ env });
  const firstDeliveryMs: number[] = [];
  try {
    const crowd = await startCrowd(box, perSecond);
    try {
      for (let kills = 1; kills <= times; kills++) {
        await sleep(LIFE_MS.from + random() * (LIFE_MS.to - LIFE_MS.from));
        await box.kill9();
        const [from, before] = [performance.now(), crowd.heard()];
        await box.start();
        // Somebody has always said something meanwhile.
        await until('the bot hears something', () => crowd.heard() > before);
        firstDeliveryMs.push(performance.now() - from);
        tell(kills);
      }
      return { ...(await crowd.end()), kills: times, firstDeliveryMs };
    } finally {
      await crowd.close();
    }
  } finally {
    await box.close();
  }
}
