// The services that an integration is mapped to: map, make a service, unmap, and on to a rule.
// Not here: what rules say (screens/services). The one thing to know: unmapping is refused while a rule of the service
// uses it, and says which.
import { ActionIcon, Button, Group, NativeSelect, Paper, Stack, Text, TextInput, Title } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { api } from '../../api/client.ts';
import { useGet } from '../../api/query.ts';
import { BUILDERS, useMay } from '../../api/session.ts';
import type { Page, Rule, Service } from '../../api/types.ts';
import { Icon } from '../../icons/index.tsx';
import { touchTopics } from '../../live/touched.ts';
import { askFirst } from '../../parts/confirm.tsx';
import { ButtonTo, LinkTo } from '../../parts/links.tsx';
import { useNamed } from '../../parts/Name.tsx';
import { ErrorState } from '../../parts/States.tsx';
import { type Integration, useIntegrationT } from './words.ts';

const NEW = 'new';
const TOUCHED = ['services', 'bots', 'desks'];

/** Chooses or makes a service and maps to it; afterwards the way to its rules. `mapped`: services that have it already. */
export function MapToService({ id, mapped }: { id: string; mapped: string[] }) {
  const t = useIntegrationT();
  const services = useNamed('services').filter((service) => !mapped.includes(service.id));
  const [choice, setChoice] = useState('');
  const [name, setName] = useState('');
  const [state, setState] = useState<{ busy?: boolean; error?: unknown; done?: string }>({});
  const chosen = choice || (services[0]?.id ?? NEW);
  const map = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setState({ busy: true });
    try {
      const service =
        chosen === NEW ? (await api<Service>('POST', '/services', { body: { name: name.trim() } })).id : chosen;
      await api('PUT', `/services/${service}/integrations/${id}`);
      setChoice('');
      setState({ done: service });
    } catch (error) {
      setState({ error });
    }
    touchTopics(TOUCHED);
  };
  const choices = [
    ...services.map((service) => ({ value: service.id, label: service.name })),
    { value: NEW, label: t('map.new') },
  ];
  return (
    <form onSubmit={(event) => void map(event)}>
      <Stack gap="xs">
        <Group align="flex-end" gap="xs">
          <NativeSelect
            flex="1 1 10rem"
            miw={0}
            maw="100%"
            label={t('map.service')}
            data={choices}
            value={chosen}
            onChange={(event) => setChoice(event.currentTarget.value)}
          />
          {chosen === NEW ? (
            <TextInput
              label={t('map.name')}
              required
              maxLength={100}
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
            />
          ) : null}
          <Button type="submit" variant="default" loading={state.busy ?? false}>
            {t('map')}
          </Button>
        </Group>
        {state.error ? <ErrorState error={state.error} /> : null}
        {state.done ? (
          <Group gap="xs">
            <Text size="sm">{t('map.done')}</Text>
            <ButtonTo to="/services/$id" params={{ id: state.done }} search={{ rule: 'new' } as never} size="xs">
              {t('map.rule')}
            </ButtonTo>
          </Group>
        ) : null}
      </Stack>
    </form>
  );
}

/** The services of an existing integration, each with the rules that use it. */
export function MappedServices({ one }: { one: Integration }) {
  const t = useIntegrationT();
  const mayBuild = useMay(BUILDERS);
  return (
    <Paper p="md" component="section" aria-labelledby="services">
      <Title order={2} id="services" mb="sm">
        {t('nav.services')}
      </Title>
      <Stack gap="sm">
        {one.services.length === 0 ? (
          <Text size="sm" c="dimmed">
            {t('map.none')}
          </Text>
        ) : null}
        {one.services.map((id) => (
          <Mapped key={id} serviceId={id} one={one} mayUnmap={mayBuild} />
        ))}
        {mayBuild ? <MapToService id={one.id} mapped={one.services} /> : null}
      </Stack>
    </Paper>
  );
}

function Mapped({ serviceId, one, mayUnmap }: { serviceId: string; one: Integration; mayUnmap: boolean }) {
  const t = useIntegrationT();
  const service = useGet<Service>(`/services/${serviceId}`);
  const using = useRulesUsing(serviceId, one.id);
  const name = service.data?.name ?? serviceId;
  const unmap = (): void =>
    askFirst({
      title: t('map.unmap'),
      body: t('map.unmap.about', { name }),
      label: t('map.unmap'),
      act: async () => {
        await api('DELETE', `/services/${serviceId}/integrations/${one.id}`);
        touchTopics(TOUCHED);
      },
    });
  return (
    <div>
      <Group gap={4} wrap="nowrap">
        <LinkTo
          to="/services/$id"
          params={{ id: serviceId }}
          fw={600}
          dir="auto"
          style={{ overflowWrap: 'anywhere', minWidth: 0 }}
        >
          {name}
        </LinkTo>
        {mayUnmap ? (
          <ActionIcon size="sm" aria-label={t('map.unmap.what', { name })} onClick={unmap}>
            <Icon name="cross" size={14} />
          </ActionIcon>
        ) : null}
      </Group>
      <Text size="sm" c="dimmed" component="div">
        {using.length === 0 ? t('map.unused') : null}
        {using.map((rule) => (
          <div key={rule.id}>
            {t('map.used_by')}{' '}
            <LinkTo to="/services/$id" params={{ id: serviceId }} search={{ rule: rule.id } as never} dir="auto">
              {rule.name}
            </LinkTo>
          </div>
        ))}
      </Text>
    </div>
  );
}

/** The rules of a service that name an integration: in trigger, action or fallback. */
export function useRulesUsing(serviceId: string, id: string): Rule[] {
  const rules = useGet<Page<Rule>>('/rules', { params: { service_id: serviceId, limit: 100 } });
  return (rules.data?.data ?? []).filter((rule) => JSON.stringify([rule.trigger, rule.action]).includes(`"${id}"`));
}
