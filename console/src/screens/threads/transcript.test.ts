// A timeline as a transcript: what belongs to a message stands at it, in either order.
import { describe, expect, it } from 'vitest';
import type { TimelineItem } from '../../api/types.ts';
import { transcriptOf } from './transcript.ts';

const at = '2030-01-01T00:00:00Z';
const message = (id: string) => ({ at, type: 'message', message: { id, at } }) as unknown as TimelineItem;
const event = (id: string, type: string, data: object) =>
  ({ at, type: 'event', event: { id, type, at, data } }) as unknown as TimelineItem;
const delivery = (id: string, more: object) =>
  ({
    at,
    type: 'delivery',
    delivery: { id, kind: 'message', merged_message_ids: [], ...more },
  }) as unknown as TimelineItem;

const decision = { looked: [{ rule_id: 'rul_1', name: 'all', matched: true, why: '' }], winner: 'rul_1', why: 'x' };
const items = [
  message('msg_1'),
  event('evt_1', 'message.received', { message_id: 'msg_1', decision }),
  event('evt_2', 'holder.changed', {}),
  delivery('dlv_1', { message_id: 'msg_1' }),
  message('msg_2'),
  delivery('dlv_2', { message_id: 'msg_2', merged_message_ids: ['msg_1', 'msg_2'] }),
  delivery('dlv_3', { message_id: null, kind: 'started' }),
  delivery('dlv_4', { message_id: 'msg_2', kind: 'receipt' }),
  event('evt_3', 'note.added', { text: 'careful' }),
];

describe('a transcript', () => {
  it.each(['asc', 'desc'] as const)('is the same from a timeline in order %s', (order) => {
    const entries = transcriptOf(order === 'asc' ? items : items.toReversed(), order);
    expect(entries.map((entry) => entry.key)).toEqual(['msg_1', 'evt_2', 'msg_2', 'dlv_3', 'evt_3']);
    const [first, , second] = entries;
    expect(first).toMatchObject({ decision, sent: [{ delivery: { id: 'dlv_1' } }, { delivery: { id: 'dlv_2' } }] });
    expect(second).toMatchObject({ decision: null, sent: [{ delivery: { id: 'dlv_2' } }] });
    expect(second).toMatchObject({ receipts: [{ delivery: { id: 'dlv_4' } }] });
  });

  it('shows a delivery alone whose message is on an earlier page', () => {
    expect(transcriptOf(items.slice(3, 4), 'asc').map((entry) => entry.key)).toEqual(['dlv_1']);
  });
});
