// The request that a delivery would be sent as, made by its target's adapter and sent nowhere.
// Not here: adapters. The one thing to know: it is the first request of an attempt (some vendors are asked several things),
// made now, of the thread as it is now: an attempt of an hour ago may have carried another epoch. What is secret in it is
// masked before it leaves here.

import type { Id, Target } from '../routing/model.ts';
import { isSimulated } from '../routing/simulated.ts';
import type { AttemptParts } from './attempt.ts';
import { createAttempter } from './attempt.ts';
import type { ChannelField } from './channel-port.ts';
import type { Exchange } from './ports.ts';
import { LIMITS } from './settings.ts';
import type { LaneItem, Store } from './store-port.ts';

/** Longer ones (a transcript) are cut: they are for looking at. */
const MAX_BODY = 65_536;
/** What may be shown of the headers; the rest proves who we are. */
const SHOWN: ReadonlySet<string> = new Set(['content-type', 'accept', 'webhook-id', 'webhook-timestamp']);

export type Preview = {
  method: NonNullable<Exchange['method']>;
  url: string;
  headers: Record<string, string>;
  body: string;
  cut: boolean;
};

export type PreviewParts = Omit<AttemptParts, 'send' | 'store' | 'simulator' | 'limits' | 'wall'> & {
  store: Pick<Store, 'laneItem' | 'transcript' | 'heard'>;
  /** puts `[masked]` in place of secrets */
  mask(secrets: readonly (string | null)[]): (text: string) => string;
};

/** `null`: there is no such delivery, or no request is made of it (a console desk, a simulated customer, a target that is gone). */
export function createPreview(parts: PreviewParts): (deliveryId: Id) => Promise<Preview | null> {
  const { store, mask } = parts;
  return async (deliveryId) => {
    const item = await store.laneItem(deliveryId);
    if (item === null || staysHere(item)) return null;
    const made: Exchange[] = [];
    const attempter = createAttempter({
      ...parts,
      wall: parts.clock.now,
      limits: LIMITS,
      simulator: { instead: () => null },
      send: async (exchange) => {
        made.push(exchange);
        return { ok: false, reason: 'preview', detail: '', sent: 'no', timing: { totalMs: 0 } };
      },
    });
    await attempter(
      item,
      () => item.thread,
      () => true,
    );
    const [exchange] = made;
    if (exchange === undefined) return null;
    const { target } = item.delivery;
    const asked = target.type === 'asset' ? { ...exchange, url: withoutProofs(exchange.url) } : exchange;
    return shown(asked, mask(secretsOf(parts, target)));
  };
}

/** What is said to a simulated customer is sent nowhere. */
const staysHere = ({ delivery, thread }: LaneItem): boolean =>
  delivery.target.type === 'asset' && thread !== null && isSimulated(thread.address);

function shown({ method = 'POST', url, headers, body }: Exchange, mask: (text: string) => string): Preview {
  const safe = Object.entries(headers).map(([name, value]) => [
    name,
    SHOWN.has(name.toLowerCase()) ? value : '[masked]',
  ]);
  // Masked first: a cut could leave a part of a secret that no mask would know.
  const whole = mask(body);
  return {
    method,
    url: mask(url),
    headers: Object.fromEntries(safe),
    body: whole.slice(0, MAX_BODY),
    cut: whole.length > MAX_BODY,
  };
}

/** Some providers want a proof in the query, made of secrets and the same each time. */
function withoutProofs(url: string): string {
  const [path = '', ...query] = url.split('?');
  return query.length === 0 ? path : `${path}?${query.join('?').replace(/=[^&]*/g, '=[masked]')}`;
}

function secretsOf({ directory, adapters }: PreviewParts, { type, id }: Target): (string | null)[] {
  if (type === 'bot') {
    const bot = directory.bot(id);
    return bot ? [bot.verificationToken, bot.accessToken, ...bot.signingSecrets, ...bot.hookTokens] : [];
  }
  if (type === 'asset') {
    const asset = directory.asset(id);
    const fields = (asset && adapters.channels.get(asset.channel)?.fields) ?? [];
    return asset ? [...asset.secrets, ...asset.signingSecrets, ...secretFields(fields, asset.config)] : [];
  }
  const desk = type === 'desk' ? directory.desk(id) : undefined;
  const fields = (desk && adapters.desks.get(desk.kind)?.fields) ?? [];
  return desk
    ? [...desk.secrets, ...desk.signingSecrets, ...desk.hookTokens, ...secretFields(fields, desk.config)]
    : [];
}

/** A vendor's token may stand in the URL itself. */
function secretFields(fields: readonly ChannelField[], config: Record<string, unknown>): string[] {
  const secrets = fields.filter(({ kind }) => kind === 'secret').map(({ name }) => config[name]);
  return secrets.filter((value) => typeof value === 'string');
}
