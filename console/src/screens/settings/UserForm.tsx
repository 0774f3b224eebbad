// A person's name, e-mail address and role.
// Not here: passwords, which only the person chooses. The one thing to know: with another role the person is signed out.
import { Button, Group, NativeSelect, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { errorOf, formErrors } from '../../api/client.ts';
import { useSend } from '../../api/query.ts';
import { useSession } from '../../api/session.ts';
import type { Role, User } from '../../api/types.ts';
import { ErrorState } from '../../parts/States.tsx';
import { rolesFor } from './People.tsx';
import { useSetT } from './words.ts';

type Values = { name: string; email: string; role: Role };
type Props = { row: User | null; saved: (user: User) => void; cancel: () => void };

export function UserForm({ row, saved, cancel }: Props) {
  const t = useSetT();
  const me = useSession().user;
  const form = useForm<Values>({
    initialValues: { name: row?.name ?? '', email: row?.email ?? '', role: row?.role ?? 'agent' },
  });
  const save = useSend<Values, User>(row === null ? 'POST' : 'PATCH', row === null ? '/users' : `/users/${row.id}`, {
    touches: ['audit', 'overview'],
    bodyOf: ({ name, email, role }) => ({ name, role, email: email.trim() === '' ? null : email.trim() }),
  });
  const submit = (values: Values): void =>
    save.mutate(values, {
      onSuccess: saved,
      onError: (error) =>
        form.setErrors(errorOf(error).code === 'email_taken' ? { email: t('people.email.taken') } : formErrors(error)),
    });
  const isShownAtField = save.error !== null && Object.keys(form.errors).length > 0;
  return (
    <form onSubmit={form.onSubmit(submit)}>
      <Stack>
        <TextInput label={t('name')} required maxLength={100} data-autofocus {...form.getInputProps('name')} />
        <TextInput
          label={t('people.email')}
          description={t('people.email.about')}
          type="email"
          required
          dir="ltr"
          maxLength={254}
          {...form.getInputProps('email')}
        />
        <NativeSelect
          label={t('people.role')}
          description={t(`people.role.${form.values.role}`)}
          data={rolesFor(me.role).map((value) => ({ value, label: t(`role.${value}`) }))}
          {...form.getInputProps('role')}
        />
        {save.error && !isShownAtField ? <ErrorState error={save.error} /> : null}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={cancel}>
            {t('cancel')}
          </Button>
          <Button type="submit" loading={save.isPending}>
            {t(row === null ? 'people.add.do' : 'save')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
