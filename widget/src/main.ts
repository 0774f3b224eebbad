// The chat itself: builds everything from what the loader left, starts it, and takes everything away if it breaks.
// The only file that knows all parts. The one thing to know: nothing is shown before the server has said that this page
// may have a chat; what fails is told in one line of the console.
import type { Boot, Options } from './boot.ts';
import { Chat } from './chat/chat.ts';
import { keepIn } from './chat/keep.ts';
import type { Locks } from './chat/leader.ts';
import { type Cable, noCable } from './chat/line.ts';
import type { Identity } from './chat/session.ts';
import { unread } from './chat/transcript.ts';
import { type Refusal, wireTo } from './chat/wire.ts';
import { complain, putOn } from './face.ts';
import { Ui } from './ui/mount.ts';
import { on, type Undo } from './ui/page.ts';

function shelf(which: 'localStorage' | 'sessionStorage'): Storage | undefined {
  try {
    return window[which];
  } catch {
    return undefined; // a page in a sandbox, or a person who forbids it
  }
}

function chatFor(options: Options): Chat {
  const name = `signalbox:${options.asset}`;
  // Where a page has no https, there are none, whatever the types say.
  const locks = navigator.locks as Locks | undefined;
  return new Chat({
    name,
    wire: wireTo(`${options.base}webchat/${encodeURIComponent(options.asset)}`, (url, init) => fetch(url, init)),
    keep: keepIn(shelf('localStorage'), `${name}:`),
    locks,
    cable: 'BroadcastChannel' in window ? (new BroadcastChannel(name) as Cable) : noCable(),
    now: () => Date.now(),
    random: () => Math.random(),
  });
}

function whyNot(refusal: Refusal, options: Options): string {
  if (refusal.status !== 0) return refusal.detail;
  const page = window.location.origin;
  return `${options.base} does not answer, or ${page} is not among the asset's allowed_origins or ${options.base} not in this page's connect-src`;
}

/** One chat in one page, from its start until another asset's takes its place. */
class Life {
  readonly #boot: Boot;
  readonly #options: Options;
  readonly #chat: Chat;
  #ui: Ui | undefined;
  readonly #face;
  readonly #undo: Undo[];
  readonly #tab;
  /** asked for before there was anything to show */
  #opensAtOnce = false;
  readonly #wishes: ((ui: Ui) => void)[] = [];
  #identified = 0;
  /** the asset is for known customers only, and nobody has been made known yet */
  #unknown = false;
  #unread = 0;

  constructor(boot: Boot, options: Options) {
    this.#boot = boot;
    this.#options = options;
    this.#chat = chatFor(options);
    this.#tab = keepIn(shelf('sessionStorage'), `signalbox:${options.asset}:`);
    this.#face = putOn(boot, this.#doing());
    const chat = this.#chat;
    this.#undo = [
      on(window, 'online', () => chat.wake()),
      on(document, 'visibilitychange', () => {
        if (document.visibilityState === 'visible') chat.wake();
      }),
      on(window, 'pagehide', () => chat.rest()),
      on(document, 'resume', () => chat.resume()),
    ];
    const back = (event: PageTransitionEvent): void => {
      if (event.persisted) chat.resume();
    };
    window.addEventListener('pageshow', back);
    this.#undo.push(() => window.removeEventListener('pageshow', back));
  }

  async start(): Promise<void> {
    this.#face.run();
    let told = '';
    let unknown = false;
    const identified = this.#identified;
    const shown = await this.#chat.start((refusal, final) => {
      const why = `the chat is not shown: ${whyNot(refusal, this.#options)}`;
      if (why !== told) complain(final || refusal.status !== 0 ? why : `${why}. Trying again.`);
      told = why;
      unknown = refusal.code === 'identity_required';
      this.#face.emit('error', why);
    });
    if (shown) this.#show();
    // The site told who it is while we asked without knowing.
    else if (unknown && this.#identified !== identified) await this.start();
    else this.#unknown = unknown;
  }

  end(): void {
    for (const undo of this.#undo) undo();
    this.#ui?.destroy();
    this.#ui = undefined;
    this.#chat.stop();
  }

  #show(): void {
    const [chat, face] = [this.#chat, this.#face];
    chat.watch((now, action, live) => {
      if (action?.type === 'holder' && live) face.emit('holder', now.holder);
      if (action?.type === 'message' && live && action.message.author.type !== 'customer') {
        const { id, author, text } = action.message;
        face.emit('message', { id, author, text });
      }
      this.#tellUnread();
    });
    this.#ui = new Ui({
      chat,
      options: this.#options,
      wasOpen: this.#tab.get<boolean>('open') === true,
      opened: (open) => {
        this.#tab.set('open', open);
        face.emit(open ? 'open' : 'close', undefined);
      },
      broke: (error) => this.#broke(error),
    });
    for (const wish of this.#wishes.splice(0)) wish(this.#ui);
    if (this.#opensAtOnce) this.#ui.setOpen(true);
    face.emit('ready', { address: chat.state.address });
    this.#tellUnread();
  }

  #tellUnread(): void {
    const count = unread(this.#chat.state);
    if (count === this.#unread) return;
    this.#unread = count;
    this.#face.emit('unread', count);
  }

  #broke(error: unknown): void {
    complain(`the chat was taken away: ${error instanceof Error ? error.message : String(error)}`);
    this.#face.emit('error', String(error));
    this.end();
  }

  async #identify(identity: Identity): Promise<void> {
    this.#identified += 1;
    const refusal = await this.#chat.identify(identity);
    if (refusal !== null) complain(`identify() was refused: ${refusal.detail}`);
    if (!this.#unknown) return;
    this.#unknown = false;
    await this.start();
  }

  #doing(): Parameters<typeof putOn>[1] {
    const chat = this.#chat;
    const show = (open: boolean): void => {
      this.#opensAtOnce = open;
      this.#ui?.setOpen(open);
    };
    const wish = (what: (ui: Ui) => void): void => {
      if (this.#ui === undefined) this.#wishes.push(what);
      else what(this.#ui);
    };
    return {
      open: () => show(true),
      close: () => show(false),
      toggle: () => show(!(this.#ui?.open ?? this.#opensAtOnce)),
      identify: (identity) => void this.#identify(identity),
      setLocale: (locale) => wish((ui) => ui.setLocale(locale)),
      setTheme: (theme) => wish((ui) => ui.setTheme(theme)),
      reset: () => {
        this.#ui?.setOpen(false);
        void chat.reset();
      },
      attach: (options) => {
        if (options.asset === this.#options.asset) return this.#ui?.attach();
        this.end();
        begin(this.#boot, options);
      },
    };
  }
}

function begin(boot: Boot, options: Options): void {
  const life = new Life(boot, options);
  life.start().catch((error: unknown) => {
    life.end();
    complain(`the chat is not shown: ${error instanceof Error ? error.message : String(error)}`);
  });
}

const boot = window.Signalbox;
if (boot !== undefined && !Array.isArray(boot)) begin(boot, boot.options);
