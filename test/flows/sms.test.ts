// SMS from end to end: the real program between a Twilio that takes only what its API describes, a bot and a desk.
// The one thing to know: Twilio has no idempotency key, so a message whose answer never came is held, never sent twice.
import { createHash, randomInt } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { calm, type Loose, until } from '../parties/call.ts';
import { sharedBox } from '../parties/shared.ts';
import { PNG, startTwilio, type Taken, type Twilio } from '../parties/twilio.ts';
import type { World } from '../parties/world.ts';

const sidOf = (text: string): string => `SM${createHash('md5').update(text).digest('hex')}`;
const shuffled = <T>(items: T[]): T[] =>
  items
    .map((item) => ({ item, at: randomInt(1_000_000) }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);

describe('A customer by SMS', () => {
  const place = sharedBox();
  let world: World;
  let twilio: Twilio;
  let asset: Loose;
  beforeAll(async () => {
    world = await place.world({ rule: 'none', bot: { failure_threshold: 50 } });
    twilio = await startTwilio();
    asset = await place.box.must('POST', '/assets', { name: 'number', channel: 'sms', config: twilio.config() });
    twilio.hook = asset.hook_url;
    await place.box.must('PUT', `/services/${world.service}/assets/${asset.id}`);
    const action = { type: 'forward_to_bot_and_desk', bot_id: world.bot.id, desk_id: world.desk.id };
    await world.addRule({ event: 'message.received', asset_id: asset.id }, action);
  });
  afterAll(() => twilio?.down());

  let customers = 0;
  const newPhone = (): string => `+1555${String(Date.now()).slice(-5)}${String(++customers).padStart(2, '0')}`;
  const fates = (phone: string, messageId: string): Loose[] =>
    world.bot
      .told(phone)
      .map((post) => post.body)
      .filter((body) => body.Event === 'Message Delivery' && body.Messageid === messageId);
  const statuses = (phone: string, messageId: string) => fates(phone, messageId).map((body) => body.DeliveryStatus);
  const deliveryOf = (messageId: string, status: string): Promise<Loose> =>
    until(`the delivery is ${status}`, async () => {
      const all = await world.deliveries(`target=${asset.id}`);
      return all.find((each) => each.message_id === messageId && each.status === status);
    });

  /** says hello, and is answered */
  async function meet(
    reply = 'How can I help?',
  ): Promise<{ phone: string; conversation: string; messageId: string; taken: Taken }> {
    const phone = newPhone();
    const answer = await twilio.says(phone, 'hello');
    expect([answer.status, answer.text, answer.headers['content-type']]).toEqual([
      200,
      '<Response/>',
      expect.stringContaining('text/xml'),
    ]);
    const heard = await until('the bot hears it', () => world.bot.heard(phone)[0]);
    const conversation: string = heard.body.Conversationid;
    const messageId = await world.replies(conversation, reply);
    const taken = await until('the customer gets the answer', () => twilio.to(phone)[0]);
    return { phone, conversation, messageId, taken };
  }

  it('is set up by one request, which points the number at us', async () => {
    const { verified, checks } = await place.box.must('POST', `/assets/${asset.id}/verification`, {});
    expect([verified, checks.map((check: Loose) => `${check.name}: ${check.ok}`)]).toEqual([
      true,
      ['credentials: true', 'number: true', 'webhook: true'],
    ]);
    expect(twilio.smsUrl).toBe(`${asset.hook_url}#rc=5&rp=all`);
    const shown = JSON.stringify(await place.box.must('GET', `/assets/${asset.id}`));
    expect(shown).not.toContain(twilio.config().auth_token);
  });

  it('is heard by the bot on channel SMS, and answered once', async () => {
    const { phone, taken, messageId } = await meet();
    expect(world.bot.heard(phone)[0]?.body).toMatchObject({
      Channel: 'SMS',
      Event: 'Incoming message',
      Message: 'hello',
      MessageType: 'text',
    });
    expect([...taken.form.keys()]).toEqual(['To', 'From', 'Body', 'StatusCallback']);
    expect(taken.form.get('StatusCallback')).toBe(`${asset.hook_url}?message=${messageId}#rc=5&rp=all`);
  });

  it('has each status told to the bot once and never backwards, in whatever order Twilio tells them', async () => {
    const { phone, messageId, taken } = await meet();
    for (const status of ['queued', 'sent', 'delivered', 'sent', 'delivered', 'read', 'delivered']) {
      expect((await twilio.status(taken, status)).status).toBe(200);
    }
    await until('read is told', () => statuses(phone, messageId).includes('Read'));
    await calm();
    expect(statuses(phone, messageId)).toEqual(['Delivered', 'Read']);
  });

  it('whom a message did not reach has the reason told to the bot', async () => {
    const { phone, messageId, taken } = await meet();
    await twilio.status(taken, 'undelivered', { ErrorCode: '30003' });
    const fate = await until('failed is told', () => fates(phone, messageId)[0]);
    expect(fate).toMatchObject({
      DeliveryStatus: 'Failed',
      Description: expect.stringMatching(/cannot be reached.*30003/),
    });
  });

  it('who opted out is not sent to again', async () => {
    const { phone, conversation } = await meet();
    twilio.instead.push({
      status: 400,
      body: { code: 21610, message: 'Attempt to send to unsubscribed recipient', status: 400 },
    });
    const messageId = await world.replies(conversation, 'news');
    const fate = await until('failed is told', () => fates(phone, messageId)[0]);
    expect(fate).toMatchObject({ DeliveryStatus: 'Failed', Description: expect.stringContaining('START') });
    await place.box.advance(300_000);
    await calm();
    expect(twilio.texts(phone)).toEqual(['How can I help?']);
  });

  it('waits when Twilio asks to slow down, and then gets it', async () => {
    const { phone, conversation } = await meet();
    twilio.instead.push({ status: 429, body: { code: 20429, message: 'Too Many Requests', status: 429 } });
    const messageId = await world.replies(conversation, 'in a moment');
    await deliveryOf(messageId, 'retrying');
    await place.box.advance(10_000);
    await until('it arrives', () => twilio.texts(phone).includes('in a moment'));
  });

  it('is never sent the same twice when Twilio’s answer is lost: the message is held', async () => {
    const { phone, conversation } = await meet();
    twilio.instead.push({ fault: 'reset' });
    const messageId = await world.replies(conversation, 'once only');
    await deliveryOf(messageId, 'held');
    await place.box.advance(600_000);
    await calm();
    expect(twilio.texts(phone).filter((text) => text === 'once only')).toHaveLength(1);
  });

  it('sees quick replies as lines, and answers in words', async () => {
    const { phone, conversation } = await meet();
    await world.replies(conversation, 'Which?', { quick_replies: [{ title: 'Red', payload: 'R' }, { title: 'Blue' }] });
    await until('the question arrives', () => twilio.texts(phone).includes('Which?\n- Red\n- Blue'));
  });

  it('sends a picture, which the bot is given as a link of ours; our credentials stay with Twilio', async () => {
    const phone = newPhone();
    await twilio.says(phone, 'Look', twilio.picture());
    const heard = await until('the bot hears it', () => world.bot.heard(phone)[0]);
    expect(heard.body).toMatchObject({ Message: 'Look', MessageType: 'image' });
    const link: string = heard.body.Media;
    expect(link.startsWith(`${place.box.base}/media/`)).toBe(true);
    const response = await fetch(link);
    expect([response.status, Buffer.from(await response.arrayBuffer()).equals(PNG)]).toEqual([200, true]);
    expect(twilio.fetched.map(({ headers }) => headers.authorization)).toEqual([undefined]);
  });

  it('goes from the bot to an agent and back', async () => {
    const { phone, conversation } = await meet();
    const handed = await world.bot.handOver(conversation);
    const desk: string = handed.body.desk_conversation_id;
    await until('the desk is offered it', () => world.desk.offers(phone)[0]);
    expect((await world.desk.accept(desk)).status).toBe(202);
    await twilio.says(phone, 'is there a human?');
    await until('the desk hears it', () => world.desk.told(desk, 'message.received')[0]);
    const said = await world.desk.say(desk, 'Yes, here I am.');
    const word = await until('the customer gets it', () => twilio.to(phone)[1]);
    await twilio.status(word, 'delivered');
    const receipt = await until('the desk is told', () => world.desk.told(desk, 'message.receipt')[0]);
    expect(receipt.body.data).toMatchObject({ message_id: said.body.message_id, status: 'delivered' });
    expect((await world.desk.finish(desk)).status).toBe(202);
    await twilio.says(phone, 'thank you');
    const back = await until('the bot has it again', () =>
      world.bot.heard(phone).find((post) => post.body.Message === 'thank you'),
    );
    expect(back.body).toMatchObject({ ConversationType: 'BOT', Conversationid: conversation });
    await world.replies(conversation, 'You are welcome.');
    await until('the customer gets it', () => twilio.texts(phone).includes('You are welcome.'));
    expect(twilio.texts(phone)).toEqual(['How can I help?', 'Yes, here I am.', 'You are welcome.']);
  });

  it('is heard once, however often Twilio tries', async () => {
    const phone = newPhone();
    const MessageSid = `SM${phone.slice(1).padStart(32, '0')}`;
    for (const word of ['hello', 'hello', 'hello'])
      expect((await twilio.says(phone, word, { MessageSid })).status).toBe(200);
    await until('the bot hears it', () => world.bot.heard(phone)[0]);
    await twilio.says(phone, 'second');
    await until('the bot hears the next', () => world.bot.words(phone).includes('second'));
    expect(world.bot.words(phone)).toEqual(['hello', 'second']);
  });

  it('is heard once in each word, however often and in whatever order Twilio tells them, over a kill -9', async () => {
    const phones = Array.from({ length: 4 }, newPhone);
    const words = phones.flatMap((phone) =>
      Array.from({ length: 5 }, (_, index) => ({ phone, text: `word ${index}` })),
    );
    const told = words.flatMap((word) =>
      Array(randomInt(1, 6)).fill({ ...word, sid: sidOf(`${word.phone}${word.text}`) }),
    );
    const tries: { phone: string; text: string; sid: string }[] = shuffled(told);
    const tell = async ({ phone, text, sid }: (typeof tries)[number]): Promise<boolean> =>
      (await twilio.says(phone, text, { MessageSid: sid }).catch(() => null))?.status === 200;
    const half = tries.slice(0, tries.length / 2).map(tell);
    await half[0];
    await place.box.kill9();
    await Promise.all(half);
    await place.box.start();
    const taken = await Promise.all(shuffled(tries).map(tell));
    expect(taken.every(Boolean)).toBe(true);
    for (const phone of phones) await until('the bot hears all', () => world.bot.words(phone).length >= 5);
    await calm();
    for (const phone of phones) {
      expect([...world.bot.words(phone)].sort()).toEqual(['word 0', 'word 1', 'word 2', 'word 3', 'word 4']);
    }
  });

  it('is not somebody whose webhook Twilio did not sign', async () => {
    const phone = newPhone();
    const form = { MessageSid: 'SM1', From: phone, Body: 'let me in' };
    for (const headers of [
      {},
      { 'x-twilio-signature': '' },
      { 'x-twilio-signature': 'AAAAAAAAAAAAAAAAAAAAAAAAAAA=' },
    ]) {
      expect((await twilio.post(twilio.hook, form, headers as Record<string, string>)).status).toBe(401);
    }
    const { taken, messageId, phone: other } = await meet();
    const url = taken.form.get('StatusCallback')?.replace(messageId, 'msg_00000000000000000000000000') ?? '';
    expect(
      (await twilio.post(url, { MessageSid: 'SM1', MessageStatus: 'read' }, { 'x-twilio-signature': 'x' })).status,
    ).toBe(401);
    await calm();
    expect(world.bot.told(phone)).toEqual([]);
    expect(statuses(other, messageId)).toEqual([]);
  });

  it('was asked for nothing that Twilio does not take', () => expect(twilio.faults).toEqual([]));
});
