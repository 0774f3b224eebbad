// What a provider or vendor asks for, as the server describes it, and what a person gave for it.
// Pure. Not here: showing it (GivenFields.tsx). The one thing to know: a secret that is there already begins empty, and
// stays when nothing is typed.
import type { Channel } from '../api/types.ts';

export type Field = Channel['fields'][number];
export type Given = Record<string, string | boolean>;

/** What a form begins with. `kept`: the `config` that is there. */
export function givenOf(fields: readonly Field[], kept: Record<string, unknown> = {}): Given {
  const start = ({ name, kind, default: usual }: Field): string | boolean => {
    const value = kept[name];
    if (kind === 'switch') return typeof value === 'boolean' ? value : usual === true;
    if (kind === 'secret') return '';
    return typeof value === 'string' ? value : String(usual ?? '');
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

/** Whether a person must type something for it when the thing is made. */
export const mustBeTyped = (field: Field): boolean =>
  field.required && field.default === undefined && field.generated !== true;
