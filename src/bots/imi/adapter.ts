// The platform `imi` (the seed's IMI BOT): a bot that knows us by its access token, which goes with each POST.
// The wire itself is the seed's, in src/bots/seed-bot.ts and beside it. The one thing to know: here the bot checks us,
// so nothing is asked of its answer but a 2xx [seed].
import type { BotAdapter } from '../../engine/ports.ts';
import { seedBot } from '../seed-bot.ts';

/** Sends `Authorization: Bearer` with the access token [seed: in every interaction; the header is ours]. */
export const imiBot: BotAdapter = seedBot({
  platform: 'imi',
  asksToken: false,
  headers: (bot): Record<string, string> =>
    bot.accessToken === null ? {} : { authorization: `Bearer ${bot.accessToken}` },
});
