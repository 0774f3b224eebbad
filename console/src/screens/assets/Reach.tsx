// How customers reach an asset: its hook and secrets, or the script tag; and replacing a secret.
// Not here: what the channel is set to (one.tsx). The one thing to know: secrets are masked here; only the answer that
// makes a new one has it.
import { Button, Group, NativeSelect, Paper, Stack, Text, Title } from '@mantine/core';
import { modals } from '@mantine/modals';
import { useState } from 'react';
import { useSend } from '../../api/query.ts';
import { ADMINS, useMay } from '../../api/session.ts';
import type { Asset, Rotation } from '../../api/types.ts';
import { CopyId } from '../../parts/CopyId.tsx';
import { ErrorState } from '../../parts/States.tsx';
import { showOnce } from './ShownOnce.tsx';
import { freshIn, type SecretOf, secretsOf, type What } from './secrets.ts';
import { useAssetT } from './words.ts';

/** Seconds that the old one goes on working. */
const OVERLAPS = { day: 86_400, hour: 3_600, week: 604_800, now: 0 } as const;

export function Reach({ asset }: { asset: Asset }) {
  const t = useAssetT();
  const entry = asset.script_tag
    ? { name: t('assets.snippet'), value: asset.script_tag }
    : { name: t('assets.hook'), value: asset.hook_url ?? '–' };
  return (
    <Paper p="md" component="section" aria-labelledby="reach">
      <Title order={2} id="reach" mb="sm">
        {t('assets.reach')}
      </Title>
      <Stack gap="md">
        <Line name={entry.name} value={entry.value} />
        {secretsOf(t, asset).map((secret) => (
          <SecretLine key={secret.what} asset={asset} secret={secret} />
        ))}
      </Stack>
    </Paper>
  );
}

function Line({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <Text size="sm" fw={600}>
        {name}
      </Text>
      <CopyId value={value} what={name} />
    </div>
  );
}

function SecretLine({ asset, secret }: { asset: Asset; secret: SecretOf }) {
  const t = useAssetT();
  const mayRotate = useMay(ADMINS);
  const { name } = secret;
  const open = (): void => {
    const id = modals.open({
      title: t('assets.rotate.what', { what: name }),
      children: <Rotate asset={asset} secret={secret} close={() => modals.close(id)} />,
    });
  };
  return (
    <Group justify="space-between" align="flex-start" wrap="nowrap">
      <div>
        <Text size="sm" fw={600}>
          {name}
        </Text>
        <code className="sb-id">{secret.value ?? '–'}</code>
        <Text size="xs" c="dimmed">
          {secret.about}
        </Text>
      </div>
      {mayRotate ? (
        <Button size="xs" variant="default" onClick={open} aria-label={t('assets.rotate.what', { what: name })}>
          {t('assets.rotate')}
        </Button>
      ) : null}
    </Group>
  );
}

function Rotate({ asset, secret, close }: { asset: Asset; secret: SecretOf; close: () => void }) {
  const t = useAssetT();
  const { what } = secret;
  const [overlap, setOverlap] = useState<keyof typeof OVERLAPS>('day');
  const rotate = useSend<{ what: What; overlap_s: number }, Rotation>('POST', `/assets/${asset.id}/rotation`, {
    onDone: (made) => {
      close();
      showOnce(asset.name, [{ name: secret.name, value: freshIn(made, what) }]);
    },
  });
  const choices = (Object.keys(OVERLAPS) as (keyof typeof OVERLAPS)[]).map((value) => ({
    value,
    label: t(`assets.rotate.${value}`),
  }));
  return (
    <Stack>
      <Text>{t('assets.rotate.about')}</Text>
      <NativeSelect
        label={t('assets.rotate.overlap')}
        data={choices}
        value={overlap}
        onChange={(event) => setOverlap(event.currentTarget.value as keyof typeof OVERLAPS)}
      />
      {rotate.error ? <ErrorState error={rotate.error} /> : null}
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={close}>
          {t('cancel')}
        </Button>
        <Button loading={rotate.isPending} onClick={() => rotate.mutate({ what, overlap_s: OVERLAPS[overlap] })}>
          {t('assets.rotate')}
        </Button>
      </Group>
    </Stack>
  );
}
