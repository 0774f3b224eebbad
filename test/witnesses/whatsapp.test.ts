// @kapso/whatsapp-cloud-api beside our WhatsApp channel: it takes the signatures of our fixtures and of our stand-in, finds in
// each callback what we find, and each request that its client makes is the one that we make. No live WhatsApp is called.
// The one thing to know: it knows nothing of standby and handovers, which are compared with nobody.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { whatsappChannel } from '../../src/channels/whatsapp/adapter.ts';
import { PHONE, replies } from '../../src/channels/whatsapp/fixtures/sending.ts';
import { config, fixtures, NUMBER_ID, SECRET, samples, signed } from '../../src/channels/whatsapp/fixtures/signed.ts';
import type { WayOut } from '../../src/net/client.ts';
import type { Input } from '../../src/routing/inputs.ts';
import type { Message } from '../../src/routing/model.ts';
import {
  asset,
  botMessage,
  delivery,
  facts,
  item,
  NOW,
  photo,
  request,
  thread,
  wayOut,
} from '../../src/wire/fixtures/samples.ts';
import type { Loose } from '../parties/call.ts';
import { type Listener, listen, type Post } from '../parties/listener.ts';
import { startWhatsapp } from '../parties/whatsapp.ts';
import { faultOf } from '../parties/whatsapp-messages.ts';
import { witness } from './load.ts';

type Callback = { contacts: Loose[]; messages: Loose[]; statuses: Loose[] };
type OfServer = {
  verifySignature(given: { appSecret: string; rawBody: Buffer | string; signatureHeader: string | undefined }): boolean;
  normalizeWebhook(body: unknown): Callback;
};
type Requests = Record<string, (input: Record<string, unknown>) => Promise<Loose>>;
type Client = new (options: Record<string, string>) => { messages: Requests; media: Requests };
const { verifySignature, normalizeWebhook } = witness<OfServer>('@kapso/whatsapp-cloud-api/server');
const { WhatsAppClient } = witness<{ WhatsAppClient: Client }>('@kapso/whatsapp-cloud-api');
const here = asset({ channel: 'whatsapp', config });

describe('a signature', () => {
  it.each(samples)('of $name is good for both, and for no other bytes', ({ body }) => {
    const { headers } = signed(body);
    const changed = Buffer.concat([body, Buffer.from(' ')]);
    const cases: [Buffer, string | undefined, boolean][] = [
      [body, headers['x-hub-signature-256'], true],
      [changed, headers['x-hub-signature-256'], false],
      [body, signed(changed).headers['x-hub-signature-256'], false],
      [body, headers['x-hub-signature-256']?.replace('sha256', 'sha1'), false],
      [body, undefined, false],
    ];
    for (const [rawBody, signatureHeader, good] of cases) {
      const given: Record<string, string> =
        signatureHeader === undefined ? {} : { 'x-hub-signature-256': signatureHeader };
      expect(verifySignature({ appSecret: SECRET, rawBody, signatureHeader })).toBe(good);
      expect(whatsappChannel.read(here, request(rawBody, given)).ok).toBe(good);
    }
  });

  it('that our stand-in makes is theirs, and so are the words below it', async () => {
    const [whatsapp, hook] = await Promise.all([startWhatsapp(), listen()]);
    whatsapp.hook = hook.url;
    await whatsapp.says(PHONE, 'Wo ist Käthes 🪑?');
    const [post] = hook.posts;
    const rawBody = post?.raw ?? '';
    const signatureHeader = post?.headers['x-hub-signature-256'];
    expect(verifySignature({ appSecret: whatsapp.appSecret, rawBody, signatureHeader })).toBe(true);
    expect(normalizeWebhook(post?.body).messages).toMatchObject([
      { type: 'text', from: PHONE, text: { body: 'Wo ist Käthes 🪑?' } },
    ]);
    await Promise.all([whatsapp.down(), hook.down()]);
  });
});

// ───────────────────────────── what a callback means ─────────────────────────────

const FILES: Readonly<Record<string, string>> = {
  image: 'image',
  video: 'video',
  audio: 'audio',
  document: 'file',
  sticker: 'sticker',
};

/** What they make of a message: what it is, whose, under which id, and in which words. A system message is several. */
function theirsOf(message: Loose, contacts: Loose[]): unknown {
  const echo = message.kapso?.direction === 'outbound';
  const address = echo ? (message.to ?? message.toUserId) : (message.from ?? message.fromUserId);
  const about = { key: message.id, address };
  const { type } = message;
  const body = message[type];
  if (type === 'system') {
    const known = [body.userId, body.waId].filter((alias) => alias !== undefined);
    return known.map((alias) => ({ is: 'alias', address, alias }));
  }
  if (message.groupId !== undefined || type === 'request_welcome') return { is: 'sign', ...about };
  if (type === 'reaction' && echo) return { is: 'sign', ...about };
  if (type === 'reaction') return { is: 'reaction', ...about, about: body.messageId, emoji: body.emoji ?? '' };
  if (type === 'revoke') return { is: 'delete', ...about, about: body.originalMessageId };
  if (type === 'edit') {
    const { message: anew } = body;
    const text = anew[anew.type].body ?? anew[anew.type].caption;
    return { is: 'edit', ...about, about: body.originalMessageId, text };
  }
  const contact = contacts.find(({ waId, userId }) => [waId, userId].includes(address));
  const { name, username } = contact?.profile ?? {};
  const said = {
    ...about,
    ...(echo ? {} : { name: name ?? (username && `@${username}`), at: Number(message.timestamp) * 1000 }),
    replyTo: message.context?.id,
  };
  const is = echo ? 'echo' : 'message';
  if (type === 'button') return { is: 'postback', ...said, payload: body.payload, title: body.text };
  const chosen = body?.buttonReply ?? body?.listReply;
  if (chosen) return { is: 'postback', ...said, payload: chosen.id, title: chosen.title };
  const form = body?.nfmReply;
  if (form) return { is: 'postback', ...said, payload: form.responseJson, title: form.body };
  if (type === 'text') return { is, ...said, type, text: body.body };
  if (type === 'order') {
    const lines = body.productItems.map(
      (one: Loose) => `${one.quantity} × ${one.productRetailerId} (${one.itemPrice} ${one.currency})`,
    );
    return { is, ...said, type: 'text', text: [...lines, body.orderText].join('\n') };
  }
  if (type === 'location') {
    const { latitude, longitude, name, address } = body;
    return { is, ...said, type, place: { latitude, longitude, name, address } };
  }
  if (type === 'contacts') {
    const people = body.map((one: Loose) => ({
      name: one.name.formattedName,
      phones: one.phones?.map(({ phone }: Loose) => phone),
      emails: one.emails?.map(({ email }: Loose) => email),
    }));
    return { is, ...said, type: 'contact', people };
  }
  const file = FILES[type];
  if (file !== undefined) return { is, ...said, type: file, text: body.caption ?? '', file: body.id };
  return { is, ...said, type: 'unknown' };
}

/** The same of our input; null: it stands beside a message, or comes from none. */
function oursOf(input: Input): unknown {
  if (input.type === 'alias') return { is: 'alias', address: input.address, alias: input.alias };
  if (input.type === 'sign') {
    if (/^(referral|user_\w+)$/.test(input.name)) return null;
    return { is: 'sign', key: input.externalId.replace(/^(group|opened):/, ''), address: input.address };
  }
  if (input.type === 'remark') {
    const { kind, ...what } = input.remark;
    return { is: kind, key: input.externalId, address: input.address, about: input.about, ...what };
  }
  if (input.type !== 'customer' && input.type !== 'echo') return null;
  const { address, externalId: key, message } = input;
  const { details = {}, type, text, media } = message;
  const said = {
    ...{ key, address },
    ...(input.type === 'echo' ? {} : { name: input.name, at: input.sentAt }),
    replyTo: details.replyTo,
  };
  if (input.type === 'customer' && input.kind === 'postback') {
    return { is: 'postback', ...said, payload: input.payload, title: input.title };
  }
  const is = input.type === 'echo' ? 'echo' : 'message';
  if (details.unknown !== undefined) return { is, ...said, type: 'unknown' };
  if (type === 'location') {
    const { location } = details;
    return { is, ...said, type, place: { ...location, name: location?.name, address: location?.address } };
  }
  if (type === 'contact') return { is, ...said, type, people: details.contacts };
  const [file] = media;
  return { is, ...said, type, text, ...(file ? { file: file.url.replace('remote:', '') } : {}) };
}

/** Of ours, `played` is a read, and `sent` is nothing new. */
const STATUSES: Readonly<Record<string, string>> = {
  delivered: 'delivered',
  read: 'read',
  played: 'read',
  failed: 'failed',
};

describe('a callback', () => {
  /** They look at no number, and know no more of these than their names. */
  const unknown = /^(other-number|standby|handover|user-id-update|account-error|ignored)/;
  it.each(fixtures.filter(({ name }) => !unknown.test(name)))('$name says the same to both', ({ fixture }) => {
    const result = whatsappChannel.read(here, request(fixture.body, signed(bytes(fixture.body)).headers));
    const items = result.ok ? result.items : [];
    const theirs = normalizeWebhook(fixture.body);
    const ours = items.map(oursOf).filter((one) => one !== null);
    expect(ours).toEqual(theirs.messages.flatMap((message) => theirsOf(message, theirs.contacts)));
    const receipts = items.flatMap((one) => (one.type === 'receipt' ? [[one.externalId, one.status]] : []));
    expect(receipts).toEqual(
      theirs.statuses.flatMap(({ id, status }) => (status in STATUSES ? [[id, STATUSES[status]]] : [])),
    );
  });

  it('is one of all sixteen samples of Meta', () => {
    const numbered = fixtures.filter(({ name }) => /^\d\d-/.test(name) && !unknown.test(name));
    expect(numbered).toHaveLength(16);
  });
});
const bytes = (body: unknown): Buffer => Buffer.from(JSON.stringify(body));

// ───────────────────────────── what is sent ─────────────────────────────

const buttons = [
  { id: 'P1', title: 'Reply 1' },
  { id: 'P2', title: 'Reply 2' },
];
const rows = Array.from({ length: 4 }, (_, index) => ({ id: `P${index + 1}`, title: `Reply ${index + 1}` }));
const document = { url: 'https://media.example/bill.pdf', type: 'application/pdf', name: 'bill.pdf' };
const link = { link: photo.url };
const person = {
  name: { formattedName: 'Front desk', firstName: 'Front desk' },
  phones: [{ phone: '+1 555 0100', type: 'WORK' }],
};

describe('a request', () => {
  let peer: Listener;
  let out: WayOut;
  let theirs: InstanceType<Client>;
  const ours = () => asset({ channel: 'whatsapp', config: { ...config, api_url: peer.url } });
  beforeAll(async () => {
    peer = await listen();
    out = wayOut();
    const { access_token: accessToken, api_version: graphVersion } = config;
    theirs = new WhatsAppClient({ accessToken, graphVersion, baseUrl: peer.url });
  });
  afterAll(async () => {
    await peer.down();
    await out.close();
  });

  /** The proof of the secret, which Meta may demand, is ours alone. */
  function brief({ method, path, headers, body }: Post) {
    const { pathname, searchParams } = new URL(path, peer.url);
    searchParams.delete('appsecret_proof');
    const { authorization, 'content-type': type } = headers;
    return { method, path: pathname, query: `${searchParams}`, authorization, type, body };
  }
  /** What was asked since, each found good by the judge of our tests. */
  const asked = () =>
    peer.posts.splice(0).map((post) => {
      if (post.method === 'POST') expect(faultOf(post.body)).toBe('');
      return brief(post);
    });

  it.each<[string, Partial<Message>, string, Record<string, unknown>]>([
    ['words', { text: 'Über 50% & <more>' }, 'sendText', { body: 'Über 50% & <more>', previewUrl: false }],
    [
      'a picture',
      { type: 'image', text: 'Look', media: [photo] },
      'sendImage',
      { image: { ...link, caption: 'Look' } },
    ],
    ['a video', { type: 'video', text: '', media: [photo] }, 'sendVideo', { video: link }],
    ['a sound', { type: 'audio', text: '', media: [photo] }, 'sendAudio', { audio: link }],
    ['a sticker', { type: 'sticker', text: '', media: [photo] }, 'sendSticker', { sticker: link }],
    [
      'a file',
      { type: 'file', text: 'The bill', media: [document] },
      'sendDocument',
      { document: { link: document.url, caption: 'The bill', filename: 'bill.pdf' } },
    ],
    [
      'a place',
      { type: 'location', text: '52.52,13.405 Berlin' },
      'sendLocation',
      { location: { latitude: 52.52, longitude: 13.405, name: 'Berlin' } },
    ],
    ['a person', { type: 'contact', text: 'Front desk +1 555 0100' }, 'sendContacts', { contacts: [person] }],
    [
      'buttons',
      { text: 'Which?', quickReplies: replies(2) },
      'sendInteractiveButtons',
      { bodyText: 'Which?', buttons },
    ],
    [
      'buttons below a picture',
      { type: 'image', text: 'Which?', media: [photo], quickReplies: replies(2) },
      'sendInteractiveButtons',
      { bodyText: 'Which?', buttons, header: { type: 'image', image: link } },
    ],
    [
      'a list',
      { text: 'Which?', quickReplies: replies(4) },
      'sendInteractiveList',
      { bodyText: 'Which?', buttonText: 'Choose', sections: [{ title: 'Choose', rows }] },
    ],
  ])('that sends %s is theirs', async (_, message, method, input) => {
    for (const to of [PHONE, 'DE.1000000000000000042']) {
      const lane = item({
        message: { ...botMessage, ...message },
        delivery: delivery({}),
        thread: { ...thread, address: to },
      });
      await whatsappChannel.send(ours(), lane, facts(), out.send, NOW);
      const made = asked();
      const who = to === PHONE ? { to } : { recipient: to };
      const about = { phoneNumberId: NUMBER_ID, ...who, bizOpaqueCallbackData: botMessage.id };
      await theirs.messages[method]?.({ ...about, ...input });
      expect(made).toHaveLength(1);
      expect(asked()).toEqual(made);
    }
  });

  it('that marks as read, shows typing, or asks for a file is theirs', async () => {
    const heard = { at: NOW, externalId: 'wamid.LAST' };
    await whatsappChannel.seen?.(ours(), PHONE, heard, out.send, NOW);
    await whatsappChannel.typing?.(ours(), PHONE, true, botMessage.author, out.send, NOW, heard);
    await whatsappChannel.locate?.(ours(), '700000000000005', out.send, NOW);
    const made = asked();
    const about = { phoneNumberId: NUMBER_ID, messageId: 'wamid.LAST' };
    await theirs.messages.markRead?.(about);
    await theirs.messages.markRead?.({ ...about, typingIndicator: { type: 'text' } });
    await theirs.media.get?.({ mediaId: '700000000000005', phoneNumberId: NUMBER_ID });
    expect(made).toHaveLength(3);
    expect(asked()).toEqual(made);
  });
});
