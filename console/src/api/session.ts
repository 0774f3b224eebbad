// Who is signed in, and what their role may do.
// Not here: the sign-in screen. The one thing to know: the server decides what a role may do; this only keeps what it
// would refuse out of sight.
import { queryOptions, useQueryClient, useSuspenseQuery } from '@tanstack/react-query';
import { ApiError, api } from './client.ts';
import type { Role, Session } from './types.ts';

export const ADMINS: readonly Role[] = ['owner', 'admin'];
export const BUILDERS: readonly Role[] = ['owner', 'admin', 'developer'];
export const AGENTS: readonly Role[] = ['owner', 'admin', 'agent'];
export const HANDS: readonly Role[] = ['owner', 'admin', 'developer', 'agent'];

export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: async (): Promise<Session | null> => {
    try {
      return await api<Session>('GET', '/session');
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) return null;
      throw error;
    }
  },
  staleTime: Number.POSITIVE_INFINITY,
});

/** Only below the shell, which nobody enters without a session. */
export function useSession(): Session {
  const { data } = useSuspenseQuery(sessionQuery);
  if (data === null) throw new ApiError({ status: 401, code: 'unauthorized', detail: 'Nobody is signed in.' });
  return data;
}

export function useMay(roles: readonly Role[]): boolean {
  return roles.includes(useSession().user.role);
}

export function useSignOut(): () => Promise<void> {
  const client = useQueryClient();
  return async () => {
    await api('DELETE', '/session').catch(() => undefined);
    client.clear();
    location.assign('/console/sign-in');
  };
}
