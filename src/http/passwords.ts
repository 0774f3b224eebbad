// Passwords: hashing and checking them with scrypt, in the form of a PHC string.
// Not here: whose they are, and the brake on guessing (api/session.ts). The one thing to know: a hash takes half a
// second of a core and 128 MiB, so only two run at once, few may wait, and the parameters are read from the string.
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

export const PASSWORD_MIN = 10;
/** Far beyond what people type; a megabyte would only be work. */
export const PASSWORD_MAX = 1024;

const LOG_N = 17;
const R = 8;
const P = 1;
const SALT_BYTES = 16;
const HASH_BYTES = 32;
/** scrypt takes 128 * N * r bytes and a little; a stored string that asks for more is not ours. */
const MEMORY_MAX = 192 * 1024 * 1024;
/** Of the four threads that Node keeps for such work; the others look up host names. */
const AT_ONCE = 2;
/** Ten seconds of work; whoever comes then is told to come back. */
const WAITING_MAX = 40;

const PHC = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

export type Passwords = {
  /** its PHC string; null: too many wait */
  hash(password: string): Promise<string | null>;
  /** whether it is the one; without a `phc` the same work is done for a no. null: too many wait */
  check(password: string, phc: string | null): Promise<boolean | null>;
};

export function createPasswords(): Passwords {
  const inTurn = turns();
  /** Nobody's: what is worked on for an account that is not there. */
  const nobody = phcOf(randomBytes(SALT_BYTES), randomBytes(HASH_BYTES));
  return {
    hash: (password) =>
      inTurn(async () => {
        const salt = randomBytes(SALT_BYTES);
        return phcOf(salt, await derive(password, salt, { logN: LOG_N, r: R, p: P, bytes: HASH_BYTES }));
      }),
    check: (password, phc) =>
      inTurn(async () => {
        const [, logN, r, p, salt, hash] = PHC.exec(phc ?? nobody) ?? [];
        if (hash === undefined) throw new Error('A stored password is no PHC string of scrypt.');
        const wanted = Buffer.from(hash, 'base64');
        const cost = { logN: Number(logN), r: Number(r), p: Number(p), bytes: wanted.length };
        const found = await derive(password, Buffer.from(salt as string, 'base64'), cost);
        return timingSafeEqual(found, wanted) && phc !== null;
      }),
  };
}

const bare = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '');
const phcOf = (salt: Buffer, hash: Buffer): string => `$scrypt$ln=${LOG_N},r=${R},p=${P}$${bare(salt)}$${bare(hash)}`;

type Cost = { logN: number; r: number; p: number; bytes: number };

/** The same letters typed on another keyboard are the same password (NFKC). */
function derive(password: string, salt: Buffer, { logN, r, p, bytes }: Cost): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const options = { N: 2 ** logN, r, p, maxmem: MEMORY_MAX };
    scrypt(password.normalize('NFKC'), salt, bytes, options, (error, key) => (error ? reject(error) : resolve(key)));
  });
}

/** Runs work, a little at once, the rest in turn; null for what comes when too many wait. */
function turns(): <T>(work: () => Promise<T>) => Promise<T | null> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (running >= AT_ONCE) {
      if (waiting.length >= WAITING_MAX) return null;
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else running += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  };
}
