// One service: its integrations, its assets, its rules and who changed them; or one of its rules in the editor.
// Not here: each of these. The one thing to know: the rule that is edited stands in the address (?rule=new, ?rule=rul_…),
// so that it can be linked to and gone back from.
import { Button, Grid, Group, Stack } from '@mantine/core';
import { modals } from '@mantine/modals';
import { useNavigate, useParams } from '@tanstack/react-router';
import { api } from '../../api/client.ts';
import { useGet } from '../../api/query.ts';
import { ADMINS, BUILDERS, useMay } from '../../api/session.ts';
import type { Service } from '../../api/types.ts';
import { Icon } from '../../icons/index.tsx';
import { touchTopics } from '../../live/touched.ts';
import { CopyId } from '../../parts/CopyId.tsx';
import { askFirst } from '../../parts/confirm.tsx';
import { LostHeader } from '../../parts/LostHeader.tsx';
import { LinkTo } from '../../parts/links.tsx';
import { PageHeader } from '../../parts/PageHeader.tsx';
import { Loaded } from '../../parts/States.tsx';
import { tellDone } from '../../parts/tell.tsx';
import { useUrlState } from '../../parts/useUrlState.ts';
import { History } from './History.tsx';
import { MemberAssets, MemberIntegrations } from './Members.tsx';
import { RulePage } from './RulePage.tsx';
import { Rules } from './Rules.tsx';
import { ServiceName } from './ServiceName.tsx';
import { useServiceT } from './words.ts';

export default function OneService() {
  const { id } = useParams({ strict: false });
  const [{ rule }] = useUrlState<{ rule: string }>();
  const query = useGet<Service>(`/services/${id}`);
  return (
    <Loaded query={query} lost={<LostHeader list="services" />}>
      {(service) => (rule ? <RulePage key={rule} service={service} ruleId={rule} /> : <Whole service={service} />)}
    </Loaded>
  );
}

function Whole({ service }: { service: Service }) {
  const t = useServiceT();
  const mayBuild = useMay(BUILDERS);
  const maySeeAudit = useMay(ADMINS);
  return (
    <>
      <PageHeader
        title={service.name}
        back={<LinkTo to="/services">{t('nav.services')}</LinkTo>}
        about={<CopyId value={service.id} />}
        actions={mayBuild ? <Actions service={service} /> : null}
      />
      <Grid>
        <Grid.Col span={{ base: 12, lg: 8 }}>
          <Rules service={service} />
        </Grid.Col>
        <Grid.Col span={{ base: 12, lg: 4 }}>
          <Stack>
            <MemberIntegrations service={service} />
            <MemberAssets service={service} />
            {maySeeAudit ? <History service={service} /> : null}
          </Stack>
        </Grid.Col>
      </Grid>
    </>
  );
}

function Actions({ service }: { service: Service }) {
  const t = useServiceT();
  const navigate = useNavigate();
  const rename = (): void => {
    const id = modals.open({
      title: t('svc.rename'),
      children: <ServiceName service={service} done={() => modals.close(id)} close={() => modals.close(id)} />,
    });
  };
  const remove = (): void =>
    askFirst({
      title: t('svc.delete'),
      body: t('svc.delete.about'),
      label: t('svc.delete'),
      type: service.name,
      act: async () => {
        await api('DELETE', `/services/${service.id}`);
        await navigate({ to: '/services' });
        touchTopics(['services', 'assets', 'bots', 'desks']);
        tellDone(t('svc.deleted'));
      },
    });
  return (
    <Group gap="xs">
      <Button variant="default" leftSection={<Icon name="edit" size={16} />} onClick={rename}>
        {t('svc.rename')}
      </Button>
      <Button variant="default" leftSection={<Icon name="trash" size={16} />} onClick={remove}>
        {t('svc.delete')}
      </Button>
    </Group>
  );
}
