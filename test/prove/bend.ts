// Hostile bytes made of good ones: fields gone, doubled, of another type, nested, huge, named like a prototype; halves of
// characters, other encodings, bytes cut off or changed.
// Not here: who reads them (parsers-table.ts, fuzz-doors.ts). The one thing to know: most of what was good stays as it was, so
// that a reader gets far into what it believes.
import type { Loose } from '../parties/call.ts';

/** How the good bytes are written. */
export type Form = 'json' | 'form' | 'text' | 'bytes';

const LONG = 60_000;
const DEEP = 1_500;
const COPIES = 400;
/** Deeper than a reader that calls itself can go. */
const ABYSS = 20_000;

const NAMES = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'length', 'then', '', 'toJSON'];
const PIECES = [
  ...[
    '\0',
    '\ud800',
    '\udfff',
    '\ud83d',
    '\u202e',
    '\u200b',
    '\ufeff',
    '\u2028',
    '\r\n',
    '\n',
    '\t',
    '\x7f',
    '\\',
    '/',
  ],
  ...['"', "'", '%', '%00', '%zz', '%ff', '&', '=', ';', ',', '~1', '..', '../', '<script>', '{{1}}', 'ı', 'İ', '💥'],
];
/** Each is slow for some pattern that was written without care. */
const RUNS = [
  ' ',
  '\t',
  '\n',
  'a',
  '1',
  '_',
  ',',
  ', ',
  '(',
  ')',
  '[',
  '\\',
  '"',
  '/',
  '=',
  '%',
  '-',
  '.',
  '; ',
  ':',
  'a\u0301',
  '💥',
];
const WORDS = [
  ...[
    '',
    ' ',
    '0',
    '-1',
    '1e400',
    'null',
    'true',
    'NaN',
    'sim-1',
    'web-1',
    '+',
    '+1',
    '__proto__',
    'constructor',
    'remote:',
    'media:',
  ],
  ...[
    'http://',
    'https://[::1',
    'https://a/%zz',
    'https://\ud800/',
    'HTTPS://a.example/%',
    'javascript:alert(1)',
    'data:text/html,x',
  ],
  ...[
    '0000-00-00T00:00:00Z',
    '275760-09-13T00:00:00.001Z',
    '2025-02-30T25:61:61Z',
    '9999-12-31T23:59:59.999999999+99:99',
  ],
];
const NUMBERS = [
  0,
  -0,
  -1,
  0.5,
  1e21,
  1e308,
  -1e308,
  2 ** 31,
  2 ** 53,
  2 ** 53 + 2,
  8.64e15,
  8.64e15 + 1,
  1e11,
  1e-300,
];

const PIECE = /[\s\S]/;

/** The same chance gives the same bytes. */
export class Bender {
  readonly random: () => number;

  constructor(random: () => number) {
    this.random = random;
  }

  below(end: number): number {
    return Math.floor(this.random() * end);
  }
  one(share: number): boolean {
    return this.random() < share;
  }
  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)] as T;
  }

  /** Good bytes as they are now and then, else hostile ones. */
  bent(good: Buffer, form: Form): Buffer {
    if (this.one(0.03)) return good;
    if (form === 'bytes' || this.one(0.08)) return this.bytes(good);
    if (form === 'json') return this.#json(good);
    if (form === 'form') return this.#form(good);
    return Buffer.from(this.text(good.toString('utf8')));
  }

  text(good: string): string {
    const at = this.below(good.length + 1);
    const [before, after] = [good.slice(0, at), good.slice(at)];
    const swap = PIECE.exec(after)?.[0] ?? '';
    const ways = [
      () => before,
      () => after,
      () => before + this.pick(PIECES) + after,
      () => before + this.pick(PIECES) + after.slice(1),
      () => before + after.slice(1),
      () => before + good.slice(this.below(good.length + 1)) + after,
      () => before + swap.repeat(1 + this.below(40)) + after,
      () => (swap === swap.toUpperCase() ? good.toLowerCase() : good.toUpperCase()),
      () => this.pick(WORDS),
      () => this.#run(),
      () => before + this.#run() + after,
    ];
    return this.pick(ways)();
  }

  bytes(good: Buffer): Buffer {
    const at = this.below(good.length + 1);
    const [before, after] = [good.subarray(0, at), good.subarray(at)];
    const odd = Buffer.from([this.pick([0, 0x0a, 0x0d, 0x22, 0x2d, 0x5c, 0x7f, 0x80, 0xc0, 0xed, 0xf8, 0xff])]);
    const ways = [
      () => before,
      () => after,
      () => Buffer.concat([before, odd, after]),
      () => Buffer.concat([before, odd, after.subarray(1)]),
      () => Buffer.concat([before, after.subarray(1 + this.below(8))]),
      () => Buffer.concat([before, good, after]),
      () => Buffer.concat([before, Buffer.alloc(this.below(LONG), odd), after]),
      () => Buffer.from([...good.subarray(0, 64)].map(() => this.below(256))),
      () => Buffer.from(good.toString('utf8'), 'utf16le'),
      () => Buffer.from(good.toString('utf8'), 'latin1'),
      () => Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), good]),
      () => Buffer.alloc(0),
    ];
    return this.pick(ways)();
  }

  #run(): string {
    const run = this.pick(RUNS);
    return run.repeat(this.one(0.1) ? this.below(LONG / run.length) : 1 + this.below(300));
  }

  /** Anything that JSON can say. */
  odd(): unknown {
    const ways = [
      () => null,
      () => this.one(0.5),
      () => this.pick(NUMBERS),
      () => this.pick(WORDS),
      () => this.text(this.pick(WORDS)),
      () => this.#run(),
      () => [],
      () => ({}),
      () => [this.pick(WORDS), this.pick(NUMBERS), null],
      () => JSON.parse(`{${JSON.stringify(this.pick(NAMES))}:{"polluted":1}}`),
      () => JSON.parse('{"length":{"toString":1,"valueOf":1}}'),
      () => JSON.parse('[{"toString":1,"valueOf":null,"length":5},{"length":[{"toString":1}]}]'),
      () => nested(1 + this.below(this.one(0.1) ? DEEP : 12), this.pick(NAMES)),
    ];
    return this.pick(ways)();
  }

  #json(good: Buffer): Buffer {
    const text = good.toString('utf8');
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      return Buffer.from(this.text(text));
    }
    for (let times = this.one(0.6) ? 1 : 2 + this.below(4); times > 0; times -= 1) value = this.#changed(value);
    const written = JSON.stringify(value) ?? '';
    return Buffer.from(this.one(0.12) ? this.#spelled(written) : written);
  }

  /** The same words in another spelling, or with what only a text can say. */
  #spelled(text: string): string {
    const end = text.lastIndexOf('}');
    const twice = `,${JSON.stringify(this.pick(this.#namesIn(text)))}:${JSON.stringify(this.odd())}}`;
    const ways = [
      () => (end < 0 ? text : text.slice(0, end) + twice + text.slice(end + 1)),
      () => text.replace(/[a-z]/g, (char) => (this.one(0.1) ? `\\u00${char.charCodeAt(0).toString(16)}` : char)),
      () => text.replace(/:"/g, () => (this.one(0.2) ? ':"\\ud83d' : ':"')),
      () => text.replace(/\d+/g, (digits) => (this.one(0.2) ? digits.repeat(40) : digits)),
      () => text.replace(/[{[,]/g, (mark) => mark + ' \n'.repeat(this.below(3))),
      () => `${'['.repeat(ABYSS)}${text}${']'.repeat(ABYSS)}`,
      () => text.replace(/:[^,{}[\]]+/, `:${'{"a":'.repeat(ABYSS)}1${'}'.repeat(ABYSS)}`),
      () => this.text(text),
    ];
    return this.pick(ways)();
  }

  #namesIn = (text: string): string[] => [...NAMES, ...(text.match(/\w+(?=":)/g) ?? [])];

  /** One place anywhere in it, changed. */
  #changed(value: unknown): unknown {
    if (typeof value !== 'object' || value === null || this.one(0.04)) return this.odd();
    let holder = value as Loose;
    let key = this.pick(Object.keys(holder));
    while (key !== undefined && !this.one(0.25)) {
      const inner = holder[key];
      if (typeof inner !== 'object' || inner === null || Object.keys(inner).length === 0) break;
      holder = inner;
      key = this.pick(Object.keys(inner));
    }
    if (key === undefined) return this.odd();
    this.#change(holder, key, value);
    return value;
  }

  #change(holder: Loose, key: string, whole: unknown): void {
    const old = holder[key];
    const put = (name: string, by: unknown): void => {
      // A list has places, and no names.
      if (Array.isArray(holder) && name !== key) holder.push(by);
      else Object.defineProperty(holder, name, { value: by, enumerable: true, configurable: true, writable: true });
    };
    const drop = (): void => {
      if (Array.isArray(holder)) holder.splice(Number(key), 1);
      else delete holder[key];
    };
    const ways = [
      drop,
      () => put(key, this.odd()),
      () => put(key, typeof old === 'string' ? this.text(old) : JSON.stringify(old)),
      () => put(key, typeof old === 'string' ? Number(old) : [old, old]),
      () => put(key, [old]),
      () => put(key, { [this.pick(NAMES) || 'x']: old }),
      () => put(key, this.#elsewhere(whole)),
      () => put(this.pick(NAMES), this.odd()),
      () => {
        drop();
        put(this.pick([...NAMES, key.toUpperCase(), this.text(key)]), old);
      },
      () => {
        const many = Array.from({ length: 1 + this.below(this.one(0.1) ? COPIES : 30) }, () => old);
        if (Array.isArray(holder) && JSON.stringify(old).length * many.length < LONG * 4) holder.push(...many);
        else put(key, JSON.stringify(old ?? null).length * many.length < LONG * 4 ? many : [old]);
      },
    ];
    this.pick(ways)();
  }

  /** Another piece of the same thing. */
  #elsewhere(value: unknown): unknown {
    let at = value;
    while (typeof at === 'object' && at !== null && !this.one(0.2)) at = this.pick(Object.values(at));
    return at === undefined ? null : structuredClone(at);
  }

  #form(good: Buffer): Buffer {
    const entries = [...new URLSearchParams(good.toString('utf8'))];
    for (let times = 1 + this.below(3); times > 0; times -= 1) {
      const at = this.below(entries.length);
      const [name, value] = entries[at] ?? ['', ''];
      const ways = [
        () => entries.splice(at, 1),
        () => entries.push([name, this.text(value)]),
        () => entries.push([this.pick(NAMES), value]),
        () => entries.splice(at, 1, [name, this.text(value)]),
        () => entries.splice(at, 1, [name, this.pick(WORDS)]),
        () => entries.splice(at, 1, [name, String(this.pick(NUMBERS))]),
        () => entries.splice(at, 1, [this.text(name), value]),
        () =>
          entries.push(
            ...Array.from({ length: this.below(value.length > 1_000 ? 8 : COPIES) }, (): [string, string] => [
              name,
              value,
            ]),
          ),
      ];
      this.pick(ways)();
    }
    const written = new URLSearchParams(entries).toString();
    return Buffer.from(this.one(0.1) ? this.text(written) : written);
  }
}

function nested(depth: number, name: string): unknown {
  let value: unknown = 1;
  for (let at = 0; at < depth; at += 1) value = name === '' ? [value] : { x: value };
  return value;
}
