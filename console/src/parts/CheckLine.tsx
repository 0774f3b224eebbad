// One line of a verification: held, held with advice, or failed and what to mend.
// Not here: the asking, and which lines there are. The one thing to know: a mark is never its colour alone.
import { Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Verification } from '../api/types.ts';
import { useT } from '../i18n/words.ts';
import { Icon } from '../icons/index.tsx';
import classes from './CheckLine.module.css';

export type Check = Verification['checks'][number];

/** `name`: in people's words; `mend`: what to change when it failed. */
export function CheckLine({ check, name, mend }: { check: Check; name: string; mend?: ReactNode }) {
  const t = useT();
  const state = !check.ok ? 'bad' : check.advice ? 'advice' : 'good';
  const icon = { bad: 'cross', advice: 'warning', good: 'check' } as const;
  return (
    <li className={classes.check} data-state={state}>
      <Icon
        name={icon[state]}
        size={16}
        className={classes.mark}
        data-state={state}
        aria-hidden={false}
        role="img"
        aria-label={t(`check.mark.${state}`)}
      />
      <Text fw={600}>{name}</Text>
      <Text size="xs" c="dimmed" className="sb-number">
        {check.ms > 0 ? t('check.ms', { ms: Math.round(check.ms) }) : ''}
      </Text>
      <Text size="sm" className={classes.detail} c={check.ok ? 'dimmed' : undefined} component="div">
        <bdi>{check.detail}</bdi>
        {check.advice ? (
          <div>
            <bdi>{check.advice}</bdi>
          </div>
        ) : null}
        {check.ok ? null : mend}
      </Text>
    </li>
  );
}
