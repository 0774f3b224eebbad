// LINE from end to end: the real program between a LINE that takes only what its API describes, a bot and a desk.
// The one thing to know: each push carries a retry key, so a message whose answer never came is sent again, and LINE
// tells that it has it already.
import { randomInt } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { calm, type Loose, until } from '../parties/call.ts';
import { type Line, type LineUser, PNG, startLine } from '../parties/line.ts';
import { sharedBox } from '../parties/shared.ts';
import type { World } from '../parties/world.ts';

const shuffled = <T>(items: T[]): T[] =>
  items
    .map((item) => ({ item, at: randomInt(1_000_000) }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);

describe('A customer on LINE', () => {
  const place = sharedBox();
  let world: World;
  let line: Line;
  let asset: Loose;
  beforeAll(async () => {
    world = await place.world({ rule: 'none', bot: { failure_threshold: 50 } });
    line = await startLine();
    line.clock = place.box.now;
    asset = await place.box.must('POST', '/assets', { name: 'account', channel: 'line', config: line.config() });
    line.hook = asset.hook_url;
    await place.box.must('PUT', `/services/${world.service}/assets/${asset.id}`);
    const action = { type: 'forward_to_bot_and_desk', bot_id: world.bot.id, desk_id: world.desk.id };
    await world.addRule({ event: 'message.received', asset_id: asset.id }, action);
  });
  afterAll(() => line?.down());

  const fates = (user: LineUser, messageId: string): Loose[] =>
    world.bot
      .told(user)
      .map((post) => post.body)
      .filter((body) => body.Event === 'Message Delivery' && body.Messageid === messageId);
  const deliveryOf = (messageId: string, status: string): Promise<Loose> =>
    until(`the delivery is ${status}`, async () => {
      const all = await world.deliveries(`target=${asset.id}`);
      return all.find((each) => each.message_id === messageId && each.status === status);
    });

  async function meet(reply = 'How can I help?'): Promise<{ user: LineUser; conversation: string; messageId: string }> {
    const user = line.newcomer();
    expect((await line.says(user, 'hello')).status).toBe(200);
    const heard = await until('the bot hears it', () => world.bot.heard(user)[0]);
    const conversation: string = heard.body.Conversationid;
    const messageId = await world.replies(conversation, reply);
    await until('the customer gets the answer', () => line.texts(user).includes(reply));
    return { user, conversation, messageId };
  }

  it('is set up by one request; without https LINE does not take our address, and the check says so', async () => {
    const { verified, checks } = await place.box.must('POST', `/assets/${asset.id}/verification`, {});
    expect([verified, checks.map((check: Loose) => `${check.name}: ${check.ok}`)]).toEqual([
      false,
      ['credentials: true', 'webhook: false'],
    ]);
    expect(checks[1].detail).toContain('SIGNALBOX_PUBLIC_URL');
    expect(line.faults.splice(0)).toEqual(["The property, 'endpoint', in the request body is invalid"]);
    const shown = JSON.stringify(await place.box.must('GET', `/assets/${asset.id}`));
    for (const secret of [line.config().channel_secret, line.config().channel_access_token])
      expect(shown).not.toContain(secret);
  });

  it('whose console asks whether we are there gets an answer', async () => {
    expect((await line.post([])).status).toBe(200);
  });

  it('is heard by the bot on channel LINE, and answered once; nothing is said of receipts', async () => {
    const { user, messageId } = await meet();
    expect(world.bot.heard(user)[0]?.body).toMatchObject({
      Channel: 'LINE',
      Event: 'Incoming message',
      Message: 'hello',
      MessageType: 'text',
    });
    await deliveryOf(messageId, 'delivered');
    await calm();
    expect(line.texts(user)).toEqual(['How can I help?']);
    expect(fates(user, messageId)).toEqual([]);
  });

  it('gets a message once when LINE’s answer is lost: it goes again under the same key', async () => {
    const { user, conversation } = await meet();
    line.instead.push({ fault: 'reset' });
    const messageId = await world.replies(conversation, 'once only');
    await deliveryOf(messageId, 'retrying');
    await place.box.advance(10_000);
    await deliveryOf(messageId, 'delivered');
    expect(line.texts(user)).toEqual(['How can I help?', 'once only']);
    const [first, ...tries] = line.keys(user).slice(1);
    expect(tries).toEqual([first]);
  });

  it('gets it once, too, when LINE is silent for longer than we wait', async () => {
    const { user, conversation } = await meet();
    line.instead.push({ fault: 'hang' });
    const messageId = await world.replies(conversation, 'slow');
    await deliveryOf(messageId, 'retrying');
    await place.box.advance(10_000);
    await deliveryOf(messageId, 'delivered');
    expect(line.texts(user)).toEqual(['How can I help?', 'slow']);
  });

  it('waits when LINE asks to slow down; but a used-up month is final', async () => {
    const { user, conversation } = await meet();
    line.instead.push({ status: 429, body: { message: 'The API rate limit has been exceeded. Try again later.' } });
    const later = await world.replies(conversation, 'in a moment');
    await deliveryOf(later, 'retrying');
    await place.box.advance(10_000);
    await until('it arrives', () => line.texts(user).includes('in a moment'));
    line.instead.push({ status: 429, body: { message: 'You have reached your monthly limit.' } });
    const never = await world.replies(conversation, 'too much');
    const fate = await until('failed is told', () => fates(user, never)[0]);
    expect(fate).toMatchObject({ DeliveryStatus: 'Failed', Description: expect.stringContaining('used up') });
  });

  it('taps a quick reply that the bot sent', async () => {
    const { user, conversation } = await meet();
    await world.replies(conversation, 'Which?', {
      quick_replies: [{ title: 'Red', payload: 'COLOUR_RED' }, { title: 'Blue' }],
    });
    const question = await until('the question arrives', () => line.sent(user).find(({ text }) => text === 'Which?'));
    const [red, blue] = question.quickReply.items.map((item: Loose) => item.action);
    await line.post([line.event(user, { type: 'postback', postback: { data: red.data } })]);
    const tapped = await until('the bot hears it', () =>
      world.bot.heard(user).find((post) => post.body.Event === 'POSTBACK'),
    );
    expect(tapped.body).toMatchObject({ PostbackPayload: 'COLOUR_RED', Channel: 'LINE' });
    await line.says(user, blue.text);
    await until('the other comes as words', () => world.bot.words(user).includes('Blue'));
  });

  it('sends a picture, which the bot is given as a link of ours', async () => {
    const user = line.newcomer();
    const picture = line.message(user, { type: 'image', contentProvider: { type: 'line' } });
    await line.post([picture]);
    const heard = await until('the bot hears it', () => world.bot.heard(user)[0]);
    const link: string = heard.body.Media;
    expect(link.startsWith(`${place.box.base}/media/`)).toBe(true);
    const response = await fetch(link);
    expect([response.status, Buffer.from(await response.arrayBuffer()).equals(PNG)]).toEqual([200, true]);
    expect(line.asked(`/v2/bot/message/${picture.message.id}/content`)).toHaveLength(1);
  });

  it('sees that the bot has read a message, and that an agent is writing', async () => {
    const user = line.newcomer();
    const hello = line.message(user, { type: 'text', text: 'hello' });
    await line.post([hello]);
    const heard = await until('the bot hears it', () => world.bot.heard(user)[0]);
    const read = await until('it is marked as read', () =>
      line.asked('/v2/bot/chat/markAsRead').find(({ body }) => body.markAsReadToken === hello.message.markAsReadToken),
    );
    expect(read.at).toBeGreaterThanOrEqual(heard.at);
    const handed = await world.bot.handOver(heard.body.Conversationid);
    const desk: string = handed.body.desk_conversation_id;
    await until('the desk is offered it', () => world.desk.offers(user)[0]);
    await world.desk.accept(desk);
    await world.desk.tell('typing', desk, { on: true });
    await until('the dots are shown', () =>
      line.asked('/v2/bot/chat/loading/start').find(({ body }) => body.chatId === user),
    );
  });

  it('goes from the bot to an agent and back', async () => {
    const { user, conversation } = await meet();
    const handed = await world.bot.handOver(conversation);
    const desk: string = handed.body.desk_conversation_id;
    await until('the desk is offered it', () => world.desk.offers(user)[0]);
    expect((await world.desk.accept(desk)).status).toBe(202);
    await line.says(user, 'is there a human?');
    await until('the desk hears it', () => world.desk.told(desk, 'message.received')[0]);
    await world.desk.say(desk, 'Yes, here I am.');
    await until('the customer gets it', () => line.texts(user).includes('Yes, here I am.'));
    expect((await world.desk.finish(desk)).status).toBe(202);
    await line.says(user, 'thank you');
    const back = await until('the bot has it again', () =>
      world.bot.heard(user).find((post) => post.body.Message === 'thank you'),
    );
    expect(back.body).toMatchObject({ ConversationType: 'BOT', Conversationid: conversation });
    await world.replies(conversation, 'You are welcome.');
    await until('the customer gets it', () => line.texts(user).includes('You are welcome.'));
    expect(line.texts(user)).toEqual(['How can I help?', 'Yes, here I am.', 'You are welcome.']);
  });

  it('is heard once and in order, however LINE repeats it, over the program’s sudden end too', async () => {
    const user = line.newcomer();
    const events = ['one', 'two', 'three'].map((text) => line.message(user, { type: 'text', text }));
    expect((await line.post(events)).status).toBe(200);
    await place.box.kill9();
    await place.box.start();
    const again = events.map((event) => ({ ...event, deliveryContext: { isRedelivery: true } }));
    for (const batch of [again, [...again].reverse(), again.slice(1)])
      expect((await line.post(batch)).status).toBe(200);
    await line.says(user, 'four');
    await until('the bot hears all', () => world.bot.words(user).length >= 4);
    await calm();
    expect(world.bot.words(user)).toEqual(['one', 'two', 'three', 'four']);
  });

  it('is heard once in each word, however often and in whatever batches LINE tells them, over a kill -9', async () => {
    const users = Array.from({ length: 4 }, line.newcomer);
    const events = users.flatMap((user) =>
      Array.from({ length: 5 }, (_, index) => line.message(user, { type: 'text', text: `word ${index}` })),
    );
    const batches = (): Loose[][] => {
      const told = shuffled(events.flatMap((event) => Array(randomInt(1, 6)).fill(event)));
      return Array.from({ length: Math.ceil(told.length / 4) }, (_, index) => told.slice(index * 4, index * 4 + 4));
    };
    const tell = async (batch: Loose[]): Promise<boolean> => (await line.post(batch).catch(() => null))?.status === 200;
    const first = batches().map(tell);
    await first[0];
    await place.box.kill9();
    await Promise.all(first);
    await place.box.start();
    expect((await Promise.all(batches().map(tell))).every(Boolean)).toBe(true);
    for (const user of users) await until('the bot hears all', () => world.bot.words(user).length >= 5);
    await calm();
    for (const user of users) {
      expect([...world.bot.words(user)].sort()).toEqual(['word 0', 'word 1', 'word 2', 'word 3', 'word 4']);
    }
  });

  it('is not somebody whose webhook LINE did not sign, nor a group', async () => {
    const user = line.newcomer();
    const events = [line.message(user, { type: 'text', text: 'let me in' })];
    for (const headers of [{}, { 'x-line-signature': '' }, { 'x-line-signature': 'AAAA' }]) {
      expect((await line.post(events, headers as Record<string, string>)).status).toBe(401);
    }
    const group = { ...events[0], source: { type: 'group', groupId: 'C1', userId: user } };
    expect((await line.post([group])).status).toBe(200);
    await calm();
    expect(world.bot.told(user)).toEqual([]);
  });

  it('was asked for nothing that LINE does not take', () => expect(line.faults).toEqual([]));
});
