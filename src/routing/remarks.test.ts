// What customers do to what was said, signs, watermarks and further addresses: what is decided about each.
// Not here: how the store finds a message or a thread (src/store/conformance/provided.ts).
import { describe, expect, it } from 'vitest';
import { Box, outcome } from './fixtures/box.ts';
import { toBoth, worldOf } from './fixtures/world.ts';
import type { Input, Reply } from './inputs.ts';
import type { Id } from './model.ts';

type Of<T extends Input['type']> = Extract<Input, { type: T }>;
const extended = (): Box =>
  new Box(
    worldOf({
      bots: { A: { settings: { extended_events: true } }, B: {} },
      rules: [{ id: 'main', on: 'message.received', do: toBoth('A', 'X') }],
    }),
  );
/** The bot `A` has the line. */
function spoken(): Box {
  const box = extended();
  box.say('hello');
  return box.run();
}
let ids = 0;
const about = { assetId: 'ast', address: 'c1' };
const remark = (box: Box, of: string, what: Of<'remark'>['remark']): Reply =>
  box.submit({ type: 'remark', ...about, externalId: `r${++ids}`, about: of, remark: what });
const sign = (box: Box, more: Partial<Of<'sign'>> = {}): Reply =>
  box.submit({
    type: 'sign',
    ...about,
    externalId: `s${++ids}`,
    name: 'blocked',
    text: 'The customer blocked us.',
    ...more,
  });
/** The customer said something, by this id of the channel; what it became. */
function said(box: Box, text: string, externalId: string): Id {
  const reply = box.submit({
    ...{ type: 'customer', ...about, externalId, kind: 'message' },
    message: { type: 'text', text, media: [{ url: 'media:med_1', type: 'image/png' }] },
  });
  return (reply.ok && reply.messageId) || '';
}

describe('a remark', () => {
  it.each([
    ['a reaction', { kind: 'reaction', emoji: '👍' }, { text: 'one' }, { kind: 'reaction', emoji: '👍' }],
    ['a reaction taken back', { kind: 'reaction', emoji: '' }, { text: 'one' }, { kind: 'reaction', emoji: '' }],
    ['an edit', { kind: 'edit', text: 'two' }, { text: 'two', edited: { original: 'one' } }, { kind: 'edit' }],
    ['a deletion', { kind: 'delete' }, { text: '', media: [] }, { kind: 'delete' }],
  ] as const)('is told to the desk and to bots that asked, and is no turn: %s', (_, what, reads, told) => {
    const box = spoken();
    box.handover('A');
    box.desk('X', { type: 'accepted', agent: 'Agent' });
    const messageId = said(box, 'one', 'mid.1');
    box.run();
    const before = box.thread;
    expect(remark(box, 'mid.1', what)).toEqual({ ok: true, messageId });
    box.run();
    expect(box.messages.get(messageId)).toMatchObject(reads);
    const data = { event: 'message.updated', message_id: messageId, ...told };
    expect(box.eventsOf('message.remarked').at(-1)?.data).toEqual({ message_id: messageId, ...told });
    for (const target of ['A', 'X']) {
      const last = box.deliveries.findLast((d) => d.target.id === target);
      expect(last).toMatchObject({ kind: 'signal', turn: null, messageId, data });
    }
    expect(box.thread).toEqual(before);
  });

  it('leaves words in the message alone: what is deleted is in no event and no delivery', () => {
    const box = spoken();
    const messageId = said(box, 'secret one', 'mid.1');
    remark(box, 'mid.1', { kind: 'edit', text: 'secret two' });
    expect(box.messages.get(messageId)?.edited?.original).toBe('secret one');
    remark(box, 'mid.1', { kind: 'edit', text: 'secret three' });
    expect(box.messages.get(messageId)?.edited?.original).toBe('secret one');
    remark(box, 'mid.1', { kind: 'delete' });
    const kept = [box.messages.get(messageId), box.events, box.deliveries];
    expect(JSON.stringify(kept)).not.toContain('secret');
    remark(box, 'mid.1', { kind: 'edit', text: 'secret again' });
    expect(box.messages.get(messageId)).toMatchObject({ text: '', media: [] });
  });

  it('changes nothing of what we said', () => {
    const box = spoken();
    box.botSays('A', 'ours');
    box.run((got) => outcome(got.target === 'ast' ? { externalId: 'mid.9' } : {}));
    for (const what of [{ kind: 'delete' }, { kind: 'edit', text: 'mine' }] as const) {
      expect(remark(box, 'mid.9', what)).toMatchObject({ ok: true, messageId: expect.any(String) });
    }
    expect([...box.messages.values()].find(({ externalId }) => externalId === 'mid.9')?.text).toBe('ours');
    expect(box.eventsOf('message.remarked')).toHaveLength(2);
  });

  it('is shown as a sign when nobody knows what it is about, and ignored without a thread', () => {
    const box = extended();
    expect(remark(box, 'mid.0', { kind: 'delete' })).toEqual({ ok: true, ignored: true });
    box.say('one');
    expect(remark(box, 'mid.0', { kind: 'reaction', emoji: '👍' })).toEqual({ ok: true });
    expect(box.eventsOf('customer.sign').map(({ data }) => data)).toEqual([{ name: 'reaction', text: '👍' }]);
  });
});

describe('a sign', () => {
  it('is shown in the thread, and moves nothing', () => {
    const box = extended();
    expect(sign(box)).toEqual({ ok: true, ignored: true });
    box.say('one');
    const before = [box.thread, box.deliveries.length];
    expect(sign(box, { text: 'x'.repeat(5_000) })).toEqual({ ok: true });
    expect([box.thread, box.deliveries.length]).toEqual(before);
    expect(box.eventsOf('customer.sign').map(({ data }) => String(data.text).length)).toEqual([1_024]);
  });
});

describe('a watermark', () => {
  const mark = (box: Box, status: 'delivered' | 'read', at: number): Reply =>
    box.submit({ type: 'watermark', ...about, status, at });
  const fates = (box: Box) => box.eventsOf('message.receipt').map(({ data }) => `${data.message_id} ${data.status}`);

  it('is told of each message that was sent by then and has no such status, to its sender, oldest first', () => {
    const box = spoken();
    const [one, two, three] = ['one', 'two', 'three'].map((text) => {
      const reply = box.botSays('A', text);
      box.run().pass(1_000);
      return (reply.ok && reply.messageId) || '';
    });
    const later = box.botSays('A', 'not sent yet');
    box.receipt(two ?? '', 'read');
    expect(mark(box, 'delivered', box.now - 1_500)).toEqual({ ok: true });
    expect(fates(box)).toEqual([`${two} read`, `${one} delivered`]);
    expect(mark(box, 'read', box.now)).toEqual({ ok: true });
    expect(fates(box).slice(2)).toEqual([`${one} read`, `${three} read`]);
    expect(mark(box, 'delivered', box.now)).toEqual({ ok: true, ignored: true });
    const told = box.deliveries.filter((d) => d.kind === 'receipt').map((d) => d.target.id);
    expect(told).toEqual(['A', 'A', 'A', 'A']);
    expect(later.ok).toBe(true);
  });

  it('does not make good what failed, nor reach before the first message', () => {
    const box = spoken();
    const start = box.now;
    const reply = box.pass(1_000).botSays('A', 'one');
    box.run();
    box.receipt((reply.ok && reply.messageId) || '', 'failed');
    expect(mark(box, 'read', box.now)).toEqual({ ok: true, ignored: true });
    expect(mark(box, 'read', start)).toEqual({ ok: true, ignored: true });
  });

  it('of a customer whom nobody knows is ignored', () => {
    expect(mark(extended(), 'read', 0)).toEqual({ ok: true, ignored: true });
  });
});

describe('another address', () => {
  const say = (box: Box, address: string, more: Partial<Of<'customer'>> = {}): Reply =>
    box.submit({
      ...{ type: 'customer', assetId: 'ast', address, externalId: `m${++ids}`, kind: 'message' },
      message: { type: 'text', text: address, media: [] },
      ...more,
    });
  const alias = (box: Box, address: string, to: string): Reply =>
    box.submit({ type: 'alias', assetId: 'ast', address, alias: to });
  const shape = (box: Box) =>
    [...box.threads.values()].map((t) => [t.address, t.aliases ?? [], t.sendTo ?? t.address, t.turn]);

  it.each<[string, (box: Box) => unknown, unknown[]]>([
    ['alone', (box) => say(box, 'a'), [['a', [], 'a', 1]]],
    ['told with the first word', (box) => say(box, 'a', { aliases: ['b'] }), [['a', ['b'], 'a', 1]]],
    ['known among the aliases', (box) => [say(box, 'a'), say(box, 'b', { aliases: ['a'] })], [['a', ['b'], 'b', 2]]],
    ['used alone later', (box) => [say(box, 'a', { aliases: ['b'] }), say(box, 'b')], [['a', ['b'], 'b', 2]]],
    ['and back', (box) => [say(box, 'a', { aliases: ['b'] }), say(box, 'b'), say(box, 'a')], [['a', ['b'], 'a', 3]]],
    ['told by the provider', (box) => [say(box, 'a'), alias(box, 'a', 'b'), say(box, 'b')], [['a', ['b'], 'b', 2]]],
    ['told of nobody', (box) => alias(box, 'a', 'b'), []],
    ['told the other way round', (box) => [say(box, 'b'), alias(box, 'a', 'b')], [['b', ['a'], 'b', 1]]],
    [
      'with a thread of its own: the elder keeps the customer',
      (box) => [say(box, 'a'), say(box, 'b'), say(box, 'b', { aliases: ['a'] }), say(box, 'b')],
      [
        ['a', ['b'], 'b', 3],
        ['b', [], 'b', 1],
      ],
    ],
    [
      'with a thread of its own, told by the provider',
      (box) => [say(box, 'a'), say(box, 'b'), alias(box, 'b', 'a'), say(box, 'b')],
      [
        ['a', ['b'], 'b', 2],
        ['b', [], 'b', 1],
      ],
    ],
  ])('%s', (_, happens, expected) => {
    const box = extended();
    happens(box);
    expect(shape(box)).toEqual(expected);
  });

  it('told again changes nothing, and is said once', () => {
    const box = extended();
    say(box, 'a');
    expect(alias(box, 'a', 'b')).toEqual({ ok: true });
    expect(alias(box, 'a', 'b')).toEqual({ ok: true, duplicate: true });
    say(box, 'b', { aliases: ['a', 'b', ''] });
    expect(box.eventsOf('customer.alias').map(({ data }) => data)).toEqual([{ aliases: ['b'] }]);
  });

  it('is one of at most twenty', () => {
    const box = extended();
    say(box, 'a', { aliases: Array.from({ length: 100 }, (_, i) => `x${i}`) });
    expect(box.thread.aliases).toHaveLength(20);
  });

  it('never leads from a real customer to a simulated one', () => {
    const box = extended();
    say(box, 'sim-1', { simulated: true });
    expect(say(box, 'a', { aliases: ['sim-1'] })).toMatchObject({ ok: false, code: 'invalid' });
    say(box, 'b');
    alias(box, 'b', 'sim-2');
    expect(shape(box).at(-1)).toEqual(['b', [], 'b', 1]);
  });
});
