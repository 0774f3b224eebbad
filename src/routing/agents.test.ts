// Agents of a console desk: who has a conversation, what the others may do in it, notes, and typing.
// Not here: what a desk's software asks for (commands.test.ts): it has no claims of ours.
import { describe, expect, it } from 'vitest';
import type { Box } from './fixtures/box.ts';
import { give, held, STATES } from './fixtures/states.ts';
import type { ActingAgent, Reply } from './inputs.ts';

const MAYA: ActingAgent = { id: 'usr_maya', name: 'Maya', mayAct: false };
const TOM: ActingAgent = { id: 'usr_tom', name: 'Tom', mayAct: false };
const BOSS: ActingAgent = { id: 'usr_boss', name: 'Boss', mayAct: true };

const ACTS: Record<string, (box: Box, by: ActingAgent) => Reply> = {
  accept: (box, by) => box.desk('X', { type: 'accepted', agent: by.name, by }),
  'take over': (box, by) => box.desk('X', { type: 'accepted', agent: by.name, takeOver: true, by }),
  message: (box, by) =>
    box.desk('X', { type: 'message', agent: by.name, message: { type: 'text', text: 'word', media: [] }, by }),
  typing: (box, by) => box.desk('X', { type: 'typing', on: true, by }),
  transfer: (box, by) => box.desk('X', { type: 'transfer', to: 'bot', reason: 'r', by }),
  close: (box, by) => box.desk('X', { type: 'close', reason: 'r', by }),
};

describe('a conversation that Maya accepted', () => {
  const claimed = (): Box => {
    const box = STATES['X offered']();
    expect(ACTS.accept?.(box, MAYA)).toMatchObject({ ok: true });
    return box;
  };

  // Who, and for each act whether it is taken (+) or refused (-), and who has it afterwards if the conversation lives.
  const TABLE: [string, ActingAgent, string, string][] = [
    ['Maya', MAYA, '+ + + + + +', 'Maya Maya Maya Maya'],
    ['another agent', TOM, '- - - - - -', 'Maya Maya Maya Maya'],
    ['who may act for others', BOSS, '- + + + + +', 'Maya Boss Maya Maya'],
  ];
  const rows = TABLE.flatMap(([who, by, taken, owners]) =>
    Object.keys(ACTS).map((what, i) => ({ who, by, what, taken: taken.split(' ')[i], owner: owners.split(' ')[i] })),
  );
  it.each(rows)('$what by $who: $taken', ({ by, what, taken, owner }) => {
    const box = claimed();
    const before = { thread: box.thread, messages: box.messages.size };
    const reply = ACTS[what]?.(box, by);
    expect(reply?.ok).toBe(taken === '+');
    if (taken === '-') {
      expect(reply).toMatchObject({ code: 'claimed', agent: { id: 'usr_maya', name: 'Maya' } });
      expect({ thread: box.thread, messages: box.messages.size }).toEqual(before);
      expect(box.eventsOf('message.refused')).toHaveLength(1);
    }
    if (box.thread.desk) expect(box.thread.desk.agent).toBe(owner ?? 'Maya');
  });

  it('says what was said by the name of who said it', () => {
    const box = claimed();
    ACTS.message?.(box, BOSS);
    expect([...box.messages.values()].at(-1)?.author).toMatchObject({ type: 'agent', name: 'Boss' });
  });
});

describe('an agent’s word', () => {
  const spoken = (by: ActingAgent | undefined): Box => {
    const box = STATES['X accepted']();
    box.say('and this?');
    const message = { type: 'text', text: 'word', media: [] } as const;
    box.desk('X', { type: 'message', agent: 'Maya', message: { ...message, media: [] }, ...(by && { by }) });
    return box;
  };

  it('at the built-in desk answers all that was said, also what no attempt has brought there yet', () => {
    expect(spoken(MAYA).thread).toMatchObject({ waitingSince: null });
  });

  it('at a desk of its own answers what was handed to it', () => {
    expect(spoken(undefined).thread.waitingSince).not.toBeNull();
  });
});

describe('an offer', () => {
  it('belongs to whoever answers first: a message accepts it too', () => {
    const box = STATES['X offered']();
    expect(ACTS.typing?.(box, TOM).ok).toBe(true);
    expect(ACTS.message?.(box, TOM).ok).toBe(true);
    expect(ACTS.accept?.(box, MAYA)).toMatchObject({ ok: false, code: 'claimed', agent: { name: 'Tom' } });
    expect(box.thread.desk).toMatchObject({ agent: 'Tom', agentId: 'usr_tom', phase: 'accepted' });
  });

  it('of a desk with its own software has no claims: the software says who the agent is', () => {
    const box = STATES['X accepted']();
    expect(box.desk('X', { type: 'accepted', agent: 'Another' }).ok).toBe(true);
    expect(box.thread.desk?.agent).toBe('Another');
  });
});

describe('a note', () => {
  const note = (box: Box, conversationId: string) =>
    box.submit({
      type: 'note',
      threadId: box.thread.id,
      conversationId,
      text: 'mind the gap',
      author: { id: 'usr_maya', name: 'Maya' },
    });

  it.each(Object.entries(STATES).filter(([name]) => name !== 'nobody'))(
    'is an event and nothing else: %s',
    (_name, make) => {
      const box = make();
      const before = { thread: box.thread, deliveries: box.deliveries.length, messages: box.messages.size };
      expect(note(box, box.conv('A'))).toMatchObject({ ok: true });
      expect({ thread: box.thread, deliveries: box.deliveries.length, messages: box.messages.size }).toEqual(before);
      expect(box.eventsOf('note.added')).toMatchObject([{ data: { text: 'mind the gap', author: { name: 'Maya' } } }]);
    },
  );

  it('can be made on a conversation that is over, and not on one that nobody knows', () => {
    const box = held('A');
    const id = box.conv('A');
    box.bot('A', { type: 'close' });
    expect(note(box, id).ok).toBe(true);
    expect(note(box, 'conv_none')).toMatchObject({ ok: false, code: 'not_found' });
  });

  it('is refused where the customer was erased', () => {
    const box = held('A');
    const id = box.conv('A');
    const row = box.conversations.get(id);
    if (!row) throw new Error('no conversation');
    box.conversations.set(id, { ...row, status: 'closed', closeReason: 'erased' });
    expect(note(box, id)).toMatchObject({ ok: false, code: 'conversation_closed' });
    expect(box.eventsOf('note.added')).toEqual([]);
  });
});

describe('a customer who types', () => {
  const type = (box: Box, address = 'c1') => box.submit({ type: 'typing', assetId: 'ast', address, on: true });

  it.each([
    ['the desk that holds the line', STATES['X accepted'], { type: 'desk', id: 'X' }],
    ['the desk that is offered it', STATES['X offered'], { type: 'desk', id: 'X' }],
    ['nobody but who looks, while a bot holds it', STATES['bot A'], { type: 'bot', id: 'A' }],
  ])('is shown to %s', (_who, make, to) => {
    const box = make();
    const before = box.thread;
    expect(type(box)).toEqual({ ok: true });
    expect(box.transients).toMatchObject([{ to, on: true, author: { type: 'customer' } }]);
    expect(box.thread).toEqual(before);
  });

  it('is nothing while nobody holds the line, or before they said a word', () => {
    const box = STATES.nobody();
    expect(type(box).ok).toBe(true);
    box.say('hello');
    expect(type(box).ok).toBe(true);
    expect(box.transients).toEqual([]);
  });
});

describe('an address of the simulator', () => {
  const say = (box: Box, address: string, simulated: boolean) =>
    box.submit({
      type: 'customer',
      assetId: 'ast',
      address,
      externalId: 'x',
      kind: 'message',
      message: { type: 'text', text: 'hi', media: [] },
      ...(simulated ? { simulated: true } : {}),
    });

  it.each([
    ['sim-1', true, true],
    ['sim-1', false, false],
    ['c1', true, false],
    ['SIM-1', false, true],
    ['a sim-1', false, true],
  ])('%s, said by the simulator: %s, is taken: %s', (address, simulated, taken) => {
    const box = STATES.nobody();
    const reply = say(box, address, simulated);
    expect(reply.ok).toBe(taken);
    expect(box.threads.size).toBe(taken ? 1 : 0);
    if (!taken) expect(reply).toMatchObject({ code: 'invalid', detail: expect.stringMatching(/^address: /) });
  });

  it('has the line given and taken like any other', () => {
    const box = STATES.nobody();
    say(box, 'sim-1', true);
    give(box, 'A');
    expect(box.holder).toBe('A');
  });
});
