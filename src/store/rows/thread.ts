// A thread as a row of any store. Not here: SQL, and the columns that follow from its state (state.ts).
// The one thing to know: the state is one document, read and written as a whole.
import type { ThreadRow } from '../../engine/store-port.ts';
import type { ThreadState } from '../../routing/model.ts';
import type { Row } from './row.ts';

export function readThread(row: Row): ThreadRow {
  const state = JSON.parse(String(row.state)) as ThreadState;
  return { ...state, dueAt: row.due_at as number | null, updatedAt: Number(row.updated_at) };
}
