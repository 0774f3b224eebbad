// A new replay: the filter, how many deliveries it means, and the start.
// Not here: the tasks (Task.tsx). The one thing to know: the count is made anew for each filter, and what was counted is
// what is started; the filter stands in the address, so that a list of deliveries can lead here with its own.
import { Button, Group, Paper, Text, Title } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { api } from '../../api/client.ts';
import { useSend } from '../../api/query.ts';
import type { Replay, ReplayCount } from '../../api/types.ts';
import { Icon } from '../../icons/index.tsx';
import { touchTopics } from '../../live/touched.ts';
import { askFirst } from '../../parts/confirm.tsx';
import { ErrorState } from '../../parts/States.tsx';
import { tellDone } from '../../parts/tell.tsx';
import { useUrlState } from '../../parts/useUrlState.ts';
import { cleared, DeliveryFilters, type Filter, FilterWords, filterIn, isEmpty } from '../deliveries/Filters.tsx';
import { useReplayT } from './words.ts';

const same = (one: Filter, other: Filter): boolean => JSON.stringify(one) === JSON.stringify(other);

export function NewReplay() {
  const t = useReplayT();
  const navigate = useNavigate();
  const [search, set] = useUrlState<Filter>();
  const filter = filterIn(search);
  const count = useSend<Filter, ReplayCount>('POST', '/replays', {
    bodyOf: (wanted) => ({ filter: wanted, dry_run: true }),
  });
  const counted = count.data && same(count.variables, filter) ? count.data.count : null;
  const start = (found: number): void =>
    askFirst({
      title: t('replays.start'),
      body: (
        <>
          {t('replays.start.about', { count: found })} <FilterWords filter={filter} />
        </>
      ),
      label: t('replays.start'),
      danger: false,
      act: async () => {
        const task = await api<Replay>('POST', '/replays', { body: { filter } });
        touchTopics(['replays', 'deliveries']);
        set(cleared());
        tellDone(t('replays.started'));
        await navigate({ to: '/replays', hash: task.id });
      },
    });
  return (
    <Paper p="md" component="section" aria-labelledby="new-replay">
      <Title order={2} id="new-replay" mb="sm">
        {t('replays.new')}
      </Title>
      <DeliveryFilters filter={filter} set={set} />
      <Group gap="sm">
        <Button
          variant={counted === null ? 'filled' : 'default'}
          disabled={isEmpty(filter)}
          loading={count.isPending}
          leftSection={<Icon name="search" size={16} />}
          onClick={() => count.mutate(filter)}
        >
          {t('replays.count')}
        </Button>
        {counted === null ? null : (
          <>
            <Text role="status" className="sb-number">
              {t('replays.counted', { count: counted })}
            </Text>
            {counted > 0 ? (
              <Button leftSection={<Icon name="replay" size={16} />} onClick={() => start(counted)}>
                {t('replays.start')}
              </Button>
            ) : null}
          </>
        )}
        {isEmpty(filter) ? (
          <Text c="dimmed" size="sm">
            {t('replays.choose')}
          </Text>
        ) : null}
      </Group>
      {count.error ? <ErrorState error={count.error} /> : null}
    </Paper>
  );
}
