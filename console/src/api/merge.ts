// How pages of a list that were read at different times become one list.
// Pure. The one thing to know: each page hangs on the cursor that it was asked with, so a page that is read anew may grow
// at its head, and must never leave a gap at its end.
import type { InfiniteData } from '@tanstack/react-query';
import type { Page } from './types.ts';

export type Row = { id: string };
export type Pages<T> = InfiniteData<Page<T>, string | undefined>;
/** The first and the last row in view, by their places in the list. */
export type Range = { first: number; last: number };

export const isInView = ({ first, last }: Range, index: number, size: number): boolean =>
  index * size <= last && (index + 1) * size > first;

/** A row that slid from one page to the next is shown once. */
export function rowsOf<T extends Row>(data: Pages<T> | undefined): T[] {
  const seen = new Set<string>();
  const rows: T[] = [];
  for (const page of data?.pages ?? []) {
    for (const row of page.data) {
      if (!seen.has(row.id)) rows.push(row);
      seen.add(row.id);
    }
  }
  return rows;
}

/** Fresh pages in the place of old ones. If the first one has nothing in common with what it was, rows are missing
 *  between it and the next: the list then begins anew. */
export function merged<T extends Row>(now: Pages<T>, fresh: { at: number; page: Page<T> }[]): Pages<T> {
  const pages = [...now.pages];
  for (const { at, page } of fresh) {
    const old = pages[at];
    if (old === undefined) continue;
    if (at === 0 && pages.length > 1) {
      const before = new Set(old.data.map((row) => row.id));
      if (old.data.length > 0 && !page.data.some((row) => before.has(row.id))) {
        return { pages: [page], pageParams: [undefined] };
      }
    }
    // The next page hangs on the cursor it was asked with; the first may grow, never leave a gap.
    pages[at] = at === pages.length - 1 ? page : joined(page, old);
  }
  return { pages, pageParams: now.pageParams };
}

/** Rows that newer ones pushed out of the page stay at its end, because the next page begins after them. */
function joined<T extends Row>(page: Page<T>, old: Page<T>): Page<T> {
  if (page.next_cursor === null || page.next_cursor === old.next_cursor) return page;
  const fresh = new Set(page.data.map((row) => row.id));
  const lastKept = old.data.findIndex((row) => row.id === page.data.at(-1)?.id);
  const pushedOut = lastKept === -1 ? [] : old.data.slice(lastKept + 1).filter((row) => !fresh.has(row.id));
  return { data: [...page.data, ...pushedOut], next_cursor: old.next_cursor };
}
