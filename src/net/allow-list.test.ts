// SIGNALBOX_ALLOW_PRIVATE: what is read, what is refused, and that an entry opens exactly what it says.
import { describe, expect, it } from 'vitest';
import { readAddress } from './address.ts';
import { type AllowList, allows, allowsName, parseAllowPrivate } from './allow-list.ts';

function listOf(text: string, loopback = false): AllowList {
  const parsed = parseAllowPrivate(text, { loopback });
  if (!parsed.ok) throw new Error(parsed.errors.join(' '));
  return parsed.list;
}

const opens = (list: AllowList, host: string, address: string, port: number): boolean =>
  allows(list, host, readAddress(address) ?? [], port);

describe('an allow-list', () => {
  it.each([
    ['10.0.0.0/8', 'x.test', '10.1.2.3', 80, true],
    ['10.0.0.0/8', 'x.test', '::ffff:10.1.2.3', 80, true],
    ['10.0.0.0/8', 'x.test', '64:ff9b::a01:203', 80, false],
    ['10.0.0.0/8', 'x.test', '11.1.2.3', 80, false],
    ['10.0.0.0/8:3000', 'x.test', '10.1.2.3', 3000, true],
    ['10.0.0.0/8:3000', 'x.test', '10.1.2.3', 3001, false],
    ['192.168.1.7', '192.168.1.7', '192.168.1.7', 9, true],
    ['192.168.1.7:8080', '192.168.1.7', '192.168.1.7', 80, false],
    ['[fd00::/8]:443', 'x.test', 'fd12::1', 443, true],
    ['[fd00::/8]:443', 'x.test', 'fd12::1', 444, false],
    ['[::1]', '::1', '::1', 1234, true],
    ['fd00::/8', 'x.test', 'fdab::9', 80, true],
    ['bots.lan', 'bots.lan', '10.1.2.3', 80, true],
    ['bots.lan', 'bots.lan', '127.0.0.1', 80, true],
    ['bots.lan', 'other.lan', '10.1.2.3', 80, false],
    ['bots.lan', 'a.bots.lan', '10.1.2.3', 80, false],
    ['BOTS.lan.:8080', 'bots.lan', '10.1.2.3', 8080, true],
    ['bots.lan:8080', 'bots.lan', '10.1.2.3', 80, false],
    ['my_bot', 'my_bot', '172.18.0.4', 3000, true],
    ['bücher.lan', 'xn--bcher-kva.lan', '10.0.0.1', 80, true],
  ])('of %s opens %s at %s port %i: %s', (text, host, address, port, expected) => {
    expect(opens(listOf(text), host, address, port)).toBe(expected);
  });

  it('opens a metadata address only when that very address is listed', () => {
    expect(opens(listOf('169.254.0.0/16'), 'x.test', '169.254.169.254', 80)).toBe(false);
    expect(opens(listOf('169.254.0.0/16'), 'x.test', '169.254.1.1', 80)).toBe(true);
    expect(opens(listOf('metadata.lan'), 'metadata.lan', '169.254.169.254', 80)).toBe(false);
    expect(opens(listOf('fd00::/8'), 'x.test', 'fd00:ec2::254', 80)).toBe(false);
    expect(opens(listOf('169.254.169.254'), 'x.test', '169.254.169.254', 80)).toBe(true);
    expect(opens(listOf('169.254.169.254/32:80'), 'x.test', '169.254.169.254', 80)).toBe(true);
  });

  it('has loopback when it is asked for, and nothing by default', () => {
    const loopback = listOf('', true);
    expect(opens(loopback, '127.0.0.1', '127.0.0.1', 7070)).toBe(true);
    expect(opens(loopback, '::1', '::1', 7070)).toBe(true);
    expect(allowsName(loopback, 'localhost', 80)).toBe(true);
    expect(opens(loopback, '0.0.0.0', '0.0.0.0', 7070)).toBe(false);
    expect(opens(loopback, '::', '::', 7070)).toBe(false);
    expect(opens(listOf(''), '127.0.0.1', '127.0.0.1', 7070)).toBe(false);
    expect(listOf('')).toEqual({ entries: [] });
  });

  it('takes spaces and empty parts', () => {
    expect(listOf(' 10.0.0.0/8 , ,bots.lan:80, ').entries).toHaveLength(2);
  });

  it('reports all mistakes at once', () => {
    const parsed = parseAllowPrivate('10.0.0.0/40, 10.0.0.0/8, *.lan, http://bots.lan, bots.lan:0');
    expect(parsed.ok).toBe(false);
    expect(parsed.ok ? [] : parsed.errors.map((error) => error.split(':')[0])).toEqual([
      '"10.0.0.0/40"',
      '"*.lan"',
      '"http',
      '"bots.lan',
    ]);
  });

  it.each([
    ...[
      '0.0.0.0/0',
      '10.0.0.0/7',
      '::/0',
      '[fc00::/6]',
      '10.0.0.0/8:99999',
      '10.0.0.0/8:',
      '[fd00::/8',
      'fe80::1%eth0',
    ],
    ...['0x7f.1', '2130706433', '127.1', 'bots.lan/path', 'user@bots.lan', 'a b', '*', '..', '-x', 'bots..lan', '[]'],
    ...['https://bots.lan', 'bots.lan:http', '10.0.0.0/8:+80', 'bots.lan?', 'bots.lan#', '[bots.lan]:80'],
  ])('does not take %j', (text) => expect(parseAllowPrivate(text).ok).toBe(false));
});
