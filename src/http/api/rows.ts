// Configuration rows as the routes see them: typed by kind, looked up, audited, counted, and who uses whom.
// Not here: what a resource may look like. The one thing to know: whatever depends on several rows writes all of them
// with the version it has read, so that two edits at once cannot both win, in one process or in many.

import { z } from '@hono/zod-openapi';
import type { ConfigDocs } from '../../engine/ports.ts';
import type { AuditEntry, ConfigRow, ConfigWrite } from '../../engine/store-port.ts';
import type { Id } from '../../routing/model.ts';
import { instant } from '../fields.ts';
import type { Principal } from '../keys.ts';
import type { HttpParts } from '../parts.ts';
import { type Refusal, refuse } from '../problems.ts';

type Kind = keyof ConfigDocs;
export type Row<K extends Kind> = Omit<ConfigRow, 'data' | 'kind'> & { kind: K; data: ConfigDocs[K] };

/** All of them are in memory and in every decision's snapshot: enough for the largest house, not for a loop gone wrong. */
const MAX_ROWS: Record<Exclude<Kind, 'rule' | 'session' | 'link' | 'instance'>, number> = {
  service: 1_000,
  asset: 10_000,
  bot: 1_000,
  desk: 1_000,
  key: 1_000,
  user: 10_000,
};
/** Each is looked at for each message of the service. */
export const MAX_RULES_PER_SERVICE = 200;

type Parts = Pick<HttpParts, 'directory' | 'newId' | 'clock'>;

export const rowsOf = <K extends Kind>(parts: Parts, kind: K): Row<K>[] =>
  parts.directory.rows(kind) as unknown as Row<K>[];

export const rowOf = <K extends Kind>(parts: Parts, kind: K, id: Id): Row<K> | undefined =>
  parts.directory.row(kind, id) as unknown as Row<K> | undefined;

export const missing = (kind: string, id: string): Refusal => refuse('not_found', `There is no ${kind} ${id}.`);

/** The write of a row that was read before; fails when somebody else wrote it meanwhile. */
export const rewrite = <K extends Kind>(row: Row<K>, data: ConfigDocs[K] | null): ConfigWrite => ({
  kind: row.kind,
  id: row.id,
  data,
  expectVersion: row.version,
});

/** The write of a bot or desk that was read before, to where it was not verified: fails, too, while it is active. */
export const moved = <K extends 'bot' | 'desk'>(row: Row<K>, data: ConfigDocs[K]): ConfigWrite => ({
  ...rewrite(row, data),
  unlessActive: true,
});

/** Writes the row as it is: others that depend on it and read it at the same time must begin again. */
export const touch = <K extends Kind>(row: Row<K>): ConfigWrite => rewrite(row, row.data);

export const actorOf = (principal: Principal): string => `${principal.name} (${principal.id})`;

/** One line of the audit trail. `detail` never has secrets: the names of changed fields, not their values. */
export function audit(
  parts: Parts,
  principal: Principal,
  action: string,
  kind: string,
  target: Id,
  detail: Record<string, unknown> = {},
): AuditEntry {
  return { id: parts.newId('aud'), at: parts.clock.now(), actor: actorOf(principal), action, kind, target, detail };
}

export function whyNoMore(parts: Parts, kind: keyof typeof MAX_ROWS): Refusal | null {
  const limit = MAX_ROWS[kind];
  return parts.directory.rows(kind).length < limit
    ? null
    : refuse('limit_reached', `There may be at most ${limit} of kind ${kind}.`);
}

/** Rules that name a bot, a desk or an asset, in their trigger or in their action. */
export const rulesNaming = (parts: Parts, id: Id, serviceId?: Id): Row<'rule'>[] =>
  rowsOf(parts, 'rule').filter(
    ({ data }) => (serviceId === undefined || data.service_id === serviceId) && idsIn(data).includes(id),
  );

function idsIn({ trigger, action }: ConfigDocs['rule']): (Id | undefined)[] {
  const ids: (Id | undefined)[] = [trigger.asset_id, trigger.bot_id, trigger.desk_id];
  if ('bot_id' in action) ids.push(action.bot_id);
  if ('desk_id' in action) ids.push(action.desk_id);
  if ('fallback' in action) ids.push(action.fallback?.desk_id);
  return ids;
}

/** 409 that names the rules in the way. */
export const inUse = (id: Id, rules: Row<'rule'>[]): Refusal =>
  refuse('in_use', `${id} is used by: ${rules.map((rule) => rule.data.name).join(', ')}.`, {
    members: { rules: rules.map((rule) => ({ id: rule.id, name: rule.data.name })) },
  });

/** Fields that every configuration resource has. */
export const rowFields = {
  id: z.string(),
  created_at: instant,
  updated_at: instant,
};
