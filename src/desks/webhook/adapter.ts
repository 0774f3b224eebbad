// A desk behind a webhook: any software where humans answer, that takes our events and posts its own.
// Not here: the bodies (payload.ts, read.ts). The one thing to know: timeouts, retries, order and failures are those of
// bots, but no token is asked for; a 2xx suffices.
import type { DeskAdapter, DeskConfig } from '../../engine/ports.ts';
import { connectionOf } from '../../wire/config.ts';
import { maskFor } from '../../wire/mask.ts';
import { outcomeOf, unsupported } from '../../wire/outcome.ts';
import { signedPost } from '../../wire/post.ts';
import { exchangeChecks, SIGNED } from '../../wire/verification.ts';
import { payloadOf, typingPayload, verificationPayload } from './payload.ts';
import { read } from './read.ts';

export const webhookDesk: DeskAdapter = {
  kind: 'webhook',
  read,

  async send(desk, item, facts, send, now) {
    const payload = payloadOf(item, facts);
    if (payload === null) return unsupported(item.delivery.kind);
    const answer = await send(signedPost({ ...addressed(desk, now), id: item.delivery.id, payload }));
    return outcomeOf(answer, { clientErrors: 'retry', mask: maskFor(desk, () => secretsOf(desk)), now });
  },

  async typing(desk, conversationId, on, send, now, thread, channel = '') {
    const payload = typingPayload(conversationId, on, now, thread, channel);
    await send(signedPost({ ...addressed(desk, now), id: `typing-${conversationId}-${now}`, payload }));
  },

  async verify(desk, send, now) {
    const letter = {
      ...addressed(desk, now),
      id: `verification-${desk.id}-${now}`,
      payload: verificationPayload(desk, now),
    };
    // A key of its own: a draft must not be tried over a connection of the webhook that it is to replace.
    const answer = await send(signedPost({ ...letter, key: `${letter.key}:verification` }));
    const mask = maskFor(desk, () => secretsOf(desk));
    const outcome = outcomeOf(answer, { clientErrors: 'retry', mask, now });
    const checks = exchangeChecks(desk.url ?? '', answer, outcome);
    return checks.some((check) => !check.ok) ? checks : [...checks, SIGNED];
  },
};

function addressed(desk: DeskConfig, now: number) {
  const { url, signingSecrets } = desk;
  return { url: url ?? '', signingSecrets, now, key: connectionOf(desk) };
}

function secretsOf(desk: DeskConfig): string[] {
  return [...desk.secrets, ...desk.hookTokens, ...desk.signingSecrets];
}
