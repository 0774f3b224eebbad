// The simulation's time (test/simulation/virtual.ts) where it must be as the real one. Not here: what is simulated on it.
import { expect, it } from 'vitest';
import { Time } from './simulation/virtual.ts';

it('does not ring a timer that was taken back, also when its process was frozen meanwhile', async () => {
  const time = new Time(0);
  const process = { dead: false, frozenUntil: 100 };
  const rung: string[] = [];
  let cancel = (): void => undefined;
  time.at(20, () => cancel(), process);
  cancel = time.at(50, () => rung.push('taken back'), process);
  time.at(60, () => rung.push('left'), process);
  await time.run(1_000, () => false);
  expect(rung).toEqual(['left']);
});
