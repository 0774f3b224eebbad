// What a provider's answer means for a message: a ruling, in one vocabulary of reasons, made into the outcome of an attempt.
// Not here: which code of which provider means what (each channel's errors.ts), and the classes of HTTP status (outcome.ts).
// The one thing to know: what a provider says is masked before it is cut, since half a secret is found by no mask.
import type { Outcome } from '../routing/inputs.ts';
import type { Mask } from './mask.ts';
import { words } from './pick.ts';

/** Why a message did not go to a customer, whatever the channel; what HTTP alone tells is in outcome.ts. */
export const SEND_REASONS = {
  invalid: 'The message says nothing that could be sent, or says it in a form that nobody can read.',
  unsupported: 'The channel has nothing of this kind.',
  too_long: 'A text, title, payload or file is longer than the channel takes.',
  too_many: 'More media or quick replies than the channel takes at once.',
  outside_window: 'Too much time has passed since the customer wrote.',
  no_recipient: 'The provider knows no such customer.',
  unreachable: 'The customer cannot be reached now or by this sender.',
  opted_out: 'The customer does not want to hear from us: blocked, or opted out.',
  other_app: 'Another app has the conversation.',
  media_refused: 'The provider does not take the file.',
  media_unreachable: 'The provider could not fetch the file.',
  bad_credentials: 'The provider does not accept who we say we are: an operator enters a token, key or id again.',
  bad_sender: 'The sender is not set up for this: an operator mends it at the provider.',
  not_permitted: 'The account, the app or the sender may not do this.',
  restricted: 'The provider holds the account back, for its policies or for money.',
  quota: 'A limit of days or of money is reached: no wait of minutes mends it.',
  filtered: 'The provider or a network chose not to deliver it.',
  throttled: 'The provider asks us to slow down.',
  server_error: 'A passing trouble of the provider.',
  bad_answer: 'An answer, but not in the words of the provider.',
  rejected: 'The provider did not take it, for another reason.',
  redirect: 'A redirect; nobody follows it.',
  partly_sent: 'A part of it is with the customer already: nothing is sent again.',
} as const;
export type SendReason = keyof typeof SEND_REASONS;

export type Ruling = {
  result: Outcome['result'];
  reason: SendReason;
  detail: string;
  /** for how long there is no room, when the provider names no time: for this customer alone, or for the whole asset */
  slow?: { of: 'customer' | 'asset'; s: number };
};

export const final = (reason: SendReason, detail: string): Ruling => ({ result: 'final', reason, detail });
export const again = (detail: string, reason: SendReason = 'server_error'): Ruling => ({
  result: 'retry',
  reason,
  detail,
});
export const slower = (of: 'customer' | 'asset', s: number, detail: string): Ruling => ({
  result: 'retry',
  reason: 'throttled',
  detail,
  slow: { of, s },
});

/**
 * Wrong credentials are tried again, on every channel: nothing is lost while an operator enters the right ones, and no
 * provider counts a refused token against the account.
 */
export const badCredentials = (detail: string): Ruling => again(detail, 'bad_credentials');

/** As if all were well, but by somebody else than the provider: it may or may not have been handed on. */
export const notIn = (provider: string): Ruling => ({
  result: 'unknown',
  reason: 'bad_answer',
  detail: `Answered as if all were well, but not in the words of ${provider}. Look at the API base URL.`,
});

/** A gateway gave up, not the provider: what it had handed on may have been done. */
export const behind = (provider: string): Ruling => ({
  result: 'unknown',
  reason: 'server_error',
  detail: `Something between here and ${provider} gave up: nobody knows whether the message was sent.`,
});

/** Waits that providers name may be hours or a day; whoever waits longer than this asks again. */
const MAX_WAIT_S = 3600;

/**
 * The outcome of an exchange, ruled: `source` is what the provider said, `askedS` the wait that it named. What Retry-After
 * named goes before the ruling's own wait.
 */
export function ruled(
  outcome: Outcome,
  ruling: Ruling,
  more: { source?: string; askedS?: number | undefined } = {},
): Outcome {
  const { slow, detail, ...said } = ruling;
  const { retryAfterS, gone, ...rest } = outcome;
  const told = { ...rest, ...said, detail: more.source ? `${detail} (${more.source})` : detail };
  if (said.result !== 'retry') return told;
  const asked = more.askedS ?? retryAfterS ?? slow?.s;
  if (asked === undefined) return told;
  const wait = Math.min(Math.max(asked, 1), MAX_WAIT_S);
  return { ...told, retryAfterS: wait, ...(slow?.of === 'asset' ? { pauseS: wait } : {}) };
}

const MAX_QUOTED = 300;

/** A provider's words in a sentence of ours: without secrets, one line, not long. */
export function quoted(mask: Mask, value: unknown): string {
  return mask(words(value))
    .slice(0, MAX_QUOTED)
    .replace(/[\p{Cc}\p{Cs}]+/gu, ' ')
    .trim();
}

/** Where a ruling comes from: `Meta’s error 100: words`, `LINE: words`, or nothing. */
export function sourceOf(provider: string, code: number | string | null, said: string): string {
  if (code === null) return said === '' ? '' : `${provider}: ${said}`;
  return `${provider}’s error ${code}${said === '' ? '' : `: ${said}`}`;
}
