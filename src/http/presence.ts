// Who is at a console desk: each agent's word counts for a minute unless renewed.
// Not here: what an empty desk means (routing). The one thing to know: this lives in memory only; after a restart
// nobody is there until they say so again, and an offer meanwhile goes on to the next in line instead of waiting.
import type { Clock, Directory } from '../engine/ports.ts';
import type { Id } from '../routing/model.ts';

/** Two missed renewals of a console that renews every 20 s. */
export const PRESENT_MS = 60_000;

/** `away`: there, and seen to be, but takes nothing: a desk where everybody is away is empty. */
export type PresenceState = 'online' | 'away';
export type AgentThere = { id: Id; name: string; state: PresenceState; since: number; until: number };

export type Presence = {
  /** null: the agent left. @returns until when the word counts; null when the agent left */
  set(deskId: Id, agent: { id: Id; name: string }, state: PresenceState | null): number | null;
  /** at least one agent is there and not away */
  isOnline(deskId: Id): boolean;
  /** by how long they are there, longest first */
  agents(deskId: Id): AgentThere[];
  /** told when an agent comes, leaves or steps away; not at renewals */
  onChange(listener: (deskId: Id) => void): () => void;
  stop(): void;
};

type Word = AgentThere & { cancel(): void };

export function createPresence(directory: Directory, clock: Clock): Presence {
  /** desk → agent → their word. Grows with desks, keys and users, all of which are limited. */
  const desks = new Map<Id, Map<Id, Word>>();
  const listeners = new Set<(deskId: Id) => void>();
  const isOnline = (deskId: Id): boolean =>
    [...(desks.get(deskId)?.values() ?? [])].some((agent) => agent.state === 'online');

  function changed(deskId: Id): void {
    if (desks.get(deskId)?.size === 0) desks.delete(deskId);
    directory.setOnline(deskId, isOnline(deskId));
    for (const listener of listeners) listener(deskId);
  }

  function leave(deskId: Id, agentId: Id): void {
    const agents = desks.get(deskId);
    agents?.get(agentId)?.cancel();
    if (agents?.delete(agentId)) changed(deskId);
  }

  function forgetDesk(deskId: Id): void {
    for (const { cancel } of desks.get(deskId)?.values() ?? []) cancel();
    desks.delete(deskId);
  }

  const forget = directory.onChange((rows) => {
    for (const { kind, id } of rows) if (kind === 'desk' && directory.row('desk', id) === undefined) forgetDesk(id);
  });

  return {
    set(deskId, { id, name }, state) {
      if (state === null) {
        leave(deskId, id);
        return null;
      }
      const agents = desks.get(deskId) ?? new Map<Id, Word>();
      const before = agents.get(id);
      before?.cancel();
      const until = clock.now() + PRESENT_MS;
      const since = before?.state === state ? before.since : clock.now();
      agents.set(id, { id, name, state, since, until, cancel: clock.at(until, () => leave(deskId, id)) });
      desks.set(deskId, agents);
      if (before?.state !== state) changed(deskId);
      return until;
    },
    isOnline,
    agents: (deskId) =>
      [...(desks.get(deskId)?.values() ?? [])]
        .map(({ cancel: _, ...agent }) => agent)
        .sort((a, b) => a.since - b.since || (a.id < b.id ? -1 : 1)),
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    stop() {
      forget();
      listeners.clear();
      for (const deskId of [...desks.keys()]) forgetDesk(deskId);
    },
  };
}
