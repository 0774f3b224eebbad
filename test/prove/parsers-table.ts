// Every reader of what strangers write: good samples of it (recorded where there are any), how it is asked, and what must hold
// of what it takes.
// Not here: how the samples become hostile (bend.ts) and what holds of all (parsers.ts). The one thing to know: a row makes
// the request first and gives back the reading alone, which is what is timed; it may be done again.
import { readdirSync, readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { botOutcome } from '../../src/bots/answer.ts';
import { otherBot } from '../../src/bots/other/adapter.ts';
import { CHANNELS } from '../../src/channels/all.ts';
import { proofOf, REAL } from '../../src/channels/fixtures/proof.ts';
import { unsound } from '../../src/channels/fixtures/sound.ts';
import { httpChannel } from '../../src/channels/http/adapter.ts';
import { readActivity } from '../../src/channels/webchat/directline/activity.ts';
import * as jwt from '../../src/channels/webchat/directline/tokens.ts';
import { readReceipts, readSession, readTyping, readUtterances } from '../../src/channels/webchat/said.ts';
import { readToken, signToken } from '../../src/channels/webchat/tokens.ts';
import { createChatwootDesk } from '../../src/desks/chatwoot/adapter.ts';
import { webhookDesk } from '../../src/desks/webhook/adapter.ts';
import type { BotCommandRead, Input, Outcome } from '../../src/routing/inputs.ts';
import {
  answered,
  asset,
  bot,
  desk,
  facts,
  id,
  item,
  NOW,
  request,
  signedRequest,
  thread,
} from '../../src/wire/fixtures/samples.ts';
import { parseJson, type Read } from '../../src/wire/json.ts';
import type { Bender, Form } from './bend.ts';
import { commandFault, refusalFault, valueFault } from './parsers-limits.ts';

/** '' is a reading as it should be. `taken` false: it was refused, or said nothing. */
export type Verdict = { taken: boolean; fault: string };
export type Reader = {
  name: string;
  form: Form;
  samples: readonly Buffer[];
  /** `good`: the sample that the bytes were made of */
  ask(bytes: Buffer, bender: Bender, good: Buffer): () => unknown;
  // biome-ignore lint/suspicious/noExplicitAny: each row knows what its own reader gives back
  judge(result: any, good: Buffer): Verdict;
};

const SRC = `${import.meta.dirname}/../../src`;
export const jsonOf = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
export const textsOf = (...texts: string[]): Buffer[] => texts.map((text) => Buffer.from(text));
export const recorded = (folder: string, which: RegExp): Buffer[] =>
  readdirSync(`${SRC}/${folder}`)
    .filter((file) => which.test(file) && file.endsWith('.json'))
    .map((file) => readFileSync(`${SRC}/${folder}/${file}`));

export const held = (taken: boolean, fault = ''): Verdict => ({ taken, fault });
const firstOf = (faults: string[]): string => faults.find((fault) => fault !== '') ?? '';

/** Of what a hook reads: refused in its own words, or items that are sound. */
const readAs =
  (sound: (item: never) => string): Reader['judge'] =>
  (result) =>
    result.ok ? held(result.items.length > 0, firstOf(result.items.map(sound))) : held(false, refusalFault(result));

/** A header is bent too, now and then; those that nobody sent are not. */
function headersOf(headers: Record<string, string>, bender: Bender): Record<string, string> {
  if (!bender.one(0.04)) return headers;
  const name = bender.pick(Object.keys(headers));
  return { ...headers, [name]: bender.text(headers[name] ?? '') };
}

const BEARER = { authorization: 'Bearer secret-of-the-asset' };
const http: Reader = {
  name: 'channel http',
  form: 'json',
  samples: recorded('channels/http/fixtures', /^in-/),
  ask(bytes, bender) {
    const signed = bender.one(0.2) ? signedRequest(bytes) : request(bytes, BEARER);
    const asked = { ...signed, headers: headersOf(signed.headers, bender) };
    return () => httpChannel.read(asset(), asked);
  },
  judge: readAs((input: Input) => unsound(input, 'http', id('ast', 'a')) || valueFault(input)),
};

/** Channels with a provider: what it posts, with its proof, and how it has its address proved. */
const providers: Reader[] = await Promise.all(
  REAL.map(async (adapter): Promise<Reader> => {
    const proof = await proofOf(adapter.channel);
    const here = asset({ channel: adapter.channel, config: proof.config });
    return {
      name: `channel ${adapter.channel}`,
      form: adapter.channel === 'sms' ? 'form' : 'json',
      samples: proof.samples.map(({ body }) => body),
      ask(bytes, bender) {
        const { headers, query = '' } = proof.signed(bytes);
        const plain = request(bytes, headersOf(headers, bender));
        const asked = { ...plain, query: new URLSearchParams(query), rawQuery: query };
        return () => adapter.read(here, asked);
      },
      judge: readAs((input: Input) => unsound(input, adapter.channel, here.id)),
    };
  }),
);

const handshakes: Reader[] = await Promise.all(
  REAL.filter(({ handshake }) => handshake !== undefined).map(async (adapter): Promise<Reader> => {
    const { config } = await proofOf(adapter.channel);
    const here = asset({ channel: adapter.channel, config });
    const query = {
      'hub.mode': 'subscribe',
      'hub.verify_token': String(config.verify_token),
      'hub.challenge': '1158201444',
    };
    return {
      name: `handshake ${adapter.channel}`,
      form: 'form',
      samples: textsOf(new URLSearchParams(query).toString()),
      ask(bytes) {
        const plain = request(Buffer.of());
        const asked = { ...plain, method: 'GET', query: new URLSearchParams(bytes.toString('utf8')) };
        return () => adapter.handshake?.(here, asked) ?? null;
      },
      judge(result) {
        if (result === null) return held(false);
        const sound = result.status < 500 && (result.status !== 200 || /^[\w.-]{1,256}$/.test(result.body));
        return held(result.status === 200, sound ? '' : `answered ${result.status} ${result.body.slice(0, 80)}`);
      },
    };
  }),
);

const configs: Reader[] = await Promise.all(
  REAL.map(async (adapter): Promise<Reader> => {
    const { config } = await proofOf(adapter.channel);
    return configOf(adapter.channel, adapter.checkConfig, [jsonOf(config)]);
  }),
);
const webchat = CHANNELS.find(({ channel }) => channel === 'webchat');
if (webchat) configs.push(configOf('webchat', webchat.checkConfig, recorded('channels/webchat/fixtures', /^config/)));
configs.push(configOf('http', httpChannel.checkConfig, [jsonOf({ url: 'https://channel.example/out' })]));

function configOf(name: string, check: (value: unknown) => { ok: boolean }, samples: Buffer[]): Reader {
  return {
    ...{ name: `config ${name}`, form: 'json', samples },
    ask: (bytes) => json(bytes, check),
    judge: (result) => held(result.ok, result.ok ? checkedAgain(check(result.config)) : refusalFault(result)),
  };
}

/** What was taken is taken again as it came out. */
const checkedAgain = (again: { ok: boolean }): string =>
  again.ok ? '' : 'what was taken is refused when it comes again';

/** As the doors do: strict JSON in UTF-8 first. */
function json(bytes: Buffer, read: (value: unknown) => unknown): () => unknown {
  return () => {
    const parsed = parseJson(bytes, MEBI, 422);
    return parsed.ok ? read(parsed.value) : parsed;
  };
}
const MEBI = 1_048_576;

const BOT_SAYS = recorded('bots/fixtures', /^(reply|handover|close|bot-typing|milestone)/);
const bots: Reader[] = [
  {
    name: 'bot',
    form: 'json',
    samples: [...BOT_SAYS, ...recorded('bots/fixtures', /^incoming/)],
    ask(bytes, bender) {
      const plain = bender.one(0.2) ? signedRequest(bytes) : request(bytes);
      const asked = { ...plain, headers: headersOf(plain.headers, bender) };
      return () => otherBot.read(bot(), asked);
    },
    judge: readAs(commandFault),
  },
  {
    name: 'answer of a bot',
    form: 'json',
    samples: [
      ...BOT_SAYS.map((said) =>
        jsonOf({ verification_token: 'open sesame/42', events: [JSON.parse(said.toString('utf8'))] }),
      ),
      ...textsOf('open sesame/42', '"open sesame/42"', '{"Verification-Token":"open sesame/42","Events":null}'),
    ],
    ask(bytes, bender) {
      const answer = answered(
        bender.pick([200, 200, 200, 202, 204, 429, 500, 503]),
        bytes.toString('utf8'),
        headersOfAnswer(bender),
      );
      return () =>
        botOutcome(bot(), answer, { token: true, conversationId: bender.one(0.5) ? id('conv', 'b') : null, now: NOW });
    },
    judge(outcome: Outcome) {
      const read = (command: BotCommandRead): string =>
        command.ok ? commandFault(command.command) : typeof command.detail === 'string' ? '' : 'no detail';
      const { commands = [] } = outcome;
      return held(
        commands.some(({ ok }) => ok),
        firstOf([outcomeFault(outcome), ...commands.map(read), commands.length > 51 ? 'too many' : '']),
      );
    },
  },
];

const RETRY_AFTER = ['120', '0', 'Wed, 25 Jun 2025 09:30:15 GMT', 'Thu, 26 Jun 2025 09:31:15 GMT'];
const USAGE = '{"1":[{"type":"messages","estimated_time_to_regain_access":3}]}';
const headersOfAnswer = (bender: Bender): Record<string, string> =>
  bender.one(0.7)
    ? {}
    : {
        'retry-after': bender.text(bender.pick(RETRY_AFTER)),
        'x-business-use-case-usage': bender.text(USAGE),
        location: bender.text('https://files.example/a?b=c'),
      };

function outcomeFault({
  result,
  status,
  reason,
  detail,
  retryAfterS = 0,
  pauseS = 0,
  externalId = 'x',
  answer,
}: Outcome): string {
  if (!['ok', 'retry', 'final', 'unknown'].includes(result)) return `the outcome is ${result}`;
  if (typeof reason !== 'string' || reason === '' || typeof detail !== 'string') return 'the outcome has no reason';
  if (status !== null && typeof status !== 'number') return `the status is ${status}`;
  if (![retryAfterS, pauseS].every((seconds) => Number.isFinite(seconds) && seconds >= 0))
    return `wait ${retryAfterS}, ${pauseS}`;
  if (typeof externalId !== 'string' || externalId.length > 512)
    return `the channel's id is ${String(externalId).slice(0, 80)}`;
  return Buffer.byteLength(answer) > 16_384 ? 'an answer that was not cut' : '';
}

/** What a party answers to what it is sent: each of these means something to one of them. */
const ANSWERS = [
  { messages: [{ id: 'wamid.HBgLMQ==' }], contacts: [{ wa_id: '5550100' }], messaging_product: 'whatsapp' },
  { message_id: 'm_abc', recipient_id: '5550100' },
  {
    error: {
      message: 'Bad',
      code: 190,
      error_subcode: 463,
      error_data: { details: 'x' },
      fbtrace_id: 'a',
      is_transient: false,
    },
  },
  { ok: true, result: { message_id: 17, chat: { id: 5550100 }, file_path: 'a/b.jpg', file_size: 12, username: 'bot' } },
  {
    ok: false,
    error_code: 429,
    description: 'Too Many Requests',
    parameters: { retry_after: 7, migrate_to_chat_id: -1 },
  },
  {
    sid: 'SM1',
    status: 'queued',
    error_code: 21610,
    code: 21610,
    message: 'no',
    more_info: 'https://x.example',
    incoming_phone_numbers: [{ sid: 'PN1' }],
  },
  {
    sentMessages: [{ id: '1', quoteToken: 'q' }],
    message: 'The request body has 1 error(s)',
    details: [{ message: 'x', property: 'messages[0]' }],
    status: 'succeeded',
  },
  {
    id: 501,
    payload: [{ id: 7, contact_inboxes: [{ source_id: 's', inbox: { id: 7 } }] }],
    source_id: 's',
    error: 'no',
    inbox_identifier: 'x',
    channel_type: 'Channel::Api',
  },
  {
    verification_token: 'open sesame/42',
    url: 'https://cdn.example/f',
    mime_type: 'image/png',
    data: [{ image_data: { url: 'https://cdn.example/f' } }],
  },
].map(jsonOf);
/** A file that is nowhere yet, as each of them names one. */
const FILES: Readonly<Record<string, string>> = {
  line: 'video/325708',
  sms: `AC${'0'.repeat(32)}/MM${'0'.repeat(32)}/ME${'0'.repeat(32)}`,
  messenger: 'mid:0:m_img-3',
  instagram: 'mid:0:m_img-3',
};
const ADDRESSES: Readonly<Record<string, string>> = { line: `U${'a'.repeat(32)}`, sms: '+15550100' };

/** A way to send whose every answer is made of these bytes. */
const sendOf = (bytes: Buffer, bender: Bender) => {
  const [status, headers] = [bender.pick([200, 200, 200, 201, 302, 400, 401, 404, 429, 500]), headersOfAnswer(bender)];
  return async () => answered(status, bytes.toString('utf8'), headers);
};

/** Answers of providers and desks, to each thing that they are asked. */
const answers: Reader[] = [
  ...(await Promise.all(REAL.map(askProvider))).flat(),
  ...[createChatwootDesk(), webhookDesk].flatMap(askDesk),
];

async function askProvider(adapter: (typeof REAL)[number]): Promise<Reader[]> {
  const { config } = await proofOf(adapter.channel);
  const here = asset({ channel: adapter.channel, config });
  const to = { ...thread, address: ADDRESSES[adapter.channel] ?? '5550100' };
  const known = facts({ channel: adapter.channel, heard: { at: NOW - 1_000, externalId: 'x' } });
  return answering(`provider ${adapter.channel}`, {
    send: (send) => adapter.send(here, item({ thread: to }), known, send, NOW),
    connect: async (send) => adapter.connect?.(here, send, NOW) ?? [],
    locate: async (send) =>
      adapter.locate?.(here, FILES[adapter.channel] ?? '700000000000012', send, NOW) ?? { ok: false },
  });
}

function askDesk(adapter: ReturnType<typeof createChatwootDesk>): Reader[] {
  const here = desk({ kind: adapter.kind, config: { account_id: '3', inbox_id: '7', api_token: 'token' } });
  return answering(`desk ${adapter.kind} answers`, {
    send: (send) => adapter.send(here, item(), facts(), send, NOW),
    connect: (send) => adapter.verify(here, send, NOW),
  });
}

type Asked = Partial<Record<'send' | 'connect' | 'locate', (send: ReturnType<typeof sendOf>) => Promise<unknown>>>;

function answering(name: string, asked: Asked): Reader[] {
  const judges: Record<keyof Asked, Reader['judge']> = {
    send: (outcome) => held(outcome.result === 'ok', outcomeFault(outcome)),
    connect: (checks) =>
      held(
        checks.some(({ ok }: { ok: boolean }) => ok),
        checks.every((each: { detail: unknown }) => typeof each.detail === 'string') ? '' : 'no detail',
      ),
    locate: (place) => held(place.ok, !place.ok || typeof place.url === 'string' ? '' : `lies at ${place.url}`),
  };
  return Object.entries(asked).map(([what, ask]) => ({
    ...{ name: `${name}, ${what}`, form: 'json', samples: ANSWERS },
    ask(bytes, bender) {
      const send = sendOf(bytes, bender);
      return () => ask(send);
    },
    judge: judges[what as keyof Asked],
  }));
}

const chatwoot = createChatwootDesk();
const desks: Reader[] = [
  {
    name: 'desk webhook',
    form: 'json',
    samples: recorded('desks/webhook/fixtures', /^said-/),
    ask(bytes, bender) {
      const asked = request(bytes, headersOf({ authorization: 'Bearer secret-of-the-desk' }, bender));
      return () => webhookDesk.read(desk(), asked);
    },
    judge: readAs(commandFault),
  },
  {
    name: 'desk chatwoot',
    form: 'json',
    samples: recorded('desks/chatwoot/fixtures', /./),
    ask: (bytes) => () =>
      chatwoot.read(
        desk({ kind: 'chatwoot', config: { account_id: '3', inbox_id: '7', api_token: 'token' } }),
        request(bytes),
      ),
    judge: readAs(commandFault),
  },
];

/** What a customer proves themselves with is compared, and never kept. */
const withoutProof = (value: unknown): string =>
  valueFault({ ...(value as object), identity: undefined, token: undefined });

/** What a browser posts, by its schema alone. */
function posted(name: string, read: (value: unknown) => Read<unknown>, samples: Buffer[], fault = valueFault): Reader {
  return {
    ...{ name, form: 'json', samples },
    ask: (bytes) => json(bytes, read),
    judge: (result) => held(result.ok, result.ok ? fault(result.value) : refusalFault(result)),
  };
}

const UPLOAD_ACTIVITY = {
  type: 'message',
  from: { id: 'dl_user' },
  attachments: [{ contentType: 'image/png', name: 'a.png' }],
};
const LINKED = {
  ...UPLOAD_ACTIVITY,
  attachments: [{ contentType: 'image/png', contentUrl: 'https://x.example/a.png', name: 'a.png' }],
};
const MARKED = {
  type: 'message',
  text: 'x',
  value: { a: [1] },
  channelData: { postBack: true, messageBack: { displayText: 'X' }, clientActivityID: 'k' },
};
const ACTIVITIES = [
  ...recorded('channels/webchat/fixtures', /^direct-line-message/),
  ...[{ type: 'typing', from: { id: 'dl_user' } }, LINKED, MARKED].map(jsonOf),
];

const KEYS = ['key-of-the-asset'];
const CLAIMS = { assetId: id('ast', 'a'), address: 'web-1', name: 'Ada', verified: false, until: NOW + 60_000 };
const LINE_CLAIMS = { aud: id('ast', 'a'), conv: 'dlc_1', sub: 'web-1', after: 0, exp: NOW / 1000 + 60 };

/** Whatever is taken says what was signed. */
function token(name: string, good: string, claims: unknown, read: (text: string) => unknown): Reader {
  return {
    ...{ name, form: 'text', samples: textsOf(good) },
    ask: (bytes) => () => read(bytes.toString('utf8')),
    judge: (found) =>
      held(found !== null, found === null || isDeepStrictEqual(found, claims) ? '' : 'claims that nobody signed'),
  };
}

const customers: Reader[] = [
  posted('web chat messages', readUtterances, recorded('channels/webchat/fixtures', /^posted-messages/)),
  posted(
    'web chat session',
    readSession,
    [jsonOf({ token: 'wct_a.b', identity: { id: 'u-1', name: 'Ada', hmac: 'a'.repeat(64) }, name: 'Ada' }), jsonOf({})],
    withoutProof,
  ),
  posted('web chat receipts', readReceipts, [
    jsonOf({ message_ids: [id('msg', '1'), id('msg', '2')], status: 'read' }),
  ]),
  posted('web chat typing', readTyping, [jsonOf({ on: true })]),
  posted('Direct Line activity', (value) => readActivity(value), ACTIVITIES),
  posted('Direct Line activity of an upload', (value) => readActivity(value, 2), [
    ...ACTIVITIES,
    jsonOf(UPLOAD_ACTIVITY),
  ]),
  token('web chat token', signToken(KEYS, CLAIMS), CLAIMS, (text) => readToken(KEYS, CLAIMS.assetId, text, NOW)),
  token('Direct Line token', jwt.signToken(KEYS, LINE_CLAIMS), LINE_CLAIMS, (text) => jwt.readToken(KEYS, text)),
];

/** Behind the hooks, behind the web chat's doors, and what those who are asked answer. */
export const SPOKEN: readonly Reader[] = [
  http,
  ...providers,
  ...handshakes,
  ...configs,
  ...bots,
  ...answers,
  ...desks,
  ...customers,
];
