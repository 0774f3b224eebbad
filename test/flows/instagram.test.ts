// Instagram from end to end: the real program between an API that takes only what Meta documents, a bot and a desk.
// The one thing to know: Instagram carries no id of ours and never says what was delivered; the echo of our own words may
// be here before the answer to them, and must not be taken for a person's.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Box, startBox } from '../parties/box.ts';
import { calm, type Loose, sleep, until } from '../parties/call.ts';
import type { Post } from '../parties/listener.ts';
import { echoEarly, type Messenger, type SentPart, startMessenger } from '../parties/messenger.ts';
import { insist, redeliver } from '../parties/redelivery.ts';
import { sharedBox } from '../parties/shared.ts';
import { makeWorld, type World } from '../parties/world.ts';

type Place = { world: World; instagram: Messenger; asset: Loose };

/** An account of its own in front of the world's bot and desk. */
async function openAccount(box: Box, world: World): Promise<Place> {
  const instagram = await startMessenger('instagram');
  instagram.clock = box.now;
  const name = `account ${world.newcomer()}`;
  const asset = await box.must('POST', '/assets', { name, channel: 'instagram', config: instagram.config() });
  instagram.hook = asset.hook_url;
  await box.must('PUT', `/services/${world.service}/assets/${asset.id}`);
  await world.addRule(
    { event: 'message.received', asset_id: asset.id },
    { type: 'forward_to_bot_and_desk', bot_id: world.bot.id, desk_id: world.desk.id },
  );
  return { world, instagram, asset };
}

let customers = 0;
const newCustomer = (): string => `5551${Date.now()}${String(++customers).padStart(3, '0')}`;
const fates = (world: World, customer: string, messageId: string): string[] =>
  world.bot
    .told(customer)
    .filter((post) => post.body.Event === 'Message Delivery' && post.body.Messageid === messageId)
    .map((post) => post.body.DeliveryStatus as string);

describe('A customer on Instagram', () => {
  const place = sharedBox();
  let here: Place;
  let world: World;
  let instagram: Messenger;
  beforeAll(async () => {
    here = await openAccount(place.box, await place.world({ rule: 'none' }));
    ({ world, instagram } = here);
    echoEarly(instagram);
  });
  afterAll(() => instagram?.down());

  type Line = { customer: string; conversation: string; thread: string; sent: SentPart; messageId: string };
  async function meet(reply = 'How can I help?'): Promise<Line> {
    const customer = newCustomer();
    expect((await instagram.says(customer, 'hello')).status).toBe(200);
    const post = await until('the bot hears it', () => world.bot.heard(customer)[0]);
    const conversation: string = post.body.Conversationid;
    const thread: string = (await world.box.must('GET', `/conversations/${conversation}`)).thread_id;
    const messageId = await world.replies(conversation, reply);
    const sent = await until('the customer gets the answer', () => instagram.sent(customer)[0]);
    return { customer, conversation, thread, sent, messageId };
  }

  it('is connected by one request: whose account, and what the app is told of', async () => {
    const { verified, checks } = await place.box.must('POST', `/assets/${here.asset.id}/verification`, {});
    expect([verified, checks.map(({ name }: Loose) => name)]).toEqual([true, ['credentials', 'subscription']]);
    expect(instagram.subscribedFields).toContain('messaging_seen');
    expect(instagram.faults).toEqual([]);
  });

  it('is heard on channel INSTAGRAM, and our answer’s own echo takes the line from nobody', async () => {
    const { customer, sent, thread, conversation } = await meet();
    expect(world.bot.heard(customer)[0]!.body).toMatchObject({ Channel: 'INSTAGRAM', Message: 'hello' });
    expect(sent.body).toEqual({ recipient: { id: customer }, message: { text: 'How can I help?' } });
    await calm();
    expect(await world.holder(thread)).toMatchObject({ type: 'bot', id: world.bot.id });
    await world.replies(conversation, 'Still here.');
    await until('the customer gets it', () => instagram.texts(customer).includes('Still here.'));
    expect(world.bot.told(customer).filter((post) => post.body.Event === 'Agent response')).toEqual([]);
    expect(instagram.faults).toEqual([]);
  });

  it('reads: each reading is told once, and delivered never, since Instagram does not tell it', async () => {
    const { customer, sent, messageId } = await meet();
    const seen = instagram.event(customer, { read: { mid: sent.mid } });
    for (const _ of [1, 2, 3]) await instagram.tells(seen);
    await until('read is told', () => fates(world, customer, messageId).includes('Read'));
    await calm();
    expect(fates(world, customer, messageId)).toEqual(['Read']);
  });

  it('opens with an icebreaker, which is a POSTBACK, and takes a word back', async () => {
    const { customer, thread } = await meet();
    const postback = { mid: `ice-${customer}`, title: 'What are your hours?', payload: 'HOURS' };
    await instagram.tells(instagram.event(customer, { postback }));
    const post = await until('the bot hears it', () =>
      world.bot.heard(customer).find((each) => each.body.Event === 'POSTBACK'),
    );
    expect(post.body).toMatchObject({ PostbackPayload: 'HOURS' });
    const word = instagram.message(customer, { text: 'a secret' });
    await instagram.tells(word);
    await instagram.tells(instagram.event(customer, { message: { mid: word.message.mid, is_deleted: true } }));
    const timeline = JSON.stringify(await world.box.must('GET', `/threads/${thread}/timeline?limit=100`));
    expect(timeline).toContain('"delete"');
  });

  it('goes from the bot to an agent and back', async () => {
    const { customer, conversation } = await meet();
    const desk: string = (await world.bot.handOver(conversation)).body.desk_conversation_id;
    await until('the desk is offered it', () => world.desk.offers(customer)[0]);
    await world.desk.say(desk, 'Here I am.');
    await until('the customer gets it', () => instagram.texts(customer).includes('Here I am.'));
    expect((await world.desk.finish(desk)).status).toBe(202);
    await instagram.says(customer, 'thank you');
    const back = await until('the bot has it again', () =>
      world.bot.heard(customer).find((post) => post.body.Message === 'thank you'),
    );
    expect(back.body).toMatchObject({ ConversationType: 'BOT', Conversationid: conversation });
  });

  it('is answered in the Instagram app: then the line is theirs', async () => {
    const { customer, conversation, thread } = await meet();
    expect((await instagram.tells(instagram.echo(customer, { text: 'A person here.' }))).status).toBe(200);
    expect(await world.holder(thread)).toMatchObject({ type: 'desk', id: here.asset.app_desk_id });
    expect((await world.bot.say(conversation, 'me too')).status).toBe(409);
    const told = await until('the bot is told', () =>
      world.bot.told(customer).find((post) => post.body.Event === 'Agent response'),
    );
    expect(told.body).toMatchObject({ Message: 'A person here.', ConversationType: 'CCSP' });
  });
});

describe('Through redelivery and kill -9', () => {
  const CUSTOMERS = 4;
  const MESSAGES = 8;
  let box: Box;
  let world: World;
  let instagram: Messenger;
  const said = new Map<string, string[]>();
  const failures: string[] = [];

  function answering({ body: { Messageid, Message, Conversationid } }: Post): void {
    const reply = () => world.bot.say(Conversationid, `re: ${Message}`, { messageid: `reply-to-${Messageid}` });
    void insist(reply).then(
      (answer) => answer.status === 202 || failures.push(`${Message}: ${answer.status} ${answer.text}`),
      (error) => failures.push(String(error)),
    );
  }

  beforeAll(async () => {
    box = await startBox();
    world = await makeWorld(box, { rule: 'none', bot: { max_per_minute: 10_000 } });
    ({ instagram } = await openAccount(box, world));
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
      const texts = Array.from({ length: MESSAGES }, (_, index) => `${address} #${index + 1}`);
      said.set(address, texts);
      events.push(...texts.map((text) => instagram.message(address, { text })));
    }
    const delivering = redeliver(events, (batch) => instagram.tells(...batch));
    for (let kill = 0; kill < 2; kill++) {
      await sleep(200 + Math.random() * 400);
      await box.kill9();
      await box.start();
    }
    failures.push(...(await delivering));
  });
  afterAll(async () => {
    await Promise.all([world?.close(), instagram?.down()]);
    await box?.close();
  });

  it('every message reaches the bot once', async () => {
    for (const [customer, texts] of said) {
      await until(`${customer} is heard`, () => world.bot.heard(customer).length >= texts.length);
      await calm();
      expect([...world.bot.words(customer)].sort()).toEqual([...texts].sort());
    }
    expect(failures).toEqual([]);
  });

  // Instagram takes no idempotency key: whether it took what was on its way when the process died, nobody can know.
  it('no customer gets an answer twice, and none is lost: what was on its way at a kill -9 is held', async () => {
    const all = CUSTOMERS * MESSAGES;
    const arrived = () => [...said.keys()].flatMap((customer) => instagram.texts(customer));
    const held = async (): Promise<number> =>
      (await world.box.must('GET', '/deliveries?status=held&limit=100')).data.length;
    await until('each answer arrived or is held', async () => arrived().length + (await held()) >= all);
    await calm();
    const texts = [...said.values()].flat().map((text) => `re: ${text}`);
    expect(new Set(arrived()).size).toBe(arrived().length);
    expect(texts).toEqual(expect.arrayContaining(arrived()));
    expect(await held()).toBeLessThanOrEqual(2 * CUSTOMERS);
    expect(instagram.faults).toEqual([]);
  });
});
