// What an id is called: the name of a bot, a desk, an asset, a service or a rule, and where it is shown.
// Not here: customers (their threads say). The one thing to know: names come with the lists that screens ask for anyway;
// one by one only in a house that has more than a page of them.
import { Fragment } from 'react';
import { useGet } from '../api/query.ts';
import type { Page } from '../api/types.ts';
import { LinkTo } from './links.tsx';

const KINDS = { bot: 'bots', desk: 'desks', ast: 'assets', svc: 'services', rul: 'rules' } as const;
export type NamedKind = (typeof KINDS)[keyof typeof KINDS];
export type Named = { id: string; name: string; service_id?: string | null; channel?: string; kind?: string };

const LISTED = 100;
const ID = /\b((?:bot|desk|ast|svc|rul)_[0-9a-z]{26})\b/;

const kindOf = (id: string): NamedKind | undefined => KINDS[id.slice(0, id.indexOf('_')) as keyof typeof KINDS];
export const shortId = (id: string): string =>
  id.length > 14 ? `${id.slice(0, id.indexOf('_') + 1)}…${id.slice(-6)}` : id;

/** The first hundred of a kind, for names and for choosing among them. */
export function useNamed<T extends Named = Named>(kind: NamedKind): T[] {
  const list = useGet<Page<T>>(`/${kind}`, { params: { limit: LISTED } });
  return list.data?.data ?? [];
}

/** The thing that an id means, once it is known. */
export function useThing(id: string): Named | undefined {
  const kind = kindOf(id);
  const list = useGet<Page<Named>>(`/${kind}`, { params: { limit: LISTED }, enabled: kind !== undefined });
  const listed = list.data?.data.find((each) => each.id === id);
  const isElsewhere = list.data !== undefined && listed === undefined && list.data.next_cursor !== null;
  const one = useGet<Named>(`/${kind}/${id}`, { enabled: kind !== undefined && isElsewhere });
  return listed ?? one.data;
}

/** A name as text; the id where there is none (deleted). */
export function Name({ id }: { id: string }) {
  const thing = useThing(id);
  return thing ? (
    <bdi>{thing.name}</bdi>
  ) : (
    <code className="sb-id" dir="ltr" title={id}>
      {shortId(id)}
    </code>
  );
}

/** A name that leads to the thing. */
export function NameLink({ id }: { id: string }) {
  const thing = useThing(id);
  const where = whereIs(id, thing);
  if (where === null) return <Name id={id} />;
  return (
    <LinkTo {...(where as { to: '/' })} dir="auto" inherit underline="always">
      {thing?.name ?? shortId(id)}
    </LinkTo>
  );
}

function whereIs(id: string, thing: Named | undefined) {
  if (thing === undefined) return null;
  const kind = kindOf(id);
  if (kind === 'bots' || kind === 'desks') return { to: '/integrations/$id', params: { id } };
  if (kind === 'assets') return { to: '/assets/$id', params: { id } };
  if (kind === 'services') return { to: '/services/$id', params: { id } };
  return thing.service_id ? { to: '/services/$id', params: { id: thing.service_id }, hash: id } : null;
}

/** A sentence of the server's, with names in the place of ids. */
export function WithNames({ text }: { text: string }) {
  const pieces = text.split(ID);
  return (
    <bdi>
      {pieces.map((piece, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: pieces of one text have no other name than their place
        <Fragment key={index}>{index % 2 === 1 ? <NameLink id={piece} /> : piece}</Fragment>
      ))}
    </bdi>
  );
}
