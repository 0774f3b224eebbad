// Sends one message to one customer: looks at the window, makes the requests, and says what happened to the whole of it.
// Not here: the form of the requests (compose.ts) and what Meta's errors mean (errors.ts). The one thing to know: there is no
// idempotency key, so what was accepted in part is never sent again: the rest fails, and says which part arrived.
import type { AssetConfig, AttemptFacts, Send } from '../../engine/ports.ts';
import type { LaneItem } from '../../engine/store-port.ts';
import type { Outcome } from '../../routing/inputs.ts';
import { isId } from '../../wire/fields.ts';
import { graphOutcome, parsed } from '../../wire/meta.ts';
import { unsent, unsupported } from '../../wire/outcome.ts';
import { maskOf, messages } from './api.ts';
import { compose, NOTHING, type Part } from './compose.ts';
import { list } from './content.ts';
import { OUTSIDE_WINDOW, ruling } from './errors.ts';
import { settingsOf, WINDOW_HOURS } from './fields.ts';
import { isBsuid } from './identity.ts';

const HOUR_MS = 3_600_000;

export async function sendMessage(
  asset: AssetConfig,
  item: LaneItem,
  facts: AttemptFacts,
  send: Send,
  now: number,
): Promise<Outcome> {
  const { message, thread, delivery } = item;
  if (delivery.kind !== 'message' || message === null) return unsupported(delivery.kind);
  const address = thread?.address ?? '';
  if (!windowOpen(facts, now)) return unsent(OUTSIDE_WINDOW.reason, OUTSIDE_WINDOW.detail);
  const composed = compose(message, settingsOf(asset));
  if (!composed.ok) return unsent(composed.reason, composed.detail);
  const envelope = {
    recipient_type: 'individual',
    ...(isBsuid(address) ? { recipient: address } : { to: address }),
    biz_opaque_callback_data: message.id,
  };
  const mask = maskOf(asset);
  let last: Outcome | undefined;
  for (const [index, part] of composed.parts.entries()) {
    const answer = await send(messages(asset, { ...envelope, ...part.body }));
    const outcome = graphOutcome(answer, { mask, now, ruling });
    if (outcome.result !== 'ok') return last === undefined ? outcome : inPart(outcome, last, composed.parts, index);
    // The first part's id stands for the message; statuses of all parts bring our own id back.
    last = { ...outcome, ...(last?.externalId === undefined ? idOf(answer) : { externalId: last.externalId }) };
  }
  return last ?? unsent('empty', NOTHING);
}

/** Nobody looked when the customer last wrote: then Meta is asked, and says so itself. */
function windowOpen({ heard }: AttemptFacts, now: number): boolean {
  return heard === undefined || (heard !== null && now - heard.at < WINDOW_HOURS * HOUR_MS);
}

/** Something of it is with the customer already: a retry would say that twice. */
function inPart(failed: Outcome, sent: Outcome, parts: Part[], index: number): Outcome {
  const { retryAfterS, ...rest } = failed;
  const done = parts.slice(0, index).map(({ what }) => what);
  const detail = `Sent: ${done.join(', ')}. Not sent: ${parts[index]?.what}. ${failed.detail}`;
  const result = failed.result === 'unknown' ? 'unknown' : 'final';
  return { ...rest, result, detail, ...(sent.externalId === undefined ? {} : { externalId: sent.externalId }) };
}

function idOf(answer: Awaited<ReturnType<Send>>): { externalId?: string } {
  const [first] = answer.ok ? list(parsed(answer.body)?.messages) : [];
  return isId(first?.id) ? { externalId: first.id } : {};
}
