// The `config` of what speaks to a provider, made of the fields that its adapter asks for: read and shown.
// Not here: what a field may look like (the adapter's `checkConfig`), sealing (sealed-config.ts). The one thing to know: a secret goes in and does
// not come out, but for those that we chose ourselves, which an administrator must paste at the provider.
import type { ChannelAdapter, ChannelField } from '../../engine/channel-port.ts';
import type { HttpParts } from '../parts.ts';
import { malformed, type Refusal } from '../problems.ts';
import { MASK, mask, newToken } from '../secrets.ts';
import { checkedUrl } from './integration.ts';
import { withKeptSecrets } from './sealed-config.ts';

type Config = Record<string, unknown>;
type Speaker = Pick<ChannelAdapter, 'fields' | 'checkConfig'>;

/** What is to be kept, secrets in clear, or what is wrong with it. `known`: what is kept so far, in clear. */
export function readConfig(
  parts: HttpParts,
  adapter: Speaker,
  given: Config,
  known: Config = {},
): { config: Config } | Refusal {
  const fields = adapter.fields ?? [];
  const filled = withKeptSecrets(fields, given, known);
  for (const { name, generated } of fields) {
    const value = filled[name] ?? '';
    if (generated && value === '') filled[name] = newToken();
  }
  const read = adapter.checkConfig(filled);
  if (!read.ok) return malformed(read.errors.map((error) => ({ ...error, pointer: inConfig(error.pointer) })));
  return reachable(parts, fields, read.config);
}

/** Whether requests go to another address by the new config than by the old one. */
export function goesElsewhere(fields: ChannelField[], before: Config, after: Config): boolean {
  return fields.some(
    ({ name, kind, default: standard }) =>
      kind === 'url' && (before[name] ?? standard ?? '') !== (after[name] ?? standard ?? ''),
  );
}

const inConfig = (pointer: string): string => (pointer.startsWith('/config') ? pointer : `/config${pointer}`);
/** The guard's word on the URLs in it. Channels that are set up in their own way have at most one, `url`. */
function reachable(parts: HttpParts, fields: ChannelField[], read: Config): { config: Config } | Refusal {
  const config = { ...read };
  const names = fields.length === 0 ? ['url'] : fields.filter(({ kind }) => kind === 'url').map(({ name }) => name);
  for (const name of names) {
    const value = config[name];
    if (typeof value !== 'string') continue;
    const verdict = checkedUrl(parts, value, `/config/${name}`);
    if (!verdict.ok) return verdict.refusal;
    // A provider's is a base, and paths are put behind it.
    config[name] = fields.length === 0 ? verdict.url : verdict.url.replace(/\/+$/, '');
  }
  return { config };
}

/** As it is shown; `clear`: to somebody who may see the secrets that we chose. */
export function showConfig(fields: ChannelField[], kept: Config, opened: Config, clear: boolean): Config {
  const ours = new Set(fields.filter(({ generated }) => generated).map(({ name }) => name));
  return Object.fromEntries(
    Object.entries(kept).map(([name, value]) => {
      if (!isSealed(value)) return [name, value];
      const plain = typeof opened[name] === 'string' ? opened[name] : null;
      return [name, clear && ours.has(name) ? plain : (mask(plain) ?? MASK)];
    }),
  );
}

const isSealed = (value: unknown): boolean => typeof value === 'object' && value !== null && 'sealed' in value;

/** Takes secrets out of what was said; an adapter has done so already, in every spelling. */
export function withoutSecrets(fields: ChannelField[], config: Config, text: string): string {
  return fields.reduce((said, { name, kind }) => {
    const value = config[name];
    return kind === 'secret' && typeof value === 'string' && value !== '' ? said.replaceAll(value, MASK) : said;
  }, text);
}
