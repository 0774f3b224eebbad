// A desk's values in its vendor's software, changed by hand.
// Not here: its address (Reverify.tsx). The one thing to know: what changes them makes the desk unverified, so the next
// step is to verify it again.
import { Button, Group, Paper, Stack, Title } from '@mantine/core';
import { useState } from 'react';
import { useSend } from '../../api/query.ts';
import type { Desk } from '../../api/types.ts';
import { GivenFields } from '../../parts/GivenFields.tsx';
import { configOf, type Given, givenOf } from '../../parts/given.ts';
import { SetupSteps } from '../../parts/SetupSteps.tsx';
import { ErrorState } from '../../parts/States.tsx';
import { tellDone } from '../../parts/tell.tsx';
import { configErrors, useDeskKind } from './kinds.ts';
import { useIntegrationT } from './words.ts';

export function Vendor({ desk, readOnly }: { desk: Desk; readOnly: boolean }) {
  const t = useIntegrationT();
  const kind = useDeskKind(desk.kind);
  const [typed, setTyped] = useState<Given>({});
  const save = useSend<Given, Desk>('PATCH', `/desks/${desk.id}`, {
    bodyOf: (given) => ({ config: configOf(given) }),
    onDone: () => {
      setTyped({});
      tellDone(t('vendor.saved'));
    },
  });
  if (!kind) return null;
  const values = { ...givenOf(kind.fields, desk.config), ...typed };
  const errors = configErrors(save.error);
  return (
    <Paper p="md" component="section" aria-labelledby="vendor">
      <Title order={2} id="vendor" mb="sm">
        {t('vendor.title', { name: kind.title })}
      </Title>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate(values);
        }}
      >
        <Stack>
          <SetupSteps title={kind.title} steps={kind.steps} made={desk} />
          <GivenFields
            fields={kind.fields}
            values={values}
            change={(name, value) => setTyped((now) => ({ ...now, [name]: value }))}
            errors={errors}
            readOnly={readOnly}
            isNew={false}
          />
          {save.error && Object.keys(errors).length === 0 ? <ErrorState error={save.error} /> : null}
          {readOnly ? null : (
            <Group justify="flex-end">
              <Button
                type="submit"
                variant="default"
                loading={save.isPending}
                disabled={Object.keys(typed).length === 0}
              >
                {t('save')}
              </Button>
            </Group>
          )}
        </Stack>
      </form>
    </Paper>
  );
}
