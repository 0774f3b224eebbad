// Pages and their cursors: opaque texts of a place, so that what is added meanwhile moves nothing.
// Not here: the queries. The one thing to know: a cursor is the key of the last row given; one that we did not make
// reads as the beginning.
import type { Page, PageAsk } from '../../engine/store-port.ts';

/** The most rows of one page, whatever is asked: a page is read and sent in one piece. */
const MAX_PAGE = 500;

export const pageLimit = (ask: PageAsk): number => Math.max(1, Math.min(MAX_PAGE, Math.floor(ask.limit) || 1));

const writeCursor = (place: number): string => Buffer.from(String(place)).toString('base64url');

/** The place of a cursor; `start` when there is none. */
export function readCursor(after: string | undefined, start: number): number {
  if (after === undefined) return start;
  const place = Number(Buffer.from(after, 'base64url').toString('latin1'));
  return Number.isSafeInteger(place) && place >= 0 ? place : start;
}

/** A page of rows of which one more than the limit was asked for. */
export function page<R, T>(rows: R[], limit: number, placeOf: (row: R) => number, read: (row: R) => T): Page<T> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const more = rows.length > limit && last !== undefined;
  return { data: shown.map(read), nextCursor: more ? writeCursor(placeOf(last)) : null };
}

/**
 * A page of what was found in one step of a search, newest first. `end`: the last place that was looked at, 0 when
 * there is nothing before it. The page may be short, and even empty, although more follows.
 */
export function stepPage<R, T>(
  found: R[],
  limit: number,
  end: number,
  placeOf: (row: R) => number,
  read: (row: R) => T,
): Page<T> {
  const filled = page(found, limit, placeOf, read);
  return { data: filled.data, nextCursor: filled.nextCursor ?? (end > 0 ? writeCursor(end) : null) };
}
