// A thread's timeline, read from its end, as far back as the person wants.
// Not here: what is made of it (transcript.ts). The one thing to know: its key begins like that of any query about the
// thread, so the live feed has it asked again; the newest page is enough of it while nobody has gone further back.
import { useInfiniteQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { api } from '../../api/client.ts';
import type { Page, TimelineItem } from '../../api/types.ts';
import { transcriptOf } from './transcript.ts';

const PAGE_SIZE = 100;

export function useTimeline(threadId: string) {
  const path = `/threads/${threadId}/timeline`;
  const query = useInfiniteQuery({
    queryKey: ['threads', path, { order: 'desc' }],
    queryFn: ({ pageParam, signal }) =>
      api<Page<TimelineItem>>('GET', path, { params: { order: 'desc', limit: PAGE_SIZE, after: pageParam }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
  const entries = useMemo(
    () =>
      query.data
        ? transcriptOf(
            query.data.pages.flatMap((page) => page.data),
            'desc',
          )
        : undefined,
    [query.data],
  );
  return { ...query, data: entries };
}
