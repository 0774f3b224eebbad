// Online, away or gone; at which desks; who else is there; and the bell.
// Not here: saying it again and again (attendance.ts). The one thing to know: one control says it for all desks that one
// answers for.
import { ActionIcon, Button, Menu, Text, Tooltip } from '@mantine/core';
import { useQueries } from '@tanstack/react-query';
import { api } from '../../api/client.ts';
import { keyOf } from '../../api/query.ts';
import { AGENTS, useMay } from '../../api/session.ts';
import type { Desk, DeskPresence } from '../../api/types.ts';
import { Icon } from '../../icons/index.tsx';
import { StatusBadge } from '../../parts/StatusBadge.tsx';
import { tellFailed } from '../../parts/tell.tsx';
import { type Standing, setStanding, useAttendance } from './attendance.ts';
import { useSound } from './sound.ts';
import { type InboxT, useInboxT } from './words.ts';

const STANDINGS: readonly Standing[] = ['online', 'away', 'off'];
/** Presence is told by signals; this is for those that were lost. */
const ASK_AGAIN_MS = 30_000;

type Props = { desks: Desk[]; served: string[]; setServed: (ids: string[]) => void };

export function StandingControl({ desks, served, setServed }: Props) {
  const t = useInboxT();
  const mayAct = useMay(AGENTS);
  const [sound, setSound] = useSound();
  const label = t(sound ? 'sound.on' : 'sound.off');
  return (
    <>
      <Tooltip label={label}>
        <ActionIcon size="lg" aria-label={label} aria-pressed={sound} onClick={() => setSound(!sound)}>
          <Icon name="bell" opacity={sound ? 1 : 0.45} />
        </ActionIcon>
      </Tooltip>
      <Colleagues desks={desks.filter(({ id }) => served.includes(id))} />
      {desks.length > 1 ? <DesksMenu desks={desks} served={served} setServed={setServed} /> : null}
      {mayAct ? <StandingMenu /> : null}
    </>
  );
}

const shownAs = (t: InboxT, standing: Standing): string => t(`standing.${standing}`);

function StandingMenu() {
  const t = useInboxT();
  const { standing } = useAttendance();
  const choose = (next: Standing): void => {
    setStanding(next).catch((error) => tellFailed(t('standing.failed'), error));
  };
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button
          variant={standing === 'off' ? 'filled' : 'default'}
          rightSection={<Icon name="down" size={14} />}
          aria-label={t('standing.label', { standing: shownAs(t, standing) })}
        >
          {standing === 'off' ? shownAs(t, standing) : <StatusBadge status={standing} />}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {STANDINGS.map((each) => (
          <Menu.Item
            key={each}
            onClick={() => choose(each)}
            leftSection={<Icon name={each === standing ? 'check' : 'dot'} size={14} />}
          >
            {shownAs(t, each)}
            <Text size="xs" c="dimmed" maw={240}>
              {t(`standing.${each}.hint`)}
            </Text>
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function DesksMenu({ desks, served, setServed }: Props) {
  const t = useInboxT();
  const toggle = (id: string): void => {
    const next = served.includes(id) ? served.filter((each) => each !== id) : [...served, id];
    if (next.length > 0) setServed(next);
  };
  return (
    <Menu position="bottom-end" closeOnItemClick={false}>
      <Menu.Target>
        <Button variant="default" leftSection={<Icon name="desk" size={16} />}>
          {t('desks.count', { count: served.length })}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{t('desks.serve')}</Menu.Label>
        {desks.map(({ id, name }) => (
          <Menu.Item
            key={id}
            role="menuitemcheckbox"
            aria-checked={served.includes(id)}
            onClick={() => toggle(id)}
            leftSection={<Icon name={served.includes(id) ? 'check' : 'dot'} size={14} />}
          >
            <bdi>{name}</bdi>
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function Colleagues({ desks }: { desks: Desk[] }) {
  const t = useInboxT();
  const there = useQueries({
    queries: desks.map(({ id }) => ({
      queryKey: keyOf(`/desks/${id}/presence`),
      queryFn: () => api<DeskPresence>('GET', `/desks/${id}/presence`),
      refetchInterval: ASK_AGAIN_MS,
    })),
    combine: (results) => results.map(({ data }, index) => ({ desk: desks[index], agents: data?.agents ?? [] })),
  });
  const count = new Set(there.flatMap(({ agents }) => agents.map(({ id }) => id))).size;
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button
          variant="default"
          leftSection={<Icon name="users" size={16} />}
          aria-label={t('there.label', { count })}
        >
          {count}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {there.map(({ desk, agents }) => (
          <div key={desk?.id}>
            <Menu.Label>
              <bdi>{desk?.name}</bdi>
            </Menu.Label>
            {agents.length === 0 ? <Menu.Item disabled>{t('there.nobody')}</Menu.Item> : null}
            {agents.map(({ id, name, state }) => (
              <Menu.Item key={id} rightSection={<StatusBadge status={state} />}>
                <bdi>{name}</bdi>
              </Menu.Item>
            ))}
          </div>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
