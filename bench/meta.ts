// Meta as one WhatsApp number sees it, a process of its own: customers who write, the Cloud API, and three statuses for each
// message that it took, each in a callback of its own or together with the next message. The one thing to know: what is
// timed is the acknowledgement, from the first byte sent to the answer.
import { createHmac } from 'node:crypto';
import { type Client, client, response, serve } from './wire.ts';

export type MetaOrder =
  | { cmd: 'hook'; url: string; secret: string; number: string }
  | { cmd: 'load'; perSecond: number; warmupMs: number; ms: number; together: boolean };
export type Timed = { count: number; perSecond: number; p50: number; p99: number; max: number };
export type MetaResult = {
  messages: Timed;
  statuses: Timed;
  all: Timed;
  refused: number;
  answered: number;
  said: number;
};

const CUSTOMERS = 2_000;
const SOCKETS = 64;
const TICK_MS = 2;
const DRAIN_MS = 5_000;
/** A customer's telephone takes a moment to say that a message is there, and its owner to look. */
const STATUSES: readonly [string, number][] = [
  ['sent', 5],
  ['delivered', 40],
  ['read', 120],
];

let hook: Client | undefined;
let [secret, number] = ['', ''];
let serial = 0;
let [refused, answered, said, open] = [0, 0, 0, 0];
let counting = false;
/** statuses that wait for the next message, to go in its callback; null: each goes on its own */
let waiting: Record<string, unknown>[] | null = null;
let times: Record<'messages' | 'statuses', number[]> = { messages: [], statuses: [] };

const { port } = await serve((path, body) => {
  if (!path.includes('/messages')) return response('{"success":true}');
  const ours = /"biz_opaque_callback_data":"([^"]+)"/.exec(body)?.[1];
  if (ours === undefined) return response('{"success":true}');
  const id = `wamid.out${++serial}`;
  const to = /"to":"(\d+)"/.exec(body)?.[1] ?? '';
  if (counting) answered += 1;
  for (const [status, afterMs] of STATUSES) setTimeout(() => tell(id, to, ours, status), afterMs);
  return response(
    `{"messaging_product":"whatsapp","contacts":[{"input":"${to}","wa_id":"${to}"}],"messages":[{"id":"${id}"}]}`,
  );
});

const now = (): string => String(Math.floor(Date.now() / 1_000));

function tell(id: string, to: string, ours: string, status: string): void {
  const conversation = { id: 'b1', origin: { type: 'service' } };
  const pricing = { billable: false, pricing_model: 'PMP', type: 'free_customer_service', category: 'service' };
  const one = { id, status, timestamp: now(), recipient_id: to, conversation, pricing, biz_opaque_callback_data: ours };
  if (waiting) waiting.push(one);
  else post('statuses', { statuses: [one] });
}

function speak(): void {
  const from = String(15_550_000_000 + Math.floor(Math.random() * CUSTOMERS));
  const id = `wamid.in${process.pid}-${++serial}`;
  const contacts = [{ profile: { name: 'Customer' }, wa_id: from }];
  const message = { from, id, timestamp: now(), type: 'text', text: { body: `${id} ${'x'.repeat(120)}` } };
  if (counting) said += 1;
  const statuses = waiting?.splice(0) ?? [];
  post('messages', { contacts, messages: [message], ...(statuses.length > 0 ? { statuses } : {}) });
}

function post(kind: 'messages' | 'statuses', value: Record<string, unknown>): void {
  const metadata = { display_phone_number: '15550109999', phone_number_id: number };
  const change = { field: 'messages', value: { messaging_product: 'whatsapp', metadata, ...value } };
  const body = JSON.stringify({ object: 'whatsapp_business_account', entry: [{ id: '1', changes: [change] }] });
  const signature = createHmac('sha256', secret).update(body).digest('hex');
  const [from, counted] = [performance.now(), counting];
  open += 1;
  hook?.post(
    body,
    (status) => {
      open -= 1;
      if (status !== 200) refused += 1;
      else if (counted) times[kind].push(performance.now() - from);
    },
    `x-hub-signature-256: sha256=${signature}\r\n`,
  );
}

/** Evenly spaced by the clock: a late tick catches up. */
function pace(perSecond: number): NodeJS.Timeout {
  const from = performance.now();
  let spoken = 0;
  return setInterval(() => {
    const due = Math.floor(((performance.now() - from) / 1_000) * perSecond);
    for (; spoken < due; spoken++) speak();
  }, TICK_MS);
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function timed(values: number[], seconds: number): Timed {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  return { count: sorted.length, perSecond: sorted.length / seconds, p50: at(0.5), p99: at(0.99), max: at(1) };
}

async function load({ perSecond, warmupMs, ms, together }: Extract<MetaOrder, { cmd: 'load' }>): Promise<MetaResult> {
  waiting = together ? [] : null;
  times = { messages: [], statuses: [] };
  [refused, answered, said] = [0, 0, 0];
  const ticking = pace(perSecond);
  await sleep(warmupMs);
  counting = true;
  const from = performance.now();
  await sleep(ms);
  counting = false;
  const seconds = (performance.now() - from) / 1_000;
  clearInterval(ticking);
  const deadline = performance.now() + DRAIN_MS;
  await sleep(500);
  while (open > 0 && performance.now() < deadline) await sleep(20);
  const { messages, statuses } = times;
  const all = timed([...messages, ...statuses], seconds);
  return { messages: timed(messages, seconds), statuses: timed(statuses, seconds), all, refused, answered, said };
}

process.on('message', async (order: MetaOrder) => {
  if (order.cmd === 'hook') {
    hook?.close();
    hook = client(order.url, SOCKETS);
    [secret, number] = [order.secret, order.number];
    process.send?.({ ok: true });
  } else process.send?.(await load(order));
});
process.on('disconnect', () => process.exit(0));
process.send?.({ port });
