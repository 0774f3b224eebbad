// Configuration documents with their secrets opened, as adapters and hooks use them; in memory only.
// Not here: when they are opened (directory.ts, once per version of a row) and how they are sealed (the vault).
// The one thing to know: a secret that a rotation left behind ends at its time without anybody writing: it is left out
// from then on.
import type { Id } from '../routing/model.ts';
import type { AssetConfig, BotConfig, ConfigDocs, DeskConfig, SealedSecret, Vault } from './ports.ts';
import type { ConfigKind, ConfigRow } from './store-port.ts';

/** Where a secret lives, as the vault binds it to its ciphertext. In an asset's or desk's config the field is `config.NAME`. */
export function secretPlace(kind: ConfigKind, id: Id, field: string): string {
  return `${kind}/${id}/${field}`;
}

/** An opened secret, and until when it is taken (ms since 1970); null: until it is replaced. */
export type OpenSecret = { plain: string; until: number | null };

/** A document with its secrets opened once: what is taken at `now`, and the hook tokens with their ends. */
export type Opened<Config> = { at(now: number): Config; hookTokens: OpenSecret[] };

export function openBot(row: ConfigRow, vault: Vault): Opened<BotConfig> {
  const doc = row.data as unknown as ConfigDocs['bot'];
  const list = (field: 'hook_tokens' | 'signing_secrets') => openList(vault, row, field, doc[field]);
  const one = (field: 'verification_token' | 'access_token') => {
    const sealed = doc[field];
    return sealed ? vault.open(sealed, secretPlace(row.kind, row.id, field)) : null;
  };
  const hookTokens = list('hook_tokens');
  const signing = list('signing_secrets');
  const config = {
    id: row.id,
    name: doc.name,
    platform: doc.platform,
    url: doc.url,
    version: row.version,
    verificationToken: one('verification_token'),
    accessToken: one('access_token'),
    requireSignature: doc.require_signature,
  };
  return {
    hookTokens,
    at: whileTaken([hookTokens, signing], (tokens, secrets) => ({
      ...config,
      hookTokens: tokens as string[],
      signingSecrets: secrets as string[],
    })),
  };
}

export function openDesk(row: ConfigRow, vault: Vault, publicUrl: () => string): Opened<DeskConfig> {
  const doc = row.data as unknown as ConfigDocs['desk'];
  const list = (field: 'hook_tokens' | 'secrets' | 'signing_secrets') => openList(vault, row, field, doc[field]);
  const hookTokens = list('hook_tokens');
  const config = {
    id: row.id,
    name: doc.name,
    kind: doc.kind,
    url: doc.url,
    version: row.version,
    config: openConfig(vault, row, doc.config ?? {}),
  };
  return {
    hookTokens,
    at: whileTaken([hookTokens, list('secrets'), list('signing_secrets')], (tokens, secrets, signing) => ({
      ...config,
      // Known only when the server listens; the newest token is the one to tell.
      get hookUrl() {
        return tokens[0] === undefined ? '' : `${publicUrl()}/hooks/desks/${tokens[0]}`;
      },
      hookTokens: tokens as string[],
      secrets: secrets as string[],
      signingSecrets: signing as string[],
    })),
  };
}

export function openAsset(row: ConfigRow, vault: Vault, publicUrl: () => string): Opened<AssetConfig> {
  const doc = row.data as unknown as ConfigDocs['asset'];
  const config = {
    id: row.id,
    name: doc.name,
    channel: doc.channel,
    version: row.version,
    serviceId: doc.service_id,
    config: openConfig(vault, row, doc.config),
  };
  const lists = [
    openList(vault, row, 'secrets', doc.secrets),
    openList(vault, row, 'signing_secrets', doc.signing_secrets),
    openList(vault, row, 'token_keys', doc.token_keys),
  ];
  return {
    hookTokens: [],
    at: whileTaken(lists, (secrets, signing, tokens) => ({
      ...config,
      // Known only when the server listens.
      get hookUrl() {
        return `${publicUrl()}/hooks/channels/${row.id}`;
      },
      secrets: secrets as string[],
      signingSecrets: signing as string[],
      ...(doc.token_keys === undefined ? {} : { tokenKeys: tokens as string[] }),
    })),
  };
}

function openList(vault: Vault, row: ConfigRow, field: string, list: SealedSecret[] | undefined): OpenSecret[] {
  return (list ?? []).map(({ sealed, until }) => ({
    plain: vault.open(sealed, secretPlace(row.kind, row.id, field)),
    until,
  }));
}

/** A channel's or desk's config: values of the shape `{sealed, until}` are secrets (a provider's token), the rest is as it is. */
function openConfig(vault: Vault, row: ConfigRow, config: Record<string, unknown>): Record<string, unknown> {
  const open: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(config)) {
    open[name] = isSealed(value) ? vault.open(value.sealed, secretPlace(row.kind, row.id, `config.${name}`)) : value;
  }
  return open;
}

function isSealed(value: unknown): value is SealedSecret {
  return typeof value === 'object' && value !== null && 'sealed' in value && typeof value.sealed === 'string';
}

/** Builds a config from what is taken now, and again only when the next secret has ended. */
function whileTaken<T>(lists: OpenSecret[][], build: (...taken: string[][]) => T): (now: number) => T {
  let built: T | undefined;
  let good = Number.NEGATIVE_INFINITY;
  return (now) => {
    if (built === undefined || now >= good) {
      const taken = lists.map((list) => list.filter(({ until }) => until === null || until > now));
      const ends = taken.flat().map(({ until }) => until ?? Number.POSITIVE_INFINITY);
      good = Math.min(Number.POSITIVE_INFINITY, ...ends);
      built = build(...taken.map((list) => list.map(({ plain }) => plain)));
    }
    return built;
  };
}
