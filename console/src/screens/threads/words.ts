// The words of the conversation screens, in both languages, and the engine's own sentences about why.
// Not here: common words (src/i18n), and those of deliveries (screens/deliveries). The one thing to know: a sentence that
// this console does not know is shown as the server said it.
import { providerName } from '../../i18n/providers.ts';
import { wordsOf } from '../../i18n/words.ts';
import ar from './ar.json' with { type: 'json' };
import en from './en.json' with { type: 'json' };

export const useThreadT = wordsOf(en, ar);
export type ThreadT = ReturnType<typeof useThreadT>;

const CHANNELS = { http: 'channel.http', webchat: 'channel.webchat' } as const;
export const channelName = (t: ThreadT, channel: string): string =>
  channel in CHANNELS ? t(CHANNELS[channel as keyof typeof CHANNELS]) : providerName(channel);

const SENTENCES = {
  'no conditions': 'why.no_conditions',
  'all conditions hold': 'why.all_hold',
  'none of the alternatives holds': 'why.none_holds',
  'a desk holds the thread: forward rules are not looked at': 'why.desk_holds',
  'no rule moves it: it stays with the bot that holds it': 'why.stays',
  'no rule matches: kept, unrouted': 'why.unrouted',
  'the asset is in no service: kept, unrouted': 'why.no_service',
  'a postback goes to the holder': 'why.postback',
  'its bot holds the thread already': 'why.holds_already',
  'its bot is not active: the stand-in keeps the thread': 'why.stand_in',
  'a rule without conditions does not take a thread from a bot that holds it': 'why.no_taking',
} as const;

/** What the engine said about why, in the person's language where it is known. */
export function sayWhy(t: ThreadT, sentence: string): string {
  const key = SENTENCES[sentence as keyof typeof SENTENCES];
  return key === undefined ? sentence : t(key);
}
