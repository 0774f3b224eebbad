// What the script tag loads: it takes calls from the first moment, and fetches the chat itself when the page is idle.
// Not here: anything that is shown. The one thing to know: whatever fails here leaves nothing on the page but one line
// in the console; and a page that runs the tag again (Turbo and its like) gets the chat that it has.
import type { Boot, Call } from './boot.ts';

/** The chat's file beside this one, named by its contents; the build writes it in. */
declare const CHAT_FILE: string;

const METHODS = [
  'open',
  'close',
  'toggle',
  'on',
  'off',
  'identify',
  'setLocale',
  'setTheme',
  'reset',
  'attach',
] as const;

const fail = (why: string): void => console.error(`Signalbox: the chat is not shown: ${why}`);

function begin() {
  const script = document.currentScript;
  if (!(script instanceof HTMLScriptElement)) return fail('load widget.js by a plain <script> tag, not as a module');
  const { asset = '', ...wishes } = script.dataset;
  if (asset === '') return fail('its script tag has no data-asset="ast_…"');
  const options = { ...wishes, asset, base: new URL('.', script.src).href };

  const there = window.Signalbox;
  if (there !== undefined && !Array.isArray(there)) {
    there.attach?.(...([options] as never[]));
    return;
  }
  const waiting: Call[] = Array.isArray(there) ? [...there] : [];
  const boot: Boot = {
    options,
    waiting,
    push: (...calls) => {
      for (const [name, ...rest] of calls) {
        const method = boot[name] as ((...args: unknown[]) => unknown) | undefined;
        if (method !== undefined) method(...rest);
      }
    },
  };
  for (const name of METHODS) boot[name] = (...args: unknown[]) => void waiting.push([name, ...args]);
  window.Signalbox = boot;

  const chat = document.createElement('script');
  chat.src = new URL(`widget/${CHAT_FILE}`, options.base).href;
  chat.async = true;
  // A page whose policy is a nonce has given it to this tag.
  if (script.nonce) chat.nonce = script.nonce;
  chat.onerror = () => fail(`${chat.src} cannot be loaded (is the server up, and allowed in this page's script-src?)`);
  const add = (): void => void document.head.append(chat);
  const idle = window.requestIdleCallback as typeof window.requestIdleCallback | undefined;
  if (idle !== undefined) idle(add, { timeout: 2000 });
  else setTimeout(add, 200);
}

begin();
