// Deliveries: what is owed to bots, desks and customers, and how each stands.
// Not here: one delivery (one.tsx), many again (screens/replays). The one thing to know: filters are the address.
import { Group } from '@mantine/core';
import { usePages } from '../../api/pages.ts';
import { BUILDERS, useMay } from '../../api/session.ts';
import type { Delivery } from '../../api/types.ts';
import { Icon } from '../../icons/index.tsx';
import { Countdown } from '../../parts/Countdown.tsx';
import { type Column, DataTable } from '../../parts/DataTable.tsx';
import { ButtonTo } from '../../parts/links.tsx';
import { Name } from '../../parts/Name.tsx';
import { PageHeader } from '../../parts/PageHeader.tsx';
import { RelativeTime } from '../../parts/RelativeTime.tsx';
import { Empty } from '../../parts/States.tsx';
import { StatusBadge } from '../../parts/StatusBadge.tsx';
import { useUrlState } from '../../parts/useUrlState.ts';
import classes from './Filters.module.css';
import { DeliveryFilters, type Filter, filterIn, isEmpty } from './Filters.tsx';
import { type DeliveryT, kindName, useDeliveryT } from './words.ts';

const ICONS = { bot: 'bot', desk: 'desk', asset: 'user', url: 'external' } as const;

const columnsOf = (t: DeliveryT): Column<Delivery>[] => [
  {
    key: 'what',
    header: t('delivery.what'),
    width: 'minmax(9rem, 2fr)',
    cell: ({ kind, target }) => (
      <Group gap="xs" wrap="nowrap">
        <Icon name={ICONS[target.type]} size={16} className={classes.icon} />
        <span className={classes.what}>
          {kindName(t, kind)} · {target.type === 'url' ? <bdi>{target.id}</bdi> : <Name id={target.id} />}
        </span>
      </Group>
    ),
  },
  {
    key: 'status',
    header: t('filter.status'),
    width: 'minmax(6.5rem, 8rem)',
    cell: ({ status, replay }) => (
      <Group gap={4} wrap="nowrap">
        <StatusBadge status={status} />
        {replay ? (
          <Icon name="replay" size={13} aria-hidden={false} role="img" aria-label={t('delivery.replay')} />
        ) : null}
      </Group>
    ),
  },
  {
    key: 'attempts',
    header: t('attempts'),
    width: '4.5rem',
    from: 560,
    align: 'end',
    cell: ({ attempt_count }) => attempt_count,
  },
  {
    key: 'reason',
    header: t('delivery.reason'),
    width: 'minmax(8rem, 2fr)',
    from: 780,
    cell: ({ reason, next_attempt_at }) => (
      <span title={reason ?? undefined}>
        {next_attempt_at ? (
          <>
            {t('attempts.next')} <Countdown at={next_attempt_at} />
            {reason ? ' · ' : ''}
          </>
        ) : null}
        <bdi>{reason ?? (next_attempt_at ? '' : '–')}</bdi>
      </span>
    ),
  },
  {
    key: 'at',
    header: t('created'),
    width: 'minmax(4.5rem, 7rem)',
    from: 420,
    cell: ({ created_at }) => <RelativeTime at={created_at} />,
  },
];

export default function Deliveries() {
  const t = useDeliveryT();
  const mayReplay = useMay(BUILDERS);
  const [search, set] = useUrlState<Filter>();
  const filter = filterIn(search);
  const list = usePages<Delivery>('/deliveries', { params: filter });
  const some = list.rows.length > 0;
  const replayThese =
    mayReplay && some && !isEmpty(filter) ? (
      <ButtonTo to="/replays" search={filter as never} variant="default" leftSection={<Icon name="replay" size={16} />}>
        {t('deliveries.replay')}
      </ButtonTo>
    ) : null;
  return (
    <>
      <PageHeader title={t('nav.deliveries')} about={t('deliveries.about')} actions={replayThese} />
      <DeliveryFilters filter={filter} set={set} />
      <DataTable
        list={list}
        columns={columnsOf(t)}
        label={t('nav.deliveries')}
        where={({ id }) => ({ to: '/deliveries/$id', params: { id } })}
        empty={
          isEmpty(filter) ? (
            <Empty icon="deliveries" title={t('deliveries.empty')}>
              {t('deliveries.empty.about')}
            </Empty>
          ) : (
            <Empty
              icon="filter"
              title={t('deliveries.none')}
              action={
                <ButtonTo to="/deliveries" variant="default">
                  {t('filter.clear')}
                </ButtonTo>
              }
            >
              {t('deliveries.none.about')}
            </Empty>
          )
        }
      />
    </>
  );
}
