// What one customer's words cause, as it happens: decisions, holders, deliveries with their attempts.
// Not here: the thread's own screen, which says more. The one thing to know: it is the thread's timeline, live.
import { Button, Group, Paper, Text, Title } from '@mantine/core';
import { useGet } from '../../api/query.ts';
import type { Message, Thread, TimelineItem } from '../../api/types.ts';
import { useLocale } from '../../i18n/locale.tsx';
import { Icon, type IconName } from '../../icons/index.tsx';
import { JsonView } from '../../parts/JsonView.tsx';
import { LinkTo } from '../../parts/links.tsx';
import { Name, WithNames } from '../../parts/Name.tsx';
import { RelativeTime } from '../../parts/RelativeTime.tsx';
import { Empty, ErrorState } from '../../parts/States.tsx';
import { StatusBadge } from '../../parts/StatusBadge.tsx';
import { idOf, type useTimeline } from '../../parts/useTimeline.ts';
import classes from './Simulator.module.css';
import { useSimT } from './words.ts';

type Props = { thread: string | null; timeline: ReturnType<typeof useTimeline> };
type Event = NonNullable<TimelineItem['event']>;
type Delivery = NonNullable<TimelineItem['delivery']>;
type Attempts = NonNullable<TimelineItem['attempts']>;
type Decision = { why?: string; looked?: { rule_id: string; name: string; matched: boolean; why: string }[] };

export function Trace({ thread, timeline }: Props) {
  const t = useSimT();
  const { items } = timeline;
  return (
    <Paper p="md" component="section" aria-labelledby="trace">
      <Group justify="space-between" mb="sm">
        <Title order={2} id="trace">
          {t('trace')}
        </Title>
        {thread === null ? null : <Standing thread={thread} />}
      </Group>
      {thread === null ? (
        <Empty icon="threads" title={t('trace.empty')}>
          {t('trace.empty.about')}
        </Empty>
      ) : null}
      {timeline.error && items.length === 0 ? <ErrorState error={timeline.error} retry={timeline.retry} /> : null}
      {timeline.hasOlder ? (
        <Button size="xs" variant="subtle" onClick={timeline.older} loading={timeline.isLoadingOlder}>
          {t('trace.older')}
        </Button>
      ) : null}
      <ol className={classes.trace} reversed>
        {[...items].reverse().map((item) => (
          <li key={idOf(item)} className={classes.step}>
            <Item item={item} />
          </li>
        ))}
      </ol>
    </Paper>
  );
}

function Standing({ thread }: { thread: string }) {
  const t = useSimT();
  const { data } = useGet<Thread>(`/threads/${thread}`);
  if (data === undefined) return null;
  return (
    <Group gap="sm">
      <Text size="sm">
        {t('trace.holder')} <b>{data.holder.id ? <Name id={data.holder.id} /> : t('none')}</b> ·{' '}
        {t('trace.epoch', { epoch: data.epoch })}
      </Text>
      <LinkTo to="/threads/$id" params={{ id: thread }} size="sm">
        {t('trace.thread')}
      </LinkTo>
    </Group>
  );
}

function Item({ item }: { item: TimelineItem }) {
  if (item.message) return <Line icon="threads" at={item.at} head={<SaidLine message={item.message} />} />;
  if (item.delivery) return <Sent delivery={item.delivery} attempts={item.attempts ?? []} />;
  return item.event ? <Happened event={item.event} /> : null;
}

function Line({
  icon,
  at,
  head,
  children,
}: {
  icon: IconName;
  at: string;
  head: React.ReactNode;
  children?: React.ReactNode;
}) {
  return (
    <>
      <Icon name={icon} size={16} />
      <div className={classes.what}>
        <div className={classes.stepHead}>{head}</div>
        {children}
      </div>
      <span className={classes.at}>
        <RelativeTime at={at} exact />
      </span>
    </>
  );
}

function SaidLine({ message: { author, text, title, payload, media, receipt } }: { message: Message }) {
  const t = useSimT();
  return (
    <>
      <b>
        <bdi>{author.name || t(author.type === 'customer' ? 'type.customer' : 'trace.system')}</bdi>
      </b>{' '}
      <span dir="auto">{text || title || payload || media[0]?.name || t('message.file')}</span>
      {receipt ? <span className={classes.quiet}> · {t(`receipt.${receipt}`)}</span> : null}
    </>
  );
}

function Happened({ event }: { event: Event }) {
  const t = useSimT();
  const { data, type } = event;
  const decision = data.decision as Decision | undefined;
  const to = data.to as { id?: string | null } | undefined;
  if (decision !== undefined) {
    return (
      <Line icon="rules" at={event.at} head={<WithNames text={decision.why ?? ''} />}>
        <ul className={classes.looked}>
          {(decision.looked ?? []).map(({ rule_id, name, matched, why }) => (
            <li key={rule_id}>
              <Icon name={matched ? 'check' : 'cross'} size={13} />{' '}
              <span>{t(matched ? 'trace.matched' : 'trace.passed')}</span> <bdi>{name}</bdi>: <bdi>{why}</bdi>
            </li>
          ))}
        </ul>
      </Line>
    );
  }
  if (type === 'holder.changed') {
    return (
      <Line
        icon="arrow"
        at={event.at}
        head={
          <>
            {t('trace.turn')} <b>{to?.id ? <Name id={to.id} /> : t('none')}</b> ·{' '}
            {t('trace.epoch', { epoch: Number(data.epoch ?? 0) })}
          </>
        }
      >
        <Text size="xs" c="dimmed">
          <WithNames text={String(data.reason ?? '')} />
        </Text>
      </Line>
    );
  }
  return (
    <Line icon={type === 'message.refused' ? 'warning' : 'dot'} at={event.at} head={<code dir="ltr">{type}</code>}>
      <details className={classes.raw}>
        <summary>{t('trace.raw')}</summary>
        <JsonView value={data} label={type} maxHeight={180} />
      </details>
    </Line>
  );
}

function Sent({ delivery, attempts }: { delivery: Delivery; attempts: Attempts }) {
  const t = useSimT();
  const { tag } = useLocale();
  const ms = new Intl.NumberFormat(tag, { style: 'unit', unit: 'millisecond', maximumFractionDigits: 0 });
  return (
    <Line
      icon="deliveries"
      at={delivery.created_at}
      head={
        <Group gap="xs" component="span">
          <LinkTo to="/deliveries/$id" params={{ id: delivery.id }}>
            {t('trace.to')} <Name id={delivery.target.id} />
          </LinkTo>
          <StatusBadge status={delivery.status} />
        </Group>
      }
    >
      <ul className={classes.looked}>
        {attempts.map((attempt) => (
          <li key={attempt.id} data-ok={attempt.ok || undefined}>
            <Icon name={attempt.ok ? 'check' : 'cross'} size={13} /> {t('trace.attempt', { number: attempt.number })} ·{' '}
            {attempt.status ?? attempt.reason} · {ms.format(attempt.timing.total_ms)} · <bdi>{attempt.detail}</bdi>
          </li>
        ))}
      </ul>
      {delivery.next_attempt_at ? (
        <Text size="xs" c="dimmed">
          {t('trace.next')} <RelativeTime at={delivery.next_attempt_at} exact />
        </Text>
      ) : null}
    </Line>
  );
}
