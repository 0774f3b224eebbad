// From what the Bot API answered to an Outcome, with a sentence that says what to do.
// Not here: the classes of HTTP status that all channels share (src/wire/outcome.ts). The one thing to know: Telegram
// takes no idempotency key, so what may have been taken and was not answered properly is unknown, never sent again blindly.
// Descriptions of errors: core.telegram.org/bots/api, Making requests, and github.com/TelegramBotAPI/errors.
import type { AssetConfig, ExchangeAnswer } from '../../engine/ports.ts';
import type { Outcome } from '../../routing/inputs.ts';
import { isObject } from '../../wire/json.ts';
import { outcomeOf } from '../../wire/outcome.ts';
import { whole } from '../../wire/pick.ts';
import {
  again,
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
import { maskOf, messageKey, type Said, saidIn } from './api.ts';

/** When Telegram names no time. */
const PAUSE_S = 2;

/** What became of a call that sends, or asks for something that was sent. */
export function outcomeOfCall(asset: AssetConfig, answer: ExchangeAnswer, now: number): Outcome {
  const mask = maskOf(asset);
  const outcome = outcomeOf(answer, { clientErrors: 'final', keyless: true, mask, now });
  if (!answer.ok) return outcome;
  const said = saidIn(answer);
  if (outcome.result === 'ok') {
    if (said?.ok !== true) return ruled(outcome, notIn('Telegram'));
    const externalId = idOf(said.result);
    return externalId === undefined ? outcome : { ...outcome, externalId };
  }
  if (said === null || said.ok) return answer.status >= 500 ? ruled(outcome, behind('Telegram')) : outcome;
  const ruling = rulingOf(said);
  if (ruling === null) return outcome;
  const source = sourceOf('Telegram', null, quoted(mask, said.description));
  return ruled(outcome, ruling, { source, askedS: said.retryAfterS });
}

function rulingOf({ code, description, movedTo }: Extract<Said, { ok: false }>): Ruling | null {
  // One number for limits of a chat and of the bot alike: whoever goes on sending meanwhile is cut off for longer.
  if (code === 429) return slower('asset', PAUSE_S, 'Telegram asks this bot to slow down.');
  if (code === 401 || code === 404) return badCredentials(WRONG_TOKEN);
  if (movedTo !== undefined) {
    return final('no_recipient', 'The chat became another kind of group. Only private chats can be answered.');
  }
  if (code === 403) {
    const known = FORBIDDEN.find(([words]) => words.test(description));
    return known?.[1] ?? final('not_permitted', 'Telegram does not let the bot write to this customer.');
  }
  const known = code === 400 ? BAD_REQUESTS.find(([words]) => words.test(description)) : undefined;
  if (known) return known[1];
  if (code === 400) return final('rejected', 'Telegram does not take this message.');
  if (code === 413) return final('too_long', 'The message is larger than Telegram takes.');
  return code >= 500 ? again('Telegram has a passing trouble of its own.') : null;
}

export const WRONG_TOKEN =
  'Telegram does not know this bot token. Take the token from @BotFather (/mybots, API Token) and enter it in the channel.';

const FORBIDDEN: readonly (readonly [RegExp, Ruling])[] = [
  [
    /blocked by the user/i,
    final('opted_out', 'The customer has blocked the bot: nothing can be sent until they unblock it.'),
  ],
  [/deactivated/i, final('no_recipient', 'The customer’s Telegram account was deleted.')],
  [
    /can't initiate conversation/i,
    final('no_recipient', 'The customer has not started the bot yet: a bot cannot write first.'),
  ],
];

const BAD_REQUESTS: readonly (readonly [RegExp, Ruling])[] = [
  [
    /chat not found|PEER_ID_INVALID|user not found/i,
    final('no_recipient', 'The bot has no chat with this customer: the customer must start the bot first.'),
  ],
  [
    /failed to get HTTP URL content|WEBPAGE_CURL_FAILED/i,
    again(
      'Telegram could not fetch the file by its link. Is the link reachable from the internet?',
      'media_unreachable',
    ),
  ],
  [
    /wrong type of the web page content|wrong file identifier|WEBPAGE_MEDIA_EMPTY|IMAGE_PROCESS_FAILED/i,
    final(
      'media_refused',
      'Telegram does not take this file by its link: it takes pictures up to 5 MB, other files up to 20 MB, and documents only as PDF, ZIP or GIF. Send the link as a text instead.',
    ),
  ],
  [/too long/i, final('too_long', 'The text is longer than Telegram takes.')],
  [/BUTTON_DATA_INVALID/i, final('invalid', 'A button’s payload is not one that Telegram takes.')],
];

/** The key of the message that was made; of an album the first one's. */
function idOf(result: unknown): string | undefined {
  const message: unknown = Array.isArray(result) ? result[0] : result;
  if (!isObject(message) || !isObject(message.chat)) return undefined;
  const [chat, id] = [whole(message.chat.id), whole(message.message_id)];
  return chat === undefined || id === undefined ? undefined : messageKey(chat, id);
}
