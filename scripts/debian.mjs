// What the tests need of the system beside Node: found where systems put it, or installed by Debian's own packages.
// The one thing to know: nothing is downloaded from anywhere but the system's package source, and only as root; otherwise
// it says which command is to be run.
import { existsSync } from 'node:fs';
import { run } from './run.mjs';

/** A step of `npm test`: 0 when `find` finds it, at once or after installing `package`. `otherwise`: what to do by hand. */
export async function findOrInstall({ find, package: name, otherwise }) {
  if (find()) return 0;
  const apt = existsSync('/usr/bin/apt-get');
  if (!apt || process.getuid?.() !== 0) {
    console.error(`test: no ${name} found: ${apt ? `sudo apt-get install ${name}, or ` : ''}${otherwise}`);
    return 1;
  }
  console.log(`test: installing ${name}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  await run('apt-get', ['update', '-q'], { env });
  const code = await run('apt-get', ['install', '-q', '-y', '--no-install-recommends', name], { env });
  return code === 0 && !find() ? 1 : code;
}
