// What every store must do, as one suite that SQLite passes and PostgreSQL will have to pass unchanged.
// Not here: what only one of them does (locks, files, kill -9). The one thing to know: the suite brings its own
// scripted `decide`, so that it tests the keeping of decisions and not the deciding.
import { afterEach, beforeEach, describe } from 'vitest';
import type { Store } from '../engine/store-port.ts';
import type { Decide } from '../routing/inputs.ts';
import type { NewId } from '../routing/model.ts';
import { addressing } from './conformance/addressing.ts';
import { applying } from './conformance/applying.ts';
import { chatting } from './conformance/chatting.ts';
import { configuring } from './conformance/configuring.ts';
import { finding } from './conformance/finding.ts';
import { forgetting } from './conformance/forgetting.ts';
import { inbox } from './conformance/inbox.ts';
import { lanes } from './conformance/lanes.ts';
import { provided } from './conformance/provided.ts';
import { reaching } from './conformance/reaching.ts';
import { reading } from './conformance/reading.ts';
import { Script, world } from './conformance/script.ts';
import { several } from './conformance/several.ts';

/** What a store is opened with. */
export type Deciding = {
  decide: Decide;
  now: () => number;
  newId: NewId;
  random: () => number;
  onError: (error: unknown) => void;
};
/** An empty store; `reopen` closes it and opens the same data again; `destroy` closes it and removes the data. */
export type Opened = { store: Store; reopen: () => Promise<Store>; destroy: () => Promise<void> };

/** A test's store and script. `store` is the one open now. */
export type Ground = { store: Store; script: Script; reopen: () => Promise<void> };

/** Declares the suite. `open` makes an empty store that decides as it is told. */
export function storeConformance(name: string, open: (deciding: Deciding) => Promise<Opened>): void {
  describe(`${name} as a store`, () => {
    const ground = {} as Ground;
    let opened: Opened;

    beforeEach(async () => {
      const script = new Script();
      ground.script = script;
      opened = await open({
        decide: script.decide,
        now: () => script.now,
        newId: script.newId,
        random: script.random,
        onError: script.onError,
      });
      ground.store = opened.store;
      ground.reopen = async () => {
        ground.store = await opened.reopen();
        await ground.store.setWorld(world());
      };
      await ground.store.setWorld(world());
    });

    afterEach(() => opened.destroy());

    const sections = [
      applying,
      provided,
      reaching,
      addressing,
      several,
      lanes,
      reading,
      inbox,
      finding,
      chatting,
      configuring,
      forgetting,
    ];
    for (const section of sections) section(ground);
  });
}
