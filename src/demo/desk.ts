// The demo desk: a program of its own that speaks the desk's wire (contract §5), with one scripted agent.
// Not here: a real person. It accepts after a moment, answers, and closes when the customer is done or gone.
// The one thing to know: what it holds per conversation is two timers; a word for an unknown one begins it anew.
import { header, type PartyAnswer, type PartyRequest, parse, post, runParty, seenBook, signed } from './party.ts';

export type DemoDeskConfig = { hookUrl: string; secret: string; signingSecret: string };

const AGENT = 'Demo agent';
const ACCEPT_AFTER_MS = 1_000;
const ANSWER_AFTER_MS = 900;
/** A customer who says nothing for so long is given back to the bot. */
const PATIENCE_MS = 45_000;
const OPEN_MAX = 500;
const DONE = /\b(thanks|thank you|bye|goodbye|done|solved)\b/i;

type Desk = { pause: NodeJS.Timeout; chain: Promise<unknown> };
const open = new Map<string, Desk>();
const seen = seenBook();

/** Calls to Signalbox of one conversation, one after the other. */
function say(id: string, config: DemoDeskConfig, afterMs: number, ...events: Record<string, unknown>[]): void {
  const desk = open.get(id);
  if (desk === undefined) return;
  desk.chain = desk.chain.then(async () => {
    await new Promise((resolve) => setTimeout(resolve, afterMs));
    for (const event of events) await post(config.hookUrl, { conversation_id: id, ...event }, config.secret);
    if (events.some((event) => event.type === 'conversation.closed')) forget(id);
  });
}

const words = (id: string, text: string): Record<string, unknown> => ({
  type: 'message.sent',
  id: `demo-${id}`,
  agent: AGENT,
  message: { type: 'text', text },
});

function begin(id: string): void {
  if (open.size >= OPEN_MAX) forget(open.keys().next().value as string);
  open.set(id, { pause: setTimeout(() => {}, 0), chain: Promise.resolve() });
}

function forget(id: string): void {
  clearTimeout(open.get(id)?.pause);
  open.delete(id);
}

function waitForCustomer(id: string, config: DemoDeskConfig): void {
  const desk = open.get(id);
  if (desk === undefined) return;
  clearTimeout(desk.pause);
  desk.pause = setTimeout(() => {
    const bye = 'I have not heard from you for a while, so I give you back to our bot. Ask for me any time.';
    say(id, config, 0, words(`${id}-pause`, bye), { type: 'conversation.closed', reason: 'no_answer_from_customer' });
  }, PATIENCE_MS);
}

function start(id: string, data: Record<string, unknown>, config: DemoDeskConfig): void {
  if (open.has(id)) return;
  begin(id);
  const count = Array.isArray(data.transcript) ? data.transcript.length : 0;
  const read = count > 0 ? `I have read your ${count} messages with our bot. ` : '';
  say(
    id,
    config,
    ACCEPT_AFTER_MS,
    { type: 'conversation.accepted', agent: AGENT },
    words(`${id}-hello`, `Hello, this is the ${AGENT.toLowerCase()}. ${read}How can I help?`),
  );
  waitForCustomer(id, config);
}

function hear(id: string, key: string, text: string, config: DemoDeskConfig): void {
  if (!open.has(id)) begin(id);
  if (DONE.test(text)) {
    const bye = 'You are welcome. I give you back to our bot now. Goodbye!';
    say(id, config, ANSWER_AFTER_MS, words(key, bye), { type: 'conversation.closed', reason: 'solved' });
    return;
  }
  const answer =
    text === '' ? 'Thank you, I have seen it.' : `I see: “${text.slice(0, 200)}”. I have taken care of it.`;
  say(id, config, ANSWER_AFTER_MS, words(key, `${answer} Say thanks when we are done.`));
  waitForCustomer(id, config);
}

async function take(request: PartyRequest, config: DemoDeskConfig): Promise<PartyAnswer> {
  if (!signed(request, config.signingSecret)) return { status: 401, body: { detail: 'bad signature' } };
  const event = parse(request.body);
  if (event === null) return { status: 400 };
  const data = (event.data ?? {}) as Record<string, unknown>;
  const id = String(data.conversation_id ?? '');
  const key = header(request, 'webhook-id');
  if (seen(key)) return { status: 200 };
  if (event.type === 'conversation.started') start(id, data, config);
  if (event.type === 'conversation.closed') forget(id);
  if (event.type === 'message.received')
    hear(id, key, String((data.message as { text?: unknown })?.text ?? ''), config);
  return { status: 200 };
}

runParty<DemoDeskConfig>(async (request, config) =>
  request.path === '/desk' ? take(request, config) : { status: 404 },
);
