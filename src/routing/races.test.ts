// Handover races: six things that happen at once, in every order in which their commits can come. After each decision the
// invariants of fixtures/invariants.ts hold (one holder, nobody in limbo, nothing stale let through), and at the end of
// each history those of history.ts.
// The one thing to know: a store decides one input after the other, so an order of commits is all that a race can be.
import { describe, it } from 'vitest';
import { Box, MINUTE, outcome } from './fixtures/box.ts';
import { checkHistory } from './fixtures/history.ts';
import { toBoth, worldOf } from './fixtures/world.ts';

type Event = (box: Box) => unknown;
type Race = { name: string; begin: (box: Box) => void; events: Event[] };

const rules = [
  { id: 'main', on: 'message.received' as const, do: toBoth('A', 'X') },
  {
    id: 'failed',
    on: { event: 'desk.failed' as const, desk_id: 'X' },
    do: { type: 'forward_to_desk' as const, desk_id: 'Y' },
  },
];

/** The desk's newest conversation, however it stands. */
const offered = (box: Box, desk: string): string =>
  [...box.conversations.values()].findLast((each) => each.partyId === desk)?.id ?? 'conv_none';
const says: Event = (box) => box.say('and another thing');
const botSays: Event = (box) => box.botSays('A', 'as I said');
const botHandsOver: Event = (box) => box.handover('A');
const give =
  (to: string): Event =>
  (box) =>
    box.give(to);
const deskX =
  (command: Parameters<Box['desk']>[1]): Event =>
  (box) =>
    box.desk('X', command, offered(box, 'X'));
const late: Event = (box) => box.pass(61_000);
const accepts = deskX({ type: 'accepted', agent: 'Agent' });

const RACES: Race[] = [
  {
    name: 'a bot holds and a customer waits',
    begin: (box) => box.say('hello'),
    events: [says, botSays, botHandsOver, give('Y'), (box) => box.status('A', 'disabled'), late],
  },
  {
    name: 'a desk is offered the line',
    begin: (box) => {
      box.say('hello');
      box.run();
      box.handover('A');
    },
    events: [says, accepts, deskX({ type: 'reject', reason: 'busy' }), botSays, give('B'), late],
  },
  {
    name: 'an agent has the line',
    begin: (box) => {
      box.say('hello');
      box.run();
      box.handover('A');
      box.run();
      accepts(box);
    },
    events: [
      says,
      deskX({ type: 'message', agent: 'Agent', message: { type: 'text', text: 'here I am', media: [] } }),
      deskX({ type: 'close', reason: 'done' }),
      deskX({ type: 'transfer', to: 'B', reason: 'better there' }),
      botSays,
      (box) => box.status('X', 'disabled'),
    ],
  },
];

function* ordersOf<T>(items: readonly T[]): Generator<T[]> {
  if (items.length <= 1) return void (yield [...items]);
  for (const [index, first] of items.entries()) {
    for (const rest of ordersOf(items.filter((_, at) => at !== index))) yield [first, ...rest];
  }
}

describe('in every order of', () => {
  it.each(RACES)('six events while $name', ({ begin, events }) => {
    for (const order of ordersOf(events)) {
      const box = new Box(worldOf({ bots: { A: {}, B: {} }, desks: { X: {}, Y: {} }, rules }));
      begin(box);
      for (const event of order) {
        event(box);
        box.sweep();
      }
      for (const flight of [...box.flights]) box.end(flight, outcome());
      for (const id of ['A', 'B', 'X', 'Y']) box.status(id, 'active');
      box.hurry = true;
      box.pass(MINUTE);
      box.run();
      checkHistory(box);
    }
  });
});
