// What is brought to disk before an attempt leaves: that it leaves, or that its merge window is over.
// Not here: what is decided then (src/routing/begin.ts), and when the time of a window is over (lanes.ts).
// The one thing to know: with other processes on the store, a word joins a window as long as the store lets it, by
// whichever clock; so the window is closed on disk, and what the store tells with that answer is all that leaves.
import type { Delivery } from '../routing/model.ts';
import type { Committer } from './committer.ts';
import type { Peers } from './peers-port.ts';
import type { Log } from './settings.ts';
import { StoreUnavailable } from './store-port.ts';

/** Before an attempt that could not even begin is looked at again. */
export const NOT_BEGUN_MS = 1_000;

/** `not_begun`: the store could not be told, or not by us; `over`: nothing is to be sent any more. */
export type Begun = 'begun' | 'not_begun' | 'over';

/** Notes on disk that an attempt begins, however long that takes: what was noted and not sent would look interrupted. */
export async function begun(committer: Pick<Committer, 'keep'>, { id, threadId }: Delivery, log: Log): Promise<Begun> {
  try {
    const { reply, stale } = await committer.keep({ type: 'begin', threadId, deliveryId: id });
    // Whether it is over, only the owner of the thread is told. If that is another process, all of the lane is its to send,
    // and leaves memory by what the store tells; until then nothing that stands behind may go.
    if (stale) return 'not_begun';
    return reply.ok ? 'begun' : 'over';
  } catch (error) {
    if (!(error instanceof StoreUnavailable)) log.error({ err: error, delivery: id }, 'an attempt could not be noted');
    return 'not_begun';
  }
}

/** Closes the merge window of a delivery whose time is over; `then`: all that joined it is in memory. */
export type CloseWindow = (delivery: Delivery, then: (how: Begun) => void) => void;

export type WindowParts = { committer: Pick<Committer, 'keep' | 'ask'>; peers?: Peers; log: Log };

/** One process alone knows what joined once the store's answers so far are looked at: nothing is written for it. */
export function windowsOf({ committer, peers, log }: WindowParts): CloseWindow {
  if (peers) return (delivery, then) => void begun(committer, delivery, log).then(then);
  return (_, then) => {
    const looked = (): void => then('begun');
    committer.ask(async () => undefined, looked, looked);
  };
}
