// What can be done with a customer's line by hand: take it over, give it back, pass it on, close it.
// Not here: answering, which the agent inbox does. The one thing to know: only what the caller's role may do is shown, and
// what cannot be done now says why; each of them asks for a reason, which stands in the ribbon.
import { Button, Group, NativeSelect, Stack, Text, TextInput } from '@mantine/core';
import { modals } from '@mantine/modals';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { useGet } from '../../api/query.ts';
import { AGENTS, HANDS, useMay } from '../../api/session.ts';
import type { Bot, Desk, Service, Thread } from '../../api/types.ts';
import { Icon, type IconName } from '../../icons/index.tsx';
import { touchTopics } from '../../live/touched.ts';
import { useNamed } from '../../parts/Name.tsx';
import { ErrorState } from '../../parts/States.tsx';
import { tellDone } from '../../parts/tell.tsx';
import { type ThreadT, useThreadT } from './words.ts';

const LONGEST_REASON = 500;

type Option = { value: string; label: string };
type Act = {
  name: 'take' | 'back' | 'transfer' | 'close';
  icon: IconName;
  /** to choose from; none: nothing to choose */
  to?: Option[];
  /** ends with where to go, if anywhere else */
  run: (to: string, reason: string) => Promise<unknown>;
};

export function Acts({ thread }: { thread: Thread }) {
  const t = useThreadT();
  const acts = useActs(thread);
  const open = (act: Act): void => {
    const id = modals.open({
      title: t(`act.${act.name}`),
      children: <ActForm act={act} close={() => modals.close(id)} />,
    });
  };
  return (
    <>
      {acts.map((act) => (
        <Button
          key={act.name}
          size="xs"
          variant={act.name === 'take' ? 'filled' : 'default'}
          leftSection={<Icon name={act.icon} size={14} />}
          onClick={() => open(act)}
        >
          {t(`act.${act.name}`)}
        </Button>
      ))}
    </>
  );
}

/** What may be done now, by this person, with this thread. */
function useActs(thread: Thread): Act[] {
  const mayMove = useMay(HANDS);
  const mayAnswer = useMay(AGENTS);
  const navigate = useNavigate();
  const mapped = useMapped(thread.service_id);
  const { holder } = thread;
  const move = (to: string, reason: string): Promise<Thread> =>
    api<Thread>('POST', `/threads/${thread.id}/holder`, { body: { to, reason } });
  const consoles = mapped.desks.filter((desk) => desk.kind === 'console');
  const heldByConsole = consoles.some((desk) => desk.id === holder.id);
  const acts: Act[] = [];

  if (mayAnswer && mayMove && consoles.length > 0 && !(heldByConsole && holder.phase === 'accepted')) {
    acts.push({
      name: 'take',
      icon: 'user',
      to: optionsOf(heldByConsole ? consoles.filter((desk) => desk.id === holder.id) : consoles),
      run: async (to, reason) => {
        await takeOver(thread, to, reason, move);
        await navigate({ to: '/inbox' });
      },
    });
  }
  const last = thread.conversations.find((each) => each.type === 'bot' && each.status !== 'closed');
  const back = mapped.bots.find((bot) => bot.id === last?.party_id) ?? mapped.bots[0];
  if (mayMove && holder.type === 'desk' && back) {
    acts.push({ name: 'back', icon: 'bot', run: (_, reason) => move(back.id, reason) });
  }
  const others = [...mapped.desks, ...mapped.bots].filter((each) => each.id !== holder.id);
  if (mayMove && others.length > 0) acts.push({ name: 'transfer', icon: 'arrow', to: optionsOf(others), run: move });
  if (mayAnswer && heldByConsole && holder.conversation_id) {
    const path = `/conversations/${holder.conversation_id}/close`;
    acts.push({ name: 'close', icon: 'check', run: (_, reason) => api('POST', path, { body: { reason } }) });
  }
  return acts;
}

const optionsOf = (things: { id: string; name: string }[]): Option[] =>
  things.map(({ id, name }) => ({ value: id, label: name }));

/** One is at the desk, the desk gets the line, and one accepts: each step needs the one before. */
async function takeOver(
  thread: Thread,
  desk: string,
  reason: string,
  move: (to: string, reason: string) => Promise<Thread>,
): Promise<void> {
  await api('PUT', `/desks/${desk}/presence`, { body: { state: 'online' } });
  const { holder } = thread.holder.id === desk ? thread : await move(desk, reason);
  await api('POST', `/conversations/${holder.conversation_id}/accept`);
}

/** The bots and desks to whom the thread's service may give it. */
function useMapped(serviceId: string | null): { bots: Bot[]; desks: Desk[] } {
  const service = useGet<Service>(`/services/${serviceId}`, { enabled: serviceId !== null });
  const bots = useNamed<Bot>('bots');
  const desks = useNamed<Desk>('desks');
  const mapped = service.data?.integrations ?? [];
  return {
    bots: bots.filter((bot) => mapped.includes(bot.id)),
    desks: desks.filter((desk) => mapped.includes(desk.id)),
  };
}

function ActForm({ act, close }: { act: Act; close: () => void }) {
  const t = useThreadT();
  const [to, setTo] = useState(act.to?.[0]?.value ?? '');
  const [reason, setReason] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const run = async (): Promise<void> => {
    setBusy(true);
    setError(undefined);
    try {
      await act.run(to, reason.trim());
      touchTopics(['threads', 'conversations', 'desks']);
      close();
      tellDone(t(`act.${act.name}.done`));
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void run();
      }}
    >
      <Stack>
        <Text>{t(`act.${act.name}.about`)}</Text>
        {act.to ? <Target act={act} to={to} setTo={setTo} t={t} /> : null}
        <TextInput
          label={t('act.reason')}
          description={t('act.reason.about')}
          maxLength={LONGEST_REASON}
          dir="auto"
          data-autofocus
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        {error === undefined ? null : <ErrorState error={error} />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={close}>
            {t('cancel')}
          </Button>
          <Button type="submit" loading={busy}>
            {t(`act.${act.name}`)}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

type TargetProps = { act: Act; to: string; setTo: (to: string) => void; t: ThreadT };

function Target({ act, to, setTo, t }: TargetProps) {
  return (
    <NativeSelect
      label={t(act.name === 'take' ? 'act.desk' : 'act.to')}
      data={act.to ?? []}
      value={to}
      onChange={(event) => setTo(event.currentTarget.value)}
    />
  );
}
