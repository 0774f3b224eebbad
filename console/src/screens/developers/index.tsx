// For developers: programs to begin with, API keys, where hooks and secrets are, the reference, how to check a signature.
// Not here: the reference itself (/docs). The one thing to know: everything is filled in with this instance's address.
import { Anchor, Grid, Group, Paper, SegmentedControl, Stack, Tabs, Text, Title } from '@mantine/core';
import { ADMINS, useMay, useSession } from '../../api/session.ts';
import { Icon } from '../../icons/index.tsx';
import { CopyButton } from '../../parts/CopyButton.tsx';
import { CopyId } from '../../parts/CopyId.tsx';
import { JsonView } from '../../parts/JsonView.tsx';
import { PageHeader } from '../../parts/PageHeader.tsx';
import { useUrlState } from '../../parts/useUrlState.ts';
import { Hooks } from './Hooks.tsx';
import { Keys } from './Keys.tsx';
import { type Language, programOf, signatureProgram, TOPICS, type Topic } from './programs.ts';
import { useDevT } from './words.ts';

export default function Developers() {
  const t = useDevT();
  const mayKeys = useMay(ADMINS);
  const { instance } = useSession();
  return (
    <>
      <PageHeader title={t('nav.developers')} about={t('dev.about')} />
      <Grid gap="lg">
        <Grid.Col span={{ base: 12, lg: 7 }}>
          <Stack gap="lg">
            <Quickstart url={instance.public_url} />
            <Signature />
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, lg: 5 }}>
          <Stack gap="lg">
            <Reference url={instance.public_url} />
            {mayKeys ? <Keys /> : <Text c="dimmed">{t('keys.admins')}</Text>}
            <Hooks />
          </Stack>
        </Grid.Col>
      </Grid>
    </>
  );
}

function Quickstart({ url }: { url: string }) {
  const t = useDevT();
  const [{ topic: asked, in: language = 'curl' }, set] = useUrlState<{ topic: string; in: string }>();
  const topic: Topic = TOPICS.find((each) => each === asked) ?? 'bot';
  const shown: Language = language === 'node' ? 'node' : 'curl';
  return (
    <Paper p="md" component="section" aria-labelledby="quickstart">
      <Title order={2} id="quickstart" mb="xs">
        {t('quick')}
      </Title>
      <Tabs value={topic} onChange={(next) => set({ topic: next ?? '' })} keepMounted={false}>
        <Tabs.List mb="sm">
          {TOPICS.map((each) => (
            <Tabs.Tab key={each} value={each}>
              {t(`quick.${each}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {TOPICS.map((each) => (
          <Tabs.Panel key={each} value={each}>
            <Text size="sm" c="dimmed" mb="sm">
              {t(`quick.${each}.about`)}
            </Text>
            <Group justify="space-between" mb="xs">
              <SegmentedControl
                size="xs"
                aria-label={t('quick.language')}
                value={shown}
                onChange={(next) => set({ in: next === 'curl' ? '' : next })}
                data={[
                  { value: 'curl', label: 'curl' },
                  { value: 'node', label: 'Node.js' },
                ]}
              />
              <CopyButton text={programOf(each, shown, url)} />
            </Group>
            <JsonView value={programOf(each, shown, url)} label={t(`quick.${each}`)} maxHeight={520} />
          </Tabs.Panel>
        ))}
      </Tabs>
    </Paper>
  );
}

function Signature() {
  const t = useDevT();
  return (
    <Paper p="md" component="section" aria-labelledby="signature">
      <Group justify="space-between" mb="xs">
        <Title order={2} id="signature">
          {t('signature')}
        </Title>
        <CopyButton text={signatureProgram()} />
      </Group>
      <Text size="sm" c="dimmed" mb="sm">
        {t('signature.about')}
      </Text>
      <JsonView value={signatureProgram()} label={t('signature.program')} maxHeight={420} />
    </Paper>
  );
}

function Reference({ url }: { url: string }) {
  const t = useDevT();
  return (
    <Paper p="md" component="section" aria-labelledby="reference">
      <Title order={2} id="reference" mb="xs">
        {t('reference')}
      </Title>
      <Stack gap={6}>
        <Anchor href="/docs" target="_blank" rel="noopener">
          {t('reference.docs')} <Icon name="external" size={13} />
        </Anchor>
        <Anchor href="/openapi.json" target="_blank" rel="noopener">
          {t('reference.openapi')} <Icon name="external" size={13} />
        </Anchor>
        <div>
          <Text size="sm" c="dimmed">
            {t('reference.base')}
          </Text>
          <CopyId value={`${url}/api/v1`} what={t('reference.base')} />
        </div>
      </Stack>
    </Paper>
  );
}
