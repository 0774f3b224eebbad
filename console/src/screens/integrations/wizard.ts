// What the wizard gathers, in which order, and the bodies that come of it.
// Pure. Not here: its windows (new.tsx). The one thing to know: a platform says which token it needs; a new platform is
// a line here and its words.
import type { Bot, Desk, Verification } from '../../api/types.ts';
import { configOf, type Given } from '../../parts/given.ts';

export type Draft = {
  type: '' | 'bot' | 'desk';
  platform: string;
  name: string;
  url: string;
  token: string;
  /** what a vendor's desk asks for, by its names */
  given: Given;
};
export const EMPTY: Draft = { type: '', platform: '', name: '', url: '', token: '', given: {} };

export type StepName = 'kind' | 'platform' | 'name' | 'endpoint' | 'done';
export type Created = { type: 'bot'; made: Bot; draft: Draft; verification: Verification | undefined } | CreatedDesk;
type CreatedDesk = { type: 'desk'; made: Desk; draft: Draft; verification: Verification | undefined };

/** A console desk has no address. */
export const stepsOf = ({ platform }: Draft): StepName[] =>
  platform === 'console' ? ['kind', 'platform', 'name'] : ['kind', 'platform', 'name', 'endpoint'];

export const CHOICES = {
  kind: ['bot', 'desk'],
  bot: ['imi', 'other'],
  desk: ['webhook', 'chatwoot', 'console'],
} as const;

export const tokenField = (platform: string): 'access_token' | 'verification_token' | null =>
  platform === 'imi' ? 'access_token' : platform === 'other' ? 'verification_token' : null;

type Body = Record<string, string | Given>;

/** What is tried by Verify. */
export function trialOf({ type, platform, url, token, given }: Draft): Body {
  const body: Body = type === 'desk' ? { kind: platform } : { platform };
  if (platform !== 'console') body.url = url.trim();
  if (Object.keys(given).length > 0) body.config = configOf(given);
  const field = tokenField(platform);
  if (field) body[field] = token.trim();
  return body;
}

/** What is created by Save. */
export const bodyOf = (draft: Draft): Body => ({ name: draft.name.trim(), ...trialOf(draft) });

/** Whose words the address goes by. */
export type Wire = 'imi' | 'webhook' | 'chatwoot' | 'other';
export const wireOf = (platform: string): Wire =>
  platform === 'imi' || platform === 'webhook' || platform === 'chatwoot' ? platform : 'other';
