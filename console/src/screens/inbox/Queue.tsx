// The lists at the side: who waits, who is mine, whom colleagues have.
// Not here: reading them (lists.ts). The one thing to know: a press opens and changes nothing; Enter on the row that is
// open accepts, so that a person who looks around takes nobody by accident.
import { Tabs, Text } from '@mantine/core';
import type { Conversation, Desk } from '../../api/types.ts';
import { Icon } from '../../icons/index.tsx';
import { Countdown } from '../../parts/Countdown.tsx';
import { RelativeTime } from '../../parts/RelativeTime.tsx';
import { ErrorState, Loading } from '../../parts/States.tsx';
import classes from './Inbox.module.css';
import type { ListName, Lists } from './lists.ts';
import { useInboxT } from './words.ts';

type Props = {
  lists: Lists;
  list: ListName;
  desks: Desk[];
  selected: string | null;
  open: (id: string | null, list: ListName) => void;
};

export function Queue({ lists, list, desks, selected, open }: Props) {
  const t = useInboxT();
  const names: ListName[] = ['waiting', 'mine', 'others'];
  return (
    <Tabs
      value={list}
      onChange={(next) => open(null, next as ListName)}
      keepMounted={false}
      className={classes.tabs}
      classNames={{ panel: classes.panel }}
    >
      <Tabs.List grow>
        {names.map((name) => (
          <Tabs.Tab key={name} value={name} px="xs">
            {t(`list.${name}`)}{' '}
            <span className={classes.count} data-some={(name === 'waiting' && lists.waiting.length > 0) || undefined}>
              {lists[name].length}
              {name === 'waiting' && lists.hasMore ? '+' : ''}
            </span>
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {names.map((name) => (
        <Tabs.Panel key={name} value={name}>
          <Rows lists={lists} list={name} desks={desks} selected={selected} open={open} />
        </Tabs.Panel>
      ))}
    </Tabs>
  );
}

function Rows({ lists, list, desks, selected, open }: Props) {
  const t = useInboxT();
  const rows = lists[list];
  if (lists.error !== null && rows.length === 0) return <ErrorState error={lists.error} />;
  if (lists.isPending && rows.length === 0) return <Loading rows={5} height={64} />;
  if (rows.length === 0) {
    return (
      <Text c="dimmed" size="sm" p="md" ta="center">
        {t(`list.${list}.empty`)}
      </Text>
    );
  }
  return (
    <ul className={classes.rows} aria-label={t(`list.${list}`)}>
      {rows.map((row) => (
        <li key={row.id}>
          <RowButton row={row} list={list} desks={desks} isOpen={row.id === selected} open={() => open(row.id, list)} />
        </li>
      ))}
      {list === 'waiting' && lists.hasMore ? (
        <Text component="li" size="xs" c="dimmed" p="xs" ta="center">
          {t('list.more')}
        </Text>
      ) : null}
    </ul>
  );
}

type RowProps = { row: Conversation; list: ListName; desks: Desk[]; isOpen: boolean; open: () => void };

function RowButton({ row, list, desks, isOpen, open }: RowProps) {
  const t = useInboxT();
  const { customer, last_message: last } = row;
  return (
    <button
      type="button"
      className={classes.row}
      data-conversation={row.id}
      data-open={isOpen || undefined}
      aria-current={isOpen || undefined}
      onClick={open}
      onKeyDown={(event) => {
        if (event.key !== 'Enter' || !isOpen) return;
        event.preventDefault();
        document.querySelector<HTMLElement>('[data-first-act]')?.[list === 'waiting' ? 'click' : 'focus']();
      }}
    >
      <span className={classes.rowHead}>
        <bdi className={classes.who}>{customer.name || customer.address}</bdi>
        <span className={classes.rowTime}>
          <RelativeTime at={list === 'waiting' ? row.offered_at : (row.waiting_since ?? last?.at ?? row.opened_at)} />
        </span>
      </span>
      <span className={classes.said} dir="auto">
        {last
          ? `${last.author.type === 'customer' ? '' : `${last.author.name}: `}${last.text || t('message.file')}`
          : '…'}
      </span>
      <span className={classes.rowFoot}>
        {desks.length > 1 ? <bdi>{desks.find(({ id }) => id === row.party_id)?.name}</bdi> : null}
        {list === 'others' ? (
          <span>
            <Icon name="user" size={12} /> <bdi>{row.agent}</bdi>
          </span>
        ) : null}
        {list !== 'waiting' && row.customer_waiting ? <b className={classes.owed}>{t('row.waits')}</b> : null}
        {list === 'waiting' && row.accept_by !== null ? (
          <span className={classes.accept}>
            {t('queue.left')}{' '}
            <span className={classes.countdown}>
              <Countdown at={row.accept_by} />
            </span>
          </span>
        ) : null}
      </span>
    </button>
  );
}
