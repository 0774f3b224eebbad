// A channel as providers have them: no idempotency key, ids of its own, and it asks for the customer's last word.
// Not here: any vendor's wire. The one thing to know: what left and was not answered is unknown here, and held.
import type { Capabilities, ChannelAdapter } from '../../src/engine/channel-port.ts';
import { outcomeOf, unsupported } from '../../src/wire/outcome.ts';

const capabilities: Capabilities = {
  receipts: { accepted: true, delivered: true, read: true, failed: true },
  ...{ sends: ['text'], quickReplies: null, text: { max: 4_096, unit: 'characters' } },
  ...{ typing: true, seen: false, windowHours: null, idempotent: false, echoes: true },
};

export const providerChannel: ChannelAdapter = {
  channel: 'telegram',
  word: 'TELEGRAM',
  capabilities,
  needsHeard: true,
  checkConfig: () => ({ ok: true, config: {} }),
  read: () => ({ ok: true, items: [], ignored: 0, batch: false }),
  async send(asset, item, _facts, send, now) {
    const { message, delivery, thread } = item;
    if (delivery.kind !== 'message' || message === null) return unsupported(delivery.kind);
    const said = { to: thread?.address, text: message.text, message_id: message.id };
    // The provider sees no id of ours: this one is for the witness of the simulation alone.
    const answer = await send({
      url: String(asset.config.url),
      headers: { 'webhook-id': message.id },
      body: JSON.stringify(said),
      key: asset.id,
    });
    const outcome = outcomeOf(answer, { clientErrors: 'final', mask: (text) => text, now, keyless: true });
    const named = answer.ok && outcome.result === 'ok' ? (JSON.parse(answer.body) as { id: string }).id : undefined;
    return named === undefined ? outcome : { ...outcome, externalId: named };
  },
};
