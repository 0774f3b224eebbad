// Defaults of the per-integration settings (contract §3), the engine's limits, and the record of the program's log.
// Not here: the settings of the process (src/settings) and what a user may enter (src/http).
// The one thing to know: everything that grows or waits in the engine has its number here, with its reason.
import type { IntegrationSettings } from '../routing/model.ts';

/** What an integration has where its document says nothing. Contract §3; spacing and threshold from the seed. */
export const DEFAULT_SETTINGS: Readonly<IntegrationSettings> = {
  retry_spacing_s: [60, 300, 900, 2280],
  failure_threshold: 5,
  failure_scope: 'attempt',
  take_within_s: 60,
  reply_within_s: 0,
  accept_within_s: 60,
  queue_within_s: 600,
  max_in_flight: 64,
  max_per_minute: 30,
  merge_window_ms: 0,
  recovery: 'manual',
  extended_events: false,
};

/**
 * `reply_within_s` of an app desk: when nobody said anything in the provider's own app for so long, the line goes back.
 * Half an hour is a pause in a talk among people; who is away for longer has left. 0: it never goes back by itself. [ours]
 */
export const APP_REPLY_WITHIN_S = 1_800;

/** Seconds between tries of a send to a channel (contract §6). */
export const ASSET_RETRY_SPACING_S: readonly number[] = [5, 30, 120];

export const LIMITS = {
  /** inputs in one transaction: beyond it a bigger batch gains nothing and the first of it waits longer (performance.md) */
  flushInputs: 512,
  /** inputs of hooks that wait for the store; over it they get 503, for a queue that long is seconds of delay already */
  queuedInputs: 20_000,
  /** results of attempts that wait for the store; over it no attempt begins, so that a crash repeats no more than these */
  unstoredResults: 4_096,
  /** exchanges at once over all targets: sockets and memory of one process */
  attempts: 2_048,
  /** one asset or url at once; bots and desks have `max_in_flight` */
  assetAttempts: 64,
  urlAttempts: 16,
  /** deliveries of one target and class in memory, beyond which newer ones stay on disk until these are sent */
  backlog: 5_000,
  /** as backlog, but with those behind a lane's retry: they do not keep the reading from others until there are so many */
  backlogBlocked: 20_000,
  /** the next page is read when fewer than these are in memory */
  lowWater: 1_000,
  /** so many hold the store for a millisecond or two; ten times as many kept commits waiting for fifty and more */
  page: 32,
  /** messages of a transcript in `conversation.started` */
  transcript: 200,
  /** typing signals at once; more are dropped, nobody misses them */
  typing: 64,
  /** an adapter that has not come back by then has a bug: the exchange itself ends after 5 s */
  attemptMs: 60_000,
  retentionDays: 365,
  attemptRetentionDays: 7,
  /** contract: at least 7 */
  dedupeDays: 8,
} as const;

export type Limits = { [Name in keyof typeof LIMITS]: number };

/** pino's shape: first the facts, then the sentence. Never secrets, never a customer's words. */
export type Log = Record<'info' | 'warn' | 'error', (facts: Record<string, unknown>, text: string) => void>;
