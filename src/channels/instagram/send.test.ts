// What goes out on Instagram by each of the two logins, to a server that takes only what Meta documents; and own echoes.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Reply } from '../../../test/parties/listener.ts';
import { graphError, type Messenger, startMessenger } from '../../../test/parties/messenger.ts';
import { faultOf } from '../../../test/parties/meta-messages.ts';
import type { AssetConfig, AttemptFacts } from '../../engine/ports.ts';
import type { WayOut } from '../../net/client.ts';
import type { Outcome } from '../../routing/inputs.ts';
import type { Message } from '../../routing/model.ts';
import {
  agentMessage,
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
} from '../../wire/fixtures/samples.ts';
import { instagramChannel } from './adapter.ts';
import { config as sample, signed } from './fixtures/signed.ts';

const HOUR = 3_600_000;
const IGSID = '5550200000000001';
const PAGE = '110000000000001';
let graph: Messenger;
let out: WayOut;
let here: AssetConfig;
const configured = (more: object = {}): AssetConfig => {
  const checked = instagramChannel.checkConfig({ ...graph.config(), ...more });
  if (!checked.ok) throw new Error(JSON.stringify(checked.errors));
  return asset({ channel: 'instagram', config: checked.config });
};
beforeAll(async () => {
  graph = await startMessenger('instagram');
  out = wayOut();
  here = configured();
});
afterEach(() => {
  for (const list of [graph.accepted, graph.actions, graph.faults, graph.instead, graph.posts]) list.splice(0);
});
afterAll(async () => {
  await graph.down();
  await out.close();
});

const heard = (hours: number): Partial<AttemptFacts> => ({ heard: { at: NOW - hours * HOUR, externalId: null } });
const send = (
  more: Partial<Message> = {},
  { about = heard(1), from = here, of = botMessage, now = NOW } = {},
): Promise<Outcome> => {
  const message = { ...of, ...more };
  const target = { type: 'asset' as const, id: from.id };
  const owed = item({
    delivery: delivery({ target, messageId: message.id }),
    message,
    thread: { ...thread, address: IGSID },
  });
  return instagramChannel.send(from, owed, facts({ channel: 'instagram', ...about }), out.send, now);
};
const sent = () => graph.accepted.map(({ body }) => body);
const echo = (content: object, { now = NOW, at = here, to = IGSID } = {}) => {
  const event = {
    sender: { id: graph.id },
    recipient: { id: to },
    timestamp: now,
    message: { is_echo: true, mid: 'mid-1', ...content },
  };
  const body = Buffer.from(JSON.stringify(graph.bodyOf([event])));
  const result = instagramChannel.read(at, { ...request(body, signed(body, graph.appSecret).headers), now });
  if (!result.ok) throw new Error(result.detail);
  const [input] = result.items;
  return input?.type === 'echo' ? input : undefined;
};

describe('a message by Instagram login', () => {
  it.each<[string, Partial<Message>, object[]]>([
    ['of text', {}, [{ text: botMessage.text }]],
    [
      'with quick replies',
      { quickReplies: [{ title: 'Yes', payload: 'YES' }] },
      [{ text: botMessage.text, quick_replies: [{ content_type: 'text', title: 'Yes', payload: 'YES' }] }],
    ],
    [
      'of a picture with words, the picture first',
      { type: 'image', media: [photo] },
      [{ attachment: { type: 'image', payload: { url: photo.url, is_reusable: false } } }, { text: botMessage.text }],
    ],
  ])('%s', async (_, more, parts) => {
    expect(await send(more)).toMatchObject({ result: 'ok', externalId: graph.accepted.at(-1)?.mid });
    expect(graph.faults).toEqual([]);
    expect(sent()).toEqual(parts.map((message) => ({ recipient: { id: IGSID }, message })));
    expect(graph.posts[0]?.path).toBe(`/v25.0/${graph.id}/messages`);
    expect(graph.posts[0]?.headers.authorization).toBe(`Bearer ${graph.token}`);
  });

  it('of a person after a day bears the tag, where it is granted', async () => {
    const from = configured({ human_agent_tag: true });
    expect(await send({}, { about: heard(30), from, of: agentMessage })).toMatchObject({ result: 'ok' });
    expect(sent()).toMatchObject([{ messaging_type: 'MESSAGE_TAG', tag: 'HUMAN_AGENT' }]);
    expect(graph.faults).toEqual([]);
    expect(await send({}, { about: heard(30), from })).toMatchObject({ result: 'final', reason: 'outside_window' });
  });

  it.each([
    ['ü'.repeat(500), 'ok'],
    [`${'ü'.repeat(500)}x`, 'final'],
  ])('is measured in bytes (%#)', async (text, result) => {
    const outcome = await send({ text });
    expect(outcome).toMatchObject({ result });
    if (result === 'final') expect(outcome.detail).toMatch(/1001 bytes; Instagram takes 1000/);
    expect(graph.faults).toEqual([]);
  });

  it.each<[string, Reply, Partial<Outcome>]>([
    [
      'outside the window',
      graphError(10, 2534022, 'outside of allowed window', 403),
      { result: 'final', reason: 'outside_window' },
    ],
    [
      'nobody known',
      graphError(100, 2534014, 'The requested user cannot be found'),
      { result: 'final', reason: 'no_recipient' },
    ],
    ['too many calls', graphError(613, null, 'rate limit'), { result: 'retry', pauseS: 60 }],
    ['no answer at all', { fault: 'reset' }, { result: 'unknown' }],
  ])('may meet an error: %s', async (_, reply, expected) => {
    graph.instead = [reply];
    expect(await send()).toMatchObject(expected);
  });
});

it('a message by Facebook login goes to the Page, with the proof', async () => {
  const from = configured({ login: 'facebook', page_id: PAGE });
  graph.instead = [];
  await send({}, { from });
  expect(graph.posts[0]?.path).toMatch(new RegExp(`^/v25\\.0/${PAGE}/messages\\?appsecret_proof=[0-9a-f]{64}$`));
  expect(faultOf(graph.posts[0]?.body, 'instagram')).toBe('');
});

describe('an echo that names no app', () => {
  it('is ours when it says what just left, even before the answer to it', async () => {
    let seen: ReturnType<typeof echo>;
    const slow = async (exchange: Parameters<typeof out.send>[0]) => {
      seen = echo({ text: 'Before the answer' });
      return out.send(exchange);
    };
    const message = { ...botMessage, text: 'Before the answer' };
    await instagramChannel.send(
      here,
      item({ message, thread: { ...thread, address: IGSID } }),
      facts(heard(1)),
      slow,
      NOW,
    );
    expect(seen).toMatchObject({ type: 'echo', messageId: botMessage.id });
  });

  it('is ours when it has a file, and one just left', async () => {
    await send({ type: 'image', text: '', media: [photo] });
    const attachments = [{ type: 'image', payload: { url: 'https://cdn.example/1' } }];
    expect(echo({ attachments })).toMatchObject({ messageId: botMessage.id });
  });

  it.each([
    ['other words', { text: 'Somebody wrote this' }, {}],
    ['the same words to another customer', { text: 'Twin' }, { to: '5550200000000009' }],
    ['the same words on another asset', { text: 'Twin' }, { asset: true }],
    ['the same words, much later', { text: 'Twin' }, { now: NOW + 60_000 }],
  ])(
    'is somebody’s with %s',
    async (_, content, { asset: other, ...where }: { to?: string; now?: number; asset?: boolean }) => {
      await send({ text: 'Twin' });
      const at = other ? { ...here, id: 'ast_other' } : here;
      const input = echo(content, { ...where, at });
      expect(input).toMatchObject({ type: 'echo', author: 'Instagram app' });
      expect(input?.messageId).toBeUndefined();
    },
  );
});

describe('connecting', () => {
  const connect = (at = here) => instagramChannel.connect?.(at, out.send, NOW) ?? Promise.resolve([]);

  it('by Instagram login shows whose token it is, and subscribes the account', async () => {
    const checks = await connect();
    expect(graph.faults).toEqual([]);
    expect(checks.map(({ name, ok }) => [name, ok])).toEqual([
      ['credentials', true],
      ['subscription', true],
    ]);
    expect(checks[0]?.detail).toBe(`The token is of @shoes (${graph.id}).`);
    expect(graph.subscribedFields).toContain('messaging_seen');
  });

  it('does without the fields that Meta does not have for this app, and says so', async () => {
    const me = { body: { user_id: graph.id, username: 'shoes' } };
    graph.instead = [me, graphError(100, null, 'Param subscribed_fields[6] must be one of {messages}')];
    const checks = await connect();
    expect(checks[1]).toMatchObject({
      name: 'subscription',
      ok: true,
      advice: expect.stringMatching(/^Without .*standby.*\[6\]/),
    });
    expect(graph.subscribedFields).toEqual(['messages', 'messaging_postbacks', 'messaging_seen']);
  });

  it('says which id webhooks will name when another was entered', async () => {
    const checks = await connect(configured({ account_id: '17840000000000009' }));
    expect(checks).toMatchObject([{ name: 'credentials', ok: false, detail: expect.stringContaining(`enter that`) }]);
  });

  it.each([
    [{ instagram_business_account: { id: '17840000000000001', username: 'shoes' } }, true],
    [{ instagram_business_account: { id: '17840000000000009', username: 'hats' } }, false],
    [{}, false],
  ])('by Facebook login asks the Page for its account: %j', async (body, ok) => {
    graph.instead = [];
    const answers = [{ id: PAGE, name: 'Shoes', ...body }, { success: true }];
    const asked: string[] = [];
    const send = async (exchange: Parameters<typeof out.send>[0]) => {
      asked.push(exchange.url);
      return {
        ok: true as const,
        status: 200,
        headers: {},
        body: JSON.stringify(answers.shift()),
        timing: { totalMs: 1 },
      };
    };
    const checks = await instagramChannel.connect?.(configured({ login: 'facebook', page_id: PAGE }), send, NOW);
    expect(checks?.[0]).toMatchObject({ name: 'credentials', ok });
    expect(asked[0]).toMatch(new RegExp(`/v25\\.0/${PAGE}\\?fields=id%2Cname%2Cinstagram_business_account`));
  });
});

describe('the config', () => {
  it('is taken as sampled', () => expect(instagramChannel.checkConfig(sample)).toEqual({ ok: true, config: sample }));

  it('needs the Page with Facebook login', () => {
    const result = instagramChannel.checkConfig({ ...sample, login: 'facebook' });
    expect(result).toMatchObject({ ok: false, errors: [{ pointer: '/config/page_id' }] });
  });

  it('takes webhooks signed by either secret', () => {
    const at = asset({ channel: 'instagram', config: { ...sample, meta_app_secret: 'the-other-secret' } });
    const body = Buffer.from('{"object":"instagram","entry":[]}');
    for (const secret of [sample.app_secret, 'the-other-secret']) {
      expect(instagramChannel.read(at, request(body, signed(body, secret).headers)).ok).toBe(true);
    }
    expect(instagramChannel.read(at, request(body, signed(body, 'a-third').headers)).ok).toBe(false);
  });

  it.each(['location', 'contact', 'sticker'] as const)('does not let a %s be sent', async (type) => {
    expect(instagramChannel.capabilities?.sends).not.toContain(type);
    expect(await send({ type })).toMatchObject({ result: 'final', reason: 'unsupported' });
  });
});
