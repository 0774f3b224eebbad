// Trying an asset while it is set up: does its provider take our credentials, and does a message arrive.
// Not here: setting it up (assets.ts) and what an adapter asks its provider. The one thing to know: both are real
// requests outside any thread; nothing of them is kept but a line of the audit trail.
import { z } from '@hono/zod-openapi';
import type { ChannelAdapter } from '../../engine/channel-port.ts';
import type { AssetConfig, AttemptFacts } from '../../engine/ports.ts';
import type { LaneItem } from '../../engine/store-port.ts';
import { ok } from '../answers.ts';
import { type Brake, createBrake } from '../brake.ts';
import type { Connections } from '../connections.ts';
import { id } from '../fields.ts';
import type { Principal } from '../keys.ts';
import type { HttpParts } from '../parts.ts';
import { malformed, type Refusal, refuse } from '../problems.ts';
import { type Route, route } from '../route.ts';
import { verification } from './integration.ts';
import { withoutSecrets } from './provider-config.ts';
import { audit, missing, rowOf } from './rows.ts';

const PATH = '/api/v1/assets/{id}';
const section = 'Assets';
/** Somebody who sets a channel up needs a few; a provider counts them as anybody's. */
const TRIES = { failures: 10, windowMs: 60_000 };
/** What the tightest channel takes in one message. */
const TEXT_MAX = 1_000;

const tried = z
  .object({
    sent: z.boolean(),
    detail: z.string().openapi({ description: 'what happened, and what to do about it' }),
    status: z.int().nullable().openapi({ description: 'the HTTP status of the provider; null: there was none' }),
    answer: z.string().openapi({ description: 'what the provider said, without secrets' }),
  })
  .openapi('TestMessage');

type Found = { asset: AssetConfig; adapter: ChannelAdapter; mask: (text: string) => string };

export function assetTryRoutes(parts: HttpParts, connections: Connections): Route[] {
  const brake = createBrake(parts.clock, TRIES);
  return [verify(parts, connections, brake), sendTest(parts, brake)];
}

function verify(parts: HttpParts, connections: Connections, brake: Brake): Route {
  return route({
    method: 'post',
    path: `${PATH}/verification`,
    name: 'verifyAsset',
    section,
    summary: 'Verify an asset at its provider',
    description:
      'Asks the provider, with the credentials of the asset, and registers our hook there where there is an API for it. At most ten a minute.',
    body: z.strictObject({}),
    bodyOptional: true,
    answers: {
      200: {
        description: 'What was checked, whether it holds or not',
        schema: verification.omit({ status: true }).openapi('AssetVerification'),
      },
    },
    async handle({ params, principal }) {
      const found = find(parts, brake, params.id);
      if ('refusal' in found) return found;
      const { asset, adapter, mask } = found;
      if (adapter.connect === undefined) return nothingToAsk(asset.channel);
      const told = await adapter.connect(asset, parts.send, parts.clock.now());
      const checks = told.map((each) => ({ ...each, detail: mask(each.detail) }));
      const verified = checks.length > 0 && checks.every((each) => each.ok);
      if (verified) connections.verified(asset.id);
      await parts.directory.change([], [audit(parts, principal, 'verify', 'asset', asset.id, { verified })]);
      return ok({ verified, checks });
    },
  });
}

function sendTest(parts: HttpParts, brake: Brake): Route {
  return route({
    method: 'post',
    path: `${PATH}/test_message`,
    name: 'sendTestMessage',
    section,
    summary: 'Send a test message through an asset',
    description:
      "A real message to a real address, outside any thread: it stands in no timeline, and its receipts go nowhere. Whether the customer's last word is recent enough is left to the provider. At most ten a minute.",
    body: z.strictObject({ address: id, text: z.string().min(1).max(TEXT_MAX) }),
    answers: { 200: { description: 'What came of it', schema: tried } },
    async handle({ params, body, principal }) {
      const found = find(parts, brake, params.id);
      if ('refusal' in found) return found;
      const { asset, adapter, mask } = found;
      const now = parts.clock.now();
      const item = testItem(parts, asset, body, principal, now);
      const facts = testFacts(parts, asset, now);
      await parts.directory.change([], [audit(parts, principal, 'test_message', 'asset', asset.id)]);
      const { result, detail, status, answer } = await adapter.send(asset, item, facts, parts.send, now);
      return ok({ sent: result === 'ok', detail: mask(detail), status, answer: mask(answer) });
    },
  });
}

const nothingToAsk = (channel: string): Refusal =>
  malformed([{ pointer: '', detail: `assets of channel ${channel} have no provider that could be asked` }]);

function find(parts: HttpParts, brake: Brake, assetId: string): Found | Refusal {
  if (!rowOf(parts, 'asset', assetId)) return missing('asset', assetId);
  const asset = parts.directory.asset(assetId);
  const adapter = asset && parts.adapters.channels.get(asset.channel);
  if (!asset || !adapter?.fields) return nothingToAsk(asset?.channel ?? 'unknown');
  const retryAfterS = brake.waitS(assetId);
  if (retryAfterS > 0)
    return refuse('too_many_requests', 'This asset was tried ten times within a minute.', { retryAfterS });
  brake.failed(assetId);
  const { fields } = adapter;
  return { asset, adapter, mask: (text) => withoutSecrets(fields, asset.config, text) };
}

function testItem(
  { newId }: HttpParts,
  asset: AssetConfig,
  { address, text }: { address: string; text: string },
  { name }: Principal,
  now: number,
): LaneItem {
  const threadId = newId('thr');
  const messageId = newId('msg');
  return {
    message: {
      id: messageId,
      threadId,
      seq: 1,
      turn: null,
      kind: 'message',
      author: { type: 'agent', id: null, name },
      conversationId: null,
      type: 'text',
      text,
      media: [],
      at: now,
    },
    merged: [],
    thread: {
      id: threadId,
      assetId: asset.id,
      serviceId: asset.serviceId,
      address,
      name: '',
      epoch: 0,
      holder: { type: 'none', id: null, conversationId: null },
      drain: {},
      desk: null,
      attributes: {},
    },
    delivery: {
      id: newId('dlv'),
      ord: 0,
      threadId,
      target: { type: 'asset', id: asset.id },
      lane: 'main',
      kind: 'message',
      conversationId: null,
      messageId,
      turn: null,
      merged: [],
      data: null,
      status: 'pending',
      attempts: 0,
      generation: 0,
      seriesAt: null,
      notBefore: 0,
      replay: false,
      reason: null,
      createdAt: now,
    },
  };
}

const testFacts = ({ directory }: HttpParts, asset: AssetConfig, now: number): AttemptFacts => ({
  conversationType: 'CCSP',
  epoch: 0,
  thread: null,
  serviceName: directory.world().services.get(asset.serviceId ?? '')?.name ?? '',
  assetName: asset.name,
  channel: asset.channel,
  // The provider knows when it was: it is asked, not guessed.
  heard: { at: now, externalId: null },
});
