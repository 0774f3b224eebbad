// `ip`, with which the tests give a program a network of its own and cut it off (test/parties/netns.ts).
// The one thing to know: it is Linux alone, and making a network takes root; elsewhere that proof fails and says so.
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { findOrInstall } from './debian.mjs';

const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'];
const findIp = () => folders.some((folder) => existsSync(join(folder, 'ip')));

/** A step of `npm test`: 0 when there is one. */
export const findOrInstallIproute = () =>
  findOrInstall({ find: findIp, package: 'iproute2', otherwise: 'run the tests on Linux with `ip` in PATH' });
