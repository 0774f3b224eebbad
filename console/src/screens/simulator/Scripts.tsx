// The plays: one press each, and what each did, step by step.
// Not here: the plays themselves (scripts.ts). The one thing to know: one runs at a time.
import { Button, Paper, Select, SimpleGrid, Text, Title } from '@mantine/core';
import { useState } from 'react';
import { errorOf } from '../../api/client.ts';
import type { Desk } from '../../api/types.ts';
import { useNamed } from '../../parts/Name.tsx';
import type { Customer } from './customer.ts';
import classes from './Simulator.module.css';
import { play, SCRIPTS, type ScriptName, type Step } from './scripts.ts';
import { useSimT } from './words.ts';

type Props = { customer: Customer; thread: string | null; met: (thread: string) => void };

export function Scripts({ customer, thread, met }: Props) {
  const t = useSimT();
  const desks = useNamed<Desk>('desks').filter(({ status }) => status === 'active');
  const [chosen, setChosen] = useState<string | null>(null);
  const [playing, setPlaying] = useState<ScriptName | null>(null);
  const [steps, setSteps] = useState<Step[]>([]);
  const takeTo = chosen ?? desks[0]?.id ?? null;

  const run = async (name: ScriptName): Promise<void> => {
    setPlaying(name);
    setSteps([]);
    const tell = (step: Step): void => setSteps((before) => [...before, step]);
    try {
      await play(name, { customer, threadId: thread, thread: met, tell, takeTo });
    } catch (error) {
      tell({ key: 'step.failed', values: { detail: errorOf(error).message } });
    }
    setPlaying(null);
  };
  return (
    <Paper p="md" component="section" aria-labelledby="plays">
      <Title order={2} id="plays" mb="xs">
        {t('scripts')}
      </Title>
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="xs">
        {SCRIPTS.map((name) => (
          <div key={name}>
            <Button
              fullWidth
              size="xs"
              variant="default"
              loading={playing === name}
              disabled={playing !== null && playing !== name}
              onClick={() => void run(name)}
            >
              {t(`script.${name}`)}
            </Button>
            <Text size="xs" c="dimmed" mt={2}>
              {t(`script.${name}.about`)}
            </Text>
          </div>
        ))}
      </SimpleGrid>
      {desks.length > 1 ? (
        <Select
          mt="xs"
          size="xs"
          label={t('script.desk')}
          data={desks.map(({ id, name }) => ({ value: id, label: name }))}
          value={takeTo}
          allowDeselect={false}
          onChange={setChosen}
        />
      ) : null}
      <ol className={classes.steps} aria-live="polite" aria-label={t('script.steps')}>
        {steps.map(({ key, values }, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: steps are only added at the end
          <li key={index} dir="auto">
            {t(key, values)}
          </li>
        ))}
      </ol>
    </Paper>
  );
}
