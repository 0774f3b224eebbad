// From what the Bot API answered to an Outcome, with a sentence that says what to do.
// Not here: the classes of HTTP status that all channels share (src/wire/outcome.ts). The one thing to know: Telegram
// takes no idempotency key, so what may have been taken and was not answered properly is unknown, never sent again blindly.
// Descriptions of errors: core.telegram.org/bots/api, Making requests, and github.com/TelegramBotAPI/errors.
import type { AssetConfig, ExchangeAnswer } from '../../engine/ports.ts';
import type { Outcome } from '../../routing/inputs.ts';
import { isObject } from '../../wire/json.ts';
import { outcomeOf } from '../../wire/outcome.ts';
import { whole } from '../../wire/pick.ts';
import { maskOfBot, messageKey, readSaid, type Said } from './api.ts';

/** Waits that Telegram names may be hours; whoever waits longer than this asks again. */
const RETRY_AFTER_MAX_S = 3_600;

type Ruling = Pick<Outcome, 'result' | 'reason' | 'detail'>;

/** What became of a message that was sent. */
export function outcomeOfSend(asset: AssetConfig, answer: ExchangeAnswer, now: number): Outcome {
  const mask = maskOfBot(asset);
  const outcome = outcomeOf(answer, { clientErrors: 'final', keyless: true, mask, now });
  if (!answer.ok) return outcome;
  const said = readSaid(answer.body);
  if (outcome.result === 'ok') {
    if (said?.ok !== true) return { ...outcome, ...UNREADABLE };
    const externalId = idOf(said.result);
    return externalId === undefined ? outcome : { ...outcome, externalId };
  }
  if (said === null || said.ok) return answer.status >= 500 ? { ...outcome, ...BEHIND } : outcome;
  return refusal(outcome, said, mask);
}

/** A refusal in Telegram's own words. */
function refusal(outcome: Outcome, said: Extract<Said, { ok: false }>, mask: (text: string) => string): Outcome {
  const { result, reason, detail } = rulingOf(said, outcome);
  const quoted = said.description === '' ? '' : ` (Telegram: ${mask(said.description)})`;
  const told = { ...outcome, result, reason, detail: `${detail}${quoted}` };
  if (reason !== 'throttled' || said.retryAfterS === undefined) return told;
  // One number for limits of a chat and of the bot alike: whoever goes on sending meanwhile is cut off for longer.
  const wait = Math.min(Math.max(said.retryAfterS, 1), RETRY_AFTER_MAX_S);
  return { ...told, retryAfterS: wait, pauseS: wait };
}

function rulingOf({ code, description, movedTo }: Extract<Said, { ok: false }>, outcome: Outcome): Ruling {
  const as = (result: Ruling['result'], reason: string, detail: string): Ruling => ({ result, reason, detail });
  if (code === 429) return as('retry', 'throttled', 'Telegram asks this bot to slow down.');
  if (code === 401 || code === 404) return as('retry', 'bad_credentials', WRONG_TOKEN);
  if (movedTo !== undefined) {
    return as('final', 'no_recipient', 'The chat became another kind of group. Only private chats can be answered.');
  }
  if (code === 403) {
    const [, reason, detail] = FORBIDDEN.find(([words]) => words.test(description)) ?? FORBIDDEN_OTHERWISE;
    return as('final', reason, detail);
  }
  const known = code === 400 ? BAD_REQUESTS.find(([words]) => words.test(description)) : undefined;
  if (known) return as(known[1], known[2], known[3]);
  if (code === 400) return as('final', 'rejected', 'Telegram does not take this message.');
  if (code === 413) return as('final', 'too_large', 'The message is larger than Telegram takes.');
  const { result, reason, detail } = outcome;
  return { result, reason, detail };
}

export const WRONG_TOKEN =
  'Telegram does not know this bot token. Take the token from @BotFather (/mybots, API Token) and enter it in the channel.';

type Forbidden = readonly [RegExp, string, string];
const FORBIDDEN: readonly Forbidden[] = [
  [/blocked by the user/i, 'blocked', 'The customer has blocked the bot: nothing can be sent until they unblock it.'],
  [/deactivated/i, 'no_recipient', "The customer's Telegram account was deleted."],
  [
    /can't initiate conversation/i,
    'no_recipient',
    'The customer has not started the bot yet: a bot cannot write first.',
  ],
];
const FORBIDDEN_OTHERWISE: Forbidden = [/^/, 'forbidden', 'Telegram does not let the bot write to this customer.'];

const BAD_REQUESTS: readonly (readonly [RegExp, Outcome['result'], string, string])[] = [
  [
    /chat not found|PEER_ID_INVALID|user not found/i,
    'final',
    'no_recipient',
    'The bot has no chat with this customer: the customer must start the bot first.',
  ],
  [
    /failed to get HTTP URL content|WEBPAGE_CURL_FAILED/i,
    'retry',
    'media_unreachable',
    'Telegram could not fetch the file by its link. Is the link reachable from the internet?',
  ],
  [
    /wrong type of the web page content|wrong file identifier|WEBPAGE_MEDIA_EMPTY|IMAGE_PROCESS_FAILED/i,
    'final',
    'media_refused',
    'Telegram does not take this file by its link: it takes pictures up to 5 MB, other files up to 20 MB, and documents only as PDF, ZIP or GIF. Send the link as a text instead.',
  ],
  [/too long/i, 'final', 'too_long', 'The text is longer than Telegram takes.'],
  [/BUTTON_DATA_INVALID/i, 'final', 'invalid', "A button's payload is not one that Telegram takes."],
];

const UNREADABLE: Ruling = {
  result: 'unknown',
  reason: 'bad_answer',
  detail: 'Answered as if all were well, but not in the words of Telegram. Look at the address of the Bot API server.',
};
/** A gateway gave up, not Telegram itself: what it had handed on may have been done. */
const BEHIND: Ruling = {
  result: 'unknown',
  reason: 'server_error',
  detail: 'Something between here and Telegram gave up: nobody knows whether the message was sent.',
};

/** The key of the message that was made; of an album the first one's. */
function idOf(result: unknown): string | undefined {
  const message: unknown = Array.isArray(result) ? result[0] : result;
  if (!isObject(message) || !isObject(message.chat)) return undefined;
  const [chat, id] = [whole(message.chat.id), whole(message.message_id)];
  return chat === undefined || id === undefined ? undefined : messageKey(chat, id);
}
