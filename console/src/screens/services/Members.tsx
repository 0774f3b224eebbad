// What belongs to a service: the bots and desks mapped to it, and its assets; adding and taking away.
// Not here: rules. The one thing to know: an asset belongs to one service only, so only free ones are offered; what a
// rule uses cannot be taken away, and the server says which rule.
import { ActionIcon, Button, Group, NativeSelect, Paper, Stack, Text, Title } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { api } from '../../api/client.ts';
import { useGet } from '../../api/query.ts';
import { BUILDERS, useMay } from '../../api/session.ts';
import type { Bot, Desk, Service } from '../../api/types.ts';
import { Icon } from '../../icons/index.tsx';
import { touchTopics } from '../../live/touched.ts';
import { askFirst } from '../../parts/confirm.tsx';
import { LinkTo } from '../../parts/links.tsx';
import { Name, type Named, useNamed } from '../../parts/Name.tsx';
import { StatusBadge } from '../../parts/StatusBadge.tsx';
import { tellFailed } from '../../parts/tell.tsx';
import classes from './Services.module.css';
import { type ServiceT, useServiceT } from './words.ts';

const TOUCHED = ['services', 'bots', 'desks', 'assets'];

export function MemberIntegrations({ service }: { service: Service }) {
  const t = useServiceT();
  const all = [...useNamed('bots'), ...useNamed('desks')];
  const free = all.filter(({ id }) => !service.integrations.includes(id));
  return (
    <Members
      title={t('nav.integrations')}
      icon={<Icon name="plug" size={16} />}
      none={t('member.integrations.none')}
      noneLeft={<LinkTo to="/integrations/new">{t('member.integrations.add')}</LinkTo>}
      path={`/services/${service.id}/integrations`}
      ids={service.integrations}
      free={free}
      choose={t('member.integrations.choose')}
      row={(id) => <IntegrationRow id={id} />}
    />
  );
}

function IntegrationRow({ id }: { id: string }) {
  const kind = id.startsWith('desk_') ? 'desks' : 'bots';
  const one = useGet<Bot | Desk>(`/${kind}/${id}`);
  return (
    <Group gap={6} wrap="nowrap">
      <Icon name={kind === 'desks' ? 'desk' : 'bot'} size={16} />
      <LinkTo to="/integrations/$id" params={{ id }} dir="auto" className={classes.name}>
        {one.data?.name ?? id}
      </LinkTo>
      {one.data ? <StatusBadge status={one.data.status} /> : null}
    </Group>
  );
}

export function MemberAssets({ service }: { service: Service }) {
  const t = useServiceT();
  const free = useNamed('assets').filter((asset) => !asset.service_id);
  return (
    <Members
      title={t('nav.assets')}
      icon={<Icon name="assets" size={16} />}
      none={t('member.assets.none')}
      noneLeft={<LinkTo to="/assets">{t('member.assets.add')}</LinkTo>}
      path={`/services/${service.id}/assets`}
      ids={service.assets}
      free={free}
      choose={t('member.assets.choose')}
      row={(id) => (
        <LinkTo to="/assets/$id" params={{ id }} dir="auto" className={classes.name}>
          <Name id={id} />
        </LinkTo>
      )}
    />
  );
}

type MembersProps = {
  title: string;
  icon: ReactNode;
  none: string;
  noneLeft: ReactNode;
  path: string;
  ids: string[];
  free: Named[];
  choose: string;
  row: (id: string) => ReactNode;
};

function Members({ title, icon, none, noneLeft, path, ids, free, choose, row }: MembersProps) {
  const t = useServiceT();
  const mayBuild = useMay(BUILDERS);
  return (
    <Paper p="md" component="section" aria-label={title}>
      <Group gap={6} mb="xs">
        {icon}
        <Title order={2}>{title}</Title>
      </Group>
      <Stack gap={6} component="ul" className={classes.list}>
        {ids.map((id) => (
          <li key={id} className={classes.member}>
            {row(id)}
            {mayBuild ? <TakeAway path={path} id={id} t={t} /> : null}
          </li>
        ))}
      </Stack>
      {ids.length === 0 ? (
        <Text size="sm" c="dimmed">
          {none}
        </Text>
      ) : null}
      {mayBuild ? (
        <div className={classes.adding}>
          {free.length > 0 ? <Adder path={path} free={free} choose={choose} /> : <Text size="sm">{noneLeft}</Text>}
        </div>
      ) : null}
    </Paper>
  );
}

function Adder({ path, free, choose }: { path: string; free: Named[]; choose: string }) {
  const t = useServiceT();
  const [picked, setPicked] = useState('');
  const [busy, setBusy] = useState(false);
  const chosen = free.some(({ id }) => id === picked) ? picked : (free[0]?.id ?? '');
  const add = async (): Promise<void> => {
    setBusy(true);
    await api('PUT', `${path}/${chosen}`).catch((error) => tellFailed(t('member.failed'), error));
    touchTopics(TOUCHED);
    setBusy(false);
  };
  return (
    <Group gap="xs" align="flex-end">
      <NativeSelect
        className={classes.grow}
        label={choose}
        data={free.map(({ id, name }) => ({ value: id, label: name }))}
        value={chosen}
        onChange={(event) => setPicked(event.currentTarget.value)}
      />
      <Button variant="default" loading={busy} onClick={() => void add()} aria-label={`${t('add')}: ${choose}`}>
        {t('add')}
      </Button>
    </Group>
  );
}

function TakeAway({ path, id, t }: { path: string; id: string; t: ServiceT }) {
  const isAsset = id.startsWith('ast_');
  const ask = (): void =>
    askFirst({
      title: t(isAsset ? 'member.assets.remove' : 'member.integrations.remove'),
      body: (
        <>
          <Name id={id} />: {t(isAsset ? 'member.assets.remove.about' : 'member.integrations.remove.about')}
        </>
      ),
      label: t(isAsset ? 'member.assets.remove' : 'member.integrations.remove'),
      act: async () => {
        await api('DELETE', `${path}/${id}`);
        touchTopics(TOUCHED);
      },
    });
  return (
    <ActionIcon size="sm" onClick={ask} aria-label={t(isAsset ? 'member.assets.remove' : 'member.integrations.remove')}>
      <Icon name="cross" size={14} />
    </ActionIcon>
  );
}
