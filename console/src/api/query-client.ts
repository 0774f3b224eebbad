// Server state: how long it is fresh and when it is asked again.
// The one thing to know: the live feed says what changed (live/), so nothing is asked again by the clock; a window that
// comes back asks only for what it shows.
import { QueryClient } from '@tanstack/react-query';
import { errorOf } from './client.ts';

const FRESH_MS = 30_000;
const RETRIES = 2;

/** What a second try may mend: no answer, or an answer that says so. */
const mayPass = (error: unknown): boolean => {
  const { status } = errorOf(error);
  return status === 0 || status === 429 || status >= 502;
};

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: FRESH_MS,
      retry: (count, error) => count < RETRIES && mayPass(error),
      retryDelay: (attempt) => 500 * 2 ** attempt,
    },
    mutations: { retry: false },
  },
});
