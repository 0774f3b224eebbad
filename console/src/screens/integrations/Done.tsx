// After Save: the incoming webhook URL, the secrets shown once, a program to begin with, and where to go next.
// Not here: all of it later (one.tsx), without the secrets. The one thing to know: this is the only place that ever
// shows these secrets, so it says so, and nothing leads away by itself.
import { Alert, Group, Stack, Text, Title } from '@mantine/core';
import { Icon } from '../../icons/index.tsx';
import { CopyId } from '../../parts/CopyId.tsx';
import { ButtonTo } from '../../parts/links.tsx';
import { Checklist } from './Checklist.tsx';
import { MapToService } from './Services.tsx';
import { Snippets } from './Snippets.tsx';
import type { Created } from './wizard.ts';
import { useIntegrationT } from './words.ts';

export function Done({ created }: { created: Created }) {
  const t = useIntegrationT();
  const { type, made, draft, verification } = created;
  const isActive = verification?.verified === true || draft.platform === 'console';
  const secret = created.type === 'desk' ? created.made.secret : null;
  const secrets = [
    { name: t('reach.secret'), value: secret },
    { name: t('reach.signing'), value: made.signing_secret },
  ];
  return (
    <Stack>
      <Alert color={isActive ? 'teal' : 'amber'} variant="light" icon={<Icon name={isActive ? 'check' : 'warning'} />}>
        <strong dir="auto">{made.name}</strong> · {t(isActive ? 'done.active' : 'done.unverified')}
      </Alert>
      {isActive || !verification ? null : (
        <Checklist platform={draft.platform} isRunning={false} result={verification} />
      )}
      {made.hook_url ? (
        <div>
          <Text size="sm" fw={600}>
            {t('reach.hook')}
          </Text>
          <CopyId value={made.hook_url} what={t('reach.hook')} />
          <Text size="xs" c="dimmed">
            {t(`reach.hook.${type}`)}
          </Text>
        </div>
      ) : null}
      {made.signing_secret ? (
        <Alert color="amber" variant="light" icon={<Icon name="key" />} title={t('done.once')}>
          <Stack gap="xs">
            {secrets.map(({ name, value }) =>
              value === null ? null : (
                <div key={name}>
                  <Text size="sm" fw={600}>
                    {name}
                  </Text>
                  <CopyId value={value} what={name} />
                </div>
              ),
            )}
            <Text size="xs">{t(`reach.signing.${type}`)}</Text>
          </Stack>
        </Alert>
      ) : null}
      {made.hook_url ? (
        <div>
          <Title order={3} mb={4}>
            {t('snippet.title')}
          </Title>
          <Snippets type={type} place={{ hookUrl: made.hook_url, url: draft.url, token: tokenOf(created), secret }} />
        </div>
      ) : null}
      <div>
        <Title order={3} mb={4}>
          {t('done.next')}
        </Title>
        <MapToService id={made.id} mapped={[]} />
      </div>
      <Group gap="xs">
        <ButtonTo to="/integrations/$id" params={{ id: made.id }} variant="default">
          {t('done.open')}
        </ButtonTo>
        {draft.platform === 'console' ? (
          <ButtonTo to="/inbox" variant="default">
            {t('done.inbox')}
          </ButtonTo>
        ) : null}
        <ButtonTo to="/integrations" variant="default">
          {t('done.all')}
        </ButtonTo>
      </Group>
    </Stack>
  );
}

/** Only bots of this platform show one in their answers. */
const tokenOf = ({ draft }: Created): string | null => (draft.platform === 'other' ? draft.token.trim() : null);
