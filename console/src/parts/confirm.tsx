// Asking before something is done that cannot be undone: `askFirst({…})`; the worst must be typed.
// Not here: what is done. The one thing to know: the question stays open while it is done, and shows why if it is refused.
import { Button, Code, Group, Stack, Text, TextInput } from '@mantine/core';
import { modals } from '@mantine/modals';
import { type ReactNode, useState } from 'react';
import { useT } from '../i18n/words.ts';
import { ErrorState } from './States.tsx';

type Question = {
  title: string;
  /** what will happen, in a sentence */
  body: ReactNode;
  /** the button: what is done, not "OK" */
  label: string;
  /** must be typed before the button works: the thing's name */
  type?: string;
  danger?: boolean;
  act: () => Promise<unknown>;
};

export function askFirst(question: Question): void {
  const id = modals.open({
    title: question.title,
    children: <Confirm {...question} close={() => modals.close(id)} />,
  });
}

function Confirm({ body, label, type, danger = true, act, close }: Question & { close: () => void }) {
  const t = useT();
  const [typed, setTyped] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const ready = type === undefined || typed.trim() === type;
  const run = async (): Promise<void> => {
    setBusy(true);
    setError(undefined);
    try {
      await act();
      close();
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (ready) void run();
      }}
    >
      <Stack gap="md">
        <Text component="div">{body}</Text>
        {type === undefined ? null : (
          <TextInput
            data-autofocus
            autoComplete="off"
            label={
              <>
                {t('confirm.type')} <Code>{type}</Code>
              </>
            }
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
        )}
        {error === undefined ? null : <ErrorState error={error} />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={close}>
            {t('cancel')}
          </Button>
          <Button type="submit" color={danger ? 'red.8' : 'primary'} disabled={!ready} loading={busy}>
            {label}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
