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

function trimmed(link: string): string {
  let end = link.replace(/[.,;:!?…]+$/, '');
  while (/[)\]]$/.test(end) && count(end, /[([]/g) < count(end, /[)\]]/g))
    end = end.slice(0, -1).replace(/[.,;:!?…]+$/, '');
  return end;
}

const count = (text: string, what: RegExp): number => text.match(what)?.length ?? 0;
