// Whose thread is whose among processes on one store: claims, leases and what the others are told of, as on PostgreSQL.
// Not here: what a process does about it (src/engine/together.ts). The one thing to know: a thread goes to whoever decides
// it while nothing of it is owed to anybody; a process whose lease ran out loses all of its threads at once.
import type { Applied } from '../../src/engine/store-port.ts';
import type { Input } from '../../src/routing/inputs.ts';
import type { Id, Target } from '../../src/routing/model.ts';
import type { Disk } from './disk.ts';

/** What a process may touch. */
export type Share = {
  decide(inputs: Input[]): Applied[];
  isOurs(threadId: Id): boolean;
  owedTargets(): Target[];
  /** another has taken over from it */
  fenced(): boolean;
};

/** One process: all is its own. */
export function alone(disk: Disk): Share {
  return {
    decide: (inputs) => inputs.map((input) => disk.take(input)),
    isOurs: () => true,
    owedTargets: () => targetsOf(disk, () => true),
    fenced: () => false,
  };
}

export function targetsOf(disk: Disk, isOurs: (threadId: Id) => boolean): Target[] {
  const targets = new Map<string, Target>();
  for (const { target, status, threadId } of disk.deliveries) {
    if ((status === 'pending' || status === 'retrying') && isOurs(threadId))
      targets.set(`${target.type} ${target.id}`, target);
  }
  return [...targets.values()];
}
