// A provider's fields, as the server describes them.
// Not here: which there are. The one thing to know: a secret is never shown again, so its field begins empty and an
// empty one keeps what is there.
import { Anchor, NativeSelect, PasswordInput, Stack, Switch, TextInput } from '@mantine/core';
import { useState } from 'react';
import { type Field, mustBeTyped } from './channels.ts';
import type { AssetForm } from './fields.tsx';
import { useAssetT } from './words.ts';

type Props = { fields: readonly Field[]; form: AssetForm; readOnly: boolean; isNew: boolean };

/** What nearly everybody leaves as it is (API addresses and versions) stands behind a button. */
const isUsual = (field: Field): boolean => field.default !== undefined && field.kind !== 'switch';

export function ProviderFields({ fields, form, readOnly, isNew }: Props) {
  const t = useAssetT();
  const [more, setMore] = useState(false);
  const rest = fields.filter(isUsual);
  const hasError = rest.some((field) => form.errors[`provider.${field.name}`] !== undefined);
  return (
    <Stack>
      {fields
        .filter((field) => !isUsual(field))
        .map((field) => (
          <OneField key={field.name} field={field} form={form} readOnly={readOnly} isNew={isNew} />
        ))}
      {rest.length > 0 && !more && !hasError ? (
        <Anchor component="button" type="button" size="sm" ta="start" onClick={() => setMore(true)}>
          {t('assets.provider.more', { count: rest.length })}
        </Anchor>
      ) : null}
      {more || hasError
        ? rest.map((field) => <OneField key={field.name} field={field} form={form} readOnly={readOnly} isNew={isNew} />)
        : null}
    </Stack>
  );
}

function OneField({ field, form, readOnly, isNew }: Omit<Props, 'fields'> & { field: Field }) {
  const t = useAssetT();
  const path = `provider.${field.name}`;
  const shared = {
    label: field.label,
    description: field.help,
    required: isNew && mustBeTyped(field),
    readOnly,
    dir: 'ltr',
  } as const;
  if (field.kind === 'switch') {
    return (
      <Switch
        label={field.label}
        description={field.help}
        disabled={readOnly}
        {...form.getInputProps(path, { type: 'checkbox' })}
      />
    );
  }
  if (field.kind === 'choice') {
    return (
      <NativeSelect
        label={field.label}
        description={field.help}
        disabled={readOnly}
        data={field.choices ?? []}
        {...form.getInputProps(path)}
      />
    );
  }
  if (field.kind === 'secret') {
    const empty = isNew ? (field.generated ? t('assets.provider.generated') : '') : t('assets.provider.kept');
    return <PasswordInput {...shared} autoComplete="off" placeholder={empty} {...form.getInputProps(path)} />;
  }
  return <TextInput {...shared} type={field.kind === 'url' ? 'url' : 'text'} {...form.getInputProps(path)} />;
}
