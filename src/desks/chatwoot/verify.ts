// Trying a Chatwoot: the inbox is read with the token, its settings are looked at, and its webhook is set to ours.
// Not here: what is done with the result (engine). The one thing to know: a webhook of somebody else's is never
// overwritten, for an inbox that serves another program would go silent there.
import { z } from 'zod';
import type { Check, DeskConfig, ExchangeAnswer, Send } from '../../engine/ports.ts';
import { objectOf, check as readAs } from '../../wire/json.ts';
import { maskFor } from '../../wire/mask.ts';
import { outcomeOf } from '../../wire/outcome.ts';
import { exchangeChecks } from '../../wire/verification.ts';
import { type Call, exchange } from './errand.ts';
import { type Chatwoot, secretsOf, settingsOf } from './fields.ts';

const inbox = z.object({
  name: z.string().nullish(),
  channel_type: z.string(),
  webhook_url: z.string().nullish(),
  lock_to_single_conversation: z.boolean().nullish(),
  /** for administrators, from 4.13 on */
  secret: z.string().nullish(),
});
type Inbox = z.infer<typeof inbox>;

const WHY: Readonly<Record<number, string>> = {
  401: 'Chatwoot does not know the access token: copy it again from Profile Settings. If it is right, a proxy in front of Chatwoot drops headers with an underscore (nginx: underscores_in_headers on).',
  403: 'The token’s user may not see this inbox: add them to it, or use an administrator’s token.',
  404: 'There is no such account or inbox for this token: compare both numbers with the addresses in Chatwoot.',
};

export async function verify(desk: DeskConfig, send: Send, now: number): Promise<Check[]> {
  const settings = settingsOf(desk);
  const path = `/inboxes/${settings.inbox}`;
  // A key of its own: a draft must not be tried over a connection of what it is to replace.
  const ask = (call: Call): Promise<ExchangeAnswer> =>
    exchange({ id: `${desk.id}:verification`, version: desk.version }, settings, call, send);
  const answer = await ask({ path });
  const mask = maskFor(desk, () => secretsOf(desk));
  const checks = exchangeChecks(settings.base, answer, outcomeOf(answer, { clientErrors: 'retry', mask, now }));
  const failed = checks.findIndex(({ ok }) => !ok);
  if (failed >= 0) {
    const why = answer.ok ? WHY[answer.status] : undefined;
    return checks.map((each, i) => (i === failed && why ? { ...each, detail: why } : each));
  }
  const read = readAs(inbox, objectOf(answer));
  if (!read.ok) {
    return [...checks, check('inbox', false, 'The answer is no inbox of Chatwoot: is this the address of a Chatwoot?')];
  }
  const looked = [kindOf(read.value), conversationsOf(read.value), signatureOf(read.value, settings)];
  const all = [...checks, ...looked];
  return looked.every(({ ok }) => ok) ? [...all, await webhookOf(desk, read.value, path, ask)] : all;
}

function kindOf({ channel_type, name }: Inbox): Check {
  if (channel_type === 'Channel::Api') return check('inbox', true, `The inbox ${name ?? ''} is of type API.`);
  return check(
    'inbox',
    false,
    `The inbox ${name ?? ''} is not of type API: make one in Settings → Inboxes → Add Inbox → API, and enter its number.`,
  );
}

function conversationsOf({ lock_to_single_conversation: locked }: Inbox): Check {
  if (!locked) return check('conversations', true, 'Each handover is a new conversation there.');
  const detail =
    'The inbox keeps a single conversation for each contact: switch off “Lock to single conversation” in its settings.';
  return check('conversations', false, detail);
}

function signatureOf({ secret: theirs }: Inbox, { secret: ours }: Chatwoot): Check {
  if (!theirs && ours === null) {
    const detail = 'Events are not signed; the address that nobody can guess is what protects it.';
    return { ...check('signature', true, detail), advice: 'From Chatwoot 4.13 on, enter the inbox’s webhook secret.' };
  }
  if (!theirs) {
    const detail = 'Unsigned events are refused. Whether the secret is right shows with the first event.';
    return {
      ...check('signature', true, detail),
      advice:
        'This token or version does not show the inbox’s secret. Before Chatwoot 4.13 nothing is signed: leave the webhook secret empty then.',
    };
  }
  if (ours === null) {
    const detail = 'This Chatwoot signs its events, and they are not checked.';
    return {
      ...check('signature', true, detail),
      advice: 'Copy the webhook secret from the inbox’s settings to here.',
    };
  }
  if (theirs === ours) return check('signature', true, 'Events are signed, and what is not is refused.');
  return check('signature', false, 'The webhook secret is not the inbox’s: copy it again from the inbox’s settings.');
}

async function webhookOf(
  { hookUrl, hookTokens }: DeskConfig,
  { webhook_url: theirs }: Inbox,
  path: string,
  ask: (call: Call) => Promise<ExchangeAnswer>,
): Promise<Check> {
  if (hookUrl === '') return check('webhook', true, 'It is set when the desk exists.');
  if (theirs === hookUrl) return check('webhook', true, 'The inbox posts its events to us.');
  // This desk's own from before a rotation or a move is ours to replace.
  if (theirs && !hookTokens.some((token) => theirs.endsWith(`/hooks/desks/${token}`))) {
    const detail =
      'The inbox posts its events to another program. Empty its webhook URL, or enter the hook URL of this desk there; then verify again.';
    return check('webhook', false, detail);
  }
  // Rails takes PUT as it takes PATCH.
  const answer = await ask({ method: 'PUT', path, body: { channel: { webhook_url: hookUrl } } });
  const now = readAs(inbox, objectOf(answer));
  if (answer.ok && answer.status === 200 && now.ok && now.value.webhook_url === hookUrl) {
    return check('webhook', true, 'The inbox’s webhook URL was set: it posts its events to us.');
  }
  const detail =
    'The inbox does not post its events to us, and this token may not change that: enter the hook URL of this desk as its webhook URL, or use an administrator’s token.';
  return check('webhook', false, detail);
}

const check = (name: string, ok: boolean, detail: string): Check => ({ name, ok, detail, ms: 0 });
