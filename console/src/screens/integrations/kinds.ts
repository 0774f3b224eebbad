// The kinds of desk that this server speaks, as it describes them: what a vendor's software asks for.
// Not here: showing the fields (src/parts/GivenFields.tsx). The one thing to know: a kind without fields has an address
// alone, or none.
import { formErrors } from '../../api/client.ts';
import { useGet } from '../../api/query.ts';
import type { DeskKind, Page } from '../../api/types.ts';

/** `undefined` while it is read, and for a kind that asks for nothing of its own. */
export function useDeskKind(kind: string, enabled = true): DeskKind | undefined {
  const { data } = useGet<Page<DeskKind>>('/desk_kinds', { enabled });
  return data?.data.find((each) => each.kind === kind && each.fields.length > 0);
}

/** The server's words on `config`, by the names in it. */
export function configErrors(error: unknown): Record<string, string> {
  if (!error) return {};
  const named = Object.entries(formErrors(error as Error)).filter(([name]) => name.startsWith('config.'));
  return Object.fromEntries(named.map(([name, detail]) => [name.slice('config.'.length), detail]));
}
