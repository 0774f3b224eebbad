// Reads multipart/form-data as it comes: one part after the other, each a head and a body to be read before the next.
// Not here: what the parts mean. The one thing to know: no more of a body is ever in memory than a piece as it came and a
// boundary's length, so a large file costs as little as a small one.

export type Part = {
  /** of the field, as the sender calls it */
  name: string;
  filename: string | null;
  type: string;
  /** to its end; what is left unread is skipped */
  body: AsyncGenerator<Buffer, void, void>;
};

/** Thrown into whoever reads: it is no multipart, or breaks off. */
export class BrokenMultipart extends Error {}

/** A part's head: a name, a file name and a type. */
const HEAD_BYTES_MAX = 8 * 1024;
const END_OF_HEAD = Buffer.from('\r\n\r\n');

export function boundaryOf(contentType: string): string | null {
  const match = /^multipart\/form-data\s*;.*?\bboundary=(?:"([^"\r\n]{1,200})"|([^\s;"]{1,200}))/i.exec(contentType);
  return match?.[1] ?? match?.[2] ?? null;
}

export async function* partsOf(source: AsyncIterable<Buffer>, boundary: string): AsyncGenerator<Part, void, void> {
  const reading = new Reading(source[Symbol.asyncIterator](), Buffer.from(`\r\n--${boundary}`));
  for await (const _ of reading.toMark()) if (reading.skipped > HEAD_BYTES_MAX) throw broken();
  while (await reading.another()) {
    const part = { ...headOf(await reading.head()), body: reading.toMark() };
    yield part;
    for await (const _ of part.body);
  }
}

const broken = (): BrokenMultipart => new BrokenMultipart('The body is no whole multipart/form-data.');

class Reading {
  readonly #source: AsyncIterator<Buffer>;
  readonly #mark: Buffer;
  /** the first boundary has no line break before it, so one is put there */
  #rest: Buffer = Buffer.from('\r\n');
  skipped = 0;

  constructor(source: AsyncIterator<Buffer>, mark: Buffer) {
    this.#source = source;
    this.#mark = mark;
  }

  /** All before the next boundary, which is then passed. */
  async *toMark(): AsyncGenerator<Buffer, void, void> {
    for (;;) {
      const at = this.#rest.indexOf(this.#mark);
      // What could be the beginning of a boundary waits for what follows.
      const safe = at === -1 ? Math.max(0, this.#rest.length - this.#mark.length + 1) : at;
      if (safe > 0) {
        const piece = this.#rest.subarray(0, safe);
        this.#rest = this.#rest.subarray(safe);
        this.skipped += piece.length;
        yield piece;
      }
      if (at !== -1) {
        this.#rest = this.#rest.subarray(this.#mark.length);
        return;
      }
      await this.#more();
    }
  }

  /** After a boundary: whether a part follows, or this was the last. */
  async another(): Promise<boolean> {
    while (this.#rest.length < 2) await this.#more();
    return this.#rest.subarray(0, 2).toString('latin1') !== '--';
  }

  async head(): Promise<string> {
    for (;;) {
      const at = this.#rest.indexOf(END_OF_HEAD);
      if (at > HEAD_BYTES_MAX || (at === -1 && this.#rest.length > HEAD_BYTES_MAX)) throw broken();
      if (at !== -1) {
        const head = this.#rest.subarray(0, at).toString('utf8');
        this.#rest = this.#rest.subarray(at + END_OF_HEAD.length);
        return head;
      }
      await this.#more();
    }
  }

  async #more(): Promise<void> {
    const next = await this.#source.next();
    if (next.done) throw broken();
    this.#rest = this.#rest.length === 0 ? next.value : Buffer.concat([this.#rest, next.value]);
  }
}

function headOf(head: string): Omit<Part, 'body'> {
  const fields = new Map<string, string>();
  for (const line of head.split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) fields.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
  const disposition = fields.get('content-disposition') ?? '';
  return {
    name: parameterOf(disposition, 'name') ?? '',
    filename: parameterOf(disposition, 'filename'),
    type: fields.get('content-type') ?? 'text/plain',
  };
}

/** A parameter of Content-Disposition: `filename*` (RFC 5987) wins; browsers write quotes in names as %22. */
export function parameterOf(disposition: string, name: string): string | null {
  const long = new RegExp(`;\\s*${name}\\*=(?:utf-8)?'[^']*'([^;\\s]+)`, 'i').exec(disposition)?.[1];
  if (long !== undefined) {
    try {
      return decodeURIComponent(long);
    } catch {
      return long;
    }
  }
  const match = new RegExp(`;\\s*${name}=(?:"((?:\\\\.|[^"\\\\])*)"|([^;\\s]+))`, 'i').exec(disposition);
  const found = match?.[1]?.replace(/\\(["\\])/g, '$1').replaceAll('%22', '"') ?? match?.[2];
  return found ?? null;
}
