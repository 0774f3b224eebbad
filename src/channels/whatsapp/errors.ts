// What WhatsApp's error codes mean for a message, and the sentence that says what to do about them.
// Not here: codes that all of Graph shares (src/wire/meta.ts). The one thing to know: the same codes come at once in an
// answer and later in a failed status, so both read this table. Source: Meta, Cloud API error codes.
import { final, type GraphError, type Ruling } from '../../wire/meta.ts';

/** One message in six seconds to the same customer, with some more in a burst. */
const PAIR_WAIT_S = 6;

const again = (detail: string): Ruling => ({ result: 'retry', reason: 'server_error', detail });

export const OUTSIDE_WINDOW = final(
  'outside_window',
  'WhatsApp takes free text only within 24 hours after the customer’s last message, from bots and humans alike. Wait until the customer writes again; templates, which may be sent at any time, are not sent from here.',
);

const TABLE: Readonly<Record<number, Ruling>> = {
  0: final('bad_credentials', 'Meta did not accept the access token: make a new one at Meta and enter it here.'),
  33: final('bad_credentials', 'The business phone number is not there any more: compare the phone number ID.'),
  130429: {
    result: 'retry',
    reason: 'throttled',
    detail: 'This number sends more messages a second than it may.',
    slowDown: 'asset',
  },
  130472: final('not_delivered', 'Meta keeps this customer out of such messages for an experiment of its own.'),
  130497: final('blocked_by_policy', 'This business account may not write to customers in that country.'),
  131000: again('Something went wrong at WhatsApp.'),
  131005: final('no_permission', 'The access token lacks a permission: it needs whatsapp_business_messaging.'),
  131008: final('rejected', 'WhatsApp misses a part of the message.'),
  131009: final('rejected', 'WhatsApp does not take a value in the message.'),
  131016: again('WhatsApp is not available for a moment.'),
  131021: final('rejected', 'The customer’s number is the business’s own.'),
  131026: final(
    'undeliverable',
    'The message cannot be delivered to this customer: the number may not be on WhatsApp, its app may be too old, or the customer has not accepted WhatsApp’s new terms.',
  ),
  131030: final(
    'rejected',
    'This test number writes only to numbers that were added to its list: add it under API Setup, or use a real number.',
  ),
  131031: final('blocked_by_policy', 'Meta has locked this business account: look into the Business Support Home.'),
  131037: final('no_permission', 'The number’s display name is not approved yet: look into WhatsApp Manager.'),
  131042: final(
    'no_payment',
    'Meta cannot charge for the message: set up a way to pay for the business account at Meta.',
  ),
  131045: final('no_permission', 'The number is not registered: register it in WhatsApp Manager.'),
  131047: OUTSIDE_WINDOW,
  131048: final(
    'spam_limited',
    'Too many of this number’s messages were blocked or reported: look at its quality in WhatsApp Manager.',
  ),
  131049: final('not_delivered', 'WhatsApp chose not to deliver it, to keep what a customer gets within measure.'),
  131050: final('not_delivered', 'The customer does not want such messages from this business any more.'),
  131051: final('unsupported', 'WhatsApp does not know this type of message.'),
  131053: final(
    'media_refused',
    'WhatsApp could not fetch or does not take the file: look at its type and size (5 MB for pictures, 16 MB for audio and video, 100 MB for documents, WebP for stickers).',
  ),
  131052: final('media_refused', 'WhatsApp could not fetch the file.'),
  131056: {
    result: 'retry',
    reason: 'throttled',
    detail: 'Too many messages to this customer in a short time.',
    slowDown: PAIR_WAIT_S,
  },
  131057: again('Meta is working on this business account for the moment.'),
  133010: final('no_permission', 'The number is not registered for the Cloud API: register it in WhatsApp Manager.'),
};

/** Meta's word on a send; null: a code that is not WhatsApp's own. */
export const ruling = ({ code }: GraphError): Ruling | null => TABLE[code] ?? null;

/** Why a message failed afterwards, for the failed receipt's description. */
export function failure(code: number | null, said: string): string {
  const sentence = (code === null ? undefined : TABLE[code]?.detail) ?? 'WhatsApp could not deliver it.';
  const source = [code === null ? '' : `error ${code}`, said].filter((part) => part !== '').join(': ');
  return source === '' ? sentence : `${sentence} (Meta’s ${source})`;
}
