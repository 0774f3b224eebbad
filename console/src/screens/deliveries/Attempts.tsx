// The tries of a delivery: when they were, on a line of time; and how long each took, and where the time went.
// Not here: what was sent (Request.tsx) and what can be done (Acts.tsx). The one thing to know: the line is true in time;
// the bars below it share one scale, which is the slowest try.
import { Text } from '@mantine/core';
import type { Attempt, AttemptInTimeline, Delivery } from '../../api/types.ts';
import { useLocale } from '../../i18n/locale.tsx';
import { CopyId } from '../../parts/CopyId.tsx';
import { Countdown } from '../../parts/Countdown.tsx';
import { JsonView } from '../../parts/JsonView.tsx';
import { RelativeTime } from '../../parts/RelativeTime.tsx';
import { StatusBadge } from '../../parts/StatusBadge.tsx';
import classes from './Attempts.module.css';
import { type DeliveryT, reasonName, sayMs, useDeliveryT } from './words.ts';

type Try = AttemptInTimeline & Partial<Pick<Attempt, 'answer'>>;
type Props = { attempts: Try[]; delivery: Pick<Delivery, 'status' | 'next_attempt_at'> };

export function Attempts({ attempts, delivery }: Props) {
  const t = useDeliveryT();
  const next = delivery.next_attempt_at;
  if (attempts.length === 0 && next === null) return <Text c="dimmed">{t('attempts.none')}</Text>;
  const slowest = Math.max(1, ...attempts.map((each) => each.timing.total_ms));
  return (
    <>
      {attempts.length + (next === null ? 0 : 1) > 1 ? <Line attempts={attempts} next={next} /> : null}
      <ol className={classes.list}>
        {attempts.map((each) => (
          <li key={each.id}>
            <OneTry attempt={each} slowest={slowest} />
          </li>
        ))}
      </ol>
      {next === null ? null : (
        <Text mt="xs">
          {t('attempts.next')} <Countdown at={next} />
        </Text>
      )}
    </>
  );
}

/** When the tries were, from the first to the last or the next. */
function Line({ attempts, next }: { attempts: Try[]; next: string | null }) {
  const t = useDeliveryT();
  const { tag } = useLocale();
  const starts = attempts.map((each) => Date.parse(each.started_at));
  const ends = attempts.map((each, index) => (starts[index] as number) + each.timing.total_ms);
  const from = Math.min(...starts, ...(next === null ? [] : [Date.parse(next)]));
  const to = Math.max(...ends, ...(next === null ? [] : [Date.parse(next)]), from + 1);
  const share = (ms: number): string => `${((ms / (to - from)) * 98).toFixed(2)}%`;
  const clock = new Intl.DateTimeFormat(tag, { timeStyle: 'medium' });
  return (
    <div>
      <div className={classes.axis} role="img" aria-label={t('attempts.line', { count: attempts.length })}>
        {attempts.map((each, index) => (
          <i
            key={each.id}
            className={classes.stroke}
            data-ok={each.ok}
            style={{
              insetInlineStart: share((starts[index] as number) - from),
              width: share(each.timing.total_ms),
            }}
          />
        ))}
        {next === null ? null : (
          <i
            className={classes.stroke}
            data-next
            style={{ insetInlineStart: share(Date.parse(next) - from), width: '6px' }}
          />
        )}
      </div>
      <div className={classes.ends}>
        <bdi>{clock.format(from)}</bdi>
        <bdi>{clock.format(to)}</bdi>
      </div>
    </div>
  );
}

const PARTS = ['dns', 'connect', 'first_byte', 'rest'] as const;

function partsOf({
  dns_ms,
  connect_ms,
  first_byte_ms,
  total_ms,
}: Try['timing']): Record<(typeof PARTS)[number], number> {
  const [dns, connect, first_byte] = [dns_ms ?? 0, connect_ms ?? 0, first_byte_ms ?? 0];
  return { dns, connect, first_byte, rest: Math.max(0, total_ms - dns - connect - first_byte) };
}

function OneTry({ attempt, slowest }: { attempt: Try; slowest: number }) {
  const t = useDeliveryT();
  const parts = partsOf(attempt.timing);
  const split = sayParts(t, attempt);
  return (
    <>
      <div className={classes.head}>
        <Text span fw={600} className="sb-number">
          {t('attempts.number', { number: attempt.number })}
        </Text>
        <StatusBadge
          status={attempt.ok ? 'delivered' : 'dead'}
          label={attempt.status === null ? reasonName(t, attempt.reason) : String(attempt.status)}
        />
        <Text span size="sm" c="dimmed">
          <RelativeTime at={attempt.started_at} exact />
        </Text>
        <Text span size="sm" className="sb-number">
          <bdi dir="ltr">{sayMs(attempt.timing.total_ms)}</bdi>
        </Text>
        <Text span size="sm" c="dimmed">
          {t('attempts.epoch', { epoch: attempt.epoch })}
        </Text>
      </div>
      <div className={classes.track}>
        <div
          className={classes.bar}
          role="img"
          aria-label={split}
          style={{ width: `${Math.max(1, (attempt.timing.total_ms / slowest) * 100)}%` }}
        >
          {PARTS.filter((part) => parts[part] > 0).map((part) => (
            <i key={part} data-part={part} style={{ flexGrow: parts[part] }} />
          ))}
        </div>
      </div>
      <div className={classes.legend} aria-hidden="true">
        {PARTS.filter((part) => parts[part] > 0).map((part) => (
          <span key={part}>
            <i className={classes.key} data-part={part} />
            {t(`timing.${part}`)} <bdi dir="ltr">{sayMs(parts[part])}</bdi>
          </span>
        ))}
      </div>
      {attempt.ok ? null : (
        <Text size="sm" mt={4} dir="auto">
          {attempt.status === null ? '' : `${reasonName(t, attempt.reason)}: `}
          {attempt.detail}
        </Text>
      )}
      {attempt.answer === undefined ? null : <Answer attempt={attempt} answer={attempt.answer} />}
    </>
  );
}

function Answer({ attempt, answer }: { attempt: Try; answer: string }) {
  const t = useDeliveryT();
  return (
    <details>
      <summary>{answer === '' ? t('answer.empty') : t('answer')}</summary>
      <CopyId value={attempt.id} what={t('attempts.number', { number: attempt.number })} />
      {answer === '' ? null : <JsonView value={answer} label={t('answer')} maxHeight={240} />}
    </details>
  );
}

function sayParts(t: DeliveryT, attempt: Try): string {
  const parts = partsOf(attempt.timing);
  const said = PARTS.filter((part) => parts[part] > 0).map((part) => `${t(`timing.${part}`)} ${sayMs(parts[part])}`);
  return [...said, `${t('timing.total')} ${sayMs(attempt.timing.total_ms)}`].join(', ');
}
