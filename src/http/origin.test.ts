// Which page sent a request, and from which address it came: what a browser says, and what a proxy adds.
import type { IncomingMessage } from 'node:http';
import { expect, it } from 'vitest';
import { addressOf, sentFrom } from './origin.ts';

const HTTPS = 'https://chat.example.com';

it.each([
  ['a page of ours', { 'sec-fetch-site': 'same-origin' }, 'ours'],
  ['a page of ours, whatever the Origin', { 'sec-fetch-site': 'same-origin', origin: 'https://x.example' }, 'ours'],
  ['another site', { 'sec-fetch-site': 'cross-site', origin: HTTPS }, 'another'],
  ['a neighbour below the same domain', { 'sec-fetch-site': 'same-site', origin: HTTPS }, 'another'],
  ['an address that was typed in', { 'sec-fetch-site': 'none' }, 'another'],
  ['an old browser on the public URL', { origin: HTTPS, host: '10.0.0.5:7070' }, 'ours'],
  ['a browser on an address that we were not told', { origin: 'http://box.lan:7070', host: 'box.lan:7070' }, 'ours'],
  ['a host written in capitals', { origin: 'http://box.lan:7070', host: 'BOX.lan:7070' }, 'ours'],
  ['another host', { origin: 'https://evil.example', host: 'chat.example.com' }, 'another'],
  ['a host that begins like ours', { origin: `${HTTPS}.evil.example`, host: 'chat.example.com' }, 'another'],
  ['another port', { origin: 'http://127.0.0.1:8080', host: '127.0.0.1:7070' }, 'another'],
  ['a sandboxed frame', { origin: 'null', host: 'chat.example.com' }, 'another'],
  ['something that is no origin', { origin: '///', host: 'chat.example.com' }, 'another'],
  ['a program', { host: 'chat.example.com' }, 'unknown'],
] as const)('knows %s', (_, headers, from) => {
  expect(sentFrom(headers, HTTPS)).toBe(from);
});

it.each([
  ['the connection', '203.0.113.9', undefined, '203.0.113.9'],
  ['the connection, whatever a stranger claims', '203.0.113.9', '198.51.100.1', '203.0.113.9'],
  ['what the proxy of the house adds last', '127.0.0.1', '198.51.100.1, 203.0.113.9', '203.0.113.9'],
  ['the same over a mapped address', '::ffff:10.0.0.2', '203.0.113.9', '203.0.113.9'],
  ['a proxy that adds nothing', '192.168.1.4', undefined, '192.168.1.4'],
  ['a proxy that adds what is no address', '127.0.0.1', 'unknown', '127.0.0.1'],
  ['the network of an IPv6 address', '2001:db8:1:2:3::4', undefined, '32.1.13.184.0.1.0.2'],
  ['the same through a proxy on a local one', 'fd00::1', '2001:db8:1:2:ffff::9', '32.1.13.184.0.1.0.2'],
  ['a neighbour of 172.16/12, which 172.32 is not', '172.32.0.1', '203.0.113.9', '172.32.0.1'],
])('takes as address %s', (_, remoteAddress, forwarded, address) => {
  const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded };
  expect(addressOf({ socket: { remoteAddress }, headers } as unknown as IncomingMessage)).toBe(address);
});
