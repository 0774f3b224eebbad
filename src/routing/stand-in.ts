// Bots that cannot answer, because they are not active or silent: who takes the line from them.
// Not here: when that is found out (customer.ts, clock.ts, health.ts), and how the line is given (ownership.ts).
// The one thing to know: rules come first, then the fallback of the rule that gave the bot the line. A bot that a rule on
// `bot.unavailable` put in place stands in, and gives the line back; after `bot.silent` it keeps it.
import type { Fallback, Rule } from './model.ts';
import { giveToBot, giveToDesk, routedBy } from './ownership.ts';
import { raise } from './raise.ts';
import { botReady, rule, speak, type Work } from './work.ts';

/** While the holding bot is not active and a customer waits: its service's rules, then its rule's fallback, stand in [ours]. */
export function divertIfDown(w: Work): boolean {
  const { holder } = w.t;
  if (holder.type !== 'bot' || botReady(w, holder.id) || w.t.turn <= w.t.answered) return false;
  return divert(w, 'unavailable', {});
}

/** Moves the line away from the bot that holds it, because it is down or silent. False: nobody else was named. */
export function divert(w: Work, why: 'unavailable' | 'silent', more: Record<string, string>): boolean {
  const { holder } = w.t;
  if (holder.type !== 'bot') return false;
  const { id: botId, ruleId, standInFor } = holder;
  if (standInFor && botReady(w, standInFor)) {
    const reason = 'the bot it stood in for is active again';
    giveToBot(w, standInFor, { reason, actor: 'signalbox', ruleId: routedBy(w, standInFor, null)?.id ?? null });
    return true;
  }
  const down = why === 'unavailable';
  const occasion = { event: `bot.${why}`, botId, fields: { 'bot.id': botId, ...more } } as const;
  if (raise(w, occasion, { quiet: down, standInFor: down ? (standInFor ?? botId) : null })) return true;
  const fallback = fallbackOf(rule(w, ruleId)) ?? fallbackOf(routedBy(w, standInFor ?? botId, null));
  if (!fallback?.on.includes(why) || w.t.failedDesks?.includes(fallback.desk_id)) return false;
  if (fallback.holding_text) {
    const text = fallback.holding_text;
    speak(w, { type: 'system', id: null, name: 'system' }, null, { type: 'text', text, media: [] });
  }
  const silent = `the bot is silent (${more['event.cause'] ?? ''})`;
  giveToDesk(w, fallback.desk_id, { reason: down ? 'the bot is not available' : silent, actor: 'fallback' });
  return true;
}

function fallbackOf(by: Rule | undefined): Fallback | undefined {
  return by && 'fallback' in by.action ? by.action.fallback : undefined;
}
