// In whose name Graph is asked: the account's own, or that of the Page it is linked to.
// Not here: what is asked. The one thing to know: the two ways have servers, ids and tokens of their own.
import type { AssetConfig } from '../../engine/ports.ts';
import { textIn } from '../../wire/config.ts';
import { appSecretProof, type MetaLine, metaMask } from '../../wire/meta.ts';

export const byPage = (asset: AssetConfig): boolean => textIn(asset.config, 'login') === 'facebook';
const SECRETS = ['access_token', 'app_secret', 'meta_app_secret', 'verify_token'];

export function lineOf(asset: AssetConfig): MetaLine {
  const token = textIn(asset.config, 'access_token');
  const secret = textIn(asset.config, 'app_secret');
  const page = byPage(asset);
  return {
    base: textIn(asset.config, 'api_url') || (page ? 'https://graph.facebook.com' : 'https://graph.instagram.com'),
    version: textIn(asset.config, 'api_version'),
    id: textIn(asset.config, page ? 'page_id' : 'account_id'),
    token,
    // The proof is documented for graph.facebook.com alone.
    proofSecret: page ? secret : null,
    mask: metaMask(asset, SECRETS, [appSecretProof(token, secret)]),
  };
}
