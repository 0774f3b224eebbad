// What passed in the last minutes: messages in and out, failed attempts, how long bots took.
// Not here: drawing (parts/Chart.tsx). The one thing to know: the step under way is left out, because half a step looks
// like a fall.
import { Group, Paper, SegmentedControl, SimpleGrid, Text, Title } from '@mantine/core';
import { useGet } from '../../api/query.ts';
import type { Series } from '../../api/types.ts';
import { useLocale } from '../../i18n/locale.tsx';
import { Chart } from '../../parts/Chart.tsx';
import { Loaded } from '../../parts/States.tsx';
import { useUrlState } from '../../parts/useUrlState.ts';
import { useHomeT } from './words.ts';

const RANGES = ['15', '60', '120'];
const STEP_MS = 10_000;

export function Charts() {
  const t = useHomeT();
  const [{ minutes = '60' }, set] = useUrlState<{ minutes: string }>();
  const range = RANGES.includes(minutes) ? minutes : '60';
  const query = useGet<Series>('/overview/series', { params: { minutes: range }, every: STEP_MS });
  const control = (
    <SegmentedControl
      size="xs"
      aria-label={t('home.range')}
      value={range}
      onChange={(value) => set({ minutes: value === '60' ? '' : value })}
      data={RANGES.map((value) => ({ value, label: t('home.minutes', { count: Number(value) }) }))}
    />
  );
  return (
    <section aria-label={t('home.traffic')}>
      <Group justify="flex-end" mb="xs">
        {control}
      </Group>
      <Loaded query={query}>{(series) => <Drawn series={series} />}</Loaded>
    </section>
  );
}

function Drawn({ series }: { series: Series }) {
  const t = useHomeT();
  const { tag } = useLocale();
  const points = series.points.slice(0, -1);
  const times = points.map(({ at }) => Date.parse(at));
  const perMinute = (count: number): number => (count * 60) / series.step_s;
  const since = new Intl.DateTimeFormat(tag, { dateStyle: 'medium', timeStyle: 'short' }).format(
    Date.parse(series.since),
  );
  const few = points.length < 2;
  return (
    <>
      <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="lg">
        <Paper p="md">
          <Title order={2} mb="xs">
            {t('home.traffic')}
          </Title>
          {few ? <Few /> : null}
          <Chart
            label={t('home.traffic')}
            times={times}
            height={200}
            series={[
              { label: t('home.in'), tone: 'ink', values: points.map((each) => perMinute(each.in)), fill: true },
              { label: t('home.out'), tone: 'amber', values: points.map((each) => perMinute(each.out)) },
              { label: t('home.failed'), tone: 'bad', values: points.map((each) => perMinute(each.failed)) },
            ]}
          />
        </Paper>
        <Paper p="md">
          <Title order={2} mb="xs">
            {t('home.latency')}
          </Title>
          {few ? <Few /> : null}
          <Chart
            label={t('home.latency')}
            times={times}
            height={200}
            unit=" ms"
            series={[
              { label: t('home.p50'), tone: 'ink', values: points.map((each) => each.bot_p50_ms) },
              { label: t('home.p95'), tone: 'amber', values: points.map((each) => each.bot_p95_ms) },
            ]}
          />
        </Paper>
      </SimpleGrid>
      <Text size="xs" c="dimmed" mt="xs">
        {t('home.series.since', { since })}
      </Text>
    </>
  );
}

function Few() {
  const t = useHomeT();
  return (
    <Text size="sm" c="dimmed">
      {t('home.series.empty')}
    </Text>
  );
}
