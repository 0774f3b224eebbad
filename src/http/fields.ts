// Schemas that several routes share: names, ids, lists with cursors, times; and errors of a schema as fields.
// Not here: what one resource looks like (beside its routes in api/). The one thing to know: unknown fields are
// refused, because a typo is the commonest mistake, and a setting that is silently ignored the worst answer to it.
import { z } from '@hono/zod-openapi';
import type { FieldError } from '../engine/ports.ts';
import type { Page } from '../engine/store-port.ts';

export const LIMIT_DEFAULT = 50;
export const LIMIT_MAX = 100;
/** Cursors are ids or small texts of ours. */
const CURSOR = /^[\w.:~=+/-]{1,256}$/;
/** One answer names at most so many fields. */
const ERRORS_MAX = 50;

export const MAX_NAME = 100;
const CONTROL = /\p{Cc}|\p{Cs}/u;

export const name = z
  .string()
  .trim()
  .min(1)
  .max(MAX_NAME)
  .refine((text) => !CONTROL.test(text), 'must not have control characters');
/** A reason, a note: some sentences. */
export const note = z.string().max(4096);
/** Somebody's id or key: not empty, limited, without control characters. */
export const id = z
  .string()
  .min(1)
  .max(128)
  .refine((text) => !CONTROL.test(text), 'must not have control characters');
export const url = z.string().min(1).max(4096);
export const time = z.iso.datetime({ offset: true, error: 'must be a time as in RFC 3339, e.g. 2030-01-31T12:00:00Z' });
/** As answered. */
export const instant = z.string().openapi({ format: 'date-time' });
export const instantOrNull = instant.nullable();
/** Of a named schema: `.nullable()` would say in the document that it must be both the schema and null. */
export const orNull = <S extends z.ZodType>(schema: S) => z.union([schema, z.null()]);

const limit = z
  .string()
  .regex(/^\d{1,4}$/, 'must be a whole number')
  .transform(Number)
  .refine((n) => n >= 1 && n <= LIMIT_MAX, `must be from 1 to ${LIMIT_MAX}`)
  .default(LIMIT_DEFAULT)
  .openapi({ type: 'integer', minimum: 1, maximum: LIMIT_MAX, default: LIMIT_DEFAULT });
const after = z.string().regex(CURSOR, 'must be a next_cursor of this list').optional();

/** Every list takes these two. */
export const paging = z.strictObject({ limit, after });

/** `true` or `false` in a query. */
export const flag = z.enum(['true', 'false']).transform((word) => word === 'true');

/** A page of a list, for the OpenAPI document. */
export const pageOf = (item: z.ZodType): z.ZodType =>
  z.object({
    data: z.array(item),
    next_cursor: z.string().nullable().openapi({ description: 'null on the last page' }),
  });

export const showPage = <T>(page: Page<T>, show: (item: T) => unknown): unknown => ({
  data: page.data.map(show),
  next_cursor: page.nextCursor,
});

/** A page of what is in memory: sorted by id, after the cursor. */
export function pageById<T extends { id: string }>(
  rows: readonly T[],
  ask: { limit: number; after?: string | undefined },
): Page<T> {
  const { after: cursor, limit: size } = ask;
  const rest = rows
    .filter((row) => cursor === undefined || row.id > cursor)
    .sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
  const data = rest.slice(0, size);
  return { data, nextCursor: rest.length > size ? (data.at(-1)?.id ?? null) : null };
}

export const timeOf = (ms: number): string => new Date(ms).toISOString();
export const timeOrNull = (ms: number | null | undefined): string | null =>
  ms === null || ms === undefined ? null : timeOf(ms);

/** JSON pointer (RFC 6901) of a path. */
export const pointerOf = (path: readonly PropertyKey[]): string =>
  path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

/** Checks a value; what is wrong comes back by field, in words that say what to do. `what` names unknown ones. */
export function check<T>(
  schema: z.ZodType<T>,
  value: unknown,
  what: 'field' | 'query parameter',
): { ok: true; value: T } | { ok: false; errors: FieldError[] } {
  const result = parsed(schema, value);
  if (result === null) return { ok: false, errors: [{ pointer: '', detail: ODD_LENGTH }] };
  if (result.success) return { ok: true, value: result.data };
  const errors = result.error.issues.flatMap((issue) => fieldErrors(issue, what));
  return { ok: false, errors: errors.slice(0, ERRORS_MAX) };
}

const ODD_LENGTH = 'must not hold an object whose length is no number';

/** null: zod asks whatever it meets for its `length` and compares it, which an object in its place does not bear. */
function parsed<T>(schema: z.ZodType<T>, value: unknown): z.ZodSafeParseResult<T> | null {
  try {
    return schema.safeParse(value, { error: sayWhy });
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError) return null;
    throw error;
  }
}

function fieldErrors(issue: z.core.$ZodIssue, what: string): FieldError[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ pointer: pointerOf([...issue.path, key]), detail: `is an unknown ${what}` }));
  }
  return [{ pointer: pointerOf(issue.path), detail: issue.message }];
}

const sayWhy: z.core.$ZodErrorMap = (issue) => {
  if (issue.code === 'invalid_type') {
    return issue.input === undefined ? 'is required' : `must be ${expected(issue.expected)}`;
  }
  if (issue.code === 'too_big') return `must not be longer or larger than ${issue.maximum}`;
  if (issue.code === 'too_small')
    return issue.minimum === 1 && issue.origin !== 'number' && issue.origin !== 'int'
      ? 'must not be empty'
      : `must be at least ${issue.minimum}`;
  if (issue.code === 'invalid_value') return `must be one of: ${issue.values.join(', ')}`;
  if (issue.code === 'invalid_union' && issue.discriminator !== undefined) return 'must be one of the known types';
  return undefined;
};

const expected = (type: string): string =>
  ({ int: 'a whole number', array: 'a list', object: 'an object', boolean: 'true or false', string: 'a text' })[type] ??
  `a ${type}`;
