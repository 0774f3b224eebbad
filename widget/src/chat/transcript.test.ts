import { describe, expect, it } from 'vitest';
import type { Session, WireMessage } from '../../../src/channels/webchat/protocol.ts';
import { type Action, choices, EMPTY, type Queued, reduce, type Transcript, tickOf, unread } from './transcript.ts';

const said = (cursor: number, more: Partial<WireMessage> = {}): WireMessage => ({
  id: `msg_${cursor}`,
  cursor: String(cursor),
  at: cursor * 1000,
  author: { type: 'bot', name: 'Ava' },
  type: 'text',
  text: `text ${cursor}`,
  media: [],
  quick_replies: [],
  ...more,
});
const own = (cursor: number, id: string): WireMessage =>
  said(cursor, { author: { type: 'customer', name: '' }, client_id: id, turn: cursor });
const queued = (id: string): Queued => ({ id, type: 'message', text: id, at: 1, address: 'a', state: 'queued' });
const session = (messages: WireMessage[], more: Partial<Session> = {}): Action => ({
  type: 'session',
  queue: [],
  session: {
    token: 't',
    expires_at: 0,
    address: 'a',
    verified: false,
    resumed: true,
    settings: {} as Session['settings'],
    holder: { type: 'none', name: '' },
    cursor: '5',
    history: { messages, more: false, ticks: { delivered_turn: 0, read_turn: 0 } },
    ...more,
  },
});
const having = (...actions: Action[]): Transcript => actions.reduce(reduce, EMPTY);
const start = session([]);
const ids = (now: Transcript): string[] => now.messages.map((message) => message.id);

describe('The transcript', () => {
  it('stands in the order of cursors as numbers, however things arrive, and each thing once', () => {
    const now = having(start, { type: 'message', message: said(10) }, { type: 'message', message: said(9) });
    expect(ids(reduce(now, { type: 'message', message: said(10) }))).toEqual(['msg_9', 'msg_10']);
  });

  it('takes from the queue what has arrived, and does not take it back when it is announced late', () => {
    const now = having(start, { type: 'queued', item: queued('x') }, { type: 'message', message: own(1, 'x') });
    expect(now.queue).toEqual([]);
    expect(reduce(now, { type: 'queued', item: queued('x') }).queue).toEqual([]);
    expect(reduce(now, { type: 'posted', ids: ['x'] }).queue).toEqual([]);
  });

  it('leaves out what another customer of this browser wrote', () => {
    expect(having(start, { type: 'queued', item: { ...queued('x'), address: 'b' } }).queue).toEqual([]);
  });

  it('keeps what it has when the same customer goes on and the page joins, and begins anew where it does not', () => {
    const first = having(start, { type: 'message', message: said(1) }, { type: 'message', message: said(2) });
    const page = (messages: WireMessage[], more: boolean): Action =>
      session(messages, { history: { messages, more, ticks: { delivered_turn: 0, read_turn: 0 } } });
    expect(ids(reduce(first, page([said(2), said(3)], true)))).toEqual(['msg_1', 'msg_2', 'msg_3']);
    expect(ids(reduce(first, page([said(8), said(9)], true)))).toEqual(['msg_8', 'msg_9']);
  });

  it('forgets everything of a former customer', () => {
    const former = having(start, { type: 'message', message: said(1) }, { type: 'queued', item: queued('x') });
    const now = reduce(former, session([], { address: 'b', resumed: false, cursor: '7' }));
    expect(now).toMatchObject({ address: 'b', messages: [], queue: [], cursor: '7' });
  });

  it('never takes ticks or cursors back', () => {
    const now = having(
      start,
      { type: 'ticks', ticks: { delivered_turn: 3, read_turn: 2 } },
      { type: 'cursor', cursor: '10' },
    );
    const later = [
      { type: 'ticks', ticks: { delivered_turn: 1, read_turn: 1 } },
      { type: 'cursor', cursor: '9' },
    ] as const;
    expect(later.reduce<Transcript>(reduce, now)).toMatchObject({ ticks: now.ticks, cursor: '10' });
  });

  it.each([
    [1, 'read'],
    [2, 'delivered'],
    [3, 'sent'],
    [undefined, 'sent'],
  ])('says of turn %s that it is %s', (turn, tick) => {
    const message = { ...own(1, 'x') };
    if (turn === undefined) delete message.turn;
    else message.turn = turn;
    expect(tickOf(message, { delivered_turn: 2, read_turn: 1 })).toBe(tick);
  });

  it('counts as unread what others wrote, until it is read here or anywhere', () => {
    const now = having(start, { type: 'message', message: said(1) }, { type: 'message', message: own(2, 'x') });
    expect(unread(now)).toBe(1);
    const read = reduce(now, { type: 'receipts', ids: ['msg_1'], status: 'read' });
    expect(unread(read)).toBe(0);
    expect(unread(reduce(read, { type: 'receipts', ids: ['msg_1'], status: 'delivered' }))).toBe(0);
    expect(unread(reduce(read, { type: 'message', message: said(1) }))).toBe(0);
  });

  it('offers choices only as long as nothing was said after them', () => {
    const offer = said(1, { quick_replies: [{ title: 'Yes', payload: 'Y' }] });
    const now = having(start, { type: 'message', message: offer });
    expect(choices(now)).toHaveLength(1);
    expect(choices(reduce(now, { type: 'queued', item: queued('x') }))).toEqual([]);
    expect(choices(reduce(now, { type: 'message', message: own(2, 'y') }))).toEqual([]);
  });

  it('shows nobody typing who has spoken', () => {
    const now = having(start, { type: 'typing', typing: { name: 'Ava', type: 'bot' } });
    expect(reduce(now, { type: 'message', message: own(1, 'x') }).typing).not.toBeNull();
    expect(reduce(now, { type: 'message', message: said(2) }).typing).toBeNull();
  });
});
