// Readers of what providers and desks answer to what they are asked: to a message, a check of their set-up, a file's place.
// Not here: what they send by themselves (parsers-table.ts). The one thing to know: all of them get all the answers, each of
// which means something to one of them.
import { proofOf, REAL } from '../../src/channels/fixtures/proof.ts';
import { createChatwootDesk } from '../../src/desks/chatwoot/adapter.ts';
import { webhookDesk } from '../../src/desks/webhook/adapter.ts';
import type { Outcome } from '../../src/routing/inputs.ts';
import { answered, asset, desk, facts, item, NOW, thread } from '../../src/wire/fixtures/samples.ts';
import type { Bender } from './bend.ts';
import { held, jsonOf, type Reader } from './parsers-reader.ts';

const RETRY_AFTER = ['120', '0', 'Wed, 25 Jun 2025 09:30:15 GMT', 'Thu, 26 Jun 2025 09:31:15 GMT'];
const USAGE = '{"1":[{"type":"messages","estimated_time_to_regain_access":3}]}';
export const headersOfAnswer = (bender: Bender): Record<string, string> =>
  bender.one(0.7)
    ? {}
    : {
        'retry-after': bender.text(bender.pick(RETRY_AFTER)),
        'x-business-use-case-usage': bender.text(USAGE),
        location: bender.text('https://files.example/a?b=c'),
      };

export function outcomeFault({
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

export const ANSWERED: readonly Reader[] = [
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
