// The PostgreSQL that tests start clusters of: found where systems put it, or installed by Debian's own packages.
// Run by itself it prints the folder of its programs. The one thing to know: only the programs are needed; a cluster that
// Debian makes by itself is not used, and tests bring their own (test/parties/postgres.ts).
import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findOrInstall } from './debian.mjs';

const DEBIAN = '/usr/lib/postgresql';

/** The folder of initdb and pg_ctl, or undefined. SIGNALBOX_TEST_POSTGRES names another one. */
export function findPostgres() {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a)) : [];
  const places = [
    process.env.SIGNALBOX_TEST_POSTGRES,
    ...versions.map((version) => join(DEBIAN, version, 'bin')),
    ...(process.env.PATH ?? '').split(delimiter),
  ];
  return places.find((place) => place && existsSync(join(place, 'initdb')) && existsSync(join(place, 'pg_ctl')));
}

/** A step of `npm test`: 0 when there is a PostgreSQL. */
export const findOrInstallPostgres = () =>
  findOrInstall({
    find: findPostgres,
    package: 'postgresql',
    otherwise: 'install PostgreSQL 12 or newer, and name the folder of its programs in SIGNALBOX_TEST_POSTGRES',
  });

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(findPostgres() ?? '');
