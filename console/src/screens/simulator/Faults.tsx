// Faults of a bot, for this customer alone: down, slow, 500, no token.
// Not here: what a fault does (the server). The one thing to know: the ledger takes them as real, and they never count
// towards making the bot inactive.
import { Alert, Paper, SegmentedControl, Select, Stack, Text, Title } from '@mantine/core';
import { useState } from 'react';
import { useGet, useSend } from '../../api/query.ts';
import type { Bot, Fault, FaultList } from '../../api/types.ts';
import { useNamed } from '../../parts/Name.tsx';
import { RelativeTime } from '../../parts/RelativeTime.tsx';
import { tellFailed } from '../../parts/tell.tsx';
import { useSimT } from './words.ts';

const FAULTS = ['none', 'down', 'slow', 'error_500', 'no_token'] as const;
type Body = { bot_id: string; address: string; fault: Fault['fault'] | 'none' };
/** They end by themselves after an hour, and no event says so. */
const ASK_AGAIN_MS = 30_000;

export function Faults({ address }: { address: string }) {
  const t = useSimT();
  const bots = useNamed<Bot>('bots');
  const [chosen, setChosen] = useState<string | null>(null);
  const bot = bots.find(({ id }) => id === chosen) ?? bots[0];
  const laid = useGet<FaultList>('/simulator/faults', { every: ASK_AGAIN_MS });
  const lay = useSend<Body, FaultList>('PUT', '/simulator/faults');
  if (bot === undefined) return null;
  const now = laid.data?.data.find((each) => each.bot_id === bot.id && each.address === address);
  const shown = lay.isPending ? lay.variables.fault : (now?.fault ?? 'none');
  return (
    <Paper p="md" component="section" aria-labelledby="faults">
      <Title order={2} id="faults" mb="xs">
        {t('faults')}
      </Title>
      <Stack gap="sm">
        <Select
          label={t('type.bot')}
          data={bots.map(({ id, name }) => ({ value: id, label: name }))}
          value={bot.id}
          allowDeselect={false}
          searchable
          onChange={setChosen}
        />
        <SegmentedControl
          aria-label={t('faults')}
          size="xs"
          orientation="horizontal"
          style={{ flexWrap: 'wrap' }}
          value={shown}
          onChange={(fault) =>
            lay.mutate(
              { bot_id: bot.id, address, fault: fault as Body['fault'] },
              { onError: (error) => tellFailed(t('faults.failed'), error) },
            )
          }
          data={FAULTS.map((value) => ({ value, label: t(`fault.${value}`) }))}
        />
        {now === undefined ? null : (
          <Alert color="amber" variant="light" py="xs">
            {t(`fault.${now.fault}.about`)} {t('faults.until')} <RelativeTime at={now.until} exact />
          </Alert>
        )}
        <Text size="xs" c="dimmed">
          {t('faults.about')}
        </Text>
      </Stack>
    </Paper>
  );
}
