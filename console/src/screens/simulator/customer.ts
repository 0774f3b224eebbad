// Being a simulated customer: what is said and done as them, and which thread that is.
// Not here: scripts of several steps (scripts.ts). The one thing to know: address, asset and thread stand in the address
// of the page, so that a customer can be gone back to, and linked.
import { api, newKey } from '../../api/client.ts';
import type { Page, Simulated, SimulatedEvent, TimelineItem } from '../../api/types.ts';

export type Customer = { assetId: string; address: string; name: string };

/** Of a new customer: short enough to read, long enough to be nobody else. */
export const newAddress = (): string => `sim-${newKey().slice(0, 6)}`;

export const simulate = ({ assetId, address, name }: Customer, event: SimulatedEvent, id?: string) =>
  api<Simulated>('POST', '/simulator/events', {
    body: {
      asset_id: assetId,
      address,
      ...(name.trim() === '' ? {} : { name: name.trim() }),
      ...(id === undefined ? {} : { id }),
      event,
    },
  });

export const words = (text: string): SimulatedEvent => ({ type: 'message', message: { text } });

export const newest = async (threadId: string): Promise<TimelineItem[]> =>
  (await api<Page<TimelineItem>>('GET', `/threads/${threadId}/timeline`, { params: { order: 'desc', limit: 100 } }))
    .data;
