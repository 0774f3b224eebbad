// One bulk replay: how far it is, how fast it goes, what it could not send, and its reins.
// Not here: how each new delivery went on (deliveries). The one thing to know: while it runs it is asked for each second,
// because its rate changes without an event.
import { Alert, Button, Group, Paper, Progress, Text } from '@mantine/core';
import { useGet, useSend } from '../../api/query.ts';
import { BUILDERS, useMay } from '../../api/session.ts';
import type { Replay } from '../../api/types.ts';
import { useLocale } from '../../i18n/locale.tsx';
import { Icon } from '../../icons/index.tsx';
import { CopyId } from '../../parts/CopyId.tsx';
import { sayDuration } from '../../parts/Countdown.tsx';
import { askFirst } from '../../parts/confirm.tsx';
import { LinkTo } from '../../parts/links.tsx';
import { shortId } from '../../parts/Name.tsx';
import { RelativeTime } from '../../parts/RelativeTime.tsx';
import { StatusBadge } from '../../parts/StatusBadge.tsx';
import { tellFailed } from '../../parts/tell.tsx';
import { FilterWords } from '../deliveries/Filters.tsx';
import { Actor } from '../threads/Ribbon.tsx';
import classes from './Task.module.css';
import { useReplayT } from './words.ts';

const EVERY_MS = 1_000;

export function Task({ listed, here }: { listed: Replay; here: boolean }) {
  const t = useReplayT();
  const goesOn = listed.status === 'running';
  const fresh = useGet<Replay>(`/replays/${listed.id}`, { enabled: goesOn, ...(goesOn ? { every: EVERY_MS } : {}) });
  const task = goesOn && fresh.data ? fresh.data : listed;
  const share = task.total === 0 ? 100 : (task.done / task.total) * 100;
  return (
    <Paper
      p="md"
      id={task.id}
      component="article"
      aria-label={t('replays.task')}
      data-here={here || undefined}
      className={classes.task}
    >
      <Group justify="space-between" gap="xs">
        <Group gap="sm">
          <StatusBadge status={task.status} />
          <Text size="sm">
            <FilterWords filter={task.filter} />
          </Text>
        </Group>
        <Reins task={task} />
      </Group>
      <Progress
        value={share}
        my="sm"
        aria-label={t('replays.progress')}
        color={task.status === 'running' ? 'primary' : 'gray.6'}
      />
      <Pace task={task} />
      <Text size="xs" c="dimmed" mt={4} component="div">
        <Group gap="xs">
          <Actor actor={task.actor} />
          <RelativeTime at={task.created_at} />
          <CopyId value={task.id} short />
        </Group>
      </Text>
      <Failures task={task} />
    </Paper>
  );
}

function Pace({ task }: { task: Replay }) {
  const t = useReplayT();
  const { tag } = useLocale();
  const number = new Intl.NumberFormat(tag);
  return (
    <Group gap="md" className="sb-number">
      <Text size="sm" fw={600}>
        {t('replays.done', { done: number.format(task.done), total: number.format(task.total) })}
      </Text>
      {task.failed > 0 ? (
        <Text size="sm" className={classes.failed}>
          {t('replays.failed', { count: task.failed })}
        </Text>
      ) : null}
      {task.rate_per_s === null ? null : (
        <Text size="sm" c="dimmed">
          {t('replays.rate', { rate: number.format(task.rate_per_s) })}
        </Text>
      )}
      {task.remaining_s === null || task.remaining_s === 0 ? null : (
        <Text size="sm" c="dimmed">
          {t('replays.remaining')} <bdi dir="ltr">{sayDuration(task.remaining_s)}</bdi>
        </Text>
      )}
    </Group>
  );
}

function Reins({ task }: { task: Replay }) {
  const t = useReplayT();
  const mayReplay = useMay(BUILDERS);
  const change = useSend<{ status: 'running' | 'paused' | 'cancelled' }, Replay>('PATCH', `/replays/${task.id}`);
  if (!mayReplay || task.status === 'done' || task.status === 'cancelled') return null;
  const to = (status: 'running' | 'paused') => (): void =>
    change.mutate({ status }, { onError: (error) => tellFailed(t('replays.unchanged'), error) });
  const cancel = (): void =>
    askFirst({
      title: t('replays.cancel'),
      body: t('replays.cancel.about', { done: task.done }),
      label: t('replays.cancel'),
      act: () => change.mutateAsync({ status: 'cancelled' }),
    });
  return (
    <Group gap="xs">
      {task.status === 'running' ? (
        <Button size="xs" variant="default" onClick={to('paused')} leftSection={<Icon name="pause" size={14} />}>
          {t('replays.pause')}
        </Button>
      ) : (
        <Button size="xs" onClick={to('running')} leftSection={<Icon name="play" size={14} />}>
          {t('replays.resume')}
        </Button>
      )}
      <Button size="xs" variant="default" onClick={cancel} leftSection={<Icon name="stop" size={14} />}>
        {t('replays.cancel')}
      </Button>
    </Group>
  );
}

function Failures({ task }: { task: Replay }) {
  const t = useReplayT();
  if (task.failures.length === 0) return null;
  return (
    <details className={classes.failures}>
      <summary>{t('replays.failures', { count: task.failed })}</summary>
      {task.failed > task.failures.length ? (
        <Alert color="gray" variant="light" p="xs" mb="xs">
          {t('replays.failures.some', { count: task.failures.length })}
        </Alert>
      ) : null}
      <ul>
        {task.failures.map((failure) => (
          <li key={failure.delivery_id}>
            <LinkTo to="/deliveries/$id" params={{ id: failure.delivery_id }} underline="always">
              <bdi dir="ltr">{shortId(failure.delivery_id)}</bdi>
            </LinkTo>{' '}
            <span dir="auto">{failure.detail}</span>
          </li>
        ))}
      </ul>
    </details>
  );
}
