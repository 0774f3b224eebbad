// A list as a table of lines: only what is in view is drawn, more is asked for just before it is reached.
// Not here: where rows come from (api/pages.ts). The one thing to know: all lines have the same height and the window
// itself scrolls, so ten thousand rows cost no more than thirty; j and k move from row to row, Enter opens.
import { Box, Skeleton, Text } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { type ReactNode, type RefObject, useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { List } from '../api/pages.ts';
import { useT } from '../i18n/words.ts';
import { useShortcuts } from '../shell/shortcuts.tsx';
import classes from './DataTable.module.css';
import { LinkTo } from './links.tsx';
import { ErrorState, Loading } from './States.tsx';

export type Column<T> = {
  key: string;
  header: string;
  cell: (row: T) => ReactNode;
  /** a track of the grid: `1fr`, `9rem`, `minmax(8rem, 2fr)` */
  width: string;
  /** px: shown only where the table is at least so wide */
  from?: number;
  align?: 'end';
};

export type Where = { to: string; params?: Record<string, string>; search?: Record<string, string> };

export type DataTableProps<T extends { id: string }> = {
  list: List<T>;
  columns: Column<T>[];
  /** what the table lists, for a screen reader */
  label: string;
  /** shown instead of an empty table */
  empty: ReactNode;
  /** where a row leads; its first cell becomes the link */
  where?: (row: T) => Where;
  /** px */
  rowHeight?: number;
};

const ROW_HEIGHT = 44;
/** Rows drawn beyond the edge of the view. */
const OVERSCAN = 8;

export function DataTable<T extends { id: string }>(props: DataTableProps<T>) {
  const { list, empty } = props;
  if (list.error && list.rows.length === 0) return <ErrorState error={list.error} retry={list.retry} />;
  if (list.isPending) return <Loading rows={8} height={36} />;
  if (list.rows.length === 0) return empty;
  return <Rows {...props} />;
}

function Rows<T extends { id: string }>({ list, columns, label, where, rowHeight = ROW_HEIGHT }: DataTableProps<T>) {
  const t = useT();
  const body = useRef<HTMLDivElement>(null);
  const { ref, width } = useElementSize();
  const [top, setTop] = useState(0);
  // The table's place moves when what stands above it grows; a few px off are made up for by the overscan.
  useLayoutEffect(() => {
    setTop(body.current ? body.current.getBoundingClientRect().top + window.scrollY : 0);
  }, []);
  const virtual = useWindowVirtualizer({
    count: list.rows.length,
    estimateSize: () => rowHeight,
    overscan: OVERSCAN,
    scrollMargin: top,
    getItemKey: (index) => list.rows[index]?.id ?? index,
  });
  const items = virtual.getVirtualItems();
  const first = items[0]?.index ?? 0;
  const last = items.at(-1)?.index ?? 0;
  const { more, inView } = list;
  useEffect(() => {
    inView({ first, last });
    if (last >= list.rows.length - 1) more();
  }, [first, last, list.rows.length, more, inView]);
  useRowKeys(body, list.rows.length, (index) => virtual.scrollToIndex(index));

  const shown = columns.filter((column) => column.from === undefined || width === 0 || width >= column.from);
  const tracks = shown.map((column) => column.width).join(' ');
  return (
    <Box
      ref={ref}
      className={classes.table}
      role="table"
      aria-label={label}
      aria-rowcount={list.hasMore ? -1 : list.rows.length + 1}
    >
      <div role="rowgroup" className={classes.head}>
        <div role="row" aria-rowindex={1} className={classes.row} style={{ gridTemplateColumns: tracks }}>
          {shown.map((column) => (
            <div role="columnheader" key={column.key} data-align={column.align}>
              {column.header}
            </div>
          ))}
        </div>
      </div>
      <div role="rowgroup" ref={body} className={classes.body} style={{ height: virtual.getTotalSize() }}>
        {items.map((item) => {
          const row = list.rows[item.index];
          if (row === undefined) return null;
          return (
            <div
              key={item.key}
              role="row"
              aria-rowindex={item.index + 2}
              data-index={item.index}
              className={classes.row}
              style={{
                gridTemplateColumns: tracks,
                height: item.size,
                transform: `translateY(${item.start - virtual.options.scrollMargin}px)`,
              }}
            >
              {shown.map((column, index) => (
                <div role="cell" key={column.key} data-align={column.align}>
                  {index === 0 && where ? <RowLink where={where(row)}>{column.cell(row)}</RowLink> : column.cell(row)}
                </div>
              ))}
            </div>
          );
        })}
      </div>
      {list.isLoadingMore ? <Skeleton height={rowHeight - 12} my={6} aria-label={t('loading')} /> : null}
      {!list.hasMore && list.rows.length > 20 ? (
        <Text c="dimmed" size="xs" ta="center" py="sm">
          {t('list.end', { count: list.rows.length })}
        </Text>
      ) : null}
    </Box>
  );
}

/** The whole row can be pressed, and what is said of the link is its first cell. */
function RowLink({ where, children }: { where: Where; children: ReactNode }) {
  return (
    <LinkTo {...(where as { to: '/' })} className={classes.link} underline="never" c="inherit" data-row-link>
      {children}
    </LinkTo>
  );
}

function useRowKeys(body: RefObject<HTMLDivElement | null>, count: number, reveal: (index: number) => void): void {
  const t = useT();
  const move = (step: 1 | -1): void => {
    const here = document.activeElement?.closest<HTMLElement>('[data-index]');
    const first = body.current?.querySelector<HTMLElement>('[data-index]')?.dataset.index;
    const next = here && body.current?.contains(here) ? Number(here.dataset.index) + step : Number(first ?? 0);
    if (next < 0 || next >= count) return;
    reveal(next);
    requestAnimationFrame(() =>
      body.current
        ?.querySelector<HTMLElement>(`[data-index="${next}"] [data-row-link]`)
        ?.focus({ preventScroll: true }),
    );
  };
  useShortcuts([
    { keys: 'j', label: t('keys.next'), run: () => move(1) },
    { keys: 'k', label: t('keys.previous'), run: () => move(-1) },
  ]);
}
