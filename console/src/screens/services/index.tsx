// The services: each a set of assets, integrations and rules.
// Not here: one of them (one.tsx). The one thing to know: a service is nothing but a name until something is mapped to it.
import { Button, Group } from '@mantine/core';
import { modals } from '@mantine/modals';
import { useNavigate } from '@tanstack/react-router';
import { usePages } from '../../api/pages.ts';
import { BUILDERS, useMay } from '../../api/session.ts';
import type { Service } from '../../api/types.ts';
import { Icon } from '../../icons/index.tsx';
import { CopyId } from '../../parts/CopyId.tsx';
import { type Column, DataTable } from '../../parts/DataTable.tsx';
import { PageHeader } from '../../parts/PageHeader.tsx';
import { RelativeTime } from '../../parts/RelativeTime.tsx';
import { Empty } from '../../parts/States.tsx';
import { ServiceName } from './ServiceName.tsx';
import { useServiceT } from './words.ts';

export default function Services() {
  const t = useServiceT();
  const mayBuild = useMay(BUILDERS);
  const list = usePages<Service>('/services', { alsoOn: ['assets'] });
  const add = useAddService();
  const columns: Column<Service>[] = [
    {
      key: 'name',
      header: t('name'),
      width: 'minmax(6rem, 2fr)',
      cell: (service) => (
        <Group gap="xs" wrap="nowrap">
          <Icon name="services" size={16} />
          <span dir="auto">{service.name}</span>
        </Group>
      ),
    },
    {
      key: 'integrations',
      header: t('nav.integrations'),
      width: 'minmax(5rem, 8rem)',
      align: 'end',
      cell: (service) => service.integrations.length,
    },
    {
      key: 'assets',
      header: t('nav.assets'),
      width: 'minmax(4rem, 7rem)',
      align: 'end',
      cell: (service) => service.assets.length,
    },
    {
      key: 'id',
      header: t('svc.id'),
      width: '10rem',
      from: 640,
      cell: (service) => <CopyId value={service.id} short />,
    },
    {
      key: 'created',
      header: t('created'),
      width: '8rem',
      from: 800,
      cell: (service) => <RelativeTime at={service.created_at} />,
    },
  ];
  const button = mayBuild ? (
    <Button leftSection={<Icon name="plus" size={16} />} onClick={add}>
      {t('svc.add')}
    </Button>
  ) : null;
  return (
    <>
      <PageHeader title={t('nav.services')} about={t('svc.about')} actions={list.rows.length > 0 ? button : null} />
      <DataTable
        list={list}
        columns={columns}
        label={t('nav.services')}
        where={(service) => ({ to: '/services/$id', params: { id: service.id } })}
        empty={
          <Empty icon="services" title={t('svc.empty')} action={button}>
            {t('svc.empty.about')}
          </Empty>
        }
      />
    </>
  );
}

function useAddService(): () => void {
  const t = useServiceT();
  const navigate = useNavigate();
  return () => {
    const id = modals.open({
      title: t('svc.add'),
      children: (
        <ServiceName
          done={(service) => {
            modals.close(id);
            void navigate({ to: '/services/$id', params: { id: service.id } });
          }}
          close={() => modals.close(id)}
        />
      ),
    });
  };
}
