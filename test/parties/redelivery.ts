// A provider that tells everything again: each event one to five times, shuffled, in small batches, a few at once.
// Not here: any provider's own body. The one thing to know: it keeps a provider's word, that what was not taken is told
// until it is, also while the program is dead.
import { type Answer, sleep } from './call.ts';

/** Repeats until the program took it: a broken connection and a 5xx are no answer. */
export async function insist(once: () => Promise<Answer>, withinMs = 120_000): Promise<Answer> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const answer = await once().catch(() => undefined);
    if (answer !== undefined && answer.status < 500) return answer;
    if (Date.now() > deadline) throw new Error('never taken');
    await sleep(30);
  }
}

export const shuffled = <T>(list: T[]): T[] =>
  list
    .map((value) => ({ value, at: Math.random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ value }) => value);

/** Gives what was refused: nothing, where all is well. */
export async function redeliver<T>(
  events: T[],
  tell: (batch: T[]) => Promise<Answer>,
  { batch = 3, lanes = 6 } = {},
): Promise<string[]> {
  const refused: string[] = [];
  const all = shuffled(events.flatMap((one) => Array.from({ length: 1 + Math.floor(Math.random() * 5) }, () => one)));
  const next = async (): Promise<void> => {
    for (let these = all.splice(0, batch); these.length > 0; these = all.splice(0, batch)) {
      const told = these;
      const answer = await insist(() => tell(told));
      if (answer.status !== 200) refused.push(`${answer.status} ${answer.text}`);
      await sleep(Math.random() * 20);
    }
  };
  await Promise.all(Array.from({ length: lanes }, next));
  return refused;
}
