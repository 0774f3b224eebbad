// The hashes under which a store remembers what was taken before. Not here: the remembering.
// The one thing to know: only a hash is kept, so that erasing a customer leaves nothing of theirs here.
import { hash } from 'node:crypto';
import type { BotCommand, DeskCommand, Input } from '../../routing/inputs.ts';

/** "Kept at least 7 days" [ours, contract 6]: looked up in this generation and the last, so for 7 to 14 days. */
export const GENERATION_MS = 7 * 24 * 3_600_000;
/** 132 bits in base64: no two keys meet by accident. */
const HASH_CHARACTERS = 22;

const digest = (text: string): string => hash('sha256', text, 'base64').slice(0, HASH_CHARACTERS);

/** The hash of a channel's event on an asset, of a message of ours by the channel's id, and of a sender's own key: they never meet. */
export const customerHash = (assetId: string, externalId: string): string => digest(`c\n${assetId}\n${externalId}`);
export const sentHash = (assetId: string, externalId: string): string => digest(`s\n${assetId}\n${externalId}`);
export const keyHash = (key: string): string => digest(`k\n${key}`);

/** The hash under which an input is taken once; undefined: it may come again. */
export function onceHash(input: Input): string | undefined {
  switch (input.type) {
    case 'customer':
    case 'remark':
    case 'sign':
    case 'echo':
      return customerHash(input.assetId, input.externalId);
    default:
      return undefined;
  }
}

/** So many addresses of one customer are looked for; an adapter names two or three. */
const MAX_ADDRESSES = 20;

/** By any of these addresses an input finds its thread; of several threads the eldest. */
export function addressesOf(input: Extract<Input, { address: string }>): string[] {
  const { address } = input;
  if (input.type === 'alias') return [address, input.alias];
  if (input.type === 'customer' && input.aliases) return [address, ...input.aliases.slice(0, MAX_ADDRESSES)];
  return [address];
}

/** Under these hashes lies the message that an input names by the channel's id: said by us, or brought in by the channel. */
export function namedHashes(input: Input): string[] {
  const either = (assetId: string, id: string): string[] => [sentHash(assetId, id), customerHash(assetId, id)];
  switch (input.type) {
    case 'receipt':
      return input.messageId === '' && input.externalId ? either(input.assetId, input.externalId) : [];
    case 'remark':
      return either(input.assetId, input.about);
    case 'echo':
      return [sentHash(input.assetId, input.externalId)];
    default:
      return [];
  }
}

/** What a sender's own key is remembered under: it counts in its conversation. */
export const keyOf = (command: BotCommand | DeskCommand): string | undefined =>
  command.type === 'message' && command.key !== undefined ? `${command.conversationId}:${command.key}` : undefined;

/** The keys of what a bot said at once, in its answer to an attempt. */
export const keysOf = (input: Extract<Input, { type: 'attempt' }>): string[] =>
  input.outcome.commands?.flatMap((read) => (read.ok ? (keyOf(read.command) ?? []) : [])) ?? [];
