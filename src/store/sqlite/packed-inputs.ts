// How a batch of inputs crosses to the store's thread: as one flat list.
// Not here: how the answers come back (packed-applied.ts). The one thing to know: the three inputs that every round trip
// is made of are written field by field, all others as they are.
import type { BotCommand, Input, Outcome } from '../../routing/inputs.ts';
import { addRest, namesOf, Reader, restOf, type Value } from './flat.ts';

type Of<T extends Input['type']> = Extract<Input, { type: T }>;
type CustomerInput = Of<'customer'>;
type BotInput = Of<'bot'>;
type AttemptInput = Of<'attempt'>;
type BotMessage = Extract<BotCommand, { type: 'message' }>;
type Timing = Outcome['timing'];

const WHOLE = 0;
const CUSTOMER = 1;
const BOT = 2;
const ATTEMPT = 3;

const CUSTOMER_REST = namesOf<Omit<CustomerInput, 'type' | 'assetId' | 'address' | 'externalId' | 'kind' | 'message'>>({
  name: true,
  payload: true,
  title: true,
  sentAt: true,
  simulated: true,
  aliases: true,
});
const COMMAND_REST = namesOf<Omit<BotMessage, 'type' | 'conversationId' | 'message' | 'custom' | 'epoch'>>({
  key: true,
});
const MESSAGE_REST = namesOf<Omit<BotMessage['message'], 'type' | 'text' | 'media'>>({ quickReplies: true });
const OUTCOME_REST = namesOf<Omit<Outcome, 'result' | 'status' | 'reason' | 'detail' | 'timing' | 'answer'>>({
  retryAfterS: true,
  gone: true,
  pauseS: true,
  externalId: true,
  commands: true,
  simulated: true,
});

export function packInputs(inputs: readonly Input[]): string {
  const out: Value[] = [inputs.length];
  for (const input of inputs) {
    if (input.type === 'attempt') putAttempt(out, input);
    else if (input.type === 'customer') putCustomer(out, input);
    else if (input.type === 'bot' && input.command.type === 'message') putSaid(out, input, input.command);
    else out.push(WHOLE, input);
  }
  return JSON.stringify(out);
}

export function unpackInputs(text: string): Input[] {
  const from = new Reader(text);
  return Array.from({ length: from.next<number>() }, () => {
    switch (from.next<number>()) {
      case CUSTOMER:
        return takeCustomer(from);
      case BOT:
        return takeSaid(from);
      case ATTEMPT:
        return takeAttempt(from);
      default:
        return from.next<Input>();
    }
  });
}

function putCustomer(out: Value[], input: CustomerInput): void {
  const { assetId, address, externalId, kind, message } = input;
  out.push(CUSTOMER, assetId, address, externalId, kind, message.type, message.text);
  out.push(message.media.length > 0 && message.media, message.details ?? false, restOf(input, CUSTOMER_REST));
}

function takeCustomer(from: Reader): CustomerInput {
  const input: CustomerInput = {
    type: 'customer',
    assetId: from.next(),
    address: from.next(),
    externalId: from.next(),
    kind: from.next(),
    message: { type: from.next(), text: from.next(), media: from.next() || [] },
  };
  const details = from.next<NonNullable<CustomerInput['message']['details']> | false>();
  if (details) input.message.details = details;
  return addRest(input, from.next());
}

function putSaid(out: Value[], { botId, handed }: BotInput, command: BotMessage): void {
  const { conversationId, epoch, message, custom } = command;
  out.push(BOT, botId, handed ?? false, conversationId, epoch ?? false, message.type, message.text);
  out.push(message.media.length > 0 && message.media, restOf(message, MESSAGE_REST));
  out.push(custom, restOf(command, COMMAND_REST));
}

function takeSaid(from: Reader): BotInput {
  const [botId, handed] = [from.next<string>(), from.next<number | false>()];
  const [conversationId, epoch] = [from.next<string>(), from.next<number | false>()];
  const said: BotMessage['message'] = { type: from.next(), text: from.next(), media: from.next() || [] };
  const message = addRest(said, from.next());
  const command: BotMessage = { type: 'message', message, custom: from.next(), conversationId };
  if (epoch !== false) command.epoch = epoch;
  const input: BotInput = { type: 'bot', botId, command: addRest(command, from.next()) };
  if (handed !== false) input.handed = handed;
  return input;
}

function putAttempt(out: Value[], input: AttemptInput): void {
  const { threadId, deliveryId, startedAt, epoch, merged, next, inLineMs, outcome } = input;
  const { result, status, reason, detail, timing, answer } = outcome;
  out.push(ATTEMPT, threadId, deliveryId, startedAt, epoch, merged ?? false, next ?? false, inLineMs ?? 0);
  out.push(result, status, reason, detail, answer, restOf(outcome, OUTCOME_REST));
  out.push(timing.totalMs, timing.firstByteMs ?? false, timing.connectMs ?? false, timing.dnsMs ?? false);
}

function takeAttempt(from: Reader): AttemptInput {
  const [threadId, deliveryId, startedAt] = [from.next<string>(), from.next<string>(), from.next<number>()];
  const epoch = from.next<number>();
  const merged = from.next<number | false>();
  const next = from.next<NonNullable<AttemptInput['next']> | false>();
  const inLineMs = from.next<number>();
  const outcome: Outcome = {
    result: from.next(),
    status: from.next(),
    reason: from.next(),
    detail: from.next(),
    answer: from.next(),
    timing: NO_TIME,
  };
  addRest(outcome, from.next());
  outcome.timing = takeTiming(from);
  const input: AttemptInput = { type: 'attempt', threadId, deliveryId, startedAt, epoch, outcome };
  if (merged !== false) input.merged = merged;
  if (next !== false) input.next = next;
  if (inLineMs > 0) input.inLineMs = inLineMs;
  return input;
}

const NO_TIME: Timing = { totalMs: 0 };

function takeTiming(from: Reader): Timing {
  const timing: Timing = { totalMs: from.next() };
  const [firstByteMs, connectMs, dnsMs] = [from.next(), from.next(), from.next()] as (number | false)[];
  if (firstByteMs !== false) timing.firstByteMs = firstByteMs;
  if (connectMs !== false) timing.connectMs = connectMs;
  if (dnsMs !== false) timing.dnsMs = dnsMs;
  return timing;
}
