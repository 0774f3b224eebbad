// A rule as a plain English sentence, for lists and for the audit of eyes.
// Pure. Not here: other languages (a console may write its own from the same fields). The one thing to know: it says
// all that the rule does; only long values are cut.
import type { Action, Condition, Fallback, Id, Operator, Rule, Trigger, TriggerEvent } from './model.ts';

/** The name of an asset, a bot or a desk. */
export type NameOf = (id: Id) => string;

const SHOWN = 60;
const quoted = (text: string): string => `“${text.length > SHOWN ? `${text.slice(0, SHOWN - 1)}…` : text}”`;

/** What happens, after its subject: the customer, a bot or a desk. */
const HAPPENS: Readonly<Record<TriggerEvent, string>> = {
  'message.received': 'a customer writes',
  'postback.received': 'a customer taps a button',
  'channel.receipt': 'a channel tells the fate of a message',
  'bot.handover': 'hands over',
  'bot.custom': 'raises a custom event',
  'bot.milestone': 'reaches a milestone',
  'bot.notify': 'notifies',
  'bot.unhandled': 'cannot handle a message',
  'bot.closed': 'closes its conversation',
  'bot.unavailable': 'is no longer active',
  'bot.recovered': 'is active again',
  'bot.silent': 'stays silent',
  'desk.accepted': 'accepts a customer',
  'desk.failed': 'does not take a customer',
  'desk.transferred': 'passes a customer on',
  'desk.idle': 'leaves a customer without an answer',
  'desk.closed': 'closes a conversation',
};

const FIELDS: Readonly<Record<string, string>> = {
  'message.text': 'the text',
  'message.type': 'the kind of message',
  'postback.payload': "the button's payload",
  'postback.title': "the button's title",
  'customer.address': "the customer's address",
  'customer.name': "the customer's name",
  'asset.id': 'the asset',
  'asset.channel': 'the channel',
  'bot.id': 'the bot',
  'desk.id': 'the desk',
  'event.name': 'the event',
  'event.cause': 'the cause',
  'event.reason': 'the reason',
  'event.status': 'the status',
  'time.local': 'the time',
  'time.weekday': 'the day',
};

const OPERATORS: Readonly<Record<string, string>> = {
  equals: 'is',
  not_equals: 'is not',
  in: 'is one of',
  not_in: 'is none of',
  contains: 'contains',
  starts_with: 'begins with',
  ends_with: 'ends with',
  regex: 'matches',
  gt: 'is more than',
  gte: 'is at least',
  lt: 'is less than',
  lte: 'is at most',
  between: 'is between',
};

/** E.g. `When a customer writes on “Shop” and the text contains “refund”, forward to desk “Returns”.` */
export function sentence(rule: Omit<Rule, 'id' | 'serviceId' | 'name' | 'position'>, nameOf: NameOf): string {
  const { trigger, conditions, action, enabled } = rule;
  const when = `${enabled ? 'When' : 'Switched off: when'} ${happening(trigger, nameOf)}`;
  const if_ = conditions ? ` and ${condition(conditions, nameOf, true)}` : '';
  return `${when}${if_}${span(rule)}, ${deed(action, nameOf)}.`;
}

function happening({ event, asset_id, bot_id, desk_id }: Trigger, nameOf: NameOf): string {
  const asset = asset_id ? ` on ${quoted(nameOf(asset_id))}` : '';
  const kind = event.split('.')[0];
  if (kind !== 'bot' && kind !== 'desk') return `${HAPPENS[event]}${asset}`;
  const id = bot_id ?? desk_id;
  return `${id ? `${kind} ${quoted(nameOf(id))}` : `a ${kind}`} ${HAPPENS[event]}`;
}

function condition(part: Condition, nameOf: NameOf, outermost = false): string {
  if ('all' in part || 'any' in part) {
    const [parts, word] = 'all' in part ? [part.all, ' and '] : [part.any, ' or '];
    const text = parts.map((each) => condition(each, nameOf)).join(word);
    const bare = parts.length === 1 || (outermost && 'all' in part);
    return bare ? text : `(${text})`;
  }
  if ('not' in part) return `not (${condition(part.not, nameOf, true)})`;
  const base = part.op.replace(/_ignore_case$/, '') as Operator;
  const field = FIELDS[part.field] ?? `the attribute ${quoted(part.field.replace(/^attributes\./, ''))}`;
  const show = (value: unknown): string => quoted(part.field.endsWith('.id') ? nameOf(String(value)) : String(value));
  const values = [part.value].flat().map(show);
  const shown = base === 'between' ? values.join(' and ') : several(values);
  return `${field} ${OPERATORS[base]} ${shown}${part.op === base ? '' : ' in any case'}`;
}

/** How many of a long list are named. */
const NAMED = 5;
const several = (values: string[]): string =>
  values.length <= NAMED ? values.join(', ') : `${values.slice(0, NAMED).join(', ')} and ${values.length - NAMED} more`;

function span({ startsAt, endsAt }: Pick<Rule, 'startsAt' | 'endsAt'>): string {
  const day = (at: number): string => `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  return `${startsAt === null ? '' : `, from ${day(startsAt)}`}${endsAt === null ? '' : `, until ${day(endsAt)}`}`;
}

function deed(action: Action, nameOf: NameOf): string {
  switch (action.type) {
    case 'forward_to_desk':
      return `forward to desk ${quoted(nameOf(action.desk_id))}`;
    case 'forward_to_bot':
      return `forward to bot ${quoted(nameOf(action.bot_id))}${standIn(action.fallback, nameOf)}`;
    case 'forward_to_bot_and_desk': {
      const to = `forward to bot ${quoted(nameOf(action.bot_id))}, and at a handover to desk ${quoted(nameOf(action.desk_id))}`;
      return `${to}${standIn(action.fallback, nameOf)}`;
    }
    case 'send_message':
      return `say ${quoted(action.text)}`;
    case 'notify_url':
      return `notify ${action.url}`;
    case 'close':
      return 'close the conversation';
  }
}

function standIn(fallback: Fallback | undefined, nameOf: NameOf): string {
  if (!fallback) return '';
  const said = fallback.holding_text ? ` after saying ${quoted(fallback.holding_text)}` : '';
  return `; if the bot is ${fallback.on.join(' or ')}, to desk ${quoted(nameOf(fallback.desk_id))}${said}`;
}
