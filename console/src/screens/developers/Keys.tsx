// API keys: making one, which is shown once; which there are, what each may do, and when each was used last; taking away.
// Not here: what a role may do (docs). The one thing to know: a key cannot be shown again, and a deleted one stops at once.
import { ActionIcon, Button, Group, NativeSelect, Paper, Stack, Text, TextInput, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { modals } from '@mantine/modals';
import { api, formErrors } from '../../api/client.ts';
import { useGet, useSend } from '../../api/query.ts';
import { useSession } from '../../api/session.ts';
import type { Key, NewKey, Page, Role } from '../../api/types.ts';
import { Icon } from '../../icons/index.tsx';
import { touchTopics } from '../../live/touched.ts';
import { askFirst } from '../../parts/confirm.tsx';
import { RelativeTime } from '../../parts/RelativeTime.tsx';
import { ErrorState, Loaded } from '../../parts/States.tsx';
import { tellDone } from '../../parts/tell.tsx';
import { showOnce } from '../assets/ShownOnce.tsx';
import classes from './Developers.module.css';
import { useDevT } from './words.ts';

const ROLES: readonly Role[] = ['developer', 'agent', 'viewer', 'admin', 'owner'];

export function Keys() {
  const t = useDevT();
  const query = useGet<Page<Key>>('/keys', { params: { limit: 100 } });
  const add = (): void => {
    const id = modals.open({ title: t('keys.add'), children: <AddKey close={() => modals.close(id)} /> });
  };
  return (
    <Paper p="md" component="section" aria-labelledby="keys">
      <Group justify="space-between" mb="xs">
        <Title order={2} id="keys">
          {t('keys')}
        </Title>
        <Button size="xs" onClick={add} leftSection={<Icon name="plus" size={14} />}>
          {t('keys.add')}
        </Button>
      </Group>
      <Loaded query={query} rows={3}>
        {({ data }) =>
          data.length === 0 ? (
            <Text size="sm" c="dimmed">
              {t('keys.empty')}
            </Text>
          ) : (
            <ul className={classes.list} aria-label={t('keys')}>
              {data.map((key) => (
                <KeyRow key={key.id} row={key} />
              ))}
            </ul>
          )
        }
      </Loaded>
    </Paper>
  );
}

function KeyRow({ row }: { row: Key }) {
  const t = useDevT();
  const remove = (): void =>
    askFirst({
      title: t('keys.delete', { name: row.name }),
      body: t('keys.delete.about'),
      label: t('keys.delete.do'),
      act: async () => {
        await api('DELETE', `/keys/${row.id}`);
        touchTopics(['keys', 'audit']);
        tellDone(t('keys.deleted'));
      },
    });
  return (
    <li>
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        <div className={classes.keyText}>
          <Text fw={600} component="span">
            <bdi>{row.name}</bdi>
          </Text>{' '}
          <Text size="sm" c="dimmed" component="span">
            {t(`role.${row.role}`)}
          </Text>
          <Text size="xs" c="dimmed">
            <code dir="ltr">
              {row.prefix}…{row.last4}
            </code>{' '}
            · {row.last_used_at ? t('keys.used') : t('keys.never')}{' '}
            {row.last_used_at ? <RelativeTime at={row.last_used_at} /> : null}
          </Text>
        </div>
        <ActionIcon aria-label={t('keys.delete', { name: row.name })} onClick={remove}>
          <Icon name="trash" size={16} />
        </ActionIcon>
      </Group>
    </li>
  );
}

function AddKey({ close }: { close: () => void }) {
  const t = useDevT();
  const { user } = useSession();
  const form = useForm<{ name: string; role: Role }>({ initialValues: { name: '', role: 'developer' } });
  const add = useSend<typeof form.values, NewKey>('POST', '/keys', { touches: ['audit'] });
  const submit = (values: typeof form.values): void =>
    add.mutate(values, {
      onSuccess: ({ key, name }) => {
        close();
        showOnce(name, [{ name: t('keys.key'), value: key }]);
      },
      onError: (error) => form.setErrors(formErrors(error)),
    });
  // Nobody gives what they do not have.
  const roles = ROLES.filter((role) => role !== 'owner' || user.role === 'owner');
  return (
    <form onSubmit={form.onSubmit(submit)}>
      <Stack>
        <TextInput
          label={t('name')}
          description={t('keys.name.about')}
          required
          maxLength={100}
          data-autofocus
          {...form.getInputProps('name')}
        />
        <NativeSelect
          label={t('keys.role')}
          description={t(`keys.role.${form.values.role}`)}
          data={roles.map((value) => ({ value, label: t(`role.${value}`) }))}
          {...form.getInputProps('role')}
        />
        {add.error && Object.keys(formErrors(add.error)).length === 0 ? <ErrorState error={add.error} /> : null}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={close}>
            {t('cancel')}
          </Button>
          <Button type="submit" loading={add.isPending}>
            {t('keys.add')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
