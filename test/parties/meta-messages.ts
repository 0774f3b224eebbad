// What the Send API of Messenger and of Instagram takes: parameters, types and limits, from Meta's reference pages.
// Not here: anything of our code, which is judged by this. The one thing to know: what the pages do not name is refused,
// so that a slip in a name is a fault and not a silence.
// Sources: developers.facebook.com, Messenger Platform, Reference: Send API, Quick Replies; Instagram: Send a Message.
import type { Loose } from './call.ts';

const TYPES = ['RESPONSE', 'UPDATE', 'MESSAGE_TAG', 'UTILITY'];
const TAGS = ['HUMAN_AGENT', 'ACCOUNT_UPDATE', 'CONFIRMED_EVENT_UPDATE', 'POST_PURCHASE_UPDATE', 'CUSTOMER_FEEDBACK'];
const ACTIONS = ['typing_on', 'typing_off', 'mark_seen'];
const FILES = ['image', 'audio', 'video', 'file'];
const CONTENTS = ['text', 'user_phone_number', 'user_email'];

const isObject = (value: unknown): value is Loose =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const unknown = (value: Loose, ...known: string[]): string | undefined =>
  Object.keys(value).find((name) => !known.includes(name));

/** '' or what is wrong with the body of `POST /{page or account}/messages`. */
export function faultOf(body: unknown, network: 'page' | 'instagram'): string {
  if (!isObject(body)) return 'no object';
  const odd = unknown(body, 'recipient', 'messaging_type', 'tag', 'message', 'sender_action', 'notification_type');
  if (odd !== undefined) return `unknown parameter ${odd}`;
  if (!isObject(body.recipient) || unknown(body.recipient, 'id') !== undefined) return 'recipient';
  if (typeof body.recipient.id !== 'string' || !/^\d+$/.test(body.recipient.id))
    return 'recipient.id is a number as text';
  if (body.sender_action !== undefined) {
    if (!ACTIONS.includes(body.sender_action)) return `sender_action ${body.sender_action}`;
    return unknown(body, 'recipient', 'sender_action') === undefined ? '' : 'a sender_action goes alone';
  }
  if (network === 'page' && body.messaging_type === undefined) return 'messaging_type is missing';
  if (body.messaging_type !== undefined && !TYPES.includes(body.messaging_type)) return 'messaging_type';
  const tagged = body.messaging_type === 'MESSAGE_TAG';
  if (tagged !== (body.tag !== undefined)) return 'a tag goes with MESSAGE_TAG, and with nothing else';
  if (tagged && !TAGS.includes(body.tag)) return `tag ${body.tag}`;
  return isObject(body.message) ? messageFault(body.message, network) : 'message';
}

function messageFault(message: Loose, network: 'page' | 'instagram'): string {
  const known = ['text', 'attachment', 'quick_replies', ...(network === 'page' ? ['metadata'] : [])];
  const odd = unknown(message, ...known);
  if (odd !== undefined) return `unknown parameter message.${odd}`;
  const { text, attachment, metadata, quick_replies: replies } = message;
  if ((text === undefined) === (attachment === undefined)) return 'either text or attachment';
  if (metadata !== undefined && (typeof metadata !== 'string' || metadata.length >= 1000)) return 'metadata';
  if (replies !== undefined) {
    if (!Array.isArray(replies) || replies.length < 1 || replies.length > 13) return 'from 1 to 13 quick_replies';
    const fault = replies.map(replyFault).find((each) => each !== '');
    if (fault !== undefined) return fault;
  }
  return text === undefined ? fileFault(attachment) : textFault(text, network);
}

function textFault(text: unknown, network: 'page' | 'instagram'): string {
  if (typeof text !== 'string' || text === '') return 'text';
  if (network === 'instagram') return Buffer.byteLength(text) > 1000 ? 'text of more than 1000 bytes' : '';
  return [...text].length > 2000 ? 'text of more than 2000 characters' : '';
}

function fileFault(attachment: unknown): string {
  if (!isObject(attachment) || unknown(attachment, 'type', 'payload') !== undefined) return 'attachment';
  if (!FILES.includes(attachment.type)) return `attachment.type ${attachment.type}`;
  const { payload } = attachment;
  if (!isObject(payload) || unknown(payload, 'url', 'is_reusable') !== undefined) return 'attachment.payload';
  if (typeof payload.url !== 'string' || !/^https?:\/\//.test(payload.url)) return 'attachment.payload.url';
  return ['boolean', 'undefined'].includes(typeof payload.is_reusable) ? '' : 'attachment.payload.is_reusable';
}

function replyFault(reply: unknown): string {
  if (!isObject(reply)) return 'quick_replies';
  const odd = unknown(reply, 'content_type', 'title', 'payload', 'image_url');
  if (odd !== undefined) return `unknown parameter quick_replies.${odd}`;
  if (!CONTENTS.includes(reply.content_type)) return 'quick_replies.content_type';
  if (typeof reply.title !== 'string' || reply.title === '' || [...reply.title].length > 20)
    return 'quick_replies.title';
  if (typeof reply.payload !== 'string' || reply.payload === '') return 'quick_replies.payload';
  return [...reply.payload].length > 1000 ? 'quick_replies.payload' : '';
}
