// Handover races at length: any six of eight events, in every order of their commits, from three beginnings.
// Not here: the events and what must hold (src/routing/fixtures/races.ts). The one thing to know: what is wrong is named by
// the numbers of the events in their order, which is all that is needed to do it again.
import { ordersOf, RACES, race, sixesOf } from '../../src/routing/fixtures/races.ts';

/** All schedules there are: three beginnings, 28 choices of events, 720 orders of each. */
export const SCHEDULES = 60_480;

/** `times`: so many schedules, spread over all. */
export async function everyOrder({ times }: { times: number }, tell: (done: number) => void) {
  const stride = Math.max(1, Math.ceil(SCHEDULES / times));
  const wrong: string[] = [];
  let at = 0;
  let schedules = 0;
  for (const of of RACES) {
    const pool = [...of.events, ...of.more];
    for (const six of sixesOf([...pool.keys()])) {
      for (const order of ordersOf(six)) {
        at += 1;
        if (at % stride !== 0) continue;
        schedules += 1;
        try {
          race(
            of,
            order.flatMap((index) => pool[index] ?? []),
          );
        } catch (error) {
          wrong.push(`${of.name}: events ${order.join(' ')}: ${error instanceof Error ? error.message : error}`);
        }
      }
      await new Promise(setImmediate);
      tell(schedules);
    }
  }
  return { schedules, of: at, wrong };
}
