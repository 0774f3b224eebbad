// Proof by what the program asked of the system: whoever got a 202, their words had been written to the journal and
// synced to the disk before the first byte of that answer left.
import { answerOf, type Call, isJournal, isSync, traced } from './calls.ts';
import { talkTraced } from './talk.ts';

export type Traced = {
  /** words whose way was followed from end to end */
  followed: number;
  /** answered before they were synced, or without */
  early: string[];
  /** how many would have been found so, had the trace no syncs: all of them, or this proof proves nothing */
  earlyWithoutSyncs: number;
  /** calls that synced the journal */
  syncs: number;
};

/** '' or what was wrong with the way of one word. */
function faultOf(mark: string, calls: readonly Call[]): string {
  const answer = answerOf(mark, calls);
  if (!answer) return `${mark}: was not answered 202`;
  const written = calls.find((call) => call.name === 'pwrite64' && isJournal(call) && call.data.includes(traced(mark)));
  if (!written || written.ended > answer.begun) return `${mark}: was answered before it was written`;
  const covers = (call: Call): boolean =>
    isSync(call) && isJournal(call) && call.begun > written.ended && call.ended < answer.begun;
  return calls.some(covers) ? '' : `${mark}: was answered before it was synced`;
}

export const everyAnswerAfterItsSync = ({ times }: { times: number }): Promise<Traced> =>
  talkTraced(times, ({ marks, calls }) => {
    const withoutSyncs = calls.filter((call) => !(isSync(call) && isJournal(call)));
    const faults = (of: readonly Call[]) => marks.map((mark) => faultOf(mark, of)).filter((fault) => fault !== '');
    return {
      followed: marks.length,
      early: faults(calls),
      earlyWithoutSyncs: faults(withoutSyncs).length,
      syncs: calls.length - withoutSyncs.length,
    };
  });
