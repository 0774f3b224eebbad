// What a bot's HTTP answer means: whether it was a success, whether it shows the token, and what it says at once.
// Not here: the classes of status that all wires share (src/wire/outcome.ts). The one thing to know: `events` count in
// a successful attempt only, and a bad one is refused alone.
import type { BotConfig, Check, ExchangeAnswer } from '../engine/ports.ts';
import { sameToken } from '../net/signature.ts';
import type { BotCommandRead, Outcome } from '../routing/inputs.ts';
import { isObject } from '../wire/json.ts';
import { maskFor } from '../wire/mask.ts';
import { type AnswerReason, outcomeOf } from '../wire/outcome.ts';
import { readCommand } from './command.ts';

/** More at once than any conversation needs; the loop guard is routing's. */
const MAX_EVENTS = 50;
const TOKEN_HEADER = 'x-verification-token';
const TOKEN_NAMES = ['verificationtoken', 'token'];

/** The outcome of an attempt. `conversationId` is that of the delivery, for events that name none. */
export function botOutcome(
  bot: BotConfig,
  answer: ExchangeAnswer,
  asks: { token: boolean; conversationId: string | null; now: number },
): Outcome {
  const mask = maskFor(bot, () => secretsOf(bot));
  const outcome = outcomeOf(answer, { clientErrors: 'retry', mask, now: asks.now });
  if (!answer.ok || outcome.result !== 'ok') return outcome;
  const json = parsed(answer.body);
  const fault = asks.token ? tokenFault(bot.verificationToken, answer, json) : null;
  if (fault !== null) return { ...outcome, result: 'retry', reason: fault, detail: TOKEN_DETAIL[fault] };
  const commands = commandsOf(json, asks.conversationId ?? undefined);
  return commands === null ? outcome : { ...outcome, commands };
}

const TOKEN_DETAIL = {
  token_missing:
    'The answer has no verification token. Answer every POST with {"verification_token": "…"}, with the token as the whole text, or with the header x-verification-token.',
  token_wrong: 'The answer has a token, but not the verification token that is set for this bot.',
} satisfies Partial<Record<AnswerReason, string>>;

type Answered = Extract<ExchangeAnswer, { ok: true }>;

function tokenFault(expected: string | null, answer: Answered, json: unknown): 'token_missing' | 'token_wrong' | null {
  const shown = tokensShown(answer, json);
  const whole = answer.body.trim();
  // Each is compared, whichever fits: where the token stood must not show in the time.
  const fitting = [...shown, whole].filter((token) => sameToken(expected ?? '', token));
  if (fitting.length > 0) return null;
  return shown.length === 0 ? 'token_missing' : 'token_wrong';
}

/** What the answer calls a token. A text body is only one if it is the token: `OK` is no wrong token. */
function tokensShown(answer: Answered, json: unknown): string[] {
  const header = answer.headers[TOKEN_HEADER]?.trim();
  const found = header === undefined || header === '' ? [] : [header];
  if (typeof json === 'string') found.push(json.trim());
  if (!isObject(json)) return found;
  for (const [key, value] of Object.entries(json)) {
    if (!TOKEN_NAMES.includes(key.toLowerCase().replaceAll(/[_-]/g, ''))) continue;
    if ((typeof value === 'string' && value !== '') || typeof value === 'number') found.push(String(value));
  }
  return found;
}

function commandsOf(json: unknown, conversationId: string | undefined): BotCommandRead[] | null {
  const events = isObject(json) ? (json.events ?? inAnyCase(json, 'events')) : undefined;
  if (events === undefined || events === null) return null;
  if (!Array.isArray(events)) return [{ ok: false, detail: '/events must be an array' }];
  const read = events.slice(0, MAX_EVENTS).map((event, index): BotCommandRead => {
    const result = readCommand(event, conversationId);
    if (result.ok) return { ok: true, command: result.value };
    const said = result.errors.map((error) => `/events/${index}${error.pointer} ${error.detail}`);
    return { ok: false, detail: said.join('; ') };
  });
  if (events.length <= MAX_EVENTS) return read;
  return [...read, { ok: false, detail: `/events has more than ${MAX_EVENTS} items; the rest was not read` }];
}

function inAnyCase(json: Record<string, unknown>, name: string): unknown {
  return Object.entries(json).find(([key]) => key.toLowerCase() === name)?.[1];
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body.replace(/^\ufeff/, ''));
  } catch {
    return undefined;
  }
}

function secretsOf(bot: BotConfig): (string | null)[] {
  return [bot.verificationToken, bot.accessToken, ...bot.hookTokens, ...bot.signingSecrets];
}

/** What a verification's answer would have said to a customer. An event that cannot be read spoils nothing: in earnest
 *  it would be refused alone, too. */
export function sampleReply(commands: BotCommandRead[] | undefined): Check {
  const reply = { name: 'reply', ok: true, ms: 0 };
  if (commands === undefined || commands.length === 0) {
    return { ...reply, detail: 'The answer says nothing to the customer: the bot may answer later, at its hook URL.' };
  }
  const bad = commands.flatMap((each) => (each.ok ? [] : [each.detail]));
  const detail = `${commands.length - bad.length} of ${commands.length} events in the answer can be read.`;
  return bad.length === 0
    ? { ...reply, detail }
    : { ...reply, detail, advice: `Change the answer: ${bad.join('; ')}.` };
}
