// How the house is furnished in a run: one service, one asset, two bots, two desks, rules and settings, by chance.
// Not here: what then happens (life.ts). The one thing to know: bots and desks begin as active, as if verified before.
import type { ConfigDocs } from '../../src/engine/ports.ts';
import type { Limits } from '../../src/engine/settings.ts';
import type { ConfigKind } from '../../src/engine/store-port.ts';
import type { Action, Condition, Id, IntegrationSettings, Trigger } from '../../src/routing/model.ts';
import type { Chance } from './chance.ts';
import type { Disk } from './disk.ts';

export const BOTS = ['bot_1', 'bot_2'];
export const DESKS = ['desk_1', 'desk_2'];
export const ASSET = 'ast_1';

type Rule = { on: Trigger['event']; bot?: Id; if?: Condition; do: Action };

const toBot = (bot_id: Id): Action => ({ type: 'forward_to_bot', bot_id });
const toDesk = (desk_id: Id): Action => ({ type: 'forward_to_desk', desk_id });
const both = (bot_id: Id, desk_id: Id): Action => ({ type: 'forward_to_bot_and_desk', bot_id, desk_id });
const says = (value: string): Condition => ({ field: 'message.text', op: 'contains', value });

const RULES: Rule[][] = [
  [{ on: 'message.received', do: both('bot_1', 'desk_1') }],
  [
    { on: 'message.received', if: says('two'), do: toBot('bot_2') },
    { on: 'message.received', do: both('bot_1', 'desk_1') },
    { on: 'desk.failed', do: toDesk('desk_2') },
  ],
  [
    {
      on: 'message.received',
      do: {
        ...{ type: 'forward_to_bot_and_desk', bot_id: 'bot_1', desk_id: 'desk_1' },
        fallback: { desk_id: 'desk_2', on: ['unavailable', 'silent'], holding_text: 'One moment.' },
      },
    },
    { on: 'bot.unavailable', bot: 'bot_1', do: toBot('bot_2') },
  ],
  [
    { on: 'message.received', if: says('two'), do: toBot('bot_2') },
    { on: 'message.received', do: toDesk('desk_1') },
    { on: 'desk.failed', do: toBot('bot_1') },
    { on: 'desk.closed', do: toBot('bot_2') },
    { on: 'bot.handover', do: toDesk('desk_2') },
  ],
  [
    { on: 'message.received', do: toBot('bot_1') },
    { on: 'bot.silent', bot: 'bot_1', do: toBot('bot_2') },
    { on: 'bot.unavailable', bot: 'bot_1', do: { type: 'notify_url', url: 'https://url.example/told' } },
  ],
];

function settings({ pick, often }: Chance): Partial<IntegrationSettings> {
  return {
    retry_spacing_s: pick([
      [60, 300, 900, 2280],
      [60, 300, 900, 2280],
      [5, 10, 20, 40],
      [1, 2],
    ]),
    failure_threshold: pick([5, 5, 5, 2, 20]),
    failure_scope: often(0.15) ? 'message' : 'attempt',
    reply_within_s: pick([0, 0, 30]),
    merge_window_ms: pick([0, 0, 1_200]),
    max_in_flight: pick([64, 1, 2]),
    recovery: often(0.2) ? 'automatic' : 'manual',
    extended_events: often(0.3),
  };
}

/** Writes the configuration; gives the engine's limits, which are small in some runs, so that pages are read. */
export function furnish(disk: Disk, chance: Chance, now: number): Partial<Limits> {
  const { pick, often } = chance;
  const row = (kind: ConfigKind, id: Id, data: Record<string, unknown>): void =>
    void disk.rows.push({ kind, id, data, version: 1, createdAt: now, updatedAt: now });
  const none = { secrets: [], signing_secrets: [] };
  row('service', 'svc_1', { name: 'Service', mapped: [...BOTS, ...DESKS] });
  const asset: ConfigDocs['asset'] = {
    ...{ name: 'Asset', channel: often(0.35) ? 'telegram' : 'http', config: { url: 'https://asset.example/in' } },
    ...{ service_id: 'svc_1', on_unknown: often(0.7) ? 'hold' : 'resend', ...none },
  };
  row('asset', ASSET, asset);
  for (const id of BOTS) {
    row('bot', id, {
      ...{ name: id, platform: 'other', url: `https://${id}.example/1`, verification_token: `token-${id}` },
      ...{ access_token: null, hook_tokens: [], signing_secrets: [], require_signature: false },
      settings: settings(chance),
    });
  }
  for (const id of DESKS) {
    const shared = { ...settings(chance), merge_window_ms: 0 };
    row('desk', id, {
      name: id,
      kind: 'webhook',
      url: `https://${id}.example/1`,
      hook_tokens: [],
      settings: shared,
      ...none,
    });
  }
  for (const [position, rule] of pick(RULES).entries()) {
    row('rule', `rul_${position}`, {
      ...{ service_id: 'svc_1', name: `rule ${position}`, position, enabled: true },
      trigger: { event: rule.on, ...(rule.bot && { bot_id: rule.bot }) },
      ...{ conditions: rule.if ?? null, action: rule.do, starts_at: null, ends_at: null },
    });
  }
  for (const id of [...BOTS, ...DESKS]) {
    disk.health.set({ id, status: 'active', failures: 0, generation: 1, reason: null, since: now });
  }
  return often(0.4) ? { backlog: 3, backlogBlocked: 6, lowWater: 2, page: 2 } : {};
}
