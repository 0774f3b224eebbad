// A clock of its own thread: it tells every 20 seconds.
// The one thing to know: browsers slow the timers of a page that nobody looks at to one a minute, and a word that an
// agent is there counts for just that long; timers in a worker go on as they were.

/** A third of the time that the word counts. */
const EVERY_MS = 20_000;

setInterval(() => postMessage('beat'), EVERY_MS);
