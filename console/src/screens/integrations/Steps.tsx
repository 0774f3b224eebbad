// The wizard's first steps: choosing one of a few things, and the name.
// Not here: addresses and tokens (Endpoint.tsx). The one thing to know: a choice is a radio, so arrows choose and Enter
// goes on.
import { Button, Group, Radio, SimpleGrid, Stack, Text, TextInput } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import { formErrors } from '../../api/client.ts';
import { useSend } from '../../api/query.ts';
import type { Desk } from '../../api/types.ts';
import { Icon } from '../../icons/index.tsx';
import { ErrorState } from '../../parts/States.tsx';
import classes from './Cards.module.css';
import { bodyOf, CHOICES, type Created, type Draft } from './wizard.ts';
import { useIntegrationT } from './words.ts';

export type StepProps = {
  draft: Draft;
  change: (part: Partial<Draft>) => void;
  back: (() => void) | undefined;
  next: () => void;
};

export function Buttons({ back, children }: { back: (() => void) | undefined; children: ReactNode }) {
  const t = useIntegrationT();
  return (
    <Group justify="space-between">
      {back ? (
        <Button variant="default" onClick={back}>
          {t('back')}
        </Button>
      ) : (
        <span />
      )}
      <Group gap="xs">{children}</Group>
    </Group>
  );
}

type Choice = (typeof CHOICES)['kind' | 'bot' | 'desk'][number];
const ICONS = {
  bot: 'bot',
  desk: 'desk',
  imi: 'bot',
  other: 'plug',
  webhook: 'external',
  chatwoot: 'desk',
  console: 'inbox',
} as const;

export function PickStep({ step, draft, change, back, next }: StepProps & { step: 'kind' | 'platform' }) {
  const t = useIntegrationT();
  const choices: readonly Choice[] = step === 'kind' ? CHOICES.kind : CHOICES[draft.type === 'desk' ? 'desk' : 'bot'];
  const value = step === 'kind' ? draft.type : draft.platform;
  const pick = (chosen: string): void => {
    if (step === 'platform') change({ platform: chosen, given: {} });
    else if (chosen !== draft.type) change({ type: chosen as 'bot' | 'desk', platform: '' });
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (value !== '') next();
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <Radio.Group value={value} onChange={pick} aria-labelledby="step">
          <SimpleGrid cols={{ base: 1, xs: 2 }}>
            {choices.map((choice) => (
              <Radio.Card key={choice} value={choice} p="md" radius="md" className={classes.choice}>
                <Group wrap="nowrap" align="flex-start" gap="sm">
                  <Radio.Indicator />
                  <div>
                    <Group gap={6}>
                      <Icon name={ICONS[choice]} size={16} />
                      <Text fw={650}>{t(`choice.${choice}`)}</Text>
                    </Group>
                    <Text size="sm" c="dimmed">
                      {t(`choice.${choice}.about`)}
                    </Text>
                  </div>
                </Group>
              </Radio.Card>
            ))}
          </SimpleGrid>
        </Radio.Group>
        <Buttons back={back}>
          <Button type="submit" disabled={value === ''}>
            {t('wizard.next')}
          </Button>
        </Buttons>
      </Stack>
    </form>
  );
}

type NameProps = StepProps & { isLast: boolean; created: (created: Created) => void };

export function NameStep({ draft, change, back, next, isLast, created }: NameProps) {
  const t = useIntegrationT();
  const [missing, setMissing] = useState(false);
  const add = useSend<ReturnType<typeof bodyOf>, Desk>('POST', '/desks', {
    onDone: (made) => created({ type: 'desk', made, draft, verification: undefined }),
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (draft.name.trim() === '') setMissing(true);
    else if (isLast) add.mutate(bodyOf(draft));
    else next();
  };
  const wrong = add.error ? formErrors(add.error).name : undefined;
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <TextInput
          label={t('name')}
          description={t('wizard.name.about')}
          required
          maxLength={100}
          dir="auto"
          data-autofocus
          value={draft.name}
          error={wrong ?? (missing && draft.name.trim() === '' ? t('wizard.name.missing') : null)}
          onChange={(event) => change({ name: event.currentTarget.value })}
        />
        {add.error && !wrong ? <ErrorState error={add.error} /> : null}
        <Buttons back={back}>
          <Button type="submit" loading={add.isPending}>
            {isLast ? t('save') : t('wizard.next')}
          </Button>
        </Buttons>
      </Stack>
    </form>
  );
}
