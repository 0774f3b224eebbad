// A button that copies a long text: a program, a command.
// Not here: ids and URLs (CopyId.tsx). The one thing to know: without a clipboard it does nothing; the text stands beside.
import { Button } from '@mantine/core';
import { useState } from 'react';
import { useT } from '../i18n/words.ts';
import { Icon } from '../icons/index.tsx';
import { announce } from './Announcer.tsx';

const SHOWN_MS = 1_500;

export function CopyButton({ text, label }: { text: string; label?: string }) {
  const t = useT();
  const [copied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    const done = await navigator.clipboard?.writeText(text).then(
      () => true,
      () => false,
    );
    if (!done) return;
    setCopied(true);
    announce(t('copied'));
    setTimeout(() => setCopied(false), SHOWN_MS);
  };
  return (
    <Button
      size="compact-sm"
      variant="default"
      leftSection={<Icon name={copied ? 'check' : 'copy'} size={14} />}
      onClick={() => void copy()}
    >
      {copied ? t('copied') : (label ?? t('copy'))}
    </Button>
  );
}
