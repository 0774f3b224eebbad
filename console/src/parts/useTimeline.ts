// What happened in a thread, newest pages first, shown oldest first, and kept up to date by the feed.
// Not here: how an item looks. The one thing to know: pages already read are asked for again when the thread is touched,
// because a delivery of an older page may have gone on.
import { useInfiniteQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { api } from '../api/client.ts';
import { keyOf } from '../api/query.ts';
import type { Page, TimelineItem } from '../api/types.ts';

const PAGE_SIZE = 100;
const ORDER = { order: 'desc', limit: PAGE_SIZE };

export function useTimeline(threadId: string | null) {
  const path = `/threads/${threadId}/timeline`;
  const query = useInfiniteQuery({
    queryKey: keyOf(path, ORDER),
    queryFn: ({ pageParam, signal }) =>
      api<Page<TimelineItem>>('GET', path, { params: { ...ORDER, after: pageParam }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    enabled: threadId !== null,
  });
  const items = useMemo(() => query.data?.pages.flatMap((page) => page.data).reverse() ?? [], [query.data]);
  return {
    items,
    isPending: query.isPending,
    error: query.error,
    retry: () => void query.refetch(),
    hasOlder: query.hasNextPage,
    older: () => void query.fetchNextPage(),
    isLoadingOlder: query.isFetchingNextPage,
  };
}

/** What stands for an item where things are compared or listed. */
export const idOf = (item: TimelineItem): string => (item.message ?? item.event ?? item.delivery)?.id ?? item.at;
