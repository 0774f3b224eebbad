// How PostgreSQL fails: by being away, or by refusing a statement of ours. Only the first is the operator's to mend.
// Not here: the classes of the port, which are handed in (open.ts). The one thing to know: `Away` means that nothing of
// the call was kept; of a commit whose end nobody saw, the writer finds out first.

/** The database cannot be reached or cannot work now. The message is a sentence for the operator, without secrets. */
export class Away extends Error {}

/** Another process has taken over from this one, which must begin anew: what it had in memory is not its own any more. */
export class Taken extends Away {}

export const TAKEN_SENTENCE =
  'Another process has taken over from this one, which was away for too long; it begins anew.';

export const ONLY_READS_SENTENCE = 'The database cannot be used now: this server is a replica, which only reads.';

export class Conflict extends Error {}

/** SQLSTATE classes that tell of the server and not of a statement. https://www.postgresql.org/docs/current/errcodes-appendix.html */
const TROUBLE: Readonly<Record<string, string>> = {
  '08': 'the connection broke',
  '25': 'the connection ended in the middle of a transaction, or the server only reads',
  '28': 'it does not let this user in',
  '3D': 'there is no such database',
  '40': 'the transaction met another one',
  '53': 'it has run out of room, memory or connections',
  '55': 'what is needed is locked by another',
  '57': 'it was stopped, or is starting',
  '58': 'its disk or system failed',
  F0: 'its settings are damaged',
  XX: 'its data are damaged, or it met an error of its own',
};

/** Of classes that else tell of the statement: so the server says of a file that it may not open, as on a disk that only reads. */
const NOT_ALLOWED = '42501';

/** Causes that Node names, in words. */
const NETWORK: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nobody answers there',
  ENOENT: 'nobody answers there',
  ENOTFOUND: 'there is no such host',
  EAI_AGAIN: 'the name server does not answer',
  ECONNRESET: 'the connection broke',
  EPIPE: 'the connection broke',
  ETIMEDOUT: 'it does not answer',
  EHOSTUNREACH: 'there is no way to that host',
};

const codeOf = (error: unknown): string | undefined => {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
};

/** The SQLSTATE of an error that the server gave; undefined when it came from elsewhere. */
export function sqlState(error: unknown): string | undefined {
  const code = codeOf(error);
  return code !== undefined && /^[0-9A-Z]{5}$/.test(code) && !(code in NETWORK) ? code : undefined;
}

/** Raised by journal_enter (schema.ts). */
const TAKEN = 'SB001';

/** What a driver's error means: `Away`, or the error itself when our statement is wrong. */
export function asAway(error: unknown): unknown {
  if (error instanceof Away) return error;
  const state = sqlState(error);
  if (state === undefined) {
    const told = NETWORK[codeOf(error) ?? ''] ?? (error instanceof Error ? error.message : String(error));
    return new Away(`The database cannot be used now: ${told}.`, { cause: error });
  }
  if (state === TAKEN) return new Taken(TAKEN_SENTENCE, { cause: error });
  const told = state === NOT_ALLOWED ? 'it may not do that, or its disk only reads' : TROUBLE[state.slice(0, 2)];
  if (told === undefined) return error;
  return new Away(`The database cannot be used now: ${told} (${(error as Error).message}).`, { cause: error });
}
