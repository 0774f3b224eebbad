// What is to be done by hand at a provider, in its words.
// Not here: the fields of the asset. The one thing to know: before the asset is there, its callback URL is not known yet.
import { List, Text } from '@mantine/core';
import type { Asset, Channel } from '../../api/types.ts';
import { CopyId } from '../../parts/CopyId.tsx';
import { type AssetT, useAssetT } from './words.ts';

/** The hook's address and what stands in the asset's fields, in the place of `{hook_url}` and `{NAME}`. */
function filled(t: AssetT, text: string, asset: Asset | undefined): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    if (name === 'hook_url') return asset?.hook_url ?? t('assets.steps.later');
    const value = asset?.config[name];
    return typeof value === 'string' ? value : asset ? whole : t('assets.steps.later');
  });
}

export function Steps({ asset, channel }: { asset?: Asset; channel: Channel }) {
  const t = useAssetT();
  if (channel.steps.length === 0) return null;
  return (
    <div>
      <Text size="sm" fw={600} mb={4}>
        {t('assets.steps', { provider: channel.title })}
      </Text>
      <List type="ordered" size="sm" spacing="xs" dir="ltr">
        {channel.steps.map((step) => (
          <List.Item key={step.title}>
            <Text size="sm" fw={600}>
              {step.title}
            </Text>
            <Text size="sm" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
              {filled(t, step.text, asset)}
            </Text>
            {step.copy && asset ? <CopyId value={filled(t, step.copy, asset)} what={step.title} /> : null}
          </List.Item>
        ))}
      </List>
    </div>
  );
}
