// What Chatwoot posts, as recorded after its source: what each event becomes, what is ignored, what is refused.
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { DeskConfig, RawRequest } from '../../engine/ports.ts';
import { desk, id, NOW, request } from '../../wire/fixtures/samples.ts';
import { read } from './read.ts';

type Loose = ReturnType<typeof JSON.parse>;
const SECRET = 'webhook-secret-of-chatwoot';
const conversationId = id('conv', 'd');
const fixture = (name: string): Loose =>
  JSON.parse(readFileSync(new URL(`./fixtures/${name}.json`, import.meta.url), 'utf8'));
const config = { account_id: '3', inbox_id: '7', api_token: 'token' };
const chatwoot = (more: object = {}): DeskConfig => desk({ kind: 'chatwoot', config: { ...config, ...more } });
const take = (body: unknown) => read(chatwoot(), request(body));
const command = (made: object) => ({ ok: true, items: [{ conversationId, ...made }], ignored: 0, batch: false });
const ignored = { ok: true, items: [], ignored: 1, batch: false };

describe('an event becomes', () => {
  it.each([
    [
      'message-created',
      {
        type: 'message',
        agent: 'Agent One',
        message: { type: 'text', text: 'I am looking into it.', media: [] },
        key: 'chatwoot-501',
      },
    ],
    [
      'message-created-attachment',
      {
        type: 'message',
        agent: 'Agent One',
        message: {
          type: 'image',
          text: '',
          media: [
            {
              url: 'https://chatwoot.example/rails/active_storage/blobs/redirect/eyJfcmFpbHMi--0a1b/label%20photo.jpg',
              type: 'image/jpeg',
              name: 'label photo.jpg',
            },
          ],
        },
        key: 'chatwoot-502',
      },
    ],
    ['conversation-created', { type: 'queued' }],
    ['conversation-updated', { type: 'accepted', agent: 'Agent One' }],
    ['conversation-status-changed', { type: 'close', reason: 'resolved in Chatwoot' }],
    ['conversation-typing-on', { type: 'typing', on: true }],
  ])('%s', (name, made) => expect(take(fixture(name))).toEqual(command(made)));

  it('accepted, when it was assigned at its birth', () => {
    const body = { ...fixture('conversation-updated'), event: 'conversation_created' };
    expect(take(body)).toEqual(command({ type: 'accepted', agent: 'Agent One' }));
  });

  it('accepted, too, where Chatwoot does not tell what changed', () => {
    const { changed_attributes: _, ...body } = fixture('conversation-updated');
    expect(take(body)).toEqual(command({ type: 'accepted', agent: 'Agent One' }));
  });

  it.each([
    ['a file', { file_type: 'file', extension: 'pdf', data_url: 'https://c.example/x' }, 'file', 'application/pdf'],
    ['what it has no ending of', { file_type: 'audio', data_url: 'https://c.example/x' }, 'audio', 'audio'],
    ['what it does not know', { file_type: 'fallback', data_url: 'https://c.example/x.qqq' }, 'file', 'fallback'],
  ])('a message with %s', (_, attachment, type, media) => {
    const body = { ...fixture('message-created'), attachments: [attachment] };
    expect(take(body)).toMatchObject({ items: [{ message: { type, media: [{ type: media }] } }] });
  });
});

describe('is ignored with a 2xx:', () => {
  const said = fixture('message-created');
  const ofNobody = { ...said.conversation, additional_attributes: {} };
  it.each([
    ['a private note', { ...said, private: true }],
    ['what does not say whether it is private', { ...said, private: undefined }],
    ['what the customer said', { ...said, message_type: 'incoming', sender: { type: 'contact', name: 'x' } }],
    ['a greeting', { ...said, message_type: 'template', sender: null }],
    ['an automation', { ...said, sender: null }],
    ['an agent bot', { ...said, sender: { id: 1, name: 'Bot', type: 'agent_bot' } }],
    ['a deleted message', { ...said, content_attributes: { deleted: true } }],
    ['a conversation that is none of ours', { ...said, conversation: ofNobody }],
    [
      'a conversation with an odd id of ours',
      { ...said, conversation: { additional_attributes: { signalbox_conversation: 7 } } },
    ],
    ['no conversation', { ...said, conversation: null }],
    ['an edited message', { ...said, event: 'message_updated' }],
    ['an event that we do not know', { ...said, event: 'webwidget_triggered' }],
    ['typing of a note', { ...fixture('conversation-typing-on'), is_private: true }],
    ['typing of the customer', { ...fixture('conversation-typing-on'), user: { type: 'contact' } }],
    [
      'typing after the end',
      { ...fixture('conversation-typing-on'), conversation: { ...said.conversation, status: 'resolved' } },
    ],
    ['an assignment after the end', { ...fixture('conversation-updated'), status: 'resolved' }],
    ['reopened', { ...fixture('conversation-status-changed'), status: 'open' }],
    ['snoozed', { ...fixture('conversation-status-changed'), status: 'snoozed' }],
    ['another change', { ...fixture('conversation-updated'), changed_attributes: [{ priority: {} }] }],
    ['nobody any more', { ...fixture('conversation-updated'), meta: { assignee: null } }],
    ['assigned to a bot', { ...fixture('conversation-updated'), meta: { assignee: { type: 'agent_bot', name: 'B' } } }],
  ])('%s', (_, body) => expect(take(body)).toEqual(ignored));
});

describe('is refused:', () => {
  const said = fixture('message-created');
  it.each([
    ['', 'x'],
    ['', []],
    ['', null],
    ['/event', {}],
    ['/event', { event: 7 }],
    ['/id', { ...said, id: 'x' }],
    ['/content', { ...said, content: null }],
    ['/content', { ...said, content: 'x'.repeat(65_537) }],
    ['/content', { ...said, content: '', attachments: [{ file_type: 'image', data_url: 'javascript:alert(1)' }] }],
    ['/attachments', { ...said, attachments: 'x' }],
    ['/attachments', { ...said, attachments: Array(21).fill({}) }],
  ])('at %s: %#', (pointer, body) => {
    expect(take(body)).toMatchObject({ ok: false, status: 422, errors: [{ pointer }] });
  });

  it.each([
    ['no JSON', Buffer.from('event=x'), 422],
    ['nothing', Buffer.alloc(0), 422],
    ['too much', Buffer.alloc(262_145, 0x20), 413],
    ['an abyss', Buffer.from(`{"event":${'['.repeat(100_000)}${']'.repeat(100_000)}}`), 422],
  ])('%s', (_, body, status) => expect(take(body)).toMatchObject({ ok: false, status }));
});

describe('with a webhook secret', () => {
  const body = Buffer.from(JSON.stringify(fixture('message-created')));
  const sign = (bytes: Buffer, at = NOW, secret = SECRET): Record<string, string> => {
    const timestamp = String(Math.floor(at / 1000));
    const mac = createHmac('sha256', secret).update(`${timestamp}.${bytes}`).digest('hex');
    return { 'x-chatwoot-timestamp': timestamp, 'x-chatwoot-signature': `sha256=${mac}` };
  };
  const takeSigned = (bytes: Buffer, headers: RawRequest['headers']) =>
    read(chatwoot({ webhook_secret: SECRET }), request(bytes, headers));

  it('takes what is signed', () => expect(takeSigned(body, sign(body))).toMatchObject({ ok: true, items: [{}] }));

  it.each([
    ['nothing', {}],
    ['no timestamp', { 'x-chatwoot-signature': sign(body)['x-chatwoot-signature'] ?? '' }],
    ['another secret', sign(body, NOW, 'another')],
    ['an empty secret', sign(body, NOW, '')],
    ['another body', sign(Buffer.from('{}'))],
    ['an old one', sign(body, NOW - 301_000)],
    ['one of tomorrow', sign(body, NOW + 301_000)],
    [
      'a fresh timestamp on an old one',
      { ...sign(body, NOW - 900_000), 'x-chatwoot-timestamp': `${Math.floor(NOW / 1000)}` },
    ],
    ['no number', { ...sign(body), 'x-chatwoot-timestamp': 'now' }],
    ['another algorithm', { ...sign(body), 'x-chatwoot-signature': 'sha1=00' }],
  ])('refuses %s', (_, headers) => {
    expect(takeSigned(body, headers)).toMatchObject({ ok: false, status: 401, code: 'bad_signature' });
  });

  it('refuses a body that was written anew', () => {
    const anew = Buffer.from(JSON.stringify(JSON.parse(body.toString()), null, 1));
    expect(takeSigned(anew, sign(body))).toMatchObject({ ok: false, status: 401 });
  });

  it('looks at it before anything else', () => {
    for (const bytes of [Buffer.alloc(0), Buffer.from('{'), Buffer.alloc(300_000, 0x5b)])
      expect(takeSigned(bytes, {})).toMatchObject({ ok: false, status: 401 });
  });
});
