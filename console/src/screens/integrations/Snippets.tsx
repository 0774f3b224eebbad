// The programs to copy, one at a time.
// Not here: their text (snippets.ts).
import { Group, SegmentedControl, Stack } from '@mantine/core';
import { useState } from 'react';
import { CopyButton } from '../../parts/CopyButton.tsx';
import classes from './Cards.module.css';
import { curlFor, nodeFor, type Place } from './snippets.ts';
import { useIntegrationT } from './words.ts';

export function Snippets({ type, place }: { type: 'bot' | 'desk'; place: Place }) {
  const t = useIntegrationT();
  const [language, setLanguage] = useState('node');
  const text = language === 'curl' ? curlFor(type, place) : nodeFor(type, place);
  return (
    <Stack gap="xs">
      <Group justify="space-between">
        <SegmentedControl
          size="xs"
          value={language}
          onChange={setLanguage}
          aria-label={t('snippet.language')}
          data={[
            { value: 'node', label: 'Node.js' },
            { value: 'curl', label: 'curl' },
          ]}
        />
        <CopyButton text={text} />
      </Group>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so it must be reachable by keyboard */}
      <pre className={classes.snippet} dir="ltr" tabIndex={0}>
        {text}
      </pre>
    </Stack>
  );
}
