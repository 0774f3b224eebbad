// @warriorteam/messenger-sdk beside our channels of Messenger and Instagram: it takes the signatures and the handshake that we
// take, and finds in each webhook what we find. No live Meta is called.
// The one thing to know: it names only Messenger's Pages, so Instagram's events, which have the same shape, are shown to it
// as a Page's; standby, control and deliveries are unknown to it, and it passes on a message's body as it is given.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { instagramChannel } from '../../src/channels/instagram/adapter.ts';
import * as ofInstagram from '../../src/channels/instagram/fixtures/signed.ts';
import { messengerChannel } from '../../src/channels/messenger/adapter.ts';
import * as ofMessenger from '../../src/channels/messenger/fixtures/signed.ts';
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
import { type Listener, listen } from '../parties/listener.ts';
import { startMessenger } from '../parties/messenger.ts';
import { faultOf } from '../parties/meta-messages.ts';
import { witness } from './load.ts';

type Handlers = Record<string, (event: Loose) => void>;
type Sdk = {
  verifyWebhookSignature(body: string, signature: string | undefined, secret: string): Promise<{ isValid: boolean }>;
  verifyWebhookSubscription(query: Record<string, string>, token: string): string | null;
  processWebhookEvents(body: unknown, handlers: Handlers): Promise<void>;
  extractMessageContext(event: Loose): Loose;
  extractMessageEditContext(event: Loose): Loose;
  extractMessageReadsContext(event: Loose): Loose;
  extractPostbackContext(event: Loose): Loose;
  getAttachmentsByType(message: Loose, type: string): Loose[];
  Messenger: new (
    options: Record<string, unknown>,
  ) => {
    send: Record<string, (...parameters: unknown[]) => Promise<Loose>>;
  };
};
const sdk = witness<Sdk>('@warriorteam/messenger-sdk');
const HEADER = 'x-hub-signature-256';
const networks = [
  { network: 'page' as const, name: 'Messenger', channel: messengerChannel, ...ofMessenger },
  { network: 'instagram' as const, name: 'Instagram', channel: instagramChannel, ...ofInstagram },
];

describe.each(networks)('$name', ({ network, channel, config, fixtures, samples, signed, bytesOf }) => {
  const here = asset({ channel: channel.channel, config });
  const secret = config.app_secret;
  const read = (body: Buffer, headers: Record<string, string>) => channel.read(here, request(body, headers));

  it.each(samples)('has a signature of $name that is good for both, and for no other bytes', async ({ body }) => {
    const { headers } = signed(body);
    const changed = Buffer.concat([body, Buffer.from(' ')]);
    const cases: [Buffer, Record<string, string>, boolean][] = [
      [body, headers, true],
      [changed, headers, false],
      [body, signed(changed).headers, false],
      [body, { [HEADER]: headers[HEADER]?.replace('sha256', 'sha1') ?? '' }, false],
      [body, {}, false],
    ];
    for (const [bytes, given, good] of cases) {
      const theirs = await sdk.verifyWebhookSignature(bytes.toString(), given[HEADER], secret);
      expect([theirs.isValid, read(bytes, given).ok]).toEqual([good, good]);
    }
  });

  it('answers the handshake as they do, with the right token only', () => {
    const token = config.verify_token;
    const good = { 'hub.mode': 'subscribe', 'hub.verify_token': token, 'hub.challenge': '1158201444' };
    const queries: Record<string, string>[] = [
      good,
      { ...good, 'hub.verify_token': `${token}x` },
      { ...good, 'hub.mode': 'unsubscribe' },
    ];
    const answers = queries.map((query) => {
      const asked = { ...request(Buffer.of()), method: 'GET', query: new URLSearchParams(query) };
      const ours = channel.handshake?.(here, asked);
      const theirs = sdk.verifyWebhookSubscription(query, token);
      expect(ours?.status === 200 ? ours.body : null).toBe(theirs);
      return theirs;
    });
    expect(answers).toEqual(['1158201444', null, null]);
  });

  it('is posted by our stand-in as they would take it', async () => {
    const [meta, hook] = await Promise.all([startMessenger(network), listen()]);
    meta.hook = hook.url;
    await meta.says('5550100000000001', 'Wo ist Käthes 🪑?');
    const [post] = hook.posts;
    const good = await sdk.verifyWebhookSignature(post?.raw ?? '', post?.headers[HEADER], meta.appSecret);
    expect(good.isValid).toBe(true);
    expect(await theirsOf(post?.body)).toMatchObject([
      { is: 'message', address: '5550100000000001', text: 'Wo ist Käthes 🪑?' },
    ]);
    await Promise.all([meta.down(), hook.down()]);
  });

  // What they do not tell apart: other fields than `messaging`, whose echo it is, what was deleted, which object it is;
  // and a file's address that is too long to keep: we ask for it by the message.
  const beyond = /^(standby|changes|echo-ours$|deleted|ignored-page|image-long-url)/;
  it.each(fixtures.filter(({ name }) => !beyond.test(name)))('$name says what they find in it', async ({ fixture }) => {
    const body = bytesOf(fixture.body);
    const result = read(body, signed(body).headers);
    const ours = (result.ok ? result.items : []).map(oursOf).filter((one) => one !== null);
    const account = network === 'page' ? ofMessenger.config.page_id : ofInstagram.config.account_id;
    const theirs = (await theirsOf(fixture.body)).filter(({ to }) => to === account);
    // What they do not find is not compared.
    expect(ours).toMatchObject(theirs.map(({ to, ...found }) => JSON.parse(JSON.stringify(found))));
  });
});

// ───────────────────────────── what an event means ─────────────────────────────

/** The attachments that are files and have a name with them. */
const FILES: readonly string[] = ['image', 'video', 'audio', 'file', 'reel', 'ig_reel'];

type Found = { is: string; to: string } & Record<string, unknown>;
async function theirsOf(body: Loose): Promise<Found[]> {
  const found: Found[] = [];
  const note = (is: string, { senderId, recipientId }: Loose, more: Record<string, unknown>) =>
    found.push({ is, to: recipientId, address: senderId, ...more });
  const said = ({ message }: Loose, context: Loose) => {
    const named = FILES.flatMap((type) => sdk.getAttachmentsByType(message, type));
    const all = named.length === (message.attachments ?? []).length;
    const files = all ? named.map(({ payload }) => payload.url) : undefined;
    return { key: context.messageId, text: context.text, files };
  };
  const shown = body.object === 'instagram' ? { ...body, object: 'page' } : body;
  await sdk.processWebhookEvents(shown, {
    onMessage: (event) => {
      const context = sdk.extractMessageContext(event);
      const { quickReplyPayload: payload, repliedToMessageId: replyTo, timestamp: at } = context;
      const is = context.isQuickReply ? 'postback' : 'message';
      note(is, context, { ...said(event, context), payload, replyTo, at });
    },
    onMessageEcho: (event) => {
      const context = sdk.extractMessageContext(event);
      const { recipientId: senderId, senderId: recipientId } = context;
      note('echo', { senderId, recipientId }, said(event, context));
    },
    onMessageEdit: (event) => {
      const context = sdk.extractMessageEditContext(event);
      note('edit', context, { about: context.messageId, text: context.updatedText });
    },
    onMessageReaction: ({ sender, recipient, reaction: { mid, action, emoji } }) =>
      note(
        'reaction',
        { senderId: sender.id, recipientId: recipient.id },
        { about: mid, emoji: action === 'unreact' ? '' : emoji },
      ),
    onMessageRead: (event) => {
      const context = sdk.extractMessageReadsContext(event);
      const { watermarkTimestamp: at } = context;
      if (at !== undefined) note('read', context, { at });
    },
    onMessagingPostback: (event) => {
      const context = sdk.extractPostbackContext(event);
      const { payload, buttonTitle: title, messageId: key } = context;
      note('postback', context, { key, payload, title });
    },
  });
  return found;
}

/** The same of our input; null: they know no such thing. */
function oursOf(input: Input): unknown {
  if (input.type === 'watermark' && input.status === 'read') return { is: 'read', ...input };
  if (input.type === 'remark') {
    const { kind, ...what } = input.remark;
    return { is: kind, address: input.address, about: input.about, ...what };
  }
  if (input.type !== 'customer' && input.type !== 'echo') return null;
  const { address, externalId: key, message } = input;
  const files = message.media.flatMap(({ url }) => (url.startsWith('remote:url:') ? [url.slice(11)] : []));
  const said = { address, key, text: message.text, files };
  if (input.type === 'echo') return { is: 'echo', ...said };
  const { sentAt: at } = input;
  const replyTo = message.details?.replyTo;
  if (input.kind === 'message') return { is: 'message', ...said, replyTo, at };
  return { is: 'postback', ...said, replyTo, at, payload: input.payload, title: input.title };
}

// ───────────────────────────── what is sent ─────────────────────────────

describe('A request to Messenger', () => {
  const PSID = '5550100000000001';
  let peer: Listener;
  let out: WayOut;
  let theirs: InstanceType<Sdk['Messenger']>;
  const here = () => asset({ channel: 'messenger', config: { ...ofMessenger.config, api_url: peer.url } });
  beforeAll(async () => {
    peer = await listen();
    out = wayOut();
    const { page_access_token: accessToken, api_version: version } = ofMessenger.config;
    theirs = new sdk.Messenger({ accessToken, version, baseUrl: peer.url, maxRetries: 1 });
  });
  afterAll(async () => {
    await peer.down();
    await out.close();
  });
  const send = (message: Partial<Message>) => {
    const lane = item({
      message: { ...botMessage, ...message },
      delivery: delivery({}),
      thread: { ...thread, address: PSID },
    });
    return messengerChannel.send(here(), lane, facts(), out.send, NOW);
  };
  /** What was asked since; the judge of our tests finds no fault with it. */
  const asked = () =>
    peer.posts.splice(0).map(({ body }) => {
      expect(faultOf(body, 'page')).toBe('');
      return body;
    });

  it.each(['image', 'video', 'audio', 'file'] as const)('of a file (%s) says all that theirs says', async (type) => {
    const mime = type === 'file' ? 'application/pdf' : `${type}/x`;
    await send({ type, text: '', media: [{ ...photo, type: mime }] });
    const ours = asked();
    await theirs.send.attachmentFromUrl?.({ recipient: { id: PSID }, type, url: photo.url });
    expect(ours).toMatchObject(asked());
  });

  it('of words is taken and refused by length where theirs is', async () => {
    const recipient = { id: PSID };
    const speak = (text: string) =>
      theirs.send.message?.({ recipient, messaging_type: 'RESPONSE', message: { text } }) ?? Promise.reject();
    const [fits, long] = ['x'.repeat(2000), 'x'.repeat(2001)];
    await send({ text: fits });
    const ours = asked();
    await speak(fits);
    expect(ours).toMatchObject(asked());
    expect(await send({ text: long })).toMatchObject({ result: 'final', reason: 'too_long' });
    await expect(speak(long)).rejects.toThrow(/2000/);
    expect(asked()).toEqual([]);
  });

  it('that shows typing or marks as seen has their word for it', async () => {
    const heard = { at: NOW, externalId: 'm_in-1' };
    await messengerChannel.typing?.(here(), PSID, true, botMessage.author, out.send, NOW, heard);
    await messengerChannel.typing?.(here(), PSID, false, botMessage.author, out.send, NOW, heard);
    await messengerChannel.seen?.(here(), PSID, heard, out.send, NOW);
    const ours = asked();
    await theirs.send.typingOn?.(PSID);
    await theirs.send.typingOff?.(PSID);
    await theirs.send.markSeen?.(PSID);
    // They add a messaging_type, which Meta asks for with messages alone.
    const bodies = peer.posts.splice(0).map(({ body: { messaging_type, ...rest } }) => rest);
    expect(ours).toHaveLength(3);
    expect(ours).toEqual(bodies);
  });
});
