// The first steps, from nothing to a customer who was answered by a bot and by a person.
// Not here: whether a step is done (the server derives it). The one thing to know: it is shown until all are.
import { Paper, Progress, Text, Title } from '@mantine/core';
import type { Overview } from '../../api/types.ts';
import { Icon } from '../../icons/index.tsx';
import { LinkTo } from '../../parts/links.tsx';
import classes from './Home.module.css';
import { useHomeT } from './words.ts';

type Step = Overview['checklist'][number];
const PLACES: Record<Step['key'], { to: string; search?: Record<string, string> }> = {
  asset: { to: '/assets' },
  bot_verified: { to: '/integrations' },
  rule: { to: '/services' },
  message_received: { to: '/simulator' },
  bot_answered: { to: '/simulator' },
  person_answered: { to: '/inbox' },
  second_user: { to: '/settings', search: { tab: 'people' } },
};

export function Checklist({ steps }: { steps: Step[] }) {
  const t = useHomeT();
  const done = steps.filter((step) => step.done).length;
  const next = steps.find((step) => !step.done)?.key;
  return (
    <Paper p="md" component="section" aria-labelledby="first" h="100%">
      <Title order={2} id="first">
        {t('home.first')}
      </Title>
      <Text size="sm" c="dimmed">
        {t('home.first.about', { done, all: steps.length })}
      </Text>
      <Progress value={(100 * done) / steps.length} size="sm" my="sm" aria-label={t('home.first')} />
      <ol className={classes.steps}>
        {steps.map(({ key, done: isDone }) => (
          <li key={key} className={classes.step} data-done={isDone || undefined} data-next={key === next || undefined}>
            <span className={classes.mark} role="img" aria-label={t(isDone ? 'step.done' : 'step.todo')}>
              <Icon name={isDone ? 'check' : 'circle'} size={16} />
            </span>
            <div>
              <LinkTo {...(PLACES[key] as { to: '/' })} fw={key === next ? 650 : 500} c="inherit">
                {t(`step.${key}`)}
              </LinkTo>
              {isDone ? null : (
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
