// Promise 4: bots written for the seed's contract work unchanged, to the spelling of each field.
// Every key, value and header that the seed's page shows stands here; what we add must live in `Signalbox` alone.
import { beforeAll, describe, expect, it } from 'vitest';
import { until } from '../parties/call.ts';
import { sharedBox } from '../parties/shared.ts';
import { makeBot, verified, type World } from '../parties/world.ts';

const MESSAGE_FIELDS = [
  ...['Conversationid', 'ConversationType', 'Message', 'MessageType', 'Messageid', 'Media', 'Channel', 'Event'],
  'Timestamp',
];
const TIMESTAMP = /^\d{4}-(0[1-9]|1[0-2])-([0-2]\d|3[01]) ([01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d\d$/;
const sorted = (names: string[]): string[] => names.toSorted();

describe('A bot written for the seed', () => {
  const place = sharedBox();
  let world: World;
  beforeAll(async () => {
    world = await place.world();
  });

  describe('gets an incoming message', () => {
    it('as strict JSON with exactly the nine fields of the seed, and ours in one object', async () => {
      const line = await world.meet();
      const post = world.bot.heard(line.address)[0]!;
      expect(sorted(Object.keys(post.body))).toEqual(sorted([...MESSAGE_FIELDS, 'Signalbox']));
      expect(post.body).toMatchObject({
        Conversationid: expect.stringMatching(/^conv_/),
        ConversationType: 'BOT',
        Message: 'hello',
        MessageType: 'text',
        Messageid: expect.stringMatching(/^msg_/),
        Media: '',
        Channel: 'HTTP',
        Event: 'Incoming message',
      });
      expect(post.headers['content-type']).toMatch(/^application\/json/);
    });

    it('with the time in GMT, 24 hours, two digits of fraction', async () => {
      const line = await world.meet();
      const stamp: string = world.bot.heard(line.address)[0]!.body.Timestamp;
      expect(stamp).toMatch(TIMESTAMP);
      const said = Date.parse(`${stamp.replace(' ', 'T')}Z`);
      expect(Math.abs(said - place.box.now())).toBeLessThan(20_000);
    });

    it('with the customer, author, epoch and place in line in the Signalbox object', async () => {
      const line = await world.meet();
      const { Signalbox } = world.bot.heard(line.address)[0]!.body;
      expect(Signalbox).toMatchObject({
        User: line.address,
        Author: { Type: 'customer' },
        Epoch: expect.any(Number),
        Sequence: expect.any(Number),
        Service: expect.any(String),
        Asset: expect.any(String),
        Media: [],
        Attributes: {},
      });
      expect(Signalbox).not.toHaveProperty('DeskConversationid');
    });

    it.each(['image', 'video', 'audio', 'file', 'sticker'])(
      'of type %s with the URL of its first medium',
      async (type) => {
        const address = world.newcomer();
        const media = [
          { url: 'https://media.example/1', type: 'application/octet-stream', name: 'one' },
          { url: 'https://media.example/2', type: 'application/octet-stream' },
        ];
        expect((await world.channel.says(address, '', { message: { type, media } })).status).toBe(202);
        const post = await until('the bot hears it', () => world.bot.heard(address)[0]);
        expect(post.body).toMatchObject({ MessageType: type, Media: 'https://media.example/1', Message: '' });
        expect(post.body.Signalbox.Media).toHaveLength(2);
      },
    );

    it.each(['location', 'contact'])('of type %s with its text', async (type) => {
      const address = world.newcomer();
      expect((await world.channel.says(address, '', { message: { type, text: 'here' } })).status).toBe(202);
      const post = await until('the bot hears it', () => world.bot.heard(address)[0]);
      expect(post.body).toMatchObject({ MessageType: type, Media: '', Message: 'here' });
    });
  });

  it('gets a postback with the payload and nothing of a message', async () => {
    const line = await world.meet();
    await world.channel.taps(line.address, 'BUY_NOW', { title: 'Buy' });
    const post = await until('the bot hears the postback', () => world.bot.heard(line.address)[1]);
    expect(sorted(Object.keys(post.body))).toEqual(
      sorted(['Conversationid', 'ConversationType', 'PostbackPayload', 'Channel', 'Event', 'Timestamp', 'Signalbox']),
    );
    expect(post.body).toMatchObject({
      Conversationid: line.conversation,
      ConversationType: 'BOT',
      PostbackPayload: 'BUY_NOW',
      Channel: 'HTTP',
      Event: 'POSTBACK',
      Timestamp: expect.stringMatching(TIMESTAMP),
    });
  });

  it.each([
    ['delivered', 'Delivered'],
    ['read', 'Read'],
  ])('gets a message delivery when the channel says %s', async (word, status) => {
    const line = await world.meet();
    const messageId = await world.replies(line.conversation, 'answer');
    await until('the customer gets it', () => world.channel.delivered(line.address)[0]);
    await world.channel.receipt(messageId, word);
    const post = await until('the bot gets the receipt', () =>
      world.bot.told(line.address).find((each) => each.body.Event === 'Message Delivery'),
    );
    expect(sorted(Object.keys(post.body))).toEqual(
      sorted([
        ...['Conversationid', 'ConversationType', 'Messageid', 'Channel', 'Event', 'DeliveryStatus', 'Timestamp'],
        'Signalbox',
      ]),
    );
    expect(post.body).toMatchObject({
      Conversationid: line.conversation,
      Messageid: messageId,
      Channel: 'HTTP',
      DeliveryStatus: status,
      Timestamp: expect.stringMatching(TIMESTAMP),
    });
  });

  it('gets the description of a failure, and only of a failure', async () => {
    const line = await world.meet();
    const messageId = await world.replies(line.conversation, 'answer');
    await until('the customer gets it', () => world.channel.delivered(line.address)[0]);
    await world.channel.receipt(messageId, 'failed', 'the handset is off');
    const post = await until('the bot gets the receipt', () =>
      world.bot.told(line.address).find((each) => each.body.Event === 'Message Delivery'),
    );
    expect(post.body).toMatchObject({ DeliveryStatus: 'Failed', Description: 'the handset is off' });
  });

  describe('replies', () => {
    it('with the seed’s 1001 block, word for word, and gets the id of its message', async () => {
      const line = await world.meet();
      const answer = await world.bot.post({
        eventid: '1001',
        conversation_id: line.conversation,
        message: 'good day',
        Messagetype: 'text',
        Timestamp: '2026-01-31 23:59:59.123',
        customparam1: 'one',
        customparamN: 'many',
      });
      expect(answer.status).toBe(202);
      expect(answer.body).toMatchObject({
        message_id: expect.stringMatching(/^msg_/),
        conversation_id: line.conversation,
      });
      const post = await until('the customer gets it', () => world.channel.delivered(line.address)[0]);
      expect(post.body).toMatchObject({
        message_id: answer.body.message_id,
        message: { type: 'text', text: 'good day', custom: { customparam1: 'one', customparamN: 'many' } },
        author: { type: 'bot' },
      });
    });

    it.each([
      ['a number as eventid', { eventid: 1001 }],
      ['the word in event', { event: 'message' }],
      ['names in any case', { EVENTID: '1001', MESSAGE: 'spelled', message: undefined }],
      ['MessageType instead of Messagetype', { eventid: '1001', Messagetype: undefined, MessageType: 'text' }],
      ['no type at all, which means text', { eventid: '1001', Messagetype: undefined }],
      ['a time that nobody can read', { eventid: '1001', Timestamp: 'yesterday' }],
      ['fields that nobody knows', { eventid: '1001', mood: 'good', nested: { deep: [1] } }],
    ])('with %s', async (_what, more) => {
      const line = await world.meet();
      const body = { conversation_id: line.conversation, message: 'spelled', Messagetype: 'text', ...more };
      expect(await world.bot.post(body)).toMatchObject({ status: 202 });
      await until('the customer gets it', () => world.channel.texts(line.address).includes('spelled'));
    });

    it('with conversationid instead of conversation_id', async () => {
      const line = await world.meet();
      const body = { eventid: '1001', Conversationid: line.conversation, message: 'spelled', Messagetype: 'text' };
      expect(await world.bot.post(body)).toMatchObject({ status: 202 });
    });

    it('and its custom parameters become attributes that it sees from then on', async () => {
      const line = await world.meet();
      await world.replies(line.conversation, 'noted', { customparam1: 'gold' });
      await world.says(line.address, 'next');
      const post = await until('the bot hears the next', () => world.bot.heard(line.address)[1]);
      expect(post.body.Signalbox.Attributes).toMatchObject({ customparam1: 'gold' });
    });
  });

  it.each([
    ['the seed’s 1002 block', { eventid: '1002' }],
    ['a number', { eventid: 1002 }],
    ['the word', { event: 'handover' }],
  ])('hands over with %s, and its parameters reach the desk', async (_what, event) => {
    const line = await world.meet();
    const answer = await world.bot.post({
      ...event,
      conversation_id: line.conversation,
      Timestamp: '2026-01-31 23:59:59.123',
      customparam1: 'order 7',
    });
    expect(answer.status).toBe(202);
    expect(answer.body).toMatchObject({ handover: 'offered', desk_conversation_id: expect.stringMatching(/^conv_/) });
    const offer = await until('the desk is offered it', () => world.desk.offers(line.address)[0]);
    expect(offer.body.data.conversation_id).toBe(answer.body.desk_conversation_id);
    expect(offer.body.data.attributes).toMatchObject({ customparam1: 'order 7' });
  });

  it('is verified by one POST with the nine fields, empty but for type, event and time', async () => {
    const bot = await makeBot(place.box);
    await verified(place.box, 'bots', bot.id);
    expect(bot.posts).toHaveLength(1);
    const { body } = bot.posts[0]!;
    expect(sorted(Object.keys(body).filter((name) => name !== 'Signalbox'))).toEqual(sorted(MESSAGE_FIELDS));
    expect(body).toMatchObject({
      ...{ Conversationid: '', Message: '', MessageType: '', Messageid: '', Media: '', Channel: '' },
      ...{ ConversationType: 'BOT', Event: 'Verification', Timestamp: expect.stringMatching(TIMESTAMP) },
    });
    await bot.down();
  });

  it('of platform imi gets its access token with every interaction', async () => {
    const imi = await place.world({ platform: 'imi' });
    const line = await imi.meet();
    const messageId = await imi.replies(line.conversation, 'answer');
    await until('the customer gets it', () => imi.channel.delivered(line.address)[0]);
    await imi.channel.receipt(messageId, 'delivered');
    await until('the bot gets the receipt', () =>
      imi.bot.told(line.address).find((each) => each.body.Event === 'Message Delivery'),
    );
    const tokens = new Set(imi.bot.posts.map((post) => post.headers.authorization));
    expect(imi.bot.posts.length).toBeGreaterThanOrEqual(3);
    expect([...tokens]).toEqual([expect.stringMatching(/^Bearer \S{20,}$/)]);
  });

  it('is addressed with one conversation id per customer, which stays the same', async () => {
    const [first, second] = [await world.meet(), await world.meet()];
    expect(first.conversation).not.toBe(second.conversation);
    await world.says(first.address, 'again');
    const post = await until('the bot hears it again', () => world.bot.heard(first.address)[1]);
    expect(post.body.Conversationid).toBe(first.conversation);
  });

  it('gets a copy of the agent’s words for information: CCSP, its own conversation id, the agent’s name', async () => {
    const line = await world.accepted();
    await world.desk.say(line.deskConversation, 'I take over');
    const post = await until('the bot gets the copy', () =>
      world.bot.told(line.address).find((each) => each.body.Event === 'Agent response'),
    );
    expect(sorted(Object.keys(post.body))).toEqual(sorted([...MESSAGE_FIELDS, 'Signalbox']));
    expect(post.body).toMatchObject({
      Conversationid: line.conversation,
      ConversationType: 'CCSP',
      Message: 'I take over',
      Signalbox: { Author: { Type: 'agent' }, DeskConversationid: line.deskConversation },
    });
  });
});
