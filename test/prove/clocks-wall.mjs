// A wall clock that a test sets while the program runs: `Date` in every thread of the program is real time and the number of
// milliseconds that stands in a file. Not here: the steady clock and timers, which stay as they are, as when a machine's clock
// is set. The one thing to know: it is loaded before the program (`--import`), which holds no code for it.
import { readFileSync } from 'node:fs';

const file = process.env.WALL_CLOCK_FILE;
const RealDate = Date;
const real = Date.now;
const now = () => real() + Number(readFileSync(file, 'utf8'));

globalThis.Date = class extends RealDate {
  constructor(...args) {
    if (args.length === 0) super(now());
    else super(...args);
  }
  static now = now;
};
