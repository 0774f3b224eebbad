// Sends one message to one customer: looks at the window, makes the requests, and says what happened to the whole of it.
// Not here: the form of the requests (compose.ts) and what Meta's errors mean (errors.ts). The one thing to know: there is no
// idempotency key, so what was accepted in part is never sent again: the rest fails, and says which part arrived.
import type { AssetConfig, AttemptFacts, Send } from '../../engine/ports.ts';
import type { LaneItem } from '../../engine/store-port.ts';
import type { Outcome } from '../../routing/inputs.ts';
import { MAX_ID } from '../../wire/fields.ts';
import { outsideWindow, owed } from '../../wire/fits.ts';
import { graphSent } from '../../wire/meta.ts';
import { sendParts } from '../../wire/parts.ts';
import { key, objects } from '../../wire/pick.ts';
import { lineOf, messages } from './api.ts';
import { compose } from './compose.ts';
import { ruling } from './errors.ts';
import { LIMITS, settingsOf, WINDOW_HOURS } from './fields.ts';
import { isBsuid } from './identity.ts';

/** From bots and people alike; templates, which may be sent at any time, are not sent from here. */
const WINDOW = { title: LIMITS.title, hours: WINDOW_HOURS, what: 'free text' };

export async function sendMessage(
  asset: AssetConfig,
  item: LaneItem,
  facts: AttemptFacts,
  send: Send,
  now: number,
): Promise<Outcome> {
  const wanted = owed(item);
  if ('reason' in wanted) return wanted;
  const { message, to } = wanted;
  const shut = outsideWindow(facts.heard, now, WINDOW);
  if (shut !== null) return shut;
  const composed = compose(message, settingsOf(asset));
  if ('reason' in composed) return composed;
  const envelope = {
    recipient_type: 'individual',
    ...(isBsuid(to) ? { recipient: to } : { to }),
    biz_opaque_callback_data: message.id,
  };
  const line = lineOf(asset);
  const parts = composed.map(({ what, body }) => ({ what, exchange: messages(asset, line, { ...envelope, ...body }) }));
  const by = { mask: line.mask, now, ruling };
  return sendParts(parts, send, (answer) => graphSent(answer, by, idIn));
}

const idIn = ({ messages }: Record<string, unknown>): string => key(objects(messages, 1)[0]?.id, MAX_ID);
