// A message of ours as one form for Twilio's Messages resource, or the reason why it would not be taken.
// Not here: what became of it (errors.ts). The one thing to know: text and files go in one request, so nothing is half
// sent; quick replies do not exist on SMS, and their titles stand on lines below the text, for a question must not lose
// its answers.
import type { AssetConfig, AttemptFacts, Send } from '../../engine/ports.ts';
import type { LaneItem } from '../../engine/store-port.ts';
import type { Outcome } from '../../routing/inputs.ts';
import type { Message } from '../../routing/model.ts';
import { misfit, outsideWindow, owed, tooLong } from '../../wire/fits.ts';
import { SEND_MS } from '../../wire/outcome.ts';
import { exchangeOf, sendingAuth } from './api.ts';
import { outcomeOfCall } from './errors.ts';
import { LIMITS, OVERRIDES, settingsOf, WINDOW_HOURS } from './fields.ts';

export async function sendMessage(
  asset: AssetConfig,
  item: LaneItem,
  facts: AttemptFacts,
  send: Send,
  now: number,
): Promise<Outcome> {
  const wanted = owed(item);
  if ('reason' in wanted) return wanted;
  const { message, to } = wanted;
  const problem = problemWith(message, to, facts, now);
  if (problem !== null) return problem;
  const settings = settingsOf(asset);
  const form = formOf(asset, message, to);
  const exchange = exchangeOf(asset, `${settings.account}/Messages.json`, sendingAuth(settings), form);
  return outcomeOfCall(asset, await send({ ...exchange, timeoutMs: SEND_MS }), now);
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
  const whatsapp = to.startsWith('whatsapp:');
  // Below the text stand the titles of its quick replies: all of that is what is sent.
  const body = { ...message, text: bodyOf(message) };
  const long =
    body.text === message.text ? null : tooLong(LISTED, body.text, LIMITS.text.max, { ...LIMITS, unit: 'utf16' });
  const problem = long ?? misfit(body, whatsapp ? { ...LIMITS, media: 1 } : LIMITS);
  if (problem !== null || !whatsapp) return problem;
  return outsideWindow(facts.heard, now, { title: 'WhatsApp', hours: WINDOW_HOURS, what: 'free text' });
}

const LISTED = 'The text, with the titles of its quick replies below it,';
