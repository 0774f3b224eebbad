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
import { again, badCredentials, final, quoted, type Ruling, ruled, slower, sourceOf } from '../../wire/ruling.ts';
import { maskOf } from './api.ts';

/** LINE counts by the second and names no time to wait. */
const PAUSE_S = 2;

type Said = Record<string, unknown>;

/** What became of a request that was made; `accepted` before is as good as now. */
export function outcomeOfCall(asset: AssetConfig, answer: ExchangeAnswer, now: number): Outcome {
  const mask = maskOf(asset);
  const outcome = outcomeOf(answer, { clientErrors: 'final', mask, now });
  if (!answer.ok) return outcome;
  const said = objectOf(answer);
  if (outcome.result === 'ok' || accepted(answer, said)) {
    const before = { result: 'ok', reason: 'ok', detail: 'LINE had accepted an earlier try of this message.' } as const;
    const id = key(objects(said.sentMessages, 1)[0]?.id, MAX_ID);
    return { ...outcome, ...(outcome.result === 'ok' ? {} : before), ...(id === '' ? {} : { externalId: id }) };
  }
  const ruling = rulingOf(answer.status, said);
  if (ruling === null) return outcome;
  return ruled(outcome, ruling, { source: sourceOf('LINE', null, quoted(mask, everything(said))) });
}

/** Only in LINE's own words: a 409 of somebody between us is none. */
function accepted(answer: Extract<ExchangeAnswer, { ok: true }>, said: Said): boolean {
  if (answer.status !== 409) return false;
  const named = answer.headers['x-line-accepted-request-id'] !== undefined;
  return named || /retry key is already accepted/i.test(words(said.message));
}

/** The sentence, and which field was wrong and why. */
function everything(said: Said): string {
  const fields = objects(said.details, 3).map(({ message, property }) => `${words(property)}: ${words(message)}`);
  return [words(said.message), ...fields].join(' ').trim();
}

function rulingOf(status: number, said: Said): Ruling | null {
  const message = words(said.message);
  if (status === 429) return overLimit(message);
  if (status === 401) return badCredentials(WRONG_TOKEN);
  if (status === 403) {
    return final(
      'not_permitted',
      'LINE does not allow this to the account: look at its plan, and at the permissions of the channel.',
    );
  }
  if (status === 409)
    return again('Answered 409, but not in the words of LINE. Look at the API base URL.', 'bad_answer');
  if (status !== 400) return null;
  const to = objects(said.details, 3).some(({ property }) => property === 'to');
  if (to || /property, 'to'|failed to send messages/i.test(message)) {
    return final('no_recipient', 'LINE knows no such user for this account.');
  }
  return final('rejected', 'LINE does not take this message.');
}

/** The monthly quota of the plan is another matter than too many at once: no wait of minutes mends it. */
function overLimit(message: string): Ruling {
  if (!/monthly limit|additional messages/i.test(message)) {
    return slower('asset', PAUSE_S, 'LINE asks this channel to slow down.');
  }
  return final(
    'quota',
    'The account’s messages of this month are used up: raise the plan or its limit in LINE’s Official Account Manager.',
  );
}

export const WRONG_TOKEN =
  'LINE does not accept the channel access token: issue one in the Developers Console under Messaging API, and enter it here.';
