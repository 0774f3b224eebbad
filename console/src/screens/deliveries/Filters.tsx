// The filters of deliveries, shared by their list and by bulk replay: they stand in the address by the API's own names.
// Not here: lists. The one thing to know: a choice like "last hour" is turned into a moment when it is made, so that a
// link to the view shows the same tomorrow.
import { ActionIcon, Group, NativeSelect, TextInput } from '@mantine/core';
import type { Replay } from '../../api/types.ts';
import { Icon } from '../../icons/index.tsx';
import { Name, shortId, useNamed } from '../../parts/Name.tsx';
import classes from './Filters.module.css';
import { type DeliveryT, useDeliveryT } from './words.ts';

export type Filter = { [K in keyof Replay['filter']]?: string };

const STATUSES = ['pending', 'retrying', 'parked', 'delivered', 'dead', 'held', 'cancelled'] as const;
const HOUR_MS = 3_600_000;
const SPANS = { hour: HOUR_MS, day: 24 * HOUR_MS, week: 168 * HOUR_MS } as const;
const FIELDS = [
  'status',
  'target',
  'target_type',
  'conversation_id',
  'thread_id',
  'message_id',
  'since',
  'until',
] as const satisfies (keyof Filter)[];
const ABOUT_ONE = ['thread_id', 'conversation_id', 'message_id', 'target_type'] as const;

/** What of an address the API would take. */
export const filterIn = (search: Record<string, string | undefined>): Filter =>
  Object.fromEntries(FIELDS.flatMap((field) => (search[field] ? [[field, search[field]]] : [])));

export const isEmpty = (filter: Filter): boolean => FIELDS.every((field) => !filter[field]);
export const cleared = (): Filter => Object.fromEntries(FIELDS.map((field) => [field, undefined]));

/** A moment as `datetime-local` has it, and back. */
const toLocal = (at: string | undefined): string => {
  const ms = Date.parse(at ?? '');
  if (Number.isNaN(ms)) return '';
  return new Date(ms - new Date(ms).getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
};
const fromLocal = (text: string): string | undefined => (text === '' ? undefined : new Date(text).toISOString());

type Props = { filter: Filter; set: (change: Filter) => void };

export function DeliveryFilters({ filter, set }: Props) {
  const t = useDeliveryT();
  const targets = useTargets(t, filter.target);
  const hasTimes = filter.since !== undefined || filter.until !== undefined;
  const statuses = STATUSES.map((value) => ({ value, label: t(`status.${value}`) }));
  const spans = (Object.keys(SPANS) as (keyof typeof SPANS)[]).map((value) => ({ value, label: t(`span.${value}`) }));
  const choose = (span: string): void => {
    if (span === '') set({ since: undefined, until: undefined });
    else if (span in SPANS) {
      const since = new Date(Date.now() - SPANS[span as keyof typeof SPANS]).toISOString();
      set({ since, until: undefined });
    } else set({ since: filter.since ?? new Date(Date.now() - SPANS.day).toISOString() });
  };
  return (
    <div className={classes.filters} role="search" aria-label={t('filters')}>
      <NativeSelect
        label={t('filter.status')}
        data={[{ value: '', label: t('filter.any') }, ...statuses]}
        value={filter.status ?? ''}
        onChange={(event) => set({ status: event.currentTarget.value })}
      />
      <NativeSelect
        label={t('filter.target')}
        data={[{ value: '', label: t('filter.any') }, ...targets]}
        value={filter.target ?? ''}
        onChange={(event) => set({ target: event.currentTarget.value })}
      />
      <NativeSelect
        label={t('filter.when')}
        data={[{ value: '', label: t('filter.always') }, ...spans, { value: 'between', label: t('span.between') }]}
        value={hasTimes ? 'between' : ''}
        onChange={(event) => choose(event.currentTarget.value)}
      />
      {hasTimes ? (
        <>
          <TextInput
            type="datetime-local"
            label={t('filter.since')}
            value={toLocal(filter.since)}
            onChange={(event) => set({ since: fromLocal(event.currentTarget.value) })}
          />
          <TextInput
            type="datetime-local"
            label={t('filter.until')}
            value={toLocal(filter.until)}
            onChange={(event) => set({ until: fromLocal(event.currentTarget.value) })}
          />
        </>
      ) : null}
      {ABOUT_ONE.some((field) => filter[field]) ? (
        <Group gap="xs" className={classes.chips}>
          {ABOUT_ONE.map((field) => {
            const value = filter[field];
            return value ? (
              <span key={field} className={classes.chip}>
                {t(`filter.${field}`)}: <bdi>{shortId(value)}</bdi>
                <ActionIcon
                  size="xs"
                  aria-label={t('filter.drop', { what: t(`filter.${field}`) })}
                  onClick={() => set({ [field]: undefined })}
                >
                  <Icon name="cross" size={12} />
                </ActionIcon>
              </span>
            ) : null;
          })}
        </Group>
      ) : null}
    </div>
  );
}

/** The filter in words, for a replay that was begun with it. */
export function FilterWords({ filter }: { filter: Filter }) {
  const t = useDeliveryT();
  const words = FIELDS.filter((field) => filter[field] && field !== 'until');
  if (words.length === 0) return <>{t('filter.none')}</>;
  return (
    <>
      {words.map((field, index) => (
        <span key={field}>
          {index > 0 ? ' · ' : ''}
          {t(`filter.${field}`)}: <Value field={field} value={filter[field] ?? ''} />
        </span>
      ))}
    </>
  );
}

function Value({ field, value }: { field: keyof Filter; value: string }) {
  const t = useDeliveryT();
  if (field === 'status') return <>{t(`status.${value as (typeof STATUSES)[number]}`)}</>;
  if (field === 'target') return <Name id={value} />;
  if (field === 'since' || field === 'until') return <bdi>{toLocal(value).replace('T', ' ')}</bdi>;
  return <bdi>{shortId(value)}</bdi>;
}

function useTargets(t: DeliveryT, chosen: string | undefined) {
  const kinds = [
    { group: t('type.bot'), things: useNamed('bots') },
    { group: t('type.desk'), things: useNamed('desks') },
    { group: t('type.asset'), things: useNamed('assets') },
  ];
  const groups = kinds
    .filter(({ things }) => things.length > 0)
    .map(({ group, things }) => ({ group, items: things.map(({ id, name }) => ({ value: id, label: name })) }));
  const isListed = kinds.some(({ things }) => things.some(({ id }) => id === chosen));
  return chosen && !isListed ? [{ value: chosen, label: shortId(chosen) }, ...groups] : groups;
}
