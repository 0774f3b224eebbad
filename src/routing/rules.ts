// Rules: which of a service's rules match an event, in order, and why. Conditions and their explanation.
// Not here: what an action does (raise.ts) and who ends up with the line (ownership.ts).
// The one thing to know: everything looked at is explained, matched or not, in words a person can read.
import { RE2JS } from 're2js';
import type { Condition, ForwardAction, Id, Operator, Rule, ServiceView, TriggerEvent } from './model.ts';

/** What a rule's conditions can look at: dotted names, e.g. `message.text`. Missing ones are undefined and match nothing. */
export type Fields = Record<string, string | number | boolean | undefined>;

const two = (n: number) => String(n).padStart(2, '0');
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

/** The fields that every occasion has: the time of day and the day of the week where this process runs. */
export function timeFields(now: number): Fields {
  const local = new Date(now);
  return {
    'time.local': `${two(local.getHours())}:${two(local.getMinutes())}`,
    'time.weekday': WEEKDAYS[local.getDay()],
  };
}

/** Which event, about which asset, bot or desk. */
export type Occasion = { event: TriggerEvent; assetId?: Id; botId?: Id; deskId?: Id; fields: Fields };

export type Looked = { rule_id: Id; name: string; matched: boolean; why: string };

/** Limits of a condition tree: enough for any form a person draws, small enough for the hot road. [ours] */
const MAX_CONDITION_DEPTH = 8;
const MAX_CONDITION_NODES = 100;
const MAX_VALUE_LENGTH = 2_000;
const MAX_CACHED_PATTERNS = 500;
/** Linear is still long where both are: size of the pattern × characters. Some 0.4 s, in which nobody else is served. */
const MAX_REGEX_STEPS = 20_000_000;

const BASE_OPERATORS = [
  'equals',
  'not_equals',
  'in',
  'not_in',
  'contains',
  'starts_with',
  'ends_with',
  'regex',
] as const;
const NUMBER_OPERATORS = ['gt', 'gte', 'lt', 'lte', 'between'] as const;
/** Every operator of the contract; those on text also with `_ignore_case`. */
export const OPERATORS: readonly Operator[] = [
  ...BASE_OPERATORS,
  ...NUMBER_OPERATORS,
  ...BASE_OPERATORS.map((op) => `${op}_ignore_case` as Operator),
];

/** Fields that a condition may name; `attributes.` is a prefix. */
export const FIELDS: readonly string[] = [
  'message.text',
  'message.type',
  'postback.payload',
  'postback.title',
  'customer.address',
  'customer.name',
  'asset.id',
  'asset.channel',
  'bot.id',
  'desk.id',
  'event.name',
  'event.cause',
  'event.reason',
  'event.status',
  'time.local',
  'time.weekday',
];

const patterns = new Map<string, RE2JS>();

function pattern(source: string, ignoreCase: boolean): RE2JS {
  const key = `${ignoreCase ? 'i' : 'c'}${source}`;
  let compiled = patterns.get(key);
  if (!compiled) {
    compiled = RE2JS.compile(source, ignoreCase ? RE2JS.CASE_INSENSITIVE : 0);
    if (patterns.size >= MAX_CACHED_PATTERNS) patterns.clear();
    patterns.set(key, compiled);
  }
  return compiled;
}

function numeric(value: unknown): number {
  const text = String(value).trim();
  return text === '' ? Number.NaN : Number(text);
}

/**
 * Compares with the value of a condition: with a number as numbers, with anything else (times of day, dates) as text.
 * NaN, which is neither more nor less nor equal, when the value is a number and the field is not.
 */
function compare(a: unknown, b: unknown): number {
  const right = numeric(b);
  if (!Number.isNaN(right)) return numeric(a) - right;
  const x = String(a);
  const y = String(b);
  return x < y ? -1 : x > y ? 1 : 0;
}

function testText(op: string, actual: string, value: unknown, ignoreCase: boolean): boolean {
  const fold = (x: unknown) => (ignoreCase ? String(x).toLowerCase() : String(x));
  const a = fold(actual);
  switch (op) {
    case 'equals':
      return a === fold(value);
    case 'in':
      return Array.isArray(value) && value.some((v) => a === fold(v));
    case 'contains':
      return a.includes(fold(value));
    case 'starts_with':
      return a.startsWith(fold(value));
    case 'ends_with':
      return a.endsWith(fold(value));
    case 'regex': {
      const compiled = pattern(String(value), ignoreCase);
      return compiled.programSize() * actual.length <= MAX_REGEX_STEPS && compiled.matcher(actual).find();
    }
    default:
      return false;
  }
}

/** Between runs over midnight when the first bound is after the second: between 22:00 and 06:00. [ours] */
function between(actual: string | number | boolean, value: unknown): boolean {
  if (!Array.isArray(value) || value.length !== 2) return false;
  const [low, high] = value;
  const [above, below] = [compare(actual, low) >= 0, compare(actual, high) <= 0];
  return compare(low, high) > 0 ? above || below : above && below;
}

function test(op: Operator, actual: string | number | boolean | undefined, value: unknown): boolean {
  const ignoreCase = op.endsWith('_ignore_case');
  const base = ignoreCase ? op.slice(0, -'_ignore_case'.length) : op;
  if (base === 'not_equals') return actual === undefined || !testText('equals', String(actual), value, ignoreCase);
  if (base === 'not_in') return actual === undefined || !testText('in', String(actual), value, ignoreCase);
  if (actual === undefined) return false;
  switch (base) {
    case 'gt':
      return compare(actual, value) > 0;
    case 'gte':
      return compare(actual, value) >= 0;
    case 'lt':
      return compare(actual, value) < 0;
    case 'lte':
      return compare(actual, value) <= 0;
    case 'between':
      return between(actual, value);
    default:
      return testText(base, String(actual), value, ignoreCase);
  }
}

function show(value: unknown): string {
  const text = typeof value === 'string' ? `“${value}”` : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

/** Whether the condition holds, and the part that decided it, in words. */
export function evaluate(condition: Condition, fields: Fields): { holds: boolean; why: string } {
  if ('all' in condition) {
    let result = { holds: true, why: '' };
    for (const part of condition.all) {
      result = evaluate(part, fields);
      if (!result.holds) return result;
    }
    return condition.all.length === 1 ? result : { holds: true, why: 'all conditions hold' };
  }
  if ('any' in condition) {
    for (const part of condition.any) {
      const result = evaluate(part, fields);
      if (result.holds) return result;
    }
    return { holds: false, why: 'none of the alternatives holds' };
  }
  if ('not' in condition) {
    const result = evaluate(condition.not, fields);
    return { holds: !result.holds, why: `not: ${result.why}` };
  }
  const actual = fields[condition.field];
  const holds = test(condition.op, actual, condition.value);
  const op = condition.op.replaceAll('_', ' ');
  return { holds, why: `${condition.field} ${holds ? '' : 'not '}${op} ${show(condition.value)}` };
}

/**
 * Every mistake in a condition that came from outside, with a JSON pointer relative to it; empty when it is sound.
 * Regular expressions must be RE2's (linear time), so that no rule can stall the box.
 */
export function checkCondition(condition: unknown): { pointer: string; detail: string }[] {
  const errors: { pointer: string; detail: string }[] = [];
  let nodes = 0;
  const visit = (node: unknown, pointer: string, depth: number): void => {
    if (++nodes > MAX_CONDITION_NODES) {
      if (nodes === MAX_CONDITION_NODES + 1) errors.push({ pointer, detail: `more than ${MAX_CONDITION_NODES} parts` });
      return;
    }
    if (depth > MAX_CONDITION_DEPTH) {
      errors.push({ pointer, detail: `nested deeper than ${MAX_CONDITION_DEPTH}` });
      return;
    }
    if (typeof node !== 'object' || node === null || Array.isArray(node)) {
      errors.push({ pointer, detail: 'must be an object: {all}, {any}, {not} or {field, op, value}' });
      return;
    }
    const keys = Object.keys(node);
    const record = node as Record<string, unknown>;
    if (keys.length === 1 && (keys[0] === 'all' || keys[0] === 'any')) {
      const list = record[keys[0]];
      if (!Array.isArray(list) || list.length === 0)
        errors.push({ pointer: `${pointer}/${keys[0]}`, detail: 'must be a list with at least one condition' });
      else for (const [i, part] of list.entries()) visit(part, `${pointer}/${keys[0]}/${i}`, depth + 1);
      return;
    }
    if (keys.length === 1 && keys[0] === 'not') visit(record.not, `${pointer}/not`, depth + 1);
    else checkLeaf(record, pointer, errors);
  };
  visit(condition, '', 1);
  return errors;
}

/** A name inside a JSON pointer (RFC 6901). */
const escaped = (name: string): string => name.replaceAll('~', '~0').replaceAll('/', '~1');

/** Fields with few possible values: any other would never match, which nobody would be told. */
const VOCABULARY: Readonly<Record<string, { pattern: RegExp; detail: string }>> = {
  'time.local': { pattern: /^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, detail: 'must be a time of day as in 09:30' },
  'time.weekday': { pattern: new RegExp(`^(${WEEKDAYS.join('|')})$`), detail: `must be of ${WEEKDAYS.join(', ')}` },
};

/** Whether a value is one that the field can have; patterns and parts of texts may be anything. */
function checkWord(field: unknown, op: string, value: unknown): string | null {
  const known = Object.hasOwn(VOCABULARY, String(field)) ? VOCABULARY[String(field)] : undefined;
  if (known === undefined || /^(regex|contains|starts_with|ends_with)/.test(op)) return null;
  const read = (each: unknown) => (op.endsWith('_ignore_case') ? String(each).toLowerCase() : String(each));
  return [value].flat().every((each) => known.pattern.test(read(each))) ? null : known.detail;
}

function checkLeaf(
  leaf: Record<string, unknown>,
  pointer: string,
  errors: { pointer: string; detail: string }[],
): void {
  const before = errors.length;
  for (const key of Object.keys(leaf)) {
    if (!['field', 'op', 'value'].includes(key))
      errors.push({ pointer: `${pointer}/${escaped(key)}`, detail: 'unknown; a condition has field, op and value' });
  }
  const { field, op, value } = leaf;
  if (typeof field !== 'string') errors.push({ pointer: `${pointer}/field`, detail: 'must be a text' });
  else if (!FIELDS.includes(field) && !/^attributes\.[^\s]{1,100}$/.test(field)) {
    errors.push({ pointer: `${pointer}/field`, detail: `must be one of ${FIELDS.join(', ')}, attributes.NAME` });
  }
  if (typeof op !== 'string' || !OPERATORS.includes(op as Operator)) {
    errors.push({ pointer: `${pointer}/op`, detail: `must be one of ${OPERATORS.join(', ')}` });
    return;
  }
  const base = op.replace(/_ignore_case$/, '');
  const scalar = (v: unknown) =>
    typeof v === 'number' || typeof v === 'boolean' || (typeof v === 'string' && v.length <= MAX_VALUE_LENGTH);
  if (base === 'in' || base === 'not_in') {
    if (!Array.isArray(value) || value.length === 0 || value.length > 1_000 || !value.every(scalar)) {
      errors.push({ pointer: `${pointer}/value`, detail: 'must be a list of 1 to 1,000 texts or numbers' });
    }
  } else if (base === 'between') {
    if (!Array.isArray(value) || value.length !== 2 || !value.every(scalar))
      errors.push({ pointer: `${pointer}/value`, detail: 'must be a list of two bounds' });
  } else if (!scalar(value)) {
    errors.push({
      pointer: `${pointer}/value`,
      detail: `must be a text of at most ${MAX_VALUE_LENGTH} characters, a number or true or false`,
    });
  } else if (base === 'regex') {
    try {
      RE2JS.compile(String(value));
    } catch (error) {
      errors.push({
        pointer: `${pointer}/value`,
        detail: `not a regular expression that RE2 takes: ${(error as Error).message}`,
      });
    }
  }
  const wrong = errors.length === before ? checkWord(field, op, value) : null;
  if (wrong !== null) errors.push({ pointer: `${pointer}/value`, detail: wrong });
}

export function isForward(action: Rule['action']): action is ForwardAction {
  return (
    action.type === 'forward_to_bot' || action.type === 'forward_to_desk' || action.type === 'forward_to_bot_and_desk'
  );
}

function triggered(rule: Rule, occasion: Occasion, now: number): string | null {
  const { trigger } = rule;
  if (trigger.event !== occasion.event) return 'another event';
  if (!rule.enabled) return 'switched off';
  if (rule.startsAt !== null && now < rule.startsAt) return 'not begun yet';
  if (rule.endsAt !== null && now >= rule.endsAt) return 'over';
  if (trigger.asset_id && trigger.asset_id !== occasion.assetId) return 'for another asset';
  if (trigger.bot_id && trigger.bot_id !== occasion.botId) return 'for another bot';
  if (trigger.desk_id && trigger.desk_id !== occasion.deskId) return 'for another desk';
  return null;
}

/** The rules of a service that match, in order, and an explanation of every rule that listens to the event. */
export function match(
  service: ServiceView | undefined,
  occasion: Occasion,
  now: number,
): { matched: Rule[]; looked: Looked[] } {
  const matched: Rule[] = [];
  const looked: Looked[] = [];
  for (const rule of service?.rules ?? []) {
    const not = triggered(rule, occasion, now);
    if (not === 'another event') continue;
    if (not) {
      looked.push({ rule_id: rule.id, name: rule.name, matched: false, why: not });
      continue;
    }
    const result = rule.conditions ? evaluate(rule.conditions, occasion.fields) : { holds: true, why: 'no conditions' };
    looked.push({ rule_id: rule.id, name: rule.name, matched: result.holds, why: result.why });
    if (result.holds) matched.push(rule);
  }
  return { matched, looked };
}

/** For an utterance. A postback that no rule on postbacks forwards is routed like a message, if the line is free. */
export function matchUtterance(
  service: ServiceView | undefined,
  occasion: Occasion,
  now: number,
  free: boolean,
): { matched: Rule[]; looked: Looked[] } {
  const first = match(service, occasion, now);
  const settled = occasion.event !== 'postback.received' || !free || first.matched.some((r) => isForward(r.action));
  if (settled) return first;
  const second = match(service, { ...occasion, event: 'message.received' }, now);
  return { matched: [...first.matched, ...second.matched], looked: [...first.looked, ...second.looked] };
}
