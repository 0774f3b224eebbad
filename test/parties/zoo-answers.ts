// Animals whose answer is whole and correct HTTP, and yet wrong or odd: tokens, statuses, waits, redirects, events.
// Not here: what breaks on the wire (zoo-wire.ts). The one thing to know: `retryAfterS: null` says that what was given
// is no wait, and the attempt is tried again by our own spacing.
import { says } from '../../src/net/fixtures/animals.ts';
import { answer } from '../../src/net/fixtures/servers.ts';
import type { Animal, Expected } from './zoo.ts';
import { good, OK, TOKEN } from './zoo-token.ts';

const MISSING: Expected = { result: 'retry', reason: 'token_missing' };
const WRONG: Expected = { result: 'retry', reason: 'token_wrong' };
const one = (name: string, said: string | Buffer, expected: Expected): Animal => ({
  name,
  server: says(said),
  expected: [expected],
});
const json = (value: unknown): string => answer(JSON.stringify(value));

const tokens: Animal[] = [
  one('shows its token', good(), OK),
  one('shows it as text with a line break', answer(`${TOKEN}\r\n`), OK),
  one('shows it as a JSON string', json(TOKEN), OK),
  one('shows it under another spelling', json({ 'Verification-TOKEN': TOKEN }), OK),
  one('shows it as token', json({ token: TOKEN }), OK),
  one('shows it in a header of a 204', `HTTP/1.1 204 No Content\r\nX-Verification-Token: ${TOKEN}\r\n\r\n`, OK),
  one('shows it after a byte-order mark', answer(`\ufeff${JSON.stringify({ token: TOKEN })}`), OK),
  one('shows it beside bytes that are no UTF-8', broken(), OK),
  one('shows a right one and a wrong one', json({ token: 'no', verification_token: TOKEN }), OK),
  one('answers 204 without it', 'HTTP/1.1 204 No Content\r\n\r\n', MISSING),
  one('answers nothing', answer(''), MISSING),
  one('answers OK', answer('OK'), MISSING),
  one('answers null', answer('null'), MISSING),
  one('answers an empty token', json({ verification_token: '' }), MISSING),
  one('answers no token', json({ verification_token: null }), MISSING),
  one('wraps it in a list', json({ verification_token: [TOKEN] }), MISSING),
  one('hides it deeper', json({ data: { verification_token: TOKEN } }), MISSING),
  one('hides it in a prototype', answer(`{"__proto__":{"verification_token":"${TOKEN}"}}`), MISSING),
  one('hides it in a page', answer(`<html>${TOKEN}</html>`), MISSING),
  one('cuts its JSON', answer(`{"verification_token":"${TOKEN}"`), MISSING),
  one('nests a hundred thousand lists', answer(`${'['.repeat(100_000)}${']'.repeat(100_000)}`), MISSING),
  one('writes UTF-16', utf16(), MISSING),
  one('shows another', json({ verification_token: 'open sesame/43' }), WRONG),
  one('shows it in capitals', json({ verification_token: TOKEN.toUpperCase() }), WRONG),
  one('shows the beginning of it', json({ verification_token: TOKEN.slice(0, -1) }), WRONG),
  one('shows more than it', json({ verification_token: `${TOKEN}2` }), WRONG),
  one('shows a number', json({ verification_token: 42 }), WRONG),
  one('names it twice, the last one wrong', answer(`{"token":"${TOKEN}","token":"no"}`), WRONG),
  one('shows a wrong one in a header', answer('{}', 'x-verification-token: no\r\n'), WRONG),
  one('shows two in headers', answer('{}', `x-verification-token: ${TOKEN}\r\nx-verification-token: no\r\n`), WRONG),
];

const status = (code: number | string, reason: string, head = '', more: Partial<Expected> = {}): Animal => {
  const said = good(head).replace('HTTP/1.1 200 OK', `HTTP/1.1 ${code} So`);
  const result = reason === 'ok' ? 'ok' : 'retry';
  return one(`answers ${code}${head && ` with ${head.trim()}`}`, said, { result, reason, retryAfterS: null, ...more });
};

const statuses: Animal[] = [
  ...[201, 202, 226, 299].map((code) => status(code, 'ok')),
  ...[300, 305, 399].map((code) => status(code, 'redirect')),
  ...[400, 401, 403, 404, 407, 408, 409, 413, 418, 451, 499].map((code) => status(code, 'rejected')),
  ...[501, 502, 504, 505, 511, 599].map((code) => status(code, 'server_error')),
  ...[600, 777, 999].map((code) => status(code, 'bad_status')),
  status(410, 'gone', 'x: with its token\r\n', { gone: true }),
  status(200, 'ok', 'retry-after: 60\r\n'),
  status(500, 'server_error', 'retry-after: 60\r\n'),
  status(503, 'server_error', 'retry-after: 120\r\n', { retryAfterS: 120 }),
];

/** By the clock of the samples, 26 June 2025. */
const DAY_S = 86_400;
const waits: Animal[] = (
  [
    ['0', 0],
    [' 7 ', 7],
    ['007', 7],
    ['999999999', DAY_S],
    ['99999999999', null],
    ['-1', null],
    ['+7', null],
    ['1.5', null],
    ['1e3', null],
    ['0x10', null],
    ['', null],
    ['soon', null],
    ['7 seconds', null],
    ['Infinity', null],
    ['7\r\nretry-after: 9', null],
    ['Thu, 26 Jun 2025 09:31:16 GMT', 60],
    ['Sun, 06 Nov 1994 08:49:37 GMT', 0],
    ['Fri, 31 Dec 9999 23:59:59 GMT', DAY_S],
    ['Fri, 99 Xxx 2025 99:99:99 GMT', null],
    ['2025-06-26T09:31:16', null],
  ] as [string, number | null][]
).map(([wait, retryAfterS]) => status(429, 'throttled', `retry-after: ${wait}\r\n`, { retryAfterS }));

/** Into the bait beside them, whose address only the keeper knows. */
const redirects: Animal[] = [301, 302, 303, 307, 308].map((code) => ({
  name: `redirects inside with ${code}`,
  server: (socket, on) =>
    on.request(() => {
      const bait = process.env.ZOO_BAIT ?? '';
      const head = `location: ${bait}\r\nrefresh: 0; url=${bait}\r\n`;
      socket.write(good(head).replace('200 OK', `${code} Moved`));
    }),
  expected: [{ result: 'retry', reason: 'redirect' }],
}));
const refresh: Animal = {
  name: 'refreshes inside',
  server: (socket, on) => on.request(() => socket.write(good(`refresh: 0; url=${process.env.ZOO_BAIT}\r\n`))),
  expected: [OK],
};

const WORD = { eventid: '1001', message: 'Hello.' };
const events = (name: string, list: unknown, counts?: [number, number]): Animal =>
  one(name, good('', { events: list }), { ...OK, ...(counts ? { events: counts } : {}) });

const talk: Animal[] = [
  events('says one thing at once', [WORD], [1, 0]),
  events('says sixty things at once', Array(60).fill(WORD), [50, 1]),
  events('says nonsense among sense', [WORD, null, 7, {}, [WORD], { eventid: '9999' }, WORD], [2, 5]),
  events('says its events as a text', 'hello', [0, 1]),
  events('says nothing at once', []),
];

export const ANSWERS: Animal[] = [...tokens, ...statuses, ...waits, ...redirects, refresh, ...talk];

function broken(): Buffer {
  const body = Buffer.concat([Buffer.from(`{"token":"${TOKEN}","x":"`), Buffer.from([0xff, 0xc0]), Buffer.from('"}')]);
  return Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n`), body]);
}

function utf16(): Buffer {
  const body = Buffer.from(`\ufeff{"token":"${TOKEN}"}`, 'utf16le');
  return Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n`), body]);
}
