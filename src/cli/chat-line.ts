// The customer's end of the demo channel: sends what is said, fetches what is answered, sees who holds the line.
// Not here: what the terminal shows (chat.ts).
// The one thing to know: it uses the same hooks and the same API as any channel and any console would.
import { randomUUID } from 'node:crypto';
import type { WholeDemo } from '../demo/state.ts';
import type { Api } from './api.ts';

export type Choice = { title: string; payload: string };
export type Heard = {
  messageId: string;
  author: { type: string; name: string };
  text: string;
  media: string[];
  choices: Choice[];
};
/** `waiting`: handed over, and the desk has not accepted yet. */
export type Line = { holder: 'bot' | 'waiting' | 'agent' | 'none'; epoch: number; thread: string };
export type Sent = { id: string; accepted: number; duplicates: number };

export type ChatLine = {
  say(text: string): Promise<Sent>;
  press(choice: Choice): Promise<Sent>;
  /** the last one again, with the same id, as a network would; null when nothing was said yet */
  again(): Promise<Sent | null>;
  /** what came since the last call; waits for it */
  listen(signal: AbortSignal): Promise<Heard[]>;
  /** null: no thread yet */
  look(): Promise<Line | null>;
};

const SEND_TIMEOUT_MS = 10_000;
const LISTEN_WAIT_MS = 20_000;
/** Threads are listed newest first; the customer of this terminal is among the latest. */
const THREADS_LOOKED_AT = 100;

export type ChatPlaces = { base: string; mailbox: string; demo: WholeDemo; api: Api };

export function chatLine(places: ChatPlaces, from: { address: string; name: string }): ChatLine {
  const { demo, api } = places;
  let last: Record<string, unknown> | null = null;
  let after = Date.now() - 1;
  let thread: string | null = null;

  async function send(item: Record<string, unknown>): Promise<Sent> {
    last = item;
    const response = await fetch(`${places.base}/hooks/channels/${demo.asset.id}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${demo.asset.secret}` },
      body: JSON.stringify(item),
      signal: AbortSignal.timeout(SEND_TIMEOUT_MS),
    });
    const body = (await response.json().catch(() => ({}))) as Record<string, unknown>;
    if (!response.ok) throw new Error(`Signalbox answered ${response.status}: ${String(body.detail ?? '')}`);
    return { id: String(item.id), accepted: Number(body.accepted ?? 0), duplicates: Number(body.duplicates ?? 0) };
  }

  async function findThread(): Promise<string | null> {
    const list = await api.get(`/threads?asset_id=${demo.asset.id}&limit=${THREADS_LOOKED_AT}`);
    const rows = (list.body.data ?? []) as Record<string, unknown>[];
    const mine = rows.find((row) => row.address === from.address);
    return mine === undefined ? null : String(mine.id);
  }

  return {
    say: (text) => send({ type: 'message', id: randomUUID(), from, message: { type: 'text', text } }),
    press: (choice) =>
      choice.payload === ''
        ? send({ type: 'message', id: randomUUID(), from, message: { type: 'text', text: choice.title } })
        : send({ type: 'postback', id: randomUUID(), from, payload: choice.payload, title: choice.title }),
    again: async () => (last === null ? null : send(last)),

    async listen(signal) {
      const query = new URLSearchParams({
        address: from.address,
        after: String(after),
        wait_ms: String(LISTEN_WAIT_MS),
      });
      const response = await fetch(`${places.mailbox}?${query}`, {
        headers: { authorization: `Bearer ${demo.mailbox_key}` },
        signal,
      });
      if (!response.ok) throw new Error(`the demo mailbox answered ${response.status}`);
      const { letters } = (await response.json()) as { letters: { n: number; body: Record<string, unknown> }[] };
      after = letters.at(-1)?.n ?? after;
      return letters.filter((letter) => letter.body.type === 'message').map((letter) => heardFrom(letter.body));
    },

    async look() {
      thread ??= await findThread();
      if (thread === null) return null;
      const answer = await api.get(`/threads/${thread}`);
      return answer.ok ? lineOf(thread, answer.body) : null;
    },
  };
}

type Held = { type?: unknown; conversation_id?: unknown };

/** A desk that has the line but has not accepted yet lets the customer wait. */
function lineOf(thread: string, body: Record<string, unknown>): Line {
  const held = (body.holder ?? {}) as Held;
  const epoch = Number(body.epoch ?? 0);
  if (held.type === 'bot') return { holder: 'bot', epoch, thread };
  if (held.type !== 'desk') return { holder: 'none', epoch, thread };
  const conversations = (body.conversations ?? []) as { id?: unknown; status?: unknown }[];
  // Closed meanwhile: the thread was read a moment earlier, and nobody waits for the desk any more.
  const { status } = conversations.find((each) => each.id === held.conversation_id) ?? {};
  return { holder: status === 'offered' || status === 'queued' ? 'waiting' : 'agent', epoch, thread };
}

function heardFrom(body: Record<string, unknown>): Heard {
  const message = (body.message ?? {}) as Record<string, unknown>;
  const author = (body.author ?? {}) as Record<string, unknown>;
  const replies = (message.quick_replies ?? []) as { title?: unknown; payload?: unknown }[];
  const media = (message.media ?? []) as { url?: unknown }[];
  return {
    messageId: String(body.message_id ?? ''),
    author: { type: String(author.type ?? 'bot'), name: String(author.name ?? '') },
    text: String(message.text ?? ''),
    media: media.map((each) => String(each.url ?? '')),
    choices: replies.map((reply) => ({ title: String(reply.title ?? ''), payload: String(reply.payload ?? '') })),
  };
}
