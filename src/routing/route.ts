// The one place that decides: an input, the facts about its thread and the world in, a decision out. Pure.
// Not here: the deciding itself, which is in a file per kind of input; this is the list of them.
// The one thing to know: what it returns is saved in one transaction, or not at all.
import { decideAlias } from './aliases.ts';
import { decideBegin } from './begin.ts';
import { decideNote, decideTyping } from './beside.ts';
import { decideBot } from './bots.ts';
import { decideClock, decideHolder, decideRecovered, decideUnavailable } from './clock.ts';
import { decideCustomer } from './customer.ts';
import { decideAttempt, decideReplay, decideResolution, decideRetry } from './delivery.ts';
import { decideDesk } from './desks.ts';
import { decideControl, decideEcho } from './elsewhere.ts';
import { decideReceipt, decideWatermark } from './fates.ts';
import { decideIntegration } from './health.ts';
import type { Context, Decide, Decision, Facts, Input } from './inputs.ts';
import { decideRemark, decideSign } from './remarks.ts';
import { NeedsUnanswered } from './work.ts';

export const decide: Decide = (input, facts, context) => {
  try {
    return route(input, facts, context);
  } catch (error) {
    if (error instanceof NeedsUnanswered) return 'needs_unanswered';
    throw error;
  }
};

function route(input: Input, facts: Facts, c: Context): Decision {
  switch (input.type) {
    case 'customer':
      return decideCustomer(input, facts, c);
    case 'typing':
      return decideTyping(input, facts, c);
    case 'note':
      return decideNote(input, facts);
    case 'receipt':
      return decideReceipt(input, facts, c);
    case 'bot':
      return decideBot(input, facts, c);
    case 'desk':
      return decideDesk(input, facts, c);
    case 'attempt':
      return decideAttempt(input, facts, c);
    case 'clock':
      return decideClock(facts, c);
    case 'holder':
      return decideHolder(input, facts, c);
    case 'integration':
      return decideIntegration(input, facts, c);
    case 'unavailable':
      return decideUnavailable(input, facts, c);
    case 'recovered':
      return decideRecovered(input, facts, c);
    case 'begin':
      return decideBegin(facts, c);
    case 'replay':
      return decideReplay(facts, c);
    case 'retry':
      return decideRetry(facts, c);
    case 'resolution':
      return decideResolution(input, facts, c);
    case 'echo':
      return decideEcho(input, facts, c);
    case 'control':
      return decideControl(input, facts, c);
    case 'watermark':
      return decideWatermark(input, facts, c);
    case 'remark':
      return decideRemark(input, facts, c);
    case 'sign':
      return decideSign(input, facts);
    case 'alias':
      return decideAlias(input, facts, c);
  }
}
