// How long to wait before trying again: doubling, with a limit, and never all browsers at the same instant.
// Pure: chance is passed in. After a restart of the server every open page comes back; the jitter spreads them.
const FIRST_MS = 500;
/** Longer, and a person who looks at the page thinks that it is broken. */
const LONGEST_MS = 20_000;

/** Milliseconds before try number `attempt` (0 is the first that failed): between half and all of 0.5, 1, 2, 4 … 20 s. */
export function backoff(attempt: number, random: () => number): number {
  const full = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt, 10));
  return Math.round(full / 2 + (full / 2) * random());
}
