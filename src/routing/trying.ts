// Trying a draft of a rule on what customers said before: would it have matched, and which rule would have won.
// Pure. Not here: which utterances (the store) and whether the draft is sound (src/http/api/rule-check.ts).
// The one thing to know: each utterance is looked at as if nobody held the line, with the time of day at which it was
// said, and with the customer's name and attributes as they are now.
import type { AssetView, Id, Message, Rule, ServiceView, ThreadState } from './model.ts';
import { isForward, matchUtterance } from './rules.ts';
import { fieldsOf } from './work.ts';

/** The id of a draft that takes no rule's place. */
export const DRAFT = 'draft';

export type Utterance = {
  message: Message;
  thread: Pick<ThreadState, 'id' | 'address' | 'name' | 'assetId' | 'attributes'>;
};
export type Tried = { matches: boolean; why: string; winner: { ruleId: Id; name: string } | null };

/** The service as it would be with the draft: in the place of the rule whose id it has, else added. It counts as in force. */
export function withDraft(service: ServiceView, draft: Rule): ServiceView {
  const rules = [
    ...service.rules.filter(({ id }) => id !== draft.id),
    { ...draft, enabled: true, startsAt: null, endsAt: null },
  ];
  // A draft that takes a place pushes back whoever stands there, as saving it does.
  rules.sort(
    (a, b) => a.position - b.position || (a.id === draft.id ? -1 : b.id === draft.id ? 1 : a.id < b.id ? -1 : 1),
  );
  return { ...service, rules };
}

/** What the rules say to one utterance, and what the draft among them says. */
export function tryOn(
  service: ServiceView,
  draftId: Id,
  { message, thread }: Utterance,
  asset: AssetView | undefined,
): Tried {
  const event = message.kind === 'postback' ? ('postback.received' as const) : ('message.received' as const);
  const fields = fieldsOf(thread, asset?.channel, message.at, {}, message);
  const { matched, looked } = matchUtterance(service, { event, assetId: thread.assetId, fields }, message.at, true);
  const winner = matched.find((rule) => isForward(rule.action));
  const seen = looked.find(({ rule_id }) => rule_id === draftId);
  return {
    matches: seen?.matched ?? false,
    why: seen?.why ?? 'another event',
    winner: winner ? { ruleId: winner.id, name: winner.name } : null,
  };
}
