// What this is: version, address, mode, and where more is written.
// Not here: settings (Sources.tsx). The one thing to know: nothing here can be changed.
import { Anchor, Group, Paper, Stack, Text } from '@mantine/core';
import { useSession } from '../../api/session.ts';
import { CopyId } from '../../parts/CopyId.tsx';
import { useSetT } from './words.ts';

export function About() {
  const t = useSetT();
  const { instance } = useSession();
  return (
    <Paper p="md" maw={520}>
      <Stack gap="sm">
        <Text fw={650} size="lg">
          Signalbox <span dir="ltr">{instance.version}</span>
        </Text>
        <Text c="dimmed">{t(instance.dev ? 'about.dev' : 'about.start')}</Text>
        <div>
          <Text size="sm" fw={600}>
            {t('about.url')}
          </Text>
          <CopyId value={instance.public_url} what={t('about.url')} />
        </div>
        <Group gap="md">
          <Anchor href="/docs">{t('about.docs')}</Anchor>
          <Anchor href="/problems">{t('about.problems')}</Anchor>
          <Anchor href="/metrics">{t('about.metrics')}</Anchor>
          <Anchor href="/health">{t('about.health')}</Anchor>
        </Group>
      </Stack>
    </Paper>
  );
}
