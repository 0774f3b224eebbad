// Oneself: who one is here, and a new password.
// Not here: other people. The one thing to know: a new password ends all other sessions of this account.
import { Button, Group, Paper, PasswordInput, Stack, Text, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { formErrors } from '../../api/client.ts';
import { useSend } from '../../api/query.ts';
import { useSession } from '../../api/session.ts';
import { ErrorState } from '../../parts/States.tsx';
import { tellDone } from '../../parts/tell.tsx';
import { useSetT } from './words.ts';

const PASSWORD_MIN = 10;
type Values = { current: string; password: string };

export function You() {
  const t = useSetT();
  const { user } = useSession();
  const form = useForm<Values>({ initialValues: { current: '', password: '' } });
  const change = useSend<Values>('PUT', '/session/password');
  const errors = formErrors(change.error);
  const submit = (values: Values): void =>
    change.mutate(values, {
      onSuccess: () => {
        form.reset();
        tellDone(t('you.changed'));
      },
    });
  return (
    <Stack maw={520}>
      <Paper p="md">
        <Text fw={600} dir="auto">
          {user.name}
        </Text>
        <Text size="sm" c="dimmed">
          <bdi>{user.email ?? t('you.no_email')}</bdi> · {t(`role.${user.role}`)}
        </Text>
      </Paper>
      <Paper p="md" component="section" aria-labelledby="password">
        <Title order={2} id="password" mb="sm">
          {t('you.password')}
        </Title>
        <form onSubmit={form.onSubmit(submit)}>
          {/* For password managers: whose password it is. */}
          <input type="text" name="username" autoComplete="username" value={user.email ?? ''} readOnly hidden />
          <Stack>
            <PasswordInput
              label={t('you.current')}
              autoComplete="current-password"
              required
              {...form.getInputProps('current')}
              error={errors.current}
            />
            <PasswordInput
              label={t('you.next')}
              description={t('you.next.about')}
              autoComplete="new-password"
              required
              minLength={PASSWORD_MIN}
              {...form.getInputProps('password')}
              error={errors.password}
            />
            {change.error && Object.keys(errors).length === 0 ? <ErrorState error={change.error} /> : null}
            <Group justify="flex-end">
              <Button type="submit" loading={change.isPending}>
                {t('you.change')}
              </Button>
            </Group>
          </Stack>
        </form>
      </Paper>
    </Stack>
  );
}
