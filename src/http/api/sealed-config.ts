// A vendor's `config` in a document: its secrets sealed under their names, masked when shown, kept when not sent again.
// Not here: what must be in it (the adapter's `checkConfig`). The one thing to know: a form sends a secret back as the
// mask it was shown, or not at all; both keep what is there. An empty one takes it away.
import type { ChannelField } from '../../engine/channel-port.ts';
import type { FieldError, SealedSecret, Vault } from '../../engine/ports.ts';
import type { ConfigKind } from '../../engine/store-port.ts';
import type { Id } from '../../routing/model.ts';
import { MASK, seal } from '../secrets.ts';

type Config = Record<string, unknown>;

const secretsIn = (fields: readonly ChannelField[]): string[] =>
  fields.filter(({ kind }) => kind === 'secret').map(({ name }) => name);

/** What was sent, with the secrets that were not; `opened`: the config so far, in clear. */
export function withKeptSecrets(fields: readonly ChannelField[], given: Config, opened: Config): Config {
  const kept = keptSecrets(fields, given, opened);
  return { ...given, ...Object.fromEntries(kept.map((name) => [name, opened[name]])) };
}

const keptSecrets = (fields: readonly ChannelField[], given: Config, opened: Config): string[] =>
  secretsIn(fields).filter((name) => isKept(given, name) && opened[name] !== undefined);

/**
 * What is wrong with another address while secrets stay as they are: whoever enters it may be no one who is to know them,
 * and they go wherever requests go.
 */
export function secretsElsewhere(fields: readonly ChannelField[], given: Config, opened: Config): FieldError[] {
  return keptSecrets(fields, given, opened).map((name) => ({ pointer: `/config/${name}`, detail: ELSEWHERE }));
}

const ELSEWHERE = 'must be entered again with another address, or an administrator changes that: it is sent there';

function isKept(given: Config, name: string): boolean {
  if (!Object.hasOwn(given, name)) return true;
  const value = given[name];
  return typeof value === 'string' && value.startsWith(MASK);
}

/** A checked config as it is stored. */
export function sealedConfig(
  vault: Vault,
  kind: ConfigKind,
  id: Id,
  fields: readonly ChannelField[],
  config: Config,
): Config {
  const secrets = new Set(secretsIn(fields));
  const stored = Object.entries(config).map(([name, value]): [string, unknown] =>
    secrets.has(name) && typeof value === 'string'
      ? [name, { sealed: seal(vault, kind, id, `config.${name}`, value), until: null } satisfies SealedSecret]
      : [name, value],
  );
  return Object.fromEntries(stored);
}

/** A stored config as it is shown. */
export function shownConfig(config: Config): Config {
  const isSealed = (value: unknown): boolean => typeof value === 'object' && value !== null && 'sealed' in value;
  return Object.fromEntries(Object.entries(config).map(([name, value]) => [name, isSealed(value) ? MASK : value]));
}
