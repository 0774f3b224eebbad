// Where it is and how it proves itself, changed and verified again.
// Not here: the first time (Endpoint.tsx). The one thing to know: a change is tried first and saved only if it holds, so
// that live traffic goes on meanwhile; verifying without a change makes an inactive one active again.
import { Button, Group, Paper, Stack, Text, Title } from '@mantine/core';
import { type FormEvent, useEffect, useState } from 'react';
import { ApiError, formErrors } from '../../api/client.ts';
import { ErrorState } from '../../parts/States.tsx';
import { tellDone } from '../../parts/tell.tsx';
import { Checklist } from './Checklist.tsx';
import { EndpointFields } from './EndpointFields.tsx';
import { useVerification } from './useVerification.ts';
import { tokenField, wireOf } from './wizard.ts';
import { type Integration, pathOf, platformOf, useIntegrationT } from './words.ts';

export function focusEndpoint(): void {
  document.getElementById('endpoint')?.scrollIntoView({ block: 'start' });
  document.getElementById('endpoint-url')?.focus({ preventScroll: true });
}

const maskOf = (one: Integration): string | null =>
  one.type === 'desk' ? null : one.platform === 'imi' ? one.access_token : one.verification_token;

export function Reverify({ one, readOnly }: { one: Integration; readOnly: boolean }) {
  const t = useIntegrationT();
  const platform = platformOf(one);
  const known = one.url ?? '';
  const [typed, setTyped] = useState<{ url?: string; token: string }>({ token: '' });
  const verifying = useVerification();
  const { result, isRunning, error } = verifying;
  const url = typed.url ?? known;
  const isChanged = url.trim() !== known || typed.token.trim() !== '';
  const field = tokenField(platform);
  const wire = wireOf(platform);
  // What another person saved meanwhile is shown, unless something was typed here.
  useEffect(() => setTyped((now) => (now.url === known ? { token: now.token } : now)), [known]);

  const verify = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    const draft = {
      ...(url.trim() === known ? {} : { url: url.trim() }),
      ...(field && typed.token.trim() !== '' ? { [field]: typed.token.trim() } : {}),
    };
    const found = await verifying.run(`${pathOf(one)}/verification`, draft);
    if (!found?.verified) return;
    setTyped({ token: '' });
    tellDone(t(isChanged ? 'reverify.saved' : 'reverify.active'));
  };
  return (
    <Paper p="md" component="section" aria-labelledby="endpoint">
      <Title order={2} id="endpoint" mb={4}>
        {t(`endpoint.${wire}`)}
      </Title>
      <Text size="sm" c="dimmed" mb="sm">
        {t('reverify.about')}
      </Text>
      <form onSubmit={(event) => void verify(event)} noValidate>
        <Stack>
          <EndpointFields
            platform={platform}
            url={url}
            token={typed.token}
            masked={maskOf(one)}
            readOnly={readOnly}
            change={(part) => {
              verifying.reset();
              setTyped((now) => ({ ...now, ...part }));
            }}
            errors={error ? formErrors(error) : {}}
          />
          <Checklist platform={platform} isRunning={isRunning} result={result} />
          {result && !result.verified && isChanged ? (
            <Text size="sm" c="dimmed">
              {t('reverify.kept')}
            </Text>
          ) : null}
          {error && !(error instanceof ApiError && error.errors.length > 0) ? <ErrorState error={error} /> : null}
          {readOnly ? null : (
            <Group justify="flex-end">
              <Button type="submit" loading={isRunning}>
                {t(isChanged ? 'reverify.save' : 'verify')}
              </Button>
            </Group>
          )}
        </Stack>
      </form>
    </Paper>
  );
}
