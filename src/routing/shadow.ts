// Which rules never get a turn, because an earlier one always takes what they would.
// Pure. Not here: what rules do. The one thing to know: it never warns wrongly and may miss some: that one condition
// implies another is seen where their form shows it, not by trying every text in the world.
import type { Condition, Id, Operator, Rule, TriggerEvent } from './model.ts';
import { evaluate, isForward } from './rules.ts';

/** Comparisons of parts of conditions per service: far more than people's rules need, and over in milliseconds. */
const MAX_STEPS = 200_000;

/** Of these exactly one forward action wins, the first. On other events a target that cannot take it is passed over. */
const FIRST_WINS: ReadonlySet<TriggerEvent> = new Set(['message.received', 'postback.received', 'bot.handover']);

/** By rule: the first earlier one that leaves it nothing. `rules` in their order. Side actions always run. */
export function shadows(rules: readonly Rule[]): Map<Id, Id> {
  const found = new Map<Id, Id>();
  const steps = { left: MAX_STEPS };
  const inForce = rules.filter((rule) => rule.enabled && isForward(rule.action));
  for (const [i, rule] of inForce.entries()) {
    const by = inForce
      .slice(0, i)
      .find((earlier) => covers(earlier, rule) && implies(rule.conditions, earlier.conditions, steps));
    if (by) found.set(rule.id, by.id);
  }
  return found;
}

/** The earlier rule listens whenever the later one does, and nothing lets the later one have a turn. */
function covers(earlier: Rule, rule: Rule): boolean {
  const { event } = rule.trigger;
  if (earlier.trigger.event !== event) return false;
  if (!FIRST_WINS.has(event) && !sameTarget(earlier, rule)) return false;
  const wider = (['asset_id', 'bot_id', 'desk_id'] as const).every(
    (scope) => earlier.trigger[scope] === undefined || earlier.trigger[scope] === rule.trigger[scope],
  );
  const sooner = earlier.startsAt === null || (rule.startsAt !== null && earlier.startsAt <= rule.startsAt);
  const longer = earlier.endsAt === null || (rule.endsAt !== null && earlier.endsAt >= rule.endsAt);
  return wider && sooner && longer;
}

function sameTarget({ action: a }: Rule, { action: b }: Rule): boolean {
  if ('bot_id' in a) return 'bot_id' in b && a.bot_id === b.bot_id;
  return a.type === 'forward_to_desk' && b.type === 'forward_to_desk' && a.desk_id === b.desk_id;
}

type Steps = { left: number };
type Leaf = Extract<Condition, { field: string }>;

/** Whether `b` holds whenever `a` does; false when that cannot be seen. */
export function implies(a: Condition | null, b: Condition | null, steps: Steps = { left: MAX_STEPS }): boolean {
  if (b === null) return true;
  if (a === null || steps.left <= 0) return false;
  steps.left -= 1;
  if ('all' in b) return b.all.every((part) => implies(a, part, steps));
  if ('any' in a) return a.any.every((part) => implies(part, b, steps));
  if ('any' in b && b.any.some((part) => implies(a, part, steps))) return true;
  if ('all' in a) return a.all.some((part) => implies(part, b, steps));
  if ('not' in a) return 'not' in b && implies(b.not, a.not, steps);
  return 'field' in b && a.field === b.field && leafImplies(a, b);
}

const foldsCase = (op: Operator): boolean => op.endsWith('_ignore_case');
const baseOf = (op: Operator): string => op.replace(/_ignore_case$/, '');
const PARTS: readonly string[] = ['contains', 'starts_with', 'ends_with'];

function leafImplies(a: Leaf, b: Leaf): boolean {
  if (a.op === b.op && JSON.stringify(a.value) === JSON.stringify(b.value)) return true;
  if (foldsCase(a.op) && !foldsCase(b.op)) return false;
  const [base, wanted] = [baseOf(a.op), baseOf(b.op)];
  // The values that `a` lets through are few: each is tried.
  if (base === 'equals' || base === 'in') {
    return [a.value].flat().every((value) => evaluate(b, { [b.field]: String(value) }).holds);
  }
  if (!PARTS.includes(base) || !PARTS.includes(wanted) || (wanted !== 'contains' && wanted !== base)) return false;
  return evaluate({ ...b }, { [b.field]: String(a.value) }).holds;
}
