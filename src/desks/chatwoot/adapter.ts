// A desk in Chatwoot: its agents see a conversation of an API inbox, with what was said before as a private note.
// Not here: finding conversations (conversations.ts), words (words.ts), what Chatwoot posts (read.ts), the checks
// (verify.ts). The one thing to know: Chatwoot takes no idempotency key, so what may have been said is looked for first.
import { z } from 'zod';
import type { AttemptFacts, DeskAdapter, DeskConfig, Send } from '../../engine/ports.ts';
import type { LaneItem } from '../../engine/store-port.ts';
import type { Outcome } from '../../routing/inputs.ts';
import { connectionOf } from '../../wire/config.ts';
import { check, objectOf } from '../../wire/json.ts';
import { unsupported } from '../../wire/outcome.ts';
import { type Conversations, createConversations, type Place } from './conversations.ts';
import { anything, type Errand, errandOf, exchange } from './errand.ts';
import { checkConfig, FIELDS, STEPS, settingsOf } from './fields.ts';
import { read } from './read.ts';
import { verify } from './verify.ts';
import { attributesOf, closedNote, nameOf, saidBy, transcriptNote, undeliveredNote, updatedNote } from './words.ts';

/** Inboxes whose public name is known without asking. */
const INBOXES_MAX = 1_000;

type Post = { id: string; content: string; note: boolean };
type Task = { desk: DeskConfig; item: LaneItem; ours: string; errand: Errand; conversations: Conversations };

export function createChatwootDesk(): DeskAdapter {
  const conversations = createConversations();
  const inboxes = new Map<string, string>();

  /** The inbox's name in Chatwoot's public API, where a contact types and sees. */
  async function publicName(desk: DeskConfig, send: Send): Promise<string | null> {
    const key = connectionOf(desk);
    const known = inboxes.get(key);
    if (known !== undefined) return known;
    const settings = settingsOf(desk);
    const answer = await exchange(desk, settings, { path: `/inboxes/${settings.inbox}` }, send);
    const inbox = check(z.object({ inbox_identifier: z.string().min(1) }), objectOf(answer));
    if (!inbox.ok) return null;
    if (inboxes.size >= INBOXES_MAX) inboxes.clear();
    inboxes.set(key, inbox.value.inbox_identifier);
    return inbox.value.inbox_identifier;
  }

  return {
    kind: 'chatwoot',
    title: 'Chatwoot',
    fields: FIELDS,
    steps: STEPS,
    checkConfig,
    read,
    verify,

    async send(desk, item, facts, send, now) {
      const ours = item.delivery.conversationId ?? '';
      const task = { desk, item, ours, errand: errandOf(desk, send, now), conversations };
      const outcome = await tell(task, facts);
      if (outcome.result !== 'ok') conversations.doubt(desk, ours);
      return outcome;
    },

    async typing(desk, conversationId, on, send) {
      const place = conversations.recall(desk, conversationId);
      if (!place || place.source === null) return;
      const inbox = await publicName(desk, send);
      if (inbox === null) return;
      const { base } = settingsOf(desk);
      const path = ['inboxes', inbox, 'contacts', place.source, 'conversations', String(place.conversation)];
      await send({
        url: `${base}/public/api/v1/${path.map(encodeURIComponent).join('/')}/toggle_typing`,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ typing_status: on ? 'on' : 'off' }),
        key: connectionOf(desk),
      });
    },
  };
}

async function tell(task: Task, facts: AttemptFacts): Promise<Outcome> {
  const { item, ours } = task;
  const { delivery, message } = item;
  switch (delivery.kind) {
    case 'started':
      return started(task, facts);
    case 'message':
    case 'postback':
      if (message === null) return unsupported(delivery.kind);
      return say(task, { id: message.id, content: saidBy(message), note: false });
    case 'receipt':
      if (delivery.data?.status !== 'failed') return task.errand.done('Chatwoot is told of what failed only.');
      return say(task, {
        id: `${delivery.messageId ?? delivery.id}-failed`,
        content: undeliveredNote(message, words(delivery.data.description)),
        note: true,
      });
    case 'closed':
      return close(task, { id: `${ours}-closed`, content: closedNote(words(delivery.data?.reason)), note: true });
    case 'signal':
      if (message === null || delivery.data?.event !== 'message.updated') return unsupported(delivery.kind);
      return say(task, { id: `${delivery.id}-updated`, content: updatedNote(message, delivery.data), note: true });
    default:
      return unsupported(delivery.kind);
  }
}

async function started({ desk, item, ours, errand, conversations }: Task, facts: AttemptFacts): Promise<Outcome> {
  const { thread, delivery } = item;
  if (thread === null) return unsupported('started, without a thread');
  const attributes = attributesOf(delivery.data?.attributes);
  const reason = words(delivery.data?.reason);
  const { messages = [], total = 0 } = facts.transcript ?? {};
  const opened = await conversations.open(errand, thread, ours, {
    name: nameOf(thread),
    custom: { ...attributes, signalbox_channel: facts.channel, signalbox_service: facts.serviceName },
    note: transcriptNote({ reason, channel: facts.channel, attributes }, messages, total),
  });
  if (!opened.ok) return opened.outcome;
  conversations.remember(desk, ours, opened.value);
  return errand.done(`Conversation ${opened.value.conversation} in Chatwoot.`);
}

async function say(task: Task, post: Post): Promise<Outcome> {
  const { desk, item, ours, errand, conversations } = task;
  const found = await conversations.find(desk, errand, item.thread, ours);
  if (!found.ok) return found.outcome;
  if (found.value === null)
    return errand.vain('Chatwoot has no conversation for this; it may have been deleted there.');
  const { place, sure } = found.value;
  const failed = await put(task, place, post, sure);
  if (failed) return failed;
  // Notes have a lane of their own, beside the customer's words: of those they know nothing.
  if (!post.note) conversations.remember(desk, ours, place);
  return errand.done(`In conversation ${place.conversation} in Chatwoot.`);
}

/** Posts it, unless it may be there and is. Gives the outcome of what went wrong. */
async function put({ errand, conversations }: Task, place: Place, post: Post, sure: boolean): Promise<Outcome | null> {
  if (!sure || post.note) {
    const said = await conversations.wasSaid(errand, place, post.id);
    if (!said.ok) return said.outcome;
    if (said.value) return null;
  }
  const body = {
    content: post.content,
    message_type: post.note ? 'outgoing' : 'incoming',
    private: post.note,
    source_id: post.id,
  };
  const path = `/conversations/${place.conversation}/messages`;
  const asked = await errand.ask('Saying it', { method: 'POST', path, body }, anything);
  return asked.ok ? null : asked.outcome;
}

/** The note first: when the conversation is resolved, agents see at once why. */
async function close(task: Task, note: Post): Promise<Outcome> {
  const { desk, item, ours, errand, conversations } = task;
  const found = await conversations.find(desk, errand, item.thread, ours);
  if (!found.ok) return found.outcome;
  if (found.value === null) return errand.done('Chatwoot has no conversation for this: nothing to close.');
  const { place, sure } = found.value;
  const failed = await put(task, place, note, sure);
  if (failed) return failed;
  const path = `/conversations/${place.conversation}/toggle_status`;
  const asked = await errand.ask('Resolving it', { method: 'POST', path, body: { status: 'resolved' } }, anything);
  if (!asked.ok) return asked.outcome;
  conversations.doubt(desk, ours);
  return errand.done(`Conversation ${place.conversation} in Chatwoot is resolved.`);
}

const words = (value: unknown): string => (typeof value === 'string' ? value : '');
