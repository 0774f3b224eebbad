// Animals that go wrong before the request: nobody there, names that lie, TLS that is none.
// Not here: hostile URLs (test/prove/urls.ts). The one thing to know: of these `sent` is 'no', and that is what lets a
// channel without an idempotency key try again.
import { says } from '../../src/net/fixtures/animals.ts';
import { AUTHORITY, EXPIRED, GOOD, KEY, SELF_SIGNED, WRONG_NAME } from '../../src/net/fixtures/certificates.ts';
import type { Behaviour } from '../../src/net/fixtures/servers.ts';
import type { Animal, Expected } from './zoo.ts';
import { good, OK } from './zoo-token.ts';

const unsent = (reason: string | string[]): Expected[] => [{ result: 'retry', reason, sent: 'no' }];
const polite = says(good());
const HOME = '127.0.0.1';
const inside = (count: number, block: string): string[] => Array.from({ length: count }, (_, i) => `${block}.${i + 1}`);

/** A server that speaks TLS itself, or what takes its place on a socket that we speak TLS to. */
const tls = (name: string, cert: string, expected: Expected[], more: Partial<Animal> = {}): Animal => ({
  name,
  server: polite,
  tls: { cert, key: KEY },
  host: 'bot.test',
  names: { addresses: [HOME] },
  expected,
  ...more,
});
const noTls = (name: string, answer: Behaviour, expected = unsent('tls')): Animal => ({
  name,
  host: 'bot.test',
  names: { addresses: [HOME] },
  server: (socket, on) => void socket.once('data', () => answer(socket, on)),
  expected,
});

const certificates: Animal[] = [
  tls('speaks TLS', GOOD, [OK, OK]),
  tls('has a certificate that has expired', EXPIRED, unsent('tls')),
  tls('has a certificate for another name', WRONG_NAME, unsent('tls')),
  tls('has signed its certificate itself', SELF_SIGNED, unsent('tls')),
  tls('speaks HTTP/2 only', GOOD, unsent('tls'), { tls: { cert: GOOD, key: KEY, ALPNProtocols: ['h2'] } }),
  // By TLS 1.3 that is said after the handshake, when the request may have left.
  tls('wants a certificate of ours', GOOD, [{ result: 'retry', reason: ['tls', 'closed', 'reset'] }], {
    tls: { cert: GOOD, key: KEY, requestCert: true, ca: [AUTHORITY] },
  }),
  tls('takes a request over TLS and is silent', GOOD, [{ result: 'retry', reason: 'timeout', sent: 'maybe' }], {
    server: (socket) => void socket.resume(),
  }),
  tls('breaks TLS off in the middle of its body', GOOD, [{ result: 'retry', reason: ['closed', 'reset'] }], {
    server: (socket, on) =>
      on.request(() => {
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\nabc', () => setTimeout(() => socket.destroy(), 20));
      }),
  }),
];

const handshakes: Animal[] = [
  noTls('speaks plain HTTP where TLS is due', (socket) => void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')),
  noTls('resets the handshake', (socket) => void socket.resetAndDestroy()),
  noTls('closes in the handshake', (socket) => void socket.end()),
  noTls('ends the handshake by an alert', (socket) => void socket.write(Buffer.from('15030300020228', 'hex'))),
  noTls('sends zeros as a handshake', (socket) => void socket.write(Buffer.alloc(4_096))),
  { ...noTls('sends the handshake back', () => {}), server: (socket) => void socket.pipe(socket) },
  noTls('is silent in the handshake', () => {}, unsent('connect_timeout')),
  noTls(
    'drips its handshake',
    (socket) => {
      socket.write(Buffer.from('1603033fff', 'hex'));
      const timer = setInterval(() => socket.write(Buffer.from([2])), 50);
      socket.on('close', () => clearInterval(timer));
    },
    unsent('connect_timeout'),
  ),
];

const named = (
  name: string,
  names: NonNullable<Animal['names']>,
  expected: Expected[],
  more: Partial<Animal> = {},
) => ({
  name,
  names,
  expected,
  // Who asks for a name that is being looked up waits for the same answer, and would find it half way here.
  host: `${names.afterMs === undefined ? '' : '*.'}${name.replaceAll(/[^a-z0-9]+/g, '-')}.zoo.test`,
  ...more,
});

const names: Animal[] = [
  named('has no name', { code: 'ENOTFOUND' }, unsent('dns')),
  named('has a name without an address', { code: 'ENODATA' }, unsent('dns')),
  named('has a name whose answer is empty', { addresses: [] }, unsent('dns')),
  named('has a name server that fails', { code: 'EAI_AGAIN' }, unsent('dns')),
  named('has a name server that never answers', { afterMs: 3_600_000 }, unsent('dns')),
  named('has a slow name', { addresses: [HOME], afterMs: 700 }, [OK], { server: polite }),
  named('has a name that comes too late', { addresses: [HOME], afterMs: 9_000 }, unsent('dns'), { server: polite }),
  named(
    'has a slow name, and is silent',
    { addresses: [HOME], afterMs: 2_000 },
    [{ result: 'retry', reason: 'timeout' }],
    {
      server: (socket) => void socket.resume(),
    },
  ),
  named('has 200 addresses, all inside', { addresses: inside(200, '10.0.0') }, unsent('forbidden_address')),
  named('has 200 addresses, and is at none', { addresses: inside(200, '127.9.9') }, unsent('refused')),
  named('has 200 addresses, and is at the last that may be', { addresses: [...inside(199, '10.0.0'), HOME] }, [OK], {
    server: polite,
  }),
  named(
    'has 200 addresses that are one, and drop what knocks',
    { addresses: Array(200).fill(HOME) },
    unsent('connect_timeout'),
    {
      stuck: true,
    },
  ),
  named('has one address that drops what knocks, and one that answers', { addresses: [HOME, '127.0.0.2'] }, [OK], {
    stuck: true,
    server: polite,
  }),
  named(
    'has addresses that are none',
    { addresses: ['', '127.1', '0x7f.1', 'fe80::1%lo', 'here'] },
    unsent('forbidden_address'),
  ),
  named(
    'has an address beyond every route',
    { addresses: ['0.0.0.0', '255.255.255.255'] },
    unsent('forbidden_address'),
  ),
];

export const PLACES: Animal[] = [
  { name: 'is not there', expected: unsent('refused') },
  { name: 'drops what knocks', stuck: true, expected: unsent('connect_timeout') },
  ...certificates,
  ...handshakes,
  ...names,
];
