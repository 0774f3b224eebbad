// The simulator: being the customer on any asset, beside the live trace of what that causes.
// Not here: the trace (Trace.tsx), plays (scripts.ts), faults (Faults.tsx). The one thing to know: everything is real but
// the last step: what is sent to this customer goes nowhere.
import { Button, Grid, Group, Paper, Select, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useGet } from '../../api/query.ts';
import type { Asset, Page } from '../../api/types.ts';
import { Icon } from '../../icons/index.tsx';
import { ButtonTo } from '../../parts/links.tsx';
import { PageHeader } from '../../parts/PageHeader.tsx';
import { Empty, Loaded } from '../../parts/States.tsx';
import { useTimeline } from '../../parts/useTimeline.ts';
import { useUrlState } from '../../parts/useUrlState.ts';
import { Chat } from './Chat.tsx';
import { type Customer, newAddress } from './customer.ts';
import { Faults } from './Faults.tsx';
import { Scripts } from './Scripts.tsx';
import { Trace } from './Trace.tsx';
import { useSimT } from './words.ts';

type Address = { asset: string; as: string; name: string; thread: string };

export default function Simulator() {
  const t = useSimT();
  const query = useGet<Page<Asset>>('/assets', { params: { limit: 100 } });
  return (
    <>
      <PageHeader title={t('nav.simulator')} about={t('sim.about')} />
      <Loaded query={query}>
        {({ data }) =>
          data.length === 0 ? (
            <Empty
              icon="simulator"
              title={t('sim.empty')}
              action={<ButtonTo to="/assets">{t('sim.empty.add')}</ButtonTo>}
            >
              {t('sim.empty.about')}
            </Empty>
          ) : (
            <Whole assets={data} />
          )
        }
      </Loaded>
    </>
  );
}

function Whole({ assets }: { assets: Asset[] }) {
  const t = useSimT();
  const [first] = useState(newAddress);
  const [state, set] = useUrlState<Address>();
  const asset = assets.find(({ id }) => id === state.asset) ?? (assets[0] as Asset);
  const customer: Customer = { assetId: asset.id, address: state.as ?? first, name: state.name ?? '' };
  const thread = state.thread ?? null;
  const timeline = useTimeline(thread);
  const met = (id: string): void => {
    if (id !== thread) set({ asset: asset.id, as: customer.address, thread: id });
  };
  return (
    <Grid gap="lg">
      <Grid.Col span={{ base: 12, md: 5 }}>
        <Stack gap="md">
          <Paper p="md">
            <Stack gap="sm">
              <Select
                label={t('sim.asset')}
                data={assets.map(({ id, name }) => ({ value: id, label: name }))}
                value={asset.id}
                allowDeselect={false}
                searchable
                onChange={(id) => set({ asset: id ?? '', as: newAddress(), thread: '' })}
              />
              <Group align="flex-end" wrap="nowrap" gap="xs">
                <TextInput
                  flex={1}
                  label={t('sim.name')}
                  placeholder={t('sim.name.hint')}
                  value={customer.name}
                  maxLength={100}
                  dir="auto"
                  onChange={(event) => set({ name: event.currentTarget.value, as: customer.address })}
                />
                <Button
                  variant="default"
                  leftSection={<Icon name="plus" size={15} />}
                  onClick={() => set({ as: newAddress(), thread: '', name: '' })}
                >
                  {t('sim.new')}
                </Button>
              </Group>
              <Text size="xs" c="dimmed">
                {t('sim.address')} <code dir="ltr">{customer.address}</code>
              </Text>
            </Stack>
          </Paper>
          <Chat key={customer.address} customer={customer} items={timeline.items} met={met} />
          <Scripts key={`${customer.address} plays`} customer={customer} thread={thread} met={met} />
          <Faults address={customer.address} />
        </Stack>
      </Grid.Col>
      <Grid.Col span={{ base: 12, md: 7 }}>
        <Trace thread={thread} timeline={timeline} />
      </Grid.Col>
    </Grid>
  );
}
