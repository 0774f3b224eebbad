// The facts of an attempt, notify_url, and adapters with bugs.
import { afterEach, describe, expect, it } from 'vitest';
import type { Delivery } from '../routing/model.ts';
import { createAttempter } from './attempt.ts';
import { manualClock } from './clock.ts';
import { type Box, ok, openBox } from './fixtures/box.ts';
import type { AttemptFacts, Exchange, ExchangeAnswer } from './ports.ts';
import { createSimulator } from './simulator.ts';
import type { LaneItem, ThreadView } from './store-port.ts';

const view = (more: Partial<ThreadView> = {}): ThreadView => ({
  id: 'thr_1',
  assetId: 'ast_1',
  serviceId: 'svc_1',
  address: '1-a',
  name: '',
  epoch: 4,
  holder: { type: 'bot', id: 'bot_1', conversationId: 'conv_1' },
  drain: { conv_1: 2 },
  desk: null,
  attributes: {},
  ...more,
});
const delivery = (more: Partial<Delivery> = {}): Delivery => ({
  id: 'dlv_1',
  ord: 1,
  threadId: 'thr_1',
  target: { type: 'bot', id: 'bot_1' },
  lane: 'main',
  kind: 'message',
  conversationId: 'conv_1',
  messageId: 'msg_1',
  turn: 3,
  merged: [],
  data: null,
  status: 'pending',
  attempts: 0,
  generation: 0,
  seriesAt: null,
  notBefore: 0,
  replay: false,
  reason: null,
  createdAt: 0,
  ...more,
});
const item = (more: Partial<Delivery> = {}): LaneItem => ({
  delivery: delivery(more),
  message: null,
  merged: [],
  thread: null,
});
let box: Box | undefined;
afterEach(async () => {
  await box?.close();
  box = undefined;
});

async function attempter(answer: ExchangeAnswer, asked: Exchange[] = [], attemptMs = 1_000) {
  box = await openBox();
  const { directory, store, peers } = box;
  const errors: string[] = [];
  const adapter = { platform: 'other', read: () => ({ ok: true as const, items: [], ignored: 0, batch: false }) };
  const send = async (_bot: unknown, sent: LaneItem, facts: AttemptFacts) =>
    peers.bot({ to: 'bot_1', item: sent, facts, at: 0 });
  const attempt = createAttempter({
    store,
    directory,
    adapters: {
      channels: new Map(),
      bots: new Map([['other', { ...adapter, send, verify: async () => [] }]]),
      desks: new Map(),
    },
    send: async (exchange) => {
      asked.push(exchange);
      return answer;
    },
    clock: manualClock(1_000),
    wall: () => 1_000,
    limits: { transcript: 10, attemptMs },
    simulator: createSimulator(manualClock(1_000)),
    log: { info: () => {}, warn: () => {}, error: (_facts, text) => errors.push(text) },
  });
  const run = (sent: LaneItem, view: () => ThreadView | null, mayLeave = () => true) => attempt(sent, view, mayLeave);
  return { run, errors, box };
}

const timing = { totalMs: 3 };
const answered = (status: number): ExchangeAnswer => ({
  ok: true,
  status,
  headers: {},
  body: 'b'.repeat(20_000),
  timing,
});

describe('an attempt', () => {
  it('of an adapter that throws, or that does not come back, is an outcome too', async () => {
    const { run, errors, box: its } = await attempter(answered(200), [], 20);
    its.peers.bot = () => {
      throw new TypeError('no such thing');
    };
    expect(await run(item(), () => view())).toMatchObject({ outcome: { result: 'retry', reason: 'internal' } });
    its.peers.bot = () => new Promise(() => {});
    expect(await run(item(), () => view())).toMatchObject({ outcome: { result: 'unknown', reason: 'internal' } });
    expect(errors).toHaveLength(2);
  });

  it('carries the epoch of the thread as last committed', async () => {
    const { run } = await attempter(answered(200));
    const old = { ...item(), thread: view({ epoch: 1 }) };
    expect(await run(old, () => view({ epoch: 7 }))).toMatchObject({ startedAt: 1_000, epoch: 7 });
    expect(await run(old, () => null)).toMatchObject({ epoch: 1 });
  });

  it('asks the holder, and tells all others', async () => {
    const { run, box: its } = await attempter(answered(200));
    const types: string[] = [];
    its.peers.bot = ({ facts }) => {
      types.push(facts.conversationType);
      return ok();
    };
    const desk: ThreadView['holder'] = { type: 'desk', id: 'desk_1', conversationId: 'conv_2' };
    await run(item(), () => view());
    await run(item(), () => view({ holder: desk }));
    await run(item({ turn: 2 }), () => view());
    expect(types).toEqual(['BOT', 'CCSP', 'CCSP']);
  });

  it('to what is gone is final', async () => {
    const { run } = await attempter(answered(200));
    const outcome = { result: 'final', reason: 'no_target' };
    expect(await run(item({ target: { type: 'asset', id: 'ast_9' } }), () => null)).toMatchObject({ outcome });
  });

  it('is not begun when the transcript cannot be had', async () => {
    const { run, box: its } = await attempter(answered(200));
    its.store.transcript = async () => {
      throw new Error('gone');
    };
    expect(await run(item({ kind: 'started' }), () => view())).toBe('not_begun');
  });

  it('does not leave when another process took over while the store was asked for what is sent', async () => {
    const { run, box: its } = await attempter(answered(200));
    let ours = true;
    its.store.transcript = async () => {
      ours = false;
      return { messages: [], total: 0 };
    };
    const told: unknown[] = [];
    its.peers.bot = (sent) => {
      told.push(sent);
      return ok();
    };
    const started = item({ kind: 'started' });
    const mayLeave = (): boolean => ours;
    expect(await run(started, () => view(), mayLeave)).toBe('not_begun');
    expect(told).toEqual([]);
    expect(await run(item(), () => view())).toMatchObject({ outcome: { result: 'ok' } });
  });
});

describe('notify_url', () => {
  const told = item({
    target: { type: 'url', id: 'rul_1' },
    data: { url: 'https://n.example', event: 'bot.closed', n: 1 },
  });

  it.each([
    [200, 'ok'],
    [302, 'retry'],
    [404, 'final'],
    [408, 'retry'],
    [429, 'retry'],
    [503, 'retry'],
  ])('answered %i is %s', async (status, result) => {
    const asked: Exchange[] = [];
    const { run } = await attempter(answered(status), asked);
    const done = await run(told, () => null);
    expect(done).toMatchObject({ outcome: { result, status } });
    expect(typeof done !== 'string' && done.outcome.answer.length).toBe(16_384);
    expect(asked[0]).toMatchObject({ url: 'https://n.example', headers: { 'webhook-id': 'dlv_1' } });
    expect(JSON.parse(asked[0]?.body ?? '')).toEqual({ type: 'bot.closed', n: 1 });
  });

  it('that was not reached is tried again', async () => {
    const { run } = await attempter({ ok: false, reason: 'refused', detail: 'Nobody listens.', sent: 'no', timing });
    expect(await run(told, () => null)).toMatchObject({ outcome: { result: 'retry', reason: 'refused', timing } });
  });
});
