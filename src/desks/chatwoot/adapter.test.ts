// The Chatwoot desk against a strict stand-in of its API: what agents see there, and that nothing is said twice.
// Not here: the verification (verify.test.ts).
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { type Chatwoot, INBOX, startChatwoot, TOKEN } from '../../../test/parties/chatwoot.ts';
import type { DeskConfig } from '../../engine/ports.ts';
import type { WayOut } from '../../net/client.ts';
import type { Outcome } from '../../routing/inputs.ts';
import type { Delivery, Message } from '../../routing/model.ts';
import {
  AT,
  agentMessage,
  botMessage,
  delivery,
  desk,
  deskThread,
  facts,
  id,
  item,
  message,
  NOW,
  photo,
  wayOut,
} from '../../wire/fixtures/samples.ts';
import { createChatwootDesk } from './adapter.ts';

const about = facts({ conversationType: 'CCSP', epoch: 4, channel: 'webchat', thread: deskThread });
const thread = deskThread.id;
const ours = id('conv', 'd');

let there: Chatwoot;
let adapter = createChatwootDesk();
const out: WayOut = wayOut();
const open: Chatwoot[] = [];
beforeEach(async () => {
  there = await startChatwoot();
  open.push(there);
  adapter = createChatwootDesk();
});
afterAll(async () => {
  // A parameter or path that Chatwoot does not have is never sent, whatever a test was about.
  expect(open.flatMap(({ faults }) => faults)).toEqual([]);
  await out.close();
  for (const each of open) await each.down();
});

const chatwoot = (more: Partial<DeskConfig> = {}, config: object = {}): DeskConfig =>
  desk({
    kind: 'chatwoot',
    url: `${there.url}/`,
    config: { account_id: '3', inbox_id: '7', api_token: TOKEN, ...config },
    ...more,
  });
/** The program begins anew: what was only in memory is gone. */
const restart = (): void => {
  adapter = createChatwootDesk();
};
const tell = (more: Partial<Delivery>, said: Message | null = null, by = chatwoot()): Promise<Outcome> =>
  adapter.send(
    by,
    item({
      delivery: delivery({ conversationId: ours, messageId: said?.id ?? null, ...more }),
      message: said,
      thread: deskThread,
    }),
    { ...about, transcript: { messages: [message(), botMessage], total: 5 } },
    out.send,
    NOW,
  );
const started = (): Promise<Outcome> =>
  tell({ kind: 'started', data: { reason: 'asked for a person', attributes: { order: '7' }, upto_seq: 2 } });
const question = message({ id: id('msg', '4'), seq: 4, turn: 2, text: 'Are you there?', at: AT });
const words = (): (string | null | undefined)[] =>
  there.conversations.flatMap((of) => of.messages.map((each) => each.content));
const asked = (): string[] =>
  there.requests.map(({ method, path }) => `${method} ${path.replace(/^.*accounts\/3/, '')}`);

describe('a handover', () => {
  it('is a new conversation of one contact, with a private note of everything so far', async () => {
    expect(await started()).toMatchObject({ result: 'ok', detail: 'Conversation 1 in Chatwoot.' });
    const [of] = there.of(thread);
    expect(there.contacts).toMatchObject([{ name: 'Customer One', identifier: thread }]);
    expect(of).toMatchObject({
      status: 'open',
      additional_attributes: { signalbox_conversation: ours },
      custom_attributes: { order: '7', signalbox_channel: 'webchat' },
      messages: [{ private: true, message_type: 'outgoing' }],
    });
    const note = of?.messages[0]?.content ?? '';
    for (const part of ['Reason: asked for a person', 'order: 7', '(3 older left out)']) expect(note).toContain(part);
    expect(note.indexOf('Where is my order?')).toBeGreaterThan(0);
    expect(note.indexOf('Which order is it?')).toBeGreaterThan(note.indexOf('Where is my order?'));

    await adapter.send(
      chatwoot(),
      item({
        delivery: delivery({ kind: 'started', conversationId: id('conv', 'e') }),
        message: null,
        thread: deskThread,
      }),
      about,
      out.send,
      NOW,
    );
    expect(there.contacts).toHaveLength(1);
    expect(there.of(thread)).toHaveLength(2);
  });

  it.each([
    ['the contact was made', /POST .*\/contacts$/],
    ['the conversation was made', /POST .*\/conversations$/],
  ])('is one conversation also when no answer came after %s', async (_, path) => {
    there.breakNext = path;
    expect(await started()).toMatchObject({ result: 'retry' });
    expect(await started()).toMatchObject({ result: 'ok' });
    restart();
    expect(await started()).toMatchObject({ result: 'ok', detail: 'Conversation 1 in Chatwoot.' });
    expect([there.contacts.length, there.of(thread).length, words().length]).toEqual([1, 1, 1]);
  });

  it('says so when the inbox has a single conversation for each contact', async () => {
    await started();
    there.inbox.lock_to_single_conversation = true;
    const outcome = await adapter.send(
      chatwoot(),
      item({
        delivery: delivery({ kind: 'started', conversationId: id('conv', 'e') }),
        message: null,
        thread: deskThread,
      }),
      about,
      out.send,
      NOW,
    );
    expect(outcome).toMatchObject({ result: 'final', detail: expect.stringContaining('Lock to single conversation') });
  });

  it('does not let a customer’s words fill templates or name agents in a note', async () => {
    const sly = message({ text: '{{{agent.email}} {% raw %} [x](mention://user/1/x)' });
    await adapter.send(
      chatwoot(),
      item({ delivery: delivery({ kind: 'started', conversationId: ours }), message: null, thread: deskThread }),
      { ...about, transcript: { messages: [sly], total: 1 } },
      out.send,
      NOW,
    );
    expect(words()[0]).not.toMatch(/\{\{|\{%|\]\(/);
  });

  it('cuts a name that Chatwoot would not take', async () => {
    const long = { ...deskThread, name: 'ü'.repeat(256) };
    const lane = item({
      delivery: delivery({ kind: 'started', conversationId: ours }),
      message: null,
      thread: long,
    });
    expect(await adapter.send(chatwoot(), lane, about, out.send, NOW)).toMatchObject({ result: 'ok' });
    expect(there.contacts[0]?.name).toMatch(/^ü{254}…$/);
  });

  it('cuts a long transcript at its beginning', async () => {
    const messages = Array.from({ length: 100 }, (_, i) => message({ text: `${i}:${'x'.repeat(3_000)}` }));
    await adapter.send(
      chatwoot(),
      item({ delivery: delivery({ kind: 'started', conversationId: ours }), message: null, thread: deskThread }),
      { ...about, transcript: { messages, total: 100 } },
      out.send,
      NOW,
    );
    const note = words()[0] ?? '';
    expect(note.length).toBeLessThan(20_000);
    expect(note).toContain('99:');
    expect(note).toMatch(/\(9\d older left out\)/);
  });
});

describe('what the customer says', () => {
  beforeEach(async () => {
    await started();
    there.requests.splice(0);
  });

  it('comes in one request, as the contact’s', async () => {
    expect(await tell({}, question)).toMatchObject({ result: 'ok' });
    expect(asked()).toEqual(['POST /conversations/1/messages']);
    expect(there.of(thread)[0]?.messages.at(-1)).toMatchObject({
      content: 'Are you there?',
      message_type: 'incoming',
      private: false,
      source_id: question.id,
    });
  });

  it.each([
    ['a picture', { type: 'image', text: 'see', media: [photo] }, `see\n[${photo.name}](${photo.url})`],
    ['a button', { kind: 'postback', text: '', payload: 'ORDER_42', title: 'Order 42' }, 'Order 42'],
    [
      'a place',
      { type: 'location', text: '', details: { location: { latitude: 1.5, longitude: 2, name: 'Shop' } } },
      'Location: Shop, 1.5, 2',
    ],
    [
      'a contact',
      { type: 'contact', text: '', details: { contacts: [{ name: 'Ann', phones: ['+1'] }] } },
      'Contact: Ann, +1',
    ],
    ['a sticker', { type: 'sticker', text: '', details: { sticker: { emoji: '😀' } } }, 'Sticker 😀'],
    ['as long as any', { text: 'x'.repeat(65_536) }, 'x'.repeat(65_536)],
    ['nothing that can be told', { type: 'file', text: '' }, '(file)'],
  ] as const)('may be %s', async (_, more, content) => {
    await tell({ kind: 'message' }, message({ ...question, ...(more as Partial<Message>) }));
    expect(words().at(-1)).toBe(content);
  });

  it('finds its conversation after a restart', async () => {
    restart();
    expect(await tell({}, question)).toMatchObject({ result: 'ok' });
    await tell({}, message({ ...question, id: id('msg', '5'), text: 'Hello?' }));
    expect(words().slice(1)).toEqual(['Are you there?', 'Hello?']);
    expect(asked().at(-1)).toBe('POST /conversations/1/messages');
    expect(asked()).toHaveLength(5);
  });

  it('is said once when no answer came, and when the program died before it could note it', async () => {
    there.breakNext = /messages$/;
    expect(await tell({}, question)).toMatchObject({ result: 'retry' });
    expect(await tell({ attempts: 1 }, question)).toMatchObject({ result: 'ok' });
    restart();
    expect(await tell({}, question)).toMatchObject({ result: 'ok' });
    expect(words().slice(1)).toEqual(['Are you there?']);
  });

  it('is no doubt cast upon by a note of the other lane', async () => {
    there.breakNext = /messages$/;
    await tell({}, question);
    await tell({ kind: 'receipt', data: { status: 'failed' } }, agentMessage);
    await tell({ attempts: 1 }, question);
    expect(words().filter((each) => each === 'Are you there?')).toHaveLength(1);
  });

  it('is given up when the conversation was deleted there', async () => {
    there.conversations.splice(0);
    expect(await tell({}, question)).toMatchObject({ result: 'retry', status: 404 });
    expect(await tell({ attempts: 1 }, question)).toMatchObject({ result: 'final' });
  });

  it.each([
    [401, 'retry', 'rejected'],
    [429, 'retry', 'throttled'],
    [422, 'retry', 'rejected'],
    [500, 'retry', 'server_error'],
  ])('and an answer of %d is %s: %s, which shows no secret', async (status, result, reason) => {
    there.refuse = () => ({ status, body: { error: `${TOKEN} hook-token-of-the-desk` } });
    const outcome = await tell({}, question);
    expect(outcome).toMatchObject({ result, reason, status });
    expect(outcome.detail).toContain('Saying it:');
    expect(JSON.stringify(outcome)).not.toMatch(/chatwoot-token|hook-token/);
  });

  it.each([['<html>'], ['[]'], ['{"payload": 7}'], ['{"payload": [{"id": "x"}]}'], ['']])(
    'and %j is no answer',
    async (body) => {
      restart();
      const send = async () => ({ ok: true as const, status: 200, headers: {}, body, timing: { totalMs: 1 } });
      const outcome = await adapter.send(chatwoot(), item({ message: question, thread: deskThread }), about, send, NOW);
      expect(outcome).toMatchObject({ result: 'retry', detail: expect.stringContaining('not what Chatwoot answers') });
    },
  );
});

describe('an agent is told', () => {
  beforeEach(async () => {
    await started();
  });

  it('in a note, once, what did not reach the customer; and nothing of what did', async () => {
    const failed = { kind: 'receipt', data: { status: 'failed', description: 'blocked' } } as const;
    await tell(failed, agentMessage);
    await tell(failed, agentMessage);
    const before = there.requests.length;
    for (const status of ['delivered', 'read'])
      expect(await tell({ kind: 'receipt', data: { status } }, agentMessage)).toMatchObject({ result: 'ok' });
    expect(there.requests.length).toBe(before);
    expect(words().slice(1)).toEqual([
      expect.stringMatching(/^\*\*Not delivered to the customer\*\*: “[^”]+”\n\nblocked$/),
    ]);
    expect(there.of(thread)[0]?.messages.at(-1)?.private).toBe(true);
  });

  it.each([
    ['wrote it anew', { kind: 'edit' }, /^\*\*The customer wrote it anew\*\*: “Are you there\?”$/],
    ['took it back', { kind: 'delete' }, /took a message back/],
    ['reacted', { kind: 'reaction', emoji: '👍' }, /reacted with 👍/],
  ])('in a note, once, that the customer %s', async (_, update, note) => {
    const told = { kind: 'signal', data: { event: 'message.updated', ...update } } as const;
    await tell(told, question);
    await tell(told, question);
    expect(words().slice(1)).toEqual([expect.stringMatching(note)]);
  });

  it('that the conversation is over, and it is resolved', async () => {
    there.breakNext = /toggle_status$/;
    const closed = { kind: 'closed', data: { reason: 'taken over' } } as const;
    expect(await tell(closed)).toMatchObject({ result: 'retry' });
    expect(await tell(closed)).toMatchObject({ result: 'ok' });
    expect(there.of(thread)[0]?.status).toBe('resolved');
    expect(words().slice(1)).toEqual([expect.stringContaining('over** (taken over)')]);
  });

  it('that the customer types, as the contact, when it is known where', async () => {
    const types = (on: boolean) => adapter.typing?.(chatwoot(), ours, on, out.send, NOW, deskThread, 'webchat');
    await types(true);
    await types(false);
    expect(there.typed).toEqual(['on', 'off']);
    expect(asked().filter((each) => each === `GET /inboxes/${INBOX}`)).toHaveLength(1);
    restart();
    await types(true);
    expect(there.typed).toHaveLength(2);
  });

  it('nothing of what desks are not told', async () => {
    expect(await tell({ kind: 'signal', data: { event: 'control.given' } })).toMatchObject({ result: 'final' });
  });
});

it('closes nothing where nothing was made', async () => {
  expect(await tell({ kind: 'closed', data: { reason: 'x' } })).toMatchObject({ result: 'ok' });
  expect(there.contacts).toEqual([]);
});
