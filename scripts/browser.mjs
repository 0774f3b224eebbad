// The browser that the tests drive: found where systems put it, or installed by Debian's own packages.
// Run by itself it prints the browser's path. The one thing to know: nothing is downloaded from anywhere but the
// system's package source, and only as root; otherwise it says which command is to be run.
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findOrInstall } from './debian.mjs';

/** The same engine without a browser's windows around it comes first: it takes a quarter less time. */
const NAMES = [
  'chromium-headless-shell',
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'chrome.exe',
];
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
export const findOrInstallChromium = () =>
  findOrInstall({
    find: findChromium,
    package: 'chromium-headless-shell',
    otherwise: 'name a Chromium or Chrome in SIGNALBOX_TEST_CHROMIUM',
  });

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(findChromium() ?? '');
