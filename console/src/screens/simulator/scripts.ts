// Short plays of a simulated customer: each shows one promise, and says step by step what it did.
// Not here: showing the steps (Scripts.tsx). The one thing to know: they use the same API as the hands of a person, and
// wait for what happens instead of for time.
import { api, newKey } from '../../api/client.ts';
import type { Thread } from '../../api/types.ts';
import { type Customer, newest, simulate, words } from './customer.ts';
import type { SimKey } from './words.ts';

export const SCRIPTS = ['happy', 'duplicate', 'order', 'burst', 'takeover', 'receipts'] as const;
export type ScriptName = (typeof SCRIPTS)[number];
export type Step = { key: SimKey; values?: Record<string, string | number> };

export type Stage = {
  customer: Customer;
  threadId: string | null;
  /** what is played shows at once */
  thread: (id: string) => void;
  tell: (step: Step) => void;
  /** to whom the line is taken in mid-turn; null: there is no desk */
  takeTo: string | null;
};

const BURST = 10;
const WAIT_MS = 10_000;
const LOOK_MS = 250;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function say(stage: Stage, text: string, id?: string): Promise<{ threadId: string; duplicate: boolean }> {
  const { thread_id, duplicate } = await simulate(stage.customer, words(text), id);
  const threadId = thread_id ?? stage.threadId ?? '';
  stage.threadId = threadId;
  stage.thread(threadId);
  return { threadId, duplicate };
}

const answers = async (threadId: string): Promise<number> =>
  (await newest(threadId)).filter(({ message }) => message !== undefined && message.author.type !== 'customer').length;

/** @returns whether somebody answered after `before` answers */
async function answered(threadId: string, before: number): Promise<boolean> {
  for (const end = Date.now() + WAIT_MS; Date.now() < end; await pause(LOOK_MS)) {
    if ((await answers(threadId)) > before) return true;
  }
  return false;
}

async function sayAndHear(stage: Stage, text: string): Promise<boolean> {
  const before = stage.threadId === null ? 0 : await answers(stage.threadId);
  const { threadId } = await say(stage, text);
  stage.tell({ key: 'step.said', values: { text } });
  const heard = await answered(threadId, before);
  stage.tell({ key: heard ? 'step.answered' : 'step.silent', values: { seconds: WAIT_MS / 1000 } });
  return heard;
}

const PLAYS: Record<ScriptName, (stage: Stage) => Promise<void>> = {
  async happy(stage) {
    if (!(await sayAndHear(stage, 'Hello'))) return;
    await sayAndHear(stage, 'Where is my order 4711?');
  },
  async duplicate(stage) {
    const id = newKey();
    await say(stage, 'Once only, please', id);
    stage.tell({ key: 'step.said', values: { text: 'Once only, please' } });
    const again = await say(stage, 'Once only, please', id);
    stage.tell({ key: again.duplicate ? 'step.duplicate' : 'step.not_duplicate' });
  },
  async order(stage) {
    const message = await toCustomer(stage);
    if (message === null) return stage.tell({ key: 'step.no_message' });
    for (const status of ['read', 'delivered'] as const) {
      await simulate(stage.customer, { type: 'receipt', message_id: message, status });
      stage.tell({ key: `step.receipt.${status}` });
    }
    stage.tell({ key: 'step.order' });
  },
  async burst(stage) {
    await say(stage, 'Burst 1');
    await Promise.all(Array.from({ length: BURST - 1 }, (_, index) => say(stage, `Burst ${index + 2}`)));
    stage.tell({ key: 'step.burst', values: { count: BURST } });
  },
  async takeover(stage) {
    if (stage.takeTo === null) return stage.tell({ key: 'step.no_desk' });
    const { threadId } = await say(stage, 'I want a person, now');
    stage.tell({ key: 'step.said', values: { text: 'I want a person, now' } });
    const body = { to: stage.takeTo, reason: 'simulator: taken over in mid-turn' };
    const { epoch } = await api<Thread>('POST', `/threads/${threadId}/holder`, { body });
    stage.tell({ key: 'step.taken', values: { epoch } });
  },
  async receipts(stage) {
    const told = stage.threadId === null ? [] : await newest(stage.threadId);
    const open = told.flatMap(({ message }) =>
      message !== undefined && message.author.type !== 'customer' && message.receipt !== 'read' ? [message.id] : [],
    );
    if (open.length === 0) return stage.tell({ key: 'step.no_message' });
    for (const message_id of open.reverse()) {
      await simulate(stage.customer, { type: 'receipt', message_id, status: 'delivered' });
      await simulate(stage.customer, { type: 'receipt', message_id, status: 'read' });
    }
    stage.tell({ key: 'step.receipts', values: { count: open.length } });
  },
};

/** The newest message to the customer without a receipt; one is asked for if there is none. */
async function toCustomer(stage: Stage): Promise<string | null> {
  const find = async (): Promise<string | null> => {
    if (stage.threadId === null) return null;
    const items = await newest(stage.threadId);
    const found = items.find(
      ({ message }) => message && message.author.type !== 'customer' && message.receipt === null,
    );
    return found?.message?.id ?? null;
  };
  const there = await find();
  if (there !== null) return there;
  return (await sayAndHear(stage, 'Hello')) ? find() : null;
}

export const play = (name: ScriptName, stage: Stage): Promise<void> => PLAYS[name](stage);
