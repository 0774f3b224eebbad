// Reading and changing: `useGet` for one thing, `useSend` for a change that tells of its failure.
// Not here: long lists (pages.ts). The one thing to know: a query's key begins with the first word of its path, and the
// live feed names those words; a path with an id in it is asked again only when that id (or `follow`) was touched.
import { type UseQueryResult, useMutation, useQuery } from '@tanstack/react-query';
import { touchTopics } from '../live/touched.ts';
import { api, type Method, type Params } from './client.ts';

export type GetOptions = {
  params?: Params;
  /** ids whose events concern it, besides those in its path (a conversation's thread, say) */
  follow?: string[];
  enabled?: boolean;
  /** ms; for what no event tells of (rates, presence) */
  every?: number;
};

export const topicOf = (path: string): string => path.split('/')[1]?.split('?')[0] ?? '';
export const keyOf = (path: string, params: Params = {}) => [topicOf(path), path, params] as const;

export function useGet<T>(path: string, options: GetOptions = {}): UseQueryResult<T> {
  const { params = {}, follow = [], enabled = true, every } = options;
  return useQuery<T>({
    queryKey: keyOf(path, params),
    queryFn: ({ signal }) => api<T>('GET', path, { params, signal }),
    enabled,
    meta: { follow },
    ...(every === undefined ? {} : { refetchInterval: every }),
  });
}

/** A change. `touches`: topics to ask again at once, besides the first word of the path. */
export function useSend<Body = unknown, Result = unknown>(
  method: Method,
  path: string | ((body: Body) => string),
  options: { touches?: string[]; bodyOf?: (body: Body) => unknown; onDone?: (result: Result, body: Body) => void } = {},
) {
  return useMutation<Result, Error, Body>({
    mutationFn: (body) => {
      const where = typeof path === 'string' ? path : path(body);
      return api<Result>(method, where, { body: options.bodyOf ? options.bodyOf(body) : body });
    },
    onSuccess: (result, body) => {
      touchTopics([topicOf(typeof path === 'string' ? path : path(body)), ...(options.touches ?? [])]);
      options.onDone?.(result, body);
    },
  });
}
