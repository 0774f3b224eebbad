// In whose name Graph is asked: the Page's, or the app's own where it asks about itself.
// Not here: what is asked. The one thing to know: the app's token is its id and its secret, so that it is masked as they are.
import type { AssetConfig } from '../../engine/ports.ts';
import { textIn } from '../../wire/config.ts';
import { appSecretProof, type MetaLine, metaMask } from '../../wire/meta.ts';

const SECRETS = ['page_access_token', 'app_secret', 'verify_token'];
/** How the app speaks for itself. */
export const appToken = (asset: AssetConfig): string =>
  `${textIn(asset.config, 'app_id')}|${textIn(asset.config, 'app_secret')}`;

export function lineOf(asset: AssetConfig): MetaLine {
  const token = textIn(asset.config, 'page_access_token');
  const secret = textIn(asset.config, 'app_secret');
  return {
    base: textIn(asset.config, 'api_url'),
    version: textIn(asset.config, 'api_version'),
    id: textIn(asset.config, 'page_id'),
    token,
    proofSecret: secret,
    mask: metaMask(asset, SECRETS, [appSecretProof(token, secret), appSecretProof(appToken(asset), secret)]),
  };
}
