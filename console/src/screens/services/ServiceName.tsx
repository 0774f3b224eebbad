// The name of a service: of a new one, or another one for one that exists.
// Not here: what is mapped to it.
import { Button, Group, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import { errorOf, formErrors } from '../../api/client.ts';
import { useSend } from '../../api/query.ts';
import type { Service } from '../../api/types.ts';
import { ErrorState } from '../../parts/States.tsx';
import { useServiceT } from './words.ts';

type NameProps = { service?: Service; done: (service: Service) => void; close: () => void };

export function ServiceName({ service, done, close }: NameProps) {
  const t = useServiceT();
  const [name, setName] = useState(service?.name ?? '');
  const [method, path] = service ? (['PATCH', `/services/${service.id}`] as const) : (['POST', '/services'] as const);
  const save = useSend<{ name: string }, Service>(method, path, { onDone: done });
  const wrong = save.error ? formErrors(save.error).name : undefined;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate({ name: name.trim() });
      }}
    >
      <Stack>
        <TextInput
          label={t('name')}
          description={t('svc.name.about')}
          required
          maxLength={100}
          dir="auto"
          data-autofocus
          value={name}
          error={wrong}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        {save.error && errorOf(save.error).errors.length === 0 ? <ErrorState error={save.error} /> : null}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={close}>
            {t('cancel')}
          </Button>
          <Button type="submit" loading={save.isPending}>
            {t(service ? 'save' : 'svc.add')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
