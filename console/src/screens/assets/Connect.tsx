// Connecting an asset to its provider: what to do there, the check of the credentials, the first event, a test message.
// Not here: the fields themselves. The one thing to know: verifying asks the provider for real, and registers our hook
// where the provider has a way for that; the last step is always the customer's first message, seen here live.
import { Box, Button, Group, Paper, Stack, Text, TextInput, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useSend } from '../../api/query.ts';
import { BUILDERS, useMay } from '../../api/session.ts';
import type { Asset, Channel, TestMessage, Verification } from '../../api/types.ts';
import { Icon } from '../../icons/index.tsx';
import { useSignals } from '../../live/feed.tsx';
import { touchTopics } from '../../live/touched.ts';
import classes from '../../parts/CheckLine.module.css';
import { CheckLine } from '../../parts/CheckLine.tsx';
import { CopyId } from '../../parts/CopyId.tsx';
import { RelativeTime } from '../../parts/RelativeTime.tsx';
import { SetupSteps } from '../../parts/SetupSteps.tsx';
import { ErrorState } from '../../parts/States.tsx';
import { useAssetT } from './words.ts';

export function Connect({ asset, channel }: { asset: Asset; channel: Channel }) {
  const t = useAssetT();
  const mayBuild = useMay(BUILDERS);
  useSignals((signal) => {
    if (signal.type === 'channel' && signal.asset_id === asset.id) touchTopics(['assets']);
  });
  return (
    <Paper p="md" component="section" aria-labelledby="connect">
      <Title order={2} id="connect" mb="sm">
        {t('assets.connect')}
      </Title>
      <Stack gap="lg">
        <div>
          <Text size="sm" fw={600}>
            {t('assets.hook')}
          </Text>
          <CopyId value={asset.hook_url ?? '–'} what={t('assets.hook')} />
        </div>
        <SetupSteps title={channel.title} steps={channel.steps} made={asset} />
        {channel.can_connect && mayBuild ? <Verify asset={asset} /> : null}
        <Arrivals asset={asset} />
        {mayBuild ? <TestForm asset={asset} /> : null}
      </Stack>
    </Paper>
  );
}

function Verify({ asset }: { asset: Asset }) {
  const t = useAssetT();
  const verify = useSend<object, Verification>('POST', `/assets/${asset.id}/verification`);
  return (
    <div>
      <Button variant="default" loading={verify.isPending} onClick={() => verify.mutate({})}>
        {t('assets.verify')}
      </Button>
      {verify.error ? <ErrorState error={verify.error} /> : null}
      <div aria-live="polite">
        {verify.data ? (
          <Box component="ol" mt="sm" className={classes.checks} aria-label={t('assets.verify.checks')}>
            {verify.data.checks.map((check) => (
              <CheckLine key={check.name} check={check} name={check.name.replaceAll('_', ' ')} />
            ))}
          </Box>
        ) : null}
      </div>
    </div>
  );
}

/** What came from the provider since this server started. */
function Arrivals({ asset }: { asset: Asset }) {
  const t = useAssetT();
  const { handshake_at, event_at, refused_at, refused_reason } = asset.connection ?? {};
  return (
    <Stack gap={4} aria-live="polite">
      <Group gap="xs" wrap="nowrap">
        <Icon name={event_at ? 'check' : 'circle'} size={16} style={{ flex: 'none' }} />
        <Text size="sm">
          {event_at ? t('assets.arrived') : t('assets.arrived.none')} {event_at ? <RelativeTime at={event_at} /> : null}
        </Text>
      </Group>
      {handshake_at ? (
        <Text size="sm" c="dimmed">
          {t('assets.handshake')} <RelativeTime at={handshake_at} />
        </Text>
      ) : null}
      {refused_at ? (
        <Text size="sm" className="sb-bad">
          {t('assets.refused')} <RelativeTime at={refused_at} />: <bdi>{refused_reason}</bdi>
        </Text>
      ) : null}
    </Stack>
  );
}

type Test = { address: string; text: string };

function TestForm({ asset }: { asset: Asset }) {
  const t = useAssetT();
  const form = useForm<Test>({ initialValues: { address: '', text: t('assets.test.words') } });
  const send = useSend<Test, TestMessage>('POST', `/assets/${asset.id}/test_message`);
  return (
    <form onSubmit={form.onSubmit((values) => send.mutate(values))}>
      <Stack gap="xs">
        <Text size="sm" fw={600}>
          {t('assets.test')}
        </Text>
        <TextInput
          label={t('assets.test.address')}
          description={t('assets.test.about')}
          required
          dir="ltr"
          {...form.getInputProps('address')}
        />
        <TextInput label={t('assets.test.text')} required maxLength={500} {...form.getInputProps('text')} />
        <Group justify="flex-end">
          <Button type="submit" variant="default" loading={send.isPending}>
            {t('assets.test.send')}
          </Button>
        </Group>
        {send.error ? <ErrorState error={send.error} /> : null}
        {send.data ? (
          <Text size="sm" role="status">
            {send.data.sent ? t('assets.test.sent') : t('assets.test.failed')} <bdi>{send.data.detail}</bdi>
          </Text>
        ) : null}
      </Stack>
    </form>
  );
}
