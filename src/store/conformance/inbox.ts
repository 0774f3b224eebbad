// What an inbox shows of conversations, what a rule is tried on, and the facts of notes and of who types.
// Not here: lists of threads and deliveries (reading.ts). The one thing to know: who waits, whose it is and until when
// stands in the thread's state; a list must tell it for the conversation that it is about, and for no other.
import { describe, expect, it } from 'vitest';
import type { DeskShare, ThreadState } from '../../routing/model.ts';
import type { Ground } from '../conformance.ts';
import { one, speak } from './applying.ts';
import { ASSET, CONSOLE, decision, SERVICE, START, say } from './script.ts';

export function inbox(ground: Ground): void {
  describe('what an inbox shows', () => {
    listed(ground);
    utterances(ground);
    beside(ground);
  });
}

/** A desk accepts the line of a thread, by an agent with an id; gives the conversation's id. */
async function accepted(ground: Ground, threadId: string, agentId: string): Promise<string> {
  const id = `conv_of_${agentId}`;
  ground.script.on('clock', (_input, { thread }, { now }) => {
    if (!thread) throw new Error('no thread');
    const desk: DeskShare = {
      conversationId: id,
      deskId: CONSOLE,
      serviceId: SERVICE,
      phase: 'accepted',
      agent: 'Maya',
      agentId,
      offeredAt: now,
      acceptDue: now + 60_000,
      replyDue: null,
      from: null,
      acked: 0,
      given: 0,
    };
    const holder: ThreadState['holder'] = { type: 'desk', id: CONSOLE, conversationId: id, since: now };
    const open = { threadId, type: 'desk' as const, partyId: CONSOLE, serviceId: SERVICE, status: 'accepted' as const };
    const row = { ...open, id, agent: 'Maya', openedAt: now, closedAt: null, closeReason: null };
    return decision({ ok: true }, { thread: { ...thread, holder, desk }, conversations: [row] });
  });
  await one(ground, { type: 'clock', threadId });
  return id;
}

function listed(ground: Ground): void {
  it('shows whose a conversation is, who waits in it since when, and what was said last', async () => {
    const { threadId, delivery } = await speak(ground, '+1', 'help');
    const id = await accepted(ground, threadId, 'usr_maya');
    ground.script.now += 5_000;
    await speak(ground, '+1', 'hello?');
    await speak(ground, '+2', 'elsewhere');
    const { store } = ground;
    const only = async (ask: object) => (await store.listConversations({ limit: 5, ...ask })).data;
    expect(await only({ id })).toMatchObject([
      {
        id,
        agentId: 'usr_maya',
        assetId: ASSET,
        address: '+1',
        name: 'A name',
        waitingSince: START,
        acceptDue: START + 60_000,
        last: { text: 'hello?', author: { type: 'customer' } },
      },
    ]);
    // The bot's conversation in the same thread: nobody waits in it, and it is nobody's.
    expect(await only({ id: delivery.conversationId })).toMatchObject([
      { agentId: null, waitingSince: null, acceptDue: null, last: { text: 'hello?' } },
    ]);
    expect((await only({ agentId: 'usr_maya' })).map((row) => row.id)).toEqual([id]);
    expect(await only({ agentId: 'usr_tom' })).toEqual([]);
  });

  it('sorts by age both ways, and shows of a closed one what was said until then', async () => {
    const ids: string[] = [];
    for (const address of ['+1', '+2', '+3']) {
      const { threadId } = await speak(ground, address, `from ${address}`);
      ids.push(await accepted(ground, threadId, `usr_${address}`));
    }
    const { store } = ground;
    const all = async (ask: object) => {
      const first = await store.listConversations({ limit: 2, partyId: CONSOLE, ...ask });
      const rest = await store.listConversations({ limit: 2, partyId: CONSOLE, after: first.nextCursor ?? '', ...ask });
      expect(rest.nextCursor).toBeNull();
      return [...first.data, ...rest.data].map((row) => row.id);
    };
    expect(await all({ oldestFirst: true, statuses: ['offered', 'accepted'] })).toEqual(ids);
    expect(await all({})).toEqual([...ids].reverse());
    const conversation = await store.conversation(ids[0] ?? '');
    if (!conversation) throw new Error('no conversation');
    ground.script.on('clock', (_input, { thread }, { now }) => {
      const closed = { ...conversation, status: 'closed' as const, closedAt: now, closeReason: 'done' };
      return decision({ ok: true }, { thread: thread && { ...thread, desk: null }, conversations: [closed] });
    });
    await one(ground, { type: 'clock', threadId: conversation.threadId });
    await speak(ground, '+1', 'afterwards');
    const { data } = await store.listConversations({ limit: 1, id: conversation.id });
    expect(data).toMatchObject([{ status: 'closed', agentId: null, last: { text: 'from +1' } }]);
  });
}

function utterances(ground: Ground): void {
  it('gives what customers of some assets said last, newest first, with their threads', async () => {
    await ground.store.apply([say('a', 'one'), { ...say('b', 'elsewhere'), assetId: 'ast_2' }, say('a', 'two')]);
    const texts = async (assets: string[], limit = 10) =>
      (await ground.store.utterances(assets, limit)).map(({ message, thread }) => `${thread.address} ${message.text}`);
    expect(await texts([ASSET])).toEqual(['a two', 'a one']);
    expect(await texts([ASSET, 'ast_2'], 2)).toEqual(['a two', 'b elsewhere']);
    expect(await texts([])).toEqual([]);
  });
}

function beside(ground: Ground): void {
  it('knows the thread of who types, and the thread and the conversation of a note', async () => {
    const { threadId, delivery } = await speak(ground, '+1', 'hello');
    const conversationId = delivery.conversationId ?? '';
    const { script } = ground;
    await one(ground, { type: 'typing', assetId: ASSET, address: '+1', on: true });
    expect(script.seen.at(-1)).toMatchObject({ thread: { id: threadId } });
    await one(ground, { type: 'typing', assetId: ASSET, address: '+2', on: true });
    expect(script.seen.at(-1)).toMatchObject({ thread: null });
    const author = { id: 'usr_1', name: 'Maya' };
    await one(ground, { type: 'note', threadId, conversationId, text: 'a note', author });
    expect(script.seen.at(-1)).toMatchObject({ thread: { id: threadId }, conversation: { id: conversationId } });
    await one(ground, { type: 'note', threadId, conversationId: 'conv_none', text: 'a note', author });
    expect(script.seen.at(-1)).toMatchObject({ conversation: null });
  });

  it('forgets notes with the customer', async () => {
    const { threadId, delivery } = await speak(ground, '+1', 'hello');
    ground.script.on('note', () =>
      decision({ ok: true }, { events: [{ type: 'note.added', data: { text: 'secretnote' } }] }),
    );
    const author = { id: 'usr_1', name: 'Maya' };
    const conversationId = delivery.conversationId ?? '';
    await one(ground, { type: 'note', threadId, conversationId, text: 'secretnote', author });
    const told = async () =>
      JSON.stringify([await ground.store.timeline(threadId, { limit: 50 }), await ground.store.events(0, 50)]);
    expect(await told()).toContain('secretnote');
    await ground.store.erase(ASSET, '+1');
    expect(await told()).not.toContain('secretnote');
  });
}
