// The fields that a provider or vendor asks for, as the server describes them.
// Not here: which there are. The one thing to know: a secret is never shown again, so its field begins empty and an
// empty one keeps what is there.
import { Anchor, NativeSelect, PasswordInput, Stack, Switch, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useT } from '../i18n/words.ts';
import { type Field, type Given, mustBeTyped } from './given.ts';

type Props = {
  fields: readonly Field[];
  values: Given;
  change: (name: string, value: string | boolean) => void;
  /** the server's words by a field's name */
  errors: Record<string, string>;
  readOnly: boolean;
  isNew: boolean;
};

/** What nearly everybody leaves as it is (API addresses and versions) stands behind a button. */
const isUsual = (field: Field): boolean => field.default !== undefined && field.kind !== 'switch';

export function GivenFields({ fields, ...rest }: Props) {
  const t = useT();
  const [more, setMore] = useState(false);
  const usual = fields.filter(isUsual);
  const open = more || usual.some((field) => rest.errors[field.name] !== undefined);
  return (
    <Stack>
      {fields
        .filter((field) => open || !isUsual(field))
        .map((field) => (
          <OneField key={field.name} field={field} {...rest} />
        ))}
      {usual.length > 0 && !open ? (
        <Anchor component="button" type="button" size="sm" ta="start" onClick={() => setMore(true)}>
          {t('given.more', { count: usual.length })}
        </Anchor>
      ) : null}
    </Stack>
  );
}

function OneField({ field, values, change, errors, readOnly, isNew }: Omit<Props, 'fields'> & { field: Field }) {
  const t = useT();
  const { name, kind, label, help: description } = field;
  const value = values[name];
  if (kind === 'switch') {
    return (
      <Switch
        {...{ label, description }}
        disabled={readOnly}
        error={errors[name]}
        checked={value === true}
        onChange={(event) => change(name, event.currentTarget.checked)}
      />
    );
  }
  const shared = {
    ...{ label, description, error: errors[name], value: typeof value === 'string' ? value : '' },
    onChange: (event: { currentTarget: { value: string } }) => change(name, event.currentTarget.value),
  };
  if (kind === 'choice') return <NativeSelect {...shared} disabled={readOnly} data={field.choices ?? []} />;
  const typed = {
    ...shared,
    required: isNew && mustBeTyped(field),
    readOnly,
    dir: 'ltr',
    autoComplete: 'off',
  } as const;
  if (kind === 'secret') {
    const empty = isNew ? (field.generated ? t('given.generated') : '') : t('given.kept');
    return <PasswordInput {...typed} autoComplete="new-password" placeholder={empty} />;
  }
  return <TextInput {...typed} type={kind === 'url' ? 'url' : 'text'} />;
}
