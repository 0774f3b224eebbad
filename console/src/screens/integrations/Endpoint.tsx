// The wizard's last step: where it is and how it proves itself; Verify, then Save.
// Not here: changing these later (Reverify.tsx). The one thing to know: what was verified is what is saved; a key typed
// after Verify takes the verdict back. What insists on a signature is saved unverified, for it needs the secret first.
import { Alert, Button, Stack, Text } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { ApiError, api, formErrors } from '../../api/client.ts';
import type { Bot, Desk, Verification } from '../../api/types.ts';
import { Icon } from '../../icons/index.tsx';
import { touchTopics } from '../../live/touched.ts';
import { GivenFields } from '../../parts/GivenFields.tsx';
import { SetupSteps } from '../../parts/SetupSteps.tsx';
import { ErrorState } from '../../parts/States.tsx';
import { Checklist } from './Checklist.tsx';
import { EndpointFields } from './EndpointFields.tsx';
import { configErrors, useDeskKind } from './kinds.ts';
import { Buttons, type StepProps } from './Steps.tsx';
import { useVerification } from './useVerification.ts';
import { bodyOf, type Created, type Draft, trialOf } from './wizard.ts';
import { useIntegrationT } from './words.ts';

export function Endpoint({ draft, change, back, created }: StepProps & { created: (created: Created) => void }) {
  const t = useIntegrationT();
  const kind = useDeskKind(draft.platform, draft.type === 'desk');
  const verifying = useVerification();
  const [saving, setSaving] = useState<{ busy: boolean; error?: unknown }>({ busy: false });
  const { result, isRunning } = verifying;
  const edit = (part: Partial<Draft>): void => {
    verifying.reset();
    setSaving({ busy: false });
    change(part);
  };
  const verify = (event: FormEvent): void => {
    event.preventDefault();
    if (!isRunning) void verifying.run(`/${draft.type}s/verification`, trialOf(draft));
  };
  const save = async (isVerified: boolean): Promise<void> => {
    setSaving({ busy: true });
    try {
      created(await create(draft, isVerified));
    } catch (error) {
      setSaving({ busy: false, error });
    }
  };
  const holds = result?.verified === true;
  const error = verifying.error ?? saving.error;
  const failed = result !== undefined && !holds;
  return (
    <form onSubmit={verify} noValidate>
      <Stack>
        {kind ? <SetupSteps title={kind.title} steps={kind.steps} /> : null}
        <EndpointFields
          platform={draft.platform}
          url={draft.url}
          token={draft.token}
          change={edit}
          errors={error ? formErrors(error) : {}}
        />
        {kind ? (
          <GivenFields
            fields={kind.fields}
            values={draft.given}
            change={(name, value) => edit({ given: { ...draft.given, [name]: value } })}
            errors={configErrors(error)}
            readOnly={false}
            isNew
          />
        ) : null}
        <Checklist platform={draft.platform} isRunning={isRunning} result={result} />
        {error && !(error instanceof ApiError && error.errors.length > 0) ? <ErrorState error={error} /> : null}
        {failed ? (
          <Alert color="gray" variant="light" icon={<Icon name="info" />}>
            <Text size="sm">{t('verify.later.about')}</Text>
            <Button mt="xs" size="xs" variant="default" loading={saving.busy} onClick={() => void save(false)}>
              {t('verify.later')}
            </Button>
          </Alert>
        ) : null}
        <Buttons back={back}>
          <Button type="submit" variant={holds ? 'default' : 'filled'} loading={isRunning}>
            {t('verify')}
          </Button>
          <Button
            variant={holds ? 'filled' : 'default'}
            disabled={!holds}
            loading={saving.busy && holds}
            onClick={() => void save(true)}
          >
            {t('save')}
          </Button>
        </Buttons>
      </Stack>
    </form>
  );
}

/** Creates it, and makes what was verified active: that takes one more request to it. */
async function create(draft: Draft, isVerified: boolean): Promise<Created> {
  const body = bodyOf(draft);
  const made = await api<Bot & Desk>('POST', `/${draft.type}s`, { body });
  touchTopics(['bots', 'desks', 'overview']);
  // Whatever becomes of the verification: the secrets in the first answer are shown in any case.
  const verification = isVerified ? await verifyNow(`/${draft.type}s/${made.id}/verification`) : undefined;
  touchTopics(['bots', 'desks', 'overview']);
  return draft.type === 'bot'
    ? { type: 'bot', made, draft, verification }
    : { type: 'desk', made, draft, verification };
}

const verifyNow = (path: string): Promise<Verification | undefined> =>
  api<Verification>('POST', path, { body: {} }).catch(() => undefined);
