// A customer's utterance: kept, routed by the rules, handed to the holder, copied to the bots.
// Not here: what a rule's condition means (rules.ts), how the line changes hands (ownership.ts).
// The one thing to know: exactly one forward action wins, the first that matches; a rule without conditions never takes
// a thread from a bot that holds it; while a desk holds it, forward rules are not looked at.
import { known, use } from './aliases.ts';
import { failDesk } from './endings.ts';
import type { Context, Decision, Facts, Input } from './inputs.ts';
import type { ForwardAction, Message, Rule, ThreadState } from './model.ts';
import { tellAll } from './owed.ts';
import { belongs, forward, giveToNobody, routes } from './ownership.ts';
import { act } from './raise.ts';
import { isForward, type Looked } from './rules.ts';
import { isSimulated, NOT_SIMULATED } from './simulated.ts';
import { divertIfDown } from './stand-in.ts';
import { botReady, desk, finish, holderOf, holdingShare, refuse, rule, say, type Work, work } from './work.ts';

type Customer = Extract<Input, { type: 'customer' }>;

/** A thread in which nothing was said yet. */
export function newThread(input: Pick<Customer, 'assetId' | 'address' | 'name'>, c: Context): ThreadState {
  return {
    id: c.newId('thr'),
    assetId: input.assetId,
    address: input.address,
    name: input.name ?? '',
    createdAt: c.now,
    serviceId: null,
    epoch: 0,
    seq: 0,
    turn: 0,
    answered: 0,
    waitingSince: null,
    holder: { type: 'none', since: c.now },
    bots: [],
    desk: null,
    limbo: '',
    attributes: {},
    loop: { since: 0, count: 0 },
  };
}

/** A channel that tells us so much later kept it for us, or told it in vain before: its own time counts for its window. */
const LATE_MS = 60_000;

function utterance(w: Work, input: Customer): Message {
  const message: Message = {
    id: w.c.newId('msg'),
    threadId: w.t.id,
    seq: ++w.t.seq,
    turn: ++w.t.turn,
    kind: input.kind,
    author: { type: 'customer', id: null, name: w.t.name },
    conversationId: null,
    ...input.message,
    externalId: input.externalId,
    at: w.c.now,
  };
  if (input.payload !== undefined) message.payload = input.payload;
  if (input.title !== undefined) message.title = input.title;
  if (input.sentAt !== undefined && input.sentAt < w.c.now - LATE_MS) message.sentAt = input.sentAt;
  return message;
}

export function decideCustomer(input: Customer, facts: Facts, c: Context): Decision {
  const simulated = input.simulated === true;
  if (isSimulated(input.address) !== simulated || (facts.thread && isSimulated(facts.thread.address) !== simulated))
    return refuse('invalid', NOT_SIMULATED);
  const w = work(facts.thread ?? newThread(input, c), facts, c);
  w.t.serviceId = c.world.assets.get(input.assetId)?.serviceId ?? null;
  if (input.name) w.t.name = input.name;
  if (input.aliases || w.t.aliases || input.address !== w.t.address) {
    known(w, [input.address, ...(input.aliases ?? [])]);
    use(w, input.address);
  }
  const message = utterance(w, input);
  w.d.messages.push(message);
  w.fresh.push(message);
  w.t.waitingSince ??= c.now;
  if (w.t.failedDesks) w.t.failedDesks = [];
  const decision = { looked: [] as Looked[], winner: null as string | null, why: '' };
  say(w, 'message.received', { message_id: message.id, kind: message.kind, decision });
  if (w.t.desk && !desk(w, w.t.desk.deskId)) failDesk(w, 'the desk was deleted');
  const unfounded = unfoundedBot(w, message);
  routeUtterance(w, message, decision, unfounded);
  tellAll(w, message);
  w.d.reply = { ok: true, messageId: message.id };
  return finish(w);
}

/**
 * Why the bot that holds the line has lost its claim: it does not belong here, its rule is gone or points elsewhere, or
 * its principal is active again. A postback still goes to the stand-in: the button is the stand-in's.
 */
function unfoundedBot(w: Work, message: Message): string | null {
  const holder = w.t.holder;
  if (holder.type !== 'bot') return null;
  const own = holdingShare(w);
  if (!own || !belongs(w, own)) return 'the bot is not mapped to the service of the asset';
  if (holder.standInFor && botReady(w, holder.standInFor) && message.kind === 'message')
    return 'the bot it stood in for is active again';
  if (!holder.ruleId) return null;
  const by = rule(w, holder.ruleId);
  if (!by) return 'the rule that gave it the line was deleted';
  const still =
    by.enabled && isForward(by.action) && by.action.type !== 'forward_to_desk' && by.action.bot_id === holder.id;
  return still ? null : 'the rule that gave it the line was changed';
}

type Explained = { looked: Looked[]; winner: string | null; why: string };

function routeUtterance(w: Work, message: Message, decision: Explained, unfounded: string | null): void {
  const { occasion, matched, looked } = routes(w, message, w.t.holder.type === 'none' || unfounded !== null);
  const winner = w.t.holder.type === 'desk' ? undefined : matched.find((r) => isForward(r.action));
  decision.looked = looked;
  decision.winner = winner?.id ?? null;
  if (winner && isForward(winner.action)) {
    decision.why = apply(w, winner, winner.action, message.kind === 'postback', unfounded);
  } else {
    if (unfounded) giveToNobody(w, unfounded, 'signalbox');
    decision.why = unfounded ? `${unfounded}: ${kept(w)}` : kept(w);
  }
  // The line first, so that `close` ends the conversation that this message went to, and not the one before.
  for (const each of matched) if (!isForward(each.action)) act(w, each, occasion);
  unlessDown(w, decision);
}

function kept(w: Work): string {
  const { type } = w.t.holder;
  if (w.t.desk?.elsewhere) return 'it is answered in the provider’s own app: forward rules are not looked at';
  if (type === 'desk') return 'a desk holds the thread: forward rules are not looked at';
  if (type === 'bot') return 'no rule moves it: it stays with the bot that holds it';
  return w.t.serviceId ? 'no rule matches: kept, unrouted' : 'the asset is in no service: kept, unrouted';
}

/** Applies the winning forward action to a thread that a bot may hold. Returns why it went where it went. */
function apply(w: Work, by: Rule, action: ForwardAction, postback: boolean, unfounded: string | null): string {
  const holder = w.t.holder;
  if (holder.type === 'bot') {
    if (postback && !unfounded) return 'a postback goes to the holder';
    const here = holdingShare(w)?.serviceId === w.t.serviceId;
    const bot = action.type === 'forward_to_desk' ? undefined : action.bot_id;
    if (bot === holder.id && here) {
      w.t.holder = { ...holder, ruleId: by.id, standInFor: null };
      return 'its bot holds the thread already';
    }
    if (bot === holder.standInFor && !unfounded) return 'its bot is not active: the stand-in keeps the thread';
    if (by.conditions === null && !unfounded)
      return 'a rule without conditions does not take a thread from a bot that holds it';
  }
  const to = forward(w, by, action, { reason: unfounded ?? `rule “${by.name}”` });
  return unfounded ? `${unfounded}: ${to}` : to;
}

/** A bot that is not active does not get new messages if its rules or its fallback name someone who stands in [ours]. */
function unlessDown(w: Work, decision: Explained): void {
  const holder = w.t.holder;
  if (holder.type !== 'bot' || botReady(w, holder.id)) return;
  decision.why += divertIfDown(w)
    ? `; the bot is not active: moved on to ${holderOf(w.t.holder).id ?? 'nobody'}`
    : '; the bot is not active: it waits there';
}
