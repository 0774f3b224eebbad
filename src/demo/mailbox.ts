// The demo channel's far side: takes what Signalbox sends to customers and keeps it until their terminal fetches it.
// Not here: the terminal (src/cli/chat.ts).
// The one thing to know: it keeps a little, in memory, for a demo; a real channel hands messages to a network.
import { header, type PartyAnswer, type PartyRequest, parse, post, seenBook, signed } from './party.ts';

export type MailboxConfig = {
  signingSecret: string;
  /** what the terminal must show to fetch */
  key: string;
  /** where receipts go */
  hookUrl: string;
  secret: string;
};

/** A message for a customer, as it came over the channel's wire (contract §6), numbered per mailbox. */
export type Letter = { n: number; body: Record<string, unknown> };
export type Mailbox = {
  deliver(request: PartyRequest, config: MailboxConfig): Promise<PartyAnswer>;
  /** `?address=&after=&wait_ms=` → `{letters}`; waits for the next when there is none */
  collect(request: PartyRequest, config: MailboxConfig, signal: AbortSignal): Promise<PartyAnswer>;
};

const LETTERS_PER_ADDRESS = 200;
const ADDRESSES_MAX = 500;
const WAIT_MS_MAX = 25_000;

export function mailbox(): Mailbox {
  const boxes = new Map<string, Letter[]>();
  const waiting = new Set<() => void>();
  const seen = seenBook();
  let n = 0;

  function keep(address: string, body: Record<string, unknown>): void {
    const letters = boxes.get(address) ?? [];
    boxes.delete(address);
    boxes.set(address, letters); // the last written to is the last forgotten
    // By the clock, so that numbers go on growing when this process is started again and when a terminal is.
    n = Math.max(n + 1, Date.now());
    letters.push({ n, body });
    if (letters.length > LETTERS_PER_ADDRESS) letters.shift();
    if (boxes.size > ADDRESSES_MAX) boxes.delete(boxes.keys().next().value as string);
    for (const wake of waiting) wake();
  }

  function next(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        waiting.delete(done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      signal.addEventListener('abort', done, { once: true });
      waiting.add(done);
    });
  }

  return {
    async deliver(request, config) {
      if (!signed(request, config.signingSecret)) return { status: 401 };
      const body = parse(request.body);
      const to = body?.to as { address?: unknown } | undefined;
      if (body === null || typeof to?.address !== 'string') return { status: 422 };
      const id = header(request, 'webhook-id');
      if (body.type === 'typing' || !seen(id)) keep(to.address, body);
      return { status: 200, body: { id: `demo-${id}` } };
    },

    async collect(request, config, signal) {
      if (header(request, 'authorization') !== `Bearer ${config.key}`) return { status: 401 };
      const address = request.query.get('address') ?? '';
      const after = Number(request.query.get('after') ?? 0);
      const until = Date.now() + Math.min(Number(request.query.get('wait_ms') ?? 0) || 0, WAIT_MS_MAX);
      const fresh = (): Letter[] => (boxes.get(address) ?? []).filter((letter) => letter.n > after);
      while (fresh().length === 0 && Date.now() < until && !signal.aborted) await next(until - Date.now(), signal);
      const letters = fresh();
      if (!signal.aborted) void acknowledge(letters, config);
      return { status: 200, body: { letters } };
    },
  };
}

/** Tells Signalbox that the customer has it. */
async function acknowledge(letters: Letter[], config: MailboxConfig): Promise<void> {
  const receipts = letters
    .filter((letter) => typeof letter.body.message_id === 'string')
    .map((letter) => ({ type: 'receipt', message_id: letter.body.message_id, status: 'read' }));
  if (receipts.length > 0) await post(config.hookUrl, receipts, config.secret);
}
