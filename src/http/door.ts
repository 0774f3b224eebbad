// The door of the management API: a key in the Authorization header, or a session in the cookie.
// Not here: keys (keys.ts) and sessions (sessions.ts) themselves, and what a role may do (access.ts).
// The one thing to know: a cookie comes along by itself, so what it asks to change must come from a page of ours.
import type { IncomingMessage } from 'node:http';
import type { Doorkeeper, Principal } from './keys.ts';
import { addressOf, sentFrom } from './origin.ts';
import { type Refusal, refuse } from './problems.ts';
import type { Sessions } from './sessions.ts';

export type Door = {
  /** who it is, or why not */
  identify(incoming: IncomingMessage): Principal | Refusal;
  /** whether a caller that was let in before still would be (a stream lives long) */
  stillValid(principal: Principal): boolean;
};

const SAFE: readonly (string | undefined)[] = ['GET', 'HEAD', 'OPTIONS'];

export function createDoor(keys: Doorkeeper, sessions: Sessions, publicUrl: () => string): Door {
  return {
    identify(incoming) {
      const { headers, method } = incoming;
      if (headers.authorization === undefined && headers.cookie !== undefined) {
        const principal = sessions.identify(headers.cookie);
        if (principal !== null) {
          if (SAFE.includes(method) || sentFrom(headers, publicUrl()) === 'ours') return principal;
          return refuse('cross_site');
        }
      }
      return keys.identify(headers.authorization, addressOf(incoming));
    },
    stillValid: (principal) =>
      principal.session === undefined ? keys.stillValid(principal) : sessions.stillValid(principal),
  };
}
