// A small world with one call: a service with an asset, a bot, a desk and a rule, each with its fake party behind it.
// Not here: what is expected of it. The one thing to know: everything is made through the management API, as a user
// would; worlds share a box and never each other's customers.
import { randomBytes } from 'node:crypto';
import { type Bot, startBot } from './bot.ts';
import type { Box } from './box.ts';
import { type Loose, until } from './call.ts';
import { type Channel, startChannel } from './channel.ts';
import { AGENT, type Desk, startDesk } from './desk.ts';

type Settings = Record<string, unknown>;
export type Wish = {
  /** what happens to a customer's message; `none`: no rule */
  rule?: 'bot' | 'bot_and_desk' | 'desk' | 'none';
  bot?: Settings;
  desk?: Settings;
  fallback?: { on: string[]; holding_text?: string };
  /** leaves the bot as it is made: not verified */
  unverified?: boolean;
  platform?: 'other' | 'imi';
};

/** A customer with an open line: the bot has met them. */
export type Line = { address: string; conversation: string; thread: string };
/** The same, and an agent has accepted. */
export type DeskLine = Line & { deskConversation: string };

export type World = {
  box: Box;
  service: string;
  rule: string;
  channel: Channel;
  bot: Bot;
  desk: Desk;
  /** an address nobody has used */
  newcomer(): string;
  /** a customer speaks; it must be taken */
  says(address: string, text: string): Promise<void>;
  /** the bot says; it must be taken. Gives the message's id */
  replies(conversation: string, text: string, more?: Loose): Promise<string>;
  meet(answer?: string): Promise<Line>;
  /** a line that was handed over and is offered to the desk; without the bot's answer the desk is owed `hello` too */
  offered(answer?: string): Promise<DeskLine>;
  accepted(answer?: string): Promise<DeskLine>;
  thread(id: string): Promise<Loose>;
  holder(thread: string): Promise<{ type: string; id: string | null }>;
  /** newest first */
  deliveries(query: string): Promise<Loose[]>;
  delivery(id: string): Promise<Loose>;
  /** the newest delivery to a target that carries a message, with its attempts, once it satisfies */
  deliveryOf(target: string, conversation: string, when: (delivery: Loose) => boolean): Promise<Loose>;
  botStatus(): Promise<string>;
  verifyBot(): Promise<Loose>;
  addRule(trigger: Loose, action: Loose, more?: Loose): Promise<string>;
  addBot(settings?: Settings): Promise<Bot>;
  addDesk(settings?: Settings): Promise<Desk>;
  close(): Promise<void>;
};

const token = (): string => randomBytes(18).toString('base64url');
let worlds = 0;

export async function makeBot(box: Box, wish: { settings?: Settings; platform?: string } = {}): Promise<Bot> {
  const bot = await startBot();
  const secret = token();
  const platform = wish.platform ?? 'other';
  const credential = platform === 'imi' ? { access_token: secret } : { verification_token: secret };
  const body = { name: `bot ${token()}`, platform, url: `${bot.url}/in`, ...credential, ...wish.settings };
  const made = await box.must('POST', '/bots', body);
  bot.adopt(made, platform === 'imi' ? '' : secret, box.now);
  return bot;
}

export async function makeDesk(box: Box, settings: Settings = {}): Promise<Desk> {
  const desk = await startDesk();
  const body = { name: `desk ${token()}`, kind: 'webhook', url: `${desk.url}/in`, ...settings };
  desk.adopt(await box.must('POST', '/desks', body), box.now);
  await verified(box, 'desks', desk.id);
  return desk;
}

export async function verified(box: Box, kind: 'bots' | 'desks', id: string): Promise<void> {
  const result = await box.must('POST', `/${kind}/${id}/verification`, {});
  if (result.verified !== true) throw new Error(`${id} could not be verified: ${JSON.stringify(result)}`);
}

export async function makeChannel(box: Box, more: Loose = {}): Promise<Channel> {
  const channel = await startChannel();
  const config = { url: `${channel.url}/out` };
  const asset = await box.must('POST', '/assets', { name: `asset ${token()}`, channel: 'http', config, ...more });
  channel.adopt(asset, box.now);
  return channel;
}

function actionOf(wish: Wish, bot: Bot, desk: Desk): Loose {
  const fallback = wish.fallback ? { fallback: { desk_id: desk.id, ...wish.fallback } } : {};
  if (wish.rule === 'desk') return { type: 'forward_to_desk', desk_id: desk.id };
  if (wish.rule === 'bot') return { type: 'forward_to_bot', bot_id: bot.id, ...fallback };
  return { type: 'forward_to_bot_and_desk', bot_id: bot.id, desk_id: desk.id, ...fallback };
}

export async function makeWorld(box: Box, wish: Wish = {}): Promise<World> {
  const [channel, bot, desk] = await Promise.all([
    makeChannel(box),
    makeBot(box, { settings: wish.bot, platform: wish.platform }),
    makeDesk(box, wish.desk),
  ]);
  if (!wish.unverified) await verified(box, 'bots', bot.id);
  const service: string = (await box.must('POST', '/services', { name: `service ${token()}` })).id;
  for (const id of [bot.id, desk.id]) await box.must('PUT', `/services/${service}/integrations/${id}`);
  await box.must('PUT', `/services/${service}/assets/${channel.asset.id}`);

  const name = `c${++worlds}-${token().slice(0, 6)}`;
  let customers = 0;
  const parties = [channel, bot, desk];
  const world: World = {
    box,
    service,
    rule: '',
    channel,
    bot,
    desk,
    newcomer: () => `${name}-${++customers}`,
    says: async (address, text) => {
      const answer = await channel.says(address, text);
      if (answer.status !== 202)
        throw new Error(`the channel's message was not taken: ${answer.status} ${answer.text}`);
    },
    replies: async (conversation, text, more) => {
      const answer = await bot.say(conversation, text, more);
      if (answer.status !== 202) throw new Error(`the bot's message was not taken: ${answer.status} ${answer.text}`);
      return answer.body.message_id;
    },
    meet: async (answer) => {
      const address = world.newcomer();
      await world.says(address, 'hello');
      const post = await until('the bot hears the first message', () => bot.heard(address)[0]);
      const conversation: string = post.body.Conversationid;
      const thread: string = (await box.must('GET', `/conversations/${conversation}`)).thread_id;
      // The bot's acknowledgement is committed after its answer left: what follows must not race with it.
      await world.deliveryOf(bot.id, conversation, (delivery) => delivery.status === 'delivered');
      if (answer !== undefined) {
        await world.replies(conversation, answer);
        await until('the customer gets the answer', () => channel.texts(address).includes(answer));
      }
      return { address, conversation, thread };
    },
    offered: async (reply) => {
      const line = await world.meet(reply);
      const answer = await bot.handOver(line.conversation);
      if (answer.status !== 202) throw new Error(`the handover was not taken: ${answer.status} ${answer.text}`);
      await until('the desk is offered the conversation', () => desk.offers(line.address)[0]);
      return { ...line, deskConversation: answer.body.desk_conversation_id };
    },
    accepted: async (reply) => {
      const line = await world.offered(reply);
      const answer = await desk.accept(line.deskConversation);
      if (answer.status !== 202) throw new Error(`the acceptance was not taken: ${answer.status} ${answer.text}`);
      return line;
    },
    thread: (id) => box.must('GET', `/threads/${id}`),
    holder: async (thread) => {
      const { type, id } = (await world.thread(thread)).holder;
      return { type, id };
    },
    deliveries: async (query) => (await box.must('GET', `/deliveries?limit=100&${query}`)).data,
    delivery: (id) => box.must('GET', `/deliveries/${id}`),
    deliveryOf: (target, conversation, when) =>
      until(`a delivery to ${target} comes to what was expected`, async () => {
        const [newest] = await world.deliveries(`target=${target}&conversation_id=${conversation}`);
        const whole = newest && (await world.delivery(newest.id));
        return whole && when(whole) && whole;
      }),
    botStatus: async () => (await box.must('GET', `/bots/${bot.id}`)).status,
    verifyBot: () => box.must('POST', `/bots/${bot.id}/verification`, {}),
    addRule: async (trigger, action, more = {}) =>
      (await box.must('POST', `/services/${service}/rules`, { name: `rule ${token()}`, trigger, action, ...more })).id,
    addBot: async (settings) => {
      const more = await makeBot(box, { settings });
      parties.push(more);
      await verified(box, 'bots', more.id);
      await box.must('PUT', `/services/${service}/integrations/${more.id}`);
      return more;
    },
    addDesk: async (settings) => {
      const more = await makeDesk(box, settings);
      parties.push(more);
      await box.must('PUT', `/services/${service}/integrations/${more.id}`);
      return more;
    },
    close: async () => {
      await Promise.all(parties.map((party) => party.down()));
    },
  };
  if (wish.rule !== 'none') {
    const trigger = { event: 'message.received', asset_id: channel.asset.id };
    world.rule = await world.addRule(trigger, actionOf(wish, bot, desk));
  }
  return world;
}

export { AGENT };
