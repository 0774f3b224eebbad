// How it speaks to us: its incoming webhook URL, its secrets, and replacing each with an overlap.
// Not here: where we reach it (Reverify.tsx). The one thing to know: secrets are masked here; the answer that makes a
// new one shows it once. A hook URL is a secret too: only owners and administrators see it.
import { Button, Group, NativeSelect, Paper, Stack, Text, Title } from '@mantine/core';
import { modals } from '@mantine/modals';
import { useState } from 'react';
import { useSend } from '../../api/query.ts';
import { ADMINS, useMay } from '../../api/session.ts';
import type { Rotation } from '../../api/types.ts';
import { CopyId } from '../../parts/CopyId.tsx';
import { ErrorState } from '../../parts/States.tsx';
import { showOnce } from '../assets/ShownOnce.tsx';
import { Snippets } from './Snippets.tsx';
import { type Integration, type IntegrationT, pathOf, useIntegrationT } from './words.ts';

type What = 'hook_url' | 'secret' | 'signing_secret';
/** Seconds that the old one goes on working. */
const OVERLAPS = { day: 86_400, hour: 3_600, week: 604_800, now: 0 } as const;
type Overlap = keyof typeof OVERLAPS;

const NAMES = { hook_url: 'reach.hook', secret: 'reach.secret', signing_secret: 'reach.signing' } as const;
const nameOf = (t: IntegrationT, what: What): string => t(NAMES[what]);

export function Reach({ one }: { one: Integration }) {
  const t = useIntegrationT();
  const { type, hook_url: hookUrl } = one;
  const url = one.url ?? '';
  return (
    <Paper p="md" component="section" aria-labelledby="reach">
      <Title order={2} id="reach" mb="sm">
        {t('reach.title')}
      </Title>
      <Stack>
        <Line one={one} what="hook_url" about={t(`reach.hook.${type}`)} />
        {type === 'desk' ? <Line one={one} what="secret" about={t('reach.secret.about')} /> : null}
        <Line one={one} what="signing_secret" about={t(`reach.signing.${type}`)} />
        {hookUrl ? (
          <div>
            <Title order={3} mb={4}>
              {t('snippet.title')}
            </Title>
            <Snippets type={type} place={{ hookUrl, url, token: tokenOf(one), secret: null }} />
          </div>
        ) : null}
      </Stack>
    </Paper>
  );
}

const tokenOf = (one: Integration): string | null =>
  one.type === 'bot' && one.verification_token !== null ? 'YOUR VERIFICATION TOKEN' : null;

function Line({ one, what, about }: { one: Integration; what: What; about: string }) {
  const t = useIntegrationT();
  const mayRotate = useMay(ADMINS);
  const name = nameOf(t, what);
  const value = shownOf(one, what);
  const open = (): void => {
    const id = modals.open({
      title: t('rotate.what', { what: name }),
      children: <Rotate one={one} what={what} close={() => modals.close(id)} />,
    });
  };
  return (
    <div>
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        <Text size="sm" fw={600}>
          {name}
        </Text>
        {mayRotate ? (
          <Button size="compact-xs" variant="default" onClick={open} aria-label={t('rotate.what', { what: name })}>
            {t('rotate')}
          </Button>
        ) : null}
      </Group>
      {value === null ? (
        <Text size="sm">{t('reach.hidden')}</Text>
      ) : what === 'hook_url' ? (
        <CopyId value={value} what={name} />
      ) : (
        <code className="sb-id">{value}</code>
      )}
      <Text size="xs" c="dimmed">
        {about}
      </Text>
    </div>
  );
}

function shownOf(one: Integration, what: What): string | null {
  if (what === 'secret') return one.type === 'desk' ? one.secret : null;
  return one[what];
}

function Rotate({ one, what, close }: { one: Integration; what: What; close: () => void }) {
  const t = useIntegrationT();
  const [overlap, setOverlap] = useState<Overlap>('day');
  const rotate = useSend<{ what: What; overlap_s: number }, Rotation>('POST', `${pathOf(one)}/rotation`, {
    onDone: (made) => {
      close();
      showOnce(one.name, [{ name: nameOf(t, what), value: made[what] ?? null }]);
    },
  });
  const choices = (Object.keys(OVERLAPS) as Overlap[]).map((value) => ({ value, label: t(`rotate.${value}`) }));
  return (
    <Stack>
      <Text>{t('rotate.about')}</Text>
      <NativeSelect
        label={t('rotate.overlap')}
        data={choices}
        value={overlap}
        onChange={(event) => setOverlap(event.currentTarget.value as Overlap)}
      />
      {rotate.error ? <ErrorState error={rotate.error} /> : null}
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={close}>
          {t('cancel')}
        </Button>
        <Button loading={rotate.isPending} onClick={() => rotate.mutate({ what, overlap_s: OVERLAPS[overlap] })}>
          {t('rotate')}
        </Button>
      </Group>
    </Stack>
  );
}
