// What a customer sees of the conversation, and how each thing that happens changes it.
// Pure: no network, no clock. The one thing to know: every tab reduces the same actions, its own and those that the
// leading tab passes on, in any order and even twice; so every action must be harmless when it comes again.
import type {
  HistoryPage,
  Holder,
  PostedMessage,
  Session,
  Ticks,
  WireMedium,
  WireMessage,
} from '../../../src/channels/webchat/protocol.ts';

/** A message on its way: written here, not yet seen in the thread. */
export type Queued = PostedMessage & {
  /** when it was written */
  at: number;
  /** the customer's address it was written as */
  address: string;
  /** how its media look, while the thread has not told yet */
  preview?: WireMedium[];
  state: 'uploading' | 'queued' | 'sent' | 'refused';
  /** why it was refused, in the server's words */
  why?: string;
};

export type Link = 'connecting' | 'live' | 'offline';

export type Transcript = {
  address: string;
  /** oldest first, by cursor */
  messages: readonly WireMessage[];
  /** in the order they were written */
  queue: readonly Queued[];
  /** there are older messages to ask for */
  more: boolean;
  cursor: string;
  holder: Holder;
  ticks: Ticks;
  typing: { name: string; type: string } | null;
  link: Link;
  /** what was written does not get through at the moment */
  stuck: boolean;
};

export type Action =
  | { type: 'session'; session: Session; queue: Queued[] }
  | { type: 'page'; page: HistoryPage }
  | { type: 'message'; message: WireMessage }
  | { type: 'holder'; holder: Holder }
  | { type: 'ticks'; ticks: Ticks }
  | { type: 'typing'; typing: Transcript['typing'] }
  | { type: 'receipts'; ids: string[]; status: 'delivered' | 'read' }
  | { type: 'cursor'; cursor: string }
  | { type: 'queued'; item: Queued }
  | { type: 'posted'; ids: string[] }
  | { type: 'refused'; id: string; why: string }
  | { type: 'dropped'; id: string }
  | { type: 'link'; link: Link }
  | { type: 'stuck'; stuck: boolean };

/** More than anybody scrolls back in one sitting; older ones are asked for again. */
const MOST_MESSAGES = 1000;
const NO_TICKS: Ticks = { delivered_turn: 0, read_turn: 0 };

export const EMPTY: Transcript = {
  address: '',
  messages: [],
  queue: [],
  more: false,
  cursor: '',
  holder: { type: 'none', name: '' },
  ticks: NO_TICKS,
  typing: null,
  link: 'connecting',
  stuck: false,
};

export function reduce(was: Transcript, action: Action): Transcript {
  switch (action.type) {
    case 'session':
      return withSession(was, action.session, action.queue);
    case 'page':
      return {
        ...merged(was, action.page.messages),
        more: action.page.more,
        ticks: further(was.ticks, action.page.ticks),
      };
    case 'message': {
      const now = merged(was, [action.message]);
      // Who has spoken has stopped typing.
      return action.message.author.type === 'customer' ? now : { ...now, typing: null };
    }
    case 'holder':
      return { ...was, holder: action.holder, typing: null };
    case 'ticks':
      return { ...was, ticks: further(was.ticks, action.ticks) };
    case 'typing':
      return { ...was, typing: action.typing };
    case 'receipts':
      return withReceipts(was, new Set(action.ids), action.status);
    case 'cursor':
      return { ...was, cursor: later(was.cursor, action.cursor) };
    case 'link':
      return { ...was, link: action.link };
    case 'stuck':
      return { ...was, stuck: action.stuck };
    default:
      return { ...was, queue: queueAfter(was, action) };
  }
}

type QueueAction = Extract<Action, { type: 'queued' | 'posted' | 'refused' | 'dropped' }>;

function queueAfter(was: Transcript, action: QueueAction): readonly Queued[] {
  switch (action.type) {
    case 'queued': {
      const { item } = action;
      if (item.address !== was.address || was.messages.some((message) => message.client_id === item.id))
        return was.queue;
      if (!was.queue.some((other) => other.id === item.id)) return [...was.queue, item];
      return was.queue.map((other) => (other.id === item.id ? item : other));
    }
    case 'posted':
      return was.queue.map((item) => (action.ids.includes(item.id) ? { ...item, state: 'sent' } : item));
    case 'refused':
      return was.queue.map((item) => (item.id === action.id ? { ...item, state: 'refused', why: action.why } : item));
    case 'dropped':
      return was.queue.filter((item) => item.id !== action.id);
  }
}

/** The same customer goes on, or another one begins: then nothing of the former may stay on the screen. */
function withSession(was: Transcript, session: Session, queue: Queued[]): Transcript {
  const same = was.address === session.address && session.resumed;
  const { history } = session;
  // What lies between the messages here and a page that does not reach back to them is unknown: begin with the page.
  const joins = same && (!history.more || overlaps(was.messages, history.messages));
  const base: Transcript = joins ? was : { ...EMPTY, more: history.more, link: was.link };
  const uploading = same ? was.queue.filter((item) => item.state === 'uploading') : [];
  const known = { ...base, address: session.address, queue: [...queue, ...uploading], holder: session.holder };
  const now = merged(known, history.messages);
  return { ...now, ticks: further(base.ticks, history.ticks), cursor: later(base.cursor, session.cursor) };
}

function overlaps(have: readonly WireMessage[], page: readonly WireMessage[]): boolean {
  const ids = new Set(have.map((message) => message.id));
  return page.some((message) => ids.has(message.id));
}

/** Messages put where they belong; what was on its way and has arrived leaves the queue. */
function merged(was: Transcript, more: readonly WireMessage[]): Transcript {
  const byId = new Map(was.messages.map((message) => [message.id, message]));
  for (const message of more) {
    const old = byId.get(message.id);
    byId.set(message.id, old?.receipt === 'read' ? { ...message, receipt: 'read' } : message);
  }
  const sorted = [...byId.values()].sort((a, b) => Number(a.cursor) - Number(b.cursor));
  const messages = sorted.slice(-MOST_MESSAGES);
  const arrived = new Set(more.map((message) => message.client_id));
  return {
    ...was,
    messages,
    more: was.more || messages.length < sorted.length,
    queue: was.queue.filter((item) => !arrived.has(item.id)),
  };
}

function withReceipts(was: Transcript, ids: Set<string>, status: 'delivered' | 'read'): Transcript {
  const messages = was.messages.map((message) =>
    ids.has(message.id) && message.receipt !== 'read' ? { ...message, receipt: status } : message,
  );
  return { ...was, messages };
}

const later = (a: string, b: string): string => (Number(b) > Number(a) ? b : a || b);

/** Ticks only ever grow: an older word that comes late takes nothing back. */
function further(a: Ticks, b: Ticks): Ticks {
  return {
    delivered_turn: Math.max(a.delivered_turn, b.delivered_turn),
    read_turn: Math.max(a.read_turn, b.read_turn),
  };
}

// ───────────────────────────── what is read from it ─────────────────────────────

export type Tick = 'sent' | 'delivered' | 'read';

/** How far a message of the customer's has come. */
export function tickOf(message: WireMessage, ticks: Ticks): Tick {
  const turn = message.turn ?? Number.POSITIVE_INFINITY;
  if (turn <= ticks.read_turn) return 'read';
  return turn <= ticks.delivered_turn ? 'delivered' : 'sent';
}

/** Others' messages that have no receipt so far as `status`. */
export function unacknowledged(now: Transcript, status: 'delivered' | 'read'): string[] {
  return now.messages
    .filter((message) => message.author.type !== 'customer')
    .filter((message) => message.receipt !== 'read' && (status === 'read' || message.receipt !== 'delivered'))
    .map((message) => message.id);
}

export const unread = (now: Transcript): number => unacknowledged(now, 'read').length;

/** The choices that still stand: those of the last message, as long as nothing was said after it. */
export function choices(now: Transcript): WireMessage['quick_replies'] {
  const open = now.queue.some((item) => item.state !== 'refused');
  return open ? [] : (now.messages.at(-1)?.quick_replies ?? []);
}
