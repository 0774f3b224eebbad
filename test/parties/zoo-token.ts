// The good answer that the animals of the zoo bend: the token of the sample bot, shown as it should be.
// Not here: any animal. The one thing to know: the token is that of `bot()` in src/wire/fixtures/samples.ts.
import { answer } from '../../src/net/fixtures/servers.ts';
import type { Expected } from './zoo.ts';

export const TOKEN = 'open sesame/42';
export const OK: Expected = { result: 'ok', reason: 'ok' };

/** A complete 200 with the token; `head`: further headers, each with its line break. */
export const good = (head = '', more: Record<string, unknown> = {}): string =>
  answer(JSON.stringify({ verification_token: TOKEN, ...more }), head);
