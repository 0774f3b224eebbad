// Bot Framework Web Chat, as its makers publish it, for the test that drives it in a browser: one file of its package.
// Run by itself it prints the file's path. The one thing to know: as a dependency it would bring 410 packages along; so
// npm fetches this one, its SHA-512 must be the one that stands here, and nothing of it is run while it is fetched.
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { run, runNode } from './run.mjs';
import { ROOT } from './stamp.mjs';

const NAME = 'botframework-webchat';
const VERSION = '4.18.1';
/** Of the package as published; `npm view botframework-webchat@4.18.1 dist.integrity` says the same. */
const INTEGRITY = 'sha512-7jpEUJ7olT62Xm+8eh7BhhIcXVfU2xD4pZDaeBt8K4XcNy6K/83UGIxE9BFkXmHMZ4hDEVOzs5cre07GWuaXzg==';
const FILE = 'package/dist/webchat-minimal.js';

export const WEB_CHAT_CLIENT = join(ROOT, 'node_modules', '.cache', NAME, VERSION, 'webchat-minimal.js');

/** A step of `npm test`: 0 when the file is there. */
export async function fetchWebChatClient() {
  if (existsSync(WEB_CHAT_CLIENT)) return 0;
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-web-chat-'));
  try {
    const problem = await fetchInto(folder);
    if (problem === null) return 0;
    console.error(`test: ${NAME}@${VERSION} ${problem}`);
    return 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function fetchInto(folder) {
  console.log(`test: fetching ${NAME}@${VERSION} for the Direct Line test in the browser (7 MB)`);
  const args = ['pack', `${NAME}@${VERSION}`, '--ignore-scripts', '--pack-destination', folder, '--loglevel=error'];
  const npm = process.env.npm_execpath;
  const code = npm?.endsWith('.js')
    ? await runNode([npm, ...args])
    : await run('npm', args, { shell: process.platform === 'win32' });
  const packed = readdirSync(folder).find((name) => name.endsWith('.tgz'));
  if (code !== 0 || packed === undefined) {
    return "could not be fetched: the package registry was not reached. Check the network or npm's registry setting, and try again.";
  }
  const bytes = readFileSync(join(folder, packed));
  const found = `sha512-${createHash('sha512').update(bytes).digest('base64')}`;
  if (found !== INTEGRITY) return `is not what it was: its digest is ${found}, and ${INTEGRITY} was expected.`;
  const file = fileOf(gunzipSync(bytes), FILE);
  if (file === null) return `has no ${FILE}.`;
  mkdirSync(dirname(WEB_CHAT_CLIENT), { recursive: true });
  const draft = `${WEB_CHAT_CLIENT}.${process.pid}`;
  writeFileSync(draft, file);
  renameSync(draft, WEB_CHAT_CLIENT);
  return null;
}

const BLOCK = 512;

/** One file of a tar archive, or null. Its names here are short, so the plain header is all there is. */
function fileOf(tar, path) {
  for (let at = 0; at + BLOCK <= tar.length; ) {
    const name = tar.toString('utf8', at, at + 100).replace(/\0.*$/s, '');
    const size = Number.parseInt(tar.toString('latin1', at + 124, at + 136), 8) || 0;
    if (name === path) return tar.subarray(at + BLOCK, at + BLOCK + size);
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  }
  return null;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const code = await fetchWebChatClient();
  if (code === 0) console.log(WEB_CHAT_CLIENT);
  process.exitCode = code;
}
