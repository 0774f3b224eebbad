// The settings of an integration, each with what it does and its default.
// Not here: address and token (Reverify.tsx), for they are tried before they are saved. The one thing to know: only
// what was changed is sent.
import {
  Button,
  Checkbox,
  Fieldset,
  Group,
  NativeSelect,
  NumberInput,
  Paper,
  Stack,
  TextInput,
  Title,
} from '@mantine/core';
import { type UseFormReturnType, useForm } from '@mantine/form';
import { useEffect } from 'react';
import { formErrors } from '../../api/client.ts';
import { useSend } from '../../api/query.ts';
import { tellDone, tellFailed } from '../../parts/tell.tsx';
import {
  CHOICES,
  changesOf,
  DEFAULTS,
  groupsOf,
  RANGES,
  type SettingName,
  type SettingValues,
  valuesOf,
} from './settings.ts';
import { type Integration, pathOf, useIntegrationT } from './words.ts';

export function SettingsForm({ one, readOnly }: { one: Integration; readOnly: boolean }) {
  const t = useIntegrationT();
  const form = useForm<SettingValues>({ initialValues: valuesOf(one) });
  const save = useSend<SettingValues, Integration>('PATCH', pathOf(one), {
    bodyOf: (values) => changesOf(values, one),
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: when the server's version changes
  useEffect(() => {
    if (!form.isDirty()) form.initialize(valuesOf(one));
  }, [one.updated_at]);
  const submit = (values: SettingValues): void =>
    save.mutate(values, {
      onSuccess: (saved) => {
        const now = valuesOf({ ...one, ...saved } as Integration);
        form.setInitialValues(now);
        form.setValues(now);
        tellDone(t('settings.saved'));
      },
      onError: (error) => {
        const errors = Object.entries(formErrors(error)).map(([field, detail]) => [field.split('.')[0], detail]);
        form.setErrors(Object.fromEntries(errors));
        tellFailed(t('settings.failed'), error);
      },
    });
  return (
    <Paper p="md" component="section" aria-labelledby="settings">
      <Title order={2} id="settings" mb="sm">
        {t('settings.title')}
      </Title>
      <form onSubmit={form.onSubmit(submit)}>
        <Stack>
          <TextInput
            label={t('name')}
            required
            maxLength={100}
            dir="auto"
            readOnly={readOnly}
            {...form.getInputProps('name')}
          />
          {groupsOf(one).map(([group, settings]) => (
            <Fieldset key={group} legend={t(`settings.${group}`)} disabled={readOnly}>
              <Stack gap="sm">
                {settings.map((name) => (
                  <Setting key={name} name={name} form={form} isDesk={one.type === 'desk'} />
                ))}
              </Stack>
            </Fieldset>
          ))}
          {readOnly ? null : (
            <Group justify="flex-end">
              <Button type="submit" variant="default" loading={save.isPending} disabled={!form.isDirty()}>
                {t('save')}
              </Button>
            </Group>
          )}
        </Stack>
      </form>
    </Paper>
  );
}

type SettingProps = { name: SettingName; form: UseFormReturnType<SettingValues>; isDesk: boolean };

function Setting({ name, form, isDesk }: SettingProps) {
  const t = useIntegrationT();
  const label = t(`set.${name}`);
  const about = name === 'reply_within_s' && isDesk ? t('set.reply_within_s.desk') : t(`set.${name}.about`);
  const standard = DEFAULTS[name];
  if (typeof standard === 'boolean') {
    const description = `${about} ${t('settings.default', { value: t(standard ? 'settings.on' : 'settings.off') })}`;
    return <Checkbox label={label} description={description} {...form.getInputProps(name, { type: 'checkbox' })} />;
  }
  if (name === 'failure_scope' || name === 'recovery') {
    const data = CHOICES[name].map((value) => ({ value, label: t(`set.value.${value}`) }));
    const value = t(`set.value.${DEFAULTS[name]}`);
    const description = `${about} ${t('settings.default', { value })}`;
    return <NativeSelect label={label} description={description} data={data} {...form.getInputProps(name)} />;
  }
  const description = `${about} ${t('settings.default', { value: standard })}`;
  const range = RANGES[name];
  if (range === undefined) {
    return <TextInput label={label} description={description} dir="ltr" {...form.getInputProps(name)} />;
  }
  return (
    <NumberInput
      label={label}
      description={description}
      min={range[0]}
      max={range[1]}
      allowDecimal={false}
      clampBehavior="none"
      {...form.getInputProps(name)}
    />
  );
}
