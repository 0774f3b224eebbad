// The entry point of the store's thread: the composition root where SQLite meets the decisions.
// Not here: anything but wiring. The one thing to know: `dist/worker.mjs` is started by openSqlite and runs for as long as
// the program does.
import { parentPort } from 'node:worker_threads';
import { threadTime } from './engine/clock.ts';
import { decide } from './routing/route.ts';
import { movedTime } from './settings/clock.ts';
import { newId } from './settings/ids.ts';
import { createSqliteCore } from './store/sqlite/core.ts';
import { serve } from './store/sqlite/rpc.ts';

if (parentPort === null) throw new Error('worker.mjs is the thread of the store and is started by signalbox.');

const now = movedTime() ?? threadTime();

serve(parentPort, {
  create: (file, onError) => createSqliteCore({ file, decide, now, newId, random: Math.random, onError }),
});
