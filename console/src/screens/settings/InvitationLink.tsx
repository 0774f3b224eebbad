// A link by which somebody gets in, shown once, to be handed over.
// The one thing to know: whoever has the link can use it once, so it goes by a way that only that person reads.
import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { modals } from '@mantine/modals';
import type { Invitation, User } from '../../api/types.ts';
import { Icon } from '../../icons/index.tsx';
import { CopyId } from '../../parts/CopyId.tsx';
import { RelativeTime } from '../../parts/RelativeTime.tsx';
import type { SetT } from './words.ts';

export function showLink(t: SetT, user: User, { url, expires_at }: Invitation): void {
  const id = modals.open({
    title: t('link.title', { name: user.name }),
    size: 'lg',
    closeOnClickOutside: false,
    children: (
      <Stack>
        <Alert color="amber" variant="light" icon={<Icon name="key" />} title={t('link.once')}>
          {t(user.has_password ? 'link.reset.about' : 'link.about')}
        </Alert>
        <div>
          <CopyId value={url} what={t('link')} />
        </div>
        <Text size="sm" c="dimmed">
          {t('link.ends')} <RelativeTime at={expires_at} />
        </Text>
        <Group justify="flex-end">
          <Button onClick={() => modals.close(id)} data-autofocus>
            {t('link.done')}
          </Button>
        </Group>
      </Stack>
    ),
  });
}
