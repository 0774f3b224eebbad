// Animals that misbehave below their answer: bytes, lengths, chunks, ends of connections, connections used again.
// Not here: those that stand beside the client already (src/net/fixtures/animals.ts). The one thing to know: a wrong
// answer may be complete HTTP to one parser and not to another; each of these must end as said, in time.
import { brotliCompressSync, constants, deflateSync, gzipSync } from 'node:zlib';
import { says, saysAndCloses } from '../../src/net/fixtures/animals.ts';
import { answer, type Behaviour, repeat } from '../../src/net/fixtures/servers.ts';
import type { Animal, Expected } from './zoo.ts';
import { good, OK, TOKEN } from './zoo-token.ts';

const KIB = 1024;
const bad: Expected = { result: 'retry', reason: 'bad_answer', sent: 'maybe' };
const late: Expected = { result: 'retry', reason: 'timeout', sent: 'maybe' };
const hungUp: Expected = { result: 'retry', reason: 'closed', sent: 'maybe' };
const tokenless: Expected = { result: 'retry', reason: 'token_missing' };
const HEAD = 'HTTP/1.1 200 OK\r\n';
const CHUNKED = `${HEAD}transfer-encoding: chunked\r\n\r\n`;
const BODY = JSON.stringify({ verification_token: TOKEN });

/** The n-th answer on each connection; the last one for all that follow. */
const inTurn =
  (...turns: Behaviour[]): Behaviour =>
  (socket, on) =>
    on.request((text, number) => {
      const turn = turns[Math.min(number, turns.length) - 1];
      turn?.(socket, { ...on, request: (reply) => reply(text, number) });
    });

/** Does not hang up, whatever the other side does. */
const clinging =
  (behaviour: Behaviour): Behaviour =>
  (socket, on) => {
    socket.allowHalfOpen = true;
    behaviour(socket, on);
  };

const packed = (encoding: string, body: Buffer): Buffer =>
  Buffer.concat([Buffer.from(`${HEAD}content-encoding: ${encoding}\r\ncontent-length: ${body.length}\r\n\r\n`), body]);

const byteByByte =
  (text: string, everyMs: number): Behaviour =>
  (socket, on) =>
    on.request(() => {
      let at = 0;
      const timer = setInterval(() => {
        if (at < text.length) socket.write(text[at++] ?? '');
        else clearInterval(timer);
      }, everyMs);
      socket.on('close', () => clearInterval(timer));
    });

const one = (name: string, server: Behaviour, expected: Expected, more: Partial<Animal> = {}): Animal => ({
  name,
  server,
  expected: [expected],
  ...more,
});

const FAST = { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } };
const bomb = Buffer.alloc(50 * KIB * KIB);

export const WIRES: Animal[] = [
  // connections
  one('never reads a large request: zero window', (socket) => void socket.pause(), late, {
    textBytes: 8_000_000,
    atOnce: 2,
  }),
  one('reads a large request drop by drop', (socket) => drip(socket), late, { textBytes: 8_000_000, atOnce: 2 }),
  {
    name: 'answers before it has read a large request',
    server: (socket) => void socket.once('readable', () => socket.write(good())),
    expected: [OK],
    textBytes: 8_000_000,
    atOnce: 2,
  },
  one('answers before it is asked', (socket) => void socket.resume().write(good('connection: close\r\n')), {
    result: 'ok',
    reason: 'ok',
  }),
  one(
    'half-closes after the request and stays',
    clinging((socket, on) => on.request(() => socket.end())),
    hungUp,
  ),
  one('stays after a bad answer', clinging(says('NO\r\n\r\n')), bad),
  one(
    'stays silent and never hangs up',
    clinging((socket) => void socket.resume()),
    late,
  ),
  one('half-closes after a body without a length, and stays', clinging(saysAndCloses(`${HEAD}\r\n${BODY}`)), OK),
  { name: 'closes on reuse', server: inTurn(says(good()), (socket) => void socket.end()), expected: [OK, hungUp] },
  {
    name: 'resets on reuse',
    server: inTurn(says(good()), (socket) => void socket.resetAndDestroy()),
    expected: [OK, { result: 'retry', reason: 'reset', sent: 'maybe' }],
  },
  { name: 'is silent on reuse', server: inTurn(says(good()), () => {}), expected: [OK, late] },
  { name: 'says close and means it', server: saysAndCloses(good('connection: close\r\n')), expected: [OK, OK, OK] },
  { name: 'says close and stays', server: clinging(says(good('connection: close\r\n'))), expected: [OK, OK] },
  { name: 'offers one second', server: says(good('keep-alive: timeout=1\r\n')), expected: [OK, OK] },
  {
    name: 'answers twice: the next gets its own',
    server: inTurn(says(good() + answer('{"token":"no"}'))),
    expected: [OK, OK],
  },
  {
    name: 'leaves garbage behind its answer',
    server: inTurn(says(`${good()}\r\n\r\n\0garbage`)),
    expected: [OK, OK],
  },
  // slow
  one('answers byte by byte, and completes', byteByByte(good(), 1), OK),
  one(
    'answers after three seconds',
    (socket, on) => on.request(() => setTimeout(() => socket.write(good()), 3_000)),
    OK,
  ),
  one('answers after the time', (socket, on) => on.request(() => setTimeout(() => socket.write(good()), 9_000)), late),
  one('drips its head too slowly', byteByByte(good(), 200), late),
  one('sends half a head and is silent', says('HTTP/1.1 200 OK\r\ncontent-'), late),
  one('sends chunks without end, slowly', (socket, on) => on.request(() => chunks(socket)), late),
  // too much, packed
  one('sends a brotli bomb', says(packed('br', brotliCompressSync(bomb, FAST))), tokenless),
  one('sends a deflate bomb', says(packed('deflate', deflateSync(bomb))), tokenless),
  one('packs its token', says(packed('gzip', gzipSync(BODY))), tokenless),
  one('says gzip and does not mean it', says(packed('gzip', Buffer.from(BODY))), tokenless),
  one('says a coding nobody knows', says(packed('x-unheard-of', Buffer.from(BODY))), tokenless),
  one('says identity', says(packed('identity', Buffer.from(BODY))), OK),
  one('fills what may be read, with its token', says(answer(BODY.padEnd(256 * KIB))), OK),
  one('has a status line of a megabyte', says(`HTTP/1.1 200 ${'O'.repeat(KIB * KIB)}\r\n\r\n`), {
    ...bad,
    reason: ['bad_answer', 'too_large'],
  }),
  one('sets a thousand cookies', says(good('set-cookie: a=12345678901234567890\r\n'.repeat(1_000))), bad),
  // interim answers
  one('gives sixteen early hints first', says('HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(16) + good()), OK),
  one('gives seventeen early hints first', says('HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(17) + good()), bad),
  // lengths and chunks
  one('has a length with a plus', says(`${HEAD}content-length: +${BODY.length}\r\n\r\n${BODY}`), bad),
  one('has a length in hexadecimal', says(`${HEAD}content-length: 0x26\r\n\r\n${BODY}`), bad),
  one('has a length beyond counting', says(`${HEAD}content-length: ${'9'.repeat(30)}\r\n\r\n${BODY}`), bad),
  one(
    'has the same length twice',
    says(`${HEAD}content-length: ${BODY.length}\r\ncontent-length: ${BODY.length}\r\n\r\n${BODY}`),
    bad,
  ),
  one('has a chunk beyond counting', says(`${CHUNKED}${'F'.repeat(20)}\r\nab\r\n0\r\n\r\n`), bad),
  one('has a negative chunk', says(`${CHUNKED}-2\r\nab\r\n0\r\n\r\n`), bad),
  one('has a chunk without its line break', says(`${CHUNKED}2\r\nab0\r\n\r\n`), bad),
  one(
    'has a chunk of every byte',
    says(`${CHUNKED}${[...BODY].map((letter) => `1\r\n${letter}\r\n`).join('')}0\r\n\r\n`),
    OK,
  ),
  one('shows its token in a trailer', says(`${CHUNKED}0\r\nx-verification-token: ${TOKEN}\r\n\r\n`), tokenless),
  // heads
  one('breaks lines by LF alone', says(good().replaceAll('\r\n', '\n')), bad),
  one('breaks lines by CR alone', says(good().replaceAll('\r\n', '\r')), bad),
  one('has a header over two lines', says(good('x: a\r\n b\r\n')), bad),
  one('speaks HTTP/1.2', says(good().replace('HTTP/1.1', 'HTTP/1.2')), bad),
  // The parser reads RTSP's status line as one of HTTP's; all else of it is as it should be.
  one('calls its HTTP RTSP', says(good().replace('HTTP/1.1', 'RTSP/1.0')), OK),
  one('calls its HTTP SIP', says(good().replace('HTTP/1.1', 'SIP/2.0')), bad),
  one('sends a request back', says('POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\n\r\n'), bad),
  one('sends what was sent to it', (socket, on) => on.request((text) => socket.write(text)), bad),
  one('sends zeros', says(Buffer.alloc(4 * KIB)), bad),
];

function drip(socket: Parameters<Behaviour>[0]): void {
  socket.pause();
  const timer = setInterval(() => socket.read(1), 100);
  socket.on('close', () => clearInterval(timer));
}

function chunks(socket: Parameters<Behaviour>[0]): void {
  socket.write(CHUNKED);
  repeat(socket, '4\r\n    \r\n', 50);
}
