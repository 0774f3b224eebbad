// A message of ours as one form for Twilio's Messages resource, or the reason why it would not be taken.
// Not here: what became of it (errors.ts). The one thing to know: text and files go in one request, so nothing is half
// sent; quick replies do not exist on SMS, and their titles stand on lines below the text, for a question must not lose
// its answers.
import type { AssetConfig, AttemptFacts, Send } from '../../engine/ports.ts';
import type { LaneItem } from '../../engine/store-port.ts';
import type { Outcome } from '../../routing/inputs.ts';
import type { Message } from '../../routing/model.ts';
import { unsent, unsupported } from '../../wire/outcome.ts';
import { exchangeOf, sendingAuth } from './api.ts';
import { outcomeOfSend } from './errors.ts';
import { CAPABILITIES, MAX_BODY, MAX_MEDIA, OVERRIDES, settingsOf, WINDOW_HOURS } from './fields.ts';

export async function sendMessage(
  asset: AssetConfig,
  item: LaneItem,
  facts: AttemptFacts,
  send: Send,
  now: number,
): Promise<Outcome> {
  const { message, delivery } = item;
  if (delivery.kind !== 'message' || message === null) return unsupported(delivery.kind);
  const to = item.thread?.address ?? '';
  const problem = problemWith(message, to, facts, now);
  if (problem !== null) return problem;
  const settings = settingsOf(asset);
  const form = formOf(asset, message, to);
  const answer = await send(exchangeOf(asset, `${settings.account}/Messages.json`, sendingAuth(settings), form));
  return outcomeOfSend(asset, answer, now);
}

function formOf(asset: AssetConfig, message: Message, to: string): URLSearchParams {
  const { from, messagingServiceSid } = settingsOf(asset);
  const form = new URLSearchParams({ To: to });
  if (from !== null) form.set('From', from);
  if (messagingServiceSid !== null) form.set('MessagingServiceSid', messagingServiceSid);
  const body = bodyOf(message);
  if (body !== '') form.set('Body', body);
  for (const { url } of message.media) form.append('MediaUrl', url);
  // By this every status finds its message, without a table of Twilio's ids.
  form.set('StatusCallback', `${asset.hookUrl}?message=${encodeURIComponent(message.id)}${OVERRIDES}`);
  return form;
}

/** Hyphens and no bullets: a character that is not in SMS's own alphabet makes every segment less than half as long. */
function bodyOf({ text, quickReplies = [] }: Message): string {
  return [text, ...quickReplies.map(({ title }) => `- ${title}`)].filter((line) => line !== '').join('\n');
}

/** What Twilio or WhatsApp would refuse, said before anything is sent. */
function problemWith(message: Message, to: string, facts: AttemptFacts, now: number): Outcome | null {
  const { type, media } = message;
  const body = bodyOf(message);
  const whatsapp = to.startsWith('whatsapp:');
  if (to === '') return unsent('no_recipient', 'The customer has no address.');
  if (!CAPABILITIES.sends.includes(type)) {
    return unsent('unsupported', `SMS has no messages of type ${type}: write it as a text.`);
  }
  if (type !== 'text' && media.length === 0) return unsent('invalid', `A message of type ${type} needs a file.`);
  if (body.trim() === '' && media.length === 0) return unsent('invalid', 'The text is empty.');
  if (body.length > MAX_BODY) return unsent('too_long', tooLong(body.length, (message.quickReplies ?? []).length > 0));
  const most = whatsapp ? 1 : MAX_MEDIA;
  if (media.length > most) {
    const files = most === 1 ? 'one file' : `${most} files`;
    return unsent(
      'unsupported',
      `A message has at most ${files} here; this one has ${media.length}. Send several messages.`,
    );
  }
  return whatsapp ? windowProblem(facts, now) : null;
}

function tooLong(length: number, listed: boolean): string {
  const what = listed ? 'The text, with the titles of its quick replies below it,' : 'The text';
  return `${what} has ${length} characters; Twilio takes ${MAX_BODY}. Send it in parts.`;
}

/** `heard` undefined: nobody looked, and Twilio decides (63016). */
function windowProblem({ heard }: AttemptFacts, now: number): Outcome | null {
  if (heard === undefined) return null;
  if (heard === null)
    return unsent('outside_window', 'The customer has not written yet: only a WhatsApp template could be sent.');
  if (now - heard.at < WINDOW_HOURS * 3_600_000) return null;
  const detail = `The customer’s last word is more than ${WINDOW_HOURS} hours ago: only a WhatsApp template could be sent.`;
  return unsent('outside_window', detail);
}
