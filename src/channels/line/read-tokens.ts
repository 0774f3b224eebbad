// The tokens with which a customer's message is marked as read, from when it came until somebody has taken it.
// Not here: the marking (adapter.ts). The one thing to know: they are in memory and the oldest go first, for marking is
// a courtesy: after a restart a message is marked by the next one, since LINE marks all that came before as well.

/** Messages whose answer is under way at once, with room to spare; some hundred bytes each. */
const KEPT_MAX = 10_000;
const MAX_TOKEN = 512;

const tokens = new Map<string, string>();

export function rememberReadToken(assetId: string, messageId: string, token: unknown): void {
  if (typeof token !== 'string' || token === '' || token.length > MAX_TOKEN) return;
  const key = `${assetId} ${messageId}`;
  tokens.delete(key);
  tokens.set(key, token);
  if (tokens.size <= KEPT_MAX) return;
  for (const oldest of tokens.keys()) {
    tokens.delete(oldest);
    return;
  }
}

/** The token, which is forgotten by that: one is enough. */
export function takeReadToken(assetId: string, messageId: string): string | undefined {
  const key = `${assetId} ${messageId}`;
  const token = tokens.get(key);
  tokens.delete(key);
  return token;
}
