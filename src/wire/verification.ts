// Trying a webhook: what one exchange shows, as checks in the order in which an exchange goes.
// Not here: the request itself, and a platform's own condition (`more`). The one thing to know: a check that was not
// reached is not listed, so the last one listed is the one to mend.
import type { Check, ExchangeAnswer } from '../engine/ports.ts';
import type { Outcome } from '../routing/inputs.ts';

/** What the guarded client refuses before it opens a connection (src/net/answer.ts). */
const ADDRESS_REASONS: readonly string[] = ['bad_url', 'https_required', 'forbidden_address', 'bad_request'];
/** What can only happen once the request is on its way. */
const ANSWER_REASONS: readonly string[] = ['timeout', 'reset', 'closed', 'bad_answer', 'too_large'];

/** `address`, `reachable`, `tls`, `answered`, `status`, as far as it got. `ms` is each step's own time where known. */
export function exchangeChecks(url: string, answer: ExchangeAnswer, outcome: Outcome): Check[] {
  const { timing } = answer;
  const connectMs = (timing.dnsMs ?? 0) + (timing.connectMs ?? 0);
  const failed = answer.ok ? '' : stepOf(answer.reason);
  const steps: Check[] = [
    { name: 'address', ok: failed !== 'address', detail: 'The address may be reached.', ms: 0 },
    { name: 'reachable', ok: failed !== 'reachable', detail: 'A connection was made.', ms: connectMs },
    { name: 'tls', ok: failed !== 'tls', ...tlsOf(url), ms: 0 },
    { name: 'answered', ok: failed !== 'answered', detail: answeredIn(timing.totalMs), ms: timing.totalMs },
  ];
  if (!answer.ok) {
    const at = steps.findIndex((step) => !step.ok);
    return steps
      .slice(0, at + 1)
      .map((step) => (step.ok ? step : { name: step.name, ok: false, detail: answer.detail, ms: timing.totalMs }));
  }
  const status = answer.status >= 200 && answer.status < 300;
  const asked = REFUSALS.includes(answer.status) ? WHY_REFUSED : 'A status from 200 to 299 is needed.';
  const detail = status ? `It answered ${answer.status}.` : `${outcome.detail} ${asked}`;
  return [...steps, { name: 'status', ok: status, detail, ms: 0 }];
}

/** What one request showed. */
export type Verdict = Pick<Check, 'ok' | 'detail' | 'advice'>;

export const checkOf = (name: string, { timing }: ExchangeAnswer, verdict: Verdict): Check => ({
  name,
  ...verdict,
  ms: Math.round(timing.totalMs),
});

/** Whether it was answered at all, and with a status of 200 to 299. */
export const isGood = (answer: ExchangeAnswer): boolean => answer.ok && answer.status >= 200 && answer.status < 300;

/** Statuses of somebody who does not believe that it is us. */
const REFUSALS: readonly number[] = [401, 403];
const WHY_REFUSED =
  'It did not take us for who we are: compare the access token and the signing secret with those set there, and check the signature over the body byte for byte as it came.';

/** Whether the other side looked at the signature, only it knows: what can be said is that the request bore one. */
export const SIGNED: Check = {
  name: 'signature',
  ok: true,
  detail: 'The request was signed (webhook-id, webhook-timestamp, webhook-signature), and it was taken.',
  ms: 0,
};

function tlsOf(url: string): Pick<Check, 'detail' | 'advice'> {
  if (!/^http:/i.test(url.trim())) return { detail: 'The connection is encrypted, and the certificate is trusted.' };
  const detail = 'Plain http: allowed for this address by SIGNALBOX_ALLOW_PRIVATE.';
  return { detail, advice: 'Nothing is encrypted on the way. Use https for everything but trials.' };
}

function stepOf(reason: string): 'address' | 'reachable' | 'tls' | 'answered' {
  if (ADDRESS_REASONS.includes(reason)) return 'address';
  if (reason === 'tls') return 'tls';
  return ANSWER_REASONS.includes(reason) ? 'answered' : 'reachable';
}

function answeredIn(ms: number): string {
  return `The answer was complete after ${Math.round(ms)} ms; 5 seconds are the limit.`;
}
