// `npm start`: from a fresh clone to a running demo. Installs what is missing, builds what is stale, then becomes
// `signalbox dev` in this same process, so that signals, the terminal and the exit code need no forwarding.
import { join } from 'node:path';
import { install, runNode } from './run.mjs';
import { buildIsFresh, ROOT } from './stamp.mjs';

if ((await install()) !== 0) {
  console.error('signalbox: installing the packages failed; npm says why above.');
  process.exit(1);
}
if (!buildIsFresh()) {
  console.log('signalbox: building');
  const code = await runNode([join(ROOT, 'scripts', 'build.mjs')]);
  if (code !== 0) process.exit(code);
}

process.argv = [process.argv[0], join(ROOT, 'bin', 'signalbox'), 'dev', ...process.argv.slice(2)];
await import('../bin/signalbox');
