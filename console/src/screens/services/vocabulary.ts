// What rules can say: events, fields, operators, actions, and what values each field takes.
// Pure; its words are in en.json. The one thing to know: the server knows more combinations than are offered here; what
// a rule already says is always offered too, so that nothing is lost by opening it.
import type { Action, Trigger } from '../../api/types.ts';

export type EventName = Trigger['event'];
export const EVENTS: readonly EventName[] = [
  'message.received',
  'postback.received',
  'bot.handover',
  'bot.custom',
  'bot.milestone',
  'bot.notify',
  'bot.unhandled',
  'bot.closed',
  'bot.unavailable',
  'bot.recovered',
  'bot.silent',
  'desk.accepted',
  'desk.failed',
  'desk.transferred',
  'desk.idle',
  'desk.closed',
  'channel.receipt',
];

/** Which party narrows a trigger. */
export type Scope = 'asset_id' | 'bot_id' | 'desk_id';
export const scopeOf = (event: EventName): Scope =>
  event.startsWith('bot.') ? 'bot_id' : event.startsWith('desk.') ? 'desk_id' : 'asset_id';

export type ActionType = Action['type'];
export const ACTIONS: readonly ActionType[] = [
  'forward_to_bot',
  'forward_to_bot_and_desk',
  'forward_to_desk',
  'send_message',
  'notify_url',
  'close',
];

export const FIELD_NAMES = [
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
] as const;
export type FieldName = (typeof FIELD_NAMES)[number];
export const ATTRIBUTES = 'attributes.';
export const isField = (field: string): field is FieldName => (FIELD_NAMES as readonly string[]).includes(field);

const ALWAYS: readonly FieldName[] = [
  'customer.address',
  'customer.name',
  'asset.id',
  'asset.channel',
  'time.local',
  'time.weekday',
];
/** The fields that an event has something to say about. */
export function fieldsFor(event: EventName): readonly FieldName[] {
  const message: FieldName[] = ['message.text', 'message.type'];
  const postback: FieldName[] = ['postback.payload', 'postback.title'];
  if (event === 'message.received') return [...message, ...ALWAYS];
  if (event === 'postback.received') return [...postback, ...ALWAYS];
  if (event === 'channel.receipt') return ['event.status', 'event.reason', ...ALWAYS];
  if (event === 'bot.silent') return ['event.cause', 'bot.id', ...message, ...ALWAYS];
  if (event === 'bot.unavailable' || event === 'bot.recovered')
    return ['event.reason', 'bot.id', 'time.local', 'time.weekday'];
  return ['event.reason', event.startsWith('bot.') ? 'bot.id' : 'desk.id', ...message, ...ALWAYS];
}

export type ValueKind = 'text' | 'choice' | 'time' | 'party';
export const CHOICES: Partial<Record<FieldName, readonly string[]>> = {
  'message.type': ['text', 'image', 'video', 'audio', 'file', 'location', 'contact', 'sticker'],
  'asset.channel': ['webchat', 'http', 'messenger', 'instagram', 'whatsapp', 'sms', 'telegram', 'line'],
  'event.cause': ['undelivered', 'unanswered'],
  'event.status': ['delivered', 'failed', 'read'],
  'time.weekday': ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'],
};
export function kindOf(field: string): ValueKind {
  if (field === 'time.local') return 'time';
  if (field.endsWith('.id') && isField(field)) return 'party';
  return isField(field) && CHOICES[field] ? 'choice' : 'text';
}

export const BASE_OPERATORS = [
  'equals',
  'not_equals',
  'contains',
  'starts_with',
  'ends_with',
  'in',
  'not_in',
  'regex',
  'gt',
  'gte',
  'lt',
  'lte',
  'between',
] as const;
export type BaseOperator = (typeof BASE_OPERATORS)[number];
const IGNORES_CASE = '_ignore_case';

export const baseOf = (op: string): BaseOperator => op.replace(IGNORES_CASE, '') as BaseOperator;
export const ignoresCase = (op: string): boolean => op.endsWith(IGNORES_CASE);
const NUMERIC: readonly BaseOperator[] = ['gt', 'gte', 'lt', 'lte', 'between'];
export const mayIgnoreCase = (field: string, base: BaseOperator): boolean =>
  kindOf(field) === 'text' && !NUMERIC.includes(base);
export const opOf = (base: BaseOperator, ignoring: boolean): string => (ignoring ? `${base}${IGNORES_CASE}` : base);

/** The operators that mean something for a field, and the one it has. */
export function operatorsFor(field: string, has: BaseOperator): readonly BaseOperator[] {
  const kind = kindOf(field);
  const usual: readonly BaseOperator[] =
    kind === 'text'
      ? BASE_OPERATORS
      : kind === 'time'
        ? ['between', 'gte', 'lte', 'gt', 'lt', 'equals']
        : ['equals', 'not_equals', 'in', 'not_in'];
  return usual.includes(has) ? usual : [...usual, has];
}

export const takesList = (base: BaseOperator): boolean => base === 'in' || base === 'not_in';
export const isNumeric = (base: BaseOperator): boolean => NUMERIC.includes(base);
