// What a screen shows while it has nothing to show: loading, empty, failed, and out of date.
// Not here: news (tell.tsx). The one thing to know: every state says what to do next, and an error can be found in the
// server's log by the id it shows.
import { Alert, Button, Code, Group, Skeleton, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { errorOf } from '../api/client.ts';
import { useLocale } from '../i18n/locale.tsx';
import { useT } from '../i18n/words.ts';
import { Icon, type IconName } from '../icons/index.tsx';
import { useLive } from '../live/feed.tsx';
import classes from './States.module.css';

/** Lines where text will be. `rows`: about as many as will come. */
export function Loading({ rows = 6, height = 40 }: { rows?: number; height?: number }) {
  const t = useT();
  return (
    <Stack gap="xs" role="status" aria-label={t('loading')}>
      {Array.from({ length: rows }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they are all the same
        <Skeleton key={index} height={height} radius="sm" />
      ))}
    </Stack>
  );
}

type EmptyProps = { icon: IconName; title: string; children?: ReactNode /** one button */; action?: ReactNode };

/** What this place is for, and the one thing to do. */
export function Empty({ icon, title, children, action }: EmptyProps) {
  return (
    <div className={classes.empty}>
      <div className={classes.lamp}>
        <Icon name={icon} size={28} />
      </div>
      <Title order={2} ta="center">
        {title}
      </Title>
      {children ? (
        <Text component="div" c="dimmed" ta="center" maw={460}>
          {children}
        </Text>
      ) : null}
      {action}
    </div>
  );
}

export function ErrorState({ error, retry }: { error: unknown; retry?: () => void }) {
  const t = useT();
  const { message, code, requestId, status } = errorOf(error);
  return (
    <Alert
      color="red"
      variant="light"
      icon={<Icon name="warning" />}
      title={status === 404 ? t('error.missing') : status === 403 ? t('error.forbidden') : t('error.title')}
      role="alert"
    >
      <Text>{message}</Text>
      <Group mt="sm" gap="sm">
        {retry ? (
          <Button size="xs" variant="default" onClick={retry} leftSection={<Icon name="replay" size={14} />}>
            {t('retry')}
          </Button>
        ) : null}
        <Text size="xs" c="dimmed">
          <Code>{code}</Code> {requestId ? <Code>{requestId}</Code> : null}
        </Text>
      </Group>
    </Alert>
  );
}

/** Shown by the shell above every screen while the feed is broken. */
export function StaleBanner() {
  const t = useT();
  const { tag } = useLocale();
  const { state, liveAt } = useLive();
  if (state !== 'broken') return null;
  const time = new Intl.DateTimeFormat(tag, { timeStyle: 'medium' }).format(liveAt);
  return (
    <div className={classes.stale} role="status">
      <Icon name="clock" size={16} />
      <span>{t('stale', { time })}</span>
    </div>
  );
}

type LoadedProps<T> = {
  query: { data: T | undefined; error: unknown; isPending: boolean; refetch: () => unknown };
  children: (data: T) => ReactNode;
  rows?: number;
  /** of a whole page: its head while there is nothing to show but why it could not be read */
  lost?: ReactNode;
};

/** Loading, failed, or the thing. Old data stay in view when asking again fails: the banner says so. */
export function Loaded<T>({ query, children, rows, lost }: LoadedProps<T>) {
  if (query.data !== undefined) return children(query.data);
  if (!query.error) return <Loading {...(rows === undefined ? {} : { rows })} />;
  return (
    <>
      {lost}
      <ErrorState error={query.error} retry={() => void query.refetch()} />
    </>
  );
}
