// A scripted `decide` for the conformance suite: simple enough to predict, and each test may put its own in its place.
// Not here: the rules of routing. The one thing to know: by default a customer's word opens a thread with one bot, is
// owed to that bot, and makes one event; a successful attempt marks the delivery delivered and the turn answered.
import type { Context, Decide, Decided, Decision, Facts, Input, Reply } from '../../routing/inputs.ts';
import type { BotView, Conversation, Message, NewDelivery, ThreadState, World } from '../../routing/model.ts';

export const BOT = 'bot_1';
export const OTHER_BOT = 'bot_2';
export const DESK = 'desk_1';
export const CONSOLE = 'desk_console';
export const ASSET = 'ast_1';
export const SERVICE = 'svc_1';
export const START = Date.UTC(2026, 0, 15, 12);
export const DAY_MS = 24 * 3_600_000;

export type CustomerInput = Extract<Input, { type: 'customer' }>;
export type AttemptInput = Extract<Input, { type: 'attempt' }>;

export function decision(reply: Reply, parts: Partial<Decision> = {}): Decision {
  return {
    reply,
    thread: null,
    messages: [],
    receipts: [],
    externalIds: [],
    conversations: [],
    deliveries: [],
    changes: [],
    cancel: [],
    attempt: null,
    health: null,
    events: [],
    transients: [],
    remember: [],
    ...parts,
  };
}

/** A customer's word. `externalId` is the address and the text unless given. */
export function say(address: string, text: string, externalId = `${address} ${text}`): CustomerInput {
  return {
    type: 'customer',
    assetId: ASSET,
    address,
    externalId,
    kind: 'message',
    message: { type: 'text', text, media: [] },
  };
}

export function attempt(threadId: string, deliveryId: string): AttemptInput {
  const outcome = {
    result: 'ok',
    status: 200,
    reason: 'ok',
    detail: '',
    timing: { totalMs: 3 },
    answer: 'thanks',
  } as const;
  return { type: 'attempt', threadId, deliveryId, startedAt: START, epoch: 1, outcome };
}

export function newThread(input: CustomerInput, c: Context): { thread: ThreadState; conversation: Conversation } {
  const id = c.newId('thr');
  const conversationId = c.newId('conv');
  const share = { conversationId, botId: BOT, serviceId: SERVICE, acked: 0, given: 0, drain: 0 };
  const thread: ThreadState = {
    id,
    assetId: input.assetId,
    address: input.address,
    name: 'A name',
    createdAt: c.now,
    serviceId: SERVICE,
    epoch: 1,
    seq: 0,
    turn: 0,
    answered: 0,
    waitingSince: null,
    holder: { type: 'bot', id: BOT, conversationId, since: c.now, ruleId: null, standInFor: null },
    bots: [{ ...share, takeDue: null, replyDue: null, merge: null }],
    desk: null,
    limbo: '',
    attributes: { colour: 'green' },
    loop: { since: 0, count: 0 },
  };
  const conversation: Conversation = {
    id: conversationId,
    threadId: id,
    type: 'bot',
    partyId: BOT,
    serviceId: SERVICE,
    status: 'open',
    agent: null,
    openedAt: c.now,
    closedAt: null,
    closeReason: null,
  };
  return { thread, conversation };
}

export function delivery(c: Context, thread: ThreadState, parts: Partial<NewDelivery> = {}): NewDelivery {
  return {
    id: c.newId('dlv'),
    threadId: thread.id,
    target: { type: 'bot', id: BOT },
    lane: 'main',
    kind: 'message',
    conversationId: thread.bots[0]?.conversationId ?? null,
    messageId: null,
    turn: null,
    merged: [],
    data: null,
    notBefore: 0,
    replay: false,
    ...parts,
  };
}

/** What the suite does with a customer's word unless a test says otherwise. */
export function take(input: CustomerInput, facts: Facts, c: Context): Decision {
  const opened = facts.thread ? null : newThread(input, c);
  const before = facts.thread ?? opened?.thread;
  if (before === undefined) throw new Error('no thread');
  const turn = before.turn + 1;
  const message: Message = {
    id: c.newId('msg'),
    threadId: before.id,
    seq: before.seq + 1,
    turn,
    kind: 'message',
    author: { type: 'customer', id: null, name: 'A name' },
    conversationId: null,
    type: 'text',
    text: input.message.text,
    media: input.message.media,
    at: c.now,
  };
  const thread: ThreadState = {
    ...before,
    seq: message.seq,
    turn,
    waitingSince: before.waitingSince ?? c.now,
    bots: before.bots.map((share) => ({ ...share, given: turn, takeDue: share.takeDue ?? c.now + 60_000 })),
  };
  return decision(
    { ok: true, messageId: message.id },
    {
      thread,
      messages: [message],
      conversations: opened ? [opened.conversation] : [],
      deliveries: [delivery(c, thread, { messageId: message.id, turn })],
      events: [{ type: 'message.received', data: { message_id: message.id, text: message.text } }],
    },
  );
}

/** A successful attempt. */
export function settle(input: AttemptInput, facts: Facts, c: Context): Decision {
  const { thread, delivery: owed } = facts;
  if (thread === null || owed === null) return decision({ ok: true, ignored: true });
  const turn = owed.turn ?? thread.answered;
  const { startedAt, outcome, epoch } = input;
  const { status, reason, detail, timing, answer } = outcome;
  const tried = { id: c.newId('att'), deliveryId: owed.id, threadId: thread.id, number: 1, startedAt, epoch };
  return decision(
    { ok: true },
    {
      thread: {
        ...thread,
        answered: turn,
        waitingSince: turn === thread.turn ? null : thread.waitingSince,
        bots: thread.bots.map((share) => ({
          ...share,
          acked: turn,
          takeDue: turn === thread.turn ? null : share.takeDue,
        })),
      },
      changes: [{ id: owed.id, status: 'delivered', attempts: owed.attempts + 1, seriesAt: startedAt }],
      attempt: { ...tried, ok: true, status, reason, detail, timing, answer },
      events: [{ type: 'delivery.delivered', data: { delivery_id: owed.id } }],
    },
  );
}

/** One answer of the script: as `decide`. */
export type Handler = (input: Input, facts: Facts, c: Context) => Decided;

/** The scripted decide, its clock and its ids. A test may set a handler by kind of input, or by a customer's text. */
export class Script {
  now = START;
  readonly errors: unknown[] = [];
  readonly seen: Facts[] = [];
  #ids = 0;
  readonly #handlers = new Map<string, Handler>();

  /** `what`: an input's type, or `say:` and the text of a customer's message. */
  on(what: string, handler: Handler): this {
    this.#handlers.set(what, handler);
    return this;
  }

  newId = (prefix: string): string => `${prefix}_${String(++this.#ids).padStart(8, '0')}`;
  random = (): number => 0.5;
  onError = (error: unknown): void => void this.errors.push(error);

  decide: Decide = (input, facts, c) => {
    this.seen.push(facts);
    const text = input.type === 'customer' ? `say:${input.message.text}` : '';
    const handler = this.#handlers.get(text) ?? this.#handlers.get(input.type);
    if (handler) return handler(input, facts, c);
    if (input.type === 'customer') return take(input, facts, c);
    if (input.type === 'attempt') return settle(input, facts, c);
    return decision({ ok: true, ignored: true });
  };
}

/** A world of two bots, a desk and a console, whose health is whatever the store says. */
export function world(): World {
  const health = { status: 'disabled' as const, failures: 99, generation: 99, reason: 'not from the store', since: 0 };
  const settings = {
    retry_spacing_s: [60, 300, 900, 2280],
    failure_threshold: 5,
    failure_scope: 'attempt' as const,
    take_within_s: 60,
    reply_within_s: 0,
    accept_within_s: 60,
    queue_within_s: 600,
    max_in_flight: 10,
    max_per_minute: 30,
    merge_window_ms: 0,
    recovery: 'manual' as const,
    extended_events: false,
  };
  const bot = (id: string): BotView => ({ id, name: id, platform: 'imi', settings, health: { id, ...health } });
  const desk = (id: string, kind: string) => ({
    id,
    name: id,
    kind,
    settings,
    health: { id, ...health },
    online: true,
  });
  return {
    services: new Map(),
    assets: new Map(),
    bots: new Map([BOT, OTHER_BOT].map((id) => [id, bot(id)])),
    desks: new Map([
      [DESK, desk(DESK, 'webhook')],
      [CONSOLE, desk(CONSOLE, 'console')],
    ]),
  };
}
