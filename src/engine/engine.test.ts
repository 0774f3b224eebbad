// What the engine does besides delivering: deadlines, integrations that go and come, verification, replays, the feed.
import { afterEach, describe, expect, it } from 'vitest';
import type { RuleDoc } from './fixtures/box.ts';
import { type Box, type BoxOptions, failure, ok, openBox, reply, sleep } from './fixtures/box.ts';
import { secretPlace } from './opened.ts';
import { ConfigConflict } from './store-port.ts';

let box: Box;

async function open(options: BoxOptions = {}): Promise<Box> {
  box = await openBox(options);
  for (let i = 1; i <= (options.bots ?? 1); i++) await box.engine.verify('bot', `bot_${i}`, {}, 'test');
  await box.engine.settled();
  return box;
}

afterEach(async () => {
  await box.close();
  expect(box.bugs).toEqual([]);
});

const thread = async (address: string) => {
  const { data } = await box.store.listThreads({ limit: 100 });
  const found = data.find((each) => each.address === address);
  if (!found) throw new Error(`no thread of ${address}`);
  return found;
};

const fallback = (on: ('unavailable' | 'silent')[]): Partial<RuleDoc> => ({
  action: { type: 'forward_to_bot', bot_id: 'bot_1', fallback: { desk_id: 'desk_1', on } },
});

async function editRule(change: Partial<RuleDoc>): Promise<void> {
  const row = box.directory.row('rule', 'rul_bot_1');
  await box.directory.change([{ kind: 'rule', id: 'rul_bot_1', data: { ...row?.data, ...change } }], []);
}

describe('deadlines', () => {
  it('are decided when they come, and read again after a restart', async () => {
    await open({ settings: { take_within_s: 60 } });
    box.peers.bot = () => failure();
    await box.say('1-a', 'hello');
    await box.engine.settled();
    expect(box.engine.stats().deadlines).toBe(1);
    await box.close(false);
    const { folder } = box;
    box = await openBox({ folder });
    expect(box.engine.stats().deadlines).toBe(1);
    box.clock.advance(59_000);
    await box.engine.settled();
    expect((await thread('1-a')).limbo).toBe('');
    box.clock.advance(1_000);
    await box.engine.settled();
    expect((await thread('1-a')).limbo).toBe('overdue');
    expect(box.engine.stats().deadlines).toBe(0);
    expect(box.engine.stats().deadlines_repeated).toBe(0);
  });

  it('of a customer who was erased are looked at once and then forgotten', async () => {
    await open({ settings: { take_within_s: 60 } });
    box.peers.bot = () => failure();
    await box.say('1-a', 'hello');
    await box.engine.settled();
    await box.engine.erase('ast_1', '1-a');
    for (let second = 58; second < 65; second++) {
      box.clock.advance(second === 58 ? 58_000 : 1_000);
      await box.engine.settled();
    }
    expect(box.engine.stats()).toMatchObject({ deadlines: 0, deadlines_repeated: 0 });
  });

  it('of thousands that passed at once are all decided', async () => {
    await open({ settings: { take_within_s: 60 } });
    await box.engine.setStatus('bot_1', 'disabled', 'by hand');
    await Promise.all(Array.from({ length: 1_500 }, (_, i) => box.say(`1-${i}`, 'x')));
    box.clock.advance(60_000);
    await box.engine.settled();
    expect((await box.store.counts()).limbo.overdue).toBe(1_500);
  });
});

describe('an integration that goes', () => {
  it('loses the threads that wait for it to whom its fallback names', async () => {
    await open();
    await box.engine.verify('desk', 'desk_1', {}, 'test');
    await editRule(fallback(['unavailable']));
    box.peers.bot = () => failure();
    for (let i = 0; i < 8; i++) await box.say(`1-${i}`, 'x');
    await box.engine.settled();
    expect(box.directory.world().bots.get('bot_1')?.health.status).toBe('inactive');
    for (let i = 0; i < 8; i++) expect((await thread(`1-${i}`)).holder).toMatchObject({ type: 'desk', id: 'desk_1' });
    expect(box.sent.filter(({ item }) => item.delivery.kind === 'started')).toHaveLength(8);
    const started = box.sent.find(({ item }) => item.delivery.kind === 'started');
    expect(started?.facts.transcript?.messages.map((message) => message.text)).toEqual(['x']);
  });

  it('and comes back gets whom it would have got from one that stands in for it and went down as well', async () => {
    await open({ bots: 2 });
    await box.engine.verify('bot', 'bot_2', {}, 'test');
    const row = box.directory.row('rule', 'rul_bot_1');
    const standIn = {
      trigger: { event: 'bot.unavailable', bot_id: 'bot_1' },
      conditions: null,
      action: { type: 'forward_to_bot', bot_id: 'bot_2' },
    };
    await box.directory.change([{ kind: 'rule', id: 'rul_stand_in', data: { ...row?.data, ...standIn } }], []);
    box.peers.bot = () => failure({ gone: true });
    await box.say('1-a', 'x');
    await box.engine.settled();
    const { bots } = box.directory.world();
    expect(['bot_1', 'bot_2'].map((id) => bots.get(id)?.health.status)).toEqual(['inactive', 'inactive']);
    expect((await thread('1-a')).holder).toMatchObject({ type: 'bot', id: 'bot_2', standInFor: 'bot_1' });
    box.peers.bot = () => ok();
    await box.engine.verify('bot', 'bot_1', {}, 'test');
    await box.engine.settled();
    expect((await thread('1-a')).holder).toMatchObject({ type: 'bot', id: 'bot_1', standInFor: null });
    expect(box.sent.at(-1)).toMatchObject({ to: 'bot_1', facts: { conversationType: 'BOT' } });
  });

  it('is swept again at the start, because a crash may have cut it', async () => {
    await open({ settings: { max_in_flight: 1 } });
    await box.engine.verify('desk', 'desk_1', {}, 'test');
    await box.say('1-a', 'x');
    box.peers.bot = () => failure({ gone: true });
    await box.say('1-b', 'y');
    await box.engine.settled();
    expect((await thread('1-b')).holder).toMatchObject({ type: 'bot' });
    await editRule(fallback(['unavailable']));
    await box.close(false);
    const { folder } = box;
    box = await openBox({ folder });
    await box.engine.settled();
    expect((await thread('1-b')).holder).toMatchObject({ type: 'desk' });
    expect((await thread('1-a')).turn).toBe(1);
  });

  it('that came back just before a crash gets at the start what needs a person', async () => {
    await open();
    await box.engine.verify('desk', 'desk_1', {}, 'test');
    await editRule(fallback(['unavailable']));
    box.peers.bot = () => failure({ gone: true });
    await box.say('1-a', 'x');
    await box.engine.settled();
    box.clock.advance(60_000); // the desk does not accept
    await box.engine.settled();
    expect(await thread('1-a')).toMatchObject({ holder: { type: 'none' }, limbo: 'needs_person' });
    // Beside the engine: it is on disk, and nothing followed from it.
    await box.store.apply([{ type: 'integration', id: 'bot_1', status: 'active', reason: null }]);
    await box.close(false);
    box = await openBox({ folder: box.folder });
    await box.engine.settled();
    expect(await thread('1-a')).toMatchObject({ holder: { type: 'bot', id: 'bot_1' }, limbo: '' });
  });

  it('and moves while what it is to be told is read is not told at its new place', async () => {
    await open();
    await box.engine.verify('desk', 'desk_1', {}, 'test');
    await box.say('1-a', 'x');
    await box.engine.settled();
    let go = (): void => undefined;
    box.control.told = new Promise((resolve) => {
      go = resolve;
    });
    const { id } = await thread('1-a');
    await box.engine.submit([{ type: 'holder', threadId: id, to: 'desk_1', reason: 'by hand', actor: 'test' }]);
    await box.engine.setStatus('desk_1', 'unverified', null);
    const data = { ...box.directory.row('desk', 'desk_1')?.data, url: 'https://elsewhere.example' };
    await box.directory.change([{ kind: 'desk', id: 'desk_1', data, unlessActive: true }], []);
    go();
    await box.engine.settled();
    expect(box.sent.filter(({ to }) => to === 'desk_1')).toEqual([]);
    expect(await thread('1-a')).toMatchObject({ holder: { type: 'bot', id: 'bot_1' }, limbo: '' });
  });

  it('comes back by itself where recovery is automatic, with growing pauses', async () => {
    await open({ settings: { recovery: 'automatic' } });
    box.peers.bot = () => failure({ gone: true });
    await box.say('1-a', 'x');
    await box.engine.settled();
    box.checks.list = [{ name: 'request', ok: false, detail: 'no answer', ms: 1 }];
    const before = box.checks.tried.length;
    for (const [after, tries] of [
      [29_000, 0],
      [1_000, 1],
      [59_000, 1],
      [1_000, 2],
    ] as const) {
      box.clock.advance(after);
      await box.engine.settled();
      expect(box.checks.tried.length - before).toBe(tries);
    }
    box.checks.list = [{ name: 'request', ok: true, detail: '', ms: 1 }];
    box.peers.bot = () => ok();
    box.clock.advance(120_000);
    await box.engine.settled();
    expect(box.directory.world().bots.get('bot_1')?.health.status).toBe('active');
    expect(await box.store.countDeliveries({ status: 'delivered' })).toBe(1);
  });
});

describe('verification', () => {
  it('saves a draft that holds, sealed, and leaves everything as it was when it does not', async () => {
    await open();
    box.checks.list = [{ name: 'request', ok: false, detail: 'Answered 500.', ms: 3 }];
    const failed = await box.engine.verify('bot', 'bot_1', { url: 'https://new.example' }, 'test');
    expect(failed).toMatchObject({ verified: false, status: 'active' });
    expect(box.directory.bot('bot_1')?.url).toBe('https://bot_1.example');
    expect(box.checks.tried.at(-1)).toMatchObject({ url: 'https://new.example' });
    box.checks.list = [{ name: 'request', ok: true, detail: '', ms: 3 }];
    const draft = { url: 'https://new.example', verification_token: 'a token' };
    expect(await box.engine.verify('bot', 'bot_1', draft, 'test')).toMatchObject({ verified: true, status: 'active' });
    expect(box.directory.bot('bot_1')).toMatchObject({ url: 'https://new.example', verificationToken: 'a token' });
    const kept = JSON.stringify(await box.store.loadConfig());
    expect(kept).not.toContain('a token');
    const sealed = box.directory.row('bot', 'bot_1')?.data.verification_token as string;
    expect(box.vault.open(sealed, secretPlace('bot', 'bot_1', 'verification_token'))).toBe('a token');
    expect((await box.store.listAudit({ limit: 1 })).data[0]).toMatchObject({ action: 'verify', actor: 'test' });
  });

  it('does not make active what was edited while it ran', async () => {
    await open();
    await box.engine.setStatus('bot_1', 'unverified', null);
    box.checks.during = async () => {
      const row = box.directory.row('bot', 'bot_1');
      await box.directory.change([{ kind: 'bot', id: 'bot_1', data: { ...row?.data, url: 'https://x.example' } }], []);
    };
    await expect(box.engine.verify('bot', 'bot_1', {}, 'test')).rejects.toBeInstanceOf(ConfigConflict);
    expect(box.directory.world().bots.get('bot_1')?.health.status).toBe('unverified');
  });

  it('of what does not exist is a check that failed', async () => {
    await open();
    const result = await box.engine.verify('bot', 'bot_9', {}, 'test');
    expect(result.verified).toBe(false);
    expect(result.checks).toEqual([{ name: 'configuration', ok: false, detail: 'There is no such bot.', ms: 0 }]);
  });
});

describe('a held delivery', () => {
  it('goes again when it is resolved so by hand', async () => {
    await open();
    box.peers.bot = ({ item }) => reply(item, 'hi');
    box.peers.asset = () => failure({ result: 'unknown', reason: 'broken' });
    await box.say('1-a', 'hello');
    await box.engine.settled();
    const { data } = await box.store.listDeliveries({ limit: 10, status: 'held' });
    expect(data).toHaveLength(1);
    box.peers.asset = () => ok();
    const [one] = data;
    await box.engine.submit([
      { type: 'resolution', threadId: one?.threadId ?? '', deliveryId: one?.id ?? '', outcome: 'resend' },
    ]);
    await box.engine.settled();
    expect(box.sent.filter(({ to }) => to === 'ast_1')).toHaveLength(2);
    expect(await box.store.countDeliveries({ status: 'held' })).toBe(0);
  });
});

describe('a customer who is erased', () => {
  it('is not spoken of any more, not even from memory', async () => {
    await open();
    box.peers.bot = () => failure();
    await box.say('1-a', 'private');
    await box.say('1-a', 'words');
    await box.say('1-b', 'others');
    await box.engine.settled();
    expect(await box.engine.erase('ast_1', '1-a')).toMatchObject({ threads: 1, messages: 2 });
    expect(box.engine.stats().deliveries_in_memory).toBe(1);
    box.peers.bot = () => ok();
    const before = box.sent.length;
    box.clock.advance(60_000);
    await box.engine.settled();
    expect(box.sent.slice(before).map(({ item }) => item.message?.text)).toEqual(['others']);
  });
});

describe('a replay', () => {
  it('sends what died again, once each, in the order of the list, and not what it made itself', async () => {
    await open({ settings: { retry_spacing_s: [], failure_threshold: 1_000 } });
    box.peers.bot = () => failure();
    for (let i = 0; i < 130; i++) await box.say(`1-${i % 2}`, `${i}`);
    await box.engine.settled();
    expect(await box.store.countDeliveries({ status: 'dead' })).toBe(130);
    const { data: listed } = await box.store.listDeliveries({ status: 'dead', oldestFirst: true, limit: 200 });
    const before = box.sent.length;
    box.clock.advance(1_000);
    const task = await box.engine.startReplay({ status: 'dead' }, 'test');
    expect(task).toMatchObject({ status: 'running', total: 130 });
    await box.engine.settled();
    expect(await box.store.replay(task.id)).toMatchObject({ status: 'done', done: 130, failed: 0 });
    const again = box.sent.slice(before);
    expect(again.every(({ item }) => item.delivery.replay)).toBe(true);
    for (const { id } of (await box.store.listThreads({ limit: 2 })).data) {
      const inThread = (all: { threadId: string; messageId: string | null }[]) =>
        all.filter(({ threadId }) => threadId === id).map(({ messageId }) => messageId);
      expect(inThread(again.map(({ item }) => item.delivery))).toEqual(inThread(listed));
    }
  });

  it('survives a restart without sending a step twice', async () => {
    await open({ settings: { retry_spacing_s: [], failure_threshold: 1_000 } });
    box.peers.bot = () => failure();
    for (let i = 0; i < 40; i++) await box.say(`1-${i}`, `${i}`);
    await box.engine.settled();
    box.clock.advance(1_000);
    const task = await box.engine.startReplay({ status: 'dead' }, 'test');
    await sleep(10);
    await box.close(false);
    const { folder } = box;
    box = await openBox({ folder });
    const done = await box.store.replay(task.id);
    // As a crash would leave it that came between the replays and the saving of the progress.
    if (done) await box.store.saveReplay({ ...done, status: 'running', cursor: null, done: 0 });
    await box.close(false);
    box = await openBox({ folder });
    await box.engine.settled();
    expect(await box.store.replay(task.id)).toMatchObject({ status: 'done' });
    const { data } = await box.store.listDeliveries({ limit: 500 });
    const replayed = data.filter((each) => each.replay).map((each) => each.messageId);
    expect(new Set(replayed).size).toBe(replayed.length);
    expect(replayed.length).toBe(40);
  });

  it('can be paused, goes on, and can be cancelled for good', async () => {
    await open({ settings: { retry_spacing_s: [], failure_threshold: 1_000 } });
    const none = await box.engine.startReplay({ status: 'dead' }, 'test');
    await box.engine.settled();
    expect(await box.engine.changeReplay(none.id, 'cancelled')).toMatchObject({ status: 'done' });
    expect(await box.engine.changeReplay('rpl_none', 'paused')).toBeNull();
    box.peers.bot = () => failure();
    for (let i = 0; i < 120; i++) await box.say(`1-${i}`, `${i}`);
    await box.engine.settled();
    box.clock.advance(1_000);
    const task = await box.engine.startReplay({ status: 'dead' }, 'test');
    expect(await box.engine.changeReplay(task.id, 'paused')).toMatchObject({ status: 'paused' });
    await box.engine.settled();
    expect(await box.store.replay(task.id)).toMatchObject({ status: 'paused' });
    await box.engine.changeReplay(task.id, 'running');
    await box.engine.settled();
    expect(await box.store.replay(task.id)).toMatchObject({ status: 'done' });
    expect((await box.store.listDeliveries({ limit: 500 })).data.filter((each) => each.replay)).toHaveLength(120);
  });
});

describe('listeners', () => {
  it('are told how far the feed is, after commits only', async () => {
    await open();
    const heard: number[] = [];
    const stop = box.engine.onCommit((seq) => heard.push(seq));
    await box.say('1-a', 'x');
    await box.engine.settled();
    expect(heard.at(-1)).toBe(await box.store.lastEventSeq());
    expect(heard).toEqual(heard.toSorted((a, b) => a - b));
    stop();
    const before = heard.length;
    await box.say('1-a', 'y');
    await box.engine.settled();
    expect(heard).toHaveLength(before);
  });

  it('of typing get it at once, without a delivery', async () => {
    await open();
    await box.say('1-a', 'x');
    await box.engine.settled();
    const conversationId = box.sent[0]?.item.delivery.conversationId ?? '';
    await box.engine.submit([{ type: 'bot', botId: 'bot_1', command: { type: 'typing', on: true, conversationId } }]);
    await box.engine.settled();
    expect(box.typed).toEqual([{ address: '1-a', on: true }]);
  });

  it('of refusals find them counted', async () => {
    await open();
    const command = { type: 'typing' as const, on: true, conversationId: 'conv_none' };
    const [applied] = await box.engine.submit([{ type: 'bot', botId: 'bot_1', command }]);
    expect(applied?.reply).toMatchObject({ ok: false, code: 'not_found' });
    expect(box.engine.stats().refused_not_found).toBe(1);
  });
});
