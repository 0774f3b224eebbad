// Who is at a console desk: each agent's word counts for a minute unless renewed.
// Not here: what an empty desk means (routing). The one thing to know: this lives in memory only; after a restart
// nobody is there until they say so again, and an offer meanwhile goes on to the next in line instead of waiting.
import type { Clock, Directory } from '../engine/ports.ts';
import type { Id } from '../routing/model.ts';

/** Two missed renewals of a console that renews every 20 s. */
export const PRESENT_MS = 60_000;

export type Presence = {
  /** @returns until when the word counts; null when the agent left */
  set(deskId: Id, agentId: Id, online: boolean): number | null;
  isOnline(deskId: Id): boolean;
  stop(): void;
};

export function createPresence(directory: Directory, clock: Clock): Presence {
  /** desk → agent → the end of their word. Grows with desks and keys, both of which are limited. */
  const desks = new Map<Id, Map<Id, { until: number; cancel(): void }>>();

  function leave(deskId: Id, agentId: Id): void {
    const agents = desks.get(deskId);
    agents?.get(agentId)?.cancel();
    if (!agents?.delete(agentId) || agents.size > 0) return;
    desks.delete(deskId);
    directory.setOnline(deskId, false);
  }

  const forget = directory.onChange((changed) => {
    for (const { kind, id } of changed)
      if (kind === 'desk' && directory.row('desk', id) === undefined) desks.delete(id);
  });

  return {
    set(deskId, agentId, online) {
      if (!online) {
        leave(deskId, agentId);
        return null;
      }
      const agents = desks.get(deskId) ?? new Map<Id, { until: number; cancel(): void }>();
      const isFirst = agents.size === 0;
      agents.get(agentId)?.cancel();
      const until = clock.now() + PRESENT_MS;
      agents.set(agentId, { until, cancel: clock.at(until, () => leave(deskId, agentId)) });
      desks.set(deskId, agents);
      if (isFirst) directory.setOnline(deskId, true);
      return until;
    },
    isOnline: (deskId) => desks.has(deskId),
    stop() {
      forget();
      for (const agents of desks.values()) for (const agent of agents.values()) agent.cancel();
      desks.clear();
    },
  };
}
