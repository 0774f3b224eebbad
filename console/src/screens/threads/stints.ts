// Who held a thread, one after the other: stints, made of the changes that the API tells.
// Pure. The one thing to know: a desk's stint has two halves: the customer waits for it, and then a person has it.
import type { HolderChange, Thread } from '../../api/types.ts';

export type Stint = {
  /** `waiting`: offered to a desk, or in its queue; `person`: somebody there has accepted */
  kind: 'bot' | 'waiting' | 'person' | 'nobody';
  /** of the bot or desk */
  id: string | null;
  agent: string | null;
  from: string;
  /** null: still */
  until: string | null;
  epoch: number;
  reason: string;
  actor: string;
};

const kindOf = ({ to, phase }: HolderChange): Stint['kind'] => {
  if (to.type === 'none') return 'nobody';
  if (to.type === 'bot') return 'bot';
  return phase === 'accepted' ? 'person' : 'waiting';
};

export function stintsOf({ holders }: Pick<Thread, 'holders'>): Stint[] {
  return holders.map((change, index) => ({
    kind: kindOf(change),
    id: change.to.id,
    agent: change.agent,
    from: change.at,
    until: holders[index + 1]?.at ?? null,
    epoch: change.epoch,
    reason: change.reason,
    actor: change.actor,
  }));
}

/** How wide a stint is drawn: longer ones wider, but a day no more than some times a minute. */
export function widthOf(stint: Stint, now: number): number {
  const until = stint.until === null ? now : Date.parse(stint.until);
  const seconds = Math.max(1, (until - Date.parse(stint.from)) / 1000);
  return 1 + Math.log2(1 + seconds);
}
