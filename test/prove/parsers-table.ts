// Every reader of what strangers write: good samples of it (recorded where there are any), how it is asked, and what must hold
// of what it takes.
// Not here: how the samples become hostile (bend.ts) and what holds of all (parsers.ts). The one thing to know: a row makes
// the request first and gives back the reading alone, which is what is timed; it may be done again.
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
import { answered, asset, bot, desk, id, NOW, request, signedRequest } from '../../src/wire/fixtures/samples.ts';
import { parseJson, type Read } from '../../src/wire/json.ts';
import type { Bender } from './bend.ts';
import { ANSWERED, headersOfAnswer, outcomeFault } from './parsers-answers.ts';
import { commandFault, refusalFault, valueFault } from './parsers-limits.ts';
import { held, jsonOf, type Reader, recorded, textsOf } from './parsers-reader.ts';

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
  ...ANSWERED,
  ...desks,
  ...customers,
];
