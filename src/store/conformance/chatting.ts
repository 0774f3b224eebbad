// What a customer of the web chat is read, and the media that messages show.
// Not here: the bytes of media (src/media). The one thing to know: a customer's reading goes on after a place in the
// order of commits, and a medium goes when the last message that shows it has gone, whoever removed that.
import { describe, expect, it } from 'vitest';
import type { DirectLineRow, MediumRow } from '../../engine/store-port.ts';
import type { Ground } from '../conformance.ts';
import { speak } from './applying.ts';
import { ASSET, DAY_MS, decision, START, say } from './script.ts';

export function chatting(ground: Ground): void {
  describe('customers who read', () => readingOn(ground));
  describe('media', () => media(ground));
  describe('media', () => remoteMedia(ground));
  describe('conversations of Direct Line clients', () => directLines(ground));
}

function readingOn(ground: Ground): void {
  it('are found by asset and address alone', async () => {
    const { threadId } = await speak(ground, '+1', 'hello');
    await speak(ground, '+10', 'another');
    expect(await ground.store.customerThread(ASSET, '+1')).toMatchObject({ id: threadId, address: '+1', turn: 1 });
    expect(await ground.store.customerThread(ASSET, '+')).toBeNull();
    expect(await ground.store.customerThread('ast_2', '+1')).toBeNull();
  });

  it('are given messages and events after a place, each once, and no deliveries', async () => {
    const { threadId } = await speak(ground, '+1', 'one');
    await ground.store.apply([say('+1', 'two'), say('+2', 'not theirs'), say('+1', 'three')]);
    const told: unknown[] = [];
    for (let after = 0; ; ) {
      const page = await ground.store.happened(threadId, after, 2);
      if (page.length === 0) break;
      for (const each of page) {
        expect(each.ord).toBeGreaterThan(after);
        after = each.ord;
        told.push('message' in each ? each.message.text : each.event.type);
      }
    }
    const event = 'message.received';
    expect(told).toEqual(['one', event, 'two', event, 'three', event]);
    expect(await ground.store.happened('thr_none', 0, 10)).toEqual([]);
  });

  it('are given what was said backwards from a place', async () => {
    const { threadId } = await speak(ground, '+1', 'one');
    await ground.store.apply([say('+1', 'two'), say('+2', 'not theirs'), say('+1', 'three')]);
    const newest = await ground.store.said(threadId, null, 2);
    expect(newest.map(({ message }) => message.text)).toEqual(['three', 'two']);
    const before = newest.at(-1)?.ord ?? 0;
    expect((await ground.store.said(threadId, before, 9)).map(({ message }) => message.text)).toEqual(['one']);
    expect((await ground.store.happened(threadId, before, 1))[0]?.ord).toBeGreaterThan(before);
  });
}

const ID = 'med_00000000000000000000000001';
const row = (more: Partial<MediumRow> = {}): MediumRow => ({
  id: ID,
  sha256: 'a'.repeat(64),
  assetId: ASSET,
  owner: '+1',
  type: 'image/png',
  name: 'cat.png',
  bytes: 3,
  looseAt: START,
  ...more,
});

const showing = (address: string, text: string, id = ID) => ({
  ...say(address, text),
  message: { type: 'image' as const, text, media: [{ url: `media:${id}`, type: 'image/png', name: 'cat.png' }] },
});

function media(ground: Ground): void {
  const loose = () => ground.store.looseMedia(START + 1, 10);

  it('are kept, and loose until a message shows them', async () => {
    await ground.store.addMedium(row());
    await ground.reopen();
    expect(await ground.store.medium(ID)).toEqual(row());
    expect(await ground.store.medium('med_none')).toBeNull();
    expect(await loose()).toEqual([{ id: ID, sha256: row().sha256 }]);
    expect(await ground.store.looseMedia(START, 10)).toEqual([]);
    await ground.store.apply([showing('+1', 'look'), showing('+2', 'look too')]);
    expect(await loose()).toEqual([]);
    expect(await ground.store.dropMedia([{ id: ID, sha256: row().sha256 }])).toEqual([]);
    expect(await ground.store.medium(ID)).not.toBeNull();
  });

  it('are loose since ever when the last message that shows them was erased', async () => {
    await ground.store.addMedium(row());
    await ground.store.apply([showing('+1', 'look'), showing('+2', 'look too')]);
    await ground.store.erase(ASSET, '+1');
    expect(await loose()).toEqual([]);
    await ground.store.erase(ASSET, '+2');
    const rubbish = await ground.store.looseMedia(1, 10);
    expect(rubbish).toEqual([{ id: ID, sha256: row().sha256 }]);
    expect(await ground.store.dropMedia(rubbish)).toEqual([row().sha256]);
    expect(await ground.store.medium(ID)).toBeNull();
  });

  it('that a customer never sent are loose since ever when the customer is erased, thread or no thread', async () => {
    await ground.store.addMedium(row());
    await ground.store.addMedium(row({ id: 'med_00000000000000000000000002', owner: '+2' }));
    await ground.store.erase(ASSET, '+1');
    expect(await ground.store.looseMedia(1, 10)).toEqual([{ id: ID, sha256: row().sha256 }]);
    expect((await ground.store.medium(ID))?.name).toBe('');
  });

  it('go with messages that are past their age', async () => {
    await ground.store.addMedium(row());
    const { threadId } = await speak(ground, '+1', 'hello');
    await ground.store.apply([showing('+1', 'look')]);
    const thread = await ground.store.thread(threadId);
    expect(thread?.turn).toBe(2);
    ground.script.on('clock', (_input, facts) => ({
      ...decision({ ok: true }),
      thread: facts.thread && { ...facts.thread, answered: 2, waitingSince: null },
      cancel: [{ conversationId: facts.thread?.bots[0]?.conversationId ?? '', reason: 'done' }],
    }));
    await ground.store.apply([{ type: 'clock', threadId }]);
    ground.script.now += 366 * DAY_MS;
    const days = { messages: 365, attempts: 7, dedupe: 7 };
    for (let n = 0; n < 50 && (await ground.store.retain(ground.script.now, days, 5)) > 0; n += 1);
    expect(await ground.store.said(threadId, null, 10)).toEqual([]);
    expect(await ground.store.looseMedia(1, 10)).toEqual([{ id: ID, sha256: row().sha256 }]);
  });

  it('give their file away only when no other medium has the same', async () => {
    const other = 'med_00000000000000000000000002';
    await ground.store.addMedium(row());
    await ground.store.addMedium(row({ id: other, owner: '+2' }));
    const [first, second] = await loose();
    if (!first || !second) throw new Error('two are loose');
    expect(await ground.store.dropMedia([first])).toEqual([]);
    expect(await ground.store.dropMedia([second])).toEqual([row().sha256]);
  });
}

const remote = (more: Partial<MediumRow> = {}) => ({
  ...row({ sha256: '', bytes: 0, type: 'image/*', ...more }),
  remote: { reference: 'file 1', fetchAt: START, problem: null },
});

function remoteMedia(ground: Ground): void {
  it('of a provider are one for each reference, and to be fetched while a message shows them', async () => {
    const again = remote({ id: 'med_00000000000000000000000002', looseAt: START + 5 });
    const other = remote({ id: 'med_00000000000000000000000003', owner: '+2' });
    expect(await ground.store.addRemoteMedia([remote()])).toEqual([remote()]);
    const known = { ...remote(), looseAt: START + 5 };
    expect(await ground.store.addRemoteMedia([again, other])).toEqual([known, other]);
    expect(await ground.store.mediaToFetch(10)).toEqual([]);
    await ground.store.apply([showing('+1', 'look')]);
    expect(await ground.store.mediaToFetch(10)).toEqual([known]);
    const failed = { ...known, remote: { ...known.remote, fetchAt: START + 30, problem: 'It did not answer.' } };
    expect(await ground.store.saveMedium(failed)).toBe(true);
    await ground.reopen();
    expect(await ground.store.mediaToFetch(10)).toEqual([failed]);
    const here = { ...row({ looseAt: START + 5 }), remote: { ...known.remote, fetchAt: null, problem: null } };
    expect(await ground.store.saveMedium(here)).toBe(true);
    expect(await ground.store.mediaToFetch(10)).toEqual([]);
    expect(await ground.store.medium(ID)).toEqual(here);
    expect(await ground.store.saveMedium({ ...here, id: 'med_none' })).toBe(false);
  });

  it('of a provider that were never fetched leave no file to remove', async () => {
    await ground.store.addRemoteMedia([remote()]);
    await ground.store.apply([showing('+1', 'look')]);
    await ground.store.erase(ASSET, '+1');
    await ground.store.saveMedium(remote());
    expect((await ground.store.medium(ID))?.name).toBe('');
    expect(await ground.store.mediaToFetch(10)).toEqual([]);
    const rubbish = await ground.store.looseMedia(1, 10);
    expect(await ground.store.dropMedia(rubbish)).toEqual([]);
    expect(await ground.store.medium(ID)).toBeNull();
  });
}

const line = (more: Partial<DirectLineRow> = {}): DirectLineRow => ({
  id: 'dlc_1',
  assetId: ASSET,
  address: null,
  userId: null,
  after: 7,
  keepUntil: START,
  ...more,
});

function directLines(ground: Ground): void {
  it('take whoever speaks first, and nobody after', async () => {
    expect(await ground.store.saveDirectLine(line())).toEqual(line());
    const named = line({ address: '+1', userId: 'ada', keepUntil: START + 5 });
    expect(await ground.store.saveDirectLine({ ...named, after: 99 })).toEqual(named);
    expect(await ground.store.saveDirectLine(line({ address: '+2', userId: 'eve', keepUntil: 1 }))).toEqual(named);
    await ground.reopen();
    expect(await ground.store.directLine('dlc_1')).toEqual(named);
    expect(await ground.store.directLine('dlc_2')).toBeNull();
  });

  it('go with their customer, and when their time is over', async () => {
    await ground.store.saveDirectLine(line({ address: '+1' }));
    await ground.store.saveDirectLine(line({ id: 'dlc_2', address: '+2', keepUntil: START + 2 }));
    await ground.store.saveDirectLine(line({ id: 'dlc_3', keepUntil: START + 9 }));
    await ground.store.erase(ASSET, '+1');
    expect(await ground.store.directLine('dlc_1')).toBeNull();
    const days = { messages: 365, attempts: 7, dedupe: 7 };
    expect(await ground.store.retain(START + 5, days, 5)).toBe(1);
    expect(await ground.store.directLine('dlc_2')).toBeNull();
    expect(await ground.store.directLine('dlc_3')).not.toBeNull();
  });
}
