// How the Cloud API is asked in this number's name, and the courtesies that have no outcome: read and typing.
// Not here: what is sent (send.ts) and what an error means (errors.ts). The one thing to know: the token goes into a header,
// never into a URL; the URL has a proof made of it and the app secret, which Meta may demand and nobody can turn back.
import type { Heard } from '../../engine/channel-port.ts';
import type { AssetConfig, Exchange, Send } from '../../engine/ports.ts';
import { textIn } from '../../wire/config.ts';
import { appSecretProof, graphExchange, type MetaLine, metaMask } from '../../wire/meta.ts';

const SECRETS = ['access_token', 'app_secret', 'verify_token'];

export function lineOf(asset: AssetConfig): MetaLine {
  const token = textIn(asset.config, 'access_token');
  const secret = textIn(asset.config, 'app_secret');
  return {
    base: textIn(asset.config, 'api_url'),
    version: textIn(asset.config, 'api_version'),
    id: textIn(asset.config, 'phone_number_id'),
    token,
    proofSecret: secret,
    mask: metaMask(asset, SECRETS, [appSecretProof(token, secret)]),
  };
}

/** POST to the number's `messages`, where all is sent. */
export function messages(asset: AssetConfig, line: MetaLine, body: Record<string, unknown>): Exchange {
  return graphExchange(asset, line, [line.id, 'messages'], { body: { messaging_product: 'whatsapp', ...body } });
}

/** Shows that it was read and, if asked, three dots for up to 25 seconds: WhatsApp has no typing without a read. */
export async function markRead(asset: AssetConfig, heard: Heard, typing: boolean, send: Send): Promise<void> {
  if (heard.externalId === null) return;
  const body = { status: 'read', message_id: heard.externalId };
  const more = typing ? { typing_indicator: { type: 'text' } } : {};
  await send(messages(asset, lineOf(asset), { ...body, ...more }));
}
