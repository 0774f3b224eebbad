// The five promises as numbers, each with what it means and the way to what it counts.
// The one thing to know: 0 in limbo is said to be good by a word and a shape, not by a colour alone.
import { Paper, SimpleGrid, Text, Title } from '@mantine/core';
import type { Overview } from '../../api/types.ts';
import { useLocale } from '../../i18n/locale.tsx';
import { Icon } from '../../icons/index.tsx';
import { LinkTo } from '../../parts/links.tsx';
import classes from './Home.module.css';
import { useHomeT } from './words.ts';

type Tone = 'good' | 'wait' | 'bad' | 'quiet';
type Tile = {
  key: 'limbo' | 'stale' | 'waiting' | 'parked' | 'unknown';
  value: number;
  tone: Tone;
  to?: { to: '/threads' | '/deliveries'; search: Record<string, string> };
};

function tilesOf({ promises: p }: Overview): Tile[] {
  const unless = (value: number, tone: Tone): Tone => (value === 0 ? 'good' : tone);
  return [
    {
      key: 'limbo',
      value: p.limbo,
      tone: unless(p.limbo, 'bad'),
      to: { to: '/threads', search: { state: 'limbo' } },
    },
    { key: 'stale', value: p.stale_refused, tone: 'quiet' },
    { key: 'waiting', value: p.waiting, tone: 'quiet', to: { to: '/threads', search: { state: 'waiting' } } },
    {
      key: 'parked',
      value: p.parked,
      tone: unless(p.parked, 'wait'),
      to: { to: '/deliveries', search: { status: 'parked' } },
    },
    {
      key: 'unknown',
      value: p.unknown_outcomes,
      tone: unless(p.unknown_outcomes, 'bad'),
      to: { to: '/deliveries', search: { status: 'held' } },
    },
  ];
}

export function Promises({ overview }: { overview: Overview }) {
  const t = useHomeT();
  const { tag } = useLocale();
  const since = new Intl.DateTimeFormat(tag, { dateStyle: 'medium', timeStyle: 'short' }).format(
    Date.parse(overview.since),
  );
  const number = new Intl.NumberFormat(tag);
  return (
    <section aria-labelledby="promises">
      <Title order={2} id="promises" mb="xs">
        {t('home.promises')}
      </Title>
      <SimpleGrid cols={{ base: 1, xs: 2, md: 3, xl: 5 }} spacing="sm">
        {tilesOf(overview).map(({ key, value, tone, to }) => (
          <Paper key={key} p="md" className={classes.tile} data-tone={tone} data-promise={key}>
            <Text size="sm" fw={600} className={classes.name}>
              {tone === 'good' ? <Icon name="check" size={15} /> : null}
              {tone === 'bad' || tone === 'wait' ? <Icon name="warning" size={15} /> : null}
              {t(`home.${key}`)}
            </Text>
            <p className={classes.number}>{number.format(value)}</p>
            <Text size="xs" c="dimmed">
              {t(`home.${key}.about`, { since })}
            </Text>
            {to && value > 0 ? (
              <LinkTo
                {...(to as { to: '/threads' })}
                size="xs"
                mt={6}
                aria-label={`${t('home.see')}: ${t(`home.${key}`)}`}
              >
                {t('home.see')}
              </LinkTo>
            ) : null}
          </Paper>
        ))}
      </SimpleGrid>
    </section>
  );
}
