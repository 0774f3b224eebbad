// Where an agent writes: an answer to the customer, or a note that only colleagues see.
// Not here: sending (outbox.ts). The one thing to know: Enter sends and Shift+Enter breaks the line; what is typed is kept
// for each conversation, and answers and notes never mix.
import { ActionIcon, Button, FileButton, Group, SegmentedControl, Text, Textarea, Tooltip } from '@mantine/core';
import { type KeyboardEvent, useRef, useState } from 'react';
import { api, newKey } from '../../api/client.ts';
import { useSend } from '../../api/query.ts';
import type { Conversation, UploadedMedium } from '../../api/types.ts';
import { Icon } from '../../icons/index.tsx';
import { announce } from '../../parts/Announcer.tsx';
import { tellFailed } from '../../parts/tell.tsx';
import { useDraft } from './drafts.ts';
import classes from './Inbox.module.css';
import { say } from './outbox.ts';
import { upload } from './upload.ts';
import { useInboxT } from './words.ts';

export type Mode = 'reply' | 'note';
const REPLY_MAX = 65_536;
const NOTE_MAX = 8_000;
/** The customer's side forgets after a few seconds; so often it is said again. */
const TYPING_EVERY_MS = 4_000;

type Props = {
  conversation: Conversation;
  mode: Mode;
  maySay: boolean;
  setMode: (mode: Mode) => void;
  /** Enter on the row leads here */
  isFirst: boolean;
};
type Attached = { key: string; name: string; made: UploadedMedium | null };

export function Composer({ conversation, mode, maySay, setMode, isFirst }: Props) {
  const t = useInboxT();
  const { id } = conversation;
  const [text, setText] = useDraft(`${id} ${mode}`);
  const files = useFiles();
  const typed = useTyping(id, mode === 'reply');
  const note = useSend<{ text: string }>('POST', `/conversations/${id}/notes`, { touches: ['threads'] });
  const isNote = mode === 'note';
  const ready = (text.trim() !== '' || files.media.length > 0) && !files.isBusy && !note.isPending;

  const send = (): void => {
    if (!ready) return;
    if (isNote) {
      const sent = text;
      note.mutate(
        { text: sent.trim() },
        { onSuccess: () => setText(''), onError: (error) => tellFailed(t('note.failed'), error) },
      );
      return;
    }
    say(id, text.trim(), files.media);
    setText('');
    files.clear();
    typed('');
    announce(t('sent'));
  };
  return (
    <div
      className={classes.composer}
      data-note={isNote || undefined}
      onPaste={(event) => maySay && !isNote && files.add([...event.clipboardData.files])}
    >
      {maySay ? (
        <SegmentedControl
          size="xs"
          value={mode}
          onChange={(next) => setMode(next as Mode)}
          aria-label={t('compose.mode')}
          data={[
            { value: 'reply', label: t('compose.reply') },
            { value: 'note', label: t('compose.note') },
          ]}
        />
      ) : (
        <Text size="xs" fw={600}>
          {t('compose.note')}
        </Text>
      )}
      <FilesShown files={files} />
      <Group gap="xs" wrap="nowrap" align="flex-end">
        <Textarea
          flex={1}
          data-composer={mode}
          data-first-act={isFirst || undefined}
          aria-label={t(isNote ? 'compose.note' : 'compose.reply')}
          placeholder={t(isNote ? 'compose.note.hint' : 'compose.reply.hint')}
          autosize
          minRows={1}
          maxRows={8}
          dir="auto"
          maxLength={isNote ? NOTE_MAX : REPLY_MAX}
          value={text}
          onChange={(event) => {
            setText(event.currentTarget.value);
            typed(event.currentTarget.value);
          }}
          onKeyDown={(event) => onKey(event, id, send)}
        />
        {isNote ? null : (
          <FileButton onChange={(chosen) => files.add(chosen)} multiple>
            {(props) => (
              <Tooltip label={t('compose.attach')}>
                <ActionIcon size={34} aria-label={t('compose.attach')} {...props}>
                  <Icon name="attach" />
                </ActionIcon>
              </Tooltip>
            )}
          </FileButton>
        )}
        <Button
          onClick={send}
          disabled={!ready}
          loading={note.isPending}
          leftSection={<Icon name={isNote ? 'note' : 'send'} size={15} />}
        >
          {t(isNote ? 'compose.note.add' : 'compose.send')}
        </Button>
      </Group>
      <Text size="xs" c="dimmed" visibleFrom="sm">
        {t(isNote ? 'compose.note.about' : 'compose.keys')}
      </Text>
    </div>
  );
}

/** Enter sends, unless a word is still being composed; Escape goes back to the row in the list. */
function onKey(event: KeyboardEvent<HTMLTextAreaElement>, id: string, send: () => void): void {
  if (event.key === 'Escape') {
    event.currentTarget.blur();
    document.querySelector<HTMLElement>(`[data-conversation="${id}"]`)?.focus();
  }
  if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
  event.preventDefault();
  send();
}

type Files = ReturnType<typeof useFiles>;

function useFiles() {
  const t = useInboxT();
  const [files, setFiles] = useState<Attached[]>([]);
  const add = (chosen: File[]): void => {
    for (const file of chosen) {
      const key = newKey();
      setFiles((now) => [...now, { key, name: file.name, made: null }]);
      upload(file).then(
        (made) => setFiles((now) => now.map((each) => (each.key === key ? { ...each, made } : each))),
        (error) => {
          setFiles((now) => now.filter((each) => each.key !== key));
          tellFailed(t('attach.failed', { name: file.name }), error);
        },
      );
    }
  };
  return {
    files,
    add,
    remove: (key: string) => setFiles((now) => now.filter((each) => each.key !== key)),
    clear: () => setFiles([]),
    isBusy: files.some(({ made }) => made === null),
    media: files.flatMap(({ made }) => (made ? [{ url: made.url, type: made.type, name: made.name }] : [])),
  };
}

function FilesShown({ files: { files, remove } }: { files: Files }) {
  const t = useInboxT();
  if (files.length === 0) return null;
  return (
    <ul className={classes.files} aria-label={t('compose.files')}>
      {files.map(({ key, name, made }) => (
        <li key={key} aria-busy={made === null}>
          <Icon name={made === null ? 'clock' : 'attach'} size={14} />
          <bdi>{made?.name ?? name}</bdi>
          <ActionIcon size="xs" aria-label={t('attach.remove', { name })} onClick={() => remove(key)}>
            <Icon name="cross" size={12} />
          </ActionIcon>
        </li>
      ))}
    </ul>
  );
}

/** Tells the customer that an answer is being written; nobody waits for it, and nothing is lost with it. */
function useTyping(id: string, enabled: boolean): (text: string) => void {
  const saidAt = useRef(0);
  return (text) => {
    if (!enabled) return;
    const on = text !== '';
    const now = Date.now();
    if (on && now - saidAt.current < TYPING_EVERY_MS) return;
    if (!on && saidAt.current === 0) return;
    saidAt.current = on ? now : 0;
    api('POST', `/conversations/${id}/typing`, { body: { on } }).catch(() => undefined);
  };
}
