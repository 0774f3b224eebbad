// The cost of many open streams, and what a reader that does not read costs, against the whole program in one process.
// Not here: what customers see (test/flows/web-chat.test.ts).
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Customer, createWebchat } from '../../channels/webchat/core.ts';
import type { Store } from '../../engine/store-port.ts';
import { type House, openHouse } from '../fixtures/house.ts';

const STREAMS = 100;

let house: House;
let asset: string;
beforeAll(async () => {
  house = await openHouse();
  asset = (await house.api('POST', '/assets', { body: { name: 'Page', channel: 'webchat', config: {} } })).body.id;
});
afterAll(() => house.close());

/** The core over the same store, with its reads counted. */
function counted() {
  const { parts } = house;
  const reads: Record<string, number> = {};
  const store = new Proxy(parts.store, {
    get(target, name: keyof Store & string) {
      reads[name] = (reads[name] ?? 0) + 1;
      return target[name];
    },
  });
  return { webchat: createWebchat({ ...parts, store, linked: (medium) => medium }), reads };
}

const say = (id: string) => [{ id, type: 'message', text: id }];

describe('open streams', () => {
  it('cost a commit one reading of what happened, and one of each thread that changed', async () => {
    const { webchat, reads } = counted();
    const config = webchat.asset(asset);
    if (config === null) throw new Error('no asset');
    const customers: Customer[] = Array.from({ length: STREAMS }, () => webchat.mint(config, ''));
    await Promise.all(customers.map((customer) => webchat.post(customer, say('first'))));
    const heard: string[] = [];
    const streams = customers.map((customer) => webchat.stream(customer, null));
    for (const stream of streams) expect((await stream?.next(0))?.[0]?.event).toBe('ready');
    const reading = streams.map(async (stream) => {
      for (const item of (await stream?.next(60_000)) ?? []) heard.push(item.event);
    });
    await house.settled();
    for (const name of Object.keys(reads)) reads[name] = 0;
    const [one] = customers;
    if (one === undefined) throw new Error('no customer');
    await webchat.post(one, say('second'));
    await reading[0];
    await house.settled();
    expect(heard).toContain('message');
    expect(reads.happened).toBeLessThanOrEqual(3);
    expect(reads.customerThread).toBeLessThanOrEqual(3);
    expect(reads.events).toBeLessThanOrEqual(5);
    expect(webchat.streams()).toBe(STREAMS);
    for (const stream of streams) stream?.close();
    expect(webchat.streams()).toBe(0);
    await Promise.all(reading);
    webchat.stop();
  }, 20_000);

  it('give a reader that is far behind pages, in order, each thing once', async () => {
    const { webchat } = counted();
    const config = webchat.asset(asset);
    if (config === null) throw new Error('no asset');
    const customer = webchat.mint(config, '');
    for (let batch = 0; batch < 15; batch += 1) {
      const items = Array.from({ length: 20 }, (_, i) => ({
        id: `${batch}-${i}`,
        type: 'message',
        text: `${batch * 20 + i}`,
      }));
      await webchat.post(customer, items);
    }
    const stream = webchat.stream(customer, 0);
    const heard: string[] = [];
    let largest = 0;
    while (heard.length < 300) {
      const items = (await stream?.next(1_000)) ?? [];
      largest = Math.max(largest, items.length);
      for (const item of items) if (item.event === 'message') heard.push(item.data.text);
    }
    expect(heard).toEqual(Array.from({ length: 300 }, (_, i) => String(i)));
    expect(largest).toBeLessThanOrEqual(110);
    stream?.close();
  }, 20_000);
});
