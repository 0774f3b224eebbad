// Which console desks one answers for: all, unless some were taken out; kept in this browser.
// Not here: being there (attendance.ts). The one thing to know: nobody answers for no desk at all.
import { useMemo, useState } from 'react';
import type { Desk } from '../../api/types.ts';

const KEY = 'signalbox-desks-left-out';

function leftOut(): string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]');
    return Array.isArray(kept) ? kept.filter((each) => typeof each === 'string') : [];
  } catch {
    return [];
  }
}

export function useServed(desks: Desk[]) {
  const [out, setOut] = useState(leftOut);
  const served = useMemo(() => {
    const chosen = desks.map(({ id }) => id).filter((id) => !out.includes(id));
    // Whose desks are all gone answers for those that there are.
    return chosen.length > 0 ? chosen : desks.map(({ id }) => id);
  }, [desks, out]);
  const setServed = (ids: string[]): void => {
    const next = desks.map(({ id }) => id).filter((id) => !ids.includes(id));
    localStorage.setItem(KEY, JSON.stringify(next));
    setOut(next);
  };
  return { served, setServed };
}
