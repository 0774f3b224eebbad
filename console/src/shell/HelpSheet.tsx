// The keys that work here and now, in a sheet that `?` opens.
// Not here: the keys themselves; each part registers its own. The one thing to know: what is listed is what is registered.
import { Group, Kbd, Modal, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { useT } from '../i18n/words.ts';
import { type Shortcut, useRegistered } from './shortcuts.tsx';

const GROUPS = ['screen', 'go', 'everywhere'] as const;

export function HelpSheet({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const t = useT();
  const all = useRegistered();
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={t('keys.title')}
      size="lg"
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="xl">
        {GROUPS.map((group) => {
          const keys = all.filter((each) => (each.group ?? 'screen') === group);
          return keys.length === 0 ? null : (
            <section key={group}>
              <Title order={3} mb="xs">
                {t(`keys.group.${group}`)}
              </Title>
              <Stack gap={6}>
                {keys.map((each) => (
                  <Line key={each.keys} shortcut={each} />
                ))}
              </Stack>
            </section>
          );
        })}
      </SimpleGrid>
    </Modal>
  );
}

const shown = (key: string): string => key.replace('mod+', 'Ctrl ').replace('Enter', '↵');

function Line({ shortcut }: { shortcut: Shortcut }) {
  return (
    <Group justify="space-between" wrap="nowrap">
      <Text size="sm">{shortcut.label}</Text>
      <Group gap={4} wrap="nowrap" dir="ltr">
        {shortcut.keys.split(' ').map((key, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the same key may come twice
          <Kbd key={index} size="xs">
            {shown(key)}
          </Kbd>
        ))}
      </Group>
    </Group>
  );
}
