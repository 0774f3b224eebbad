// One integration: how it is, where it is and verified again, what it is owed, its secrets, settings and services.
// Not here: each of these (a file of its own). The one thing to know: bots and desks are two resources with one face;
// which of the two is read from the id.
import { Button, Grid, Group, Stack } from '@mantine/core';
import { useNavigate, useParams } from '@tanstack/react-router';
import { api } from '../../api/client.ts';
import { useGet } from '../../api/query.ts';
import { BUILDERS, useMay } from '../../api/session.ts';
import type { Bot, Desk } from '../../api/types.ts';
import { Icon } from '../../icons/index.tsx';
import { touchTopics } from '../../live/touched.ts';
import { CopyId } from '../../parts/CopyId.tsx';
import { askFirst } from '../../parts/confirm.tsx';
import { LostHeader } from '../../parts/LostHeader.tsx';
import { LinkTo } from '../../parts/links.tsx';
import { PageHeader } from '../../parts/PageHeader.tsx';
import { Loaded } from '../../parts/States.tsx';
import { StatusBadge } from '../../parts/StatusBadge.tsx';
import { tellDone } from '../../parts/tell.tsx';
import { Condition } from './Condition.tsx';
import { Reach } from './Reach.tsx';
import { Reverify } from './Reverify.tsx';
import { MappedServices } from './Services.tsx';
import { SettingsForm } from './SettingsForm.tsx';
import { Vendor } from './Vendor.tsx';
import { asBot, asDesk, type Integration, pathOf, platformName, platformOf, useIntegrationT } from './words.ts';

export default function OneIntegration() {
  const { id = '' } = useParams({ strict: false });
  return id.startsWith('desk_') ? <OneDesk key={id} id={id} /> : <OneBot key={id} id={id} />;
}

function OneBot({ id }: { id: string }) {
  return (
    <Loaded query={useGet<Bot>(`/bots/${id}`)} lost={<LostHeader list="integrations" />}>
      {(bot) => <Whole one={asBot(bot)} />}
    </Loaded>
  );
}
function OneDesk({ id }: { id: string }) {
  return (
    <Loaded query={useGet<Desk>(`/desks/${id}`)} lost={<LostHeader list="integrations" />}>
      {(desk) => <Whole one={asDesk(desk)} />}
    </Loaded>
  );
}

function Whole({ one }: { one: Integration }) {
  const t = useIntegrationT();
  const mayBuild = useMay(BUILDERS);
  const isWired = one.url !== null;
  return (
    <>
      <PageHeader
        title={one.name}
        back={<LinkTo to="/integrations">{t('nav.integrations')}</LinkTo>}
        badge={<StatusBadge status={one.status} />}
        about={
          <Group gap="sm">
            <span>{platformName(t, platformOf(one))}</span>
            <CopyId value={one.id} />
          </Group>
        }
        actions={mayBuild ? <Actions one={one} /> : null}
      />
      <Grid>
        <Grid.Col span={{ base: 12, lg: 7 }}>
          <Stack>
            <Condition one={one} />
            {isWired ? <Reverify one={one} readOnly={!mayBuild} /> : null}
            {one.type === 'desk' ? <Vendor desk={one} readOnly={!mayBuild} /> : null}
            <SettingsForm one={one} readOnly={!mayBuild} />
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, lg: 5 }}>
          <Stack>
            <MappedServices one={one} />
            {isWired ? <Reach one={one} /> : null}
          </Stack>
        </Grid.Col>
      </Grid>
    </>
  );
}

function Actions({ one }: { one: Integration }) {
  const t = useIntegrationT();
  const navigate = useNavigate();
  const touched = (): void => touchTopics(['bots', 'desks', 'services', 'deliveries', 'overview']);
  const isOff = one.status === 'disabled';
  const turn = (enabled: boolean): void =>
    askFirst({
      title: t(enabled ? 'act.enable' : 'act.disable'),
      body: t(enabled ? (one.url === null ? 'act.enable.console' : 'act.enable.about') : 'act.disable.about'),
      label: t(enabled ? 'act.enable' : 'act.disable'),
      danger: !enabled,
      act: async () => {
        await api('PATCH', pathOf(one), { body: { enabled } });
        touched();
        tellDone(t(enabled ? 'act.enabled' : 'act.disabled'));
      },
    });
  const remove = (): void =>
    askFirst({
      title: t('act.delete'),
      body: t('act.delete.about'),
      label: t('act.delete'),
      type: one.name,
      act: async () => {
        await api('DELETE', pathOf(one));
        await navigate({ to: '/integrations' });
        touched();
        tellDone(t('act.deleted'));
      },
    });
  return (
    <>
      <Button
        variant="default"
        leftSection={<Icon name={isOff ? 'play' : 'pause'} size={16} />}
        onClick={() => turn(isOff)}
      >
        {t(isOff ? 'act.enable' : 'act.disable')}
      </Button>
      <Button variant="default" leftSection={<Icon name="trash" size={16} />} onClick={remove}>
        {t('act.delete')}
      </Button>
    </>
  );
}
