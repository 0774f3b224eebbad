// The secrets of an asset, by channel: what each is called, what it is for, and as what it is replaced.
// Not here: showing them. The one thing to know: a web chat's stand in fields of their own, but are replaced under the
// common names.
import type { Asset, Rotation } from '../../api/types.ts';
import type { AssetT } from './words.ts';

export type What = 'secret' | 'signing_secret';
export type SecretOf = { what: What; name: string; about: string; value: string | null };

export function secretsOf(t: AssetT, asset: Asset): SecretOf[] {
  if (asset.channel !== 'webchat') {
    return [
      { what: 'secret', name: t('assets.secret'), about: t('assets.secret.about'), value: asset.secret },
      {
        what: 'signing_secret',
        name: t('assets.signing'),
        about: t('assets.signing.about'),
        value: asset.signing_secret,
      },
    ];
  }
  const identity = asset.identity_secret ?? null;
  const directLine = asset.direct_line_secret ?? null;
  return [
    {
      what: 'signing_secret',
      name: t('assets.identity_secret'),
      about: t('assets.identity_secret.about'),
      value: identity,
    },
    { what: 'secret', name: t('assets.direct_line'), about: t('assets.direct_line.about'), value: directLine },
  ];
}

export const freshIn = (made: Rotation, what: What): string | null => made[what] ?? null;
