// The words of the integration screens, in both languages, and what bots and desks have in common there.
// Not here: common words (src/i18n). The one thing to know: the wizard speaks the vendor's words: BOTS, Select BOT
// PLATFORM, IMI BOT, OTHERS, BOT Endpoint, Outbound Webhook, Verify, Save.
import type { Bot, Desk } from '../../api/types.ts';
import { wordsOf } from '../../i18n/words.ts';
import ar from './ar.json' with { type: 'json' };
import en from './en.json' with { type: 'json' };

export const useIntegrationT = wordsOf(en, ar);
export type IntegrationT = ReturnType<typeof useIntegrationT>;

export type Integration = (Bot & { type: 'bot' }) | (Desk & { type: 'desk' });
export const asBot = (bot: Bot): Integration => ({ ...bot, type: 'bot' });
export const asDesk = (desk: Desk): Integration => ({ ...desk, type: 'desk' });

/** The path of one in the API. */
export const pathOf = ({ type, id }: { type: 'bot' | 'desk'; id: string }): string => `/${type}s/${id}`;

/** A bot's platform or a desk's kind; one that this console does not know yet is called by its own name. */
export type Platform = 'imi' | 'other' | 'webhook' | 'console' | 'chatwoot' | 'app';
const KNOWN: readonly string[] = ['imi', 'other', 'webhook', 'console', 'chatwoot', 'app'];
export const platformOf = (one: Integration): string => (one.type === 'bot' ? one.platform : one.kind);
export const platformName = (t: IntegrationT, platform: string): string =>
  KNOWN.includes(platform) ? t(`platform.${platform as Platform}`) : platform;
