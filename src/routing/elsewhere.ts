// Answered in the provider's own app: what somebody said there (echo), and the provider's word on who has the thread (control).
// Not here: how a channel tells us of either (its adapter), and the line's way back when nobody says more (clock.ts).
// The one thing to know: they hold the line as a desk does, by the asset's app desk; nothing but their answers counts there.
import { newThread } from './customer.ts';
import { accept } from './desks.ts';
import { closeDesk } from './endings.ts';
import { settlesSend } from './fates.ts';
import type { Context, Decision, Facts, Input } from './inputs.ts';
import type { DeskShare, Id } from './model.ts';
import { copyToBots, startReplyLimit } from './owed.ts';
import { openDesk } from './ownership.ts';
import { isSimulated, NOT_SIMULATED } from './simulated.ts';
import { answered, asset, desk, emptyDecision, finish, record, refuse, type Work, work } from './work.ts';

type Echo = Extract<Input, { type: 'echo' }>;
type Control = Extract<Input, { type: 'control' }>;

const ignored = (): Decision => emptyDecision({ ok: true, ignored: true });

/** Said to the customer in our name, but not by us: an agent's words, and from now on the line is theirs. */
export function decideEcho(input: Echo, facts: Facts, c: Context): Decision {
  if (facts.message) return ours(facts);
  const w = begin(input, facts, c);
  if ('reply' in w) return w;
  const app = appDesk(w);
  const own = app === null ? heldElsewhere(w) : takeLine(w, app, 'until_silent', input.author, ANSWERED);
  const author = { type: 'agent', id: own?.deskId ?? null, name: input.author } as const;
  const said = record(w, author, own?.conversationId ?? null, { ...input.message, externalId: input.externalId });
  answered(w, w.t.turn, own?.conversationId ?? '');
  if (own) startReplyLimit(w, own);
  copyToBots(w, said);
  w.d.reply = { ok: true, messageId: said.id };
  return finish(w);
}

/** Our own words that came back. */
function ours(facts: Facts): Decision {
  const decision = ignored();
  settlesSend(decision, facts);
  return decision;
}

/** The provider gave the thread to another app, or gave it back: while another has it, we do not speak. */
export function decideControl(input: Control, facts: Facts, c: Context): Decision {
  const w = begin(input, facts, c);
  if ('reply' in w) return w;
  if (input.at !== undefined && input.at < (w.t.controlAt ?? 0)) return ignored();
  const moved = input.ours ? returned(w, input) : taken(w, input);
  if (moved || (facts.thread && input.at !== undefined && input.at !== w.t.controlAt)) {
    if (input.at !== undefined) w.t.controlAt = input.at;
    w.d.reply = { ok: true, ...(moved ? {} : { ignored: true }) };
    return finish(w);
  }
  return ignored();
}

/** Ends what the provider's word began, and nothing else: an answer in the app holds the line though the thread is ours. */
function returned(w: Work, input: Control): boolean {
  const held = heldElsewhere(w);
  if (held?.elsewhere !== 'until_returned') return false;
  closeDesk(w, why(RETURNED, input), undefined, 0, `desk ${held.deskId}`);
  return true;
}

function taken(w: Work, input: Control): boolean {
  const held = heldElsewhere(w);
  const app = appDesk(w);
  if (app === null || (held?.deskId === app && held.elsewhere === 'until_returned')) return false;
  takeLine(w, app, 'until_returned', input.reason, why(TAKEN, input));
  return true;
}

const ANSWERED = 'answered in the provider’s own app';
const TAKEN = 'the provider gave the thread to another app';
const RETURNED = 'the provider gave the thread back';
const why = (what: string, { reason }: Control): string => (reason === '' ? what : `${what}: ${reason}`);

function begin(input: Echo | Control, facts: Facts, c: Context): Work | Decision {
  const of = c.world.assets.get(input.assetId);
  if (!of) return ignored();
  if (isSimulated(input.address)) return refuse('invalid', NOT_SIMULATED);
  const w = work(facts.thread ?? newThread(input, c), facts, c);
  w.t.serviceId = of.serviceId ?? w.t.serviceId;
  return w;
}

/** The desk that takes the line for the app; none while somebody has switched it off: then nobody's words move the line. */
function appDesk(w: Work): Id | null {
  const id = asset(w)?.appDeskId ?? null;
  return id !== null && desk(w, id)?.health.status === 'active' ? id : null;
}

const heldElsewhere = (w: Work): DeskShare | null => (w.t.desk?.elsewhere ? w.t.desk : null);

/** The app desk has the line; what it has already is only told anew: by whom, and what ends it. The provider's word stays. */
function takeLine(
  w: Work,
  deskId: Id,
  until: NonNullable<DeskShare['elsewhere']>,
  agent: string,
  reason: string,
): DeskShare {
  const held = heldElsewhere(w);
  const own = held?.deskId === deskId ? held : openDesk(w, deskId, { reason, actor: `desk ${deskId}` });
  if (own.elsewhere !== 'until_returned') own.elsewhere = until;
  if (own.elsewhere === 'until_returned') own.replyDue = null;
  accept(w, own, agent);
  return own;
}
