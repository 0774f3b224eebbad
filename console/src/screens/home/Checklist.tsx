// The first steps, from nothing to a customer who was answered by a bot and by a person; in `dev`, the tour through its
// demo. Not here: whether a step is done (the server derives it). The one thing to know: it is shown until all are.
import { Anchor, Paper, Progress, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Overview } from '../../api/types.ts';
import { Icon } from '../../icons/index.tsx';
import { LinkTo } from '../../parts/links.tsx';
import classes from './Home.module.css';
import { useHomeT } from './words.ts';

type Step = Overview['checklist'][number];
type Place = { to: string; search?: Record<string, string> };
/** The demo's shop is a site of its own, beside the console. */
const SHOP = 'shop';
const PLACES: Record<Step['key'], Place | typeof SHOP> = {
  asset: { to: '/assets' },
  bot_verified: { to: '/integrations' },
  rule: { to: '/services' },
  message_received: { to: '/simulator' },
  bot_answered: { to: '/simulator' },
  person_answered: { to: '/inbox' },
  second_user: { to: '/settings', search: { tab: 'people' } },
  asked: SHOP,
  online: { to: '/inbox' },
  handed_over: SHOP,
  claimed: { to: '/inbox' },
  answered: { to: '/inbox' },
  returned: { to: '/inbox' },
  broken: SHOP,
  recovered: { to: '/integrations' },
};

function StepLink({ step, weight, children }: { step: Step['key']; weight: number; children: ReactNode }) {
  const place = PLACES[step];
  if (place === SHOP) {
    return (
      <Anchor href="/demo/" target="signalbox-shop" fw={weight} c="inherit">
        {children}
      </Anchor>
    );
  }
  return (
    <LinkTo {...(place as { to: '/' })} fw={weight} c="inherit">
      {children}
    </LinkTo>
  );
}

export function Checklist({ steps }: { steps: Step[] }) {
  const t = useHomeT();
  const done = steps.filter((step) => step.done).length;
  const isTour = steps.some(({ key }) => key === 'asked');
  const next = steps.find((step) => !step.done)?.key;
  return (
    <Paper p="md" component="section" aria-labelledby="first" h="100%">
      <Title order={2} id="first">
        {t(isTour ? 'home.tour' : 'home.first')}
      </Title>
      <Text size="sm" c="dimmed">
        {t(isTour ? 'home.tour.about' : 'home.first.about', { done, all: steps.length })}
      </Text>
      <Progress value={(100 * done) / steps.length} size="sm" my="sm" aria-label={t('home.first')} />
      <ol className={classes.steps}>
        {steps.map(({ key, done: isDone }) => (
          <li key={key} className={classes.step} data-done={isDone || undefined} data-next={key === next || undefined}>
            <span className={classes.mark} role="img" aria-label={t(isDone ? 'step.done' : 'step.todo')}>
              <Icon name={isDone ? 'check' : 'circle'} size={16} />
            </span>
            <div>
              <StepLink step={key} weight={key === next ? 650 : 500}>
                {t(`step.${key}`)}
              </StepLink>
              {isDone || (isTour && key !== next) ? null : (
                <Text size="sm" c="dimmed">
                  {t(`step.${key}.about`)}
                </Text>
              )}
            </div>
          </li>
        ))}
      </ol>
    </Paper>
  );
}
