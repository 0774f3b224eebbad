// What a rule listens to: an event, and which asset, bot or desk it must be about.
// Not here: conditions. The one thing to know: another event has another kind of party, so the choice of one is taken
// back with it.
import { NativeSelect, SimpleGrid } from '@mantine/core';
import type { RuleDraft } from './draft.ts';
import type { Errors } from './RuleEditor.tsx';
import type { Parties } from './useRules.ts';
import { EVENTS, type EventName, scopeOf } from './vocabulary.ts';
import { useServiceT } from './words.ts';

export type PartProps = {
  draft: RuleDraft;
  change: (part: Partial<RuleDraft>) => void;
  parties: Parties;
  errors: Errors;
};

export function TriggerFields({ draft, change, parties, errors }: PartProps) {
  const t = useServiceT();
  const scope = scopeOf(draft.event);
  const choices = { asset_id: parties.assets, bot_id: parties.bots, desk_id: parties.desks }[scope];
  const groups = (['message', 'bot', 'desk'] as const).map((group) => ({
    group: t(`events.${group}`),
    items: EVENTS.filter((event) => groupOf(event) === group).map((event) => ({
      value: event,
      label: t(`event.${event}`),
    })),
  }));
  const pick = (event: EventName): void => change({ event, ...(scopeOf(event) === scope ? {} : { scope: '' }) });
  return (
    <SimpleGrid cols={{ base: 1, xs: 2 }}>
      <NativeSelect
        label={t('rule.event')}
        data={groups}
        value={draft.event}
        error={errors.at('/trigger/event')}
        onChange={(event) => pick(event.currentTarget.value as EventName)}
      />
      <NativeSelect
        label={t(`scope.${scope}`)}
        data={[
          { value: '', label: t(`scope.${scope}.any`) },
          ...choices.map(({ id, name }) => ({ value: id, label: name })),
          ...(draft.scope === '' || choices.some(({ id }) => id === draft.scope)
            ? []
            : [{ value: draft.scope, label: parties.nameOf(draft.scope) }]),
        ]}
        value={draft.scope}
        error={errors.at(`/trigger/${scope}`)}
        onChange={(event) => change({ scope: event.currentTarget.value })}
      />
    </SimpleGrid>
  );
}

const groupOf = (event: EventName): 'message' | 'bot' | 'desk' =>
  event.startsWith('bot.') ? 'bot' : event.startsWith('desk.') ? 'desk' : 'message';
