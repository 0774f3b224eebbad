// The fields of an asset's form, by channel, and the way between a form's values and the API's body.
// Not here: saving. The one thing to know: the server replaces `config` as a whole, so what this form does not show is
// carried over from the asset as it was.
import { Checkbox, NativeSelect, SimpleGrid, Textarea, TextInput } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import type { Asset, Channel } from '../../api/types.ts';
import { GivenFields } from '../../parts/GivenFields.tsx';
import { configOf, type Given, givenOf } from '../../parts/given.ts';
import { useAssetT } from './words.ts';

export type Values = {
  channel: string;
  name: string;
  on_unknown: 'hold' | 'resend';
  url: string;
  title: string;
  greeting: string;
  origins: string;
  locale: string;
  accent: string;
  identity: string;
  uploads: boolean;
  /** of a channel with a provider behind it: by the names of its fields */
  provider: Given;
};

const text = (value: unknown, otherwise = ''): string => (typeof value === 'string' ? value : otherwise);

export function valuesOf(asset?: Asset, provider?: Channel): Values {
  const config = asset?.config ?? {};
  const theme = (config.theme ?? {}) as Record<string, unknown>;
  return {
    channel: asset?.channel ?? 'webchat',
    name: asset?.name ?? '',
    on_unknown: asset?.on_unknown ?? 'hold',
    url: text(config.url),
    title: text(config.title, 'Chat'),
    greeting: text(config.greeting),
    origins: Array.isArray(config.allowed_origins) ? config.allowed_origins.join('\n') : '',
    locale: text(config.locale, 'auto'),
    accent: text(theme.accent),
    identity: text(config.identity, 'optional'),
    uploads: config.uploads !== false,
    provider: givenOf(provider?.fields ?? [], asset?.config),
  };
}

const lines = (value: string): string[] =>
  value
    .split(/\s+/)
    .map((line) => line.replace(/\/$/, ''))
    .filter((line) => line !== '');

/** The body of a POST or PATCH. */
export function bodyOf(values: Values, asset?: Asset) {
  const { name, on_unknown } = values;
  if (values.channel === 'http') return { name, on_unknown, config: { ...asset?.config, url: values.url.trim() } };
  if (values.channel !== 'webchat') return { name, on_unknown, config: configOf(values.provider) };
  const { title, greeting, locale, identity, uploads } = values;
  const theme = { ...(asset?.config.theme as object | undefined), accent: values.accent.trim() };
  const config = { ...asset?.config, title, greeting, locale: locale.trim(), identity, uploads, theme };
  return { name, on_unknown, config: { ...config, allowed_origins: lines(values.origins) } };
}

/** The server's words by field, under the form's names. */
export function errorsFor(errors: Record<string, string>, provider?: Channel): Record<string, string> {
  const named = Object.entries(errors).map(([pointer, detail]): [string, string] => {
    if (provider !== undefined && pointer.startsWith('config.')) return [pointer.replace('config', 'provider'), detail];
    const field = pointer.replace(/^config\./, '').replace(/^theme\./, '');
    return [field.startsWith('allowed_origins') ? 'origins' : field, detail];
  });
  return Object.fromEntries(named);
}

export type AssetForm = UseFormReturnType<Values>;

type Shown = { form: AssetForm; readOnly?: boolean; provider?: Channel | undefined; isNew?: boolean };

export function AssetFields({ form, readOnly = false, provider, isNew = false }: Shown) {
  const t = useAssetT();
  const { channel } = form.values;
  return (
    <>
      <TextInput
        label={t('name')}
        description={t('assets.name.about')}
        required
        maxLength={100}
        readOnly={readOnly}
        data-autofocus
        {...form.getInputProps('name')}
      />
      {channel === 'http' ? <HttpFields form={form} readOnly={readOnly} /> : null}
      {channel === 'webchat' ? <WebchatFields form={form} readOnly={readOnly} /> : null}
      {provider ? (
        <GivenFields
          fields={provider.fields}
          values={form.values.provider}
          change={(name, value) => form.setFieldValue(`provider.${name}`, value)}
          errors={providerErrors(form)}
          readOnly={readOnly}
          isNew={isNew}
        />
      ) : null}
      {provider && provider.capabilities?.idempotent !== true ? <OnUnknown form={form} readOnly={readOnly} /> : null}
    </>
  );
}

/** What is wrong with a provider's fields, by their names. */
function providerErrors({ errors }: AssetForm): Record<string, string> {
  const named = Object.entries(errors).filter(([path]) => path.startsWith('provider.'));
  return Object.fromEntries(named.map(([path, detail]) => [path.slice('provider.'.length), String(detail)]));
}

type Part = { form: AssetForm; readOnly: boolean };

function OnUnknown({ form, readOnly }: Part) {
  const t = useAssetT();
  const choices = (['hold', 'resend'] as const).map((value) => ({ value, label: t(`assets.on_unknown.${value}`) }));
  return (
    <NativeSelect
      label={t('assets.on_unknown')}
      disabled={readOnly}
      data={choices}
      {...form.getInputProps('on_unknown')}
    />
  );
}

function HttpFields({ form, readOnly }: Part) {
  const t = useAssetT();
  return (
    <>
      <TextInput
        label={t('assets.url')}
        description={t('assets.url.about')}
        type="url"
        dir="ltr"
        required
        readOnly={readOnly}
        placeholder="https://"
        {...form.getInputProps('url')}
      />
      <OnUnknown form={form} readOnly={readOnly} />
    </>
  );
}

function WebchatFields({ form, readOnly }: Part) {
  const t = useAssetT();
  const identity = (['optional', 'required'] as const).map((value) => ({
    value,
    label: t(`assets.identity.${value}`),
  }));
  return (
    <>
      <Textarea
        label={t('assets.origins')}
        description={t('assets.origins.about')}
        autosize
        minRows={2}
        maxRows={8}
        dir="ltr"
        readOnly={readOnly}
        placeholder="https://www.example.com"
        {...form.getInputProps('origins')}
      />
      <SimpleGrid cols={{ base: 1, xs: 2 }}>
        <TextInput label={t('assets.title')} maxLength={60} readOnly={readOnly} {...form.getInputProps('title')} />
        <TextInput
          label={t('assets.accent')}
          placeholder={t('assets.accent.about')}
          readOnly={readOnly}
          {...form.getInputProps('accent')}
        />
        <TextInput
          label={t('assets.locale')}
          placeholder={t('assets.locale.about')}
          readOnly={readOnly}
          {...form.getInputProps('locale')}
        />
        <NativeSelect
          label={t('assets.identity')}
          data={identity}
          disabled={readOnly}
          {...form.getInputProps('identity')}
        />
      </SimpleGrid>
      <Textarea
        label={t('assets.greeting')}
        description={t('assets.greeting.about')}
        autosize
        minRows={2}
        maxRows={6}
        readOnly={readOnly}
        {...form.getInputProps('greeting')}
      />
      <Checkbox
        label={t('assets.uploads')}
        disabled={readOnly}
        {...form.getInputProps('uploads', { type: 'checkbox' })}
      />
    </>
  );
}
