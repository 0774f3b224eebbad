// The one place that knows which SQLite is used: Node's own where it has one without a flag (>= 22.13), else
// @photostructure/sqlite, which has the same synchronous API. Not here: pragmas, schema, statements.
// The one thing to know: both are loaded at run time by name, so that a bundle holds neither of them.
import { closeSync, openSync } from 'node:fs';
import { createRequire } from 'node:module';

export type SqlValue = string | number | null | Uint8Array;
export type Row = Record<string, SqlValue>;
export type Statement = {
  run(...values: SqlValue[]): { changes: number | bigint; lastInsertRowid: number | bigint };
  get(...values: SqlValue[]): Row | undefined;
  all(...values: SqlValue[]): Row[];
};
export type Database = { exec(sql: string): void; prepare(sql: string): Statement; close(): void };

type Options = { readOnly?: boolean; timeout?: number; enableForeignKeyConstraints?: boolean };
type Driver = { DatabaseSync: new (file: string, options: Options) => Database };

/** Node says once per process that its SQLite may change; an operator can do nothing with that. */
function builtIn(): Driver | undefined {
  const emitWarning = process.emitWarning;
  process.emitWarning = ((warning: string | Error, ...rest: never[]) => {
    if (!String(warning).includes('SQLite is an experimental feature')) emitWarning.call(process, warning, ...rest);
  }) as typeof process.emitWarning;
  try {
    return process.getBuiltinModule('node:sqlite' as 'node:fs') as unknown as Driver | undefined;
  } finally {
    process.emitWarning = emitWarning;
  }
}

let driver: Driver | undefined;

/** The data are customers' words: nobody else on the machine reads them. */
export const OWNER_ONLY = 0o600;

/** Makes an empty file of the owner's, unless there is one. SQLite gives its other files the rights of the database. */
export function makeFile(file: string): void {
  closeSync(openSync(file, 'a', OWNER_ONLY));
}

/** Opens a database file, creating it unless read-only. Throws the driver's error, which carries `errcode`. */
export function openFile(file: string, options: Options): Database {
  driver ??= builtIn() ?? (createRequire(import.meta.url)('@photostructure/sqlite') as Driver);
  if (!options.readOnly) makeFile(file);
  return new driver.DatabaseSync(file, { enableForeignKeyConstraints: false, ...options });
}
