// The rules of a service in their order, all of them, and names for what they speak of.
// Not here: changing them. The one thing to know: they are read from the list of all rules, which is asked again whoever
// changed one; a service has at most two hundred, so two pages are all.
import { useCallback, useMemo } from 'react';
import { useGet } from '../../api/query.ts';
import type { Page, Rule, Service } from '../../api/types.ts';
import { type Named, useNamed } from '../../parts/Name.tsx';

const PAGE = 100;

const byPlace = (a: Rule, b: Rule): number => a.position - b.position || (a.id < b.id ? -1 : 1);

export function useRules(serviceId: string) {
  const params = { service_id: serviceId, limit: PAGE };
  const first = useGet<Page<Rule>>('/rules', { params });
  const after = first.data?.next_cursor ?? undefined;
  const second = useGet<Page<Rule>>('/rules', { params: { ...params, after }, enabled: after !== undefined });
  const data = useMemo(
    () => first.data && [...first.data.data, ...(after === undefined ? [] : (second.data?.data ?? []))].sort(byPlace),
    [first.data, second.data, after],
  );
  const isPending = first.isPending || (after !== undefined && second.isPending);
  return { data: isPending ? undefined : data, error: first.error ?? second.error, isPending, refetch: first.refetch };
}

export type Parties = { bots: Named[]; desks: Named[]; assets: Named[]; nameOf: (id: string) => string };

/** What a service's rules may name: its mapped bots and desks, its assets, and those that are nobody's yet. */
export function useParties(service: Service): Parties {
  const [bots, desks, assets] = [useNamed('bots'), useNamed('desks'), useNamed('assets')];
  const names = useMemo(
    () => new Map([...bots, ...desks, ...assets].map(({ id, name }) => [id, name])),
    [bots, desks, assets],
  );
  const mapped = ({ id }: Named): boolean => service.integrations.includes(id);
  return {
    bots: bots.filter(mapped),
    desks: desks.filter(mapped),
    assets: assets.filter((asset) => asset.service_id === service.id || !asset.service_id),
    nameOf: useCallback((id: string) => names.get(id) ?? id, [names]),
  };
}
