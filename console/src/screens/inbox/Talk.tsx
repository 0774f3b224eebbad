// One conversation: what was said, by whom, and what the agent may do now.
// Not here: drawing messages (Transcript), writing (Composer). The one thing to know: whoever accepted has it; all may
// read and leave notes, administrators may lend a hand, and whoever is away may be relieved.
import { ActionIcon, Alert, Button, Group, Text, Tooltip } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { useGet } from '../../api/query.ts';
import { ADMINS, AGENTS, useMay, useSession } from '../../api/session.ts';
import type { Conversation, Desk, DeskPresence } from '../../api/types.ts';
import { Icon } from '../../icons/index.tsx';
import { useEvents, useSignals } from '../../live/feed.tsx';
import { Countdown } from '../../parts/Countdown.tsx';
import { Loaded } from '../../parts/States.tsx';
import { StatusBadge } from '../../parts/StatusBadge.tsx';
import { useShortcuts } from '../../shell/shortcuts.tsx';
import { Composer, type Mode } from './Composer.tsx';
import classes from './Inbox.module.css';
import type { ListName } from './lists.ts';
import { Transcript } from './Transcript.tsx';
import { type Acts, focusComposer, useActs } from './useActs.tsx';
import { useInboxT } from './words.ts';

type Props = {
  id: string;
  desks: Desk[];
  close: () => void;
  showAbout: () => void;
  moved: (to: ListName) => void;
};

export function Talk(props: Props) {
  const query = useGet<Conversation>(`/conversations/${props.id}`);
  return <Loaded query={query}>{(conversation) => <Open conversation={conversation} {...props} />}</Loaded>;
}

type Standing = 'waiting' | 'mine' | 'other' | 'closed';
const standingOf = ({ status, agent_id }: Conversation, me: string): Standing =>
  status === 'closed' ? 'closed' : status !== 'accepted' ? 'waiting' : agent_id === me ? 'mine' : 'other';

function Open({ conversation, desks, close, showAbout, moved }: Props & { conversation: Conversation }) {
  const me = useSession().user.id;
  const mayAct = useMay(AGENTS);
  const mayLend = useMay(ADMINS);
  const acts = useActs(conversation, { desks, moved, close });
  const [mode, setMode] = useState<Mode>('reply');
  const standing = standingOf(conversation, me);
  const maySay = mayAct && (standing === 'mine' || (standing === 'other' && mayLend));
  const write = (next: Mode): void => {
    setMode(next);
    focusComposer(next);
  };
  useTalkKeys({ standing, maySay, mayAct, acts, write });
  return (
    <>
      <Head conversation={conversation} close={close} showAbout={showAbout} />
      {mayAct && standing !== 'closed' ? (
        <ActsBar conversation={conversation} standing={standing} maySay={maySay} acts={acts} />
      ) : null}
      <Transcript conversation={conversation} />
      <Typing threadId={conversation.thread_id} />
      <Standings conversation={conversation} standing={standing} />
      {mayAct ? (
        <Composer
          key={`${conversation.id} ${maySay ? mode : 'note'}`}
          conversation={conversation}
          mode={maySay ? mode : 'note'}
          maySay={maySay}
          setMode={write}
          isFirst={standing === 'mine'}
        />
      ) : null}
    </>
  );
}

function Head({ conversation, close, showAbout }: Pick<Props, 'close' | 'showAbout'> & { conversation: Conversation }) {
  const t = useInboxT();
  const { customer, status, accept_by, agent } = conversation;
  return (
    <div className={classes.head}>
      <ActionIcon aria-label={t('talk.back')} onClick={close} className={classes.backButton}>
        <Icon name="forward" className={classes.backIcon} />
      </ActionIcon>
      <Text component="h2" fw={650} size="lg" truncate className={classes.headName}>
        <bdi>{customer.name || customer.address}</bdi>
      </Text>
      <StatusBadge status={status} {...(status === 'accepted' && agent ? { label: agent } : {})} />
      {accept_by !== null && status !== 'accepted' && status !== 'closed' ? (
        <span className={classes.countdown} title={t('queue.left')}>
          <Countdown at={accept_by} />
        </span>
      ) : null}
      <Tooltip label={t('inbox.customer')}>
        <ActionIcon aria-label={t('inbox.customer')} onClick={showAbout} className={classes.aboutButton}>
          <Icon name="info" />
        </ActionIcon>
      </Tooltip>
    </div>
  );
}

type BarProps = { conversation: Conversation; standing: Standing; maySay: boolean; acts: Acts };

function ActsBar({ conversation, standing, maySay, acts }: BarProps) {
  const t = useInboxT();
  const mayTake = useMayTake(conversation);
  return (
    <Group gap="xs" className={classes.acts}>
      {standing === 'waiting' ? (
        <>
          <Button
            size="xs"
            data-first-act
            loading={acts.isAccepting}
            onClick={() => acts.accept()}
            leftSection={<Icon name="check" size={15} />}
          >
            {t('accept')}
          </Button>
          <Button size="xs" variant="default" onClick={acts.decline}>
            {t('decline')}
          </Button>
        </>
      ) : null}
      {standing === 'other' && mayTake ? (
        <Button
          size="xs"
          variant="default"
          data-first-act
          loading={acts.isAccepting}
          onClick={() => acts.takeOver(conversation.agent ?? '')}
        >
          {t('take')}
        </Button>
      ) : null}
      {maySay ? (
        <>
          <Button
            size="xs"
            variant="default"
            loading={acts.isGiving}
            onClick={acts.giveBack}
            leftSection={<Icon name="bot" size={15} />}
          >
            {t('give')}
          </Button>
          <Button size="xs" variant="default" onClick={acts.transfer}>
            {t('transfer')}
          </Button>
          <Button size="xs" variant="default" onClick={acts.finish}>
            {t('close.do')}
          </Button>
        </>
      ) : null}
    </Group>
  );
}

/** As the server decides: administrators always, colleagues when that agent is away or gone. */
function useMayTake({ party_id, agent_id, status }: Conversation): boolean {
  const mayLend = useMay(ADMINS);
  const presence = useGet<DeskPresence>(`/desks/${party_id}/presence`, { enabled: status === 'accepted' });
  const isOwner = (id: string): boolean => agent_id === id || (agent_id ?? '').startsWith(`${id}/`);
  const isThere = presence.data?.agents.some(({ id, state }) => state === 'online' && isOwner(id)) ?? true;
  return status === 'accepted' && (mayLend || !isThere);
}

function Standings({ conversation, standing }: { conversation: Conversation; standing: Standing }) {
  const t = useInboxT();
  const mayLend = useMay(ADMINS);
  const { agent, close_reason } = conversation;
  if (standing === 'mine') return null;
  const words =
    standing === 'waiting'
      ? t('stand.waiting')
      : standing === 'closed'
        ? t('stand.closed', { reason: close_reason || '–' })
        : t(mayLend ? 'stand.lend' : 'stand.other', { agent: agent ?? '' });
  return (
    <Alert color="gray" py={6} px="sm" radius={0} className={classes.standing}>
      <span dir="auto">{words}</span>
    </Alert>
  );
}

/** A word that somebody types holds for so long unless it is said again. */
const TYPING_MS = 8_000;

function Typing({ threadId }: { threadId: string }) {
  const t = useInboxT();
  const [name, setName] = useState<string | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useSignals(({ type, thread_id, author, on }) => {
    const who = author as { type?: string; name?: string } | undefined;
    if (type !== 'typing' || thread_id !== threadId || who?.type !== 'customer') return;
    clearTimeout(timer.current);
    setName(on === true ? (who.name ?? '') : null);
    timer.current = setTimeout(() => setName(null), TYPING_MS);
  });
  useEvents(({ type, thread_id }) => {
    if (type === 'message.received' && thread_id === threadId) setName(null);
  });
  useEffect(() => () => clearTimeout(timer.current), []);
  return (
    <div className={classes.typing} aria-live="polite">
      {name === null ? null : <span dir="auto">{t('typing', { name: name || t('type.customer') })}</span>}
    </div>
  );
}

type Keys = { standing: Standing; maySay: boolean; mayAct: boolean; acts: Acts; write: (mode: Mode) => void };

function useTalkKeys({ standing, maySay, mayAct, acts, write }: Keys): void {
  const t = useInboxT();
  useShortcuts([
    ...(mayAct && standing === 'waiting' ? [{ keys: 'a', label: t('accept'), run: () => acts.accept() }] : []),
    ...(maySay
      ? [
          { keys: 'r', label: t('key.reply'), run: () => write('reply') },
          { keys: 't', label: t('transfer'), run: acts.transfer },
          { keys: 'g b', label: t('give'), run: acts.giveBack },
          { keys: 'e', label: t('close.do'), run: acts.finish },
        ]
      : []),
    ...(mayAct ? [{ keys: 'n', label: t('key.note'), run: () => write('note') }] : []),
  ]);
}
