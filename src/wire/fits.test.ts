// Whether a message fits a channel, and whether the customer may be written to: each limit at its edge, and the sentences.
import { describe, expect, it } from 'vitest';
import type { Message } from '../routing/model.ts';
import { type Limits, lengthOf, misfit, outsideWindow } from './fits.ts';
import { botMessage, NOW, photo } from './fixtures/samples.ts';

const LIMITS: Limits = {
  title: 'Pigeon',
  sends: ['text', 'image', 'location'],
  text: { max: 4, unit: 'characters' },
  quickReplies: { max: 2, titleMax: 3, payloadMax: 4 },
  media: 2,
};
const judged = (message: Partial<Message>, more: Partial<Limits> = {}) =>
  misfit({ ...botMessage, text: 'ab', ...message }, { ...LIMITS, ...more });

describe('what fits', () => {
  it.each<[string, Partial<Message>, Partial<Limits>]>([
    ['the longest text', { text: '😀'.repeat(4) }, {}],
    ['in bytes', { text: '😀' }, { text: { max: 4, unit: 'bytes' } }],
    ['in UTF-16', { text: '😀😀' }, { text: { max: 4, unit: 'utf16' } }],
    ['a picture without words', { type: 'image', text: '', media: [photo, photo] }, {}],
    ['the longest quick replies', { quickReplies: [{ title: 'abc', payload: 'abcd' }, { title: 'd' }] }, {}],
    ['payloads in bytes', { quickReplies: [{ title: 'a', payload: '😀' }] }, { payloadUnit: 'bytes' }],
    ['quick replies that the channel writes below', { quickReplies: [{ title: 'long' }] }, { quickReplies: null }],
  ])('%s', (_, message, limits) => expect(judged(message, limits)).toBeNull());
});

describe('what does not', () => {
  it.each<[string, Partial<Message>, Partial<Limits>, string, string]>([
    ['a type', { type: 'contact' }, {}, 'unsupported', 'Pigeon takes no message of type contact'],
    ['a picture without one', { type: 'image' }, {}, 'invalid', 'needs a file'],
    ['nothing', { text: ' \n' }, {}, 'invalid', 'nothing'],
    ['a text', { text: 'abcde' }, {}, 'too_long', 'The text has 5 characters; Pigeon takes 4.'],
    ['bytes', { text: 'äää' }, { text: { max: 4, unit: 'bytes' } }, 'too_long', 'has 6 bytes; Pigeon takes 4.'],
    ['three files', { type: 'image', media: [photo, photo, photo] }, {}, 'too_many', '3 media; Pigeon takes 2 at once'],
    [
      'three replies',
      { quickReplies: Array(3).fill({ title: 'a' }) },
      {},
      'too_many',
      '3 quick replies; Pigeon shows 2',
    ],
    ['a title', { quickReplies: [{ title: 'abcd' }] }, {}, 'too_long', 'The title of quick reply 1 has 4 characters'],
    [
      'a title in UTF-16',
      { quickReplies: [{ title: '😀😀' }] },
      { text: { max: 4, unit: 'utf16' } },
      'too_long',
      'The title of quick reply 1 has 4 characters',
    ],
    [
      'a payload',
      { quickReplies: [{ title: 'a' }, { title: 'b', payload: 'abcde' }] },
      {},
      'too_long',
      'The payload of quick reply 2 has 5 characters',
    ],
    [
      'a title that is the payload too',
      { quickReplies: [{ title: 'äää' }] },
      { payloadUnit: 'bytes' },
      'too_long',
      'The payload of quick reply 1 has 6 bytes',
    ],
  ])('%s', (_, message, limits, reason, detail) => {
    expect(judged(message, limits)).toMatchObject({ result: 'final', status: null, reason });
    expect(judged(message, limits)?.detail).toContain(detail);
  });

  it('is counted as the provider counts', () => {
    expect((['characters', 'utf16', 'bytes'] as const).map((unit) => lengthOf('ä😀', unit))).toEqual([2, 3, 6]);
  });
});

describe('the window', () => {
  const of = { title: 'Pigeon', hours: 24, what: 'free text' };
  const heard = (hours: number) => ({ at: NOW - hours * 3_600_000, externalId: null });

  it('is the provider’s to judge where nobody looked, and open to its last moment', () => {
    expect(outsideWindow(undefined, NOW, of)).toBeNull();
    expect(outsideWindow({ at: NOW - 24 * 3_600_000 + 1, externalId: null }, NOW, of)).toBeNull();
  });

  it.each([
    [null, 24, 'The customer has not written yet: on Pigeon they must write first.'],
    [heard(24), 24, 'The customer’s last word was 24 hours ago; Pigeon takes free text within 24 hours only.'],
    [heard(169.9), 168, 'The customer’s last word was 169 hours ago; Pigeon takes free text within 7 days only.'],
  ])('is shut: %j', (word, hours, detail) => {
    expect(outsideWindow(word, NOW, { ...of, hours })).toMatchObject({ reason: 'outside_window', detail });
  });
});
