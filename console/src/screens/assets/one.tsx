// One asset: how customers reach it, what it is set to, and its end.
// Not here: its rules (its service's screen). The one thing to know: the form begins anew when the server's version of
// the asset changes and nothing was typed yet.
import { Button, Grid, Group, Paper, Stack, Text, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useNavigate, useParams } from '@tanstack/react-router';
import { useEffect } from 'react';
import { api, formErrors } from '../../api/client.ts';
import { useGet, useSend } from '../../api/query.ts';
import { BUILDERS, useMay } from '../../api/session.ts';
import type { Asset, Channel, Service } from '../../api/types.ts';
import { Icon } from '../../icons/index.tsx';
import { touchTopics } from '../../live/touched.ts';
import { CopyId } from '../../parts/CopyId.tsx';
import { askFirst } from '../../parts/confirm.tsx';
import { LostHeader } from '../../parts/LostHeader.tsx';
import { LinkTo } from '../../parts/links.tsx';
import { PageHeader } from '../../parts/PageHeader.tsx';
import { RelativeTime } from '../../parts/RelativeTime.tsx';
import { Loaded } from '../../parts/States.tsx';
import { tellDone, tellFailed } from '../../parts/tell.tsx';
import { Abilities } from './Abilities.tsx';
import { Connect } from './Connect.tsx';
import { useProviders } from './channels.ts';
import { AssetFields, bodyOf, errorsFor, type Values, valuesOf } from './fields.tsx';
import { Reach } from './Reach.tsx';
import { channelName, useAssetT } from './words.ts';

export default function OneAsset() {
  const { id } = useParams({ strict: false });
  const query = useGet<Asset>(`/assets/${id}`);
  return (
    <Loaded query={query} lost={<LostHeader list="assets" />}>
      {(asset) => <Whole asset={asset} />}
    </Loaded>
  );
}

function Whole({ asset }: { asset: Asset }) {
  const t = useAssetT();
  const mayBuild = useMay(BUILDERS);
  const isOurs = asset.channel === 'http' || asset.channel === 'webchat';
  const provider = useProviders(!isOurs)?.find(({ channel }) => channel === asset.channel);
  return (
    <>
      <PageHeader
        title={asset.name}
        back={<LinkTo to="/assets">{t('nav.assets')}</LinkTo>}
        about={
          <Group gap="sm">
            <span>{channelName(t, asset.channel)}</span>
            <CopyId value={asset.id} />
          </Group>
        }
        actions={mayBuild ? <Delete asset={asset} /> : null}
      />
      <Grid>
        <Grid.Col span={{ base: 12, lg: 7 }}>
          {/* Which fields there are is known only now: the form begins with them. */}
          {isOurs || provider ? <Settings asset={asset} provider={provider} readOnly={!mayBuild} /> : null}
        </Grid.Col>
        <Grid.Col span={{ base: 12, lg: 5 }}>
          <Stack>
            {isOurs ? <Reach asset={asset} /> : null}
            {provider ? <Connect asset={asset} channel={provider} /> : null}
            {provider?.capabilities ? <Abilities capabilities={provider.capabilities} /> : null}
            <Paper p="md">
              <ServiceLine id={asset.service_id} />
              <Text size="sm" c="dimmed" mt="xs">
                {t('created')} <RelativeTime at={asset.created_at} />
              </Text>
            </Paper>
          </Stack>
        </Grid.Col>
      </Grid>
    </>
  );
}

function ServiceLine({ id }: { id: string | null }) {
  const t = useAssetT();
  const service = useGet<Service>(`/services/${id}`, { enabled: id !== null });
  return (
    <Text>
      {t('assets.service')}:{' '}
      {id === null ? (
        t('assets.no_service')
      ) : (
        <LinkTo to="/services/$id" params={{ id }} dir="auto">
          {service.data?.name ?? id}
        </LinkTo>
      )}
    </Text>
  );
}

type Shown = { asset: Asset; provider: Channel | undefined; readOnly: boolean };

function Settings({ asset, provider, readOnly }: Shown) {
  const t = useAssetT();
  const form = useForm<Values>({ initialValues: valuesOf(asset, provider) });
  const save = useSend<Values, Asset>('PATCH', `/assets/${asset.id}`, { bodyOf: (values) => bodyOf(values, asset) });
  // biome-ignore lint/correctness/useExhaustiveDependencies: when the server's version changes
  useEffect(() => {
    if (!form.isDirty()) form.initialize(valuesOf(asset, provider));
  }, [asset.updated_at]);
  const submit = (values: Values): void =>
    save.mutate(values, {
      onSuccess: (saved) => {
        form.setInitialValues(valuesOf(saved, provider));
        form.setValues(valuesOf(saved, provider));
        tellDone(t('assets.saved'));
      },
      onError: (error) => {
        form.setErrors(errorsFor(formErrors(error), provider));
        tellFailed(t('assets.failed'), error);
      },
    });
  return (
    <Paper p="md" component="section" aria-labelledby="settings">
      <Title order={2} id="settings" mb="sm">
        {t('assets.settings')}
      </Title>
      <form onSubmit={form.onSubmit(submit)}>
        <Stack>
          <AssetFields form={form} readOnly={readOnly} provider={provider} />
          {readOnly ? null : (
            <Group justify="flex-end">
              <Button type="submit" loading={save.isPending} disabled={!form.isDirty()}>
                {t('save')}
              </Button>
            </Group>
          )}
        </Stack>
      </form>
    </Paper>
  );
}

function Delete({ asset }: { asset: Asset }) {
  const t = useAssetT();
  const navigate = useNavigate();
  const open = (): void =>
    askFirst({
      title: t('assets.delete'),
      body: t('assets.delete.about'),
      label: t('assets.delete'),
      type: asset.name,
      act: async () => {
        await api('DELETE', `/assets/${asset.id}`);
        await navigate({ to: '/assets' });
        touchTopics(['assets', 'services']);
        tellDone(t('assets.deleted'));
      },
    });
  return (
    <Button variant="default" leftSection={<Icon name="trash" size={16} />} onClick={open}>
      {t('assets.delete')}
    </Button>
  );
}
