// What WhatsApp's error codes mean for a message, and the sentence that says what to do about them.
// Not here: codes that all of Graph shares (src/wire/meta.ts). The one thing to know: the same codes come at once in an
// answer and later in a failed status, so both read this table. Source: Meta, Cloud API error codes.
import { BAD_TOKEN, type GraphError } from '../../wire/meta.ts';
import { again, badCredentials, final, type Ruling, slower, sourceOf } from '../../wire/ruling.ts';

/** One message in six seconds to the same customer, with some more in a burst. */
const PAIR_WAIT_S = 6;
/** Limits by the second, and by the minute and day: a minute later there is room for some again. */
const PAUSE_S = 60;

const OUTSIDE_WINDOW = final(
  'outside_window',
  'WhatsApp takes free text only within 24 hours after the customer’s last message, from bots and humans alike. Wait until the customer writes again; templates, which may be sent at any time, are not sent from here.',
);

const TABLE: Readonly<Record<number, Ruling>> = {
  0: BAD_TOKEN,
  33: badCredentials('The business phone number is not there any more: compare the phone number ID.'),
  130429: slower('asset', PAUSE_S, 'This number sends more messages a second than it may.'),
  130472: final('filtered', 'Meta keeps this customer out of such messages for an experiment of its own.'),
  130497: final('restricted', 'This business account may not write to customers in that country.'),
  131000: again('Something went wrong at WhatsApp.'),
  131005: final('not_permitted', 'The access token lacks a permission: it needs whatsapp_business_messaging.'),
  131008: final('rejected', 'WhatsApp misses a part of the message.'),
  131009: final('rejected', 'WhatsApp does not take a value in the message.'),
  131016: again('WhatsApp is not available for a moment.'),
  131021: final('rejected', 'The customer’s number is the business’s own.'),
  131026: final(
    'unreachable',
    'The message cannot be delivered to this customer: the number may not be on WhatsApp, its app may be too old, or the customer has not accepted WhatsApp’s new terms.',
  ),
  131030: final(
    'not_permitted',
    'This test number writes only to numbers that were added to its list: add it under API Setup, or use a real number.',
  ),
  131031: final('restricted', 'Meta has locked this business account: look into the Business Support Home.'),
  131037: final('not_permitted', 'The number’s display name is not approved yet: look into WhatsApp Manager.'),
  131042: final('quota', 'Meta cannot charge for the message: set up a way to pay for the business account at Meta.'),
  131045: final('not_permitted', 'The number is not registered: register it in WhatsApp Manager.'),
  131047: OUTSIDE_WINDOW,
  131048: final(
    'restricted',
    'Too many of this number’s messages were blocked or reported: look at its quality in WhatsApp Manager.',
  ),
  131049: final('filtered', 'WhatsApp chose not to deliver it, to keep what a customer gets within measure.'),
  131050: final('opted_out', 'The customer does not want such messages from this business any more.'),
  131051: final('unsupported', 'WhatsApp does not know this type of message.'),
  131053: final(
    'media_refused',
    'WhatsApp could not fetch or does not take the file: look at its type and size (5 MB for pictures, 16 MB for audio and video, 100 MB for documents, WebP for stickers).',
  ),
  131052: final('media_refused', 'WhatsApp could not fetch the file.'),
  131056: slower('customer', PAIR_WAIT_S, 'Too many messages to this customer in a short time.'),
  131057: again('Meta is working on this business account for the moment.'),
  133010: final('not_permitted', 'The number is not registered for the Cloud API: register it in WhatsApp Manager.'),
};

/** Meta's word on a send; null: a code that is not WhatsApp's own. */
export const ruling = ({ code }: GraphError): Ruling | null => TABLE[code] ?? null;

/** Why a message failed afterwards, for the failed receipt's description. */
export function failure(code: number | null, said: string): string {
  const sentence = (code === null ? undefined : TABLE[code]?.detail) ?? 'WhatsApp could not deliver it.';
  const source = sourceOf('Meta', code, said);
  return source === '' ? sentence : `${sentence} (${source})`;
}
