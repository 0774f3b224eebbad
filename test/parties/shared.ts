// One started box for all tests of a file, with as many worlds in it as they want; all of it is closed at the end.
// Not here: boxes that a test kills or starves (they start their own). The one thing to know: the clock is shared, so
// a test that moves it must leave its own world at rest, or make a new one.
import { afterAll, beforeAll } from 'vitest';
import { type Box, type BoxOptions, startBox } from './box.ts';
import { type Listener, listen } from './listener.ts';
import { makeWorld, type Wish, type World } from './world.ts';

export type Place = {
  readonly box: Box;
  world(wish?: Wish): Promise<World>;
  /** a bare server that only writes down what it gets */
  listener(): Promise<Listener>;
};

export function sharedBox(options?: BoxOptions): Place {
  let box: Box | undefined;
  const closing: (() => Promise<void>)[] = [];
  beforeAll(async () => {
    box = await startBox(options);
  });
  afterAll(async () => {
    for (const close of closing) await close();
    await box?.close();
  });
  return {
    get box() {
      if (box === undefined) throw new Error('the box is started in beforeAll');
      return box;
    },
    async world(wish) {
      const world = await makeWorld(this.box, wish);
      closing.push(world.close);
      return world;
    },
    async listener() {
      const listener = await listen();
      closing.push(listener.down);
      return listener;
    },
  };
}
