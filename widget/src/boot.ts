// What the loader leaves for the chat, and the face that a page speaks to: `window.Signalbox`.
// Types only: both bundles know them. The one thing to know: calls made before the chat is there wait in `waiting`.

export type Options = {
  asset: string;
  /** where widget.js came from, with a slash at the end */
  base: string;
  /** BCP 47; wins over the asset's setting */
  locale?: string;
  /** auto, light or dark; wins over the asset's setting */
  theme?: string;
  /** start or end; wins over the asset's setting */
  position?: string;
  /** `none`: the page opens the chat by itself */
  launcher?: string;
};

export type MethodName =
  | 'open'
  | 'close'
  | 'toggle'
  | 'on'
  | 'off'
  | 'identify'
  | 'setLocale'
  | 'setTheme'
  | 'reset'
  | 'attach';

export type Call = [MethodName, ...unknown[]];

export type Boot = {
  options: Options;
  waiting: Call[];
  push(...calls: Call[]): void;
} & { [name in MethodName]?: (...args: never[]) => unknown };

declare global {
  interface Window {
    /** a page may make it a list of calls before the loader runs */
    Signalbox?: Boot | Call[];
  }
}
