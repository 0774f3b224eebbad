// Adding an asset: the channel, its fields, and then its secrets, shown once.
// Not here: changing one (one.tsx). The one thing to know: what the server finds wrong is shown at the field it names.
import { Button, Group, Radio, SimpleGrid, Stack, Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import { modals } from '@mantine/modals';
import { useNavigate } from '@tanstack/react-router';
import { errorOf, formErrors } from '../../api/client.ts';
import { useSend } from '../../api/query.ts';
import type { Asset } from '../../api/types.ts';
import { providerName } from '../../i18n/providers.ts';
import { givenOf } from '../../parts/given.ts';
import { SetupSteps } from '../../parts/SetupSteps.tsx';
import { ErrorState } from '../../parts/States.tsx';
import { useProviders } from './channels.ts';
import { AssetFields, bodyOf, errorsFor, type Values, valuesOf } from './fields.tsx';
import { showOnce } from './ShownOnce.tsx';
import { secretsOf } from './secrets.ts';
import { useAssetT } from './words.ts';

/** A function that opens the form in a window. */
export function useAddAsset(): () => void {
  const t = useAssetT();
  const navigate = useNavigate();
  return () => {
    const id = modals.open({
      title: t('assets.add'),
      size: 'lg',
      children: (
        <AddAsset
          close={() => modals.close(id)}
          added={(asset) => {
            modals.close(id);
            void navigate({ to: '/assets/$id', params: { id: asset.id } });
            const isOurs = asset.channel === 'http' || asset.channel === 'webchat';
            if (!isOurs) return;
            showOnce(asset.name, [
              { name: t('assets.hook'), value: asset.hook_url },
              { name: t('assets.snippet'), value: asset.script_tag ?? null },
              ...secretsOf(t, asset),
            ]);
          }}
        />
      ),
    });
  };
}

function AddAsset({ close, added }: { close: () => void; added: (asset: Asset) => void }) {
  const t = useAssetT();
  const form = useForm<Values>({ initialValues: valuesOf() });
  const providers = useProviders() ?? [];
  const provider = providers.find(({ channel }) => channel === form.values.channel);
  const choose = (channel: string): void => {
    const chosen = providers.find((each) => each.channel === channel);
    form.setValues({ channel, provider: givenOf(chosen?.fields ?? []) });
    form.clearErrors();
  };
  const add = useSend<Values, Asset>('POST', '/assets', {
    bodyOf: (values) => ({ channel: values.channel, ...bodyOf(values) }),
    onDone: added,
  });
  const submit = (values: Values): void =>
    add.mutate(values, { onError: (error) => form.setErrors(errorsFor(formErrors(error), provider)) });
  return (
    <form onSubmit={form.onSubmit(submit)}>
      <Stack>
        <Radio.Group
          label={t('assets.channel')}
          value={form.values.channel}
          onChange={choose}
          error={form.errors.channel}
        >
          <SimpleGrid cols={{ base: 1, xs: 2 }} mt={4}>
            {(['webchat', 'http'] as const).map((channel) => (
              <Choice
                key={channel}
                channel={channel}
                title={t(`assets.channel.${channel}`)}
                about={t(`assets.channel.${channel}.about`)}
              />
            ))}
            {providers.map(({ channel, title }) => (
              <Choice
                key={channel}
                channel={channel}
                title={providerName(channel)}
                about={title === providerName(channel) ? '' : title}
              />
            ))}
          </SimpleGrid>
        </Radio.Group>
        {provider ? <SetupSteps title={provider.title} steps={provider.steps} /> : null}
        <AssetFields form={form} provider={provider} isNew />
        {add.error && errorOf(add.error).errors.length === 0 ? <ErrorState error={add.error} /> : null}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={close}>
            {t('cancel')}
          </Button>
          <Button type="submit" loading={add.isPending}>
            {t('assets.add')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function Choice({ channel, title, about }: { channel: string; title: string; about: string }) {
  return (
    <Radio.Card value={channel} p="sm" radius="md">
      <Group wrap="nowrap" align="flex-start" gap="sm">
        <Radio.Indicator />
        <div>
          <Text fw={600}>{title}</Text>
          {about === '' ? null : (
            <Text size="xs" c="dimmed">
              {about}
            </Text>
          )}
        </div>
      </Group>
    </Radio.Card>
  );
}
