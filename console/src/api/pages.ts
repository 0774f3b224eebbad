// Long lists: pages by cursor, one after the other as the person scrolls, kept up to date while they look.
// Not here: how rows are drawn (parts/DataTable.tsx). The one thing to know: when something changed, only the pages in
// view are asked for again, however far the person has scrolled; the rest stays until it comes into view.
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef } from 'react';
import { onTouched } from '../live/touched.ts';
import { api, type Params } from './client.ts';
import { isInView, merged, type Pages, type Range, type Row, rowsOf } from './merge.ts';
import { topicOf } from './query.ts';
import type { Page } from './types.ts';

const PAGE_SIZE = 50;

export type PagesOptions = {
  params?: Params;
  pageSize?: number;
  enabled?: boolean;
  /** topics whose events change it, besides the first word of the path */
  alsoOn?: string[];
};

export function usePages<T extends Row>(path: string, options: PagesOptions = {}) {
  const { pageSize = PAGE_SIZE, enabled = true, alsoOn = [] } = options;
  const params = useSteady(options.params ?? {});
  const client = useQueryClient();
  const ask = useCallback(
    (after: string | undefined, signal?: AbortSignal) =>
      api<Page<T>>('GET', path, { params: { ...params, limit: pageSize, after }, ...(signal ? { signal } : {}) }),
    [path, pageSize, params],
  );
  // `pages` and not the topic stands first: a list is never asked again as a whole.
  const queryKey = useMemo(() => ['pages', topicOf(path), path, params, pageSize], [path, params, pageSize]);
  const query = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam, signal }) => ask(pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    enabled,
    // Asking again means all pages; `refresh` asks for those in view.
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnMount: (known) => known.state.data === undefined,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });
  const rows = useMemo(() => rowsOf(query.data as Pages<T> | undefined), [query.data]);
  const range = useRef<Range>({ first: 0, last: 0 });

  const underWay = useRef(false);
  const askedAgain = useRef(false);
  const isFetching = query.isFetching;
  /** One at a time: what changes while an answer is on its way may be missing in it, so it is asked for once more. */
  const refresh = useCallback(async () => {
    const isBusy = (): boolean => client.isFetching({ queryKey }) > 0;
    askedAgain.current = true;
    if (underWay.current) return;
    underWay.current = true;
    try {
      while (askedAgain.current && !isBusy()) {
        askedAgain.current = false;
        const known = client.getQueryData<Pages<T>>(queryKey);
        if (known === undefined) return;
        const inView = known.pages.flatMap((_, index) => (isInView(range.current, index, pageSize) ? [index] : []));
        const fresh = await Promise.all(inView.map(async (at) => ({ at, page: await ask(known.pageParams[at]) })));
        client.setQueryData<Pages<T>>(queryKey, (now) => (now === undefined ? now : merged(now, fresh)));
        // A next page that is on its way brings the pages before it as they were.
        if (isBusy()) askedAgain.current = true;
      }
    } finally {
      underWay.current = false;
    }
  }, [client, ask, queryKey, pageSize]);

  useEffect(() => {
    if (!isFetching && askedAgain.current) refresh().catch(() => undefined);
  }, [isFetching, refresh]);

  // What was read before may be late.
  useEffect(() => {
    if (enabled && client.getQueryData(queryKey) !== undefined) refresh().catch(() => undefined);
  }, [refresh, enabled, client, queryKey]);

  const topics = [topicOf(path), ...alsoOn].join(' ');
  useEffect(
    () =>
      onTouched((touched) => {
        if (topics.split(' ').some((topic) => touched.topics.has(topic))) refresh().catch(() => undefined);
      }),
    [topics, refresh],
  );

  return {
    rows,
    isPending: query.isPending,
    error: query.error,
    retry: () => void query.refetch(),
    hasMore: query.hasNextPage,
    /** asks for one page more, if there is one and none is on its way */
    more: useCallback(() => {
      if (query.hasNextPage && !query.isFetching) void query.fetchNextPage();
    }, [query.hasNextPage, query.isFetching, query.fetchNextPage]),
    isLoadingMore: query.isFetchingNextPage,
    /** the table says which rows are in view */
    inView: useCallback((seen: Range) => {
      range.current = seen;
    }, []),
    refresh,
  };
}

/** The same object as long as it says the same. */
function useSteady<T>(value: T): T {
  const text = JSON.stringify(value);
  return useMemo(() => JSON.parse(text), [text]);
}

export type List<T extends Row> = ReturnType<typeof usePages<T>>;
