// The inbox of agents: who waits, one conversation, and who the customer is.
// Not here: the three panes (Queue, Talk, Customer), being there (attendance.ts). The one thing to know: what is open
// stands in the address; below 900 px one pane is seen at a time.
import { Button } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';
import { useGet } from '../../api/query.ts';
import { AGENTS, BUILDERS, useMay } from '../../api/session.ts';
import type { Conversation, Desk, Page } from '../../api/types.ts';
import { useSignals } from '../../live/feed.tsx';
import { ButtonTo } from '../../parts/links.tsx';
import { PageHeader } from '../../parts/PageHeader.tsx';
import { Empty, ErrorState, Loading } from '../../parts/States.tsx';
import { useUrlState } from '../../parts/useUrlState.ts';
import { useShortcuts } from '../../shell/shortcuts.tsx';
import { serve, setStanding, useAttendance } from './attendance.ts';
import { Customer } from './Customer.tsx';
import classes from './Inbox.module.css';
import { type ListName, type Lists, useLists } from './lists.ts';
import { Queue } from './Queue.tsx';
import { StandingControl } from './StandingControl.tsx';
import { Talk } from './Talk.tsx';
import { useBell } from './useBell.ts';
import { useServed } from './useServed.ts';
import { useInboxT } from './words.ts';

type Address = { tab: string; c: string; about: string };
const LISTS: readonly ListName[] = ['waiting', 'mine', 'others'];

export default function Inbox() {
  const t = useInboxT();
  const mayBuild = useMay(BUILDERS);
  const query = useGet<Page<Desk>>('/desks', { params: { limit: 100 } });
  const desks = useMemo(() => query.data?.data.filter(({ kind }) => kind === 'console') ?? [], [query.data]);
  if (query.data === undefined || desks.length === 0) {
    return (
      <>
        <PageHeader title={t('nav.inbox')} />
        {query.error ? (
          <ErrorState error={query.error} retry={() => void query.refetch()} />
        ) : query.data === undefined ? (
          <Loading />
        ) : (
          <Empty
            icon="inbox"
            title={t('inbox.no_desk')}
            action={mayBuild ? <ButtonTo to="/integrations/new">{t('inbox.no_desk.add')}</ButtonTo> : null}
          >
            {t(mayBuild ? 'inbox.no_desk.about' : 'inbox.no_desk.ask')}
          </Empty>
        )}
      </>
    );
  }
  return <AtDesks desks={desks} />;
}

function AtDesks({ desks }: { desks: Desk[] }) {
  const t = useInboxT();
  const mayAct = useMay(AGENTS);
  const { served, setServed } = useServed(desks);
  const lists = useLists(served);
  const [{ tab, c, about }, set] = useUrlState<Address>();
  const list = LISTS.find((each) => each === tab) ?? 'waiting';
  const count = lists.waiting.length + lists.mine.filter((each) => each.customer_waiting).length;

  useEffect(() => {
    if (mayAct) serve(served);
  }, [mayAct, served]);
  usePresenceSignals();
  useBell(served, lists.mine);
  useEffect(() => {
    document.title = `${count > 0 ? `(${count}) ` : ''}${t('nav.inbox')} · Signalbox`;
  }, [count, t]);
  const open = (id: string | null, from: ListName = list): void =>
    set({ c: id ?? '', tab: from === 'waiting' ? '' : from });
  useListKeys(lists[list], c, open);

  return (
    <div className={classes.whole}>
      <PageHeader
        title={t('nav.inbox')}
        actions={<StandingControl desks={desks} served={served} setServed={setServed} />}
      />
      <NotThere mayAct={mayAct} />
      <div className={classes.panes} data-pane={c ? (about ? 'about' : 'talk') : 'queue'}>
        <section className={classes.queue} aria-label={t('inbox.lists')}>
          <Queue lists={lists} list={list} desks={desks} selected={c ?? null} open={open} />
        </section>
        <section className={classes.talk} aria-label={t('inbox.talk')}>
          {c ? (
            <Talk
              key={c}
              id={c}
              desks={desks}
              close={() => set({ c: '', about: '' })}
              showAbout={() => set({ about: about ? '' : '1' })}
              moved={(to) => set({ tab: to === 'waiting' ? '' : to })}
            />
          ) : (
            <NothingOpen lists={lists} />
          )}
        </section>
        <section className={classes.about} aria-label={t('inbox.customer')}>
          {c ? <Customer key={c} id={c} hide={() => set({ about: '' })} /> : null}
        </section>
      </div>
    </div>
  );
}

function NothingOpen({ lists }: { lists: Lists }) {
  const t = useInboxT();
  const waiting = lists.waiting.length;
  return (
    <Empty icon="inbox" title={t(waiting > 0 ? 'inbox.choose' : 'inbox.quiet')}>
      {t(waiting > 0 ? 'inbox.choose.about' : 'inbox.quiet.about')}
    </Empty>
  );
}

/** A desk without anybody is offered nobody: that must not go unnoticed. */
function NotThere({ mayAct }: { mayAct: boolean }) {
  const t = useInboxT();
  const { standing, trouble } = useAttendance();
  if (!mayAct || (standing === 'online' && !trouble)) return null;
  return (
    <div className={classes.notThere} role="status">
      <span>
        {t(trouble ? 'standing.trouble' : standing === 'away' ? 'standing.away.about' : 'standing.off.about')}
      </span>
      {trouble ? null : (
        <Button size="xs" onClick={() => void setStanding('online')}>
          {t('standing.go')}
        </Button>
      )}
    </div>
  );
}

/** Who is at a desk is asked again when somebody came or left. */
function usePresenceSignals(): void {
  const client = useQueryClient();
  useSignals(({ type, desk_id }) => {
    if (type !== 'presence') return;
    void client.invalidateQueries({ queryKey: ['desks', `/desks/${String(desk_id)}/presence`] });
    void client.invalidateQueries({ queryKey: ['desks', '/desks'] });
  });
}

function useListKeys(rows: Conversation[], selected: string | undefined, open: (id: string) => void): void {
  const t = useInboxT();
  // What is open may have gone to another list: then the next key begins at the top, and not where it was.
  const [lastIndex, setLastIndex] = useState(-1);
  const move = (step: 1 | -1): void => {
    const here = rows.findIndex(({ id }) => id === selected);
    const next = rows[here === -1 ? Math.max(0, Math.min(lastIndex, rows.length - 1)) : here + step];
    if (next === undefined) return;
    setLastIndex(rows.indexOf(next));
    open(next.id);
    document.querySelector<HTMLElement>(`[data-conversation="${next.id}"]`)?.focus();
  };
  useShortcuts([
    { keys: 'j', label: t('keys.next'), run: () => move(1) },
    { keys: 'k', label: t('keys.previous'), run: () => move(-1) },
  ]);
}
