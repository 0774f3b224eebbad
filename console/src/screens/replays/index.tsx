// Bulk replay: choose deliveries, see how many they are, send them again, and watch it.
// Not here: choosing (New.tsx), one task (Task.tsx). The one thing to know: a task lives on the server; this screen may be
// closed, reloaded or opened by somebody else while it runs.
import { Button, Stack, Title } from '@mantine/core';
import { useLocation } from '@tanstack/react-router';
import { useEffect } from 'react';
import { usePages } from '../../api/pages.ts';
import { BUILDERS, useMay } from '../../api/session.ts';
import type { Replay } from '../../api/types.ts';
import { PageHeader } from '../../parts/PageHeader.tsx';
import { Empty, ErrorState, Loading } from '../../parts/States.tsx';
import { NewReplay } from './New.tsx';
import { Task } from './Task.tsx';
import { useReplayT } from './words.ts';

/** A task is a card: fewer than rows. */
const SHOWN = 10;

export default function Replays() {
  const t = useReplayT();
  const mayReplay = useMay(BUILDERS);
  return (
    <>
      <PageHeader title={t('nav.replays')} about={t('replays.about')} />
      <Stack gap="lg">
        {mayReplay ? <NewReplay /> : null}
        <Tasks />
      </Stack>
    </>
  );
}

function Tasks() {
  const t = useReplayT();
  const here = useLocation({ select: (location) => location.hash });
  const list = usePages<Replay>('/replays', { pageSize: SHOWN });
  const isThere = list.rows.some((task) => task.id === here);
  useEffect(() => {
    if (isThere) document.getElementById(here)?.scrollIntoView({ block: 'center', inline: 'nearest' });
  }, [here, isThere]);
  useLookedAt(list);
  if (list.error && list.rows.length === 0) return <ErrorState error={list.error} retry={list.retry} />;
  if (list.isPending) return <Loading rows={2} height={90} />;
  if (list.rows.length === 0) {
    return (
      <Empty icon="replay" title={t('replays.empty')}>
        {t('replays.empty.about')}
      </Empty>
    );
  }
  return (
    <section aria-labelledby="tasks">
      <Title order={2} id="tasks" mb="sm">
        {t('replays.tasks')}
      </Title>
      <Stack gap="sm">
        {list.rows.map((task) => (
          <Task key={task.id} listed={task} here={task.id === here} />
        ))}
      </Stack>
      {list.hasMore ? (
        <Button mt="sm" variant="default" loading={list.isLoadingMore} onClick={list.more}>
          {t('replays.older')}
        </Button>
      ) : null}
    </section>
  );
}

/** All of them are in view: that is what is asked for again. */
function useLookedAt({ rows, inView }: ReturnType<typeof usePages<Replay>>): void {
  useEffect(() => inView({ first: 0, last: Math.max(0, rows.length - 1) }), [rows.length, inView]);
}
