// The demo bot: a program of its own that speaks the seed's wire over HTTP, as any bot would.
// Not here: what it says (bot-words.ts), and the demo channel's mailbox that it also hosts (mailbox.ts).
// The one thing to know: it acknowledges with its verification token at once and answers by a call of its own.
import { answerTo } from './bot-words.ts';
import { type Mailbox, type MailboxConfig, mailbox } from './mailbox.ts';
import { header, type PartyAnswer, type PartyRequest, parse, post, runParty, seenBook, signed } from './party.ts';

export type DemoBotConfig = {
  /** where Signalbox takes this bot's words */
  hookUrl: string;
  verificationToken: string;
  signingSecret: string;
  /** fails whatever it is asked, until it is healed */
  broken: boolean;
  mailbox: MailboxConfig;
};

const EVENT_MESSAGE = '1001';
const EVENT_HANDOVER = '1002';

const seen = seenBook();
/** One chain per conversation, so that answers go out in the order of the questions. */
const chains = new Map<string, Promise<void>>();

/** The seed's form of a time: `YYYY-MM-DD hh:mm:ss.SSS`, GMT. */
const seedTime = (): string => new Date().toISOString().replace('T', ' ').replace('Z', '');

async function respond(event: Record<string, unknown>, webhookId: string, config: DemoBotConfig): Promise<void> {
  const words = answerTo({ text: String(event.Message ?? ''), payload: String(event.PostbackPayload ?? '') });
  const conversation = { conversation_id: event.Conversationid, Timestamp: seedTime() };
  await post(config.hookUrl, {
    eventid: EVENT_MESSAGE,
    ...conversation,
    message: words.text,
    Messagetype: 'text',
    messageid: `${webhookId}-answer`,
    ...(words.choices.length > 0 ? { quick_replies: words.choices } : {}),
  });
  if (!words.handover) return;
  await post(config.hookUrl, {
    eventid: EVENT_HANDOVER,
    ...conversation,
    customparam1: 'asked for a person',
    customparam2: `last words: ${String(event.Message ?? '')}`,
  });
}

function hear(event: Record<string, unknown>, webhookId: string, config: DemoBotConfig): void {
  const expected = event.ConversationType === 'BOT' && 'PostbackPayload' in event;
  if (!expected && !(event.ConversationType === 'BOT' && event.Event === 'Incoming message')) return;
  if (seen(webhookId)) return;
  const id = String(event.Conversationid);
  const chain = (chains.get(id) ?? Promise.resolve()).then(() => respond(event, webhookId, config));
  chains.set(id, chain);
  void chain.finally(() => {
    if (chains.get(id) === chain) chains.delete(id);
  });
}

async function take(request: PartyRequest, config: DemoBotConfig): Promise<PartyAnswer> {
  if (config.broken) return { status: 500, body: { detail: 'Broken on purpose, by the switch on the shop page.' } };
  if (!signed(request, config.signingSecret)) return { status: 401, body: { detail: 'bad signature' } };
  const event = parse(request.body);
  if (event === null) return { status: 400 };
  hear(event, header(request, 'webhook-id'), config);
  return { status: 200, body: { verification_token: config.verificationToken } };
}

const box: Mailbox = mailbox();

runParty<DemoBotConfig>(async (request, config, signal) => {
  if (request.path === '/bot') return take(request, config);
  if (request.path === '/channel') return box.deliver(request, config.mailbox);
  if (request.path === '/mailbox') return box.collect(request, config.mailbox, signal);
  return { status: 404 };
});
