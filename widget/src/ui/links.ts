// Finds what in a text may be clicked. Pure: it gives pieces, and never markup, so that text stays text.
// The one thing to know: only these schemes become links; whatever else a bot or a customer writes is shown as written.

export type Piece = { text: string; href?: string };

const LINK = /\b(?:https?:\/\/|mailto:|tel:)[^\s<>"'`]+/gi;
const ALLOWED = new Set(['http:', 'https:', 'mailto:', 'tel:']);

/** The address if it may be followed, made whole; undefined otherwise. */
export function safeHref(address: string): string | undefined {
  try {
    const url = new URL(address);
    return ALLOWED.has(url.protocol) ? url.href : undefined;
  } catch {
    return undefined;
  }
}

export function pieces(text: string): Piece[] {
  const found: Piece[] = [];
  let from = 0;
  for (const match of text.matchAll(LINK)) {
    // The stop at the end of a sentence, and a bracket that was opened before the link, belong to the sentence.
    const link = trimmed(match[0]);
    const href = safeHref(link);
    if (href === undefined) continue;
    if (match.index > from) found.push({ text: text.slice(from, match.index) });
    found.push({ text: link, href });
    from = match.index + link.length;
  }
  if (from < text.length) found.push({ text: text.slice(from) });
  return found;
}

/** One look at each character: the text may be somebody's sixty thousand dots. */
function trimmed(link: string): string {
  let [closing, end] = [count(link, /[)\]]/g) - count(link, /[([]/g), link.length];
  for (; end > 0; end -= 1) {
    const last = link[end - 1] ?? '';
    if (closing > 0 && /[)\]]/.test(last)) closing -= 1;
    else if (!/[.,;:!?…]/.test(last)) break;
  }
  return link.slice(0, end);
}

const count = (text: string, what: RegExp): number => text.match(what)?.length ?? 0;
