// An id, a URL, a secret: shown in full or shortened, copied by one press.
// The one thing to know: where the browser gives no clipboard (plain http on a LAN), the text is selected instead.
import { ActionIcon, Group, Tooltip } from '@mantine/core';
import { useRef, useState } from 'react';
import { useT } from '../i18n/words.ts';
import { Icon } from '../icons/index.tsx';
import { announce } from './Announcer.tsx';
import classes from './CopyId.module.css';

const SHOWN_MS = 1_500;

type Props = {
  value: string;
  /** shows the prefix and the last characters only */
  short?: boolean;
  /** what it is, for the button's name; default "id" */
  what?: string;
};

export function CopyId({ value, short = false, what = 'id' }: Props) {
  const t = useT();
  const text = useRef<HTMLElement>(null);
  const [copied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(value);
    } catch {
      if (text.current) getSelection()?.selectAllChildren(text.current);
      return;
    }
    setCopied(true);
    announce(t('copied'));
    setTimeout(() => setCopied(false), SHOWN_MS);
  };
  return (
    <Group gap={2} wrap="nowrap" className={classes.root}>
      <code ref={text} className={classes.text} title={value} dir="ltr">
        {short && value.length > 14 ? `${value.slice(0, value.indexOf('_') + 1)}…${value.slice(-6)}` : value}
      </code>
      <Tooltip label={copied ? t('copied') : t('copy')}>
        <ActionIcon size="sm" aria-label={t('copy.what', { what })} onClick={() => void copy()}>
          <Icon name={copied ? 'check' : 'copy'} size={14} />
        </ActionIcon>
      </Tooltip>
    </Group>
  );
}
