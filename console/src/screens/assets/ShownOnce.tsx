// Secrets in the clear, in the one answer that has them.
// Not here: keeping them: nothing does. The one thing to know: the window is closed by a button that says what one has
// done, not by a press beside it.
import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { modals } from '@mantine/modals';
import { Icon } from '../../icons/index.tsx';
import { CopyId } from '../../parts/CopyId.tsx';
import { useAssetT } from './words.ts';

/** `null`: this asset has none. */
export type Secret = { name: string; value: string | null };

export function showOnce(title: string, secrets: Secret[], onClose: () => void = () => undefined): void {
  const id = modals.open({
    title,
    size: 'lg',
    closeOnClickOutside: false,
    closeOnEscape: false,
    withCloseButton: false,
    onClose,
    children: <ShownOnce secrets={secrets} close={() => modals.close(id)} />,
  });
}

function ShownOnce({ secrets, close }: { secrets: Secret[]; close: () => void }) {
  const t = useAssetT();
  return (
    <Stack>
      <Alert color="amber" variant="light" icon={<Icon name="key" />} title={t('assets.once')}>
        {t('assets.once.about')}
      </Alert>
      {secrets.map(({ name, value }) =>
        value === null ? null : (
          <div key={name}>
            <Text size="sm" fw={600}>
              {name}
            </Text>
            <CopyId value={value} what={name} />
          </div>
        ),
      )}
      <Group justify="flex-end">
        <Button onClick={close} data-autofocus>
          {t('assets.once.done')}
        </Button>
      </Group>
    </Stack>
  );
}
