// The draft tried on what customers said lately: which it would have matched, why, and whose rule would have won.
// Not here: the judging (the server's). The one thing to know: nothing is saved and nothing is sent; when the draft
// changes, what is shown says that it is of an older one.
import { Button, Group, Paper, Text, Title } from '@mantine/core';
import { useState } from 'react';
import { useSend } from '../../api/query.ts';
import type { RuleTried, Service } from '../../api/types.ts';
import { Icon } from '../../icons/index.tsx';
import { LinkTo } from '../../parts/links.tsx';
import { RelativeTime } from '../../parts/RelativeTime.tsx';
import { ErrorState } from '../../parts/States.tsx';
import type { RuleBody } from './draft.ts';
import classes from './Services.module.css';
import { useServiceT } from './words.ts';

const LIMIT = 50;

export function TryOut({ service, body, ruleId }: { service: Service; body: RuleBody; ruleId?: string }) {
  const t = useServiceT();
  const [triedBody, setTriedBody] = useState('');
  const { name, ...rest } = body;
  const draft = { ...rest, ...(name === '' ? {} : { name }), ...(ruleId ? { id: ruleId } : {}) };
  const now = JSON.stringify(draft);
  const send = useSend<unknown, RuleTried>('POST', `/services/${service.id}/rules/try`);
  const isUtterance = body.trigger.event === 'message.received' || body.trigger.event === 'postback.received';
  const run = (): void => {
    setTriedBody(now);
    send.mutate({ rule: draft, limit: LIMIT });
  };
  return (
    <Paper p="md" component="section" aria-labelledby="try">
      <Title order={2} id="try" mb={2}>
        {t('try')}
      </Title>
      <Text size="sm" c="dimmed" mb="xs">
        {t(isUtterance ? 'try.about' : 'try.only')}
      </Text>
      {isUtterance ? (
        <Group gap="sm" mb="xs">
          <Button variant="default" onClick={run} loading={send.isPending} leftSection={<Icon name="play" size={14} />}>
            {t('try.run')}
          </Button>
          {send.data && triedBody !== now ? (
            <Text size="sm" c="var(--sb-wait)">
              {t('try.stale')}
            </Text>
          ) : null}
        </Group>
      ) : null}
      {send.error ? <ErrorState error={send.error} /> : null}
      {send.data ? <Results tried={send.data} /> : null}
    </Paper>
  );
}

function Results({ tried }: { tried: RuleTried }) {
  const t = useServiceT();
  if (tried.tried === 0) return <Text size="sm">{t('try.nothing')}</Text>;
  return (
    <>
      <Text fw={600} mb={4} role="status">
        {t('try.result', { matched: tried.matched, tried: tried.tried })}
      </Text>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so it must be reachable by keyboard */}
      <ul className={classes.tried} tabIndex={0} aria-label={t('try')}>
        {tried.data.map((each) => (
          <li key={each.message_id} data-matches={each.matches}>
            <Icon
              name={each.matches ? 'check' : 'circle'}
              size={15}
              className={each.matches ? classes.good : undefined}
              aria-hidden={false}
              role="img"
              aria-label={t(each.matches ? 'try.matches' : 'try.matches_not')}
            />
            <span className={classes.quote} dir="auto">
              {each.text}
            </span>
            <Text size="xs" c="dimmed">
              <LinkTo to="/threads/$id" params={{ id: each.thread_id }} dir="auto">
                {each.customer.name || each.customer.address}
              </LinkTo>{' '}
              <RelativeTime at={each.at} />
            </Text>
            <Text size="xs" c="dimmed" className={classes.why}>
              <bdi>{each.why}</bdi>
              {' · '}
              {each.winner === null
                ? t('try.no_winner')
                : each.winner.draft
                  ? t('try.wins')
                  : t('try.winner', { name: each.winner.name })}
            </Text>
          </li>
        ))}
      </ul>
    </>
  );
}
