// The wires of channels, bots and desks for the OpenAPI document: what they post to us, and what we post to them.
// Not here: reading and writing them (adapters), which are the truth; docs/bots.md and its neighbours explain them.
// The one thing to know: these schemas describe and never check; names of the bot's wire are the seed's, to the letter.
import { z } from '@hono/zod-openapi';
import { instant } from './fields.ts';

const type = z.enum(['text', 'image', 'video', 'audio', 'file', 'location', 'contact', 'sticker']);
const media = z.array(z.object({ url: z.string(), type: z.string(), name: z.string().optional() }));
const quickReplies = z.array(z.object({ title: z.string(), payload: z.string().optional() }));
const content = z.object({ type, text: z.string().optional(), media: media.optional() });
const address = z.object({ address: z.string(), name: z.string().optional() });
const custom = { customparam1: z.string().optional().openapi({ description: 'and customparam2 … N' }) };
const epoch = z.int().optional();

const channelItem = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('message'),
    id: z.string(),
    from: address,
    message: content,
    timestamp: z.union([z.string(), z.number()]).optional(),
  }),
  z.object({
    type: z.literal('postback'),
    id: z.string(),
    from: address,
    payload: z.string(),
    title: z.string().optional(),
  }),
  z.object({
    type: z.literal('receipt'),
    message_id: z.string(),
    status: z.enum(['delivered', 'failed', 'read']),
    description: z.string().optional(),
  }),
]);

const botCommand = z.object({
  eventid: z.union([z.string(), z.int()]).openapi({
    description:
      '1001 message, 1002 handover, 1003 close, 1004 custom, 1005 milestone, 1006 notify, 1007 unhandled, 1008 typing; or the word in `event`',
  }),
  conversation_id: z.string(),
  message: z.string().optional(),
  Messagetype: type.optional(),
  Timestamp: z.string().optional(),
  media: media.optional(),
  quick_replies: quickReplies.optional(),
  epoch,
  messageid: z.string().optional().openapi({ description: 'your own id of it: taken once' }),
  desk_id: z.string().optional(),
  reason: z.string().optional(),
  name: z.string().optional(),
  on: z.boolean().optional(),
  ...custom,
});

const deskCommand = z.object({
  type: z.enum([
    'conversation.queued',
    'conversation.accepted',
    'message.sent',
    'typing',
    'conversation.transferred',
    'conversation.closed',
    'conversation.rejected',
  ]),
  data: z.object({
    conversation_id: z.string(),
    epoch,
    wait_s: z.number().optional(),
    agent: z.string().optional(),
    id: z.string().optional(),
    message: content.optional(),
    on: z.boolean().optional(),
    to: z.string().optional(),
    reason: z.string().optional(),
    note: z.string().optional(),
  }),
});

const taken = z.object({
  message_id: z.string().optional(),
  conversation_id: z.string().optional(),
  handover: z.enum(['offered', 'given']).optional(),
  desk_conversation_id: z.string().optional(),
});

export type Wire = {
  path: string;
  name: string;
  summary: string;
  description: string;
  body: z.ZodType;
  security?: 'bearer' | 'url';
  answers: Record<number, { description: string; schema?: z.ZodType }>;
};

/** What is posted to us. */
export const HOOK_WIRES: readonly Wire[] = [
  {
    path: '/hooks/channels/{asset_id}',
    name: 'postToChannelHook',
    summary: 'What customers say, and the fate of messages',
    description:
      'Channel `http`: one object or an array of them; bearer secret of the asset, or a Standard Webhooks signature. Other channels: what the provider posts, proved and answered in its own way.',
    body: z.union([channelItem, z.array(channelItem)]).openapi('ChannelPost'),
    security: 'bearer',
    answers: {
      200: { description: 'On disk, as a provider expects it' },
      202: {
        description: 'On disk',
        schema: z.object({
          accepted: z.int(),
          duplicates: z.int(),
          ignored: z.int().optional(),
          refused: z.int().optional(),
        }),
      },
    },
  },
  {
    path: '/hooks/bots/{token}',
    name: 'postToBotHook',
    summary: 'What a bot says',
    description: 'Names are read without regard to case. A signature is checked when present.',
    body: botCommand.openapi('BotPost'),
    security: 'url',
    answers: { 202: { description: 'On disk; what was accepted goes out', schema: taken } },
  },
  {
    path: '/hooks/desks/{token}',
    name: 'postToDeskHook',
    summary: 'What a desk says',
    description: 'Bearer secret of the desk, or a Standard Webhooks signature.',
    body: deskCommand.openapi('DeskPost'),
    security: 'bearer',
    answers: { 202: { description: 'On disk', schema: taken } },
  },
];

const conversationType = z.enum(['BOT', 'CCSP']).openapi({ description: 'BOT: an answer is expected; CCSP: a copy' });
const botEvent = z.object({
  Conversationid: z.string(),
  ConversationType: conversationType,
  Message: z.string().optional(),
  MessageType: type.optional(),
  Media: z.string().optional(),
  Messageid: z.string().optional(),
  PostbackPayload: z.string().optional(),
  Channel: z.enum(['FB', 'INSTAGRAM', 'WHATSAPP', 'SMS', 'TELEGRAM', 'LINE', 'WEBCHAT', 'HTTP']),
  Event: z.enum([
    'Incoming message',
    'Agent response',
    'FB POSTBACK',
    'POSTBACK',
    'Message Delivery',
    'Signalbox',
    'Verification',
  ]),
  DeliveryStatus: z.enum(['Delivered', 'Failed', 'Read']).optional(),
  Description: z.string().optional(),
  Timestamp: z.string().openapi({ description: 'GMT', example: '2030-01-31 14:05:09.07' }),
  Signalbox: z.record(z.string(), z.unknown()).optional(),
});

const deskData = z.object({
  conversation_id: z.string(),
  bot_conversation_id: z.string().nullable(),
  thread_id: z.string(),
  epoch: z.int(),
  customer: z.object({ address: z.string(), name: z.string() }),
  channel: z.string(),
  asset_id: z.string(),
  service_id: z.string(),
});

const posted = { 200: { description: 'Any complete 2xx within 5 seconds is a success' } };

/** What we post to others: the `webhooks` of the document. */
export const WEBHOOKS: readonly Wire[] = [
  {
    path: 'botEvent',
    name: 'botEvent',
    summary: "To a bot's URL",
    description:
      'Strict JSON with the names of the seed. Platform `other`: the answer must carry the verification token; it may carry replies in `events`.',
    body: botEvent.openapi('BotEvent'),
    answers: {
      200: {
        description: 'A complete 2xx within 5 seconds',
        schema: z.object({ verification_token: z.string().optional(), events: z.array(botCommand).optional() }),
      },
    },
  },
  {
    path: 'deskEvent',
    name: 'deskEvent',
    summary: "To a desk's URL",
    description: 'Standard Webhooks headers.',
    body: z
      .object({
        type: z.enum([
          'conversation.started',
          'message.received',
          'postback.received',
          'message.receipt',
          'typing',
          'conversation.closed',
          'verification',
        ]),
        timestamp: instant,
        data: deskData.partial().loose(),
      })
      .openapi('DeskEvent'),
    answers: posted,
  },
  {
    path: 'channelMessage',
    name: 'channelMessage',
    summary: 'To the `config.url` of an asset of channel `http`',
    description: '`webhook-id` is the `message_id`: the same message comes again with the same id.',
    body: z
      .object({
        type: z.enum(['message', 'typing']),
        message_id: z.string().optional(),
        to: z.object({ address: z.string() }),
        message: content
          .extend({ quick_replies: quickReplies.optional(), custom: z.record(z.string(), z.string()).optional() })
          .optional(),
        on: z.boolean().optional(),
        author: z.object({ type: z.enum(['bot', 'agent', 'system']), name: z.string() }),
        conversation_id: z.string().nullable().optional(),
      })
      .openapi('ChannelMessage'),
    answers: { 200: { description: 'Sent', schema: z.object({ id: z.string().optional() }) } },
  },
];
