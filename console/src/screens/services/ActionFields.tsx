// What a rule does, and where customers go when the bot does not answer.
// Not here: what each action means for a thread (the server decides). The one thing to know: a forward to a bot offers
// its fallback ticked, because a bot that is down is the day one needs it.
import { Checkbox, Fieldset, NativeSelect, SimpleGrid, Stack, Text, Textarea, TextInput } from '@mantine/core';
import type { RuleDraft } from './draft.ts';
import type { PartProps } from './TriggerFields.tsx';
import type { Parties } from './useRules.ts';
import { ACTIONS, type ActionType } from './vocabulary.ts';
import { useServiceT } from './words.ts';

const TO_BOT: readonly ActionType[] = ['forward_to_bot', 'forward_to_bot_and_desk'];
const TO_DESK: readonly ActionType[] = ['forward_to_desk', 'forward_to_bot_and_desk'];

export function ActionFields({ draft, change, parties, errors }: PartProps) {
  const t = useServiceT();
  const { action } = draft;
  return (
    <Stack gap="sm">
      <NativeSelect
        label={t('rule.action')}
        data={ACTIONS.map((value) => ({ value, label: t(`action.${value}`) }))}
        value={action}
        error={errors.at('/action/type')}
        onChange={(event) => change({ action: event.currentTarget.value as ActionType })}
      />
      <SimpleGrid cols={{ base: 1, xs: 2 }}>
        {TO_BOT.includes(action) ? (
          <PartySelect
            kind="bots"
            label={t('action.bot')}
            parties={parties}
            value={draft.bot}
            pick={(bot) => change({ bot })}
            error={errors.at('/action/bot_id')}
          />
        ) : null}
        {TO_DESK.includes(action) ? (
          <PartySelect
            kind="desks"
            label={t('action.desk')}
            parties={parties}
            value={draft.desk}
            pick={(desk) => change({ desk })}
            error={errors.at('/action/desk_id')}
          />
        ) : null}
      </SimpleGrid>
      {action === 'send_message' ? (
        <Textarea
          label={t('action.text')}
          description={t('action.text.about')}
          autosize
          minRows={2}
          maxRows={8}
          maxLength={4096}
          dir="auto"
          required
          value={draft.text}
          error={errors.at('/action/text')}
          onChange={(event) => change({ text: event.currentTarget.value })}
        />
      ) : null}
      {action === 'notify_url' ? (
        <TextInput
          label={t('action.url')}
          description={t('action.url.about')}
          type="url"
          dir="ltr"
          placeholder="https://"
          required
          value={draft.url}
          error={errors.at('/action/url')}
          onChange={(event) => change({ url: event.currentTarget.value })}
        />
      ) : null}
      {TO_BOT.includes(action) ? <Fallback {...{ draft, change, parties, errors }} /> : null}
    </Stack>
  );
}

type PartyProps = {
  kind: 'bots' | 'desks';
  label: string;
  parties: Parties;
  value: string;
  pick: (id: string) => void;
  error: string | undefined;
};

function PartySelect({ kind, label, parties, value, pick, error }: PartyProps) {
  const t = useServiceT();
  const choices = parties[kind];
  const isKnown = choices.some(({ id }) => id === value);
  const data = [
    ...(value === '' ? [{ value: '', label: t(`action.${kind}.none`) }] : []),
    ...(value !== '' && !isKnown ? [{ value, label: parties.nameOf(value) }] : []),
    ...choices.map(({ id, name }) => ({ value: id, label: name })),
  ];
  return (
    <NativeSelect
      label={label}
      description={choices.length === 0 ? t(`action.${kind}.map`) : undefined}
      data={data}
      value={value}
      error={error}
      onChange={(event) => pick(event.currentTarget.value)}
    />
  );
}

function Fallback({ draft, change, parties, errors }: PartProps) {
  const t = useServiceT();
  const hasDesk = parties.desks.length > 0 || draft.fallbackDesk !== '';
  const when: [keyof RuleDraft & ('onUnavailable' | 'onSilent'), 'unavailable' | 'silent'][] = [
    ['onUnavailable', 'unavailable'],
    ['onSilent', 'silent'],
  ];
  return (
    <Fieldset legend={t('fallback')}>
      <Stack gap="sm">
        <Checkbox
          label={t('fallback.offer')}
          description={t(hasDesk ? 'fallback.about' : 'fallback.no_desk')}
          checked={draft.fallback && hasDesk}
          disabled={!hasDesk}
          onChange={(event) => change({ fallback: event.currentTarget.checked })}
        />
        {draft.fallback && hasDesk ? (
          <>
            <PartySelect
              kind="desks"
              label={t('fallback.desk')}
              parties={parties}
              value={draft.fallbackDesk}
              pick={(fallbackDesk) => change({ fallbackDesk })}
              error={errors.at('/action/fallback/desk_id')}
            />
            {when.map(([field, name]) => (
              <Checkbox
                key={name}
                label={t(`fallback.when.${name}`)}
                checked={draft[field]}
                onChange={(event) => change({ [field]: event.currentTarget.checked })}
              />
            ))}
            {!draft.onUnavailable && !draft.onSilent ? (
              <Text size="sm" c="var(--sb-wait)">
                {t('fallback.never')}
              </Text>
            ) : null}
            <Textarea
              label={t('fallback.holding')}
              description={t('fallback.holding.about')}
              autosize
              minRows={1}
              maxRows={5}
              maxLength={4096}
              dir="auto"
              value={draft.holdingText}
              error={errors.at('/action/fallback/holding_text')}
              onChange={(event) => change({ holdingText: event.currentTarget.value })}
            />
          </>
        ) : null}
      </Stack>
    </Fieldset>
  );
}
