// The check of a channel's config by its fields: defaults, every kind's limits, and unknown names told by name.
import { describe, expect, it } from 'vitest';
import type { ChannelField } from '../engine/channel-port.ts';
import { configOf } from './config.ts';

const field = (name: string, kind: ChannelField['kind'], more: Partial<ChannelField> = {}): ChannelField => ({
  name,
  kind,
  label: name,
  help: 'Help.',
  required: false,
  ...more,
});
const checkConfig = configOf(
  [
    field('page_id', 'text', { required: true }),
    field('token', 'secret', { required: true }),
    field('verify_token', 'secret', { required: true, generated: true }),
    field('base', 'url', { default: 'https://graph.facebook.com' }),
    field('way', 'choice', {
      default: 'a',
      choices: [
        { value: 'a', label: 'A' },
        { value: 'b', label: 'B' },
      ],
    }),
    field('tag', 'switch', { default: false }),
    field('note', 'text'),
  ],
  { page_id: /^\d{1,32}$/ },
);
const good = { page_id: '17', token: 'abc' };
const whole = { ...good, base: 'https://graph.facebook.com', way: 'a', tag: false };

it.each([
  ['the required alone', good, whole],
  ['null and empty for absent', { ...good, base: null, note: '', way: '', verify_token: '' }, whole],
  [
    'everything',
    { ...good, verify_token: 'v', base: 'http://127.0.0.1:8080/x', way: 'b', tag: true, note: 'n' },
    { ...good, verify_token: 'v', base: 'http://127.0.0.1:8080/x', way: 'b', tag: true, note: 'n' },
  ],
])('takes %s', (_, given, config) => expect(checkConfig(given)).toEqual({ ok: true, config }));

describe('refuses, at its name,', () => {
  it.each([
    [{ token: 'abc' }, '/config/page_id'],
    [{ ...good, page_id: 17 }, '/config/page_id'],
    [{ ...good, page_id: 'x' }, '/config/page_id'],
    [{ ...good, page_id: '' }, '/config/page_id'],
    [{ ...good, token: '' }, '/config/token'],
    [{ ...good, token: 'a b' }, '/config/token'],
    [{ ...good, token: 'ä' }, '/config/token'],
    [{ ...good, token: 'x'.repeat(1001) }, '/config/token'],
    [{ ...good, base: 'ftp://a' }, '/config/base'],
    [{ ...good, base: 'https://me:pw@a.example' }, '/config/base'],
    [{ ...good, base: 'https://a.example?token=1' }, '/config/base'],
    [{ ...good, way: 'c' }, '/config/way'],
    [{ ...good, tag: 'yes' }, '/config/tag'],
    [{ ...good, note: {} }, '/config/note'],
    [{ ...good, pageid: '17' }, '/config/pageid'],
    [{ ...good, 'a/b': 1 }, '/config/a~1b'],
  ])('%j', (given, pointer) => {
    const result = checkConfig(given);
    expect(result).toMatchObject({ ok: false, errors: [{ pointer }] });
    expect(JSON.stringify(result)).not.toContain('pw');
  });

  it.each([[null], [undefined], ['x'], [5], [[]], [[1]]])('%j as a whole', (given) => {
    expect(checkConfig(given)).toMatchObject({ ok: false, errors: [{ pointer: '/config' }] });
  });

  it('a name that is a trap', () => {
    expect(checkConfig(JSON.parse('{"page_id":"1","token":"t","__proto__":{"a":1}}'))).toMatchObject({ ok: false });
  });
});
