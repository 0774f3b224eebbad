// Follows a search of the store from step to step, until enough was found or it has looked far enough.
// Not here: what is searched. The one thing to know: each step is a call of its own, and commits go in between: a search
// takes as long as it takes, and the hooks do not wait for it.
import type { Page, PageAsk } from '../engine/store-port.ts';

export type Far = {
  limit: number;
  after?: string | undefined;
  /** calls at most */
  steps: number;
  /** no further step begins after so long */
  ms: number;
};

/** A page, short only when all was looked at or it was time to stop; `nextCursor` goes on from there. */
export async function walk<T>(read: (ask: PageAsk) => Promise<Page<T>>, far: Far): Promise<Page<T>> {
  const end = performance.now() + far.ms;
  const data: T[] = [];
  let after = far.after;
  for (let step = 1; ; step++) {
    const page = await read({ limit: far.limit - data.length, ...(after === undefined ? {} : { after }) });
    data.push(...page.data);
    const enough = data.length >= far.limit || step >= far.steps || performance.now() >= end;
    if (page.nextCursor === null || enough) return { data, nextCursor: page.nextCursor };
    after = page.nextCursor;
  }
}
