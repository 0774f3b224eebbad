// The wizard: Add Integrations, BOTS or DESKS, platform, name, BOT Endpoint or Outbound Webhook, Verify, Save.
// Not here: each step's form (Steps.tsx, Endpoint.tsx) and what comes after (Done.tsx). The one thing to know: nothing
// is created before Save, so a wizard that is left behind leaves nothing; Verify tries the draft as it stands.
import { Box, Paper, Progress, Stack, Text, Title } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { BUILDERS, useMay } from '../../api/session.ts';
import { LinkTo } from '../../parts/links.tsx';
import { PageHeader } from '../../parts/PageHeader.tsx';
import { Empty } from '../../parts/States.tsx';
import { Done } from './Done.tsx';
import { Endpoint } from './Endpoint.tsx';
import { NameStep, PickStep } from './Steps.tsx';
import { type Created, type Draft, EMPTY, type StepName, stepsOf, wireOf } from './wizard.ts';
import { useIntegrationT } from './words.ts';

export default function AddIntegrations() {
  const t = useIntegrationT();
  const mayBuild = useMay(BUILDERS);
  return (
    <>
      <PageHeader title={t('int.add')} back={<LinkTo to="/integrations">{t('nav.integrations')}</LinkTo>} />
      {mayBuild ? <Wizard /> : <Empty icon="lock" title={t('int.not_allowed')} />}
    </>
  );
}

function Wizard() {
  const t = useIntegrationT();
  const [draft, setDraft] = useState<Draft>(EMPTY);
  const [at, setAt] = useState(0);
  const [created, setCreated] = useState<Created>();
  const heading = useRef<HTMLHeadingElement>(null);
  const steps = stepsOf(draft);
  const step: StepName = created ? 'done' : (steps[at] ?? 'kind');
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new step is where one is now
  useEffect(() => {
    if (at > 0 || created) heading.current?.focus();
  }, [step]);
  const change = (part: Partial<Draft>): void => setDraft((now) => ({ ...now, ...part }));
  const common = { draft, change, back: at === 0 ? undefined : () => setAt(at - 1), next: () => setAt(at + 1) };
  const title = titleOf(t, step, draft);
  return (
    <Paper p="md" maw={760} component="section" aria-labelledby="step">
      <Stack>
        {step === 'done' ? null : (
          <Box>
            <Text size="xs" c="dimmed">
              {t('wizard.step', { step: at + 1, of: draft.type === '' ? 4 : steps.length })}
            </Text>
            <Progress
              size={3}
              value={((at + 1) / (draft.type === '' ? 4 : steps.length)) * 100}
              aria-label={t('wizard.progress')}
            />
          </Box>
        )}
        <Title order={2} id="step" tabIndex={-1} ref={heading}>
          {title}
        </Title>
        {step === 'kind' || step === 'platform' ? <PickStep key={step} step={step} {...common} /> : null}
        {step === 'name' ? <NameStep {...common} isLast={draft.platform === 'console'} created={setCreated} /> : null}
        {step === 'endpoint' ? <Endpoint {...common} created={setCreated} /> : null}
        {created ? <Done created={created} /> : null}
      </Stack>
    </Paper>
  );
}

function titleOf(t: ReturnType<typeof useIntegrationT>, step: StepName, { type, platform }: Draft): string {
  if (step === 'kind') return t('wizard.kind');
  if (step === 'platform') return t(type === 'desk' ? 'wizard.desk_kind' : 'wizard.platform');
  if (step === 'name') return t('wizard.name');
  if (step === 'done') return t('wizard.done');
  return endpointTitle(t, platform);
}

const endpointTitle = (t: ReturnType<typeof useIntegrationT>, platform: string): string =>
  t(`endpoint.${wireOf(platform)}`);
