// What each of the engine's own numbers means: the words beside it in /metrics, and in docs/operations.md.
// Not here: the counting (engine.stats()). The one thing to know: /metrics has nothing that nobody can explain; a flow test
// holds that no number is left out here or in docs/operations.md.

/** By the name in `engine.stats()`. What only grows starts again with the process. */
export const ENGINE_STATS: Readonly<Record<string, string>> = {
  flushes: 'Commits since the start; each carries what came in meanwhile.',
  flushed_inputs: 'Inputs (words, commands, results, deadlines) committed since the start.',
  flush_failures:
    'Commits that failed since the start. Growing: disk or database refuses, see signalbox_engine_store_up.',
  commit_ms: 'Milliseconds from handing a batch to the store to its answer, summed; by flushes: the average.',
  overloaded: 'Requests refused with 503 since the start because too much waited for a commit.',
  queued_inputs: 'Inputs that wait for a commit now.',
  store_up: '1: the store takes writes. 0: it refused or hangs, and hooks are answered 503 with Retry-After.',
  lanes: 'Conversations, by target, that have something in memory to send.',
  lanes_waiting: 'Of these, those that wait for the time of a retry.',
  deliveries_in_memory: 'Deliveries read and not done with. What else is owed lies on disk, see signalbox_deliveries.',
  targets_loading: 'Bots, desks and assets whose backlog is read from disk page by page.',
  pages_read: 'Pages of a backlog read since the start.',
  attempts_in_flight: 'Attempts on their way now.',
  results_unstored:
    'Attempts that have ended and whose result is not committed yet; a crash now repeats them with the same id.',
  attempts_ok: 'Attempts that were taken, since the start.',
  attempts_retry: 'Attempts that failed and are made again, since the start.',
  attempts_final: 'Attempts that failed for good, since the start.',
  attempts_unknown: 'Attempts of which nobody knows whether they arrived, since the start.',
  stale_results:
    'Results that came after another process had taken the conversation over, and were refused. Since the start.',
  stale_writes: 'Inputs refused at the commit because another process owns the conversation now. Since the start.',
  targets_paused: 'Targets that asked us to wait (429, 503 with Retry-After) and are left alone until then.',
  deadlines: 'Deadlines that are minded now: takes, replies, accepts, queues.',
  deadlines_repeated: 'Deadlines that their decision did not settle, since the start. Not 0 is a bug: please tell.',
  typing_in_flight: 'Typing signals on their way now.',
  typing_sent: 'Typing signals passed on since the start.',
  typing_dropped:
    'Typing signals dropped since the start: too many were on their way, or it failed. Words are never dropped.',
  receipts_early: 'Receipts of providers that wait for the result of the attempt that they belong to.',
  rows_past_age_removed: 'Rows removed since the start because they were older than the settings keep them.',
  processes: 'Processes that work on this database now, this one among them (PostgreSQL).',
  leads: '1: this process does what only one may do: retention, verification, bulk replay (PostgreSQL).',
  take_overs: 'Times that this process took over from one that was gone, since the start (PostgreSQL).',
  taken_over_from: 'Times that others took over from this process, frozen or cut off, since the start (PostgreSQL).',
};
