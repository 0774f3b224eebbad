// Asking the server to verify: what is not saved yet, or what exists with or without a draft.
// Not here: how the answer is shown (Checklist.tsx). The one thing to know: a URL that the server refuses before it
// tries (422) is the first step failing, and is shown as that.
import { useState } from 'react';
import { ApiError, api } from '../../api/client.ts';
import type { Verification } from '../../api/types.ts';
import { touchTopics } from '../../live/touched.ts';

export type Verifying = {
  isRunning: boolean;
  result: Verification | undefined;
  error: unknown;
  run(path: string, body: unknown): Promise<Verification | undefined>;
  reset(): void;
};

export function useVerification(first?: Verification): Verifying {
  const [state, setState] = useState<Pick<Verifying, 'isRunning' | 'result' | 'error'>>({
    isRunning: false,
    result: first,
    error: undefined,
  });
  const reset = (): void => setState({ isRunning: false, result: undefined, error: undefined });
  return {
    ...state,
    reset,
    async run(path, body) {
      setState({ isRunning: true, result: undefined, error: undefined });
      try {
        const result = await api<Verification>('POST', path, { body });
        touchTopics(['bots', 'desks', 'deliveries', 'overview']);
        setState({ isRunning: false, result, error: undefined });
        return result;
      } catch (error) {
        const result = refusedAddress(error);
        setState({ isRunning: false, result, error: result ? undefined : error });
        return result;
      }
    },
  };
}

function refusedAddress(error: unknown): Verification | undefined {
  if (!(error instanceof ApiError)) return undefined;
  const [only, more] = error.errors;
  if (only?.pointer !== '/url' || more) return undefined;
  return {
    verified: false,
    status: 'unverified',
    checks: [{ name: 'address', ok: false, detail: only.detail, ms: 0 }],
  };
}
