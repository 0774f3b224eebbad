// A one-time link is redeemed: a trial's signs in at once, the first owner's and an invitation ask who one is.
// Not here: making links (settings, the command line). The one thing to know: the token is in the fragment, which no
// server log sees, and is taken out of the address at once.
import { Button, Loader, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { ApiError, api, formErrors } from '../../api/client.ts';
import type { Link } from '../../api/types.ts';
import { wordsOf } from '../../i18n/words.ts';
import { ButtonTo } from '../../parts/links.tsx';
import { ErrorState } from '../../parts/States.tsx';
import { Door } from '../sign-in/Door.tsx';
import { useEnter } from '../sign-in/index.tsx';
import ar from './ar.json' with { type: 'json' };
import en from './en.json' with { type: 'json' };

const useT = wordsOf(en, ar);
const PASSWORD_MIN = 10;

const tokenIn = (fragment: string): string => new URLSearchParams(fragment.replace(/^#/, '')).get('token') ?? '';

export default function Welcome() {
  const t = useT();
  const [token] = useState(() => tokenIn(location.hash));
  useEffect(() => {
    if (location.hash !== '') history.replaceState(history.state, '', location.pathname + location.search);
  }, []);
  const link = useQuery({
    queryKey: ['link', token],
    queryFn: () => api<Link>('GET', '/session/link', { headers: { authorization: `Bearer ${token}` } }),
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (link.error) return <Spent error={link.error} />;
  if (!link.data) {
    return (
      <Door title={t('welcome.dev')}>
        <Loader size="sm" />
      </Door>
    );
  }
  return link.data.purpose === 'dev' ? <AtOnce token={token} /> : <WhoAreYou token={token} link={link.data} />;
}

function Spent({ error }: { error: unknown }) {
  const t = useT();
  const spent = error instanceof ApiError && error.status >= 400 && error.status < 500;
  return (
    <Door title={t(spent ? 'welcome.spent' : 'error.title')}>
      <Stack>
        {spent ? <Text>{t('welcome.spent.about')}</Text> : <ErrorState error={error} />}
        <ButtonTo to="/sign-in" variant="default">
          {t('welcome.sign')}
        </ButtonTo>
      </Stack>
    </Door>
  );
}

function useRedeem(token: string) {
  const enter = useEnter();
  return useMutation({
    mutationFn: (about: object) => api('POST', '/session/link', { body: { token, ...about } }),
    onSuccess: enter,
  });
}

function AtOnce({ token }: { token: string }) {
  const t = useT();
  const redeem = useRedeem(token);
  const { mutate } = redeem;
  const begun = useRef(false);
  useEffect(() => {
    if (begun.current) return;
    begun.current = true;
    mutate({});
  }, [mutate]);
  if (redeem.error) return <Spent error={redeem.error} />;
  return (
    <Door title={t('welcome.dev')}>
      <Text role="status">{t('welcome.entering')}</Text>
    </Door>
  );
}

function WhoAreYou({ token, link }: { token: string; link: Link }) {
  const t = useT();
  const redeem = useRedeem(token);
  const isReset = link.purpose === 'password_reset';
  const isFirst = link.purpose === 'first_owner';
  const form = useForm({ initialValues: { name: link.name ?? '', email: link.email ?? '', password: '' } });
  const errors = { ...form.errors, ...formErrors(redeem.error) };
  const submit = ({ name, email, password }: typeof form.values): void =>
    redeem.mutate(isReset ? { password } : { name, email, password });
  return (
    <Door title={t(isReset ? 'welcome.reset' : isFirst ? 'welcome.first' : 'welcome.invited')}>
      <form onSubmit={form.onSubmit(submit)}>
        <Stack gap="md">
          {isReset ? null : <Text c="dimmed">{t(isFirst ? 'welcome.first.about' : 'welcome.invited.about')}</Text>}
          {redeem.error && Object.keys(formErrors(redeem.error)).length === 0 ? (
            <ErrorState error={redeem.error} />
          ) : null}
          {isReset ? null : (
            <TextInput
              label={t('welcome.name')}
              autoComplete="name"
              required
              autoFocus
              maxLength={100}
              {...form.getInputProps('name')}
              error={errors.name}
            />
          )}
          {isReset ? null : (
            <TextInput
              label={t('welcome.email')}
              type="email"
              autoComplete="username"
              required
              dir="ltr"
              readOnly={link.email !== null}
              {...form.getInputProps('email')}
              error={errors.email}
            />
          )}
          <PasswordInput
            label={t('welcome.password')}
            description={t('welcome.password.about')}
            autoComplete="new-password"
            required
            minLength={PASSWORD_MIN}
            {...form.getInputProps('password')}
            error={errors.password}
          />
          <Button type="submit" fullWidth loading={redeem.isPending}>
            {t('welcome.enter')}
          </Button>
        </Stack>
      </form>
    </Door>
  );
}
