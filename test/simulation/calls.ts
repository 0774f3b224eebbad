// A call of a party to the program: over the network to a process, and again until it is answered, where it may be.
// Not here: what is asked (parties.ts). The one thing to know: whoever got no answer does not know what came of it; a
// customer's provider, and a bot with a key of its own, ask again in the same words.
import type { Engine } from '../../src/engine/ports.ts';
import { type Applied, StoreUnavailable } from '../../src/engine/store-port.ts';
import type { Input } from '../../src/routing/inputs.ts';
import type { Chance } from './chance.ts';
import type { House } from './house.ts';
import type { Time } from './virtual.ts';
import type { Weather } from './weather.ts';

export type Call = {
  inputs(engine: Engine): Input[];
  told(applied: Applied[]): void;
  /** asked until it is answered */
  again: boolean;
};

const ANSWER_MS = 10_000;
const AGAIN_MS = 1_500;

export type CallParts = {
  time: Time;
  weather: Weather;
  house: House;
  chance: Chance;
  wrong(what: string, e: unknown): void;
};

export function callerOf(parts: CallParts): (call: Call) => void {
  const { time, weather, house, chance, wrong } = parts;

  return function call(asked: Call): void {
    let over = false;
    const once = (then: () => void): void => {
      if (over) return;
      over = true;
      then();
    };
    const again = (): void => {
      if (asked.again) time.at(time.now + AGAIN_MS, () => call(asked), null);
    };
    const { ready } = house;
    const process = ready.length > 0 ? chance.pick(ready) : undefined;
    const there = weather.way();
    if (process === undefined || there === null) {
      again();
      return;
    }
    const back = (then: () => void): void => {
      const way = weather.way();
      if (way !== null) time.at(time.now + way, () => once(then), null);
    };
    time.at(time.now + ANSWER_MS, () => once(again), null);
    time.at(
      time.now + there,
      () => {
        const { engine } = process;
        if (engine === null || process.stopping) return;
        engine.submit(asked.inputs(engine)).then(
          (applied) => back(() => asked.told(applied)),
          (error: unknown) => {
            if (!(error instanceof StoreUnavailable)) wrong('a hook met a bug', error);
            back(again);
          },
        );
      },
      process,
    );
  };
}
