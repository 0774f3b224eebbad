// The simulator's part of an attempt: what is sent to a simulated customer goes nowhere, and faults that a person laid
// over a bot for one such customer.
// Not here: its customers' words, which come in like any other (src/http/api/simulator.ts), and how a fault counts
// (routing: in the ledger, not in the bot's health). The one thing to know: this lives in memory only; a restart mends
// every fault.
import type { Outcome } from '../routing/inputs.ts';
import type { Id } from '../routing/model.ts';
import { isSimulated } from '../routing/simulated.ts';
import type { Clock } from './ports.ts';
import type { LaneItem } from './store-port.ts';

/** A try by hand has a few; a script that lays hundreds has gone wrong. */
const FAULTS_MAX = 100;
/** A fault that was forgotten is over by then. */
const FAULT_MS = 3_600_000;
/** As long as a bot may take for the whole exchange (contract §3). Real time, as there. */
const SLOW_MS = 5_000;

export const FAULTS = ['down', 'slow', 'error_500', 'no_token'] as const;
export type Fault = (typeof FAULTS)[number];
export type LaidFault = { botId: Id; address: string; fault: Fault; until: number };

export type Simulator = {
  /** lays a fault over a bot for one simulated customer, or takes it away (null); false: there are too many */
  lay(botId: Id, address: string, fault: Fault | null): boolean;
  list(): LaidFault[];
  /** what becomes of an attempt instead of sending it; null: it is sent */
  instead(item: LaneItem): Promise<Outcome> | null;
};

export function createSimulator(clock: Pick<Clock, 'now'>): Simulator {
  const laid = new Map<string, LaidFault>();
  const keyOf = (botId: Id, address: string): string => `${botId}\n${address}`;
  const current = (): LaidFault[] => {
    for (const [key, { until }] of laid) if (until <= clock.now()) laid.delete(key);
    return [...laid.values()];
  };
  return {
    lay(botId, address, fault) {
      const key = keyOf(botId, address);
      if (fault === null) laid.delete(key);
      else if (current().length >= FAULTS_MAX && !laid.has(key)) return false;
      else laid.set(key, { botId, address, fault, until: clock.now() + FAULT_MS });
      return true;
    },
    list: current,
    instead({ delivery, thread }) {
      if (thread === null || !isSimulated(thread.address)) return null;
      const { type, id } = delivery.target;
      if (type === 'asset') return Promise.resolve(NOTHING_LEFT);
      const found = type === 'bot' ? laid.get(keyOf(id, thread.address)) : undefined;
      return found && found.until > clock.now() ? suffer(found.fault) : null;
    },
  };
}

const NOTHING_LEFT: Outcome = {
  result: 'ok',
  status: null,
  reason: 'ok',
  detail: 'Simulated customer; nothing left.',
  timing: { totalMs: 0 },
  answer: '',
};

type Failure = Pick<Outcome, 'status' | 'reason' | 'detail'>;
/** By the reasons that real failures have, so that they are shown, retried and explained alike. */
const FAILURES: Readonly<Record<Fault, Failure>> = {
  down: { status: null, reason: 'refused', detail: 'Connection refused' },
  slow: { status: null, reason: 'timeout', detail: 'No complete answer within 5 s' },
  error_500: { status: 500, reason: 'server_error', detail: 'Answered 500' },
  no_token: { status: 200, reason: 'token_missing', detail: 'The answer has no verification token' },
};

async function suffer(fault: Fault): Promise<Outcome> {
  const began = performance.now();
  if (fault === 'slow') await new Promise((resolve) => setTimeout(resolve, SLOW_MS));
  const { detail, ...failure } = FAILURES[fault];
  return {
    result: 'retry',
    ...failure,
    detail: `${detail}: a fault of the simulator; nothing left.`,
    timing: { totalMs: Math.round(performance.now() - began) },
    answer: '',
    simulated: true,
  };
}
