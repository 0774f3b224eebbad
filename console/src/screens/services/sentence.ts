// A rule as a plain sentence in the person's language.
// Pure; its words are in en.json. Not here: the server's own English sentence, for programs. The one thing to know: names
// stand between isolates, so that one in another script does not turn the sentence around.
import type { Action, Condition, Rule, Trigger } from '../../api/types.ts';
import { ATTRIBUTES, baseOf, ignoresCase, isField, scopeOf } from './vocabulary.ts';
import type { ServiceT } from './words.ts';

export type Said = Pick<Rule, 'trigger' | 'conditions' | 'action' | 'enabled' | 'starts_at' | 'ends_at'>;
export type Say = { t: ServiceT; tag: string; nameOf: (id: string) => string };

const SHOWN = 60;
const NAMED = 5;
const quoted = (text: string): string => `\u2068“${text.length > SHOWN ? `${text.slice(0, SHOWN - 1)}…` : text}”\u2069`;

export function sentenceOf(rule: Said, say: Say): string {
  const { t } = say;
  const when = t(rule.enabled ? 'say.when' : 'say.when.off', { what: happening(rule.trigger, say) });
  const conditions = rule.conditions ? t('say.if', { condition: condition(rule.conditions, say, true) }) : '';
  return t('say', { when: `${when}${conditions}${span(rule, say)}`, action: deed(rule.action, say) });
}

function happening(trigger: Trigger, { t, nameOf }: Say): string {
  const id = trigger[scopeOf(trigger.event)];
  const what = t(`event.${trigger.event}`);
  if (!id) return what;
  return t(`say.of.${scopeOf(trigger.event)}`, { what, name: quoted(nameOf(id)) });
}

export const fieldName = (t: ServiceT, field: string): string =>
  isField(field) ? t(`field.${field}`) : t('field.attribute', { name: quoted(field.slice(ATTRIBUTES.length)) });

function condition(part: Condition, say: Say, outermost = false): string {
  const { t } = say;
  if ('not' in part) return t('say.not', { condition: condition(part.not, say) });
  if ('all' in part || 'any' in part) {
    const [parts, word] = 'all' in part ? [part.all, t('say.and')] : [part.any, t('say.or')];
    const text = parts.map((each) => condition(each, say)).join(word);
    return parts.length === 1 || (outermost && 'all' in part) ? text : `(${text})`;
  }
  const base = baseOf(part.op);
  const values = [part.value].flat().map((value) => quoted(shown(part.field, String(value), say)));
  const listed = base === 'between' ? values.join(t('say.and')) : several(values, say);
  const text = t('say.leaf', { field: fieldName(t, part.field), op: t(`op.${base}`), value: listed });
  return ignoresCase(part.op) ? t('say.any_case', { condition: text }) : text;
}

const shown = (field: string, value: string, { nameOf }: Say): string =>
  field.endsWith('.id') ? nameOf(value) : value;

function several(values: string[], { t }: Say): string {
  if (values.length <= NAMED) return values.join(t('say.comma'));
  return t('say.more', { values: values.slice(0, NAMED).join(t('say.comma')), count: values.length - NAMED });
}

function span({ starts_at, ends_at }: Said, { t, tag }: Say): string {
  const day = (at: string): string =>
    new Intl.DateTimeFormat(tag, { dateStyle: 'medium', timeStyle: 'short' }).format(Date.parse(at));
  const from = starts_at ? t('say.from', { at: day(starts_at) }) : '';
  return `${from}${ends_at ? t('say.until', { at: day(ends_at) }) : ''}`;
}

function deed(action: Action, say: Say): string {
  const { t, nameOf } = say;
  switch (action.type) {
    case 'forward_to_desk':
      return t('say.forward_to_desk', { desk: quoted(nameOf(action.desk_id)) });
    case 'forward_to_bot':
      return `${t('say.forward_to_bot', { bot: quoted(nameOf(action.bot_id)) })}${standIn(action.fallback, say)}`;
    case 'forward_to_bot_and_desk': {
      const names = { bot: quoted(nameOf(action.bot_id)), desk: quoted(nameOf(action.desk_id)) };
      return `${t('say.forward_to_bot_and_desk', names)}${standIn(action.fallback, say)}`;
    }
    case 'send_message':
      return t('say.send_message', { text: quoted(action.text) });
    case 'notify_url':
      return t('say.notify_url', { url: `\u2068${action.url}\u2069` });
    case 'close':
      return t('say.close');
  }
}

type Fallback = Extract<Action, { type: 'forward_to_bot' }>['fallback'];

function standIn(fallback: Fallback, { t, nameOf }: Say): string {
  if (!fallback) return '';
  const on = fallback.on.map((each) => t(`fallback.${each}`)).join(t('say.or'));
  const said = fallback.holding_text ? t('say.after', { text: quoted(fallback.holding_text) }) : '';
  return `${t('say.fallback', { on, desk: quoted(nameOf(fallback.desk_id)) })}${said}`;
}
