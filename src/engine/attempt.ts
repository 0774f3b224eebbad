// One HTTP try of one delivery: the facts at the instant it begins, the adapter that speaks to the target, the outcome.
// Not here: when it may begin (deliver.ts), what is done with the outcome (src/routing/delivery.ts), any wire format
// but that of notify_url, which has no adapter of its own.
// The one thing to know: it never throws. An adapter's bug is an outcome too, and is logged.
import { isInterrupted } from '../routing/begin.ts';
import { conversationType } from '../routing/delivery.ts';
import type { Outcome } from '../routing/inputs.ts';
import type { Delivery } from '../routing/model.ts';
import { isSimulated } from '../routing/simulated.ts';
import { begun } from './begin.ts';
import type { Committer } from './committer.ts';
import { adoptedOutcome, linkedItem, linkedTranscript, type MediaLinks } from './links.ts';
import type { AttemptFacts, BotAdapter, ChannelAdapter, Clock, DeskAdapter, Directory, Send } from './ports.ts';
import type { Limits, Log } from './settings.ts';
import type { Simulator } from './simulator.ts';
import type { LaneItem, Store, ThreadView } from './store-port.ts';

/** What is kept of the answer to a notify_url; the adapters keep as much of theirs. */
const MAX_ANSWER = 16_384;

/** By channel, platform and kind. */
export type Adapters = {
  channels: ReadonlyMap<string, ChannelAdapter>;
  bots: ReadonlyMap<string, BotAdapter>;
  desks: ReadonlyMap<string, DeskAdapter>;
};

export type Attempted = { startedAt: number; epoch: number; outcome: Outcome };

/**
 * `view` gives the thread as last committed; `mayLeave` says whether it may still be sent, and by us, when all is ready.
 * `not_begun`: it may not, or the store could not give what had to be sent, or not note that it leaves. `over`: nothing is to
 * be sent any more.
 */
export type Attempter = (
  item: LaneItem,
  view: () => ThreadView | null,
  mayLeave: () => boolean,
) => Promise<Attempted | 'not_begun' | 'over'>;

export type AttemptParts = {
  store: Pick<Store, 'transcript' | 'heard'>;
  directory: Directory;
  adapters: Adapters;
  send: Send;
  clock: Clock;
  /** for signatures */
  wall(): number;
  media?: MediaLinks;
  limits: Pick<Limits, 'transcript' | 'attemptMs'>;
  simulator: Pick<Simulator, 'instead'>;
  /** notes what begins; absent: nothing is really sent (a preview) */
  committer?: Pick<Committer, 'keep'>;
  log: Log;
};

export function createAttempter(parts: AttemptParts): Attempter {
  const { store, directory, clock, committer, limits, log, media } = parts;
  return async (item, view, mayLeave) => {
    const { delivery } = item;
    let transcript: AttemptFacts['transcript'];
    let heard: AttemptFacts['heard'];
    const channel = channelOf(parts, delivery);
    if (channel?.needsHeard) {
      try {
        heard = await store.heard(delivery.threadId);
      } catch (error) {
        log.warn({ err: error, delivery: delivery.id }, "the customer's last word could not be read; trying again");
        return 'not_begun';
      }
    }
    if (tellsWhatWasSaid(delivery)) {
      try {
        const uptoSeq = Number(delivery.data?.upto_seq ?? Number.MAX_SAFE_INTEGER);
        transcript = await store.transcript(delivery.threadId, uptoSeq, limits.transcript);
        if (media) transcript = linkedTranscript(transcript, media);
      } catch (error) {
        log.warn({ err: error, delivery: delivery.id }, 'a transcript could not be read; trying again');
        return 'not_begun';
      }
    }
    const latest = view() ?? item.thread;
    const thread = delivery.target.type === 'asset' ? reached(latest) : latest;
    const facts = factsOf(delivery, thread, directory, transcript);
    if (heard !== undefined) facts.heard = heard;
    // Another process may have taken over while the store was asked: this one may have stood still. Or the bot or desk was
    // moved to where nobody has verified it. Not looked at any more once it is noted that it leaves: what was noted and not
    // sent would look interrupted.
    if (!mayLeave()) return 'not_begun';
    if (committer && channel && leavesDoubt(channel, thread)) {
      if (isInterrupted(delivery)) return { startedAt: clock.now(), epoch: facts.epoch, outcome: INTERRUPTED };
      const noted = await begun(committer, delivery, log);
      if (noted !== 'begun') return noted;
    }
    const startedAt = clock.now();
    const told = { ...(media ? linkedItem(item, media) : item), thread };
    const outcome = await inTime(parts, delivery, speak(parts, told, facts, parts.wall()));
    return { startedAt, epoch: facts.epoch, outcome: media ? adoptedOutcome(outcome, media) : outcome };
  };
}

/** As a channel sees a thread: by the address that the customer has now. */
export function reached<T extends ThreadView | null>(thread: T): T {
  return thread?.sendTo === undefined ? thread : { ...thread, address: thread.sendTo };
}

function channelOf({ directory, adapters }: AttemptParts, { target }: Delivery): ChannelAdapter | undefined {
  const asset = target.type === 'asset' ? directory.asset(target.id) : undefined;
  return asset && adapters.channels.get(asset.channel);
}

const INTERRUPTED = failed(
  'unknown',
  'interrupted',
  'Signalbox ended while this was being sent; the channel takes no idempotency key, so nobody knows whether it arrived.',
);

/** Whether nobody could say what became of this attempt if the program ended in the middle of it. */
function leavesDoubt({ capabilities }: ChannelAdapter, thread: ThreadView | null): boolean {
  return capabilities?.idempotent === false && !(thread && isSimulated(thread.address));
}

/** A desk that is offered the line, and a bot that gets it back, are told what was said. */
function tellsWhatWasSaid({ kind, data }: Delivery): boolean {
  return kind === 'started' || (kind === 'signal' && data?.event === 'conversation.returned');
}

function factsOf(
  delivery: Delivery,
  thread: ThreadView | null,
  directory: Directory,
  transcript: AttemptFacts['transcript'],
): AttemptFacts {
  const world = directory.world();
  const asset = thread ? world.assets.get(thread.assetId) : undefined;
  return {
    conversationType: conversationType(thread, delivery),
    epoch: thread?.epoch ?? 0,
    thread,
    serviceName: (thread?.serviceId ? world.services.get(thread.serviceId)?.name : undefined) ?? '',
    assetName: asset?.name ?? '',
    channel: asset?.channel ?? '',
    ...(transcript ? { transcript } : {}),
  };
}

/** The adapter's outcome, or one of ours if it has a bug: it threw, or it does not come back. */
async function inTime(parts: AttemptParts, delivery: Delivery, running: Promise<Outcome>): Promise<Outcome> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Outcome>((resolve) => {
    timer = setTimeout(() => {
      parts.log.error({ delivery: delivery.id, target: delivery.target }, 'a bug: an adapter did not come back');
      resolve(failed('unknown', 'internal', 'The attempt did not end; this is a fault of Signalbox.'));
    }, parts.limits.attemptMs);
    timer.unref();
  });
  try {
    return await Promise.race([running, late]);
  } catch (error) {
    parts.log.error({ err: error, delivery: delivery.id, target: delivery.target }, 'a bug: an adapter threw');
    return failed('retry', 'internal', 'The attempt failed by a fault of Signalbox; its log has more.');
  } finally {
    clearTimeout(timer);
  }
}

async function speak(parts: AttemptParts, item: LaneItem, facts: AttemptFacts, now: number): Promise<Outcome> {
  const { directory, adapters, send } = parts;
  const { type, id } = item.delivery.target;
  const simulated = parts.simulator.instead(item);
  if (simulated !== null) return simulated;
  switch (type) {
    case 'bot': {
      const bot = directory.bot(id);
      const adapter = bot && adapters.bots.get(bot.platform);
      return adapter ? adapter.send(bot, item, facts, send, now) : nobody('bot');
    }
    case 'desk': {
      const desk = directory.desk(id);
      const adapter = desk && adapters.desks.get(desk.kind);
      return adapter ? adapter.send(desk, item, facts, send, now) : nobody('desk');
    }
    case 'asset': {
      const asset = directory.asset(id);
      const adapter = asset && adapters.channels.get(asset.channel);
      return adapter ? adapter.send(asset, item, facts, send, now) : nobody('asset');
    }
    case 'url':
      return notify(item.delivery, send);
  }
}

/** A rule's notify_url: POST of `{type, …}`; `webhook-id` is the same on every try, so that a receiver can drop repeats. */
async function notify(delivery: Delivery, send: Send): Promise<Outcome> {
  const { url, event, ...data } = delivery.data ?? {};
  const answer = await send({
    url: String(url),
    headers: { 'content-type': 'application/json', 'webhook-id': delivery.id },
    body: JSON.stringify({ type: event, ...data }),
    key: `url/${delivery.target.id}`,
  });
  const { timing } = answer;
  if (!answer.ok) return { ...failed('retry', answer.reason, answer.detail), status: answer.status ?? null, timing };
  const { status } = answer;
  const said = { status, timing, detail: `Answered ${status}.`, answer: answer.body.slice(0, MAX_ANSWER) };
  if (status >= 200 && status < 300) return { result: 'ok', reason: 'ok', ...said };
  const final = status >= 400 && status < 500 && status !== 408 && status !== 429;
  return { result: final ? 'final' : 'retry', reason: final ? 'rejected' : 'server_error', ...said };
}

function nobody(what: string): Outcome {
  return failed('final', 'no_target', `The ${what} does not exist any more, or nothing here speaks to its kind.`);
}

function failed(result: Outcome['result'], reason: string, detail: string): Outcome {
  return { result, status: null, reason, detail, timing: { totalMs: 0 }, answer: '' };
}

/** Whether an attempt gave what a customer said to who held the line. */
export function holdsIn({ holder }: ThreadView, { target, conversationId, turn }: Delivery): boolean {
  return turn !== null && holder.id === target.id && holder.conversationId === conversationId;
}

/** It answered, and the answer was no. Without an answer, or with a 2xx that lacked its token, it may have taken it. */
export function refuses({ result, status }: Outcome): boolean {
  return result !== 'ok' && status !== null && (status < 200 || status >= 300);
}
