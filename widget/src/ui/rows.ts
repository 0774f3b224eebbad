// Turns the transcript into what stands on the screen: days, and groups of what one person said in one go.
// Pure. The one thing to know: what is still on its way stands last, in the order it was written, and keeps its key when
// the server has it, so that nothing jumps.
import type { WireMedium, WireMessage } from '../../../src/channels/webchat/protocol.ts';
import { type Queued, type Tick, type Transcript, tickOf } from '../chat/transcript.ts';

export type Bubble = {
  key: string;
  at: number;
  text: string;
  media: readonly WireMedium[];
  /** the customer's own: how far it has come */
  state?: Tick | Queued['state'];
  why?: string;
};
export type Group = {
  kind: 'group';
  key: string;
  type: WireMessage['author']['type'];
  name: string;
  bubbles: Bubble[];
};
export type Row = { kind: 'day'; key: string; at: number } | Group;

/** After a pause so long, a new group with its own time begins. */
const PAUSE_MS = 5 * 60_000;

type Said = { type: Group['type']; name: string; bubble: Bubble };

export function rowsOf(now: Transcript, dayOf: (at: number) => string): Row[] {
  const rows: Row[] = [];
  let day = '';
  let last: Group | undefined;
  for (const { type, name, bubble } of said(now)) {
    if (dayOf(bubble.at) !== day) {
      day = dayOf(bubble.at);
      rows.push({ kind: 'day', key: `day ${day} ${bubble.key}`, at: bubble.at });
      last = undefined;
    }
    const before = last?.bubbles.at(-1);
    if (last === undefined || before === undefined || !joins(last, before, type, name, bubble)) {
      last = { kind: 'group', key: bubble.key, type, name, bubbles: [] };
      rows.push(last);
    }
    last.bubbles.push(bubble);
  }
  return rows;
}

function joins(group: Group, before: Bubble, type: string, name: string, bubble: Bubble): boolean {
  return group.type === type && group.name === name && bubble.at - before.at < PAUSE_MS;
}

function said(now: Transcript): Said[] {
  const there = now.messages.map((message): Said => {
    const { id, at, text, media, author, client_id: key } = message;
    const own = author.type === 'customer';
    const bubble: Bubble = { key: key ?? id, at, text, media, ...(own ? { state: tickOf(message, now.ticks) } : {}) };
    return { type: author.type, name: own ? '' : author.name, bubble };
  });
  const coming = now.queue.map((item): Said => {
    const { id: key, at, text = item.title ?? '', preview: media = [], state, why } = item;
    return {
      type: 'customer',
      name: '',
      bubble: { key, at, text, media, state, ...(why === undefined ? {} : { why }) },
    };
  });
  return [...there, ...coming];
}
