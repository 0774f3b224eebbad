// The doors behind which strangers' words are read, with the right secret of each: hooks of all channels, of a bot and of a
// desk, the web chat's and Direct Line's. What is said there is a good sample made hostile (bend.ts).
// Not here: who else may knock (access.ts), people who sign in (fuzz-person.ts). The one thing to know: each knock comes from
// another address, and a conversation that is over is replaced, so that no door shuts by having been knocked at.
import { proofOf, REAL } from '../../src/channels/fixtures/proof.ts';
import { signatureOf } from '../../src/channels/sms/fixtures/signed.ts';
import type { Box } from '../parties/box.ts';
import { type Answer, call, type Loose, sleep } from '../parties/call.ts';
import { type Listener, listen } from '../parties/listener.ts';
import type { World } from '../parties/world.ts';
import type { Bender, Form } from './bend.ts';
import { Pool } from './fuzz-pool.ts';
import { FORM_TYPE, FORMS } from './parsers-plain.ts';
import { jsonOf, recorded } from './parsers-reader.ts';

export type Headers = Record<string, string>;
/** Where somebody may knock now. `put`: a good sample as it must be there; `seen`: what was answered, which may end it. */
type Place = { url: string; headers(body: Buffer): Headers; put?(sample: string): string; seen?(answer: Answer): void };
export type Door = {
  name: string;
  form: Form;
  samples: readonly Buffer[];
  /** the share of its turns that it lets pass, where each costs the disk much */
  passes?: number;
  place(bender: Bender): Promise<Place>;
};
export type Knock = { url: string; headers: Headers; body: Buffer; seen(answer: Answer): void };

const AT_ONCE = 6;
const JSON_TYPE = { 'content-type': 'application/json' };
const bearer =
  (secret: string, type = JSON_TYPE['content-type']) =>
  (): Headers => ({ authorization: `Bearer ${secret}`, 'content-type': type });
const always = (place: Place) => () => Promise.resolve(place);

/** Nothing said in this conversation is taken any more. */
const OVER = /^(conversation_closed|not_holder|too_many_messages|conflict)$/;
const CONVERSATION = /conv_[0-9a-z]{26}/g;

/** Of a party whose hook takes words about conversations: always about one that is open, and the party's. */
function inLines(door: Omit<Door, 'place'>, hook: Place, begin: () => Promise<string>): Door {
  const open = new Pool(begin, AT_ONCE);
  return {
    ...door,
    async place(bender) {
      const conversation = await open.one((from) => bender.pick(from));
      return {
        ...hook,
        put: (sample) => sample.replace(CONVERSATION, conversation),
        seen: ({ body }) => (OVER.test(body?.code) ? open.over(conversation) : undefined),
      };
    },
  };
}

export type Doors = { doors: Door[]; close(): Promise<void> };

export async function doorsOf(box: Box, world: World): Promise<Doors> {
  const { channel, bot, desk } = world;
  // Whatever a provider is asked for, this one knows nothing: no test calls the real ones.
  const provider = await listen();
  provider.reply = () => ({ status: 200, body: { ok: true, result: {} } });
  const providers: Door[] = [];
  // One after the other: they all change the service.
  for (const { channel: name } of REAL) providers.push(await providerDoor(world, name, provider));
  const talk = { form: 'json' as const };
  return {
    doors: [
      {
        ...{ name: 'hook http', ...talk, samples: recorded('channels/http/fixtures', /^in-/) },
        place: always({
          url: `${box.base}/hooks/channels/${channel.asset.id}`,
          headers: bearer(channel.asset.secret),
        }),
      },
      inLines(
        {
          name: 'hook bot',
          ...talk,
          samples: recorded('bots/fixtures', /^(reply|close|handover\.|bot-typing|milestone)/),
        },
        { url: bot.hookUrl, headers: () => JSON_TYPE },
        async () => (await world.meet()).conversation,
      ),
      inLines(
        { name: 'hook desk', ...talk, samples: recorded('desks/webhook/fixtures', /^said-/) },
        { url: desk.made.hook_url, headers: bearer(desk.made.secret) },
        async () => (await world.accepted('hello')).deskConversation,
      ),
      ...providers,
      ...(await webChat(world)),
    ],
    close: () => provider.down(),
  };
}

/** An asset whose words the world's bot gets. */
async function assetOf({ box, service, bot, addRule }: World, channel: string, config: Loose): Promise<Loose> {
  const asset = await box.must('POST', '/assets', { name: `fuzz ${channel}`, channel, config });
  await box.must('PUT', `/services/${service}/assets/${asset.id}`);
  await addRule({ event: 'message.received', asset_id: asset.id }, { type: 'forward_to_bot', bot_id: bot.id });
  return asset;
}

async function providerDoor(world: World, channel: string, { url: fake }: Listener): Promise<Door> {
  const { config, signed, samples } = await proofOf(channel);
  const here = { ...config, api_url: fake, ...(channel === 'line' ? { data_url: fake } : {}) };
  const { id } = await assetOf(world, channel, here);
  const url = `${world.box.base}/hooks/channels/${id}`;
  const headers = (body: Buffer): Headers =>
    channel === 'sms'
      ? { ...signed(body).headers, 'x-twilio-signature': signatureOf(url, body) }
      : signed(body).headers;
  return {
    ...{ name: `hook ${channel}`, form: channel === 'sms' ? 'form' : 'json', samples: samples.map(({ body }) => body) },
    place: always({ url, headers }),
  };
}

type Customer = { token: string; directLine: string; conversation: string };

/** Customers of the widget, and of Direct Line on the same asset. */
async function webChat(world: World): Promise<Door[]> {
  const asset = await assetOf(world, 'webchat', {});
  const [base, line] = [`${world.box.base}/webchat/${asset.id}`, `${world.box.base}/v3/directline/conversations`];
  let made = 0;
  const customers = new Pool<Customer>(async () => {
    made += 1;
    const from = { 'x-forwarded-for': `10.9.${made % 256}.${(made >> 8) % 256}` };
    const session = await must(`${base}/sessions`, { name: 'Ada' }, from);
    const server = { ...bearer(asset.direct_line_secret)(), ...from };
    const begun = await must(line, { user: { id: `dl_${made}` } }, server);
    return { token: session.token, directLine: begun.token, conversation: begun.conversationId };
  }, AT_ONCE);
  const door = (
    name: string,
    form: Form,
    samples: readonly Buffer[],
    at: (who: Customer) => Pick<Place, 'url' | 'headers'>,
  ): Door => ({
    ...{ name, form, samples },
    async place(bender) {
      const who = await customers.one((from) => bender.pick(from));
      // One customer may say only so much in a minute.
      return { ...at(who), seen: ({ status }) => (status === 429 || status === 403 ? customers.over(who) : undefined) };
    },
  });
  const ofWidget = (name: string, samples: readonly Buffer[]): Door =>
    door(`web chat ${name}`, 'json', samples, ({ token }) => ({ url: `${base}/${name}`, headers: bearer(token) }));
  const ofDirectLine = (name: string, form: Form, samples: readonly Buffer[], path: string, type?: string): Door =>
    door(`Direct Line ${name}`, form, samples, ({ directLine, conversation }) => ({
      url: `${line}/${conversation}/${path}`,
      headers: bearer(directLine, type),
    }));
  // Nobody has the file that the recorded ones name: without it they are taken.
  const recordedPosts: Loose[] = JSON.parse(String(recorded('channels/webchat/fixtures', /^posted-messages/)[0]));
  const withoutFiles = recordedPosts.filter(({ media }) => media === undefined);
  const posted = [recordedPosts, withoutFiles, withoutFiles.slice(0, 1)].map(jsonOf);
  const token = { token: 'wct_a.b', identity: { id: 'u', hmac: 'a' } };
  return [
    {
      ...{ name: 'web chat sessions', form: 'json', samples: [jsonOf({ name: 'Ada' }), jsonOf(token)] },
      place: always({ url: `${base}/sessions`, headers: () => JSON_TYPE }),
    },
    ofWidget('messages', posted),
    ofWidget('receipts', [jsonOf({ message_ids: ['msg_01jz0000000000000000000001'], status: 'read' })]),
    ofWidget('typing', [jsonOf({ on: true })]),
    ofDirectLine('activities', 'json', recorded('channels/webchat/fixtures', /^direct-line-message/), 'activities'),
    { ...ofDirectLine('upload', 'bytes', FORMS, 'upload?userId=dl_u', FORM_TYPE), passes: 0.75 },
    {
      ...{ name: 'Direct Line tokens', form: 'json', samples: [jsonOf({ user: { id: 'dl_a', name: 'Ada' } })] },
      place: always({
        url: `${world.box.base}/v3/directline/tokens/generate`,
        headers: bearer(asset.direct_line_secret),
      }),
    },
  ];
}

/** A server may begin only so many conversations in a minute: it comes again when it is told to, so many times. */
const COMES_AGAIN = 60;

async function must(url: string, body: unknown, headers: Headers, times = COMES_AGAIN): Promise<Loose> {
  const answer = await call('POST', url, { body, headers });
  if (answer.status === 429 && times > 0) {
    await sleep(1000 * Number(answer.headers['retry-after'] ?? 1));
    return must(url, body, headers, times - 1);
  }
  if (answer.status >= 300) throw new Error(`POST ${url} → ${answer.status} ${answer.text}`);
  return answer.body;
}

/** What a sender calls its word: with the same name twice, the second says nothing. */
const OWN_NAMES: readonly [RegExp, (n: number) => string][] = [
  [/("update_id": *)\d+/g, (n) => `${n}`],
  [/("(?:mid|webhookEventId)": *"|"id": *"(?:wamid\.|m-|p-|reply-|0198c2a4-))[^"]*/g, (n) => `${n}`],
  [/(MessageSid=SM|SmsSid=SM)[0-9a-f]{9}/g, (n) => `${n}`.padStart(9, '0')],
];
const NAMES_MAX = 1e9;

function renamed(sample: string, n: number): string {
  return OWN_NAMES.reduce((text, [own, name]) => text.replace(own, (_, before: string) => before + name(n)), sample);
}

export const anyAddress = (bender: Bender): string => Array.from({ length: 4 }, () => 1 + bender.below(200)).join('.');

/** What is asked at a door, this once. */
export async function knock(door: Door, bender: Bender): Promise<Knock> {
  const { url, headers, put, seen } = await door.place(bender);
  const sample = bender.pick(door.samples);
  const good = door.form === 'bytes' ? sample : Buffer.from(renamed(sample.toString('utf8'), bender.below(NAMES_MAX)));
  const body = bender.bent(put === undefined ? good : Buffer.from(put(good.toString('utf8'))), door.form);
  const from = { 'x-forwarded-for': anyAddress(bender) };
  return { url, body, headers: { ...headers(body), ...from }, seen: seen ?? (() => undefined) };
}
