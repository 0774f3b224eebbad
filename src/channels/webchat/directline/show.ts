// What a customer is shown of their thread, as Direct Line activities. Pure.
// Not here: reading the thread (../reader.ts). The one thing to know: like the widget's wire, it holds nothing that is for
// operators; and a customer's own words go back with the client's own id, by which it knows that they arrived.
import type { DirectLineRow, Said } from '../../../engine/store-port.ts';
import type { Media } from '../../../routing/model.ts';
import type { StreamEvents } from '../protocol.ts';
import type { StreamItem } from '../streams.ts';
import { clientIdOf, type Linked } from '../wire.ts';
import { OWN_ID } from './activity.ts';
import type { Activity, Attachment, ChannelAccount } from './protocol.ts';

/** Digits of an activity's number, so that ids sort for a while as text. */
const DIGITS = 7;

export const activityId = (conversation: string, place: number): string =>
  `${conversation}|${String(place).padStart(DIGITS, '0')}`;

/** For what is kept nowhere: `place` makes it another id than any message's. */
export const passingId = (conversation: string, kind: string, place: string | number): string =>
  `${conversation}|${kind}${place}`;

/** null: nothing that Direct Line has a word for, or nothing new. */
export function showItem(line: DirectLineRow, item: StreamItem, linked: Linked, now: number): Activity | null {
  if (item.event === 'message') return item.said === undefined ? null : showMessage(line, item.said, linked);
  if (item.event === 'typing') return item.data.on ? showTyping(line, item.data, now) : null;
  if (item.event !== 'conversation') return null;
  const agent: ChannelAccount = { id: 'agent', name: item.data.agent, role: 'bot' };
  const who = item.data.status === 'accepted' ? { membersAdded: [agent] } : { membersRemoved: [agent] };
  const id = passingId(line.id, 'c', item.cursor ?? '');
  return { ...common(line, now), type: 'conversationUpdate', id, from: agent, ...who };
}

const common = ({ id }: DirectLineRow, at: number) => ({
  timestamp: new Date(at).toISOString(),
  channelId: 'directline' as const,
  conversation: { id },
});

/** The last word: the customer was erased, or the conversation is nobody's any more. */
export const showEnd = (line: DirectLineRow, now: number): Activity => ({
  ...common(line, now),
  type: 'endOfConversation',
  id: passingId(line.id, 'e', now),
  from: { id: 'system', role: 'bot' },
});

function showTyping(line: DirectLineRow, { author }: StreamEvents['typing'], now: number): Activity {
  const from: ChannelAccount = { id: author.type, name: author.name, role: 'bot' };
  return { ...common(line, now), type: 'typing', id: passingId(line.id, 't', now), from };
}

export function showMessage(line: DirectLineRow, { message }: Said, linked: Linked): Activity {
  const { author, kind, media, quickReplies = [] } = message;
  const mine = author.type === 'customer';
  const activity: Activity = {
    ...common(line, message.at),
    type: 'message',
    id: activityId(line.id, message.seq),
    from: mine
      ? { id: line.userId ?? line.address ?? '', name: author.name, role: 'user' }
      : { id: author.type, name: author.name, role: 'bot' },
    text: message.text,
  };
  // Nobody reads a customer's own words as markup; what others write is left to the client, which makes links of links.
  if (mine) activity.textFormat = 'plain';
  if (media.length > 0) activity.attachments = media.map((medium) => showMedium(linked(medium)));
  if (quickReplies.length > 0) activity.suggestedActions = { to: [], actions: quickReplies.map(actionOf) };
  const data: Record<string, unknown> = {};
  if (mine && kind === 'postback') {
    activity.value = message.payload ?? '';
    // With the words of the button the client shows what was chosen; without, it shows nothing, as it did at the click.
    if (message.title === undefined) data.postBack = true;
    else {
      activity.text = message.title;
      data.messageBack = { displayText: message.title };
    }
  }
  const own = mine && message.externalId?.includes('|') ? clientIdOf(message.externalId) : OWN_ID;
  if (!own.startsWith(OWN_ID)) data.clientActivityID = own;
  if (Object.keys(data).length > 0) activity.channelData = data;
  return activity;
}

const actionOf = ({ title, payload }: { title: string; payload?: string }) =>
  payload === undefined
    ? { type: 'imBack' as const, title, value: title }
    : { type: 'postBack' as const, title, value: payload };

/** What bots call a medium, where they name no MIME type. */
const WORDS: Readonly<Record<string, string>> = {
  image: 'image/*',
  video: 'video/*',
  audio: 'audio/*',
  file: 'application/octet-stream',
};
const IMAGES: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  svg: 'image/svg+xml',
};

/** Clients choose by the type how a file is shown, and know whole types only. */
function showMedium({ url, type, name }: Media): Attachment {
  const ending = /\.(\w{3,4})(?:[?#]|$)/.exec(url)?.[1]?.toLowerCase() ?? '';
  const word = type === 'image' ? (IMAGES[ending] ?? 'image/png') : type;
  const contentType = WORDS[word]?.replace('video/*', 'video/mp4').replace('audio/*', 'audio/mpeg') ?? word;
  // A medium of ours that was erased meanwhile has no link.
  const contentUrl = /^https?:/i.test(url) ? url : null;
  return { contentType, contentUrl, ...(name ? { name } : {}) };
}
