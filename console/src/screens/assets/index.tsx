// The assets: our addresses on channels. The screen that others are modelled on.
// Not here: one asset (one.tsx), adding (AddAsset.tsx). The one thing to know: services are read once to name them.
import { Button, Group } from '@mantine/core';
import { usePages } from '../../api/pages.ts';
import { useGet } from '../../api/query.ts';
import { BUILDERS, useMay } from '../../api/session.ts';
import type { Asset, Page, Service } from '../../api/types.ts';
import { Icon } from '../../icons/index.tsx';
import { CopyId } from '../../parts/CopyId.tsx';
import { type Column, DataTable } from '../../parts/DataTable.tsx';
import { PageHeader } from '../../parts/PageHeader.tsx';
import { RelativeTime } from '../../parts/RelativeTime.tsx';
import { Empty } from '../../parts/States.tsx';
import { useAddAsset } from './AddAsset.tsx';
import { channelName, useAssetT } from './words.ts';

export default function Assets() {
  const t = useAssetT();
  const add = useAddAsset();
  const mayBuild = useMay(BUILDERS);
  const list = usePages<Asset>('/assets');
  const services = useGet<Page<Service>>('/services', { params: { limit: 100 } });
  const serviceName = (id: string | null): string =>
    id === null ? t('assets.no_service') : (services.data?.data.find((each) => each.id === id)?.name ?? id);

  const columns: Column<Asset>[] = [
    {
      key: 'name',
      header: t('name'),
      width: 'minmax(9rem, 2fr)',
      cell: (asset) => (
        <Group gap="xs" wrap="nowrap">
          <Icon name={asset.channel === 'webchat' ? 'threads' : 'code'} size={16} />
          <span dir="auto">{asset.name}</span>
        </Group>
      ),
    },
    {
      key: 'channel',
      header: t('assets.channel'),
      width: 'minmax(6rem, 1fr)',
      cell: (asset) => channelName(t, asset.channel),
    },
    {
      key: 'service',
      header: t('assets.service'),
      width: 'minmax(7rem, 1.5fr)',
      from: 520,
      cell: (asset) => <bdi>{serviceName(asset.service_id)}</bdi>,
    },
    {
      key: 'id',
      header: t('assets.id'),
      width: '10rem',
      from: 760,
      cell: (asset) => <CopyId value={asset.id} short />,
    },
    {
      key: 'created',
      header: t('created'),
      width: '8rem',
      from: 900,
      cell: (asset) => <RelativeTime at={asset.created_at} />,
    },
  ];
  const button = mayBuild ? (
    <Button leftSection={<Icon name="plus" size={16} />} onClick={add}>
      {t('assets.add')}
    </Button>
  ) : null;
  return (
    <>
      <PageHeader title={t('nav.assets')} about={t('assets.about')} actions={list.rows.length > 0 ? button : null} />
      <DataTable
        list={list}
        columns={columns}
        label={t('nav.assets')}
        where={(asset) => ({ to: '/assets/$id', params: { id: asset.id } })}
        empty={
          <Empty icon="assets" title={t('assets.empty')} action={button}>
            {t('assets.empty.about')}
          </Empty>
        }
      />
    </>
  );
}
