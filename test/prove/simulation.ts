// The proof by simulation, and the proof of that proof: faults planted in the program, each of which a seed must show.
// Not here: what a run is (test/simulation/). The one thing to know: a run is told by its seed alone; what was wrong is
// told with the seed, and `npm run prove -- simulation --times 1 --seed N` shows it again.
import { codeOf, type Fault, type Runs, type Seeds, simulateAll } from '../simulation/build.ts';
import { PLANTED } from '../simulation/planted.ts';
import { chance } from './chance.ts';

type Tell = (done: number) => void;

/** Runs so many seeds, from one on. */
export async function simulated(
  { times, seed }: { times: number; seed: number },
  tell: Tell = () => {},
): Promise<Runs> {
  return simulateAll(await codeOf(), { from: seed, times }, tell);
}

export type Caught = { name: string; seed: number | null; what: string };

/** Plants each fault, and runs seeds until one shows it. */
export async function planted(faults: readonly Fault[], seeds: Seeds, tell: Tell = () => {}): Promise<Caught[]> {
  const caught: Caught[] = [];
  for (const fault of faults) {
    const { wrong } = await simulateAll(await codeOf(fault), seeds, () => undefined);
    const [first] = wrong.toSorted((a, b) => a.seed - b.seed);
    const what = first?.wrong[0]?.split(':')[0] ?? 'not caught';
    caught.push({ name: fault.name, seed: first?.seed ?? null, what });
    tell(caught.length);
  }
  return caught;
}

/** Some of the faults, by a seed. */
export function sample(count: number, seed: number): Fault[] {
  const random = chance(seed);
  const left = [...PLANTED];
  return Array.from({ length: count }, () => left.splice(Math.floor(random() * left.length), 1)[0] as Fault);
}

/** What was wrong, as it is told: the seed first. */
export const told = ({ wrong }: Runs): string[] => wrong.map((each) => `seed ${each.seed}: ${each.wrong.join('; ')}`);
