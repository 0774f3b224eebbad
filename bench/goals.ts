// What is expected of the numbers, and how that is told. Not here: where they come from (table.ts, growth.ts).
// The one thing to know: a goal whose subjects did not take part is not told at all, and one that is missed says MISSED.
import { type Idle, type Name, STARTS } from './lineup.ts';
import { type Medians, shown } from './table.ts';

export type Goal = { name: string; value: number; unit: string; goal: string; met: boolean };
export type Measured = { syncMs: number; closed: Medians; open?: Medians };

const OURS: readonly Name[] = ['sqlite', 'postgres', 'postgres-2'];
const OF_FORWARDER = { sqlite: { least: 0.65, aim: 0.8 }, postgres: { least: 0.55, aim: 0.7 } } as const;
const OF_BULLMQ = 5;
const SLOWED_LEAST = 0.4;
const ADDED_MS = { p50: 2, p99: 15 } as const;
const IDLE_MB = 120;
const READY_MS = 1_000;

export const atMost = (name: string, value: number, most: number, unit = ''): Goal => {
  return { name, value, unit, goal: `<= ${most} ${unit}`, met: value <= most };
};
const atLeast = (name: string, value: number, least: number, aim?: number): Goal => {
  return { name, value, unit: '', goal: `>= ${least}${aim === undefined ? '' : `, aim ${aim}`}`, met: value >= least };
};

/** How many times as many round trips; undefined when one of the two did not take part. */
function ratio(medians: Medians, one: Name, other: Name): number | undefined {
  const [a, b] = [medians[one], medians[other]];
  return a === undefined || b === undefined ? undefined : a.perSecond / b.perSecond;
}

export function goalsOf({ syncMs, closed, open = {} }: Measured): Goal[] {
  const goals: Goal[] = [];
  const slowed = syncMs === 0 ? '' : `, syncs +${syncMs} ms`;
  const add = (one: Name, other: Name, least: number, aim?: number): void => {
    const value = ratio(closed, one, other);
    if (value !== undefined) goals.push(atLeast(`${one} : ${other}${slowed}`, value, least, aim));
  };
  for (const name of OURS) {
    const { least, aim } = OF_FORWARDER[name === 'sqlite' ? name : 'postgres'];
    if (syncMs > 0) add(name, 'forwarder', SLOWED_LEAST);
    else if (name !== 'postgres-2') add(name, 'forwarder', least, aim);
  }
  for (const name of OURS) add(name, 'bullmq', OF_BULLMQ);
  add('postgres-2', 'postgres', 1);
  for (const name of OURS) {
    const [ours, plain] = [open[name], open.forwarder];
    if (ours === undefined || plain === undefined) continue;
    for (const key of ['p50', 'p99'] as const)
      goals.push(atMost(`${name}: added ${key}, open loop`, ours[key] - plain[key], ADDED_MS[key], 'ms'));
  }
  for (const key of ['lost', 'refused'] as const) {
    const of = (medians: Medians): number => OURS.reduce((sum, name) => sum + (medians[name]?.[key] ?? 0), 0);
    if (OURS.some((name) => closed[name])) goals.push(atMost(`${key} by Signalbox${slowed}`, of(closed) + of(open), 0));
  }
  return goals;
}

export const idleGoals = ({ readyMs, idleMb }: Idle): Goal[] => [
  atMost('sqlite: memory when idle', idleMb, IDLE_MB, 'MB'),
  atMost(`sqlite: ready after (median of ${STARTS})`, readyMs / 1_000, READY_MS / 1_000, 's'),
];

/** The end of every bench: 1 when a goal was missed. */
export function tell(goals: Goal[]): number {
  console.log('');
  for (const { name, value, unit, goal, met } of goals) {
    const said = `${shown(value, 2)} ${unit}`.padStart(12);
    console.log(`${name.padEnd(44)} ${said}   goal ${goal.padEnd(18)} ${met ? 'met' : 'MISSED'}`);
  }
  return goals.every((goal) => goal.met) ? 0 : 1;
}
