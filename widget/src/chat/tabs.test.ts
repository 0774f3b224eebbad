import { describe, expect, it } from 'vitest';
import type { PostedMessage, Session, WireMessage } from '../../../src/channels/webchat/protocol.ts';
import { Chat } from './chat.ts';
import { keepIn } from './keep.ts';
import type { Locks } from './leader.ts';
import type { Cable } from './line.ts';
import type { Wire } from './wire.ts';

// Two tabs of a browser whose processes show each other late what they keep: here never, and each has what it began with.

const calm = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));

function locksOf(): Locks {
  const last = new Map<string, Promise<unknown>>();
  return {
    request: (name, _, held) => {
      const mine = (last.get(name) ?? Promise.resolve()).then(held);
      last.set(name, mine);
      return mine;
    },
  };
}

function cables(): () => Cable {
  const all = new Set<Cable>();
  return () => {
    const cable: Cable = {
      onmessage: null,
      postMessage: (said) => {
        const data = structuredClone(said);
        for (const other of all) if (other !== cable) setTimeout(() => other.onmessage?.({ data }));
      },
      close: () => all.delete(cable),
    };
    all.add(cable);
    return cable;
  };
}

function shelfOf(kept: Record<string, string>): Storage {
  const values = new Map(Object.entries(kept));
  return {
    get length() {
      return values.size;
    },
    key: (index) => [...values.keys()][index] ?? null,
    getItem: (name) => values.get(name) ?? null,
    setItem: (name, value) => void values.set(name, value),
    removeItem: (name) => void values.delete(name),
    clear: () => values.clear(),
  };
}

/** A server that knows each customer by the token, and everybody else as somebody new. */
function serverOf() {
  const server = {
    said: [] as WireMessage[],
    posts: [] as PostedMessage[][],
    customers: 0,
    /** answers of sessions wait for it */
    gate: Promise.resolve(),
    wire(): Wire {
      return {
        session: async ({ token }) => {
          const address = token ?? `customer-${++server.customers}`;
          const history = { messages: [...server.said], more: false, ticks: { delivered_turn: 0, read_turn: 0 } };
          const holder = { type: 'none', name: '' } as const;
          await server.gate;
          const cursor = String(server.said.length);
          const value = {
            token: address,
            address,
            resumed: token !== undefined,
            holder,
            cursor,
            history,
            settings: {},
          };
          return { ok: true, value: { ...value, verified: false, expires_at: 0 } as unknown as Session };
        },
        post: async (_, items) => {
          server.posts.push(items);
          return { ok: true, value: { results: [] } };
        },
        events: () => new Promise(() => undefined),
        history: () => new Promise(() => undefined),
        receipts: async () => ({ ok: true, value: null }),
        typing: async () => ({ ok: true, value: null }),
        upload: () => new Promise(() => undefined),
      };
    },
  };
  return server;
}

function browser() {
  const [server, locks, cable] = [serverOf(), locksOf(), cables()];
  const tab = async (kept: Record<string, string>): Promise<Chat> => {
    const keep = keepIn(shelfOf(kept), '');
    const { now, random } = { now: Date.now, random: Math.random };
    const chat = new Chat({ name: 'chat', wire: server.wire(), keep, locks, cable: cable(), now, random });
    await chat.start(() => undefined);
    return chat;
  };
  return { server, tab };
}
const KEPT = { session: JSON.stringify({ token: 'ada', address: 'ada' }) };

describe('Tabs that see late what the other keeps', () => {
  it('send what another wrote all the same', async () => {
    const { server, tab } = browser();
    const [leader, other] = [await tab(KEPT), await tab(KEPT)];
    await calm();
    other.send({ type: 'message', text: 'from the other' });
    await calm();
    expect(server.posts.flat().map(({ text }) => text)).toEqual(['from the other']);
    expect(leader.state.queue.map(({ state }) => state)).toEqual(['sent']);
    for (const chat of [leader, other]) chat.stop();
  });

  it('become the new customer with the one that did, and none goes on as the former', async () => {
    const { tab } = browser();
    const [one, other] = [await tab(KEPT), await tab(KEPT)];
    await calm();
    await one.reset();
    await calm();
    expect([one.state.address, other.state.address]).toEqual(['customer-1', 'customer-1']);
    for (const chat of [one, other]) chat.stop();
  });

  it('miss nothing of what is said while they open', async () => {
    const { server, tab } = browser();
    const leader = await tab(KEPT);
    await calm();
    let answer: () => void = () => undefined;
    server.gate = new Promise((resolve) => {
      answer = resolve;
    });
    const opening = tab(KEPT);
    await calm();
    leader.send({ type: 'message', text: 'meanwhile' });
    const said = { id: 'msg_1', cursor: '1', at: 0, author: { type: 'customer', name: '' }, type: 'text', media: [] };
    server.said.push({ ...said, text: 'meanwhile', quick_replies: [] } as WireMessage);
    await calm();
    server.gate = Promise.resolve();
    answer();
    const other = await opening;
    expect(other.state.messages.map(({ text }) => text)).toEqual(['meanwhile']);
    for (const chat of [leader, other]) chat.stop();
  });
});
