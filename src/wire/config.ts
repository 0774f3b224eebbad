// What a channel's `config` must look like, made of its fields: one check for all real channels.
// Not here: the sealing of secrets, and whether a URL may be reached (http). The one thing to know: a name that is no
// field is refused by name, so that a slip of the pen is not a setting that silently does nothing.
import { z } from 'zod';
import type { ChannelAdapter, ChannelField } from '../engine/channel-port.ts';
import { httpUrl, id, MAX_NAME } from './fields.ts';
import { check, isObject } from './json.ts';

/** Tokens of the longest kind that providers give have some hundred characters. */
const MAX_SECRET = 1000;

/** `checkConfig` of a channel with these fields; what was left out has its default. `shapes`: what one field must look like. */
export function configOf(
  fields: readonly ChannelField[],
  shapes: Readonly<Record<string, RegExp>> = {},
): ChannelAdapter['checkConfig'] {
  const schema = z.strictObject(
    Object.fromEntries(fields.map((field) => [field.name, shapeOf(field, shapes[field.name])])),
  );
  return (given) => {
    const result = check(schema, withoutEmpty(given));
    if (!result.ok) return { ok: false, errors: result.errors.map((error) => named(error, given, fields)) };
    return {
      ok: true,
      config: Object.fromEntries(Object.entries(result.value).filter(([, value]) => value !== undefined)),
    };
  };
}

/** An unknown name is an error of the whole object: it is told at the name. */
function named(error: { pointer: string; detail: string }, given: unknown, fields: readonly ChannelField[]) {
  const names = fields.map((field) => field.name);
  const unknown = Object.keys(isObject(given) ? given : {}).find((name) => !names.includes(name));
  if (error.pointer !== '' || unknown === undefined) return { ...error, pointer: `/config${error.pointer}` };
  const place = unknown.slice(0, MAX_NAME).replaceAll('~', '~0').replaceAll('/', '~1');
  return { pointer: `/config/${place}`, detail: `is no field of this channel; its fields are ${names.join(', ')}` };
}

/** A form sends empty fields too: what is empty was not given. */
function withoutEmpty(given: unknown): unknown {
  return isObject(given)
    ? Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null && value !== ''))
    : given;
}

function shapeOf(field: ChannelField, shape: RegExp | undefined): z.ZodType {
  const kind = kindOf(field);
  const value =
    shape === undefined
      ? kind
      : kind.refine((text) => shape.test(String(text)), 'does not look like one; copy it again');
  if (field.default !== undefined) return value.default(field.default);
  return field.required && !field.generated ? value : value.optional();
}

function kindOf(field: ChannelField): z.ZodType {
  if (field.kind === 'switch') return z.boolean();
  if (field.kind === 'url')
    return httpUrl.refine((value) => bare(value), 'must have no user, password, query or fragment in it');
  if (field.kind === 'choice') return z.enum((field.choices ?? []).map((choice) => choice.value));
  if (field.kind === 'text') return id(MAX_NAME);
  return z
    .string()
    .min(1)
    .max(MAX_SECRET)
    .regex(/^[\x21-\x7e]+$/, 'must be printable ASCII without spaces');
}

/** A base that paths are put behind, and that is shown: nothing may follow it, and no secret may hide in it. */
function bare(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const { username, password, search, hash } = new URL(value);
  return [username, password, search, hash].every((part) => part === '');
}

/** What lies in a checked configuration under this name, as text; '' when nothing does. */
export function textIn(config: Record<string, unknown>, name: string): string {
  const value = config[name];
  return typeof value === 'string' ? value : '';
}

/** The same of a URL that paths are put behind: without a slash at its end. */
export const baseIn = (config: Record<string, unknown>, name: string): string =>
  textIn(config, name).replace(/\/+$/, '');

/** Whose connection a request is made over: a changed configuration has another. */
export const connectionOf = ({ id, version }: { id: string; version: number }): string => `${id}:${version}`;
