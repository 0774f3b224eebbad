// How an integration is: what its status means, what made it so and since when, and what waits for it.
// Not here: making it active again (Reverify.tsx). The one thing to know: parked deliveries are counted up to a page;
// their own screen has them all.
import { Button, Group, Paper, Text, Title } from '@mantine/core';
import { useGet } from '../../api/query.ts';
import type { Delivery, Page } from '../../api/types.ts';
import { LinkTo } from '../../parts/links.tsx';
import { RelativeTime } from '../../parts/RelativeTime.tsx';
import { StatusBadge } from '../../parts/StatusBadge.tsx';
import { focusEndpoint } from './Reverify.tsx';
import { type Integration, useIntegrationT } from './words.ts';

const COUNTED = 100;

export function Condition({ one }: { one: Integration }) {
  const t = useIntegrationT();
  const isBroken = one.status === 'inactive' || one.status === 'unverified';
  return (
    <Paper p="md" component="section" aria-labelledby="condition">
      <Title order={2} id="condition" mb="xs">
        {t('health.title')}
      </Title>
      <Group gap="xs">
        <StatusBadge status={one.status} />
        <Text component="div">
          {t(`int.why.${one.status}`)} <RelativeTime at={one.since} />
        </Text>
      </Group>
      {one.inactive_reason ? (
        <Text mt="xs" component="div">
          <strong>{t('health.reason')}</strong> <bdi>{one.inactive_reason}</bdi>
        </Text>
      ) : null}
      <Text mt="xs" size="sm" c="dimmed">
        {t('int.failures', { count: one.failures })}.{' '}
        {one.status === 'active' ? t('health.threshold', { count: one.failure_threshold }) : t('health.nothing_sent')}
      </Text>
      <Waiting one={one} />
      {isBroken && one.url !== null ? (
        <Button mt="sm" size="xs" variant="default" onClick={focusEndpoint}>
          {t('health.mend')}
        </Button>
      ) : null}
    </Paper>
  );
}

/** What is kept for it until it is active. */
function Waiting({ one }: { one: Integration }) {
  const t = useIntegrationT();
  const parked = useGet<Page<Delivery>>('/deliveries', {
    params: { target: one.id, status: 'parked', limit: COUNTED },
  });
  const count = parked.data?.data.length ?? 0;
  return (
    <Text mt="xs" size="sm" component="div">
      {parked.data?.next_cursor ? t('health.parked.many', { count: COUNTED }) : t('health.parked', { count })}{' '}
      <LinkTo
        to="/deliveries"
        underline="always"
        search={{ target: one.id, ...(count > 0 ? { status: 'parked' } : {}) } as never}
        aria-label={t('health.deliveries.what', { name: one.name })}
      >
        {t('health.deliveries')}
      </LinkTo>
    </Text>
  );
}
