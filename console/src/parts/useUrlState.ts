// A screen's filters, kept in its address, so that a view can be linked, reloaded and gone back to.
// The one thing to know: all values are texts; an empty one is left out of the address.
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback } from 'react';

export type UrlState = Record<string, string | undefined>;

export function useUrlState<S extends UrlState>(): [Partial<S>, (change: Partial<S>) => void] {
  const search: unknown = useSearch({ strict: false });
  const navigate = useNavigate();
  const set = useCallback(
    (change: Partial<S>) => {
      void navigate({
        to: '.',
        replace: true,
        search: (before: UrlState) =>
          Object.fromEntries(Object.entries({ ...before, ...change }).filter(([, value]) => value)),
      } as Parameters<typeof navigate>[0]);
    },
    [navigate],
  );
  return [search as Partial<S>, set];
}
