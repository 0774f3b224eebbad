// A program under a tracer, customers who say one marked word each, and a bot that answers each with one.
// Not here: what is read from the trace. The one thing to know: some are on their way at once, so that they share a sync.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBox } from '../parties/box.ts';
import { until } from '../parties/call.ts';
import { makeWorld } from '../parties/world.ts';
import { type Call, callsIn, tracer } from './calls.ts';

const AT_ONCE = 8;

/** `marks`: the words that were acknowledged. `data`: the folder that the program left. */
export type Talk = { marks: string[]; calls: Call[]; data: string };

export async function talkTraced<T>(times: number, conclude: (talk: Talk) => Promise<T> | T): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-trace-'));
  const file = join(folder, 'trace');
  const box = await startBox({ through: tracer(file) });
  const marks: string[] = [];
  try {
    const world = await makeWorld(box, { rule: 'bot', bot: { max_per_minute: 10_000 } });
    let next = 0;
    const speak = async (): Promise<void> => {
      while (next < times) {
        const mark = `mark-${++next}-of-a-word.`;
        const address = world.newcomer();
        await world.says(address, mark);
        const post = await until('the bot hears it', () => world.bot.heard(address)[0]);
        const answer = `mark-${next}-${address}-of-an-answer.`;
        await world.replies(post.body.Conversationid, answer);
        marks.push(mark, answer);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, speak));
    await world.close();
    await box.stop();
    return await conclude({ marks, calls: callsIn(file), data: box.data });
  } finally {
    await box.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
