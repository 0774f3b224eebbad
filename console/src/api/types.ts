// What the console knows of the API: the types made from it (schema.ts), and the few that have no name there.
// Types only. The one thing to know: schema.ts is written by a test, never by hand.
export type * from './schema.ts';

export type Role = 'owner' | 'admin' | 'developer' | 'agent' | 'viewer';
export type Page<T> = { data: T[]; next_cursor: string | null };

export type SessionUser = { id: string; name: string; email: string | null; role: Role };
export type Session = { user: SessionUser; instance: { version: string; public_url: string; dev: boolean } };

export type LinkPurpose = 'dev' | 'first_owner' | 'invitation' | 'password_reset';
export type Link = { purpose: LinkPurpose; email?: string | null; expires_at: string };

export type Found = {
  type: 'thread' | 'conversation' | 'message' | 'delivery' | 'bot' | 'desk' | 'asset' | 'service' | 'rule' | 'customer';
  id: string;
  thread_id?: string | null;
  service_id?: string | null;
  title: string;
  detail?: string | null;
  at?: string | null;
};

/** A sign of life that is kept nowhere: `typing`, and whatever the feed sends as `event: signal`. */
export type Signal = { type: string; thread_id?: string; conversation_id?: string; [more: string]: unknown };
