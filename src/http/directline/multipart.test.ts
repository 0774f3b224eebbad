// Forms, however they are cut into pieces on the way.
import { describe, expect, it } from 'vitest';
import { BrokenMultipart, boundaryOf, parameterOf, partsOf } from './multipart.ts';

const FORM = [
  'a preamble\r\n--b\r\n',
  'Content-Disposition: form-data; name="activity"\r\nContent-Type: application/vnd.microsoft.activity\r\n\r\n{"a":1}',
  '\r\n--b\r\ncontent-disposition: form-data; name="file"; filename="a \\"b\\".txt"\r\n\r\nwith \r\n-b and \r\n-- and \r\n',
  '\r\n--b\r\ncontent-disposition: form-data; name=empty; filename=e.txt\r\n\r\n\r\n--b--\r\nan epilogue',
].join('');

async function* pieces(text: string, size: number): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function readAll(source: AsyncGenerator<Buffer>, skip = false) {
  const found: unknown[] = [];
  for await (const { name, filename, type, body } of partsOf(source, 'b')) {
    const chunks: Buffer[] = [];
    if (!skip) for await (const chunk of body) chunks.push(chunk);
    found.push([name, filename, type, Buffer.concat(chunks).toString()]);
  }
  return found;
}

describe('a form', () => {
  it.each([1, 2, 3, 7, 16, 61, 10_000])('is read in pieces of %d', async (size) => {
    expect(await readAll(pieces(FORM, size))).toEqual([
      ['activity', null, 'application/vnd.microsoft.activity', '{"a":1}'],
      ['file', 'a "b".txt', 'text/plain', 'with \r\n-b and \r\n-- and \r\n'],
      ['empty', 'e.txt', 'text/plain', ''],
    ]);
  });

  it('goes on after a part that nobody reads', async () => {
    expect((await readAll(pieces(FORM, 5), true)).length).toBe(3);
  });

  it.each([
    ['no boundary at all', 'hello'],
    ['an end that does not come', FORM.slice(0, -20)],
    ['a head without an end', `--b\r\n${'x'.repeat(20_000)}`],
    ['nothing', ''],
  ])('with %s is broken', async (_, text) => {
    await expect(readAll(pieces(text, 100))).rejects.toThrow(BrokenMultipart);
  });

  it('names its boundary in its type', () => {
    expect(boundaryOf('multipart/form-data; boundary=----x1')).toBe('----x1');
    expect(boundaryOf('Multipart/Form-Data; charset=utf-8; boundary="a b"')).toBe('a b');
    expect(boundaryOf('multipart/form-data')).toBeNull();
    expect(boundaryOf('text/plain; boundary=x')).toBeNull();
  });

  it.each([
    ['form-data; name="f"; filename="a;b.png"', 'a;b.png'],
    ['form-data; filename="x"; filename*=UTF-8\'\'%E2%82%AC.txt', '€.txt'],
    ["form-data; filename*=UTF-8''%zz", '%zz'],
    ['name="badjpegfile"; filename="%22quoted%22.jpg"', '"quoted".jpg'],
    ['form-data; name="filename=x"', null],
  ])('the file name of %s is %s', (disposition, name) => {
    expect(parameterOf(disposition, 'filename')).toBe(name);
  });
});
