// The wire between Direct Line 3.0 clients and the server, as far as we speak it: activities, sets, answers, limits.
// Types and constants only. The one thing to know: a watermark is a place in the order of commits, so it means the same
// after a restart; an activity's id ends in the message's place in its thread.

/** Who speaks. `role` tells a customer from everybody who answers them. */
export type ChannelAccount = { id: string; name?: string; role: 'user' | 'bot' };
export type Attachment = { contentType: string; contentUrl: string | null; name?: string };
export type CardAction = { type: 'imBack' | 'postBack'; title: string; value: string };

/** What a client is given. */
export type Activity = {
  type: 'message' | 'typing' | 'conversationUpdate' | 'endOfConversation';
  id?: string;
  /** RFC 3339 */
  timestamp: string;
  channelId: 'directline';
  conversation: { id: string };
  from: ChannelAccount;
  text?: string;
  textFormat?: 'plain';
  attachments?: Attachment[];
  suggestedActions?: { to: string[]; actions: CardAction[] };
  value?: unknown;
  channelData?: Record<string, unknown>;
  membersAdded?: ChannelAccount[];
  membersRemoved?: ChannelAccount[];
};

export type ActivitySet = { activities: Activity[]; watermark: string };

export type Conversation = { conversationId: string; token: string; expires_in: number; streamUrl?: string };

/** As Direct Line's own tokens; a client refreshes its token every 15 minutes. */
export const TOKEN_S = 1_800;
/** The stream's address holds a token, and addresses are written down on the way: it is good for one connecting. */
export const STREAM_TOKEN_S = 60;
/** Characters of a client's own id of an activity, which we give back with it. */
export const CLIENT_ACTIVITY_MAX = 128;
export const USER_ID_MAX = 128;
export const ORIGINS_MAX = 20;
export const ATTACHMENTS_MAX = 10;
export const URL_MAX = 2_000;
/** An activity, its attachments apart. */
export const ACTIVITY_BYTES_MAX = 256 * 1024;
