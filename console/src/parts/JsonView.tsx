// JSON as text that can be read, copied and searched: for raw views, requests and answers.
// The one thing to know: it is text and nothing but text, whatever a customer wrote into it.
import { ScrollArea } from '@mantine/core';
import classes from './JsonView.module.css';

type Props = { value: unknown /** px */; maxHeight?: number; label: string };

const shown = (value: unknown): string => {
  if (typeof value !== 'string') return JSON.stringify(value, null, 2) ?? '';
  try {
    return JSON.stringify(JSON.parse(value), null, 2);
  } catch {
    return value;
  }
};

export function JsonView({ value, maxHeight = 360, label }: Props) {
  return (
    <ScrollArea.Autosize
      mah={maxHeight}
      className={classes.root}
      viewportProps={{ tabIndex: 0, 'aria-label': label, role: 'region' }}
    >
      <pre className={classes.text} dir="ltr">
        {shown(value)}
      </pre>
    </ScrollArea.Autosize>
  );
}
