// Who is owed what when the line changes: one row for each sentence of contract §4, told by what each party heard.
// `BOT` asks, `CCSP` is a copy. Not here: who gets the line (line, commands and standing have the tables).
import { describe, expect, it } from 'vitest';
import { Box, MINUTE, outcome } from './fixtures/box.ts';
import { give, held, where } from './fixtures/states.ts';
import { type RuleSpec, textIs, toBot, toBoth, toDesk, type WorldSpec, worldOf } from './fixtures/world.ts';

const BOTH: RuleSpec[] = [{ id: 'main', on: 'message.received', do: toBoth('A', 'X') }];
const boxOf = (rules: RuleSpec[] = BOTH, more: WorldSpec = {}) => new Box(worldOf({ rules, ...more }));
const accepts = (box: Box, desk = 'X') => box.desk(desk, { type: 'accepted', agent: 'Agent' });
const closes = (box: Box, desk = 'X') => box.desk(desk, { type: 'close', reason: 'done' });
const rejects = (box: Box, desk = 'X') => box.desk(desk, { type: 'reject', reason: 'busy' });

describe('a bot conversation', () => {
  it('is unique for asset, customer, service and bot, and lives until the bot closes it', () => {
    const box = boxOf();
    box.say('one');
    const first = box.conv('A');
    box.run().handover('A');
    accepts(box);
    closes(box);
    box.say('two');
    expect(box.conv('A')).toBe(first);
    box.run().bot('A', { type: 'close' });
    box.say('three');
    expect(box.conv('A')).not.toBe(first);
    box.say('other', 'c2');
    expect([...box.conversations.values()].filter((c) => c.partyId === 'A')).toHaveLength(3);
  });

  it('is another one in another service', () => {
    const box = boxOf();
    box.say('one');
    const first = box.conv('A');
    box.edit(({ services, assets }) => {
      const svc = services.get('svc');
      const asset = assets.get('ast');
      if (!svc || !asset) return;
      const rules = svc.rules.map((rule) => ({ ...rule, id: 'second', serviceId: 'svc2' }));
      services.set('svc2', { ...svc, id: 'svc2', rules });
      assets.set('ast', { ...asset, serviceId: 'svc2' });
    });
    box.say('two');
    expect(box.thread.holder).toMatchObject({ id: 'A', ruleId: 'second' });
    expect(box.conv('A')).not.toBe(first);
    expect(box.thread.epoch).toBe(2);
  });
});

describe('bot and desk', () => {
  it('the bot first; after handover the desk, until it closes; then the bot again, with the same conversation', () => {
    const box = boxOf();
    box.say('one');
    box.run().botSays('A', 'hello');
    box.say('agent please');
    box.run().handover('A');
    box.say('are you there');
    box.run();
    accepts(box);
    box.agentSays('X', 'yes');
    box.say('thanks');
    box.run().agentSays('X', 'bye');
    closes(box);
    box.say('and now');
    box.run();
    expect(box.heard('A')).toEqual(['BOT one', 'BOT agent please', 'CCSP are you there', 'CCSP thanks', 'BOT and now']);
    expect(box.desksHeard('X')).toEqual(['agent please', 'are you there', 'thanks']);
    expect(box.kinds('X').slice(0, 2)).toEqual(['started', 'message']);
    expect(box.spoken).toEqual(['hello', 'yes', 'bye']);
    expect([...box.conversations.values()].map((c) => [c.partyId, c.status])).toEqual([
      ['A', 'open'],
      ['X', 'closed'],
    ]);
  });

  it('each desk conversation is new, and closed when the agent closes it', () => {
    const box = boxOf();
    box.say('one');
    for (let i = 0; i < 2; i++) {
      box.run().handover('A');
      accepts(box);
      box.run();
      closes(box);
    }
    const desks = [...box.conversations.values()].filter((c) => c.partyId === 'X');
    expect(desks.map((c) => c.status)).toEqual(['closed', 'closed']);
    expect(desks.every((c) => c.closedAt !== null && c.closeReason === 'done')).toBe(true);
  });

  it('messages between handover and acceptance belong to the desk and wait for it', () => {
    const box = boxOf();
    box.say('one');
    box.run().handover('A');
    box.say('two');
    expect(box.botSays('A', 'me')).toMatchObject({ code: 'not_holder' });
    box.run();
    expect(box.desksHeard('X')).toEqual(['one', 'two']);
    expect(box.thread.waitingSince).not.toBeNull();
  });

  it('an agent’s words are copied to every bot with an open conversation', () => {
    const box = give(held('A'), 'B');
    give(box, 'X');
    box.agentSays('X', 'hello');
    box.run();
    for (const bot of ['A', 'B']) {
      const got = box.got.filter((g) => g.target === bot && g.words[0] === 'hello');
      expect(got.map((g) => [g.as, g.turns])).toEqual([['CCSP', []]]);
    }
  });
});

describe('a desk that does not take an offer', () => {
  const LOST: [string, (box: Box) => unknown, WorldSpec][] = [
    ['in time', (box) => box.pass(MINUTE), {}],
    ['after it queued the customer', (box) => box.desk('X', { type: 'queued' }) && box.pass(10 * MINUTE), {}],
    ['but rejects', (box) => rejects(box), {}],
    ['but closes', (box) => closes(box), {}],
    ['because it is not active', () => {}, { desks: { X: { status: 'inactive' }, Y: {} } }],
    ['because nobody is online', () => {}, { desks: { X: { online: false }, Y: {} } }],
  ];

  it.each(LOST)('%s: the line goes back to an active bot, and every unanswered turn as BOT', (_how, lose, more) => {
    const box = boxOf(BOTH, more);
    box.say('one');
    box.run().botSays('A', 'hello');
    box.say('two');
    box.say('three');
    box.run().handover('A');
    lose(box);
    box.run();
    expect(where(box)).toBe('A');
    expect(box.heard('A')).toEqual(['BOT one', 'BOT two', 'BOT three', 'BOT two', 'BOT three']);
    const again = box.got.filter((g) => g.target === 'A' && g.words[0] === 'two');
    expect(new Set(again.map((g) => g.deliveryId)).size).toBe(2);
    expect(new Set(again.map((g) => g.messageId)).size).toBe(1);
    expect(box.thread.epoch).toBe(3);
    box.botSays('A', 'sorry');
    expect(box.thread.answered).toBe(3);
  });

  it.each(LOST)('%s: the first rule on desk.failed runs', (_how, lose, more) => {
    const box = boxOf([...BOTH, { on: 'desk.failed', do: toDesk('Y') }], more);
    box.say('one');
    box.run().handover('A');
    lose(box);
    box.run();
    expect(where(box)).toBe('Y?');
    expect(box.desksHeard('Y')).toEqual(['one']);
    expect(box.heard('A')).toEqual(['BOT one']);
  });

  it.each(LOST)('%s: without a rule and an active bot a person is needed', (_how, lose, more) => {
    const box = boxOf(BOTH, more);
    box.say('one');
    box.run();
    box.edit(({ bots }) => {
      const bot = bots.get('A');
      if (bot) bots.set('A', { ...bot, health: { ...bot.health, status: 'inactive' } });
    });
    box.handover('A');
    lose(box);
    expect([where(box), box.thread.limbo]).toEqual(['none', 'needs_person']);
  });

  it('gets conversation.closed, unless it ended the offer itself', () => {
    const told = LOST.map(([, lose, more]) => {
      const box = boxOf(BOTH, more);
      box.say('one');
      box.run().handover('A');
      box.run();
      lose(box);
      box.run();
      return box
        .kinds('X')
        .filter((kind) => kind === 'closed' || kind === 'started')
        .join(' ');
    });
    expect(told).toEqual(['started closed', 'started closed', 'started', 'started', '', '']);
  });

  it('gets nothing more of an offer it had not taken in yet', () => {
    const box = boxOf();
    box.say('one');
    box.run().handover('A');
    box.pass(MINUTE);
    box.run();
    expect(box.kinds('X')).toEqual(['closed']);
    expect(box.deliveries.filter((d) => d.status === 'cancelled').map((d) => d.kind)).toEqual(['started', 'message']);
  });

  it('is not offered the thread again by rules until the customer speaks, so that two cannot play ball', () => {
    const ball: RuleSpec[] = [
      ...BOTH,
      { on: { event: 'desk.failed', desk_id: 'X' }, do: toDesk('Y') },
      { on: { event: 'desk.failed', desk_id: 'Y' }, do: toDesk('X') },
    ];
    const box = boxOf(ball);
    box.say('one');
    box.run().handover('A');
    rejects(box, 'X');
    rejects(box, 'Y');
    expect(where(box)).toBe('A');
    box.say('two');
    box.run().handover('A');
    rejects(box, 'X');
    expect(where(box)).toBe('Y?');
  });

  it('may be offered it again by rules once another desk had accepted', () => {
    const box = boxOf([
      ...BOTH,
      { on: { event: 'desk.failed', desk_id: 'X' }, do: toDesk('Y') },
      { on: 'desk.closed', do: toDesk('X') },
    ]);
    box.say('one');
    box.run().handover('A');
    rejects(box, 'X');
    accepts(box, 'Y');
    closes(box, 'Y');
    expect(where(box)).toBe('X?');
  });

  it('a turn comes back to a bot once; then it is overdue, but what is new is asked', () => {
    for (const rules of [BOTH, [...BOTH, { on: 'desk.failed', do: toBot('A') } as RuleSpec]]) {
      const box = boxOf(rules);
      box.say('one');
      for (let i = 0; i < 2; i++) {
        box.run().handover('A');
        rejects(box);
      }
      box.run();
      expect([where(box), box.thread.limbo]).toEqual(['A', 'overdue']);
      expect(box.heard('A')).toEqual(['BOT one', 'BOT one']);
      box.say('two');
      box.run().handover('A');
      rejects(box);
      box.run();
      expect(box.heard('A')).toEqual(['BOT one', 'BOT one', 'BOT two', 'BOT two']);
      box.botSays('A', 'here I am');
      expect(box.thread.limbo).toBe('');
    }
  });
});

describe('a holder that is replaced', () => {
  it('by a rule: the next bot is asked every unanswered turn, oldest first; the first gets copies', () => {
    const box = boxOf([{ on: 'message.received', if: textIs('b'), do: toBot('B') }, ...BOTH]);
    box.say('one');
    box.run();
    box.say('two');
    box.say('b');
    box.run();
    expect(box.heard('B')).toEqual(['BOT one', 'BOT two', 'BOT b']);
    expect(box.heard('A')).toEqual(['BOT one', 'CCSP two', 'CCSP b']);
  });

  it('by hand: a bot that had copies is asked anew, one that still waits for its turn is not asked twice', () => {
    const box = give(held('A'), 'B');
    box.say('one');
    box.runOnly(['A']);
    box.say('two');
    box.give('A');
    box.run();
    expect(box.heard('A').slice(1)).toEqual(['CCSP one', 'CCSP two', 'BOT one', 'BOT two']);
    const other = give(held('A'), 'B');
    other.say('one');
    other.give('A');
    other.run();
    expect(other.heard('A').slice(1)).toEqual(['BOT one']);
  });

  it('by a desk that hands back: every unanswered turn as BOT, also those the desk had taken', () => {
    const box = boxOf();
    box.say('one');
    box.run().handover('A');
    accepts(box);
    box.say('two');
    box.run().desk('X', { type: 'transfer', to: 'bot', reason: 'yours' });
    box.run();
    expect(box.heard('A')).toEqual(['BOT one', 'CCSP two', 'BOT one', 'BOT two']);
  });

  it('by a desk that hands on: the next desk gets every unanswered turn, in a new conversation', () => {
    const box = boxOf();
    box.say('one');
    box.run().handover('A');
    accepts(box);
    box.run().desk('X', { type: 'transfer', to: 'Y', reason: 'theirs' });
    box.run();
    expect(box.desksHeard('Y')).toEqual(['one']);
    expect(box.thread.desk?.from?.botId).toBe('A');
  });

  it('by a stand-in: it is asked what the customer waits for; the first drains copies when it is back', () => {
    const box = boxOf([...BOTH, { on: { event: 'bot.unavailable', bot_id: 'A' }, do: toBot('B') }]);
    box.say('one');
    box.status('A', 'inactive');
    box.run().botSays('B', 'hello');
    box.say('two');
    box.run().botSays('B', 'yes');
    expect(box.heard('B')).toEqual(['BOT one', 'BOT two']);
    box.status('A', 'active').run();
    expect(box.heard('A')).toEqual(['CCSP one', 'CCSP two']);
    box.say('three');
    box.run();
    expect(box.heard('A').at(-1)).toBe('BOT three');
  });
});

describe('a holder that closes', () => {
  it('a desk: the bot is owed only what the desk had not acknowledged', () => {
    const box = boxOf();
    box.say('one');
    box.run().handover('A');
    accepts(box);
    box.say('two');
    box.run();
    box.say('three');
    box.runOnly(['A']);
    closes(box);
    box.run();
    expect(box.heard('A')).toEqual(['BOT one', 'CCSP two', 'CCSP three', 'BOT three']);
    expect(box.thread.answered).toBe(2);
  });

  it('a desk with nothing left to do: nobody is owed anything', () => {
    const box = boxOf();
    box.say('one');
    box.run().handover('A');
    accepts(box);
    box.run();
    closes(box);
    box.run();
    expect(box.heard('A')).toEqual(['BOT one']);
    expect(box.thread.waitingSince).toBeNull();
  });

  it('a bot (1003): what it had not taken is routed anew, in a new conversation', () => {
    const box = boxOf();
    box.say('one');
    box.run();
    box.say('two');
    box.bot('A', { type: 'close' });
    box.run();
    expect(box.heard('A')).toEqual(['BOT one', 'BOT two']);
    expect(new Set(box.got.filter((g) => g.target === 'A').map((g) => g.conversationId)).size).toBe(2);
  });

  it('a bot (1003) in the midst of an attempt: what it was handed counts as taken, or it would close for ever', () => {
    const box = boxOf();
    box.say('bye');
    const flight = box.begin(box.heads()[0] as never);
    box.bot('A', { type: 'close' });
    expect([where(box), box.thread.answered]).toEqual(['none', 1]);
    box.end(flight, outcome());
    expect(box.deliveries.filter((d) => d.status === 'pending')).toHaveLength(0);
  });

  it('a bot (1003): what it said before still goes out, and its receipts still come', () => {
    const box = boxOf();
    box.say('bye');
    box.run();
    const said = box.botSays('A', 'goodbye');
    box.bot('A', { type: 'close' });
    box.run();
    expect(box.spoken).toEqual(['goodbye']);
    box.receipt((said.ok && said.messageId) || '', 'read');
    box.run();
    expect(box.kinds('A')).toEqual(['message', 'receipt']);
  });

  it('by a rule: the message that closes is answered, and the next opens a new conversation', () => {
    const box = boxOf([{ on: 'message.received', if: textIs('bye'), do: { type: 'close' } }, ...BOTH]);
    box.say('one');
    box.run();
    const first = box.conv('A');
    box.say('bye');
    expect([where(box), box.thread.limbo, box.thread.answered]).toEqual(['none', '', 2]);
    box.say('two');
    box.run();
    expect(box.conv('A')).not.toBe(first);
    expect(box.heard('A')).toEqual(['BOT one', 'BOT two']);
  });

  it('by a rule, at the first message: nothing is sent to the bot', () => {
    const box = boxOf([{ on: 'message.received', if: textIs('bye'), do: { type: 'close' } }, ...BOTH]);
    box.say('bye');
    box.run();
    expect(box.got).toEqual([]);
    expect(box.thread.limbo).toBe('');
  });
});
