// The launcher, the window and the voice for screen readers; and the fence: an error in here takes everything away.
// Not here: the page around it (mount.ts). The one thing to know: the window is not there at all while it is closed.
import { Component, type ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Settings } from '../../../src/channels/webchat/protocol.ts';
import type { Chat } from '../chat/chat.ts';
import { choices, type Transcript, unread } from '../chat/transcript.ts';
import type { Words } from '../words/words.ts';
import { Composer } from './Composer.tsx';
import { Header } from './Header.tsx';
import { ChatIcon, DownIcon } from './icons.tsx';
import { Log } from './Log.tsx';
import { safeHref } from './links.ts';

export type View = {
  now: Transcript;
  settings: Settings;
  words: Words;
  open: boolean;
  launcher: boolean;
  /** what a screen reader is to say */
  spoken: string;
};
export type Props = { view: View; chat: Chat; open(open: boolean): void };

/** A short break in the line is no news. */
const NEWS_AFTER_MS = 2_500;
const TITLE_ID = 'title';

export class Fence extends Component<{ broke(error: unknown): void; children: ComponentChildren }> {
  override componentDidCatch(error: unknown): void {
    this.props.broke(error);
  }
  override render() {
    return this.props.children;
  }
}

export function Root({ view, chat, open }: Props) {
  return (
    <>
      {view.open ? <Panel view={view} chat={chat} open={open} /> : null}
      {view.launcher ? <Launcher view={view} open={open} /> : null}
      <div class="hidden" aria-live="polite" aria-atomic="true">
        {view.spoken}
      </div>
    </>
  );
}

function Launcher({ view, open }: Omit<Props, 'chat'>) {
  const { words, settings } = view;
  const waiting = unread(view.now);
  const label = waiting === 0 ? words.say('open') : words.say('unread', { n: waiting });
  const text = view.open ? '' : settings.launcher_text;
  return (
    <button
      type="button"
      id="launcher"
      part="launcher"
      class={text === '' ? 'launcher' : 'launcher wide'}
      aria-label={view.open ? words.say('close') : text === '' ? label : `${text}. ${label}`}
      aria-expanded={view.open}
      onClick={() => open(!view.open)}
    >
      <span class={view.open ? 'turn down' : 'turn'}>{view.open ? <DownIcon /> : <ChatIcon />}</span>
      {text === '' ? null : <bdi aria-hidden="true">{text}</bdi>}
      {waiting === 0 || view.open ? null : (
        <span class="badge" part="badge" aria-hidden="true">
          {waiting > 99 ? '99+' : waiting}
        </span>
      )}
    </button>
  );
}

function Panel({ view, chat, open }: Props) {
  const { now, settings, words } = view;
  const field = useRef<HTMLTextAreaElement>(null);
  const box = useRef<HTMLElement>(null);
  const close = (): void => open(false);
  const drop = (event: DragEvent): void => {
    event.preventDefault();
    if (settings.uploads) for (const file of event.dataTransfer?.files ?? []) void chat.attach(file);
  };
  return (
    <section
      ref={box}
      id="panel"
      part="panel"
      class="panel"
      role="dialog"
      aria-labelledby={TITLE_ID}
      onKeyDown={(event) => {
        if (event.key === 'Escape') close();
        else if (event.key === 'Tab') stayInside(event, box.current);
        // The page's own shortcuts are not meant while one writes here.
        event.stopPropagation();
      }}
      onDragOver={(event) => event.preventDefault()}
      onDrop={drop}
    >
      <Header settings={settings} holder={now.holder} words={words} titleId={TITLE_ID} close={close} />
      <News view={view} />
      <Log
        now={now}
        settings={settings}
        words={words}
        doing={{ retry: (id) => chat.retry(id), discard: (id) => chat.discard(id), older: () => void chat.older() }}
      />
      <Composer
        settings={settings}
        words={words}
        choices={choices(now)}
        field={field}
        writing={{
          send: (written) => chat.send(written),
          attach: (file) => void chat.attach(file),
          typed: (on) => chat.typed(on),
        }}
      />
    </section>
  );
}

/** Where the window fills the screen there is nothing behind it that the Tab key could reach and the eye could see. */
function stayInside(event: KeyboardEvent, panel: HTMLElement | null): void {
  if (panel === null || panel.clientWidth < window.innerWidth - 1) return;
  const stops = [...panel.querySelectorAll<HTMLElement>('button:not(:disabled), a[href], textarea, [tabindex="0"]')];
  const edge = event.shiftKey ? stops[0] : stops.at(-1);
  if ((panel.getRootNode() as ShadowRoot).activeElement !== edge) return;
  event.preventDefault();
  (event.shiftKey ? stops.at(-1) : stops[0])?.focus();
}

/** What is wrong with the line, once it has lasted. */
function News({ view }: { view: View }) {
  const { now, words, settings } = view;
  const bad = now.link === 'offline' || now.stuck;
  const [lasts, setLasts] = useState(false);
  useEffect(() => {
    if (!bad) return setLasts(false);
    const timer = setTimeout(() => setLasts(true), NEWS_AFTER_MS);
    return () => clearTimeout(timer);
  }, [bad]);
  const elsewhere = settings.fallback_url === '' ? undefined : safeHref(settings.fallback_url);
  return (
    <div class="news" role="status">
      {bad && lasts ? (
        <p>
          {words.say('offline')}{' '}
          {elsewhere === undefined ? null : (
            <a href={elsewhere} target="_blank" rel="noopener noreferrer">
              {settings.fallback_text || words.say('reach')}
            </a>
          )}
        </p>
      ) : null}
    </div>
  );
}
