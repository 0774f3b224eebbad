// Checking against a schema: whatever a value says of itself, it is taken or refused, and nothing is thrown.
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { check as checkField } from '../http/fields.ts';
import { check } from './json.ts';

const SCHEMAS: Record<string, z.ZodType> = {
  text: z.object({ it: z.string().max(5) }),
  key: z.object({ it: z.string().min(1) }),
  list: z.object({ it: z.array(z.string()).max(5) }),
};
/** JSON can say each of them. */
const LENGTHS: unknown[] = [{ toString: 1, valueOf: null }, [{ toString: 1 }], 'x', null, -1, { valueOf: { x: 1 } }];
const deep = JSON.parse(`${'['.repeat(20_000)}1${']'.repeat(20_000)}`);

describe.each(Object.entries(SCHEMAS))('a %s', (_, schema) => {
  it.each(LENGTHS)('that says its length is %j is refused', (length) => {
    for (const value of [{ it: { length } }, { it: { length, toString: 1 } }]) {
      expect(check(schema, value)).toMatchObject({ ok: false });
      expect(checkField(schema, value, 'field')).toMatchObject({ ok: false });
    }
  });

  it('that says its length is an abyss is refused', () => {
    expect(check(schema, { it: { length: deep } })).toMatchObject({ ok: false });
    expect(checkField(schema, { it: { length: deep } }, 'field')).toMatchObject({ ok: false });
  });
});
