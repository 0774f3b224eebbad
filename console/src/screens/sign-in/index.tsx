// Signing in with email and password; then back to where one wanted to go.
// Not here: one-time links (screens/welcome). The one thing to know: only paths of the console are gone back to.
import { Alert, Button, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRouter, useSearch } from '@tanstack/react-router';
import { ApiError, api } from '../../api/client.ts';
import { sessionQuery } from '../../api/session.ts';
import type { Session } from '../../api/types.ts';
import { wordsOf } from '../../i18n/words.ts';
import { Icon } from '../../icons/index.tsx';
import ar from './ar.json' with { type: 'json' };
import { Door } from './Door.tsx';
import en from './en.json' with { type: 'json' };

const useT = wordsOf(en, ar);

/** An address of ours, not of somebody who made the link. */
export const isOurs = (next: string | undefined): next is string => /^\/(?![/\\])/.test(next ?? '');

export default function SignIn() {
  const t = useT();
  const enter = useEnter();
  const form = useForm({ initialValues: { email: '', password: '' } });
  const signIn = useMutation({
    mutationFn: (body: typeof form.values) => api<Session>('POST', '/session', { body }),
    onSuccess: enter,
  });
  const { error } = signIn;
  const wrong = error instanceof ApiError && (error.status === 401 || error.status === 422);
  return (
    <Door title={t('sign.title')}>
      <form onSubmit={form.onSubmit((values) => signIn.mutate(values))}>
        <Stack gap="md">
          {error ? (
            <Alert color="red" variant="light" icon={<Icon name="warning" />} role="alert">
              {wrong ? t('sign.wrong') : error.message}
            </Alert>
          ) : null}
          <TextInput
            label={t('sign.email')}
            type="email"
            autoComplete="username"
            required
            autoFocus
            dir="ltr"
            {...form.getInputProps('email')}
          />
          <PasswordInput
            label={t('sign.password')}
            autoComplete="current-password"
            required
            {...form.getInputProps('password')}
          />
          <Button type="submit" fullWidth loading={signIn.isPending}>
            {t('sign.enter')}
          </Button>
          <Text size="xs" c="dimmed">
            {t('sign.first')}
          </Text>
        </Stack>
      </form>
    </Door>
  );
}

/** With the session known, on to where one wanted to go. */
export function useEnter(): () => Promise<void> {
  const client = useQueryClient();
  const router = useRouter();
  const { next } = useSearch({ strict: false }) as { next?: string };
  return async () => {
    client.clear();
    await client.fetchQuery(sessionQuery);
    router.history.replace(`/console${isOurs(next) ? next : '/'}`);
  };
}
