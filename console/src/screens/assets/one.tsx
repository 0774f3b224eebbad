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
import type { Asset, Service } from '../../api/types.ts';
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
          <Settings asset={asset} readOnly={!mayBuild} />
        </Grid.Col>
        <Grid.Col span={{ base: 12, lg: 5 }}>
          <Stack>
            <Reach asset={asset} />
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

function Settings({ asset, readOnly }: { asset: Asset; readOnly: boolean }) {
  const t = useAssetT();
  const form = useForm<Values>({ initialValues: valuesOf(asset) });
  const save = useSend<Values, Asset>('PATCH', `/assets/${asset.id}`, { bodyOf: (values) => bodyOf(values, asset) });
  // biome-ignore lint/correctness/useExhaustiveDependencies: when the server's version changes
  useEffect(() => {
    if (!form.isDirty()) form.initialize(valuesOf(asset));
  }, [asset.updated_at]);
  const submit = (values: Values): void =>
    save.mutate(values, {
      onSuccess: (saved) => {
        form.setInitialValues(valuesOf(saved));
        form.setValues(valuesOf(saved));
        tellDone(t('assets.saved'));
      },
      onError: (error) => {
        form.setErrors(errorsFor(formErrors(error)));
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
          <AssetFields form={form} readOnly={readOnly} />
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
