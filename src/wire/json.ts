// From bytes to a checked value: strict JSON, then a schema, then either the value or every malformed field by name.
// Not here: which fields there are (fields.ts and each adapter). The one thing to know: nothing is thrown for what a
// peer wrote, and what is refused quotes no value of it, since it may be a secret or a customer's words.
import type { z } from 'zod';
import type { ExchangeAnswer, FieldError, ReadResult } from '../engine/ports.ts';

export type Refused = Extract<ReadResult<never>, { ok: false }>;
export type Read<T> = { ok: true; value: T } | { ok: false; errors: FieldError[] };

const UTF8 = new TextDecoder('utf-8', { fatal: true });

/** One answer names at most so many fields: a batch may be wrong in a hundred thousand places. */
const MAX_ERRORS = 50;

/** A refusal as the hook answers it: status, code, a sentence, and the fields concerned. */
export function refused(status: Refused['status'], code: string, detail: string, errors: FieldError[] = []): Refused {
  return { ok: false, status, code, detail, errors: errors.slice(0, MAX_ERRORS) };
}

/** 422 with every malformed field named. */
export function malformed(errors: FieldError[]): Refused {
  const first = errors[0];
  const where = first === undefined || first.pointer === '' ? 'The body' : first.pointer;
  return refused(422, 'invalid', first === undefined ? 'The body is malformed.' : `${where} ${first.detail}`, errors);
}

/**
 * Strict JSON in UTF-8 (RFC 8259; a leading byte order mark is tolerated).
 * @param unparsable the status for what is no JSON: 400 on the HTTP channel, 422 on the bots' and desks' hooks (contract)
 */
export function parseJson(
  body: Buffer,
  maxBytes: number,
  unparsable: 400 | 422,
): { ok: true; value: unknown } | Refused {
  if (body.length > maxBytes) return refused(413, 'too_large', `The body is larger than ${maxBytes} bytes.`);
  try {
    return { ok: true, value: JSON.parse(UTF8.decode(body)) };
  } catch {
    const detail = body.length === 0 ? 'is empty; JSON is expected' : 'is not valid JSON in UTF-8';
    return refused(unparsable, unparsable === 400 ? 'bad_json' : 'invalid', `The body ${detail}.`, [
      { pointer: '', detail },
    ]);
  }
}

/** The same of a body that must be an object; else 422. */
export function parseObject(
  body: Buffer,
  maxBytes: number,
  unparsable: 400 | 422,
): { ok: true; value: Record<string, unknown> } | Refused {
  const parsed = parseJson(body, maxBytes, unparsable);
  if (!parsed.ok) return parsed;
  if (isObject(parsed.value)) return { ok: true, value: parsed.value };
  return malformed([{ pointer: '', detail: 'must be an object' }]);
}

/** JSON pointer (RFC 6901) of a path. */
export function pointerOf(path: readonly PropertyKey[]): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** Checks a value against a schema; `prefix` is the pointer of the value itself. */
export function check<T>(schema: z.ZodType<T>, value: unknown, prefix = ''): Read<T> {
  const result = parsed(schema, value);
  if (result === null) return { ok: false, errors: [{ pointer: prefix, detail: ODD_LENGTH }] };
  if (result.success) return { ok: true, value: result.data };
  const errors = result.error.issues
    .slice(0, MAX_ERRORS)
    .map((issue) => ({ pointer: prefix + pointerOf(issue.path), detail: issue.message }));
  return { ok: false, errors };
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

/** Whether this is a JSON object: neither null nor an array. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What a peer's text says when it is a JSON object; an empty one when it is anything else. */
export function objectIn(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}

/** The same of an answer. */
export const objectOf = (answer: ExchangeAnswer): Record<string, unknown> => (answer.ok ? objectIn(answer.body) : {});

const sayWhy: z.core.$ZodErrorMap = (issue) => {
  if (issue.code === 'invalid_type') {
    return issue.input === undefined || issue.input === null ? 'is required' : `must be ${aOrAn(issue.expected)}`;
  }
  if (issue.code === 'too_big') return `must not be longer or larger than ${issue.maximum}`;
  if (issue.code === 'too_small')
    return issue.minimum === 1 ? 'must not be empty' : `must be at least ${issue.minimum}`;
  if (issue.code === 'invalid_value') return `must be one of: ${issue.values.join(', ')}`;
  if (issue.code === 'invalid_union' && Array.isArray(issue.options))
    return `must be one of: ${issue.options.join(', ')}`;
  return undefined;
};

function aOrAn(type: string): string {
  const words = type === 'int' ? 'whole number' : type;
  return `${/^[aeio]/.test(words) ? 'an' : 'a'} ${words}`;
}
