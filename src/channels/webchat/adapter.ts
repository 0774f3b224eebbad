// The web chat as the engine sees it: a channel whose customers read what is committed.
// Not here: the reading (streams.ts) and what customers say (core.ts). The one thing to know: a message is sent when it
// is on disk, for each open widget reads it from there and one that comes later finds it; so nothing can fail on the way.
import type { ChannelAdapter } from '../../engine/ports.ts';
import type { Outcome } from '../../routing/inputs.ts';
import { refused } from '../../wire/json.ts';
import { unsupported } from '../../wire/outcome.ts';
import { checkConfig } from './config.ts';

const SENT: Outcome = {
  result: 'ok',
  status: null,
  reason: 'ok',
  detail: "Committed: the customer's browser reads it from here.",
  timing: { totalMs: 0 },
  answer: '',
};

export const webchatChannel: ChannelAdapter = {
  channel: 'webchat',
  word: 'WEBCHAT',
  checkConfig,
  // Nobody posts for the customers of a web chat: they come with sessions of their own.
  read: () => refused(401, 'bad_signature', 'A web chat has no channel hook; browsers speak to /webchat.'),
  send: async (_asset, item) => (item.delivery.kind === 'message' ? SENT : unsupported(item.delivery.kind)),
};
