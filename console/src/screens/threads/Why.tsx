// Why a message went where it went: which rules were looked at, which won, and in a sentence why.
// Not here: deciding, which the engine did, and wrote down. The one thing to know: it is told as it was then; a rule may
// have changed since.
import { Text } from '@mantine/core';
import { Icon } from '../../icons/index.tsx';
import { NameLink, WithNames } from '../../parts/Name.tsx';
import classes from './Message.module.css';
import type { Decision, Looked } from './transcript.ts';
import { sayWhy, useThreadT } from './words.ts';

export function Why({ decision }: { decision: Decision }) {
  const t = useThreadT();
  const { looked, winner, why } = decision;
  return (
    <section aria-label={t('why')}>
      <Text fw={600} size="sm">
        {t('why')}
      </Text>
      <Text size="sm">
        {winner ? (
          <>
            {t('why.winner')} <NameLink id={winner} />
            {': '}
          </>
        ) : null}
        <WithNames text={sayWhy(t, why)} />
      </Text>
      {looked.length === 0 ? (
        <Text size="sm" c="dimmed">
          {t('why.none_looked')}
        </Text>
      ) : (
        <ol className={classes.looked} aria-label={t('why.looked')}>
          {looked.map((rule) => (
            <li key={rule.rule_id}>
              <OneRule rule={rule} won={rule.rule_id === winner} />
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}

function OneRule({ rule, won }: { rule: Looked; won: boolean }) {
  const t = useThreadT();
  return (
    <span className={classes.rule} data-matched={rule.matched}>
      <Icon name={rule.matched ? 'check' : 'cross'} size={14} />
      <span>
        <bdi className={classes.ruleName}>{rule.name}</bdi>{' '}
        <b>{won ? t('why.won') : rule.matched ? t('why.matched') : t('why.not')}</b>
        {rule.why === '' ? null : (
          <Text span c="dimmed" size="sm">
            {' · '}
            <WithNames text={sayWhy(t, rule.why)} />
          </Text>
        )}
      </span>
    </span>
  );
}
