import { describe, expect, it } from 'vitest';
import { keepIn } from './keep.ts';
import { idMaker, MOST_QUEUED, outboxIn, posted } from './outbox.ts';
import type { Queued } from './transcript.ts';

function shelf(full = false) {
  const map = new Map<string, string>();
  return {
    get length() {
      return map.size;
    },
    key: (index: number) => [...map.keys()][index] ?? null,
    getItem: (key: string) => map.get(key) ?? null,
    setItem: (key: string, value: string) => {
      if (full) throw new Error('QuotaExceededError');
      map.set(key, value);
    },
    removeItem: (key: string) => void map.delete(key),
  };
}
const item = (id: string, address = 'a', at = 1000): Queued => ({
  id,
  type: 'message',
  text: id,
  at,
  address,
  state: 'queued',
});
const texts = (items: Queued[]): string[] => items.map((one) => one.text ?? '');

describe('The outbox', () => {
  it('gives what was written in the order of writing, to a page that comes later too', () => {
    let now = 1000;
    const storage = shelf();
    const newId = idMaker(
      () => now,
      () => 0.5,
    );
    const first = outboxIn(keepIn(storage, 'p:'), () => now);
    const written = [newId(), newId(), newId()];
    now += 1;
    written.push(newId());
    for (const id of [...written].reverse()) first.put(item(id));
    expect(texts(outboxIn(keepIn(storage, 'p:'), () => now).items('a'))).toEqual(written);
  });

  it('loses nothing of two tabs that write at the same instant', () => {
    const storage = shelf();
    const [one, two] = [outboxIn(keepIn(storage, 'p:'), () => 1000), outboxIn(keepIn(storage, 'p:'), () => 1000)];
    one.put(item('1'));
    two.put(item('2'));
    one.put(item('3'));
    expect(texts(two.items('a'))).toEqual(['1', '2', '3']);
  });

  it('keeps apart what each customer of the browser wrote, and moves it only when told', () => {
    const outbox = outboxIn(keepIn(shelf(), 'p:'), () => 1000);
    outbox.put(item('1', 'a'));
    outbox.put(item('2', 'b'));
    expect(texts(outbox.items('a'))).toEqual(['1']);
    outbox.move('a', 'b');
    expect(texts(outbox.items('b'))).toEqual(['1', '2']);
    outbox.clear();
    expect(outbox.items('b')).toEqual([]);
  });

  it('holds in memory what a full or forbidden storage does not take', () => {
    for (const storage of [shelf(true), undefined]) {
      const outbox = outboxIn(keepIn(storage, 'p:'), () => 1000);
      outbox.put(item('1'));
      expect(texts(outbox.items('a'))).toEqual(['1']);
      outbox.drop('1');
      expect(outbox.items('a')).toEqual([]);
    }
  });

  it('has an end, and gives up what is a week old', () => {
    let now = 1000;
    const outbox = outboxIn(keepIn(shelf(), 'p:'), () => now);
    for (let index = 0; index < MOST_QUEUED; index += 1) expect(outbox.put(item(String(index)))).toBe(true);
    expect(outbox.put(item('more'))).toBe(false);
    expect(outbox.put({ ...item('0'), state: 'refused' })).toBe(true);
    now += 8 * 24 * 3_600_000;
    expect(outbox.items('a')).toEqual([]);
    expect(outbox.put(item('more', 'a', now))).toBe(true);
  });

  it('sends nothing that only the page needs to know', () => {
    expect(posted({ ...item('1'), why: 'x', preview: [] })).toEqual({
      id: '1',
      type: 'message',
      text: '1',
      sent_at: 1000,
    });
  });

  it('makes ids that the server takes, and that sort by time even when the clock goes back', () => {
    const clock = [5000, 4000, 6000];
    const newId = idMaker(() => clock.shift() ?? 7000, Math.random);
    const made = [newId(), newId(), newId(), newId()];
    expect([...made].sort()).toEqual(made);
    for (const id of made) expect(id).toMatch(/^[\w.~:-]{1,64}$/);
  });
});
