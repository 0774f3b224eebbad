// The ways in which calls to a disk can fail, and their order. Not here: what fails by them (disk.ts, disk-postgres.ts).
// The one thing to know: a case of each kind comes before a second one of any.
import { readFileSync } from 'node:fs';

/** One call that fails: the `when`-th of its name in its thread. */
export type Broken<Scene> = { scene: Scene; call: string; error: string; when: number };

export const wasStruck = (trace: string): boolean => /\(INJECTED\)/.test(readFileSync(trace, 'utf8'));

export const kindOf = ({ scene, call, error }: Broken<string>): string => `${scene} ${call} ${error}`;

/** Every error of every call, as often as it was seen at most. */
export function casesAt<Scene>(
  scene: Scene,
  most: ReadonlyMap<string, number>,
  errors: Readonly<Record<string, string[]>>,
): Broken<Scene>[] {
  return [...most].flatMap(([call, count]) =>
    (errors[call] ?? []).flatMap((error) =>
      Array.from({ length: count }, (_, index) => ({ scene, call, error, when: index + 1 })),
    ),
  );
}

/** In any order, but a case of each kind before a second one of any: some kinds have a hundred times as many as others. */
export function mixed<Scene extends string>(cases: readonly Broken<Scene>[], random: () => number): Broken<Scene>[] {
  const seen = new Map<string, number>();
  const turns = cases
    .map((each) => ({ each, by: random() }))
    .sort((a, b) => a.by - b.by)
    .map(({ each }) => {
      const turn = (seen.get(kindOf(each)) ?? 0) + 1;
      seen.set(kindOf(each), turn);
      return { each, turn };
    });
  return turns.sort((a, b) => b.turn - a.turn).map(({ each }) => each);
}
