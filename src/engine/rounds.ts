// Whose turn it is: targets that have something to send, each once, one attempt at a time.
// Not here: whether an attempt may begin, and the attempt (deliver.ts). The one thing to know: who gave no answer last time,
// or none that came to its end, stands in a round of its own and begins one attempt a turn, so that whoever answers never
// waits behind those who hang: their connections were broken off, and each new one costs more than a delivery to a target
// that is well.
import { Fifo } from './fifo.ts';
import type { TargetState } from './targets.ts';

/** Between so many attempts that begin, hooks are read and answered: measured, their answers come a quarter sooner under load. */
const AT_A_TIME = 8;
/** A turn of the loop takes less than a millisecond when nobody else wants it: that is a thousand attempts a second. */
const SILENT_AT_A_TIME = 1;

/** What came of a target's turn. `full`: it has no slot now. `empty`: it has nothing to send. */
export type Turn = 'begun' | 'full' | 'empty';

export class Rounds {
  readonly #answering = new Fifo<TargetState>();
  readonly #silent = new Fifo<TargetState>();

  /** It has something to send. */
  join(of: TargetState): void {
    if (of.inTurn) return;
    of.inTurn = true;
    this.#of(of).push(of);
  }

  /** Lets attempts begin while they may; whether there may be more of them in the next turn of the loop. */
  turn(mayBegin: () => boolean, begin: (of: TargetState) => Turn): boolean {
    const answering = this.#go(this.#answering, AT_A_TIME, mayBegin, begin);
    const silent = this.#go(this.#silent, SILENT_AT_A_TIME, mayBegin, begin);
    return answering || silent;
  }

  #of({ silent }: TargetState): Fifo<TargetState> {
    return silent ? this.#silent : this.#answering;
  }

  /** Until no target of the round has both something to send and a slot. */
  #go(round: Fifo<TargetState>, most: number, mayBegin: () => boolean, begin: (of: TargetState) => Turn): boolean {
    let passed = 0;
    let begun = 0;
    let moved = false;
    while (begun < most && passed < round.size && mayBegin()) {
      const of = round.shift() as TargetState;
      const its = this.#of(of);
      if (its !== round) {
        // The other round may have had its turn already: then this one's comes with the next.
        its.push(of);
        moved = true;
        continue;
      }
      const turn = begin(of);
      if (turn === 'empty') {
        of.inTurn = false;
        continue;
      }
      round.push(of);
      if (turn === 'full') passed += 1;
      else {
        passed = 0;
        begun += 1;
      }
    }
    return moved || begun >= most;
  }
}
