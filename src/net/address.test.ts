// Which addresses are public, as a table; and that blocks are read and matched bit by bit.
import { describe, expect, it } from 'vitest';
import { isMetadata, lies, readAddress, readBlock, showAddress, whyNotPublic } from './address.ts';

const PUBLIC = [
  '1.1.1.1',
  '8.8.8.8',
  '9.255.255.255',
  '11.0.0.0',
  '100.63.255.255',
  '100.128.0.0',
  '126.255.255.255',
  '128.0.0.0',
  '169.253.255.255',
  '169.255.0.0',
  '172.15.255.255',
  '172.32.0.0',
  '192.0.1.0',
  '192.167.255.255',
  '192.169.0.0',
  '198.17.255.255',
  '198.20.0.0',
  '223.255.255.255',
  '2000::1',
  '2001:200::1',
  '2001:4860:4860::8888',
  '2003::1',
  '2606:4700::1111',
  '2a00:1450:4001:800::200e',
  '3ffe:ffff::1',
  '::ffff:8.8.8.8',
  '64:ff9b::808:808',
  '2a00::200:5efe:808:808',
];

const NOT_PUBLIC = [
  ...['0.0.0.0', '0.255.255.255', '10.0.0.0', '10.255.255.255', '100.64.0.0', '100.127.255.255', '127.0.0.1'],
  ...['127.255.255.255', '169.254.0.1', '172.16.0.0', '172.31.255.255', '192.0.0.8', '192.0.2.1', '192.88.99.1'],
  ...['192.168.0.0', '192.168.255.255', '198.18.0.0', '198.19.255.255', '198.51.100.7', '203.0.113.9', '224.0.0.1'],
  ...['239.255.255.255', '240.0.0.1', '255.255.255.255', '168.63.129.16'],
  ...['::', '::1', '::7f00:1', '::ffff:127.0.0.1', '::ffff:10.0.0.1', '::ffff:0:127.0.0.1', '64:ff9b::7f00:1'],
  ...['64:ff9b::a9fe:a9fe', '64:ff9b:1::a00:1', '100::1', '2001::1', '2001:0:7f00:1::', '2001:2::1', '2001:10::1'],
  ...['2001:20::1', '2001:1ff:ffff::1', '2001:db8::1', '2002:7f00:1::1', '2002:808:808::1', '3fff::1', '4000::1'],
  ...['5f00::1', 'fc00::1', 'fd00:ec2::254', 'fdff::1', 'fe80::1', 'febf::1', 'fec0::1', 'ff02::1', '1::1', '8000::1'],
  ...['2a00::5efe:7f00:1', '2a00::200:5efe:a00:1'],
];

const address = (text: string): readonly number[] => readAddress(text) ?? [];

describe('an address', () => {
  it.each(PUBLIC)('%s is public', (text) => expect(whyNotPublic(address(text))).toBeNull());
  it.each(NOT_PUBLIC)('%s is not public', (text) => expect(whyNotPublic(address(text))).toBeTypeOf('string'));

  it.each(['fe80::1%eth0', '127.1', '0x7f.0.0.1', '0127.0.0.1', '2130706433', '[::1]', '', 'localhost', '1.2.3.4 '])(
    'is not read from %j',
    (text) => expect(readAddress(text)).toBeNull(),
  );

  it('is one thing whether it is IPv4 or mapped into IPv6', () => {
    expect(readAddress('::ffff:a00:1')).toEqual(readAddress('10.0.0.1'));
    expect(showAddress(address('::ffff:a00:1'))).toBe('10.0.0.1');
  });

  it('of a cloud metadata service is known', () => {
    expect(['169.254.169.254', 'fd00:ec2::254', '100.100.100.200'].map((text) => isMetadata(address(text)))).toEqual([
      true,
      true,
      true,
    ]);
    expect(isMetadata(address('169.254.169.255'))).toBe(false);
  });
});

describe('a block', () => {
  it.each([
    ['10.0.0.0/8', '10.255.0.1', true],
    ['10.0.0.0/8', '11.0.0.0', false],
    ['10.1.2.3/8', '10.200.0.1', true],
    ['192.168.4.0/22', '192.168.7.255', true],
    ['192.168.4.0/22', '192.168.8.0', false],
    ['10.0.0.7', '10.0.0.7', true],
    ['10.0.0.7', '10.0.0.6', false],
    ['10.0.0.0/31', '10.0.0.1', true],
    ['fd00::/8', 'fd12::1', true],
    ['fd00::/8', 'fc12::1', false],
    ['fd00::/9', 'fd80::1', false],
    ['::ffff:10.0.0.0/104', '10.9.9.9', true],
    ['::ffff:10.0.0.0/104', '11.9.9.9', false],
    ['::1', '127.0.0.1', false],
  ])('%s holds %s: %s', (block, text, expected) => {
    expect(lies(address(text), readBlock(block) ?? { start: [], bits: 0 })).toBe(expected);
  });

  it.each([
    '10.0.0.0/33',
    '10.0.0.0/',
    '10.0.0.0/8/8',
    '10.0.0/8',
    'fd00::/129',
    '::ffff:0:0/90',
    'bots.lan',
    '10.0.0.0/-1',
  ])('is not read from %j', (text) => expect(readBlock(text)).toBeNull());
});
