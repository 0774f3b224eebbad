// What a customer says about a message that was said: a reaction, an edit, a deletion; and signs that are no words at all.
// Not here: what is said (customer.ts). The one thing to know: none of it is a turn, nobody owes an answer to it, and
// nothing gets a deadline. Words stand in the message alone, so that what the customer takes back is gone.
import type { Context, Decision, Facts, Input } from './inputs.ts';
import type { Message } from './model.ts';
import { deliver, desk, emptyDecision, finish, say, signal, type Work, work } from './work.ts';

type Remarked = Extract<Input, { type: 'remark' }>;
export type Remark = Remarked['remark'];

const ignored = (): Decision => emptyDecision({ ok: true, ignored: true });
/** Wide enough for an emoji of a family, and for the name of a custom one. */
const MAX_EMOJI = 64;
const MAX_SIGN_NAME = 64;
const MAX_SIGN_TEXT = 1024;

/** Something happened on the channel that is no word of the customer's: shown where the thread is. */
export function decideSign(input: Extract<Input, { type: 'sign' }>, facts: Facts): Decision {
  return facts.thread ? shown(input.name, input.text) : ignored();
}

function shown(name: string, text: string): Decision {
  const decision = emptyDecision({ ok: true });
  const data = { name: name.slice(0, MAX_SIGN_NAME), text: text.slice(0, MAX_SIGN_TEXT) };
  decision.events.push({ type: 'customer.sign', data });
  return decision;
}

/** Told to the desk that has the line, and to bots that asked for extended events. */
export function decideRemark({ remark }: Remarked, facts: Facts, c: Context): Decision {
  const { thread, message } = facts;
  if (!thread) return ignored();
  if (!message) return shown(remark.kind, wordsOf(remark));
  const w = work(thread, facts, c);
  const { receipt: _, ...before } = message;
  const after = rewritten(before, remark, c.now);
  if (after) w.d.rewritten = [after];
  const emoji = remark.kind === 'reaction' ? { emoji: remark.emoji.slice(0, MAX_EMOJI) } : {};
  const data = { message_id: message.id, kind: remark.kind, ...emoji };
  say(w, 'message.remarked', data);
  tell(w, message.id, data);
  w.d.reply = { ok: true, messageId: message.id };
  return finish(w);
}

function wordsOf(remark: Remark): string {
  if (remark.kind === 'reaction') return remark.emoji;
  return remark.kind === 'edit' ? remark.text : '';
}

/** How the message reads from now on; null: as before. A customer rewrites their own words only, and not what is gone. */
export function rewritten(message: Message, remark: Remark, now: number): Message | null {
  if (message.author.type !== 'customer' || message.deletedAt !== undefined) return null;
  if (remark.kind === 'edit') {
    const original = message.edited?.original ?? message.text;
    return { ...message, text: remark.text, edited: { at: now, original } };
  }
  if (remark.kind !== 'delete') return null;
  const { details: _, edited: __, payload: ___, title: ____, ...rest } = message;
  return { ...rest, text: '', media: [], deletedAt: now };
}

function tell(w: Work, messageId: string, data: Record<string, unknown>): void {
  const more = { event: 'message.updated', ...data };
  const own = w.t.desk;
  if (own && desk(w, own.deskId)) {
    const target = { type: 'desk', id: own.deskId } as const;
    deliver(w, { target, kind: 'signal', conversationId: own.conversationId, messageId, data: more });
  }
  for (const to of w.t.bots) signal(w, to, 'message.updated', data, messageId);
}
