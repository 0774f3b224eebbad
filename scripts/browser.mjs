// The browser that the tests drive: found where systems put it, or installed by Debian's own packages.
// Run by itself it prints the browser's path. The one thing to know: nothing is downloaded from anywhere but the
// system's package source, and only as root; otherwise it says which command is to be run.
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './run.mjs';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome.exe'];
const APPS = [
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

const runs = (path) => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** Its path, or undefined. SIGNALBOX_TEST_CHROMIUM names another one. */
export function findChromium() {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/bin', '/usr/local/bin', '/snap/bin'];
  const places = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
  return [process.env.SIGNALBOX_TEST_CHROMIUM, ...places, ...APPS].find((path) => path && runs(path));
}

/** A step of `npm test`: 0 when there is a browser. */
export async function findOrInstallChromium() {
  if (findChromium()) return 0;
  const apt = existsSync('/usr/bin/apt-get');
  if (!apt || process.getuid?.() !== 0) {
    const how = apt ? 'sudo apt-get install chromium' : 'install Chromium or Chrome';
    console.error(`test: no browser found: ${how}, or name one in SIGNALBOX_TEST_CHROMIUM`);
    return 1;
  }
  console.log('test: installing chromium for the browser tests');
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  await run('apt-get', ['update', '-q'], { env });
  const code = await run('apt-get', ['install', '-q', '-y', '--no-install-recommends', 'chromium'], { env });
  return code === 0 && findChromium() === undefined ? 1 : code;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(findChromium() ?? '');
