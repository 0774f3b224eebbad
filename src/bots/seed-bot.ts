// The seed's wire as a BotAdapter: what the platforms have in common. A platform says how a bot proves itself and what
// goes into the headers; everything else is here and in payload.ts, command.ts and answer.ts.
// The one thing to know: `webhook-id` is the delivery's id, the same on each retry, so that a bot can drop repetitions.
import type { BotAdapter, BotConfig, Check } from '../engine/ports.ts';
import type { Outcome } from '../routing/inputs.ts';
import { checkSignature, isSigned } from '../wire/auth.ts';
import { connectionOf } from '../wire/config.ts';
import { malformed, parseJson } from '../wire/json.ts';
import { unsupported } from '../wire/outcome.ts';
import { signedPost } from '../wire/post.ts';
import { exchangeChecks, SIGNED } from '../wire/verification.ts';
import { botOutcome, sampleReply } from './answer.ts';
import { readCommand } from './command.ts';
import { payloadOf, verificationPayload } from './payload.ts';

/** Contract §3: 413 over 256 KiB. */
export const MAX_BODY_BYTES = 262_144;

/** An answer's events need not name their conversation; in a verification there is none, and nothing is done with them. */
const NO_CONVERSATION = 'verification';

export type Platform = {
  platform: string;
  /** the answer to each POST must show the verification token */
  asksToken: boolean;
  /** headers that go with each POST, besides the signature */
  headers(bot: BotConfig): Record<string, string>;
};

/** An adapter for a platform that speaks the seed's wire. */
export function seedBot({ platform, asksToken, headers }: Platform): BotAdapter {
  return {
    platform,

    read(bot, request) {
      if (bot.requireSignature || isSigned(request)) {
        const refusal = checkSignature(request, bot.signingSecrets);
        if (refusal !== null) return refusal;
      }
      const parsed = parseJson(request.body, MAX_BODY_BYTES, 422);
      if (!parsed.ok) return parsed;
      const command = readCommand(parsed.value);
      return command.ok ? { ok: true, items: [command.value], ignored: 0, batch: false } : malformed(command.errors);
    },

    async send(bot, item, facts, send, now) {
      const { id, kind, conversationId } = item.delivery;
      const payload = payloadOf(item, facts);
      if (payload === null) return unsupported(kind);
      const key = connectionOf(bot);
      const answer = await send(signedPost({ ...addressed(bot, now), id, payload, key }));
      return botOutcome(bot, answer, { token: asksToken, conversationId, now });
    },

    async verify(bot, send, now) {
      // A key of its own: a draft must not be tried over a connection of the webhook that it is to replace.
      const key = `${connectionOf(bot)}:verification`;
      const id = `verification-${bot.id}-${now}`;
      const answer = await send(signedPost({ ...addressed(bot, now), id, payload: verificationPayload(now), key }));
      const outcome = botOutcome(bot, answer, { token: asksToken, conversationId: NO_CONVERSATION, now });
      const checks = exchangeChecks(bot.url, answer, outcome);
      if (checks.some((check) => !check.ok)) return checks;
      if (asksToken) checks.push(tokenCheck(outcome));
      return checks.some((check) => !check.ok) ? checks : [...checks, SIGNED, sampleReply(outcome.commands)];
    },
  };

  function addressed(bot: BotConfig, now: number) {
    return { url: bot.url, signingSecrets: bot.signingSecrets, now, headers: headers(bot) };
  }
}

function tokenCheck(outcome: Outcome): Check {
  const ok = outcome.result === 'ok';
  return { name: 'token', ok, detail: ok ? 'The answer shows the verification token.' : outcome.detail, ms: 0 };
}
