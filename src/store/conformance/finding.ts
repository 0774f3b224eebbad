// Finding: threads by filter and by words, ids and their beginnings, words of what was said, and what a screen asks of
// a thread or a delivery besides.
// Not here: plain lists (reading.ts). The one thing to know: a page of a search may be short although more follows, so
// every search is read to its end.
import { describe, expect, it } from 'vitest';
import type { Page, PageAsk, ThreadFilter } from '../../engine/store-port.ts';
import type { ThreadState } from '../../routing/model.ts';
import type { Ground } from '../conformance.ts';
import { one, speak } from './applying.ts';
import { ASSET, attempt, BOT, type CustomerInput, DESK, decision, START, say, take } from './script.ts';

export function finding(ground: Ground): void {
  describe('finding', () => {
    filters(ground);
    words(ground);
    ids(ground);
    screens(ground);
  });
}

async function all<T>(read: (ask: PageAsk) => Promise<Page<T>>): Promise<T[]> {
  const rows: T[] = [];
  let after: string | undefined;
  for (;;) {
    const page = await read({ limit: 2, ...(after && { after }) });
    rows.push(...page.data);
    if (page.nextCursor === null) return rows;
    after = page.nextCursor;
  }
}

/** A customer's word that leaves the thread as the test wants it. */
function leaves(ground: Ground, text: string, change: (thread: ThreadState) => Partial<ThreadState>): void {
  ground.script.on(`say:${text}`, (input, facts, c) => {
    const taken = take(input as CustomerInput, facts, c);
    return { ...taken, thread: taken.thread && { ...taken.thread, ...change(taken.thread) } };
  });
}

const nobody = { type: 'none' as const, since: START };
const offer = (phase: 'offered' | 'accepted') => (thread: ThreadState) => ({
  holder: { type: 'desk' as const, id: DESK, conversationId: 'conv_desk', since: START },
  desk: {
    conversationId: 'conv_desk',
    deskId: DESK,
    serviceId: thread.serviceId ?? '',
    phase,
    agent: null,
    offeredAt: START,
    acceptDue: null,
    replyDue: null,
    from: null,
    acked: 0,
    given: 0,
  },
});

function filters(ground: Ground): void {
  it('lists threads by who holds them, by what they lack, and of several assets', async () => {
    leaves(ground, 'lost', () => ({ holder: nobody, limbo: 'unrouted' }));
    leaves(ground, 'late', () => ({ limbo: 'overdue' }));
    leaves(ground, 'rings', offer('offered'));
    leaves(ground, 'talks', offer('accepted'));
    const on = (assetId: string, address: string, text: string) => ({ ...say(address, text), assetId });
    await ground.store.apply([
      say('a', 'x'),
      say('b', 'lost'),
      say('c', 'late'),
      on('ast_2', 'd', 'rings'),
      on('ast_2', 'e', 'talks'),
      on('ast_3', 'f', 'x'),
    ]);
    const listed = async (ask: ThreadFilter) =>
      (await all((page) => ground.store.listThreads({ ...page, ...ask }))).map(({ address }) => address).join('');
    expect(await listed({ standing: 'bot' })).toBe('fca');
    expect(await listed({ standing: 'desk' })).toBe('ed');
    expect(await listed({ standing: 'offered' })).toBe('d');
    expect(await listed({ standing: 'none' })).toBe('b');
    expect(await listed({ standing: 'limbo' })).toBe('cb');
    expect(await listed({ limbo: 'overdue' })).toBe('c');
    expect(await listed({ assetIds: [ASSET, 'ast_3'] })).toBe('fcba');
    expect(await listed({ assetIds: ['ast_2', 'ast_2'], standing: 'desk', waiting: true })).toBe('ed');
    expect(await listed({ assetIds: [] })).toBe('');
    const many = Array.from({ length: 150 }, (_, i) => `ast_${i}`);
    expect(await listed({ assetIds: many, standing: 'bot' })).toBe('fca');
    expect((await ground.store.counts()).waitingFor).toEqual({ [BOT]: 3, [DESK]: 2, '': 1 });
  });

  it('shows with each thread of a list the last thing said in it', async () => {
    await ground.store.apply([say('a', 'one'), say('b', 'only'), say('a', 'two')]);
    const { data } = await ground.store.listThreads({ limit: 5 });
    expect(data.map(({ last }) => last?.text)).toEqual(['only', 'two']);
  });
}

function words(ground: Ground): void {
  it('finds threads by words of the address or the name, whatever the case', async () => {
    leaves(ground, 'renamed', () => ({ name: 'Zoë Ünlü-Ødegaard' }));
    await ground.store.apply([say('+49 171 555', 'x'), say('zoe@example.com', 'renamed'), say('100%_sure', 'x')]);
    const found = async (asked: string, more: ThreadFilter = {}) =>
      (await all((page) => ground.store.listThreads({ ...page, ...more, words: asked }))).map((row) => row.address);
    expect(await found('171')).toEqual(['+49 171 555']);
    expect(await found('ZOË ødegaard')).toEqual(['zoe@example.com']);
    expect(await found('ü')).toEqual(['zoe@example.com']);
    expect(await found('EXAMPLE.com')).toEqual(['zoe@example.com']);
    expect(await found('%')).toEqual(['100%_sure']);
    expect(await found('a name')).toEqual(['100%_sure', '+49 171 555']);
    expect(await found('a name', { assetIds: ['ast_2', ASSET], waiting: true })).toHaveLength(2);
    expect(await found('a name', { assetIds: ['ast_2'] })).toEqual([]);
    expect(await found('nothing like it')).toEqual([]);
    expect(await found(' ')).toEqual([]);
  });

  it('finds threads by the beginning of an address', async () => {
    await ground.store.apply(['+491', '+492', '+50'].map((address) => say(address, 'x')));
    await ground.store.apply([{ ...say('+493', 'x'), assetId: 'ast_2' }]);
    const found = async (assets: string[], beginning: string, limit: number) =>
      (await ground.store.threadsByAddress(assets, beginning, limit)).map(({ address }) => address);
    expect(await found([ASSET, 'ast_2'], '+49', 9)).toEqual(['+491', '+492', '+493']);
    expect(await found([ASSET, 'ast_2'], '+49', 1)).toEqual(['+491']);
    expect(await found([ASSET], '+493', 9)).toEqual([]);
  });

  it('finds messages by their words, newest first, over more rows than one step looks at', async () => {
    const texts = ['a "needle" here', 'Straße \\ needle', ...Array.from({ length: 1_100 }, (_, i) => `hay ${i}`)];
    await ground.store.apply(texts.map((text) => say('+1', text)));
    await ground.store.apply([say('+2', 'last NEEDLE')]);
    const found = async (asked: string) =>
      (await all((page) => ground.store.listMessages({ ...page, words: asked }))).map(({ text }) => text);
    expect(await found('needle')).toEqual(['last NEEDLE', 'Straße \\ needle', 'a "needle" here']);
    expect(await found('here needle')).toEqual(['a "needle" here']);
    expect(await found('straße')).toEqual(['Straße \\ needle']);
    expect(await found('ß')).toEqual(['Straße \\ needle']);
    expect(await found('customer')).toEqual([]);
    expect((await ground.store.listMessages({ limit: 2, words: 'straße' })).nextCursor).not.toBeNull();
  });

  it('says who has spoken', async () => {
    expect(await ground.store.voices(10)).toEqual([]);
    await speak(ground, '+1', 'one');
    expect(await ground.store.voices(10)).toEqual(['customer']);
    ground.script.on('say:answered', (input, facts, c) => {
      const taken = take(input as CustomerInput, facts, c);
      const author = { type: 'bot' as const, id: BOT, name: 'Bot' };
      return { ...taken, messages: taken.messages.map((message) => ({ ...message, author, turn: null })) };
    });
    await speak(ground, '+1', 'answered');
    expect([...(await ground.store.voices(10))].sort()).toEqual(['bot', 'customer']);
  });
}

function ids(ground: Ground): void {
  it('finds what bears an id, by the whole of it or its beginning', async () => {
    const first = await speak(ground, '+1', 'one');
    await one(ground, attempt(first.threadId, first.deliveryId));
    const second = await speak(ground, '+1', 'two');
    await one(ground, attempt(second.threadId, second.deliveryId));
    const { store } = ground;
    const conversation = first.delivery.conversationId ?? '';
    for (const [type, id] of [
      ['thread', first.threadId],
      ['message', first.messageId],
      ['delivery', second.deliveryId],
      ['conversation', conversation],
    ]) {
      expect(await store.findIds(id ?? '', 5)).toEqual([{ type, id }]);
    }
    expect(await store.findIds('msg_', 5)).toEqual([
      { type: 'message', id: first.messageId },
      { type: 'message', id: second.messageId },
    ]);
    expect(await store.findIds('msg_', 1)).toHaveLength(1);
    expect(await store.findIds('msg_9', 5)).toEqual([]);
    expect(await store.findIds('bot_1', 5)).toEqual([]);
    for (const { deliveryId } of [first, second]) {
      const [tried] = (await store.delivery(deliveryId))?.attempts ?? [];
      expect(await store.findIds(tried?.id ?? '', 5)).toEqual([{ type: 'delivery', id: deliveryId }]);
    }
    expect(await store.findIds('att_99999999', 5)).toEqual([]);
  });
}

function screens(ground: Ground): void {
  it('gives a timeline from its newest end, with the tries of each delivery', async () => {
    const { threadId, deliveryId } = await speak(ground, '+1', 'one');
    await one(ground, attempt(threadId, deliveryId));
    await speak(ground, '+1', 'two');
    const forwards = await all((page) => ground.store.timeline(threadId, page));
    const backwards = await all((page) => ground.store.timeline(threadId, { ...page, newestFirst: true }));
    expect(backwards).toEqual([...forwards].reverse());
    const tries = forwards.map((item) => (item.type === 'delivery' ? item.attempts.map(({ ok }) => ok) : null));
    expect(tries.filter((each) => each !== null)).toEqual([[true], []]);
  });

  it('tells who held a thread, oldest first, the newest of it', async () => {
    const { threadId } = await speak(ground, '+1', 'one');
    let epoch = 1;
    ground.script.on('holder', () => {
      epoch += 1;
      const data = { epoch, reason: `reason ${epoch}`, actor: 'Kim' };
      return decision({ ok: true }, { events: [{ type: 'holder.changed', data }] });
    });
    for (let i = 0; i < 3; i++) await one(ground, { type: 'holder', threadId, to: DESK, reason: '', actor: '' });
    const told = async (limit: number) =>
      (await ground.store.holderChanges(threadId, limit)).map(({ data }) => data.epoch);
    expect(await told(10)).toEqual([2, 3, 4]);
    expect(await told(2)).toEqual([3, 4]);
    ground.script.on('clock', () => {
      const updated = (data: object) => ({ type: 'conversation.updated' as const, data: { ...data, epoch: 0 } });
      const events = [updated({ attributes_left_out: [] }), updated({ status: 'accepted', agent: 'Kim' })];
      return decision({ ok: true }, { events });
    });
    await one(ground, { type: 'clock', threadId });
    const [last] = await ground.store.holderChanges(threadId, 1);
    expect(last).toMatchObject({ type: 'conversation.updated', data: { status: 'accepted', agent: 'Kim' } });
    expect(await told(10)).toEqual([2, 3, 4, 0]);
    expect(await ground.store.holderChanges('thr_none', 5)).toEqual([]);
  });

  it('gives a delivery with all it takes to send it, whatever became of it', async () => {
    const { threadId, deliveryId, message } = await speak(ground, '+1', 'one');
    await one(ground, attempt(threadId, deliveryId));
    await ground.reopen();
    expect(await ground.store.laneItem(deliveryId)).toMatchObject({
      delivery: { id: deliveryId, status: 'delivered' },
      message,
      merged: [],
      thread: { id: threadId, address: '+1', attributes: { colour: 'green' } },
    });
    expect(await ground.store.laneItem('dlv_none')).toBeNull();
  });
}
