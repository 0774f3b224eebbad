// The three lists of the inbox: who waits, who is mine, whom colleagues have.
// Not here: how a row looks. The one thing to know: the API lists the conversations of one desk, so each desk is asked
// for its own, the oldest first.
import { useQueries } from '@tanstack/react-query';
import { api } from '../../api/client.ts';
import { keyOf, useGet } from '../../api/query.ts';
import { useSession } from '../../api/session.ts';
import type { Conversation, Page } from '../../api/types.ts';

/** Of each desk so many are shown; whoever answers them sees the next. */
const SHOWN = 50;
const PATH = '/conversations';

export type ListName = 'waiting' | 'mine' | 'others';
export type Lists = Record<ListName, Conversation[]> & { isPending: boolean; error: unknown; hasMore: boolean };

function useOfDesks(desks: readonly string[], status: string) {
  return useQueries({
    queries: desks.map((party_id) => {
      const params = { party_id, status, order: 'oldest', limit: SHOWN };
      return {
        queryKey: keyOf(PATH, params),
        queryFn: ({ signal }: { signal: AbortSignal }) => api<Page<Conversation>>('GET', PATH, { params, signal }),
      };
    }),
    combine: (results) => ({
      rows: results.flatMap(({ data }) => data?.data ?? []),
      isPending: results.some(({ isPending }) => isPending),
      error: results.find(({ error }) => error !== null)?.error ?? null,
      hasMore: results.some(({ data }) => data !== undefined && data.next_cursor !== null),
    }),
  });
}

const when = (at: string | null): number => (at === null ? Number.POSITIVE_INFINITY : Date.parse(at));
const byAge = (a: Conversation, b: Conversation): number => when(a.offered_at) - when(b.offered_at);
/** Whose customer waits stands first, the longest on top; then by what was said last. */
const byNeed = (a: Conversation, b: Conversation): number =>
  when(a.waiting_since) - when(b.waiting_since) || when(b.last_message?.at ?? null) - when(a.last_message?.at ?? null);

export function useLists(desks: readonly string[]): Lists {
  const me = useSession().user.id;
  const waiting = useOfDesks(desks, 'offered,queued');
  const taken = useOfDesks(desks, 'accepted');
  const own = useGet<Page<Conversation>>(PATH, { params: { agent_id: me, status: 'accepted', limit: 100 } });
  return {
    waiting: [...waiting.rows].sort(byAge),
    mine: [...(own.data?.data ?? [])].sort(byNeed),
    others: taken.rows.filter((each) => each.agent_id !== me).sort(byNeed),
    isPending: waiting.isPending || taken.isPending || own.isPending,
    error: waiting.error ?? taken.error ?? own.error,
    hasMore: waiting.hasMore,
  };
}
