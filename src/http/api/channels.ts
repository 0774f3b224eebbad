// The channels that this program speaks: what each asks for, what is to be done at the provider, what it can and cannot.
// Not here: assets (assets.ts). The one thing to know: all of it comes from the adapters, so that the console's wizard,
// the errors of this API and docs/channels.md say the same.
import { z } from '@hono/zod-openapi';
import type { Capabilities, ChannelAdapter } from '../../engine/channel-port.ts';
import { ok } from '../answers.ts';
import type { HttpParts } from '../parts.ts';
import { type Route, route } from '../route.ts';

export const field = z.object({
  name: z.string(),
  label: z.string(),
  kind: z.enum(['text', 'secret', 'url', 'choice', 'switch']),
  required: z.boolean(),
  help: z.string(),
  default: z.union([z.string(), z.boolean()]).optional(),
  generated: z.literal(true).optional().openapi({ description: 'made by us when none is given' }),
  choices: z.array(z.object({ value: z.string(), label: z.string() })).optional(),
});

export const steps = z
  .array(z.object({ title: z.string(), text: z.string(), copy: z.string().optional() }))
  .openapi({ description: 'what is to be done by hand; `{hook_url}` and `{NAME}` of a field stand for their values' });

const capabilities = z.object({
  receipts: z
    .object({ accepted: z.boolean(), delivered: z.boolean(), read: z.boolean(), failed: z.boolean() })
    .openapi({ description: 'what the provider tells of a message; what it does not tell is never told to a bot' }),
  sends: z.array(z.string()),
  quick_replies: z.object({ max: z.int(), title_max: z.int(), payload_max: z.int() }).nullable(),
  text: z.object({ max: z.int(), unit: z.enum(['characters', 'bytes', 'utf16']) }),
  typing: z.boolean(),
  seen: z.boolean(),
  window_hours: z.object({ anybody: z.number(), humans: z.number() }).nullable().openapi({
    description: "hours after the customer's last word in which free text may be sent; null: always",
  }),
  idempotent: z.boolean().openapi({ description: 'the same message twice is one: an outcome is never unknown' }),
  echoes: z.boolean().openapi({ description: "humans may answer in the provider's own app, and we are told" }),
});

const channel = z
  .object({
    channel: z.string(),
    word: z.string().openapi({ description: 'the `Channel` of events to bots' }),
    title: z.string(),
    fields: z.array(field).openapi({ description: '`config` of an asset; none: it is set up in its own way' }),
    steps,
    capabilities: capabilities.nullable(),
    can_connect: z.boolean().openapi({ description: 'an asset of it can be verified, and send a test message' }),
  })
  .openapi('Channel');

function showCapabilities(of: Capabilities): z.output<typeof capabilities> {
  const { quickReplies, windowHours, ...same } = of;
  return {
    ...same,
    quick_replies: quickReplies && {
      max: quickReplies.max,
      title_max: quickReplies.titleMax,
      payload_max: quickReplies.payloadMax,
    },
    window_hours: windowHours,
  };
}

const showChannel = (adapter: ChannelAdapter): Record<string, unknown> => ({
  channel: adapter.channel,
  word: adapter.word,
  title: adapter.title ?? adapter.channel,
  fields: adapter.fields ?? [],
  steps: adapter.steps ?? [],
  capabilities: adapter.capabilities === undefined ? null : showCapabilities(adapter.capabilities),
  can_connect: adapter.connect !== undefined,
});

export function channelRoutes(parts: HttpParts): Route[] {
  return [
    route({
      method: 'get',
      path: '/api/v1/channels',
      name: 'listChannels',
      section: 'Assets',
      summary: 'List channels: what an asset of each needs, and what it can do',
      answers: { 200: { description: 'All of them', schema: z.object({ data: z.array(channel) }) } },
      handle: () => ok({ data: [...parts.adapters.channels.values()].map(showChannel) }),
    }),
  ];
}
