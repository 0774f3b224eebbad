// Twilio's error codes: what each means for a message, with the sentence that says what to do.
// Not here: the classes of HTTP status that all channels share (src/wire/outcome.ts). The one thing to know: the same
// codes come at once, in the answer, and later, in a status callback; so a receipt's description is made of the same
// sentences.
// Source: the error and warning dictionary, twilio.com/docs/api/errors.
import type { AssetConfig, ExchangeAnswer } from '../../engine/ports.ts';
import type { Outcome } from '../../routing/inputs.ts';
import { objectOf } from '../../wire/json.ts';
import { outcomeOf } from '../../wire/outcome.ts';
import { whole, words } from '../../wire/pick.ts';
import {
  badCredentials,
  behind,
  final,
  notIn,
  quoted,
  type Ruling,
  ruled,
  slower,
  sourceOf,
} from '../../wire/ruling.ts';
import { maskOf } from './api.ts';

/** When Twilio names no time: its limits are by the second. */
const PAUSE_S = 2;

const NO_NUMBER = final('no_recipient', 'The customer’s number is none that Twilio can send to.');
const UNREACHABLE = final(
  'unreachable',
  'The customer’s phone cannot be reached: it is off, or the number is not in use.',
);
const BAD_SENDER = final(
  'bad_sender',
  'The sender cannot send this: check From and the Messaging Service of the asset.',
);
const BAD_MEDIA = final(
  'media_refused',
  'Twilio could not fetch the file, or does not take its kind: it must be reachable by a public https link, and be no larger than 5 MB.',
);
const TOO_LONG = final('too_long', 'The text is longer than Twilio takes (1600 characters).');
const FILTERED = final('filtered', 'Twilio or the mobile network took the message for spam and stopped it.');
const CREDENTIALS = badCredentials(
  'Twilio does not accept the credentials: enter the Account SID and auth token (or API key) again.',
);

const SLOWER = slower('asset', PAUSE_S, 'Twilio asks this account to slow down.');

const RULINGS: ReadonlyMap<number, Ruling> = new Map<number, Ruling>([
  [10001, badCredentials('The Twilio account is not active.')],
  [14107, slower('customer', 30, 'Too many messages went to this customer within half a minute.')],
  [20003, CREDENTIALS],
  [20008, badCredentials('These are test credentials of Twilio: enter the live ones.')],
  [20404, badCredentials('Twilio does not know this account: check the Account SID and the API base URL.')],
  [20429, SLOWER],
  [21211, NO_NUMBER],
  [21214, NO_NUMBER],
  [21217, NO_NUMBER],
  [
    21408,
    final(
      'not_permitted',
      'The account may not send to the customer’s country: switch it on at Twilio under Messaging → Settings → Geo permissions.',
    ),
  ],
  [21601, BAD_SENDER],
  [21603, BAD_SENDER],
  [21606, BAD_SENDER],
  [21608, final('not_permitted', 'A trial account sends only to numbers that were verified at Twilio.')],
  [
    21609,
    final(
      'bad_sender',
      'Twilio does not take our address for status callbacks: the public URL of this server must be reachable from the internet.',
    ),
  ],
  [21610, final('opted_out', 'The customer opted out with STOP. Nothing can be sent until they write START.')],
  [21611, slower('asset', 60, 'The sender’s queue at Twilio is full.')],
  [
    21612,
    final(
      'bad_sender',
      'This sender cannot reach the customer’s number: another sender is needed for this country or kind of number.',
    ),
  ],
  [21614, final('no_recipient', 'The customer’s number is no mobile number.')],
  [21617, TOO_LONG],
  [21620, BAD_MEDIA],
  [21623, final('too_many', 'These are more files than Twilio takes in one message.')],
  [21658, TOO_LONG],
  [21659, BAD_SENDER],
  [21660, BAD_SENDER],
  [21703, final('bad_sender', 'The Messaging Service has no sender: add one at Twilio.')],
  [21705, final('bad_sender', 'Twilio does not know this Messaging Service: check its SID.')],
  [
    21910,
    final(
      'bad_sender',
      'The sender and the customer are on different networks: a WhatsApp sender writes to WhatsApp only, a number by SMS only.',
    ),
  ],
  [30001, final('throttled', 'The sender’s queue at Twilio was full.')],
  [30002, final('restricted', 'Twilio suspended the account.')],
  [30003, UNREACHABLE],
  [30004, final('opted_out', 'The customer or their mobile network blocks this sender.')],
  [30005, UNREACHABLE],
  [30006, final('no_recipient', 'The customer’s number is a landline, or its network cannot be reached.')],
  [30007, FILTERED],
  [30008, final('rejected', 'The mobile network did not deliver it and did not say why.')],
  [30011, BAD_MEDIA],
  [30022, final('throttled', 'The sender’s limit at the mobile network was reached.')],
  [30023, final('throttled', 'The sender’s limit for today at the mobile network was reached.')],
  [30032, final('not_permitted', 'The toll-free number is not verified: complete its verification at Twilio.')],
  [
    30034,
    final('not_permitted', 'The number is not registered for business messages (A2P 10DLC): register it at Twilio.'),
  ],
  [63003, final('no_recipient', 'The customer cannot be found on this network.')],
  [63007, final('bad_sender', 'Twilio knows no such sender on this network: check From, with its whatsapp: prefix.')],
  [63013, FILTERED],
  [
    63015,
    final('no_recipient', 'The customer has not joined the WhatsApp sandbox (or their 72 hours there are over).'),
  ],
  [
    63016,
    final(
      'outside_window',
      'The customer’s last word on WhatsApp is more than 24 hours ago: only a template could be sent.',
    ),
  ],
  [63018, slower('asset', 5, 'WhatsApp asks this sender to slow down.')],
  [63019, BAD_MEDIA],
  [63021, final('rejected', 'WhatsApp does not take this content.')],
  [63024, final('no_recipient', 'The customer’s number is not on WhatsApp.')],
  [
    63032,
    final('not_permitted', 'WhatsApp does not let this message to the customer (one of its experiments or limits).'),
  ],
  [63038, slower('asset', 3600, 'The account’s limit of messages for today is reached.')],
]);

/** A receipt's description: the sentence of a callback's `ErrorCode`. */
export function sentenceOf(code: string | undefined): string {
  if (code === undefined || !/^\d{1,6}$/.test(code) || Number(code) === 0)
    return 'Twilio could not deliver it and gave no reason.';
  return `${RULINGS.get(Number(code))?.detail ?? 'Twilio could not deliver it.'} (${named(Number(code))})`;
}

/** The codes have pages of their own. */
const named = (code: number): string => `Twilio’s error ${code}, see twilio.com/docs/api/errors/${code}`;

/** What became of a message that was posted. There is no idempotency key: what left and was not answered is unknown. */
export function outcomeOfCall(asset: AssetConfig, answer: ExchangeAnswer, now: number): Outcome {
  const mask = maskOf(asset);
  const outcome = outcomeOf(answer, { clientErrors: 'final', keyless: true, mask, now });
  if (!answer.ok) return outcome;
  const said = objectOf(answer);
  if (outcome.result === 'ok') {
    const sid = words(said.sid, 64);
    return sid === '' ? ruled(outcome, notIn('Twilio')) : { ...outcome, externalId: sid };
  }
  const code = whole(said.code);
  if (code === undefined) return withoutCode(outcome, answer.status);
  const ruling = RULINGS.get(code);
  if (ruling !== undefined) return ruled(outcome, ruling, { source: named(code) });
  const source = sourceOf('Twilio', code, quoted(mask, said.message));
  return { ...outcome, detail: `Twilio did not take it. (${source})` };
}

/** Not in Twilio's words: a gateway before it, which may have handed the message on before it gave up. */
function withoutCode(outcome: Outcome, status: number): Outcome {
  if (status === 401) return ruled(outcome, CREDENTIALS);
  if (status === 429) return ruled(outcome, SLOWER);
  return status >= 500 ? ruled(outcome, behind('Twilio')) : outcome;
}
