// The holder ribbon: who had the customer's line, one after the other, as a band and as a list.
// Not here: how stints are made (stints.ts). The one thing to know: the band is a list in words already; the table below
// adds by whom, why and in which epoch.
import { Paper, Text, Title } from '@mantine/core';
import type { Thread } from '../../api/types.ts';
import { Icon, type IconName } from '../../icons/index.tsx';
import { Folded } from '../../parts/Folded.tsx';
import { Name, WithNames } from '../../parts/Name.tsx';
import { RelativeTime } from '../../parts/RelativeTime.tsx';
import classes from './Ribbon.module.css';
import { type Stint, stintsOf, widthOf } from './stints.ts';
import { useThreadT } from './words.ts';

const ICONS: Record<Stint['kind'], IconName> = { bot: 'bot', waiting: 'clock', person: 'user', nobody: 'question' };

export function Ribbon({ thread }: { thread: Thread }) {
  const t = useThreadT();
  const stints = stintsOf(thread);
  const now = Date.now();
  return (
    <Paper p="sm" component="section" aria-labelledby="ribbon">
      <Title order={2} id="ribbon" mb="xs">
        {t('ribbon')}
      </Title>
      {stints.length === 0 ? (
        <Text c="dimmed">{t('ribbon.empty')}</Text>
      ) : (
        <>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and must by keyboard too */}
          <ol className={classes.ribbon} aria-label={t('ribbon')} tabIndex={0}>
            {stints.map((stint) => (
              <li
                key={`${stint.from} ${stint.epoch} ${stint.kind}`}
                className={classes.stint}
                data-kind={stint.kind}
                data-now={stint.until === null || undefined}
                style={{ flexGrow: widthOf(stint, now) }}
              >
                <span className={classes.who}>
                  <Icon name={ICONS[stint.kind]} size={15} />
                  <Who stint={stint} />
                </span>
                <span className={classes.when}>
                  <RelativeTime at={stint.from} exact /> · {t('epoch', { epoch: stint.epoch })}
                </span>
              </li>
            ))}
          </ol>
          <Folded label={t('ribbon.list')}>{() => <StintTable stints={stints} />}</Folded>
        </>
      )}
    </Paper>
  );
}

/** Bot's name; "waiting for" a desk; the person's name. */
export function Who({ stint }: { stint: Pick<Stint, 'kind' | 'id' | 'agent'> }) {
  const t = useThreadT();
  if (stint.kind === 'nobody' || stint.id === null) return <>{t('holder.nobody')}</>;
  if (stint.kind === 'person') return stint.agent ? <bdi>{stint.agent}</bdi> : <Name id={stint.id} />;
  if (stint.kind === 'bot') return <Name id={stint.id} />;
  return (
    <span>
      {t('holder.waiting')} <Name id={stint.id} />
    </span>
  );
}

function StintTable({ stints }: { stints: Stint[] }) {
  const t = useThreadT();
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and must by keyboard too
    <div className={classes.scroll} tabIndex={0} role="region" aria-label={t('ribbon.list')}>
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">{t('ribbon.since')}</th>
            <th scope="col">{t('filter.holder')}</th>
            <th scope="col">{t('ribbon.actor')}</th>
            <th scope="col">{t('ribbon.reason')}</th>
            <th scope="col">{t('ribbon.epoch')}</th>
          </tr>
        </thead>
        <tbody>
          {stints.map((stint) => (
            <tr key={`${stint.from} ${stint.epoch} ${stint.kind}`}>
              <td>
                <RelativeTime at={stint.from} exact />
              </td>
              <td>
                <Who stint={stint} />
              </td>
              <td>
                <Actor actor={stint.actor} />
              </td>
              <td>
                <WithNames text={stint.reason || '–'} />
              </td>
              <td>{stint.epoch}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** `rule rul_…`, `bot bot_…`, `Ada (usr_…)`: without what only a machine needs. */
export function Actor({ actor }: { actor: string }) {
  return <WithNames text={actor.replace(/^(?:bot|desk) /, '').replace(/ \((?:usr|key)_\w+\)$/, '')} />;
}
