// The platform `other` (the seed's OTHERS): any bot behind a webhook that shows its verification token in each answer.
// The wire itself is the seed's, in src/bots/seed-bot.ts and beside it. The one thing to know: without the token even
// a 200 is a failed attempt [seed].
import type { BotAdapter } from '../../engine/ports.ts';
import { seedBot } from '../seed-bot.ts';

/** Shows the token in each answer; no headers of its own. */
export const otherBot: BotAdapter = seedBot({ platform: 'other', asksToken: true, headers: () => ({}) });
