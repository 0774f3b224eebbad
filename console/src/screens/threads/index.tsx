// Conversations: every customer's thread, who has it, and who waits.
// Not here: one of them (one.tsx). The one thing to know: filters are the address; with words the server looks back in
// steps, so a page may be empty although more follows, and the next one is asked for until there is something.
import { NativeSelect, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { useEffect, useState } from 'react';
import { type List, usePages } from '../../api/pages.ts';
import type { ThreadSummary } from '../../api/types.ts';
import { Icon } from '../../icons/index.tsx';
import { type Column, DataTable } from '../../parts/DataTable.tsx';
import { ButtonTo } from '../../parts/links.tsx';
import { Name, shortId, useNamed } from '../../parts/Name.tsx';
import { PageHeader } from '../../parts/PageHeader.tsx';
import { RelativeTime } from '../../parts/RelativeTime.tsx';
import { Empty, Loading } from '../../parts/States.tsx';
import { StatusBadge } from '../../parts/StatusBadge.tsx';
import { useUrlState } from '../../parts/useUrlState.ts';
import filters from '../deliveries/Filters.module.css';
import classes from './List.module.css';
import { channelName, type ThreadT, useThreadT } from './words.ts';

const FIELDS = ['q', 'state', 'channel', 'service_id', 'asset_id', 'holder_id'] as const;
type Filter = { [K in (typeof FIELDS)[number]]?: string };
const STATES = ['waiting', 'bot', 'desk', 'offered', 'nobody', 'limbo', 'unrouted', 'needs_person', 'overdue'] as const;
const CHANNELS = ['webchat', 'http'];
const ROW_HEIGHT = 58;
/** After the last key; faster than a person looks up. */
const SETTLE_MS = 250;

const filterIn = (search: Filter): Filter =>
  Object.fromEntries(FIELDS.flatMap((field) => (search[field] ? [[field, search[field]]] : [])));

export default function Threads() {
  const t = useThreadT();
  const [search, set] = useUrlState<Filter>();
  const filter = filterIn(search);
  const list = usePages<ThreadSummary>('/threads', { params: filter });
  const looking = useLookFurther(list);
  const isFiltered = Object.keys(filter).length > 0;
  return (
    <>
      <PageHeader title={t('nav.threads')} about={t('threads.about')} />
      <Filters filter={filter} set={set} />
      {looking ? (
        <Loading rows={3} />
      ) : (
        <DataTable
          list={list}
          columns={columnsOf(t)}
          label={t('nav.threads')}
          rowHeight={ROW_HEIGHT}
          where={({ id }) => ({ to: '/threads/$id', params: { id } })}
          empty={isFiltered ? <NothingFits /> : <NothingYet />}
        />
      )}
    </>
  );
}

/** Whether there is nothing yet, but more to look through. */
function useLookFurther(list: List<ThreadSummary>): boolean {
  const looking = !list.isPending && list.rows.length === 0 && list.hasMore && list.error === null;
  const { more, isLoadingMore } = list;
  useEffect(() => {
    if (looking && !isLoadingMore) more();
  }, [looking, isLoadingMore, more]);
  return looking;
}

function NothingYet() {
  const t = useThreadT();
  return (
    <Empty
      icon="threads"
      title={t('threads.empty')}
      action={
        <ButtonTo to="/assets" variant="default">
          {t('nav.assets')}
        </ButtonTo>
      }
    >
      {t('threads.empty.about')}
    </Empty>
  );
}

function NothingFits() {
  const t = useThreadT();
  return (
    <Empty
      icon="filter"
      title={t('threads.none')}
      action={
        <ButtonTo to="/threads" variant="default">
          {t('filter.clear')}
        </ButtonTo>
      }
    >
      {t('threads.none.about')}
    </Empty>
  );
}

function columnsOf(t: ThreadT): Column<ThreadSummary>[] {
  return [
    {
      key: 'customer',
      header: t('type.customer'),
      width: 'minmax(9rem, 3fr)',
      cell: (thread) => (
        <span className={classes.two}>
          <bdi className={classes.name}>{thread.name || thread.address}</bdi>
          <Preview thread={thread} t={t} />
        </span>
      ),
    },
    {
      key: 'holder',
      header: t('filter.holder'),
      width: 'minmax(7rem, 1.4fr)',
      from: 520,
      cell: (thread) => <Holder thread={thread} t={t} />,
    },
    {
      key: 'state',
      header: t('filter.state'),
      width: 'minmax(6.5rem, 10rem)',
      cell: (thread) => <Waiting thread={thread} />,
    },
    {
      key: 'asset',
      header: t('type.asset'),
      width: 'minmax(6rem, 1fr)',
      from: 860,
      cell: (thread) => <Name id={thread.asset_id} />,
    },
    {
      key: 'at',
      header: t('threads.last'),
      width: 'minmax(4rem, 6.5rem)',
      from: 420,
      cell: (thread) => <RelativeTime at={thread.last_message?.at ?? thread.updated_at} />,
    },
  ];
}

function Preview({ thread, t }: { thread: ThreadSummary; t: ThreadT }) {
  const last = thread.last_message;
  if (last === null) return <span className={classes.preview}>–</span>;
  const who = last.author.type === 'customer' ? '' : `${last.author.name || t(`author.${last.author.type}`)}: `;
  return (
    <span className={classes.preview} dir="auto">
      {who}
      {last.text || t(last.type === 'text' ? 'message.empty' : 'media.of')}
    </span>
  );
}

function Holder({ thread, t }: { thread: ThreadSummary; t: ThreadT }) {
  const { type, id, phase, agent } = thread.holder;
  if (type === 'none' || id === null) return <>{t('holder.nobody')}</>;
  return (
    <span className={classes.holder}>
      <Icon name={type === 'bot' ? 'bot' : phase === 'accepted' ? 'user' : 'bell'} size={15} />
      <span className={classes.two}>
        {type === 'desk' && agent ? <bdi>{agent}</bdi> : <Name id={id} />}
        {type === 'desk' ? (
          <span className={classes.preview}>{agent ? <Name id={id} /> : t(`status.${phase ?? 'offered'}`)}</span>
        ) : null}
      </span>
    </span>
  );
}

function Waiting({ thread }: { thread: ThreadSummary }) {
  const t = useThreadT();
  if (thread.limbo !== null) {
    return (
      <span className={classes.two}>
        <StatusBadge status={thread.limbo} />
        {thread.waiting_since ? <RelativeTime at={thread.waiting_since} /> : null}
      </span>
    );
  }
  if (thread.waiting_since === null) return <span className={classes.preview}>{t('threads.answered')}</span>;
  return (
    <span className={classes.two}>
      <StatusBadge status="waiting" />
      <RelativeTime at={thread.waiting_since} />
    </span>
  );
}

function Filters({ filter, set }: { filter: Filter; set: (change: Filter) => void }) {
  const t = useThreadT();
  const any = { value: '', label: t('filter.any') };
  const assets = useNamed('assets');
  const services = useNamed('services');
  const channels = [...new Set([...CHANNELS, ...assets.flatMap(({ channel }) => (channel ? [channel] : []))])];
  const holders = [
    { group: t('type.bot'), items: optionsOf(useNamed('bots')) },
    { group: t('type.desk'), items: optionsOf(useNamed('desks')) },
  ].filter(({ items }) => items.length > 0);
  const states = STATES.map((value) => ({ value, label: t(`state.${value}`) }));
  return (
    <div className={filters.filters} role="search" aria-label={t('filters')}>
      <Words value={filter.q ?? ''} set={(q) => set({ q })} />
      <Choice label={t('filter.state')} field="state" data={[any, ...states]} filter={filter} set={set} />
      <Choice
        label={t('filter.holder')}
        field="holder_id"
        data={[any, ...known(filter.holder_id, holders)]}
        filter={filter}
        set={set}
      />
      <Choice
        label={t('type.asset')}
        field="asset_id"
        data={[any, ...known(filter.asset_id, optionsOf(assets))]}
        filter={filter}
        set={set}
      />
      <Choice
        label={t('type.service')}
        field="service_id"
        data={[any, ...known(filter.service_id, optionsOf(services))]}
        filter={filter}
        set={set}
      />
      <Choice
        label={t('filter.channel')}
        field="channel"
        data={[any, ...channels.map((value) => ({ value, label: channelName(t, value) }))]}
        filter={filter}
        set={set}
      />
    </div>
  );
}

type Option = { value: string; label: string };
type Grouped = { group: string; items: Option[] };
const optionsOf = (things: { id: string; name: string }[]): Option[] =>
  things.map(({ id, name }) => ({ value: id, label: name }));

/** What the address names is among the choices, even if it is not among the first hundred. */
function known<O extends Option | Grouped>(chosen: string | undefined, options: O[]): (O | Option)[] {
  const all = options.flatMap((each) => ('items' in each ? each.items : [each as Option]));
  if (!chosen || all.some(({ value }) => value === chosen)) return options;
  return [{ value: chosen, label: shortId(chosen) }, ...options];
}

type ChoiceProps = {
  label: string;
  field: keyof Filter;
  data: (Option | Grouped)[];
  filter: Filter;
  set: (change: Filter) => void;
};

function Choice({ label, field, data, filter, set }: ChoiceProps) {
  return (
    <NativeSelect
      label={label}
      data={data}
      value={filter[field] ?? ''}
      onChange={(event) => set({ [field]: event.currentTarget.value })}
    />
  );
}

/** Words go into the address when the typing rests; the address goes into the field when it changes elsewhere. */
function Words({ value, set }: { value: string; set: (words: string) => void }) {
  const t = useThreadT();
  const [typed, setTyped] = useState(value);
  const settle = useDebouncedCallback((words: string) => set(words.trim()), SETTLE_MS);
  useEffect(() => setTyped((now) => (now.trim() === value ? now : value)), [value]);
  return (
    <TextInput
      type="search"
      label={t('filter.words')}
      placeholder={t('filter.words.about')}
      leftSection={<Icon name="search" size={15} />}
      maxLength={200}
      value={typed}
      onChange={(event) => {
        setTyped(event.currentTarget.value);
        settle(event.currentTarget.value);
      }}
    />
  );
}
