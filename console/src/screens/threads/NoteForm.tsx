// A note for colleagues, left in the thread.
// Not here: how notes are shown (Marks.tsx). The one thing to know: it belongs to a conversation of the thread, the one
// that holds the line or the newest; what is typed stays when the server refuses it.
import { Button, Group, Paper, Textarea } from '@mantine/core';
import { useState } from 'react';
import { useSend } from '../../api/query.ts';
import { AGENTS, useMay } from '../../api/session.ts';
import type { Note, Thread } from '../../api/types.ts';
import { Icon } from '../../icons/index.tsx';
import { ErrorState } from '../../parts/States.tsx';
import { tellDone } from '../../parts/tell.tsx';
import { useThreadT } from './words.ts';

const LONGEST = 8_000;

export function NoteForm({ thread }: { thread: Thread }) {
  const t = useThreadT();
  const mayNote = useMay(AGENTS);
  const [text, setText] = useState('');
  const conversation = thread.holder.conversation_id ?? thread.conversations[0]?.id;
  const add = useSend<{ text: string }, Note>('POST', `/conversations/${conversation}/notes`, {
    touches: ['threads'],
    onDone: () => {
      setText('');
      tellDone(t('note.added'));
    },
  });
  if (!mayNote || conversation === undefined) return null;
  return (
    <Paper p="sm">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (text.trim() !== '') add.mutate({ text: text.trim() });
        }}
      >
        <Textarea
          label={t('note.label')}
          description={t('note.about')}
          autosize
          minRows={2}
          maxRows={10}
          maxLength={LONGEST}
          dir="auto"
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        {add.error ? <ErrorState error={add.error} /> : null}
        <Group justify="flex-end" mt="xs">
          <Button
            type="submit"
            size="xs"
            variant="default"
            loading={add.isPending}
            disabled={text.trim() === ''}
            leftSection={<Icon name="note" size={14} />}
          >
            {t('note.add')}
          </Button>
        </Group>
      </form>
    </Paper>
  );
}
