// The line between the tabs of one customer: what the leading tab hears is passed on, and the others ask if it lives.
// Not here: who leads (leader.ts). The one thing to know: a tab's own words do not come back to it, so whoever says
// something over the line does it for itself, too; and a word may come before what was kept with it can be read in
// another tab's storage, so it carries what is to be acted upon.
import type { Action } from './transcript.ts';

export type Said =
  | { say: 'do'; address: string; actions: Action[] }
  /** something waits in the outbox */
  | { say: 'send' }
  /** another customer now, who is `kept` */
  | { say: 'moved'; kept: unknown }
  | { say: 'alive?' }
  | { say: 'alive' };

/** The part of a BroadcastChannel that is used. */
export type Cable = {
  postMessage(said: Said): void;
  onmessage: ((event: { data: Said }) => void) | null;
  close(): void;
};

/** A tab in the background answers as fast as one in front: only a frozen one does not. */
const SIGN_OF_LIFE_MS = 3_000;

export type Line = {
  say(said: Said): void;
  /** asks the leader for a sign of life; `dead` is called if none comes */
  check(): void;
  close(): void;
};

export function openLine(cable: Cable, ports: { leads(): boolean; hear(said: Said): void; dead(): void }): Line {
  let timer: ReturnType<typeof setTimeout> | undefined;
  cable.onmessage = ({ data }) => {
    if (data.say === 'alive') {
      clearTimeout(timer);
      timer = undefined;
    } else if (data.say === 'alive?') {
      if (ports.leads()) cable.postMessage({ say: 'alive' });
    } else ports.hear(data);
  };
  return {
    say: (said) => cable.postMessage(said),
    check: () => {
      if (ports.leads() || timer !== undefined) return;
      timer = setTimeout(() => {
        timer = undefined;
        if (!ports.leads()) ports.dead();
      }, SIGN_OF_LIFE_MS);
      cable.postMessage({ say: 'alive?' });
    },
    close: () => {
      clearTimeout(timer);
      cable.onmessage = null;
      cable.close();
    },
  };
}

/** Where a browser has no channel between tabs, each is alone. */
export const noCable = (): Cable => ({ postMessage: () => undefined, onmessage: null, close: () => undefined });
