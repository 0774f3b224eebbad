// What is to be done by hand at a provider or vendor, in its words.
// Not here: the fields. The one thing to know: before the thing is made, its callback URL is not known yet.
import { List, Text } from '@mantine/core';
import type { Channel } from '../api/types.ts';
import { useT } from '../i18n/words.ts';
import { CopyId } from './CopyId.tsx';

type Made = { hook_url: string | null; config: Record<string, unknown> };
type Props = { title: string; steps: Channel['steps']; made?: Made | undefined };

export function SetupSteps({ title, steps, made }: Props) {
  const t = useT();
  if (steps.length === 0) return null;
  /** The hook's address and what stands in the fields, in the place of `{hook_url}` and `{NAME}`. */
  const filled = (text: string): string =>
    text.replace(/\{(\w+)\}/g, (whole, name: string) => {
      if (made === undefined) return t('given.later');
      const value = name === 'hook_url' ? made.hook_url : made.config[name];
      return typeof value === 'string' ? value : whole;
    });
  return (
    <div>
      <Text size="sm" fw={600} mb={4}>
        {t('given.steps', { provider: title })}
      </Text>
      <List type="ordered" size="sm" spacing="xs" dir="ltr">
        {steps.map((step) => (
          <List.Item key={step.title}>
            <Text size="sm" fw={600}>
              {step.title}
            </Text>
            <Text size="sm" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
              {filled(step.text)}
            </Text>
            {step.copy && made ? <CopyId value={filled(step.copy)} what={step.title} /> : null}
          </List.Item>
        ))}
      </List>
    </div>
  );
}
