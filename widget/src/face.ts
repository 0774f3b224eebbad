// `window.Signalbox`: what a page can ask of the chat, and what it can hear from it.
// Not here: how calls are kept before the chat is there (loader.ts). The one thing to know: a wrong call says so in one
// line of the console and changes nothing; a page's own listener that throws harms nobody else.
import type { Holder } from '../../src/channels/webchat/protocol.ts';
import type { Boot, MethodName, Options } from './boot.ts';
import type { Identity } from './chat/session.ts';
import type { ThemeWish } from './ui/theme.ts';

/** What can be listened for, and what the listener is given. */
export type Heard = {
  ready: { address: string };
  open: undefined;
  close: undefined;
  message: { id: string; author: { type: string; name: string }; text: string };
  unread: number;
  holder: Holder;
  error: string;
};
export type EventName = keyof Heard;

const EVENTS: readonly EventName[] = ['ready', 'open', 'close', 'message', 'unread', 'holder', 'error'];

export type Doing = {
  open(): void;
  close(): void;
  toggle(): void;
  identify(identity: Identity): void;
  setLocale(locale: string): void;
  setTheme(wish: ThemeWish): void;
  reset(): void;
  attach(options: Options): void;
};

export type Face = { emit<E extends EventName>(event: E, detail: Heard[E]): void };

export const complain = (what: string): void => console.error(`Signalbox: ${what}`);

/** Puts the real methods in the place of those that only waited. The calls that wait are made by `run`. */
export function putOn(boot: Boot, doing: Doing): Face & { run(): void } {
  const listeners = new Map<EventName, Set<(detail: unknown) => void>>();
  const listen = (event: unknown, listener: unknown): Set<(detail: unknown) => void> | undefined => {
    if (!EVENTS.includes(event as EventName) || typeof listener !== 'function') {
      complain(`on(event, listener) knows the events ${EVENTS.join(', ')}`);
      return undefined;
    }
    const name = event as EventName;
    const set = listeners.get(name) ?? new Set();
    listeners.set(name, set);
    return set;
  };
  const methods: { [name in MethodName]: (...args: unknown[]) => unknown } = {
    open: () => doing.open(),
    close: () => doing.close(),
    toggle: () => doing.toggle(),
    on: (event, listener) => void listen(event, listener)?.add(listener as () => void),
    off: (event, listener) => void listen(event, listener)?.delete(listener as () => void),
    identify: (given) => {
      const identity = identityIn(given);
      if (identity === undefined) return complain('identify() needs {id, hmac} and takes a name');
      doing.identify(identity);
    },
    setLocale: (locale) =>
      typeof locale === 'string' ? doing.setLocale(locale) : complain('setLocale() needs a language, such as "en"'),
    setTheme: (wish) => {
      if (typeof wish === 'string') return doing.setTheme({ scheme: wish as 'auto' });
      if (typeof wish === 'object' && wish !== null) return doing.setTheme(wish);
      complain('setTheme() needs "auto", "light", "dark" or {accent: "#…", …}');
    },
    reset: () => doing.reset(),
    attach: (options) => doing.attach(options as Options),
  };
  Object.assign(boot, methods);
  return {
    emit: (event, detail) => {
      for (const listener of listeners.get(event) ?? []) {
        try {
          listener(detail);
        } catch (error) {
          setTimeout(() => {
            throw error; // the page's own mistake: it belongs into the page's own error handling
          });
        }
      }
    },
    run: () => {
      for (const [name, ...args] of boot.waiting.splice(0)) methods[name]?.(...args);
    },
  };
}

function identityIn(given: unknown): Identity | undefined {
  const { id, name, hmac } = (given ?? {}) as Record<string, unknown>;
  if (typeof id !== 'string' || typeof hmac !== 'string' || id === '' || hmac === '') return undefined;
  return { id, hmac, ...(typeof name === 'string' ? { name } : {}) };
}
