// A table of rules and how they read.
import { describe, expect, it } from 'vitest';
import { type RuleSpec, ruleOf, toBot, toBoth, toDesk } from './fixtures/world.ts';
import type { Condition } from './model.ts';
import { sentence } from './sentence.ts';

const NAMES: Record<string, string> = { ast: 'Shop page', A: 'Helper', X: 'Support', Y: 'Night shift' };
const read = (spec: RuleSpec) => sentence(ruleOf(spec, 1), (id) => NAMES[id] ?? id);
const text = (op: string, value: unknown) => ({ field: 'message.text', op, value }) as Condition;

const TABLE: [RuleSpec, string][] = [
  [{ on: 'message.received', do: toBot('A') }, 'When a customer writes, forward to bot “Helper”.'],
  [
    { on: { event: 'message.received', asset_id: 'ast' }, if: text('contains', 'refund'), do: toDesk('X') },
    'When a customer writes on “Shop page” and the text contains “refund”, forward to desk “Support”.',
  ],
  [
    { on: 'postback.received', do: toBoth('A', 'X') },
    'When a customer taps a button, forward to bot “Helper”, and at a handover to desk “Support”.',
  ],
  [
    {
      on: 'message.received',
      do: {
        type: 'forward_to_bot',
        bot_id: 'A',
        fallback: { desk_id: 'X', on: ['unavailable', 'silent'], holding_text: 'One moment.' },
      },
    },
    'When a customer writes, forward to bot “Helper”; if the bot is unavailable or silent, to desk “Support” after saying “One moment.”.',
  ],
  [
    { on: { event: 'bot.handover', bot_id: 'A' }, do: toDesk('X') },
    'When bot “Helper” hands over, forward to desk “Support”.',
  ],
  [{ on: 'desk.failed', do: toDesk('Y') }, 'When a desk does not take a customer, forward to desk “Night shift”.'],
  [{ on: 'desk.closed', do: { type: 'close' } }, 'When a desk closes a conversation, close the conversation.'],
  [
    {
      on: 'channel.receipt',
      if: { field: 'event.status', op: 'equals', value: 'failed' },
      do: { type: 'notify_url', url: 'https://a.example/x' },
    },
    'When a channel tells the fate of a message and the status is “failed”, notify https://a.example/x.',
  ],
  [
    {
      on: 'message.received',
      if: {
        all: [
          { any: [text('equals_ignore_case', 'hi'), text('in', ['a', 'b', 'c', 'd', 'e', 'f', 'g'])] },
          { not: { field: 'attributes.tier', op: 'equals', value: 'gold' } },
          { field: 'time.local', op: 'between', value: ['22:00', '06:00'] },
          { field: 'asset.id', op: 'equals', value: 'ast' },
        ],
      },
      enabled: false,
      startsAt: Date.UTC(2030, 0, 31, 12),
      do: { type: 'send_message', text: 'x'.repeat(80) },
    },
    `Switched off: when a customer writes and (the text is “hi” in any case or the text is one of “a”, “b”, “c”, “d”, “e” and 2 more) and not (the attribute “tier” is “gold”) and the time is between “22:00” and “06:00” and the asset is “Shop page”, from 2030-01-31 12:00 UTC, say “${'x'.repeat(59)}…”.`,
  ],
];

describe('a rule reads', () => {
  it.each(TABLE)('%#', (spec, words) => {
    expect(read(spec)).toBe(words);
  });
});
