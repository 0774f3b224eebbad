// Puts the chat into the page: a shadow root of its own, its style sheet, its place in the body; and takes it away again.
// Not here: what is inside (Root.tsx). The one thing to know: the element itself has no size, so that only what can be
// seen can be clicked; and a page that replaces its body gets it back at once.
import { h, render } from 'preact';
import type { Options } from '../boot.ts';
import type { Chat } from '../chat/chat.ts';
import type { Action, Transcript } from '../chat/transcript.ts';
import { wordsFor } from '../words/words.ts';
import { on, onBodyChange, onKeyboard, type Undo } from './page.ts';
import { Fence, Root } from './Root.tsx';
import { spokenOf } from './spoken.ts';
import sheet from './style.css';
import { properties, type ThemeWish } from './theme.ts';

export type UiPorts = {
  chat: Chat;
  options: Options;
  /** whether it was open in this tab before the page was loaded */
  wasOpen: boolean;
  opened(open: boolean): void;
  broke(error: unknown): void;
};

/** The name of the element in the page, for its style sheet. */
const ELEMENT = 'signalbox-chat';
/** Below this width the window fills the screen; the style sheet has the same number. */
const NARROW = '(max-width: 480px)';

export class Ui {
  open: boolean;
  readonly #ports: UiPorts;
  readonly #host = document.createElement(ELEMENT);
  readonly #shadow = this.#host.attachShadow({ mode: 'open' });
  readonly #root = document.createElement('div');
  readonly #dark = matchMedia('(prefers-color-scheme: dark)');
  readonly #undo: Undo[];
  #wish: ThemeWish = {};
  #from: Element | null = null;
  #wishedLocale: string | undefined;
  #words = wordsFor([]);
  #spoken = '';
  #drawing = false;
  #was: Transcript;
  readonly #openTo = (open: boolean): void => this.setOpen(open);

  constructor(ports: UiPorts) {
    this.#ports = ports;
    const style = new CSSStyleSheet();
    style.replaceSync(sheet);
    this.#shadow.adoptedStyleSheets = [style];
    this.#root.id = 'root';
    this.#shadow.append(this.#root);
    this.open = ports.wasOpen && !matchMedia(NARROW).matches;
    this.#was = ports.chat.state;
    this.#dress();
    this.#draw();
    this.attach();
    this.#undo = [
      ports.chat.watch((now, action, live) => this.#heard(now, action, live)),
      on(this.#dark, 'change', () => this.#dress()),
      on(document, 'visibilitychange', () => this.#look()),
      onBodyChange(() => this.attach()),
      onKeyboard(this.#root),
    ];
    this.#look();
  }

  setOpen(open: boolean): void {
    if (this.open === open) return;
    this.open = open;
    if (open) this.#from = document.activeElement;
    this.#draw();
    // Who opens it wants to write; who closes it goes on where it was opened.
    const next = this.#shadow.querySelector(open ? 'textarea' : '#launcher') ?? this.#from;
    (next as HTMLElement | null)?.focus();
    this.#look();
    this.#ports.opened(open);
  }

  setLocale(locale: string): void {
    this.#wishedLocale = locale;
    this.#dress();
  }

  setTheme(wish: ThemeWish): void {
    this.#wish = { ...this.#wish, ...wish };
    this.#dress();
  }

  attach(): void {
    if (!this.#host.isConnected) document.body.append(this.#host);
  }

  destroy(): void {
    for (const undo of this.#undo) undo();
    render(null, this.#root);
    this.#host.remove();
  }

  #heard(now: Transcript, action: Action | null, live: boolean): void {
    const spoken = live ? spokenOf(action, this.#was, this.#words) : '';
    if (spoken !== '') this.#spoken = spoken;
    this.#was = now;
    if (action?.type === 'session') this.#dress();
    if (action?.type === 'message' || action?.type === 'session') this.#look();
    this.#drawSoon();
  }

  /** What is in an open window of a page in front of somebody counts as read. */
  #look(): void {
    if (this.open && document.visibilityState === 'visible') this.#ports.chat.seen();
  }

  #dress(): void {
    const { chat, options } = this.#ports;
    const { settings } = chat;
    if (settings === null) return;
    const page = document.documentElement.lang;
    this.#words = wordsFor([this.#wishedLocale, options.locale, settings.locale, page, ...navigator.languages]);
    const theme = { ...settings.theme, ...this.#wish };
    const scheme = this.#wish.scheme ?? options.theme ?? theme.scheme;
    const dark = scheme === 'dark' || (scheme !== 'light' && this.#dark.matches);
    const root = this.#root;
    root.lang = this.#words.locale;
    root.dir = this.#words.dir;
    root.dataset.scheme = dark ? 'dark' : 'light';
    root.dataset.position = (options.position ?? settings.position) === 'start' ? 'start' : 'end';
    root.dataset.font = theme.font;
    for (const [name, value] of Object.entries(properties(theme))) root.style.setProperty(name, value);
    this.#drawSoon();
  }

  #drawSoon(): void {
    if (this.#drawing) return;
    this.#drawing = true;
    queueMicrotask(() => this.#draw());
  }

  #draw(): void {
    this.#drawing = false;
    const { chat, options, broke } = this.#ports;
    const { settings } = chat;
    if (settings === null) return;
    const [words, open, spoken] = [this.#words, this.open, this.#spoken];
    const view = { now: chat.state, settings, words, open, launcher: options.launcher !== 'none', spoken };
    render(h(Fence, { broke, children: h(Root, { view, chat, open: this.#openTo }) }), this.#root);
  }
}
