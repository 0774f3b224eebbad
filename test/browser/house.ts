// A house with something of everything in it: threads of each kind, deliveries in each status, an integration that
// failed, rules, replays, people, an audit. Not here: what is expected of the screens.
// The one thing to know: every word in it that strangers or colleagues may choose is given by the test.
import { join } from 'node:path';
import { DatabaseSync } from '@photostructure/sqlite';
import { type Loose, until } from '../parties/call.ts';
import type { World } from '../parties/world.ts';
import type { ConsolePlace } from './console.ts';
import { type Counter, goOnline, makeCounter } from './desk-place.ts';

/** What is called how; `address` must differ from customer to customer, and gets a number. */
export type Words = {
  customer: string;
  address: string;
  message: string;
  answer: string;
  note: string;
  reason: string;
  media: string;
  mediaType: string;
  button: string;
  attribute: string;
  /** the name of a bot, a desk, a rule, a service, an asset, a person or a key */
  name: (of: string) => string;
};

export type FullHouse = {
  /** every address of the console that shows something of it, by what it shows */
  paths: Record<string, string>;
};

const SIMULATED = 'sim-known';
export const SETTINGS_TABS = ['people', 'audit', 'backups', 'sources', 'about'] as const;

/** What stands in every house, empty or full. */
export const PLACES: Record<string, string> = {
  home: '/',
  inbox: '/inbox',
  conversations: '/threads',
  deliveries: '/deliveries',
  replays: '/replays',
  integrations: '/integrations',
  'add integration': '/integrations/new',
  services: '/services',
  assets: '/assets',
  simulator: '/simulator',
  developers: '/developers',
  you: '/settings',
  ...Object.fromEntries(SETTINGS_TABS.map((tab) => [tab, `/settings?tab=${tab}`])),
};

export async function furnish(place: ConsolePlace, words: Words): Promise<FullHouse> {
  const { box } = place;
  const counter = await makeCounter(place);
  await nameAll(place, counter, words);
  const agent = await place.person('agent');
  await box.must('PATCH', `/users/${agent.id}`, { name: words.name('agent') });
  const broken = await breakBot(place, words);
  const [dead, held] = await spoil(place, broken);
  const { page: seat } = await place.open('/inbox', { person: agent });
  await goOnline(seat);
  const told = await converse(counter, words);
  await box.must('POST', '/keys', { name: words.name('key'), role: 'viewer' });
  await box.must('POST', '/users', { name: words.name('guest'), email: 'guest@example.com', role: 'viewer' });
  await box.must('POST', '/backups', {});
  await box.must('POST', '/replays', { filter: { status: 'delivered', target: counter.bot.id } });
  const [rule] = (await box.must('GET', `/rules?service_id=${counter.service}`)).data;
  const paths: Record<string, string> = {
    ...PLACES,
    'waiting in the inbox': `/inbox?c=${told.waiting}`,
    'one conversation': `/threads/${told.thread}`,
    'a dead delivery': `/deliveries/${dead}`,
    'a held delivery': `/deliveries/${held}`,
    'dead deliveries, to be replayed': `/replays?status=dead&target=${broken.bot.id}`,
    'an inactive bot': `/integrations/${broken.bot.id}`,
    'a desk': `/integrations/${counter.desk.id}`,
    'one service': `/services/${counter.service}`,
    'one rule': `/services/${counter.service}?rule=${rule.id}`,
    'one asset': `/assets/${counter.channel.asset.id}`,
    'the simulated customer': `/simulator?asset=${counter.channel.asset.id}&as=${SIMULATED}&thread=${told.simulated}`,
  };
  return { paths };
}

async function nameAll({ box }: ConsolePlace, counter: Counter, words: Words): Promise<void> {
  const { bot, desk, deskId, channel, service } = counter;
  await box.must('PATCH', `/bots/${bot.id}`, { name: words.name('bot') });
  await box.must('PATCH', `/desks/${desk.id}`, { name: words.name('outer desk') });
  await box.must('PATCH', `/desks/${deskId}`, { name: words.name('desk') });
  await box.must('PATCH', `/assets/${channel.asset.id}`, { name: words.name('asset') });
  await box.must('PATCH', `/services/${service}`, { name: words.name('service') });
  const conditions = { all: [{ field: 'message.text', op: 'contains', value: words.message }] };
  const trigger = { event: 'message.received', asset_id: channel.asset.id };
  const says = { type: 'send_message', text: words.answer };
  await counter.addRule(trigger, says, { name: words.name('rule'), conditions, enabled: false });
  await counter.addRule(trigger, { type: 'forward_to_bot', bot_id: bot.id }, { name: words.name('shadowed rule') });
}

/** Four customers: with the bot, waiting at the desk, at the desk with all that a line can have, and simulated. */
async function converse(counter: Counter, words: Words) {
  const { box } = counter;
  const from = (address: string) => ({ from: { address, name: words.customer } });
  let count = 0;
  counter.newcomer = () => `${words.address}${++count}`;
  const met = await counter.meet(words.answer);
  await box.must('POST', `/conversations/${met.conversation}/notes`, { text: words.note });
  const waiting = await counter.waits(words.customer, words.message);
  const line = await counter.waits(words.customer, words.message);
  const media = [{ url: 'https://elsewhere.example/x.png', type: words.mediaType, name: words.media }];
  const message = { type: 'image', text: words.message, media };
  await counter.channel.says(line.address, '', { ...from(line.address), message });
  const quick_replies = [{ title: words.button, payload: words.button }];
  await counter.bot.say(met.conversation, words.answer, { quick_replies });
  await counter.bot.handOver(met.conversation, { reason: words.reason, customparam1: words.attribute });
  await box.must('POST', `/conversations/${line.conversation}/notes`, { text: words.note });
  const said = { type: 'message', message: { type: 'text', text: words.message } };
  const who = { asset_id: counter.channel.asset.id, address: SIMULATED, name: words.customer };
  const simulated: Loose = await box.must('POST', '/simulator/events', { ...who, event: said });
  return { waiting: waiting.deskConversation, thread: line.thread, simulated: simulated.thread_id };
}

/** A bot that answers 500 with words of its own, and so became inactive, with three customers who wait for it. */
async function breakBot(place: ConsolePlace, words: Words): Promise<World> {
  const bot = { name: words.name('broken bot'), failure_threshold: 1, retry_spacing_s: [900], take_within_s: 86_400 };
  const world = await place.world({ rule: 'bot', bot });
  world.bot.reply = () => ({ status: 500, body: { error: words.answer } });
  for (let n = 0; n < 3; n++) await world.says(world.newcomer(), words.message);
  await until('the bot is inactive', async () => (await world.botStatus()) === 'inactive');
  return world;
}

/** Of the three that wait one is dead and one held: what only time and odd channels bring about is put on the disk. */
async function spoil({ box }: ConsolePlace, broken: World): Promise<[string, string]> {
  await box.stop();
  const disk = new DatabaseSync(join(box.data, 'signalbox.db'));
  const rows = disk.prepare("SELECT id FROM deliveries WHERE target_id = ? AND kind = 'message'").all(broken.bot.id);
  const [dead, held] = rows.map((row) => (row as { id: string }).id);
  if (dead === undefined || held === undefined) throw new Error('nothing waits for the inactive bot');
  const settle = disk.prepare('UPDATE deliveries SET status = ?, not_before = 0 WHERE id = ?');
  settle.run('dead', dead);
  settle.run('held', held);
  disk.close();
  await box.start();
  return [dead, held];
}
