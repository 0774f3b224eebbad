// A rule as the editor holds it, and the way to the API's body and back.
// Pure. The one thing to know: what an action does not use is kept while one chooses, and left out of the body; a new
// forward to a bot begins with its fallback ticked.
import type { Action, Rule, Trigger } from '../../api/types.ts';
import { type Branch, conditionOf, treeOf } from './tree.ts';
import { type ActionType, type EventName, scopeOf } from './vocabulary.ts';

export type RuleDraft = {
  name: string;
  enabled: boolean;
  event: EventName;
  /** the asset, bot or desk that narrows the trigger; '' any */
  scope: string;
  tree: Branch;
  action: ActionType;
  bot: string;
  desk: string;
  text: string;
  url: string;
  fallback: boolean;
  fallbackDesk: string;
  onUnavailable: boolean;
  onSilent: boolean;
  holdingText: string;
  /** as datetime-local has it; '' open */
  starts: string;
  ends: string;
};

export type Mapped = { bots: string[]; desks: string[] };

export function emptyDraft({ bots, desks }: Mapped, holdingText: string): RuleDraft {
  const [bot = '', desk = ''] = [bots[0], desks[0]];
  return {
    name: '',
    enabled: true,
    event: 'message.received',
    scope: '',
    tree: treeOf(null),
    action: bot === '' && desk !== '' ? 'forward_to_desk' : 'forward_to_bot',
    bot,
    desk,
    text: '',
    url: '',
    fallback: desk !== '',
    fallbackDesk: desk,
    onUnavailable: true,
    onSilent: true,
    holdingText,
    starts: '',
    ends: '',
  };
}

export function draftOf(rule: Rule, mapped: Mapped, holdingText: string): RuleDraft {
  const { action } = rule;
  const empty = emptyDraft(mapped, holdingText);
  const stands = 'fallback' in action ? action.fallback : undefined;
  return {
    ...empty,
    name: rule.name,
    enabled: rule.enabled,
    event: rule.trigger.event,
    scope: rule.trigger[scopeOf(rule.trigger.event)] ?? '',
    tree: treeOf(rule.conditions),
    action: action.type,
    ...('bot_id' in action ? { bot: action.bot_id } : {}),
    ...('desk_id' in action ? { desk: action.desk_id } : {}),
    ...('text' in action ? { text: action.text } : {}),
    ...('url' in action ? { url: action.url } : {}),
    // A rule that was made without one is not given one behind its maker's back.
    fallback: 'bot_id' in action ? stands !== undefined : empty.fallback,
    ...(stands
      ? {
          fallbackDesk: stands.desk_id,
          onUnavailable: stands.on.includes('unavailable'),
          onSilent: stands.on.includes('silent'),
          holdingText: stands.holding_text ?? '',
        }
      : {}),
    starts: toLocal(rule.starts_at),
    ends: toLocal(rule.ends_at),
  };
}

function actionOf(draft: RuleDraft): Action {
  const { bot, desk } = draft;
  switch (draft.action) {
    case 'forward_to_bot':
      return { type: 'forward_to_bot', bot_id: bot, ...fallbackOf(draft) };
    case 'forward_to_bot_and_desk':
      return { type: 'forward_to_bot_and_desk', bot_id: bot, desk_id: desk, ...fallbackOf(draft) };
    case 'forward_to_desk':
      return { type: 'forward_to_desk', desk_id: desk };
    case 'send_message':
      return { type: 'send_message', text: draft.text };
    case 'notify_url':
      return { type: 'notify_url', url: draft.url.trim() };
    case 'close':
      return { type: 'close' };
  }
}

function fallbackOf(draft: RuleDraft) {
  const on = [...(draft.onUnavailable ? ['unavailable' as const] : []), ...(draft.onSilent ? ['silent' as const] : [])];
  if (!draft.fallback || on.length === 0 || draft.fallbackDesk === '') return {};
  const holding = draft.holdingText.trim();
  return { fallback: { desk_id: draft.fallbackDesk, on, ...(holding === '' ? {} : { holding_text: holding }) } };
}

export type RuleBody = Pick<Rule, 'name' | 'enabled' | 'trigger' | 'action' | 'starts_at' | 'ends_at'> & {
  conditions: NonNullable<Rule['conditions']> | null;
};

export function bodyOf(draft: RuleDraft): RuleBody {
  const trigger: Trigger = { event: draft.event };
  if (draft.scope !== '') trigger[scopeOf(draft.event)] = draft.scope;
  return {
    name: draft.name.trim(),
    enabled: draft.enabled,
    trigger,
    conditions: conditionOf(draft.tree),
    action: actionOf(draft),
    starts_at: fromLocal(draft.starts),
    ends_at: fromLocal(draft.ends),
  };
}

function toLocal(at: string | null): string {
  if (at === null) return '';
  const ms = Date.parse(at);
  return new Date(ms - new Date(ms).getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
const fromLocal = (text: string): string | null => (text === '' ? null : new Date(text).toISOString());
