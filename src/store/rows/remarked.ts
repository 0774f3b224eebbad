// Whose words somebody may say something about: those of their own thread, and of one that an address of theirs began.
// Not here: finding the message by the provider's id. The one thing to know: a provider vouches for who speaks, not for
// what they name; so the words of another customer are nothing that can be remarked on, taken back least of all.
import type { ThreadState } from '../../routing/model.ts';

/** `of`: the thread of the message; `own`: the one that their address leads to, if any. */
export function areTheirs(of: ThreadState, address: string, own: ThreadState | undefined): boolean {
  const theirs = new Set([address, ...(own ? addressesOf(own) : [])]);
  return addressesOf(of).some((each) => theirs.has(each));
}

const addressesOf = ({ address, aliases = [] }: ThreadState): string[] => [address, ...aliases];
