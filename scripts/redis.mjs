// The Redis that the bench starts one of for what it compares with: found in PATH, or installed by Debian's own package.
// Run by itself it installs it where it is missing. The one thing to know: only the program is needed; the server that
// Debian makes of it is not used, and the bench brings its own (bench/servers.ts).
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findOrInstall } from './debian.mjs';

/** The program's file, or undefined. */
export const findRedis = () =>
  (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, 'redis-server'))
    .find((file) => existsSync(file));

/** A step of `npm run bench`: 0 when there is a Redis. */
export const findOrInstallRedis = () =>
  findOrInstall({ find: findRedis, package: 'redis-server', otherwise: 'put redis-server into PATH' });

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = await findOrInstallRedis();
