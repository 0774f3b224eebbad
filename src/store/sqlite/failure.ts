// How the store fails: as one error class with a kind, and the reading of SQLite's error codes.
// Not here: the classes of the port (StoreUnavailable, ConfigConflict); open.ts turns a kind into its class, on the
// side of the thread that asked. The one thing to know: `unavailable` means that nothing of the call was kept.

export type FailureKind = 'unavailable' | 'config_conflict';

export class StoreFailure extends Error {
  readonly kind: FailureKind;
  constructor(kind: FailureKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}

/** Primary result codes that tell of the disk or the machine, not of a statement. https://www.sqlite.org/rescode.html */
const DISK_TROUBLE: Readonly<Record<number, string>> = {
  3: 'access to the file was denied',
  5: 'the database is locked by another connection',
  6: 'a table is locked',
  7: 'the process ran out of memory',
  8: 'the database cannot be written',
  10: 'the disk gave an input/output error',
  11: 'the database file is damaged',
  13: 'the disk is full',
  14: 'the database file cannot be opened',
  15: 'the locking protocol failed',
  26: 'the file is not a database',
};

/** The same, from the calls by which we make a file before SQLite opens it. */
const FILE_TROUBLE: Readonly<Record<string, string>> = {
  EACCES: 'access to a file was denied',
  EPERM: 'access to a file was denied',
  EROFS: 'the file system is read-only',
  EIO: 'the disk gave an input/output error',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the quota of the disk is used up',
  EMFILE: 'the process has too many files open',
  ENFILE: 'the machine has too many files open',
};

/** SQLite's own words for the same: one of the drivers throws them without the code when a reading fails on its way. */
const SAID: Readonly<Record<string, number>> = {
  'database is locked': 5,
  'attempt to write a readonly database': 8,
  'disk I/O error': 10,
  'database disk image is malformed': 11,
  'database or disk is full': 13,
  'unable to open database file': 14,
  'file is not a database': 26,
};

/** The primary SQLite result code of a thrown value, or undefined if SQLite did not throw it. */
export function sqliteCode(error: unknown): number | undefined {
  if (!(error instanceof Error)) return undefined;
  const code = 'errcode' in error ? error.errcode : undefined;
  return typeof code === 'number' ? code & 0xff : SAID[error.message];
}

/** A StoreFailure when the disk or the database refused; undefined when the statement or our code is wrong. */
export function asUnavailable(error: unknown): StoreFailure | undefined {
  if (error instanceof StoreFailure) return error;
  const code = sqliteCode(error);
  const trouble = code === undefined ? fileTrouble(error) : DISK_TROUBLE[code];
  if (trouble === undefined) return undefined;
  return new StoreFailure('unavailable', `The store cannot be used now: ${trouble}.`, { cause: error });
}

function fileTrouble(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  const trouble = FILE_TROUBLE[String(error.code)];
  return trouble && 'path' in error ? `${trouble} (${error.path})` : trouble;
}
