// The people: who they are, what each may do, and the links by which they get in.
// Not here: redeeming a link (welcome). The one thing to know: nobody touches a role above their own, and the last owner
// stays; the server refuses both.
import { ActionIcon, Button, Group, Menu, Text } from '@mantine/core';
import { modals } from '@mantine/modals';
import { api } from '../../api/client.ts';
import { usePages } from '../../api/pages.ts';
import { useSession } from '../../api/session.ts';
import type { Invitation, Role, User } from '../../api/types.ts';
import { Icon } from '../../icons/index.tsx';
import { touchTopics } from '../../live/touched.ts';
import { askFirst } from '../../parts/confirm.tsx';
import { type Column, DataTable } from '../../parts/DataTable.tsx';
import { RelativeTime } from '../../parts/RelativeTime.tsx';
import { Empty } from '../../parts/States.tsx';
import { StatusBadge } from '../../parts/StatusBadge.tsx';
import { tellDone, tellFailed } from '../../parts/tell.tsx';
import { showLink } from './InvitationLink.tsx';
import { UserForm } from './UserForm.tsx';
import { type SetT, useSetT } from './words.ts';

const RANK: readonly Role[] = ['owner', 'admin', 'developer', 'agent', 'viewer'];
/** Owners give every role; others every role but theirs. */
export const rolesFor = (role: Role): readonly Role[] => (role === 'owner' ? RANK : RANK.slice(1));

export function People() {
  const t = useSetT();
  const me = useSession().user;
  const list = usePages<User>('/users');
  const acts = useUserActs(t);
  const columns = columnsOf(t, me.id, (row) => (
    <RowMenu t={t} row={row} acts={acts} mayTouch={mayTouch(me.role, row)} />
  ));
  const button = (
    <Button leftSection={<Icon name="plus" size={16} />} onClick={acts.add}>
      {t('people.add')}
    </Button>
  );
  return (
    <>
      <Group justify="space-between" mb="sm">
        <Text c="dimmed" maw={640}>
          {t('people.about')}
        </Text>
        {button}
      </Group>
      <DataTable
        list={list}
        columns={columns}
        label={t('tab.people')}
        empty={<Empty icon="users" title={t('people.empty')} action={button} />}
      />
    </>
  );
}

const mayTouch = (role: Role, row: User): boolean => role === 'owner' || row.role !== 'owner';

function columnsOf(t: SetT, me: string, menu: (row: User) => React.ReactNode): Column<User>[] {
  return [
    {
      key: 'name',
      header: t('name'),
      width: 'minmax(5rem, 1.5fr)',
      cell: (row) => (
        <>
          <b>
            <bdi>{row.name}</bdi>
          </b>{' '}
          {row.id === me ? <span>({t('people.you')})</span> : null}
        </>
      ),
    },
    {
      key: 'email',
      header: t('people.email'),
      width: 'minmax(8rem, 2fr)',
      from: 560,
      cell: (row) => <bdi>{row.email ?? '–'}</bdi>,
    },
    { key: 'role', header: t('people.role'), width: 'minmax(5rem, 1fr)', cell: (row) => t(`role.${row.role}`) },
    {
      key: 'state',
      header: t('people.state'),
      width: '9rem',
      from: 700,
      cell: (row) => (
        <StatusBadge
          status={row.has_password ? 'active' : 'pending'}
          label={t(row.has_password ? 'people.active' : 'people.invited')}
        />
      ),
    },
    {
      key: 'seen',
      header: t('people.seen'),
      width: '8rem',
      from: 900,
      cell: (row) => <RelativeTime at={row.last_seen_at} />,
    },
    { key: 'menu', header: t('people.actions'), width: '4.5rem', align: 'end', cell: menu },
  ];
}

type Acts = ReturnType<typeof useUserActs>;

function RowMenu({ t, row, acts, mayTouch: may }: { t: SetT; row: User; acts: Acts; mayTouch: boolean }) {
  if (!may) return null;
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon aria-label={t('people.menu', { name: row.name })}>
          <Icon name="more" />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<Icon name="edit" size={15} />} onClick={() => acts.change(row)}>
          {t('edit')}
        </Menu.Item>
        <Menu.Item leftSection={<Icon name="key" size={15} />} onClick={() => void acts.invite(row)}>
          {t(row.has_password ? 'people.reset' : 'people.invite')}
        </Menu.Item>
        <Menu.Item leftSection={<Icon name="trash" size={15} />} onClick={() => acts.remove(row)}>
          {t('delete')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function useUserActs(t: SetT) {
  const invite = async (row: User): Promise<void> => {
    try {
      const made = await api<Invitation>('POST', `/users/${row.id}/invitation`);
      touchTopics(['users', 'audit']);
      showLink(t, row, made);
    } catch (error) {
      tellFailed(t('people.invite.failed'), error);
    }
  };
  const form = (title: string, row: User | null): void => {
    const id = modals.open({
      title,
      children: (
        <UserForm
          row={row}
          cancel={() => modals.close(id)}
          saved={(user) => {
            modals.close(id);
            if (row === null) void invite(user);
            else tellDone(t('saved'));
          }}
        />
      ),
    });
  };
  return {
    invite,
    add: () => form(t('people.add'), null),
    change: (row: User) => form(row.name, row),
    remove: (row: User) =>
      askFirst({
        title: t('people.delete', { name: row.name }),
        body: t('people.delete.about'),
        label: t('people.delete.do'),
        type: row.name,
        act: async () => {
          await api('DELETE', `/users/${row.id}`);
          touchTopics(['users', 'audit', 'overview']);
          tellDone(t('people.deleted'));
        },
      }),
  };
}
