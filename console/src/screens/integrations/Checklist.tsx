// What a verification found, step by step: those that held, the one to mend and how, those that were not reached.
// Not here: the asking (useVerification.ts). The one thing to know: the server answers once, at the end; the steps are
// then shown one after the other, so that the eye can follow, and at once where motion is not wanted.
import { Loader, Text } from '@mantine/core';
import { useReducedMotion } from '@mantine/hooks';
import { useEffect, useState } from 'react';
import type { Verification } from '../../api/types.ts';
import { Icon } from '../../icons/index.tsx';
import { announce } from '../../parts/Announcer.tsx';
import classes from '../../parts/CheckLine.module.css';
import { CheckLine } from '../../parts/CheckLine.tsx';
import { type IntegrationT, useIntegrationT } from './words.ts';

type Step = (typeof STEPS)[number];
const STEPS = ['address', 'reachable', 'tls', 'answered', 'status', 'token', 'signature', 'reply'] as const;
const isStep = (name: string): name is Step => (STEPS as readonly string[]).includes(name);

/** The steps that a verification of this platform goes through; a vendor's are known when it has answered. */
const expected = (platform: string): Step[] =>
  STEPS.filter((step) => {
    if (platform === 'chatwoot') return false;
    if (platform === 'chatwoot') return false;
    if (step === 'token') return platform === 'other';
    return step !== 'reply' || platform !== 'webhook';
  });

const SHOW_MS = 110;

type Props = { platform: string; isRunning: boolean; result: Verification | undefined };

export function Checklist({ platform, isRunning, result }: Props) {
  const t = useIntegrationT();
  const still = useReducedMotion();
  const [shown, setShown] = useState(0);
  const checks = result?.checks ?? [];
  useEffect(() => {
    if (result === undefined) return setShown(0);
    const failed = result.checks.find((check) => !check.ok);
    announce(failed ? `${nameOf(t, failed.name)}: ${failed.detail}` : t('verify.held'));
    if (still) return setShown(result.checks.length);
    const timer = setInterval(() => setShown((now) => now + 1), SHOW_MS);
    return () => clearInterval(timer);
  }, [result, still, t]);
  if (!isRunning && result === undefined) return null;
  const seen = checks.slice(0, shown);
  const names = new Set(checks.map((check) => check.name));
  const over = result !== undefined && shown >= checks.length;
  const rest = expected(platform).filter((step) => !(over ? names : new Set(seen.map((c) => c.name))).has(step));
  return (
    <ol className={classes.checks} aria-label={t('verify.checks')}>
      {seen.map((check) => (
        <CheckLine key={check.name} check={check} name={nameOf(t, check.name)} mend={mendOf(t, check.name)} />
      ))}
      {rest.map((step, index) => (
        <li key={step} className={classes.check} data-state="waiting">
          {!over && index === 0 ? <Loader size={14} /> : <Icon name="circle" size={14} />}
          <span>{nameOf(t, step)}</span>
          <Text size="xs" c="dimmed">
            {over ? t('verify.not_reached') : ''}
          </Text>
        </li>
      ))}
    </ol>
  );
}

const nameOf = (t: IntegrationT, name: string): string =>
  isStep(name) ? t(`check.${name}`) : name.replaceAll('_', ' ');

/** What to change; undefined for a check that has no advice of its own here. */
const mendOf = (t: IntegrationT, name: string) =>
  isStep(name) ? (
    <div>
      <strong>{t('verify.mend')}</strong> {t(`mend.${name}`)}
    </div>
  ) : undefined;
