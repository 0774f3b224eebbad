// From what LINE answered to a push to an Outcome, with a sentence that says what to do.
// Not here: the classes of HTTP status that all channels share (src/wire/outcome.ts). The one thing to know: pushes
// carry a retry key, so nothing is ever unknown; 409 says that an earlier try was accepted, and this is success.
// Source: developers.line.biz, Messaging API reference (Status codes, Error responses) and “Retry failed API requests”.
import type { AssetConfig, ExchangeAnswer } from '../../engine/ports.ts';
import type { Outcome } from '../../routing/inputs.ts';
import { MAX_ID } from '../../wire/fields.ts';
import { objectOf } from '../../wire/json.ts';
import { outcomeOf } from '../../wire/outcome.ts';
import { key, objects, words } from '../../wire/pick.ts';
import { masked } from './api.ts';

/** LINE counts by the second and names no time to wait. */
const PAUSE_S = 2;

type Ruling = Pick<Outcome, 'result' | 'reason' | 'detail'>;
const as = (result: Ruling['result'], reason: string, detail: string): Ruling => ({ result, reason, detail });

export function outcomeOfSend(asset: AssetConfig, answer: ExchangeAnswer, now: number): Outcome {
  const mask = masked(asset);
  const outcome = outcomeOf(answer, { clientErrors: 'final', mask, now });
  if (!answer.ok) return outcome;
  const said = objectOf(answer);
  if (outcome.result === 'ok' || accepted(answer, said)) {
    const again = outcome.result === 'ok' ? {} : as('ok', 'ok', 'LINE had accepted an earlier try of this message.');
    const id = key(objects(said.sentMessages, 1)[0]?.id, MAX_ID);
    return { ...outcome, ...again, ...(id === '' ? {} : { externalId: id }) };
  }
  const message = words(said.message, 300);
  const ruling = rulingOf(answer.status, message, said);
  if (ruling === null) return outcome;
  const quoted = message === '' ? '' : ` (LINE: ${mask([message, ...details(said)].join(' '))})`;
  const told = { ...outcome, ...ruling, detail: `${ruling.detail}${quoted}` };
  if (ruling.reason !== 'throttled') return told;
  const wait = outcome.retryAfterS ?? PAUSE_S;
  return { ...told, retryAfterS: wait, pauseS: wait };
}

/** Only in LINE's own words: a 409 of somebody between us is none. */
function accepted(answer: Extract<ExchangeAnswer, { ok: true }>, said: Record<string, unknown>): boolean {
  if (answer.status !== 409) return false;
  const named = answer.headers['x-line-accepted-request-id'] !== undefined;
  return named || /retry key is already accepted/i.test(words(said.message, 300));
}

/** Which field was wrong and why. */
function details(said: Record<string, unknown>): string[] {
  return objects(said.details, 3).map(({ message, property }) =>
    [words(property, 100), words(message, 200)].filter((part) => part !== '').join(': '),
  );
}

function rulingOf(status: number, message: string, said: Record<string, unknown>): Ruling | null {
  if (status === 429) return overLimit(message);
  if (status === 401) return as('retry', 'bad_credentials', WRONG_TOKEN);
  if (status === 403)
    return as(
      'final',
      'not_permitted',
      'LINE does not allow this to the account: look at its plan, and at the permissions of the channel.',
    );
  if (status === 409)
    return as('retry', 'rejected', 'Answered 409, but not in the words of LINE. Look at the API base URL.');
  if (status !== 400) return null;
  if (
    /property, 'to'|failed to send messages/i.test(message) ||
    objects(said.details, 3).some(({ property }) => property === 'to')
  ) {
    return as('final', 'no_recipient', 'LINE knows no such user for this account.');
  }
  return as('final', 'rejected', 'LINE does not take this message.');
}

/** The monthly quota of the plan is another matter than too many at once: no wait of minutes mends it. */
function overLimit(message: string): Ruling {
  if (/monthly limit|additional messages/i.test(message)) {
    return as(
      'final',
      'quota',
      'The account’s messages of this month are used up: raise the plan or its limit in LINE’s Official Account Manager.',
    );
  }
  return as('retry', 'throttled', 'LINE asks this channel to slow down.');
}

export const WRONG_TOKEN =
  'LINE does not accept the channel access token: issue one in the Developers Console under Messaging API, and enter it here.';
