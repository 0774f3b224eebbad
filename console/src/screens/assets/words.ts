// The words of the asset screens, in both languages.
// Not here: common words (src/i18n).
import { providerName } from '../../i18n/providers.ts';
import { wordsOf } from '../../i18n/words.ts';
import ar from './ar.json' with { type: 'json' };
import en from './en.json' with { type: 'json' };

export const useAssetT = wordsOf(en, ar);
export type AssetT = ReturnType<typeof useAssetT>;

const CHANNELS = { http: 'assets.channel.http', webchat: 'assets.channel.webchat' } as const;
export const channelName = (t: AssetT, channel: string): string =>
  channel in CHANNELS ? t(CHANNELS[channel as keyof typeof CHANNELS]) : providerName(channel);
