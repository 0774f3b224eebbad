// Who is at a desk: several agents, away, silence, and who is told of what.
import { describe, expect, it } from 'vitest';
import { manualClock } from '../engine/clock.ts';
import type { Directory } from '../engine/ports.ts';
import { createPresence, PRESENT_MS } from './presence.ts';

const MAYA = { id: 'usr_maya', name: 'Maya' };
const TOM = { id: 'usr_tom', name: 'Tom' };

function open() {
  const clock = manualClock(0);
  const online: string[] = [];
  const told: string[] = [];
  const listeners: Parameters<Directory['onChange']>[0][] = [];
  const gone = new Set<string>();
  const directory = {
    setOnline: (id: string, is: boolean) => online.push(`${id} ${is}`),
    onChange: (listener: Parameters<Directory['onChange']>[0]) => {
      listeners.push(listener);
      return () => undefined;
    },
    row: (_kind: string, id: string) => (gone.has(id) ? undefined : {}),
  } as unknown as Directory;
  const presence = createPresence(directory, clock);
  presence.onChange((deskId) => told.push(deskId));
  const remove = (id: string) => {
    gone.add(id);
    for (const listener of listeners) listener([{ kind: 'desk', id }]);
  };
  const names = () => presence.agents('d').map(({ name, state }) => `${name} ${state}`);
  return { clock, presence, online, told, names, remove };
}

describe('a desk', () => {
  it('takes customers while at least one of its agents is there and not away', () => {
    const { presence, names } = open();
    expect(presence.isOnline('d')).toBe(false);
    presence.set('d', MAYA, 'online');
    presence.set('d', TOM, 'online');
    expect([presence.isOnline('d'), names()]).toEqual([true, ['Maya online', 'Tom online']]);
    presence.set('d', MAYA, 'away');
    expect(presence.isOnline('d')).toBe(true);
    presence.set('d', TOM, 'away');
    expect([presence.isOnline('d'), names()]).toEqual([false, ['Maya away', 'Tom away']]);
    presence.set('d', MAYA, 'online');
    expect(presence.isOnline('d')).toBe(true);
    expect(presence.set('d', MAYA, null)).toBeNull();
    expect([presence.isOnline('d'), names()]).toEqual([false, ['Tom away']]);
    expect(presence.agents('other')).toEqual([]);
  });

  it('loses an agent who says nothing for a minute, and only that one', () => {
    const { clock, presence, names } = open();
    presence.set('d', MAYA, 'online');
    clock.advance(PRESENT_MS / 2);
    expect(presence.set('d', TOM, 'online')).toBe(1.5 * PRESENT_MS);
    clock.advance(PRESENT_MS / 2);
    expect(names()).toEqual(['Tom online']);
    clock.advance(PRESENT_MS / 2);
    expect([presence.isOnline('d'), names()]).toEqual([false, []]);
  });

  it('tells who came, left or stepped away, and not who is there still', () => {
    const { clock, presence, told, online } = open();
    presence.set('d', MAYA, 'online');
    presence.set('d', MAYA, 'online');
    expect([told.length, presence.agents('d')[0]?.since]).toEqual([1, 0]);
    clock.advance(10);
    presence.set('d', MAYA, 'away');
    expect([told.length, presence.agents('d')[0]?.since]).toEqual([2, 10]);
    clock.advance(PRESENT_MS);
    expect(told.length).toBe(3);
    presence.set('d', MAYA, null);
    expect(told.length).toBe(3);
    expect(online).toEqual(['d true', 'd false', 'd false']);
  });

  it('that is deleted has nobody, and nobody leaves it later', () => {
    const { clock, presence, told, remove } = open();
    presence.set('d', MAYA, 'online');
    remove('d');
    expect(presence.agents('d')).toEqual([]);
    clock.advance(2 * PRESENT_MS);
    expect(told).toEqual(['d']);
    presence.stop();
  });
});
