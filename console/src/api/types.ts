// What the console knows of the API: the types made from it (schema.ts), and the few that have no name there.
// Types only. The one thing to know: schema.ts is written by a test, never by hand.
import type { Me } from './schema.ts';

export type * from './schema.ts';

export type Role = Me['role'];
export type Page<T> = { data: T[]; next_cursor: string | null };

/** A sign of life that is kept nowhere: `typing`, and whatever the feed sends as `event: signal`. */
export type Signal = { type: string; thread_id?: string; conversation_id?: string; [more: string]: unknown };
