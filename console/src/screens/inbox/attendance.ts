// At which desks one is, and how: said to the server again and again for as long as the console is open.
// Not here: who else is there (asked of the server). The one thing to know: it goes on while one looks at other screens,
// and after a reload of the tab; closing the tab ends it within a minute, signing out at once.
import { useSyncExternalStore } from 'react';
import { api, errorOf } from '../../api/client.ts';

export type Standing = 'online' | 'away' | 'off';
type State = { standing: Standing; desks: readonly string[]; trouble: boolean };

/** Of this tab: another may belong to somebody else tomorrow. */
const KEY = 'signalbox-standing';

const kept = (): Standing => {
  const value = sessionStorage.getItem(KEY);
  return value === 'online' || value === 'away' ? value : 'off';
};

let state: State = { standing: kept(), desks: [], trouble: false };
let worker: Worker | null = null;
const watching = new Set<() => void>();

function change(next: Partial<State>): void {
  state = { ...state, ...next };
  for (const tell of watching) tell();
}

const say = (desk: string, standing: Standing): Promise<unknown> =>
  api('PUT', `/desks/${desk}/presence`, { body: standing === 'off' ? { online: false } : { state: standing } });

async function beat(): Promise<void> {
  const { standing, desks } = state;
  if (standing === 'off') return;
  try {
    await Promise.all(desks.map((desk) => say(desk, standing)));
    if (state.trouble) change({ trouble: false });
  } catch (error) {
    if (errorOf(error).status === 401) stop();
    else change({ trouble: true });
  }
}

function stop(): void {
  worker?.terminate();
  worker = null;
  sessionStorage.removeItem(KEY);
  change({ standing: 'off', trouble: false });
}

function start(): void {
  if (worker !== null) return;
  worker = new Worker(new URL('./beat.ts', import.meta.url), { type: 'module' });
  worker.onmessage = () => void beat();
}

export async function setStanding(standing: Standing): Promise<void> {
  const { desks } = state;
  if (standing === 'off') {
    stop();
    await Promise.all(desks.map((desk) => say(desk, 'off')));
    return;
  }
  sessionStorage.setItem(KEY, standing);
  change({ standing });
  start();
  await beat();
}

/** The desks that one serves from now on; those that are left are told so. */
export function serve(desks: readonly string[]): void {
  const left = state.desks.filter((desk) => !desks.includes(desk));
  const more = desks.filter((desk) => !state.desks.includes(desk));
  if (left.length === 0 && more.length === 0) return;
  change({ desks });
  if (state.standing === 'off') return;
  start();
  for (const desk of left) say(desk, 'off').catch(() => undefined);
  void beat();
}

export const useAttendance = (): State =>
  useSyncExternalStore(
    (tell) => {
      watching.add(tell);
      return () => watching.delete(tell);
    },
    () => state,
  );
