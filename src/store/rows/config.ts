// Configuration documents, the audit trail and replay tasks as rows of any store.
// Not here: SQL, and versions. The one thing to know: documents are kept as text, as they were given.
import type { AuditEntry, ConfigKind, ConfigRow, ReplayTask } from '../../engine/store-port.ts';
import type { Row } from './row.ts';

export function readConfig(row: Row): ConfigRow {
  return {
    kind: row.kind as ConfigKind,
    id: String(row.id),
    data: JSON.parse(String(row.data)) as Record<string, unknown>,
    version: Number(row.version),
    createdAt: Number(row.created_at),
    updatedAt: Number(row.updated_at),
  };
}

export function readAudit(row: Row): AuditEntry {
  return {
    id: String(row.id),
    at: Number(row.at),
    actor: String(row.actor),
    action: String(row.action),
    kind: String(row.kind),
    target: String(row.target),
    detail: JSON.parse(String(row.detail)) as Record<string, unknown>,
  };
}

export const readReplay = (row: Row): ReplayTask => JSON.parse(String(row.doc)) as ReplayTask;
