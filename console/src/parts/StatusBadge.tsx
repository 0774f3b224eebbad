// The state of a thing: a word, a shape and a colour, so that none of the three has to be seen.
// Not here: what states there are. The one thing to know: an unknown state is shown as it is, in grey.

import type { CommonKey } from '../i18n/words.ts';
import { useT } from '../i18n/words.ts';
import { Icon, type IconName } from '../icons/index.tsx';
import classes from './StatusBadge.module.css';

type Tone = 'good' | 'wait' | 'bad' | 'quiet' | 'ask';
type Look = { tone: Tone; icon: IconName };

const LOOKS: Readonly<Record<string, Look>> = {
  // deliveries
  pending: { tone: 'quiet', icon: 'clock' },
  retrying: { tone: 'wait', icon: 'replay' },
  parked: { tone: 'wait', icon: 'pause' },
  delivered: { tone: 'good', icon: 'check' },
  dead: { tone: 'bad', icon: 'cross' },
  held: { tone: 'ask', icon: 'question' },
  cancelled: { tone: 'quiet', icon: 'stop' },
  // bots and desks
  unverified: { tone: 'ask', icon: 'question' },
  active: { tone: 'good', icon: 'check' },
  inactive: { tone: 'bad', icon: 'warning' },
  disabled: { tone: 'quiet', icon: 'pause' },
  // conversations
  open: { tone: 'good', icon: 'circle' },
  offered: { tone: 'wait', icon: 'bell' },
  queued: { tone: 'wait', icon: 'clock' },
  accepted: { tone: 'good', icon: 'user' },
  closed: { tone: 'quiet', icon: 'stop' },
  // replays
  running: { tone: 'wait', icon: 'play' },
  paused: { tone: 'quiet', icon: 'pause' },
  done: { tone: 'good', icon: 'check' },
  // threads
  unrouted: { tone: 'bad', icon: 'warning' },
  needs_person: { tone: 'bad', icon: 'user' },
  overdue: { tone: 'bad', icon: 'clock' },
  waiting: { tone: 'wait', icon: 'clock' },
  // people
  online: { tone: 'good', icon: 'circle' },
  away: { tone: 'quiet', icon: 'moon' },
};

type Props = { status: string /** instead of the common word */; label?: string };

export function StatusBadge({ status, label }: Props) {
  const t = useT();
  const look = LOOKS[status] ?? { tone: 'quiet', icon: 'dot' };
  return (
    <span className={classes.badge} data-tone={look.tone}>
      <Icon name={look.icon} size={13} strokeWidth={2.2} />
      {label ?? (status in LOOKS ? t(`status.${status}` as CommonKey) : status)}
    </span>
  );
}
