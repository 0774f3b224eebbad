// A customer who says a few words, a bot that answers each, a provider that tells a receipt for each answer: one whole round
// trip at a time, counted exactly. Not here: what is done to the program meanwhile. The one thing to know: everybody repeats
// under the same id what was not acknowledged, and writes down every answer that is neither a 202 nor a proper 503.
import type { Box } from '../parties/box.ts';
import { type Answer, sleep, until } from '../parties/call.ts';
import type { Post } from '../parties/listener.ts';
import { makeWorld, type World } from '../parties/world.ts';

const AGAIN_MS = 40;
/** Longer than the first retry of an exchange that a stalled machine let run out. */
const NEVER_MS = 100_000;

export type Tally = { words: number; refusals: number; faults: string[] };
export type Talk = {
  world: World;
  tally: Tally;
  /** a new customer says these words; resolves when all of it has come round, or was awaited in vain */
  round(words: number): Promise<void>;
  /** everybody once more, and what is kept of them: what came or stands twice, in disorder or not at all goes to the faults */
  check(): Promise<void>;
  close(): Promise<void>;
};

/** How often each text stands in a timeline. */
async function everythingKept(box: Box): Promise<Map<string, number>> {
  const kept = new Map<string, number>();
  for (let after = ''; ; ) {
    const page = await box.must('GET', `/threads?limit=100${after}`);
    for (const { id } of page.data) {
      const { data: items } = await box.must('GET', `/threads/${id}/timeline?limit=100`);
      for (const { message } of items) if (message) kept.set(message.text, (kept.get(message.text) ?? 0) + 1);
    }
    if (!page.next_cursor) return kept;
    after = `&after=${encodeURIComponent(page.next_cursor)}`;
  }
}

export async function startTalk(box: Box): Promise<Talk> {
  const world = await makeWorld(box, { rule: 'bot', bot: { max_per_minute: 10_000, failure_threshold: 1_000 } });
  const tally: Tally = { words: 0, refusals: 0, faults: [] };
  const said = new Map<string, string[]>();
  const chains = new Map<string, Promise<void>>();
  let over = false;

  /** Repeats until it was taken, as a provider or a bot does. */
  async function insist(what: string, once: () => Promise<Answer>): Promise<void> {
    for (const deadline = Date.now() + NEVER_MS; !over; await sleep(AGAIN_MS)) {
      const answer = await once().catch(() => undefined);
      if (answer?.status === 202) return;
      if (answer?.status === 503) tally.refusals += 1;
      if (answer && (answer.status !== 503 || !(Number(answer.headers['retry-after']) > 0))) {
        tally.faults.push(`${what}: ${answer.status} ${answer.text}`);
        return;
      }
      if (Date.now() > deadline) {
        tally.faults.push(`${what}: was never taken`);
        return;
      }
    }
  }
  /** One after the other for each customer and direction, so that their order is one. */
  function queue(key: string, what: string, once: () => Promise<Answer>): void {
    const before = chains.get(key) ?? Promise.resolve();
    chains.set(
      key,
      before.then(() => insist(what, once)),
    );
  }

  const answered = new Set<string>();
  world.bot.reply = ({ body }: Post) => {
    const { Event, Message, Messageid, Conversationid, Signalbox } = body;
    if (Event !== 'Incoming message' || answered.has(Messageid)) return world.bot.ok();
    answered.add(Messageid);
    const words = `re: ${Message}`;
    queue(`bot ${Signalbox.User}`, words, () => world.bot.say(Conversationid, words, { messageid: `re-${Messageid}` }));
    return world.bot.ok();
  };
  const receipted = new Set<string>();
  world.channel.reply = ({ body }: Post) => {
    if (body.type !== 'message' || receipted.has(body.message_id)) return {};
    receipted.add(body.message_id);
    const id = body.message_id;
    queue(`channel ${body.to.address}`, `receipt ${id}`, () => world.channel.receipt(id, 'delivered'));
    return {};
  };

  const receipts = (address: string): string[] => {
    const told = world.bot.told(address).filter(({ body }) => body.Event === 'Message Delivery');
    return [...new Map(told.map((post) => [post.headers['webhook-id'], post.body.Messageid as string])).values()];
  };
  /** '' or what is wrong with what one customer and the bot have heard of each other. */
  function faultOf(address: string, words: string[]): string {
    const heard = world.bot.words(address);
    const got = world.channel.texts(address);
    if (heard.join() !== words.join()) return `${address}: said ${words}, the bot heard ${heard}`;
    if (got.join() !== words.map((each) => `re: ${each}`).join()) return `${address}: said ${words}, got ${got}`;
    const told = receipts(address);
    const unique = new Set(told).size;
    return told.length === words.length && unique === told.length
      ? ''
      : `${address}: ${told.length} receipts, ${unique} fates`;
  }

  return {
    world,
    tally,
    async round(count) {
      const address = world.newcomer();
      const words = Array.from({ length: count }, (_, index) => `${address} #${index + 1}`);
      said.set(address, words);
      tally.words += count;
      for (const text of words) {
        await insist(text, () => world.channel.says(address, text, { id: text }));
      }
      await until('it has come round', () => faultOf(address, words) === '', NEVER_MS).catch(() => undefined);
    },
    async check() {
      const kept = await everythingKept(box);
      for (const [address, words] of said) {
        const answers = words.map((text) => `re: ${text}`);
        const twice = [...words, ...answers].filter((text) => (kept.get(text) ?? 0) > 1);
        const gone = [...words, ...answers].filter((text) => !kept.has(text));
        const fault = faultOf(address, words);
        if (fault) tally.faults.push(fault);
        if (gone.length > 0) tally.faults.push(`${address}: not kept: ${gone}`);
        if (twice.length > 0) tally.faults.push(`${address}: kept twice: ${twice}`);
      }
    },
    close: async () => {
      over = true;
      await world.close();
    },
  };
}
