// WhatsApp from end to end: the real program between a Cloud API that takes only what Meta documents, a bot and a desk.
// The one thing to know: the Graph server plays Meta's part whole: it signs, escapes, repeats what was not answered 200 and
// more, in any order, and never takes the same message for two, since it has no idempotency key either.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Box, startBox } from '../parties/box.ts';
import { type Answer, call, calm, type Loose, sleep, until } from '../parties/call.ts';
import type { Post } from '../parties/listener.ts';
import { sharedBox } from '../parties/shared.ts';
import { graphError, type Sent, startWhatsapp, type Whatsapp } from '../parties/whatsapp.ts';
import { makeWorld, type World } from '../parties/world.ts';

/** A picture of one pixel. */
const PIXEL = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==',
  'base64',
);

type Place = { world: World; whatsapp: Whatsapp; asset: Loose };

/** A number of its own in front of the world's bot and desk. */
async function openNumber(box: Box, world: World): Promise<Place> {
  const whatsapp = await startWhatsapp();
  whatsapp.clock = box.now;
  const asset = await box.must('POST', '/assets', {
    name: `number ${world.newcomer()}`,
    channel: 'whatsapp',
    config: whatsapp.config(),
  });
  whatsapp.hook = asset.hook_url;
  await box.must('PUT', `/services/${world.service}/assets/${asset.id}`);
  await world.addRule(
    { event: 'message.received', asset_id: asset.id },
    { type: 'forward_to_bot_and_desk', bot_id: world.bot.id, desk_id: world.desk.id },
  );
  return { world, whatsapp, asset };
}

let customers = 0;
const newPhone = (): string => `1555${String(Date.now()).slice(-6)}${String(++customers).padStart(3, '0')}`;

/** What a bot was told of its messages' fate, in order, without repeated tries. */
const fates = (world: World, phone: string, messageId: string): string[] =>
  world.bot
    .told(phone)
    .filter((post) => post.body.Event === 'Message Delivery' && post.body.Messageid === messageId)
    .map((post) => post.body.DeliveryStatus as string);

describe('A customer on WhatsApp', () => {
  const place = sharedBox();
  let world: World;
  let whatsapp: Whatsapp;
  let asset: Loose;
  beforeAll(async () => {
    const own = await place.world({ rule: 'none' });
    ({ world, whatsapp, asset } = await openNumber(place.box, own));
  });
  afterAll(() => whatsapp?.down());

  /** says hello, and is answered */
  async function meet(
    phone: string,
    reply = 'How can I help?',
  ): Promise<{ conversation: string; sent: Sent; messageId: string }> {
    expect((await whatsapp.says(phone, 'hello')).status).toBe(200);
    const post = await until('the bot hears it', () => world.bot.heard(phone)[0]);
    const conversation: string = post.body.Conversationid;
    const messageId = await world.replies(conversation, reply);
    const sent = await until('the customer gets the answer', () => whatsapp.sent(phone)[0]);
    return { conversation, sent, messageId };
  }

  it('is set up at Meta by one request: whose number, subscribed, the callback proved and taken', async () => {
    const { verified, checks } = await place.box.must('POST', `/assets/${asset.id}/verification`, {});
    expect([verified, checks.map((check: Loose) => [check.name, check.ok])]).toEqual([
      true,
      [
        ['credentials', true],
        ['subscription', true],
        ['webhook', true],
        ['fields', true],
      ],
    ]);
    expect(whatsapp.callback).toEqual({ override_callback_uri: asset.hook_url, verify_token: whatsapp.verifyToken });
    const shown = JSON.stringify(await place.box.must('GET', `/assets/${asset.id}`));
    for (const secret of [whatsapp.token, whatsapp.appSecret]) expect(shown).not.toContain(secret);
  });

  it('is heard by the bot on channel WHATSAPP, and is answered once, under our message id', async () => {
    const phone = newPhone();
    const { sent, messageId } = await meet(phone);
    const [heard] = world.bot.heard(phone);
    expect(heard!.body).toMatchObject({
      Channel: 'WHATSAPP',
      Event: 'Incoming message',
      ConversationType: 'BOT',
      Message: 'hello',
      MessageType: 'text',
    });
    expect(sent.body).toEqual({
      messaging_product: 'whatsapp',
      recipient_type: 'individual',
      to: phone,
      type: 'text',
      text: { body: 'How can I help?', preview_url: false },
      biz_opaque_callback_data: messageId,
    });
  });

  it('has each status told to the bot once, and never backwards, in whatever order Meta tells them', async () => {
    const phone = newPhone();
    const { sent, messageId } = await meet(phone);
    const tell = (...statuses: string[]) =>
      whatsapp.post(whatsapp.callbackOf({ statuses: statuses.map((status) => whatsapp.status(sent, status)) }));
    for (const statuses of [['sent'], ['delivered'], ['delivered', 'sent'], ['read'], ['delivered', 'read', 'sent']]) {
      expect((await tell(...statuses)).status).toBe(200);
    }
    await until('read is told', () => fates(world, phone, messageId).includes('Read'));
    await calm();
    expect(fates(world, phone, messageId)).toEqual(['Delivered', 'Read']);

    const quick = newPhone();
    const second = await meet(quick);
    await whatsapp.post(
      whatsapp.callbackOf({
        statuses: ['read', 'delivered', 'sent'].map((status) => whatsapp.status(second.sent, status)),
      }),
    );
    await until('read is told', () => fates(world, quick, second.messageId).includes('Read'));
    await calm();
    expect(fates(world, quick, second.messageId)).toEqual(['Read']);
  });

  it('has a status told also when Meta names the message by its own id alone', async () => {
    const phone = newPhone();
    const { sent, messageId } = await meet(phone);
    const status = { ...whatsapp.status(sent, 'delivered'), biz_opaque_callback_data: undefined };
    expect((await whatsapp.post(whatsapp.callbackOf({ statuses: [status] }))).status).toBe(200);
    await until('delivered is told', () => fates(world, phone, messageId).includes('Delivered'));
  });

  it('that a message cannot reach later is told to the bot with the reason', async () => {
    const phone = newPhone();
    const { sent, messageId } = await meet(phone);
    const errors = [
      { code: 131026, title: 'Message undeliverable', error_data: { details: 'Message Undeliverable.' } },
    ];
    await whatsapp.post(whatsapp.callbackOf({ statuses: [whatsapp.status(sent, 'failed', { errors })] }));
    await until('failed is told', () => fates(world, phone, messageId).includes('Failed'));
    const told = world.bot.told(phone).find((post) => post.body.DeliveryStatus === 'Failed');
    expect(told!.body.Description).toContain('131026');
    expect(told!.body.Description).toContain('cannot be delivered to this customer');
  });

  it('that Meta refuses at once is told the same way, and not tried again', async () => {
    const phone = newPhone();
    const { conversation } = await meet(phone);
    whatsapp.instead.push(graphError(131047, 'Re-engagement message'));
    const messageId = await world.replies(conversation, 'too late');
    await until('failed is told', () => fates(world, phone, messageId).includes('Failed'));
    const told = world.bot.told(phone).find((post) => post.body.DeliveryStatus === 'Failed');
    expect(told!.body.Description).toContain('24 hours');
    expect(whatsapp.texts(phone)).toEqual(['How can I help?']);
  });

  it('taps a button that the bot sent', async () => {
    const phone = newPhone();
    const { conversation } = await meet(phone);
    await world.replies(conversation, 'Which?', {
      quick_replies: [{ title: 'Red', payload: 'COLOUR_RED' }, { title: 'Blue' }],
    });
    const sent = await until('the buttons arrive', () => whatsapp.sent(phone)[1]);
    const { reply } = sent.body.interactive.action.buttons[0];
    const interactive = { type: 'button_reply', button_reply: reply };
    await whatsapp.post(
      whatsapp.callbackOf({
        messages: [whatsapp.message(phone, { type: 'interactive', interactive, context: { id: sent.id } })],
      }),
    );
    const post = await until('the bot hears it', () =>
      world.bot.heard(phone).find((each) => each.body.Event === 'POSTBACK'),
    );
    expect(post.body).toMatchObject({ PostbackPayload: 'COLOUR_RED', Channel: 'WHATSAPP' });
    expect(whatsapp.faults).toEqual([]);
  });

  it('goes from the bot to an agent and back, each with the receipts of their own words', async () => {
    const phone = newPhone();
    const { conversation, sent, messageId } = await meet(phone);
    const handed = await world.bot.handOver(conversation);
    expect(handed.status).toBe(202);
    const desk: string = handed.body.desk_conversation_id;
    await until('the desk is offered it', () => world.desk.offers(phone)[0]);
    expect((await world.desk.accept(desk)).status).toBe(202);
    await whatsapp.says(phone, 'is there a human?');
    await until('the desk hears it', () => world.desk.told(desk, 'message.received')[0]);
    const said = await world.desk.say(desk, 'Yes, here I am.');
    const word = await until('the customer gets it', () => whatsapp.sent(phone)[1]);
    expect(word.body).toMatchObject({
      text: { body: 'Yes, here I am.' },
      biz_opaque_callback_data: said.body.message_id,
    });
    await whatsapp.post(
      whatsapp.callbackOf({ statuses: [whatsapp.status(word, 'read'), whatsapp.status(sent, 'read')] }),
    );
    const receipt = await until('the desk is told', () => world.desk.told(desk, 'message.receipt')[0]);
    expect(receipt.body.data).toMatchObject({ message_id: said.body.message_id, status: 'read' });
    await until('the bot is told of its own', () => fates(world, phone, messageId).includes('Read'));
    expect((await world.desk.finish(desk)).status).toBe(202);
    await whatsapp.says(phone, 'thank you');
    const back = await until('the bot has it again', () =>
      world.bot.heard(phone).find((post) => post.body.Message === 'thank you'),
    );
    expect(back.body).toMatchObject({ ConversationType: 'BOT', Conversationid: conversation });
    await world.replies(conversation, 'You are welcome.');
    await until('the customer gets it', () => whatsapp.texts(phone).includes('You are welcome.'));
    expect(whatsapp.texts(phone)).toEqual(['How can I help?', 'Yes, here I am.', 'You are welcome.']);
    expect(whatsapp.faults).toEqual([]);
  });

  it('shows that it was seen once the bot has it', async () => {
    const phone = newPhone();
    const message = whatsapp.message(phone, { type: 'text', text: { body: 'hello' } });
    await whatsapp.post(whatsapp.callbackOf({ messages: [message] }));
    const mark = await until('it is marked as read', () =>
      whatsapp.marks.find((each) => each.message_id === message.id),
    );
    expect(mark).toEqual({ messaging_product: 'whatsapp', status: 'read', message_id: message.id });
  });

  it('sends a picture, which the bot fetches from us and never from Meta', async () => {
    const phone = newPhone();
    whatsapp.files.set('700000000000005', { type: 'image/png', bytes: PIXEL });
    const image = { id: '700000000000005', mime_type: 'image/png', sha256: '', caption: 'look' };
    await whatsapp.post(whatsapp.callbackOf({ messages: [whatsapp.message(phone, { type: 'image', image })] }));
    const { body } = await until('the bot hears it', () => world.bot.heard(phone)[0]);
    expect(body).toMatchObject({ Message: 'look', MessageType: 'image' });
    expect(body.Media.startsWith(place.box.base)).toBe(true);
    const file = await until('the file is there', async () => {
      const answer = await fetch(body.Media);
      return answer.status === 200 && Buffer.from(await answer.arrayBuffer());
    });
    expect(file.equals(PIXEL)).toBe(true);
    expect(JSON.stringify(world.bot.told(phone).map((post) => post.body))).not.toContain(whatsapp.url);
  });

  it('stays one customer when only a business-scoped id is left of them, and when the number changes', async () => {
    const [phone, other, bsuid] = [newPhone(), newPhone(), `DE.${newPhone()}`];
    const contacts = [{ profile: { name: 'Customer' }, wa_id: phone, user_id: bsuid }];
    const text = (from: Loose, body: string) => ({
      ...whatsapp.message('', { type: 'text', text: { body } }),
      from: undefined,
      ...from,
    });
    await whatsapp.post(
      whatsapp.callbackOf({ contacts, messages: [text({ from: phone, from_user_id: bsuid }, 'one')] }),
    );
    const post = await until('the bot hears it', () => world.bot.heard(phone)[0]);
    const conversation: string = post.body.Conversationid;
    const heard = () =>
      world.bot.posts.filter(
        (each) => each.body?.Conversationid === conversation && each.body.Event === 'Incoming message',
      );

    const unnamed = [{ profile: { username: 'one' }, user_id: bsuid }];
    await whatsapp.post(whatsapp.callbackOf({ contacts: unnamed, messages: [text({ from_user_id: bsuid }, 'two')] }));
    await until('the bot hears it in the same conversation', () => heard().some(({ body }) => body.Message === 'two'));
    await world.replies(conversation, 'to the id');
    await until('it goes to the id', () => whatsapp.texts(bsuid).includes('to the id'));
    expect(whatsapp.sent(bsuid)[0]!.body).toMatchObject({ recipient: bsuid });

    const system = { body: 'changed', wa_id: other, type: 'user_changed_number' };
    await whatsapp.post(whatsapp.callbackOf({ messages: [whatsapp.message(phone, { type: 'system', system })] }));
    await world.replies(conversation, 'to the new number');
    await until('it goes to the new number', () => whatsapp.texts(other).includes('to the new number'));
    await whatsapp.says(other, 'three');
    await until('the bot hears it in the same conversation', () =>
      heard().some(({ body }) => body.Message === 'three'),
    );
    expect(whatsapp.faults).toEqual([]);
  });

  it('is answered by a human in the WhatsApp Business app: the bot has to wait, and gets the line back by the timer', async () => {
    const phone = newPhone();
    const { conversation } = await meet(phone);
    const echo = { ...whatsapp.message('15550109999', { type: 'text', text: { body: 'I do it myself.' } }), to: phone };
    await whatsapp.post(whatsapp.callbackOf({ message_echoes: [echo] }, 'smb_message_echoes'));
    const copy = await until('the bot is told', () =>
      world.bot.told(phone).find(({ body }) => body.Event === 'Agent response'),
    );
    expect(copy.body).toMatchObject({ Message: 'I do it myself.', ConversationType: 'CCSP' });
    const refused = await world.bot.say(conversation, 'may I?');
    expect([refused.status, refused.body.code]).toEqual([409, 'not_holder']);
    await whatsapp.post(whatsapp.callbackOf({ message_echoes: [echo] }, 'smb_message_echoes'));
    await place.box.advance(31 * 60_000);
    await until(
      'the bot has the line',
      async () => (await world.bot.say(conversation, 'Anything else?')).status === 202,
    );
    await until('the customer gets it', () => whatsapp.texts(phone).includes('Anything else?'));
    expect(world.bot.told(phone).filter(({ body }) => body.Event === 'Agent response')).toHaveLength(1);
  });

  it('is taken by another app on the number, and given back, when Meta says so', async () => {
    const phone = newPhone();
    const { conversation } = await meet(phone);
    const handover = async (type: string): Promise<void> => {
      const value = {
        sender: { phone_number: phone },
        recipient: { phone_number_id: whatsapp.numberId },
        type,
        timestamp: String(Math.floor(place.box.now() / 1000)),
        [type]: { previous_owner_role: 'customer_service', new_owner_role: 'escalation' },
      };
      expect(
        (await whatsapp.post(whatsapp.callbackOf({ metadata: undefined, ...value }, 'messaging_handovers'))).status,
      ).toBe(200);
    };
    await handover('control_taken');
    expect((await world.bot.say(conversation, 'may I?')).status).toBe(409);
    await place.box.advance(1_000);
    await handover('control_passed');
    await until('the bot has the line', async () => (await world.bot.say(conversation, 'I am back.')).status === 202);
    await until('the customer gets it', () => whatsapp.texts(phone).includes('I am back.'));
    expect(whatsapp.texts(phone)).not.toContain('may I?');
  });

  it('is not somebody whose callback is not signed, or is signed over other bytes', async () => {
    const phone = newPhone();
    const body = whatsapp.callbackOf({
      messages: [whatsapp.message(phone, { type: 'text', text: { body: 'let me in' } })],
    });
    for (const headers of [{}, { 'x-hub-signature-256': '' }, { 'x-hub-signature-256': `sha256=${'0'.repeat(64)}` }]) {
      expect((await whatsapp.post(body, headers as Record<string, string>)).status).toBe(401);
    }
    await calm();
    expect(world.bot.told(phone)).toEqual([]);
  });

  it('may come in a callback as large as Meta makes them: up to three megabytes', async () => {
    const phone = newPhone();
    const filler = whatsapp.status({ id: 'wamid.none', to: phone, body: {} }, 'sent', {
      filler: 'x'.repeat(2_500_000),
    });
    const messages = [whatsapp.message(phone, { type: 'text', text: { body: 'among many' } })];
    expect((await whatsapp.post(whatsapp.callbackOf({ statuses: [filler], messages }))).status).toBe(200);
    await until('the bot hears it', () => world.bot.words(phone).includes('among many'));
  });

  it('is never asked for by a GET that is no handshake of Meta', async () => {
    const query = (token: string) =>
      `${whatsapp.hook}?${new URLSearchParams({ 'hub.mode': 'subscribe', 'hub.verify_token': token, 'hub.challenge': '42' })}`;
    const right = await call('GET', query(whatsapp.verifyToken));
    expect([right.status, right.text]).toEqual([200, '42']);
    expect((await call('GET', query('guess'))).status).toBe(403);
    expect((await call('GET', whatsapp.hook)).status).toBe(404);
  });
});

describe('Through redelivery and kill -9', () => {
  const CUSTOMERS = 6;
  const MESSAGES = 10;
  const KILLS = 3;
  let box: Box;
  let world: World;
  let whatsapp: Whatsapp;
  const said = new Map<string, string[]>();
  const failures: string[] = [];

  /** Repeats until the program took it: what Meta does for seven days. */
  async function insist(once: () => Promise<Answer>): Promise<Answer> {
    const deadline = Date.now() + 120_000;
    for (;;) {
      const answer = await once().catch(() => undefined);
      if (answer !== undefined && answer.status < 500) return answer;
      if (Date.now() > deadline) throw new Error('never taken');
      await sleep(30);
    }
  }

  function answering(post: Post): void {
    const { Messageid, Message, Conversationid } = post.body;
    const reply = () => world.bot.say(Conversationid, `re: ${Message}`, { messageid: `reply-to-${Messageid}` });
    void insist(reply).then(
      (answer) => answer.status === 202 || failures.push(`${Message}: ${answer.status} ${answer.text}`),
      (error) => failures.push(String(error)),
    );
  }

  const shuffled = <T>(list: T[]): T[] =>
    list
      .map((value) => ({ value, at: Math.random() }))
      .sort((a, b) => a.at - b.at)
      .map(({ value }) => value);

  /** Each body one to five times, in any order, a few at once, until each was taken each time. */
  async function deliver(bodies: Loose[]): Promise<void> {
    const all = shuffled(
      bodies.flatMap((body) => Array.from({ length: 1 + Math.floor(Math.random() * 5) }, () => body)),
    );
    const next = async (): Promise<void> => {
      for (let body = all.pop(); body !== undefined; body = all.pop()) {
        const one = body;
        const answer = await insist(() => whatsapp.post(one));
        if (answer.status !== 200) failures.push(`a callback: ${answer.status} ${answer.text}`);
        await sleep(Math.random() * 20);
      }
    };
    await Promise.all(Array.from({ length: CUSTOMERS }, next));
  }

  beforeAll(async () => {
    box = await startBox();
    world = await makeWorld(box, { rule: 'none', bot: { max_per_minute: 10_000 } });
    ({ whatsapp } = await openNumber(box, world));
    const answered = new Set<string>();
    world.bot.reply = (post) => {
      const id = post.body.Messageid as string;
      if (post.body.Event === 'Incoming message' && !answered.has(id)) {
        answered.add(id);
        setImmediate(() => answering(post));
      }
      return world.bot.ok();
    };
    const bodies: Loose[] = [];
    for (let customer = 0; customer < CUSTOMERS; customer++) {
      const phone = newPhone();
      const texts = Array.from({ length: MESSAGES }, (_, index) => `${phone} #${index + 1} – grüße`);
      said.set(phone, texts);
      bodies.push(
        ...texts.map((body) =>
          whatsapp.callbackOf({ messages: [whatsapp.message(phone, { type: 'text', text: { body } })] }),
        ),
      );
    }
    const delivering = deliver(bodies);
    for (let kill = 0; kill < KILLS; kill++) {
      await sleep(300 + Math.random() * 500);
      await box.kill9();
      await box.start();
    }
    await delivering;
  });
  afterAll(async () => {
    await Promise.all([world?.close(), whatsapp?.down()]);
    await box?.close();
  });

  it('every message reaches the bot once, under one id', async () => {
    for (const [phone, texts] of said) {
      await until(`${phone} is heard`, () => world.bot.heard(phone).length >= texts.length);
      expect([...world.bot.words(phone)].sort()).toEqual([...texts].sort());
      const ids = world.bot
        .told(phone)
        .filter((post) => post.body.Event === 'Incoming message')
        .map((post) => post.body.Messageid);
      expect(new Set(ids).size).toBe(texts.length);
    }
    expect(failures).toEqual([]);
  });

  // Meta takes no idempotency key, so whether it took what was on its way when the process died, nobody can know: that one
  // is held for a person to decide.
  it('every customer gets every answer once, and what a kill -9 met on its way is held', async () => {
    const held = async (): Promise<Loose[]> => (await box.must('GET', '/deliveries?status=held&limit=100')).data;
    const arrived = () => [...said.keys()].reduce((sum, phone) => sum + whatsapp.texts(phone).length, 0);
    const answers = CUSTOMERS * MESSAGES;
    await until('each answer arrived or is held', async () => arrived() + (await held()).length >= answers);
    await calm();
    const doubtful = new Set<string>();
    for (const { message_id, thread_id } of await held()) {
      const { data } = await box.must('GET', `/threads/${thread_id}/timeline?limit=100`);
      doubtful.add(data.find((each: Loose) => each.message?.id === message_id).message.text);
    }
    expect(doubtful.size).toBeLessThanOrEqual(KILLS * CUSTOMERS);
    for (const [phone, texts] of said) {
      const got = whatsapp.texts(phone);
      expect(new Set(got).size).toBe(got.length);
      const lacking = texts.map((text) => `re: ${text}`).filter((text) => !got.includes(text));
      expect(lacking.filter((text) => !doubtful.has(text))).toEqual([]);
    }
    expect(whatsapp.faults).toEqual([]);
  });

  it('each status is told to the bot once, however often and in whatever order Meta repeats it', async () => {
    const bodies = whatsapp.accepted.flatMap((sent) =>
      ['sent', 'delivered', 'read'].map((status) => whatsapp.callbackOf({ statuses: [whatsapp.status(sent, status)] })),
    );
    await deliver(bodies);
    for (const { to, body } of whatsapp.accepted) {
      const id: string = body.biz_opaque_callback_data;
      await until(`${id} is read`, () => fates(world, to, id).includes('Read'));
    }
    await calm();
    for (const { to, body } of whatsapp.accepted) {
      const told = fates(world, to, body.biz_opaque_callback_data);
      expect([['Read'], ['Delivered', 'Read']]).toContainEqual(told);
    }
    expect(failures).toEqual([]);
  });
});
