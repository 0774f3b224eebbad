// The World that decisions look at, built from configuration rows and the health that the store keeps.
// Pure. Not here: secrets, which no decision needs (opened.ts), and when it is rebuilt (directory.ts).
// The one thing to know: rows were checked when they were written; what is missing here has its default.
import type {
  AssetView,
  BotView,
  DeskView,
  Health,
  Id,
  IntegrationSettings,
  IntegrationStatus,
  Rule,
  ServiceView,
  World,
} from '../routing/model.ts';
import type { ConfigDocs } from './ports.ts';
import { APP_REPLY_WITHIN_S, ASSET_RETRY_SPACING_S, DEFAULT_SETTINGS } from './settings.ts';
import type { ConfigRow } from './store-port.ts';

/** The World whose views may be replaced one by one (health, presence) by the directory that owns it. */
export type OwnWorld = {
  services: Map<Id, ServiceView>;
  assets: Map<Id, AssetView>;
  bots: Map<Id, BotView>;
  desks: Map<Id, DeskView>;
};

export type WorldParts = {
  rows: Iterable<ConfigRow>;
  health(id: Id): Health | undefined;
  /** console desks: whether an agent is there */
  online(deskId: Id): boolean;
};

export function buildWorld({ rows, health, online }: WorldParts): OwnWorld & World {
  const world: OwnWorld = { services: new Map(), assets: new Map(), bots: new Map(), desks: new Map() };
  const rules = new Map<Id, Rule[]>();
  for (const row of rows) {
    if (row.kind === 'service') world.services.set(row.id, serviceView(row));
    else if (row.kind === 'asset') world.assets.set(row.id, assetView(row));
    else if (row.kind === 'bot') world.bots.set(row.id, botView(row, health(row.id)));
    else if (row.kind === 'desk') world.desks.set(row.id, deskView(row, health(row.id), online(row.id)));
    else if (row.kind === 'rule') {
      const rule = ruleOf(row);
      rules.set(rule.serviceId, [...(rules.get(rule.serviceId) ?? []), rule]);
    }
  }
  for (const [serviceId, list] of rules) {
    world.services.get(serviceId)?.rules.push(...list.sort(byPosition));
  }
  return world;
}

function byPosition(a: Rule, b: Rule): number {
  if (a.position !== b.position) return a.position - b.position;
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}

function serviceView({ id, data }: ConfigRow): ServiceView {
  const doc = data as unknown as ConfigDocs['service'];
  return { id, name: doc.name, rules: [], mapped: new Set(doc.mapped) };
}

function assetView({ id, data }: ConfigRow): AssetView {
  const doc = data as unknown as ConfigDocs['asset'];
  return {
    id,
    name: doc.name,
    channel: doc.channel,
    serviceId: doc.service_id,
    retrySpacingS: [...ASSET_RETRY_SPACING_S],
    onUnknown: doc.on_unknown,
    appDeskId: doc.app_desk_id ?? null,
  };
}

function botView(row: ConfigRow, health: Health | undefined): BotView {
  const { name, platform, settings } = row.data as unknown as ConfigDocs['bot'];
  return {
    id: row.id,
    name,
    platform,
    settings: withDefaults(settings),
    health: health ?? undecided(row, 'unverified'),
  };
}

function deskView(row: ConfigRow, health: Health | undefined, present: boolean): DeskView {
  const { name, kind, settings } = row.data as unknown as ConfigDocs['desk'];
  const app = kind === 'app';
  // Nobody can be asked to look into a provider's own app: such a desk takes the line by itself, and no offer.
  const online = kind === 'console' ? present : !app;
  // A console is our own, and an app desk is sent nothing: there is nothing to verify about them.
  const status = app || kind === 'console' ? 'active' : 'unverified';
  return {
    id: row.id,
    name,
    kind,
    settings: withDefaults(app ? { reply_within_s: APP_REPLY_WITHIN_S, ...settings } : settings),
    health: health ?? undecided(row, status),
    online,
  };
}

function withDefaults(settings: Partial<IntegrationSettings> | undefined): IntegrationSettings {
  return { ...DEFAULT_SETTINGS, ...settings };
}

/** Nothing was decided about it yet; the store sees it alike. */
function undecided({ id, createdAt }: ConfigRow, status: IntegrationStatus): Health {
  return { id, status, failures: 0, generation: 0, reason: null, since: createdAt };
}

function ruleOf({ id, data }: ConfigRow): Rule {
  const doc = data as unknown as ConfigDocs['rule'];
  return {
    id,
    serviceId: doc.service_id,
    name: doc.name,
    position: doc.position,
    enabled: doc.enabled,
    trigger: doc.trigger,
    conditions: doc.conditions,
    action: doc.action,
    startsAt: timeOf(doc.starts_at),
    endsAt: timeOf(doc.ends_at),
  };
}

/** ISO 8601 → ms since 1970. */
function timeOf(text: string | null): number | null {
  const at = text === null ? Number.NaN : Date.parse(text);
  return Number.isNaN(at) ? null : at;
}
