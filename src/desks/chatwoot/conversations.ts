// Our desk conversations in Chatwoot: found, made, and remembered for as long as nothing about them is in doubt.
// Not here: what is said in them (adapter.ts). The one thing to know: nothing is kept on disk. Chatwoot keeps our
// conversation's id in `additional_attributes` and our messages' ids as `source_id`; whatever we do not know for sure,
// after a restart or a request that was not answered, is looked up there first, so nothing is made or said twice.
import { z } from 'zod';
import type { DeskConfig } from '../../engine/ports.ts';
import type { ThreadView } from '../../engine/store-port.ts';
import { connectionOf } from '../../wire/config.ts';
import { type Asked, type Errand, listOf } from './errand.ts';

/** In `additional_attributes` of a conversation; it comes back in each webhook. */
export const OURS = 'signalbox_conversation';
/** Conversations whose place in Chatwoot is known without asking. */
const REMEMBERED_MAX = 10_000;

/** Where a conversation is in Chatwoot; `source`: how the inbox knows its customer. */
export type Place = { conversation: number; source: string | null };
/** `sure`: the last request about it was answered, so nothing can be there that we do not know of. */
export type Found = { place: Place; sure: boolean };

const number = z.int().min(0);
const contactInbox = z.object({ source_id: z.string(), inbox: z.object({ id: number }) });
const contact = z.object({
  id: number,
  identifier: z.string().nullish(),
  contact_inboxes: z.array(contactInbox).nullish(),
});
const madeContact = z.object({
  payload: z.object({
    contact: z.object({ id: number }),
    contact_inbox: z.object({ source_id: z.string().nullish() }),
  }),
});
const attributes = z.record(z.string(), z.unknown()).nullish();
const conversation = z.object({ id: number, inbox_id: number.nullish(), additional_attributes: attributes });
const message = z.object({ source_id: z.string().nullish() });

type Contact = { id: number; source: string | null; fresh: boolean };

export type Opening = { name: string; custom: Record<string, string>; note: string };

export type Conversations = ReturnType<typeof createConversations>;

export function createConversations() {
  const remembered = new Map<string, Place>();
  const keyOf = (desk: DeskConfig, ours: string): string => `${connectionOf(desk)}:${ours}`;

  function remember(desk: DeskConfig, ours: string, place: Place): void {
    const key = keyOf(desk, ours);
    remembered.delete(key);
    remembered.set(key, place);
    const oldest = remembered.keys().next();
    if (remembered.size > REMEMBERED_MAX && !oldest.done) remembered.delete(oldest.value);
  }

  return {
    remember,
    recall: (desk: DeskConfig, ours: string): Place | undefined => remembered.get(keyOf(desk, ours)),
    /** from now on it is looked up */
    doubt: (desk: DeskConfig, ours: string): void => void remembered.delete(keyOf(desk, ours)),

    /** The place of a conversation that was made; null: Chatwoot has none. */
    async find(
      desk: DeskConfig,
      errand: Errand,
      thread: ThreadView | null,
      ours: string,
    ): Promise<Asked<Found | null>> {
      const known = remembered.get(keyOf(desk, ours));
      if (known) return { ok: true, value: { place: known, sure: true } };
      if (thread === null) return { ok: true, value: null };
      const who = await contactOf(errand, thread.id);
      if (!who.ok) return who;
      if (who.value === null) return { ok: true, value: null };
      const there = await conversationOf(errand, who.value, ours);
      if (!there.ok) return there;
      return { ok: true, value: there.value && { place: there.value, sure: false } };
    },

    /** Makes a conversation with its first note in one request, unless it is there. */
    async open(errand: Errand, thread: ThreadView, ours: string, opening: Opening): Promise<Asked<Place>> {
      const known = await contactOf(errand, thread.id);
      if (!known.ok) return known;
      const who = known.value ? { ok: true as const, value: known.value } : await makeContact(errand, thread, opening);
      if (!who.ok) return who;
      if (!who.value.fresh) {
        const there = await conversationOf(errand, who.value, ours);
        if (!there.ok) return there;
        if (there.value !== null) return { ok: true, value: there.value };
      }
      return makeConversation(errand, who.value, ours, opening);
    },

    /** Whether a message of ours stands among the last ones. */
    async wasSaid(errand: Errand, place: Place, id: string): Promise<Asked<boolean>> {
      const path = `/conversations/${place.conversation}/messages`;
      const asked = await errand.ask('Looking for what was said', { path }, listOf(message));
      return asked.ok ? { ok: true, value: asked.value.some(({ source_id }) => source_id === id) } : asked;
    },
  };
}

/** A customer is one contact for all desks: its identifier is the thread's id. */
async function contactOf(errand: Errand, threadId: string): Promise<Asked<Contact | null>> {
  const path = `/contacts/search?${new URLSearchParams({ q: threadId })}`;
  const asked = await errand.ask('Looking for the contact', { path }, listOf(contact));
  if (!asked.ok) return asked;
  // The search finds parts of words too.
  const found = asked.value.find(({ identifier }) => identifier === threadId);
  if (found === undefined) return { ok: true, value: null };
  const inbox = found.contact_inboxes?.find((each) => String(each.inbox.id) === errand.settings.inbox);
  return { ok: true, value: { id: found.id, source: inbox?.source_id ?? null, fresh: false } };
}

async function makeContact(errand: Errand, thread: ThreadView, { name }: Opening): Promise<Asked<Contact>> {
  const body = { inbox_id: Number(errand.settings.inbox), name, identifier: thread.id };
  const asked = await errand.ask('Making the contact', { method: 'POST', path: '/contacts', body }, madeContact);
  if (!asked.ok) return asked;
  const { contact: made, contact_inbox } = asked.value.payload;
  return { ok: true, value: { id: made.id, source: contact_inbox.source_id ?? null, fresh: true } };
}

async function conversationOf(errand: Errand, { id, source }: Contact, ours: string): Promise<Asked<Place | null>> {
  const path = `/contacts/${id}/conversations`;
  const asked = await errand.ask('Looking for the conversation', { path }, listOf(conversation));
  if (!asked.ok) return asked;
  const found = asked.value.find(({ additional_attributes }) => additional_attributes?.[OURS] === ours);
  return { ok: true, value: found ? { conversation: found.id, source } : null };
}

async function makeConversation(
  errand: Errand,
  who: Contact,
  ours: string,
  { custom, note }: Opening,
): Promise<Asked<Place>> {
  const body = {
    inbox_id: Number(errand.settings.inbox),
    contact_id: who.id,
    ...(who.source === null ? {} : { source_id: who.source }),
    // With an agent bot on the inbox it would begin as pending, hidden from agents.
    status: 'open',
    additional_attributes: { [OURS]: ours },
    custom_attributes: custom,
    message: { content: note, message_type: 'outgoing', private: true, source_id: `${ours}-started` },
  };
  const call = { method: 'POST', path: '/conversations', body } as const;
  const asked = await errand.ask('Making the conversation', call, conversation);
  if (!asked.ok) return asked;
  const { id, additional_attributes } = asked.value;
  if (additional_attributes && additional_attributes[OURS] !== ours) {
    const outcome = errand.vain(
      'Chatwoot put this into an old conversation: switch off “Lock to single conversation” in the inbox’s settings, and verify the desk again.',
    );
    return { ok: false, outcome, status: outcome.status };
  }
  return { ok: true, value: { conversation: id, source: who.source } };
}
