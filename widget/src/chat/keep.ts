// What outlives a page: small named values in the browser's storage, or in memory where a page may not have any.
// Not here: what is kept. The one thing to know: other tabs write too, so nothing is kept as one big value that two tabs
// could overwrite for each other; each thing has a key of its own.

export type Keep = {
  get<T>(name: string): T | undefined;
  set(name: string, value: unknown): void;
  drop(name: string): void;
  /** names that begin so, sorted */
  names(prefix: string): string[];
};

type Shelf = Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'key' | 'length'>;

/** `shelf` is localStorage, or undefined where the browser refuses it; full or refused writes are kept in memory. */
export function keepIn(shelf: Shelf | undefined, prefix: string): Keep {
  const memory = new Map<string, string>();
  const attempt = <T>(what: (shelf: Shelf) => T): T | undefined => {
    try {
      return shelf === undefined ? undefined : what(shelf);
    } catch {
      return undefined;
    }
  };
  return {
    get: <T>(name: string): T | undefined => {
      const text = memory.get(name) ?? attempt((it) => it.getItem(prefix + name)) ?? undefined;
      if (text === undefined) return undefined;
      try {
        return JSON.parse(text) as T;
      } catch {
        return undefined;
      }
    },
    set: (name, value) => {
      const text = JSON.stringify(value);
      const done = attempt((it) => {
        it.setItem(prefix + name, text);
        return true;
      });
      if (done) memory.delete(name);
      else memory.set(name, text);
    },
    drop: (name) => {
      memory.delete(name);
      attempt((it) => it.removeItem(prefix + name));
    },
    names: (begin) => {
      const kept =
        attempt((it) =>
          Array.from({ length: it.length }, (_, index) => it.key(index) ?? '')
            .filter((key) => key.startsWith(prefix + begin))
            .map((key) => key.slice(prefix.length)),
        ) ?? [];
      const held = [...memory.keys()].filter((name) => name.startsWith(begin));
      return [...new Set([...kept, ...held])].sort();
    },
  };
}
