// What Messenger and Instagram both keep, as they read the same webhook: who may post, order, and noise that is no event.
// The one thing to know: what each kind of event becomes is tested beside each of the two.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RawRequest } from '../engine/ports.ts';
import { asset, request } from '../wire/fixtures/samples.ts';
import { bytesOf } from './fixtures/hub.ts';
import type { Recorded } from './fixtures/recorded.ts';
import { instagramChannel } from './instagram/adapter.ts';
import * as instagram from './instagram/fixtures/signed.ts';
import { messengerChannel } from './messenger/adapter.ts';
import * as messenger from './messenger/fixtures/signed.ts';

const parties = [
  { adapter: messengerChannel, other: 'instagram', ...messenger },
  { adapter: instagramChannel, other: 'page', ...instagram },
];

const eventsOf = (body: unknown): Record<string, unknown>[] =>
  (body as { entry: Record<string, Record<string, unknown>[]>[] }).entry.flatMap(({ messaging = [] }) => messaging);

describe.each(parties)('$adapter.channel', ({ adapter, other, config, fixtures, signed, APP_SECRET }) => {
  const here = asset({ channel: adapter.channel, config });
  const signedAs = (body: Buffer, headers = signed(body).headers): RawRequest => request(body, headers);
  const read = (body: unknown, at = here) => adapter.read(at, signedAs(Buffer.isBuffer(body) ? body : bytesOf(body)));
  const named = (wanted: string): Recorded['body'] => fixtures.find(({ name }) => name === wanted)?.fixture.body ?? {};
  const text = named('text');
  const eventOf = (more: object) => {
    const [event] = eventsOf(text);
    const { message, ...bare } = event ?? {};
    return { ...text, entry: [{ id: (text.entry as { id: string }[])[0]?.id, messaging: [{ ...bare, ...more }] }] };
  };

  describe('a webhook', () => {
    it('that comes again has the same keys', () => {
      for (const { fixture } of fixtures) expect(read(fixture.body)).toEqual(read(structuredClone(fixture.body)));
    });

    it('and another event another key', () => {
      const keys = fixtures
        .filter(({ name }) => !/^(echo-ours|batch|deleted)/.test(name))
        .flatMap(({ fixture }) =>
          fixture.items.flatMap((input) =>
            'externalId' in input && input.type !== 'receipt' ? [input.externalId] : [],
          ),
        );
      expect(new Set(keys).size).toBe(keys.length);
    });

    it('is answered as Meta wants it', () => {
      expect(adapter.answer).toEqual({ status: 200, type: 'text/plain', body: 'EVENT_RECEIVED' });
    });

    it('of a thousand updates keeps their order', () => {
      const texts = Array.from({ length: 1000 }, (_, index) => `word ${index}`);
      const [event] = eventsOf(text);
      const messaging = texts.map((words, index) => ({ ...event, message: { mid: `m_${index}`, text: words } }));
      const result = read({ ...text, entry: [{ ...(text.entry as object[])[0], messaging }] });
      const said = result.ok ? result.items.map((input) => (input.type === 'customer' ? input.message.text : '')) : [];
      expect(said).toEqual(texts);
    });
  });

  describe('who may post', () => {
    const body = bytesOf(text);
    const { 'x-hub-signature-256': signature = '', ...bare } = signed(body).headers;
    it.each([
      ['nobody without a signature', bare],
      ['nobody with an empty one', { ...bare, 'x-hub-signature-256': '' }],
      ['nobody with half of one', { ...bare, 'x-hub-signature-256': signature.slice(0, -2) }],
      ['nobody with another secret', signed(body, 'another').headers],
      ['nobody with the signature of another body', signed(Buffer.from('{}')).headers],
      ['nobody with the app secret as bearer', { ...bare, authorization: `Bearer ${APP_SECRET}` }],
    ])('%s', (_, headers: Record<string, string>) => {
      const result = adapter.read(here, signedAs(body, headers));
      expect(result).toMatchObject({ ok: false, status: 401, code: 'bad_signature' });
      expect(JSON.stringify(result)).not.toContain(APP_SECRET);
    });

    it('nobody with a body that was written again', () => {
      const image = bytesOf(named('image'));
      const again = Buffer.from(JSON.stringify(JSON.parse(image.toString())));
      expect(adapter.read(here, signedAs(image)).ok).toBe(true);
      expect(adapter.read(here, signedAs(again, signed(image).headers))).toMatchObject({
        ok: false,
        status: 401,
      });
    });

    it.each([[undefined], [''], [null], [5], [{}]])('nobody while the app secret is %j', (app_secret) => {
      const at = asset({ channel: adapter.channel, config: { ...config, app_secret } });
      for (const secret of ['', 'undefined', 'null', '5', APP_SECRET]) {
        expect(adapter.read(at, signedAs(body, signed(body, secret).headers))).toMatchObject({
          ok: false,
          status: 401,
        });
      }
    });
  });

  describe('noise', () => {
    const deep = `${'['.repeat(10_000)}${']'.repeat(10_000)}`;
    const huge = 'x'.repeat(1_000_000);

    it.each([
      ['nothing', '', 400],
      ['no JSON', '{"object":', 400],
      ['a list', '[]', 422],
      ['null', 'null', 422],
      ['a text', '"page"', 422],
    ])('that is %s is refused', (_, body, status) => {
      expect(read(Buffer.from(body))).toMatchObject({ ok: false, status });
    });

    it.each([
      ['nothing at all', {}],
      ['of another kind of object', { object: other, entry: [] }],
      ['without entries', { object: text.object }],
      ['with entries that are none', { object: text.object, entry: [null, 5, 'x', [], {}, { id: {} }] }],
      [
        'with events that are none',
        { ...text, entry: [{ ...(text.entry as object[])[0], messaging: [null, 5, [], {}] }] },
      ],
      ['without a sender', eventOf({ sender: undefined, message: { mid: 'm', text: 'x' } })],
      ['of a simulated customer', eventOf({ sender: { id: 'sim-1' }, message: { mid: 'm', text: 'x' } })],
      [
        'of ourselves',
        eventOf({ sender: { id: (text.entry as { id: string }[])[0]?.id }, message: { mid: 'm', text: 'x' } }),
      ],
      ['of a message that is a text', eventOf({ message: 'x' })],
      ['of a message without an id', eventOf({ message: { text: 'x' } })],
      ['of a message with a deep id', eventOf({ message: { mid: [[]], text: 'x' } })],
      ['of a message with a huge id', eventOf({ message: { mid: huge, text: 'x' } })],
      ['of a reaction to nothing', eventOf({ reaction: { action: 'react', emoji: '!' } })],
      ['of an edit of nothing', eventOf({ message_edit: { text: 'x' } })],
      ['of a reading without a time', eventOf({ read: { watermark: 'soon' } })],
      ['of a time that is none', eventOf({ read: { watermark: -1 } })],
      ['of a control that is a text', eventOf({ pass_thread_control: 'x' })],
      ['of nothing that happened', eventOf({})],
    ])('%s is counted and no event', (_, body) => {
      expect(read(body)).toMatchObject({ ok: true, items: [] });
    });

    it('of one event does not cost the others', () => {
      const [event] = eventsOf(text);
      const messaging = [null, { ...event, message: 5 }, event, { ...event, postback: deep, message: undefined }];
      const result = read({ ...text, entry: [5, { ...(text.entry as object[])[0], messaging }] });
      expect(result.ok && result.items.map((input) => ('externalId' in input ? input.externalId : ''))).toHaveLength(1);
    });

    it('of any length is cut to what a store holds', () => {
      const parts = Array.from({ length: 500 }, () => ({
        type: 'image',
        payload: { url: `https://cdn.example/${huge.slice(0, 900)}` },
      }));
      const result = read(eventOf({ message: { mid: 'm', text: huge, attachments: parts, reply_to: { mid: huge } } }));
      const input = result.ok ? result.items[0] : undefined;
      if (input?.type !== 'customer') throw new Error('no customer');
      expect(input.message.text.length).toBeLessThanOrEqual(65_536);
      expect(input.message.media.length).toBeLessThanOrEqual(20);
      for (const { url } of input.message.media) expect(url.length).toBeLessThanOrEqual(512 + 'remote:'.length);
      expect(input.message.details).toBeUndefined();
    });

    it('as deep as a well is read', () => {
      expect(read(Buffer.from(deep))).toMatchObject({ ok: false });
      const inside = JSON.stringify(eventOf({ message: { mid: 'm', text: 'DEEP' } })).replace('"DEEP"', deep);
      expect(read(Buffer.from(inside))).toMatchObject({ ok: true });
    });

    it('in any place of any webhook never throws, and never breaks a rule of the inputs', () => {
      const anything = fc.oneof(
        fc.jsonValue(),
        fc.constantFrom('', '\0', '\ud800', huge.slice(0, 5000), -1, 1e308, 'sim-1', '__proto__'),
      );
      fc.assert(
        fc.property(fc.constantFrom(...fixtures), fc.nat(), anything, ({ fixture }, at, value) => {
          const places = placesIn(fixture.body);
          const place = places[at % places.length] ?? [];
          const result = read(replaced(fixture.body, place, value));
          if (!result.ok) return;
          for (const input of result.items) {
            if ('address' in input) expect(input.address).toMatch(/^\d{1,64}$/);
            if ('externalId' in input) expect(input.externalId?.length).toBeGreaterThan(0);
            if ('externalId' in input) expect(input.externalId?.length).toBeLessThanOrEqual(256);
          }
        }),
        { numRuns: 1500 },
      );
    });
  });
});

function placesIn(value: unknown, path: string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([name, inner]) => placesIn(inner, [...path, name]))];
}

function replaced(value: unknown, [first, ...rest]: string[], by: unknown): unknown {
  if (first === undefined) return by;
  const copy: Record<string, unknown> | unknown[] = Array.isArray(value) ? [...value] : { ...(value as object) };
  const inner = (copy as Record<string, unknown>)[first];
  (copy as Record<string, unknown>)[first] = replaced(inner, rest, by);
  return copy;
}
