// Whether this process may be given requests: the engine has started and the store answers.
// Not here: whether it is alive, which any answer shows. The one thing to know: the store is asked at most once a
// second, however many probes there are, and a store that is slow to answer counts as not ready.
import { jsonResponse } from './answers.ts';
import type { HttpParts } from './parts.ts';

const ASK_AGAIN_MS = 1_000;
const ANSWER_WITHIN_MS = 1_000;

export function createHealth(parts: HttpParts): { ready(): Promise<Response> } {
  let asked = Number.NEGATIVE_INFINITY;
  let answer: Promise<boolean> = Promise.resolve(false);
  return {
    async ready() {
      const now = performance.now();
      if (parts.ready() && now - asked > ASK_AGAIN_MS) {
        asked = now;
        answer = lastSeqInTime(parts.store).then((seq) => seq !== null);
      }
      const ready = parts.ready() && (await answer);
      return jsonResponse(ready ? 200 : 503, JSON.stringify({ ready }), ready ? {} : { 'retry-after': '1' });
    },
  };
}

/** The seq of the last event; null: the store does not say so soon. */
export function lastSeqInTime(store: HttpParts['store']): Promise<number | null> {
  return new Promise((resolve) => {
    const late = setTimeout(() => resolve(null), ANSWER_WITHIN_MS);
    late.unref();
    const end = (seq: number | null): void => {
      clearTimeout(late);
      resolve(seq);
    };
    store.lastEventSeq().then(end, () => end(null));
  });
}
