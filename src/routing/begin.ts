// What is on disk before an attempt leaves, where it must be.
// Not here: which attempts are noted (src/engine), and what becomes of a delivery afterwards (delivery.ts).
// The one thing to know: what is noted stands until the result of the attempt is, whatever happens to the program.
import type { Context, Decision, Facts } from './inputs.ts';
import type { Delivery } from './model.ts';
import { emptyDecision, finish, refuse, work } from './work.ts';

/** What a delivery says while it leaves for a channel that takes no idempotency key. */
const BEGUN = 'being sent';

/** Whether an attempt of this delivery began and nobody ever learned what came of it: the program ended meanwhile. */
export const isInterrupted = ({ reason }: Pick<Delivery, 'reason'>): boolean => reason === BEGUN;

/**
 * To a channel: that it leaves, so that a crash leaves an unknown outcome and not a second message. To a bot: its merge
 * window is over, whatever the clocks of the processes say; what comes now goes by itself, behind it.
 */
export function decideBegin(facts: Facts, c: Context): Decision {
  const { delivery, thread } = facts;
  if (!delivery) return refuse('not_found', 'no such delivery');
  if (delivery.status !== 'pending' && delivery.status !== 'retrying') return refuse('conflict', 'it is over');
  const decision = emptyDecision({ ok: true });
  if (delivery.target.type === 'asset') {
    decision.changes.push({ id: delivery.id, reason: BEGUN });
    return decision;
  }
  const w = thread && work(thread, facts, c);
  const open = w?.t.bots.find(({ merge }) => merge?.deliveryId === delivery.id);
  if (!w || !open) return decision;
  open.merge = null;
  return finish(w);
}
