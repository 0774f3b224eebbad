// What the demo remembers between runs of `signalbox dev`: ids and secrets, in dev.json in the data folder (0600).
// Not here: making it (setup.ts).
// The one thing to know: the secrets are shown by the API once, when a thing is made; so they are saved at once.
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { writePrivateJson } from '../settings/data-folder.ts';

const party = z.object({ id: z.string(), hook_url: z.string(), signing_secret: z.string(), port: z.number() });
const demoState = z.object({
  /** administrator's key of the dev server; the same at each run */
  api_key: z.string(),
  /** lets the terminal fetch what was sent to the customer */
  mailbox_key: z.string(),
  service: z.object({ id: z.string() }).optional(),
  asset: z.object({ id: z.string(), secret: z.string(), signing_secret: z.string(), port: z.number() }).optional(),
  bot: party.extend({ verification_token: z.string() }).optional(),
  desk: party.extend({ secret: z.string() }).optional(),
  rule: z.object({ id: z.string() }).optional(),
  /** the shop's page; what was made before it came has none of this */
  shop: z
    .object({ asset: z.string(), desk: z.string(), rule: z.string(), alone: z.string(), patience: z.literal(true) })
    .partial()
    .default({}),
  /** how far the tour has come: the last event that was looked at, and what was seen */
  tour: z.object({ after: z.string(), seen: z.array(z.string()) }).default({ after: '0', seen: [] }),
});
export type DemoState = z.infer<typeof demoState>;
/** All that the parties and the terminal need; the shop comes on top. */
type Terminal = 'service' | 'asset' | 'bot' | 'desk' | 'rule';
export type WholeDemo = DemoState & Required<Pick<DemoState, Terminal>>;
export type Shop = { asset: string; desk: string; bot: string };

/** The state in a file, or null when there is none or it is not ours. */
export function readDemo(path: string): DemoState | null {
  try {
    const read = demoState.safeParse(JSON.parse(readFileSync(path, 'utf8')));
    return read.success ? read.data : null;
  } catch {
    return null;
  }
}

export const writeDemo = (path: string, state: DemoState): void => writePrivateJson(path, state);

export function isWhole(state: DemoState): state is WholeDemo {
  return [state.service, state.asset, state.bot, state.desk, state.rule].every((part) => part !== undefined);
}

/** The shop's ids; null while a step of its making is missing. */
export function shopOf({ shop, bot }: DemoState): Shop | null {
  const { asset, desk, rule, alone, patience } = shop;
  if (asset === undefined || desk === undefined || bot === undefined) return null;
  return rule === undefined || alone === undefined || patience === undefined ? null : { asset, desk, bot: bot.id };
}
