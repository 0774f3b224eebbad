// Backups in the data folder: starting one, and those that are there.
// Not here: restoring, which wants Signalbox stopped and is the command's. The one thing to know: one runs at a time,
// beside the traffic; the master key is never in it.
import { Alert, Button, Group, Paper, Stack, Text } from '@mantine/core';
import { useGet, useSend } from '../../api/query.ts';
import type { Backup, Page } from '../../api/types.ts';
import { useLocale } from '../../i18n/locale.tsx';
import { Icon } from '../../icons/index.tsx';
import { CopyId } from '../../parts/CopyId.tsx';
import { RelativeTime } from '../../parts/RelativeTime.tsx';
import { Empty, Loaded } from '../../parts/States.tsx';
import { StatusBadge } from '../../parts/StatusBadge.tsx';
import { tellFailed } from '../../parts/tell.tsx';
import classes from './Settings.module.css';
import { useSetT } from './words.ts';

/** No event tells how far a copy is. */
const WHILE_RUNNING_MS = 1_000;

export function Backups() {
  const t = useSetT();
  const start = useSend<object, Backup>('POST', '/backups', { touches: ['audit'] });
  const query = useGet<Page<Backup>>('/backups', { every: WHILE_RUNNING_MS * 5 });
  const isRunning = query.data?.data.some(({ status }) => status === 'running') ?? false;
  // The same question, asked more often while there is something to see.
  useGet<Page<Backup>>('/backups', { enabled: isRunning, every: WHILE_RUNNING_MS });
  const button = (
    <Button
      leftSection={<Icon name="save" size={16} />}
      loading={start.isPending || isRunning}
      onClick={() => start.mutate({}, { onError: (error) => tellFailed(t('backups.failed'), error) })}
    >
      {t('backups.start')}
    </Button>
  );
  return (
    <Stack maw={820}>
      <Group justify="space-between" align="flex-start">
        <Text c="dimmed" flex="1 1 20rem">
          {t('backups.about')}
        </Text>
        {query.data?.data.length ? button : null}
      </Group>
      <Alert color="amber" variant="light" icon={<Icon name="lock" />}>
        {t('backups.key')}
      </Alert>
      <Loaded query={query}>
        {({ data }) =>
          data.length === 0 ? (
            <Empty icon="save" title={t('backups.empty')} action={button}>
              {t('backups.empty.about')}
            </Empty>
          ) : (
            <Paper component="ul" className={classes.list} aria-label={t('tab.backups')}>
              {data.map((backup) => (
                <BackupRow key={backup.name} backup={backup} />
              ))}
            </Paper>
          )
        }
      </Loaded>
    </Stack>
  );
}

function BackupRow({ backup: { name, status, bytes, created_at, problem } }: { backup: Backup }) {
  const t = useSetT();
  const { tag } = useLocale();
  const megabytes = new Intl.NumberFormat(tag, { style: 'unit', unit: 'megabyte', maximumFractionDigits: 1 });
  return (
    <li>
      <Group justify="space-between" gap="sm">
        <CopyId value={name} what={t('backups.file')} />
        <Group gap="sm">
          <Text size="sm" c="dimmed" span>
            {bytes === null ? '' : megabytes.format(bytes / 1e6)} · <RelativeTime at={created_at} />
          </Text>
          <StatusBadge status={status === 'failed' ? 'dead' : status} label={t(`backup.${status}`)} />
        </Group>
      </Group>
      {problem === null ? null : (
        <Text size="sm" dir="auto">
          {problem}
        </Text>
      )}
    </li>
  );
}
