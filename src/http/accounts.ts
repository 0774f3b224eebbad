// Signing in by password: who has an e-mail address, whether the password is theirs, and the brakes on guessing.
// Not here: hashing (passwords.ts) and what a sign-in gives (api/session.ts). The one thing to know: a try counts as
// failed before it is worked on and is forgiven when it was right, so many at once get no more tries than one by one.
import type { IncomingMessage } from 'node:http';
import { secretPlace } from '../engine/opened.ts';
import type { Id } from '../routing/model.ts';
import type { Row } from './api/rows.ts';
import { createBrake } from './brake.ts';
import { digestOf } from './keys.ts';
import { addressOf } from './origin.ts';
import type { HttpParts } from './parts.ts';
import { createPasswords } from './passwords.ts';
import { type Refusal, refuse } from './problems.ts';

const WINDOW_MS = 15 * 60_000;
/** One person at one place who has forgotten which password it was. */
const PER_ACCOUNT_AND_ADDRESS = 10;
/** A whole office behind one address, on a Monday. */
const PER_ADDRESS = 50;
/** From everywhere: 9,600 guesses a day at one account find no password of ten characters. */
const PER_ACCOUNT = 100;
/** When too many passwords are being checked already. */
const BUSY_RETRY_S = 5;

type UserRow = Row<'user'>;
type Parts = Pick<HttpParts, 'directory' | 'vault' | 'clock'>;

export type Accounts = {
  /** null: it is theirs. `user` undefined: there is none by that name, which takes as long to find out */
  whyNot(user: UserRow | undefined, account: string, password: string, from: IncomingMessage): Promise<Refusal | null>;
  /** as kept in the user's document */
  seal(userId: Id, password: string): Promise<{ sealed: string } | Refusal>;
};

export function createAccounts({ vault, clock }: Parts): Accounts {
  const passwords = createPasswords();
  const limit = (failures: number) => createBrake(clock, { failures, windowMs: WINDOW_MS });
  const [pairs, addresses, accounts] = [limit(PER_ACCOUNT_AND_ADDRESS), limit(PER_ADDRESS), limit(PER_ACCOUNT)];
  const busy = (): Refusal =>
    refuse('overloaded', 'Too many passwords are being checked.', { retryAfterS: BUSY_RETRY_S });

  return {
    async whyNot(user, account, password, from) {
      const address = addressOf(from);
      const who = digestOf(account);
      const counted = [
        { brake: pairs, word: `${who} ${address}` },
        { brake: addresses, word: address },
        { brake: accounts, word: who },
      ];
      const waitS = Math.max(...counted.map(({ brake, word }) => brake.waitS(word)));
      if (waitS > 0) return refuse('too_many_attempts', undefined, { retryAfterS: waitS });
      for (const { brake, word } of counted) brake.failed(word);
      const kept = user?.data.password;
      const phc = user && typeof kept === 'string' ? vault.open(kept, secretPlace('user', user.id, 'password')) : null;
      const right = await passwords.check(password, phc);
      if (right === false) return refuse('bad_credentials');
      for (const { brake, word } of counted) brake.forgive(word);
      return right === null ? busy() : null;
    },
    async seal(userId, password) {
      const phc = await passwords.hash(password);
      return phc === null ? busy() : { sealed: vault.seal(phc, secretPlace('user', userId, 'password')) };
    },
  };
}

/** E-mail addresses are compared without case, as mail servers do in practice. */
export const sameEmail = (a: string, b: string): boolean => a.trim().toLowerCase() === b.trim().toLowerCase();

export const userByEmail = (users: readonly UserRow[], email: string): UserRow | undefined =>
  users.find(({ data }) => typeof data.email === 'string' && sameEmail(data.email, email));
