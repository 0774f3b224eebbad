// Messenger from end to end: the real program between a Graph server that takes only what Meta documents, a bot and a desk.
// The one thing to know: Meta names our messages by its own ids and by times up to which all was seen, tells everything
// several times and in any order, and lets people answer in the Page's inbox: then the line is theirs.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Box, startBox } from '../parties/box.ts';
import { call, calm, type Loose, sleep, until } from '../parties/call.ts';
import type { Post } from '../parties/listener.ts';
import {
  echoEarly,
  graphError,
  type Messenger,
  PAGE_INBOX,
  type SentPart,
  startMessenger,
} from '../parties/messenger.ts';
import { insist, redeliver } from '../parties/redelivery.ts';
import { sharedBox } from '../parties/shared.ts';
import { makeWorld, type World } from '../parties/world.ts';

const HOUR = 3_600_000;
type Place = { world: World; messenger: Messenger; asset: Loose };

/** A Page of its own in front of the world's bot and desk. */
async function openPage(box: Box, world: World, more: Loose = {}): Promise<Place> {
  const messenger = await startMessenger();
  messenger.clock = box.now;
  const config = { ...messenger.config(), ...more };
  const asset = await box.must('POST', '/assets', { name: `page ${world.newcomer()}`, channel: 'messenger', config });
  messenger.hook = asset.hook_url;
  await box.must('PUT', `/services/${world.service}/assets/${asset.id}`);
  await world.addRule(
    { event: 'message.received', asset_id: asset.id },
    { type: 'forward_to_bot_and_desk', bot_id: world.bot.id, desk_id: world.desk.id },
  );
  return { world, messenger, asset };
}

let customers = 0;
const newCustomer = (): string => `5550${Date.now()}${String(++customers).padStart(3, '0')}`;

/** What a bot was told of its messages' fate, in order. */
const fates = (world: World, customer: string, messageId: string): string[] =>
  world.bot
    .told(customer)
    .filter((post) => post.body.Event === 'Message Delivery' && post.body.Messageid === messageId)
    .map((post) => post.body.DeliveryStatus as string);

type Line = { customer: string; conversation: string; thread: string; sent: SentPart; messageId: string };

/** A customer says hello, and the bot answers. */
async function meet({ world, messenger }: Place, reply = 'How can I help?'): Promise<Line> {
  const customer = newCustomer();
  expect((await messenger.says(customer, 'hello')).status).toBe(200);
  const post = await until('the bot hears it', () => world.bot.heard(customer)[0]);
  const conversation: string = post.body.Conversationid;
  const thread: string = (await world.box.must('GET', `/conversations/${conversation}`)).thread_id;
  const messageId = await world.replies(conversation, reply);
  const sent = await until('the customer gets the answer', () => messenger.sent(customer)[0]);
  await world.deliveryOf(world.bot.id, conversation, (delivery) => delivery.status === 'delivered');
  return { customer, conversation, thread, sent, messageId };
}

describe('A customer on Messenger', () => {
  const place = sharedBox();
  let here: Place;
  let world: World;
  let messenger: Messenger;
  beforeAll(async () => {
    here = await openPage(place.box, await place.world({ rule: 'none' }));
    ({ world, messenger } = here);
    echoEarly(messenger);
  });
  afterAll(() => messenger?.down());

  it('is set up by pasting one URL, which Meta proves by a handshake, and by verifying the rest here', async () => {
    const ask = (token: string) =>
      call(
        'GET',
        `${messenger.hook}?${new URLSearchParams({ 'hub.mode': 'subscribe', 'hub.verify_token': token, 'hub.challenge': '42' })}`,
      );
    const right = await ask(messenger.verifyToken);
    expect([right.status, right.text]).toEqual([200, '42']);
    expect((await ask('guess')).status).toBe(403);
    const before = await place.box.must('POST', `/assets/${here.asset.id}/verification`, {});
    expect(before.verified).toBe(false);
    messenger.callback = here.asset.hook_url;
    const after = await place.box.must('POST', `/assets/${here.asset.id}/verification`, {});
    expect([after.verified, after.checks.map((check: Loose) => [check.name, check.ok])]).toEqual([
      true,
      [
        ['credentials', true],
        ['subscription', true],
        ['fields', true],
        ['webhook', true],
      ],
    ]);
    const shown = JSON.stringify(await place.box.must('GET', `/assets/${here.asset.id}`));
    for (const secret of [messenger.token, messenger.appSecret]) expect(shown).not.toContain(secret);
    expect(messenger.faults).toEqual([]);
  });

  it('is heard by the bot on channel FB, and is answered once, with our message id in it', async () => {
    const { customer, sent, messageId } = await meet(here);
    expect(world.bot.heard(customer)[0]!.body).toMatchObject({
      Channel: 'FB',
      Event: 'Incoming message',
      ConversationType: 'BOT',
      Message: 'hello',
      MessageType: 'text',
    });
    expect(sent.body).toEqual({
      recipient: { id: customer },
      messaging_type: 'RESPONSE',
      message: { text: 'How can I help?', metadata: `signalbox:${messageId}` },
    });
    expect(messenger.faults).toEqual([]);
  });

  it('has watermarks told to the bot for each message once, and never backwards', async () => {
    const { customer, conversation, messageId } = await meet(here);
    const secondId = await world.replies(conversation, 'Anything else?');
    await until('both arrive', () => messenger.sent(customer)[1]);
    for (const id of [messageId, secondId]) {
      await until('both are known as sent', async () => {
        const { data } = await world.box.must('GET', `/deliveries?target=${here.asset.id}&limit=100`);
        return data.some((delivery: Loose) => delivery.message_id === id && delivery.status === 'delivered');
      });
    }
    const upTo = place.box.now() + 1;
    const delivered = messenger.event(customer, { delivery: { watermark: upTo } });
    const read = messenger.event(customer, { read: { watermark: upTo } });
    for (const event of [delivered, delivered, read, delivered, read]) {
      expect((await messenger.tells(event)).text).toBe('EVENT_RECEIVED');
    }
    for (const id of [messageId, secondId]) {
      await until('read is told', () => fates(world, customer, id).includes('Read'));
    }
    await calm();
    for (const id of [messageId, secondId]) expect(fates(world, customer, id)).toEqual(['Delivered', 'Read']);
  });

  it('has a receipt that names Meta’s id told too', async () => {
    const { customer, sent, messageId } = await meet(here);
    await messenger.tells(messenger.event(customer, { delivery: { mids: [sent.mid], watermark: 1 } }));
    await until('delivered is told', () => fates(world, customer, messageId)[0]);
    expect(fates(world, customer, messageId)).toEqual(['Delivered']);
  });

  it('taps a quick reply, which is an FB POSTBACK', async () => {
    const { customer, conversation } = await meet(here);
    await world.replies(conversation, 'Which?', {
      quick_replies: [{ title: 'Red', payload: 'RED' }, { title: 'Blue' }],
    });
    const sent = await until('the replies arrive', () => messenger.sent(customer)[1]);
    const [{ title, payload }] = sent.body.message.quick_replies;
    await messenger.tells(messenger.message(customer, { text: title, quick_reply: { payload } }));
    const post = await until('the bot hears it', () =>
      world.bot.heard(customer).find((each) => each.body.Event === 'FB POSTBACK'),
    );
    expect(post.body).toMatchObject({ PostbackPayload: 'RED', Channel: 'FB' });
    expect(messenger.faults).toEqual([]);
  });

  it('sees that we type, and that their word was seen', async () => {
    const { customer, conversation } = await meet(here);
    const actions = () =>
      messenger.actions
        .filter(({ recipient }) => recipient.id === customer)
        .map((body) => body.sender_action as string);
    await until('seen', () => actions().includes('mark_seen'));
    await world.bot.post({ eventid: '1008', conversation_id: conversation, on: true });
    await until('typing', () => actions().includes('typing_on'));
    expect(messenger.faults).toEqual([]);
  });

  it('sends a picture, which the bot gets by a link of ours', async () => {
    const { customer } = await meet(here);
    const picture = Buffer.from(
      'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=',
      'base64',
    );
    messenger.files.set('/files/photo.png', { type: 'image/png', bytes: picture });
    const url = `${messenger.url}/files/photo.png?oh=signature-of-meta`;
    await messenger.tells(messenger.message(customer, { attachments: [{ type: 'image', payload: { url } }] }));
    const post = await until('the bot hears it', () =>
      world.bot.heard(customer).find((each) => each.body.MessageType === 'image'),
    );
    expect(post.raw).not.toContain('signature-of-meta');
    const link: string = post.body.Media;
    expect(link.startsWith(`${place.box.base}/media/`)).toBe(true);
    const file = await until('the file is here', async () => {
      const answer = await call('GET', link);
      return answer.status === 200 && answer;
    });
    expect(file.headers['content-type']).toBe('image/png');
    expect(Number(file.headers['content-length'])).toBe(picture.length);
  });

  it('goes from the bot to an agent and back', async () => {
    const { customer, conversation } = await meet(here);
    const handed = await world.bot.handOver(conversation);
    expect(handed.status).toBe(202);
    const desk: string = handed.body.desk_conversation_id;
    await until('the desk is offered it', () => world.desk.offers(customer)[0]);
    expect((await world.desk.accept(desk)).status).toBe(202);
    await messenger.says(customer, 'is there a human?');
    await until('the desk hears it', () => world.desk.told(desk, 'message.received')[0]);
    await world.desk.say(desk, 'Yes, here I am.');
    await until('the customer gets it', () => messenger.texts(customer).includes('Yes, here I am.'));
    expect((await world.desk.finish(desk)).status).toBe(202);
    await messenger.says(customer, 'thank you');
    const back = await until('the bot has it again', () =>
      world.bot.heard(customer).find((post) => post.body.Message === 'thank you'),
    );
    expect(back.body).toMatchObject({ ConversationType: 'BOT', Conversationid: conversation });
    expect(messenger.faults).toEqual([]);
  });

  it('that Meta does not let us answer is told to the bot with the reason', async () => {
    const { customer, conversation } = await meet(here);
    messenger.instead.push(graphError(551, 1545041, 'This person isn’t available right now.'));
    const messageId = await world.replies(conversation, 'Are you there?');
    await until('failed is told', () => fates(world, customer, messageId).includes('Failed'));
    const told = world.bot.told(customer).find((post) => post.body.DeliveryStatus === 'Failed');
    expect(told!.body.Description).toContain('cannot be reached');
  });

  it('loses the line to no echo of our own words, which are here before the answer to them', async () => {
    const { customer, conversation, thread } = await meet(here);
    await world.replies(conversation, 'Still here.');
    await until('the customer gets it', () => messenger.texts(customer).includes('Still here.'));
    await calm();
    expect(await world.holder(thread)).toMatchObject({ type: 'bot', id: world.bot.id });
    expect(world.bot.told(customer).filter((post) => post.body.Event === 'Agent response')).toEqual([]);
  });

  it('is left to the other app while Meta says that it has the thread, and comes back when Meta says so', async () => {
    const { customer, conversation, thread } = await meet(here);
    const pass = (to: string) => messenger.event(customer, { pass_thread_control: { new_owner_app_id: to } });
    await messenger.tells(pass(PAGE_INBOX));
    expect(await world.holder(thread)).toMatchObject({ type: 'desk', id: here.asset.app_desk_id });
    expect((await world.bot.say(conversation, 'me again')).status).toBe(409);
    await messenger.post(messenger.bodyOf([messenger.message(customer, { text: 'to the human' })], 'standby'));
    const copy = await until('the bot hears a copy', () =>
      world.bot.heard(customer).find((post) => post.body.Message === 'to the human'),
    );
    expect(copy.body.ConversationType).toBe('CCSP');
    await sleep(5);
    await messenger.tells(pass(messenger.appId));
    expect(await world.holder(thread)).toMatchObject({ type: 'bot', id: world.bot.id });
    await world.replies(conversation, 'Back with you.');
    await until('the customer gets it', () => messenger.texts(customer).includes('Back with you.'));
    expect(messenger.texts(customer)).not.toContain('me again');
  });
});

describe('When time passes', () => {
  const place = sharedBox();

  it('who answers in the Page’s inbox has the line, until they have been silent for long', async () => {
    const here = await openPage(place.box, await place.world({ rule: 'none' }));
    const { world, messenger } = here;
    const { customer, conversation, thread } = await meet(here);
    const echo = messenger.echo(customer, { app_id: Number(PAGE_INBOX), text: 'A person here.' });
    for (const _ of [1, 2, 3]) expect((await messenger.tells(echo)).status).toBe(200);
    expect(await world.holder(thread)).toMatchObject({ type: 'desk', id: here.asset.app_desk_id });
    expect((await world.bot.say(conversation, 'me too')).status).toBe(409);
    const copies = () => world.bot.told(customer).filter((post) => post.body.Message === 'A person here.');
    await until('the bot is told what the person said', () => copies()[0]);
    await calm();
    expect(copies()).toHaveLength(1);
    expect(copies()[0]!.body).toMatchObject({ Event: 'Agent response', ConversationType: 'CCSP' });
    await place.box.advance(1_801_000);
    await until('the bot has the line again', async () => (await world.holder(thread)).type === 'bot');
    await world.replies(conversation, 'Here I am again.');
    await until('the customer gets it', () => messenger.texts(customer).includes('Here I am again.'));
    expect(messenger.texts(customer)).not.toContain('me too');
    await messenger.down();
  });

  it('bots may answer for a day, and agents for a week where Meta has granted it', async () => {
    const here = await openPage(place.box, await place.world({ rule: 'none' }), { human_agent_tag: true });
    const { world, messenger } = here;
    const { customer, conversation } = await meet(here);
    await place.box.advance(25 * HOUR);
    const messageId = await world.replies(conversation, 'too late');
    await until('failed is told', () => fates(world, customer, messageId).includes('Failed'));
    const told = world.bot.told(customer).find((post) => post.body.DeliveryStatus === 'Failed');
    expect(told!.body.Description).toContain('within 24 hours');
    const desk: string = (await world.bot.handOver(conversation)).body.desk_conversation_id;
    await until('the desk is offered it', () => world.desk.offers(customer)[0]);
    await world.desk.say(desk, 'Sorry for the wait.');
    const sent = await until('the customer gets it', () => messenger.sent(customer)[1]);
    expect(sent.body).toMatchObject({ messaging_type: 'MESSAGE_TAG', tag: 'HUMAN_AGENT' });
    expect(messenger.texts(customer)).toEqual(['How can I help?', 'Sorry for the wait.']);
    expect(messenger.faults).toEqual([]);
    await messenger.down();
  });
});

describe('Through redelivery and kill -9', () => {
  const CUSTOMERS = 6;
  const MESSAGES = 10;
  const KILLS = 3;
  let box: Box;
  let world: World;
  let messenger: Messenger;
  const said = new Map<string, string[]>();
  const failures: string[] = [];

  function answering({ body: { Messageid, Message, Conversationid } }: Post): void {
    const reply = () => world.bot.say(Conversationid, `re: ${Message}`, { messageid: `reply-to-${Messageid}` });
    void insist(reply).then(
      (answer) => answer.status === 202 || failures.push(`${Message}: ${answer.status} ${answer.text}`),
      (error) => failures.push(String(error)),
    );
  }

  const deliver = async (events: Loose[]): Promise<void> => {
    failures.push(...(await redeliver(events, (batch) => messenger.tells(...batch))));
  };

  beforeAll(async () => {
    box = await startBox();
    world = await makeWorld(box, { rule: 'none', bot: { max_per_minute: 10_000 } });
    ({ messenger } = await openPage(box, world));
    const answered = new Set<string>();
    world.bot.reply = (post) => {
      const id = post.body.Messageid as string;
      if (post.body.Event === 'Incoming message' && !answered.has(id)) {
        answered.add(id);
        setImmediate(() => answering(post));
      }
      return world.bot.ok();
    };
    const events: Loose[] = [];
    for (let customer = 0; customer < CUSTOMERS; customer++) {
      const address = newCustomer();
      const texts = Array.from({ length: MESSAGES }, (_, index) => `${address} #${index + 1} – grüße`);
      said.set(address, texts);
      events.push(...texts.map((text) => messenger.message(address, { text })));
    }
    const delivering = deliver(events);
    for (let kill = 0; kill < KILLS; kill++) {
      await sleep(200 + Math.random() * 400);
      await box.kill9();
      await box.start();
    }
    await delivering;
  });
  afterAll(async () => {
    await Promise.all([world?.close(), messenger?.down()]);
    await box?.close();
  });

  it('every message reaches the bot once, under one id', async () => {
    for (const [customer, texts] of said) {
      await until(`${customer} is heard`, () => world.bot.heard(customer).length >= texts.length);
      expect([...world.bot.words(customer)].sort()).toEqual([...texts].sort());
      const ids = world.bot.told(customer).filter((post) => post.body.Event === 'Incoming message');
      expect(new Set(ids.map((post) => post.body.Messageid)).size).toBe(texts.length);
    }
    expect(failures).toEqual([]);
  });

  // Meta takes no idempotency key: whether it took what was on its way when the process died, nobody can know.
  const held = async (): Promise<string[]> =>
    (await world.box.must('GET', '/deliveries?status=held&limit=100')).data.map((each: Loose) => each.message_id);

  it('no customer gets an answer twice, and none is lost: what was on its way at a kill -9 is held', async () => {
    const ids = () => messenger.accepted.map(({ body }) => body.message.metadata.slice('signalbox:'.length) as string);
    const settled = async () => new Set([...ids(), ...(await held())]).size;
    await until('each answer arrived or is held', async () => (await settled()) >= CUSTOMERS * MESSAGES);
    await calm();
    expect(await settled()).toBe(CUSTOMERS * MESSAGES);
    expect(new Set(ids()).size).toBe(ids().length);
    expect(messenger.faults).toEqual([]);
  });

  it('each status is told to the bot once, however often and in whatever order Meta repeats it', async () => {
    await until('every answer is known as sent', async () => {
      const { data } = await world.box.must('GET', '/deliveries?status=pending&limit=100');
      return data.length === 0;
    });
    const at = box.now() + 1;
    const events = [...said.keys()].flatMap((customer) => [
      messenger.event(customer, { delivery: { watermark: at } }),
      messenger.event(customer, { read: { watermark: at } }),
      ...messenger
        .sent(customer)
        .map(({ mid }) => messenger.event(customer, { delivery: { mids: [mid], watermark: 1 } })),
    ]);
    await deliver(events);
    const doubtful = new Set(await held());
    const ids = messenger.accepted
      .map(({ to, body }) => [to, body.message.metadata.slice('signalbox:'.length) as string] as const)
      .filter(([, id]) => !doubtful.has(id));
    for (const [to, id] of ids) await until(`${id} is read`, () => fates(world, to, id).includes('Read'));
    await calm();
    for (const [to, id] of ids) expect([['Read'], ['Delivered', 'Read']]).toContainEqual(fates(world, to, id));
    expect(failures).toEqual([]);
  });
});
