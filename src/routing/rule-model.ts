// The nouns of rules: what happens (Trigger), under which conditions, and what is done then (Action).
// Types only, given out by model.ts. How a rule matches is in rules.ts; what its action does, in ownership.ts and raise.ts.
// The one thing to know: they are stored and shown as they stand here, so their fields are those of the API.
import type { Id } from './model.ts';

export type TriggerEvent =
  | 'message.received'
  | 'postback.received'
  | 'bot.handover'
  | 'bot.custom'
  | 'bot.milestone'
  | 'bot.notify'
  | 'bot.unhandled'
  | 'bot.closed'
  | 'bot.unavailable'
  | 'bot.recovered'
  | 'bot.silent'
  | 'desk.accepted'
  | 'desk.failed'
  | 'desk.transferred'
  | 'desk.idle'
  | 'desk.closed'
  | 'channel.receipt';

export type Trigger = { event: TriggerEvent; asset_id?: Id; bot_id?: Id; desk_id?: Id };

export type Fallback = { desk_id: Id; on: ('unavailable' | 'silent')[]; holding_text?: string };
export type ForwardAction =
  | { type: 'forward_to_bot'; bot_id: Id; fallback?: Fallback }
  | { type: 'forward_to_desk'; desk_id: Id }
  | { type: 'forward_to_bot_and_desk'; bot_id: Id; desk_id: Id; fallback?: Fallback };
export type Action =
  | ForwardAction
  | { type: 'send_message'; text: string }
  | { type: 'notify_url'; url: string }
  | { type: 'close' };

export type Operator =
  | 'equals'
  | 'not_equals'
  | 'in'
  | 'not_in'
  | 'contains'
  | 'starts_with'
  | 'ends_with'
  | 'regex'
  | 'gt'
  | 'gte'
  | 'lt'
  | 'lte'
  | 'between'
  | 'equals_ignore_case'
  | 'not_equals_ignore_case'
  | 'in_ignore_case'
  | 'not_in_ignore_case'
  | 'contains_ignore_case'
  | 'starts_with_ignore_case'
  | 'ends_with_ignore_case'
  | 'regex_ignore_case';
export type Condition =
  | { all: Condition[] }
  | { any: Condition[] }
  | { not: Condition }
  | { field: string; op: Operator; value: unknown };

export type Rule = {
  id: Id;
  serviceId: Id;
  name: string;
  position: number;
  enabled: boolean;
  trigger: Trigger;
  conditions: Condition | null;
  action: Action;
  startsAt: number | null;
  endsAt: number | null;
};
