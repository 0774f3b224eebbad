// Who a customer is on WhatsApp: a phone number, a business-scoped user id (BSUID), or both.
// Not here: what they say. The one thing to know: since 2026 the number may be missing, and a BSUID changes with the number;
// so all that Meta tells of one person goes along as aliases, and the number is the address where it is known.

import { MAX_NAME, storable } from '../../wire/fields.ts';
import { object } from '../../wire/pick.ts';

export type Loose = Record<string, unknown>;
export type Who = { address: string; aliases: string[]; name?: string };

/** E.164 has at most 15 digits; WhatsApp writes them without the plus. */
const PHONE = /^\+?(\d{5,20})$/;
/** A country and up to 128 letters and digits; a parent id has `.ENT` between them. */
const BSUID = /^[A-Z]{2}\.(?:ENT\.)?[A-Za-z0-9]{1,128}$/;

export const isBsuid = (address: string): boolean => BSUID.test(address);

/** A phone number or BSUID as we keep it, or undefined. */
export function addressOf(value: unknown): string | undefined {
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text !== 'string') return undefined;
  const phone = PHONE.exec(text)?.[1];
  return phone ?? (BSUID.test(text) ? text : undefined);
}

/** All that is known of one person under these names, the number first; null: nobody we could answer. */
export function whoIs(ids: readonly unknown[], contact: Loose | undefined): Who | null {
  const known = [...ids, contact?.wa_id, contact?.user_id, contact?.parent_user_id].map(addressOf);
  const distinct = [...new Set(known.filter((address) => address !== undefined))];
  const [address, ...aliases] = [...distinct.filter((each) => !isBsuid(each)), ...distinct.filter(isBsuid)];
  if (address === undefined) return null;
  const name = nameOf(contact);
  return { address, aliases, ...(name === '' ? {} : { name }) };
}

/** The entries of `contacts` by each of their ids: a callback may name thousands of both, so none is looked for twice. */
export type Contacts = ReadonlyMap<string, Loose>;

export function contactsById(contacts: readonly Loose[]): Contacts {
  const byId = new Map<string, Loose>();
  for (const contact of contacts) {
    for (const id of [contact.wa_id, contact.user_id, contact.parent_user_id]) {
      const address = addressOf(id);
      if (address !== undefined && !byId.has(address)) byId.set(address, contact);
    }
  }
  return byId;
}

/** The entry that has one of these ids, never one by its place. */
export function contactOf(contacts: Contacts, ids: readonly unknown[]): Loose | undefined {
  for (const id of ids) {
    const contact = contacts.get(addressOf(id) ?? '');
    if (contact !== undefined) return contact;
  }
  return undefined;
}

function nameOf(contact: Loose | undefined): string {
  const { name, username } = object(contact?.profile);
  const shown = typeof name === 'string' && name !== '' ? name : typeof username === 'string' ? `@${username}` : '';
  return shown === '@' ? '' : storable(shown.slice(0, MAX_NAME));
}
