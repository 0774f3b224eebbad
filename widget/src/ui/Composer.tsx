// Where the customer writes: text, files by button, paste or drop, and the choices that a bot offers.
// The one thing to know: Enter sends and Shift+Enter breaks the line, but not while an input method composes a word.
import { useRef, useState } from 'preact/hooks';
import { type Settings, TEXT_MAX, UPLOAD_BYTES_MAX, UPLOAD_TYPES } from '../../../src/channels/webchat/protocol.ts';
import type { Written } from '../chat/chat.ts';
import type { Words } from '../words/words.ts';
import { ClipIcon, SendIcon } from './icons.tsx';

type Choice = { title: string; payload: string | null };
export type Writing = { send(written: Written): boolean; attach(file: File): void; typed(on: boolean): void };
type Props = {
  settings: Settings;
  words: Words;
  choices: readonly Choice[];
  writing: Writing;
  field: { current: HTMLTextAreaElement | null };
};

/** About five lines; beyond that the field scrolls. */
const TALLEST_PX = 128;
const MEGABYTE = 1024 * 1024;

export function Composer({ settings, words, choices, writing, field }: Props) {
  const [text, setText] = useState('');
  const [trouble, setTrouble] = useState('');
  const attach = (files: Iterable<File>): void => {
    setTrouble('');
    for (const file of files) {
      if (file.size <= UPLOAD_BYTES_MAX) writing.attach(file);
      else setTrouble(words.say('tooLarge', { n: UPLOAD_BYTES_MAX / MEGABYTE }));
    }
  };
  const send = (): void => {
    if (text.trim() === '') return;
    const taken = writing.send({ type: 'message', text: text.trim() });
    setTrouble(taken ? '' : words.say('tooMuch'));
    const it = field.current;
    if (!taken || it === null) return;
    setText('');
    it.style.height = '';
    it.focus();
  };
  const wrote = (value: string): void => {
    setText(value);
    writing.typed(value.trim() !== '');
  };
  return (
    <footer part="composer">
      <Choices choices={choices} words={words} choose={(choice) => writing.send(writtenOf(choice))} />
      {trouble === '' ? null : (
        <p class="trouble" role="alert">
          {trouble}
        </p>
      )}
      <form
        class="field"
        onSubmit={(event) => {
          event.preventDefault();
          send();
        }}
      >
        {settings.uploads ? <Attach words={words} attach={attach} /> : null}
        <textarea
          ref={field}
          part="input"
          rows={1}
          dir={text === '' ? undefined : 'auto'}
          value={text}
          maxLength={TEXT_MAX}
          aria-label={words.say('yourMessage')}
          placeholder={words.say('write')}
          onInput={(event) => {
            grow(event.currentTarget);
            wrote(event.currentTarget.value);
          }}
          onPaste={(event) => {
            const files = event.clipboardData?.files;
            if (!settings.uploads || files === undefined || files.length === 0) return;
            event.preventDefault();
            attach(files);
          }}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
            event.preventDefault();
            send();
          }}
        />
        <button type="submit" class="send" part="send" aria-label={words.say('send')} disabled={text.trim() === ''}>
          <SendIcon />
        </button>
      </form>
    </footer>
  );
}

/** A choice without a payload is as if it had been typed. */
function writtenOf({ title, payload }: Choice): Written {
  return payload === null ? { type: 'message', text: title } : { type: 'postback', payload, title };
}

/** As tall as what stands in it. */
function grow(it: HTMLTextAreaElement): void {
  it.style.height = '';
  it.style.height = `${Math.min(TALLEST_PX, it.scrollHeight)}px`;
}

function Attach({ words, attach }: { words: Words; attach(files: Iterable<File>): void }) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={input}
        type="file"
        hidden
        multiple
        accept={UPLOAD_TYPES.join(',')}
        onChange={(event) => {
          attach([...(event.currentTarget.files ?? [])]);
          event.currentTarget.value = '';
        }}
      />
      <button type="button" class="plain" aria-label={words.say('attach')} onClick={() => input.current?.click()}>
        <ClipIcon />
      </button>
    </>
  );
}

function Choices({ choices, words, choose }: Pick<Props, 'choices' | 'words'> & { choose(choice: Choice): void }) {
  if (choices.length === 0) return null;
  return (
    <ul class="choices" aria-label={words.say('choices')}>
      {choices.map((choice) => (
        <li key={choice.title}>
          <button type="button" part="choice" dir="auto" onClick={() => choose(choice)}>
            {choice.title}
          </button>
        </li>
      ))}
    </ul>
  );
}
