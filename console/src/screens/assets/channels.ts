// The channels that this server speaks, as it describes them: what each asks for, what it can do, what is done by hand.
// Not here: showing them. The one thing to know: the fields and their help come from the server, in the providers' own
// words, so that a channel added there needs nothing here.
import { useGet } from '../../api/query.ts';
import type { Asset, Channel, Page } from '../../api/types.ts';

export type Field = Channel['fields'][number];
export type Given = Record<string, string | boolean>;

/** The channels with a provider behind them; `undefined` while they are read. */
export function useProviders(enabled = true): Channel[] | undefined {
  return useGet<Page<Channel>>('/channels', { enabled }).data?.data.filter((channel) => channel.fields.length > 0);
}

/** What a form begins with: a secret that is there already is left empty, and kept when nothing is typed. */
export function givenOf(fields: readonly Field[], asset?: Asset): Given {
  const start = (field: Field): string | boolean => {
    const kept = asset?.config[field.name];
    if (field.kind === 'switch') return typeof kept === 'boolean' ? kept : field.default === true;
    if (field.kind === 'secret') return '';
    return typeof kept === 'string' ? kept : String(field.default ?? '');
  };
  return Object.fromEntries(fields.map((field) => [field.name, start(field)]));
}

/** The `config` of a POST or PATCH: what is empty is left out. */
export const configOf = (given: Given): Record<string, string | boolean> =>
  Object.fromEntries(
    Object.entries(given)
      .map(([name, value]) => [name, typeof value === 'string' ? value.trim() : value] as const)
      .filter(([, value]) => value !== ''),
  );

/** Whether a person must type something for it when the asset is made. */
export const mustBeTyped = (field: Field): boolean =>
  field.required && field.default === undefined && field.generated !== true;
