// The windows of a conversation: to whom it is transferred, and why it is closed.
// Not here: doing it (useActs.tsx). The one thing to know: what was typed stays when the server refuses.
import { Autocomplete, Button, Group, Select, Stack, Text, Textarea } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import { useGet } from '../../api/query.ts';
import type { Bot, Conversation, Desk, Page } from '../../api/types.ts';
import { ErrorState } from '../../parts/States.tsx';
import { useInboxT } from './words.ts';

const REASON_MAX = 500;
const ALL = { params: { limit: 100 } };

function useDoing(act: () => Promise<void>) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    await act().catch((problem) => {
      setError(problem);
      setBusy(false);
    });
  };
  return { busy, error, submit };
}

type FrameProps = { label: string; doing: ReturnType<typeof useDoing>; ready: boolean; cancel: () => void };
function Frame({ label, doing, ready, cancel, children }: FrameProps & { children: ReactNode }) {
  const t = useInboxT();
  return (
    <form onSubmit={(event) => void doing.submit(event)}>
      <Stack>
        {children}
        {doing.error === undefined ? null : <ErrorState error={doing.error} />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={cancel}>
            {t('cancel')}
          </Button>
          <Button type="submit" loading={doing.busy} disabled={!ready}>
            {label}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

type TransferProps = {
  conversation: Conversation;
  pass: (body: { to: string; reason: string }) => Promise<void>;
  cancel: () => void;
};

export function TransferForm({ conversation, pass, cancel }: TransferProps) {
  const t = useInboxT();
  const { service_id, party_id } = conversation;
  const desks = useGet<Page<Desk>>('/desks', ALL).data?.data ?? [];
  const bots = useGet<Page<Bot>>('/bots', ALL).data?.data ?? [];
  const [to, setTo] = useState<string | null>(null);
  const [reason, setReason] = useState('');
  const isThere = (each: Bot | Desk): boolean => each.status === 'active' && each.services.includes(service_id);
  const nobody = (desk: Desk): string => (desk.online ? '' : ` (${t('transfer.nobody')})`);
  const data = [
    {
      group: t('transfer.desks'),
      items: desks
        .filter((each) => isThere(each) && each.id !== party_id)
        .map((each) => ({ value: each.id, label: each.name + nobody(each) })),
    },
    { group: t('transfer.bots'), items: bots.filter(isThere).map(({ id, name }) => ({ value: id, label: name })) },
  ].filter(({ items }) => items.length > 0);
  const doing = useDoing(async () => {
    if (to !== null) await pass({ to, reason: reason.trim() });
  });
  return (
    <Frame label={t('transfer')} doing={doing} ready={to !== null} cancel={cancel}>
      {data.length === 0 ? (
        <Text>{t('transfer.none')}</Text>
      ) : (
        <Select
          label={t('transfer.to')}
          data={data}
          value={to}
          onChange={setTo}
          data-autofocus
          searchable
          openOnFocus={false}
          nothingFoundMessage={t('transfer.none')}
        />
      )}
      <Textarea
        label={t('transfer.reason')}
        description={t('transfer.reason.about')}
        value={reason}
        maxLength={REASON_MAX}
        autosize
        minRows={2}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
    </Frame>
  );
}

export function CloseForm({ finish, cancel }: { finish: (reason: string) => Promise<void>; cancel: () => void }) {
  const t = useInboxT();
  const [reason, setReason] = useState('');
  const doing = useDoing(() => finish(reason.trim()));
  return (
    <Frame label={t('close.do')} doing={doing} ready cancel={cancel}>
      <Text>{t('close.about')}</Text>
      <Autocomplete
        label={t('close.reason')}
        data={[t('close.solved'), t('close.no_answer'), t('close.wrong'), t('close.spam')]}
        value={reason}
        maxLength={REASON_MAX}
        data-autofocus
        onChange={setReason}
      />
    </Frame>
  );
}
