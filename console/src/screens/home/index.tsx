// Home: how things stand. The promises as numbers, who needs a person, what passes, and the first steps.
// Not here: mending anything. The one thing to know: every number leads to what it counts.
import { Grid, Stack } from '@mantine/core';
import { useGet } from '../../api/query.ts';
import { BUILDERS, useMay } from '../../api/session.ts';
import type { Overview } from '../../api/types.ts';
import { useLocale } from '../../i18n/locale.tsx';
import { PageHeader } from '../../parts/PageHeader.tsx';
import { Loaded } from '../../parts/States.tsx';
import { Charts } from './Charts.tsx';
import { Checklist } from './Checklist.tsx';
import { Needs } from './Needs.tsx';
import { Promises } from './Promises.tsx';
import { useHomeT } from './words.ts';

/** What no event tells of: what passed in the last minute, and deadlines that ran out. */
const ASK_AGAIN_MS = 10_000;

export default function Home() {
  const t = useHomeT();
  const query = useGet<Overview>('/overview', { every: ASK_AGAIN_MS });
  return (
    <>
      <PageHeader title={t('nav.home')} about={query.data ? <Now overview={query.data} /> : null} />
      <Loaded query={query}>{(overview) => <Whole overview={overview} />}</Loaded>
    </>
  );
}

function Now({ overview: { now } }: { overview: Overview }) {
  const t = useHomeT();
  const { tag } = useLocale();
  if (now.messages_per_minute === 0) return t('home.now.quiet');
  const ms = new Intl.NumberFormat(tag, { style: 'unit', unit: 'millisecond', maximumFractionDigits: 0 });
  const times =
    now.bot_p50_ms === null || now.bot_p95_ms === null
      ? ''
      : ` · ${t('home.now.bots', { p50: ms.format(now.bot_p50_ms), p95: ms.format(now.bot_p95_ms) })}`;
  return `${t('home.now', { count: now.messages_per_minute })}${times}`;
}

function Whole({ overview }: { overview: Overview }) {
  const mayBuild = useMay(BUILDERS);
  const steps = overview.checklist;
  const isNew = mayBuild && steps.some(({ done }) => !done);
  return (
    <Stack gap="lg">
      <Promises overview={overview} />
      <Grid gap="lg">
        <Grid.Col span={{ base: 12, lg: isNew ? 7 : 12 }}>
          <Needs needs={overview.needs} />
        </Grid.Col>
        {isNew ? (
          <Grid.Col span={{ base: 12, lg: 5 }}>
            <Checklist steps={steps} />
          </Grid.Col>
        ) : null}
      </Grid>
      <Charts />
    </Stack>
  );
}
