// The HTTP channel: for networks we do not speak, and for whoever manages a channel themselves (contract §6).
// Not here: how its requests are read (read.ts), and the road out (`send` is given). The one thing to know: it takes an
// idempotency key, so an outcome is never unknown: the same message goes again under the same `webhook-id`.
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { AssetConfig, ChannelAdapter, ExchangeAnswer } from '../../engine/ports.ts';
import type { LaneItem } from '../../engine/store-port.ts';
import type { Outcome } from '../../routing/inputs.ts';
import type { Author, Message } from '../../routing/model.ts';
import { connectionOf, textIn } from '../../wire/config.ts';
import { httpUrl, MAX_ID } from '../../wire/fields.ts';
import { check, objectOf } from '../../wire/json.ts';
import { maskFor } from '../../wire/mask.ts';
import { outcomeOf, unsupported } from '../../wire/outcome.ts';
import { key } from '../../wire/pick.ts';
import { signedPost } from '../../wire/post.ts';
import { read } from './read.ts';

const config = z.object({
  url: httpUrl.refine(
    (value) => !hasCredentials(value),
    'must not have credentials in it: requests are signed instead',
  ),
});

export const httpChannel: ChannelAdapter = {
  channel: 'http',
  word: 'HTTP',

  checkConfig(given) {
    const result = check(config, given);
    return result.ok
      ? { ok: true, config: result.value }
      : { ok: false, errors: result.errors.map((error) => ({ ...error, pointer: `/config${error.pointer}` })) };
  },

  read,

  async send(asset, item, _facts, send, now) {
    const message = item.message;
    if (item.delivery.kind !== 'message' || message === null) return unsupported(item.delivery.kind);
    const answer = await send(letter(asset, message.id, outMessage(message, item), now));
    const mask = maskFor(asset, () => [...asset.secrets, ...asset.signingSecrets]);
    return withExternalId(outcomeOf(answer, { clientErrors: 'final', mask, now }), answer);
  },

  async typing(asset, address, on, author, send, now) {
    // Nothing identifies a typing indicator but whom, what and when: two in a millisecond are one.
    const what = createHash('sha256').update(`${address}\n${on}\n${now}`).digest('base64url').slice(0, 24);
    const payload = { type: 'typing', to: { address }, on, author: said(author) };
    await send(letter(asset, `typing-${what}`, payload, now));
  },
};

/** Every refinement runs, on what is no URL too. */
function hasCredentials(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const { username, password } = new URL(value);
  return username !== '' || password !== '';
}

function letter(asset: AssetConfig, id: string, payload: unknown, now: number) {
  return signedPost({
    url: textIn(asset.config, 'url'),
    id,
    payload,
    signingSecrets: asset.signingSecrets,
    key: connectionOf(asset),
    now,
  });
}

/** The body of a message to the channel, without what it has not. */
function outMessage(message: Message, item: LaneItem) {
  return {
    type: 'message',
    message_id: message.id,
    to: { address: item.thread?.address ?? '' },
    message: {
      type: message.type,
      ...(message.text === '' ? {} : { text: message.text }),
      ...(message.media.length === 0 ? {} : { media: message.media }),
      ...(message.quickReplies?.length ? { quick_replies: message.quickReplies } : {}),
      ...(message.custom && Object.keys(message.custom).length > 0 ? { custom: message.custom } : {}),
    },
    author: said(message.author),
    conversation_id: message.conversationId ?? item.delivery.conversationId,
  };
}

const said = (author: Author) => ({ type: author.type, name: author.name });

/** The answer may carry `{id}`, the channel's own id; an answer that is not JSON is as good as none. */
function withExternalId(outcome: Outcome, answer: ExchangeAnswer): Outcome {
  const externalId = key(objectOf(answer).id, MAX_ID);
  return outcome.result !== 'ok' || externalId === '' ? outcome : { ...outcome, externalId };
}
