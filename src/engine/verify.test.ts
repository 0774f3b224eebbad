// Verification beside changes that this process has not heard of, and in between its own steps: what becomes active is what
// was verified. Not here: what a verification saves, probing (engine.test.ts), and a change by the API (http/api/moved.test.ts).
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Box, openBox } from './fixtures/box.ts';
import { ConfigConflict } from './store-port.ts';
import type { Kind } from './verify.ts';

const AWAY = 'https://elsewhere.example';

describe.each([
  ['bot', 'bot_1'],
  ['desk', 'desk_1'],
] as const)('a %s that is verified', (kind: Kind, id) => {
  let box: Box;
  beforeEach(async () => {
    box = await openBox();
  });
  afterEach(async () => {
    await box.close();
    expect(box.bugs).toEqual([]);
  });

  /** As another process does: our directory has not heard of it. */
  async function elsewhere(): Promise<void> {
    const row = (await box.store.loadConfig()).rows.find((each) => each.id === id);
    await box.store.writeConfig([{ kind, id, data: { ...row?.data, url: AWAY } }], []);
  }
  const kept = async () => {
    const { rows, health } = await box.store.loadConfig();
    return [rows.find((row) => row.id === id)?.data.url, health.find((each) => each.id === id)?.status];
  };

  it('is not made active where another process has moved it while it was asked', async () => {
    box.checks.during = elsewhere;
    await expect(box.engine.verify(kind, id, {}, 'test')).rejects.toBeInstanceOf(ConfigConflict);
    expect(await kept()).toEqual([AWAY, undefined]);
  });

  it('is not made active when it is moved while that waits in a slow flush', async () => {
    let go = (): void => undefined;
    box.control.begins = new Promise((resolve) => {
      go = resolve;
    });
    const verified = box.engine.verify(kind, id, {}, 'test').then(
      () => 'verified',
      (error: unknown) => error,
    );
    await expect.poll(() => box.control.asked).toBe(1);
    await elsewhere();
    go();
    expect(await verified).toBeInstanceOf(ConfigConflict);
    expect(await kept()).toEqual([AWAY, undefined]);
  });

  it('is not made active when it is moved after its draft was saved', async () => {
    const stop = box.directory.onChange(() => {
      stop();
      void elsewhere();
    });
    const draft = { url: 'https://draft.example' };
    await expect(box.engine.verify(kind, id, draft, 'test')).rejects.toBeInstanceOf(ConfigConflict);
    expect(await kept()).toEqual([AWAY, undefined]);
  });

  it('is not made active, and no health is kept of it, when it was deleted meanwhile', async () => {
    box.checks.during = async () => {
      await box.store.writeConfig([{ kind, id, data: null }], []);
    };
    await expect(box.engine.verify(kind, id, {}, 'test')).rejects.toBeInstanceOf(ConfigConflict);
    expect(await kept()).toEqual([undefined, undefined]);
  });

  it('is active at its draft when nobody else wrote', async () => {
    const draft = { url: 'https://draft.example' };
    expect(await box.engine.verify(kind, id, draft, 'test')).toMatchObject({ verified: true, status: 'active' });
    expect(await kept()).toEqual(['https://draft.example', 'active']);
  });
});
