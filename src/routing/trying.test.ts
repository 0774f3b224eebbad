// What a draft of a rule says to past utterances, and who wins with it among the others.
import { describe, expect, it } from 'vitest';
import { type RuleSpec, ruleOf, textIs, toBot, toDesk, worldOf } from './fixtures/world.ts';
import type { Message, Rule, ServiceView } from './model.ts';
import { DRAFT, tryOn, withDraft } from './trying.ts';

const said = (text: string, more: Partial<Message> = {}): Message => ({
  id: 'msg',
  threadId: 'thr',
  seq: 1,
  turn: 1,
  kind: 'message',
  author: { type: 'customer', id: null, name: 'C' },
  conversationId: null,
  type: 'text',
  text,
  media: [],
  at: Date.UTC(2024, 0, 1, 12),
  ...more,
});
const thread = { id: 'thr', address: 'c1', name: 'C', assetId: 'ast', attributes: { tier: 'gold' } };

function tried(draft: RuleSpec & { position?: number }, message: Message, rules: RuleSpec[] = []) {
  const world = worldOf({ rules });
  const rule: Rule = { ...ruleOf({ id: DRAFT, ...draft }, 0), position: draft.position ?? 99 };
  const service = withDraft(world.services.get('svc') as ServiceView, rule);
  return tryOn(service, rule.id, { message, thread }, world.assets.get('ast'));
}

const ALL: RuleSpec = { id: 'all', on: 'message.received', do: toBot('A') };
const HI: RuleSpec = { on: 'message.received', if: textIs('hi'), do: toDesk('X') };

describe('a draft', () => {
  it.each([
    ['wins where it matches and stands first', { ...HI, position: 0 }, said('hi'), true, DRAFT],
    ['matches and loses behind one that takes all', { ...HI, position: 9 }, said('hi'), true, 'all'],
    ['takes the place that it asks for', { ...HI, position: 0 }, said('no'), false, 'all'],
    ['in the place of a rule takes its turn', { ...HI, id: 'all', position: 0 }, said('hi'), true, 'all'],
    ['in the place of a rule leaves nothing of it', { ...HI, id: 'all', position: 0 }, said('no'), false, null],
    ['is tried even if it is switched off', { ...HI, enabled: false, position: 0 }, said('hi'), true, DRAFT],
    [
      'is tried even if its time is not now',
      { ...HI, startsAt: 9e12, endsAt: 1, position: 0 },
      said('hi'),
      true,
      DRAFT,
    ],
    ['on postbacks does not hear messages', { ...HI, on: 'postback.received' as const }, said('hi'), false, 'all'],
    [
      'on postbacks hears them',
      { on: 'postback.received' as const, do: toDesk('X') },
      said('', { kind: 'postback', payload: 'P' }),
      true,
      DRAFT,
    ],
    [
      'on messages hears a postback that nothing else takes',
      HI,
      said('hi', { kind: 'postback', payload: 'P' }),
      true,
      'all',
    ],
    [
      'for another asset hears nothing',
      { ...HI, on: { event: 'message.received' as const, asset_id: 'ast2' }, position: 0 },
      said('hi'),
      false,
      'all',
    ],
    [
      'sees attributes, the channel and the time of day',
      {
        on: 'message.received' as const,
        do: toBot('B'),
        position: 0,
        if: {
          all: [
            { field: 'attributes.tier', op: 'equals' as const, value: 'gold' },
            { field: 'asset.channel', op: 'equals' as const, value: 'http' },
            { field: 'time.weekday', op: 'equals' as const, value: 'mon' },
          ],
        },
      },
      said('x'),
      true,
      DRAFT,
    ],
    [
      'that only says something wins nothing',
      { on: 'message.received' as const, do: { type: 'send_message' as const, text: 'x' }, position: 0 },
      said('x'),
      true,
      'all',
    ],
  ])('%s', (_what, draft, message, matches, winner) => {
    const result = tried(draft, message, [ALL]);
    expect([result.matches, result.winner?.ruleId ?? null]).toEqual([matches, winner]);
    expect(result.why).not.toBe('');
  });
});
