// The store with the real decisions: one conversation from a customer's word to the bot's answer and the human's, with
// the data opened anew before every step, so that nothing may depend on what was in memory.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import * as errors from '../../engine/store-port.ts';
import type { Input } from '../../routing/inputs.ts';
import type { AssetView, Rule, ServiceView, World } from '../../routing/model.ts';
import { decide } from '../../routing/route.ts';
import { ASSET, attempt, BOT, DESK, Script, SERVICE, say, world } from '../conformance/script.ts';
import { openSqlite } from './open.ts';

const rule: Rule = {
  id: 'rul_1',
  serviceId: SERVICE,
  name: 'all to the bot',
  position: 1,
  enabled: true,
  trigger: { event: 'message.received' },
  conditions: null,
  action: { type: 'forward_to_bot_and_desk', bot_id: BOT, desk_id: DESK },
  startsAt: null,
  endsAt: null,
};
const service: ServiceView = { id: SERVICE, name: 'Service', rules: [rule], mapped: new Set([BOT, DESK]) };
const asset: AssetView = {
  id: ASSET,
  name: 'Line',
  channel: 'http',
  serviceId: SERVICE,
  retrySpacingS: [5, 30, 120],
  onUnknown: 'resend',
  appDeskId: null,
};
const full = (): World => ({ ...world(), services: new Map([[SERVICE, service]]), assets: new Map([[ASSET, asset]]) });

it('carries a conversation from the customer to the bot, to a human and back', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-real-'));
  const script = new Script();
  const run = { decide, now: () => script.now, newId: script.newId, random: script.random };
  const step = async (...inputs: Input[]) => {
    const store = await openSqlite({ file: join(folder, 'signalbox.db'), errors, onError: script.onError, run });
    await store.setWorld(full());
    const applied = await store.apply(inputs);
    const counts = await store.counts();
    await store.close();
    script.now += 100;
    expect(applied.map(({ reply }) => reply).filter((reply) => !reply.ok)).toEqual([]);
    return { applied, counts, queued: applied.flatMap(({ queued }) => queued) };
  };
  const message = (text: string) => ({ type: 'text' as const, text, media: [] });

  await step(
    { type: 'integration', id: BOT, status: 'active', reason: null },
    { type: 'integration', id: DESK, status: 'active', reason: null },
  );
  const asked = await step(say('+1', 'hello'));
  const [toBot] = asked.queued;
  expect(toBot).toMatchObject({ delivery: { target: { type: 'bot', id: BOT } }, message: { text: 'hello' } });
  expect(asked.counts).toMatchObject({ waiting: 1, deliveries: { pending: 1, parked: 0 } });
  const threadId = toBot?.delivery.threadId ?? '';
  const conversationId = toBot?.delivery.conversationId ?? '';

  await step(attempt(threadId, toBot?.delivery.id ?? ''));
  const say1 = { type: 'message' as const, message: message('hi, how can I help?'), custom: {}, conversationId };
  const answered = await step({ type: 'bot', botId: BOT, command: say1 });
  const [toCustomer] = answered.queued;
  expect(toCustomer).toMatchObject({ delivery: { target: { type: 'asset', id: ASSET } } });
  expect(answered.applied[0]?.thread).toMatchObject({ address: '+1' });
  expect(answered.counts.waiting).toBe(0);
  await step(attempt(threadId, toCustomer?.delivery.id ?? ''), say('+1', 'a human please'));

  const handed = await step({ type: 'bot', botId: BOT, command: { type: 'handover', custom: {}, conversationId } });
  const started = handed.queued.find(({ delivery }) => delivery.kind === 'started');
  expect(started?.delivery.target).toEqual({ type: 'desk', id: DESK });
  const deskConversation = started?.delivery.conversationId ?? '';
  await step({
    type: 'desk',
    deskId: DESK,
    command: { type: 'accepted', agent: 'Ann', conversationId: deskConversation },
  });
  const human = {
    type: 'message' as const,
    agent: 'Ann',
    message: message('Ann here'),
    conversationId: deskConversation,
  };
  const spoken = await step({ type: 'desk', deskId: DESK, command: human });
  expect(spoken.queued.map(({ message: said }) => said?.text)).toContain('Ann here');
  const closed = await step({
    type: 'desk',
    deskId: DESK,
    command: { type: 'close', reason: 'done', conversationId: deskConversation },
  });
  expect(closed.applied[0]?.thread?.holder).toMatchObject({ type: 'bot', id: BOT, conversationId });
  expect(script.errors).toEqual([]);
  rmSync(folder, { recursive: true });
});
