// The audit trail, and the erasure of a customer.
// Not here: who writes audit entries (each change does). The one thing to know: an erasure is audited without the
// address it was about, or the trail would keep what was to be forgotten.
import { z } from '@hono/zod-openapi';
import type { AuditEntry } from '../../engine/store-port.ts';
import { ok } from '../answers.ts';
import { instant, pageOf, paging, showPage, timeOf } from '../fields.ts';
import type { HttpParts } from '../parts.ts';
import { type Route, route } from '../route.ts';
import { audit } from './rows.ts';

const entry = z
  .object({
    id: z.string(),
    at: instant,
    actor: z.string(),
    action: z.string(),
    kind: z.string(),
    target: z.string(),
    detail: z.record(z.string(), z.unknown()),
  })
  .openapi('AuditEntry');

const showEntry = (row: AuditEntry): z.output<typeof entry> => ({ ...row, at: timeOf(row.at) });

const erased = z.object({ threads: z.int(), messages: z.int(), deliveries: z.int() }).openapi('Erased');

export function recordRoutes(parts: HttpParts): Route[] {
  return [
    route({
      method: 'get',
      path: '/api/v1/audit',
      name: 'listAudit',
      section: 'Audit',
      summary: 'Who changed what, newest first',
      query: paging,
      answers: { 200: { description: 'A page', schema: pageOf(entry) } },
      handle: async ({ query }) => ok(showPage(await parts.store.listAudit(query), showEntry)),
    }),
    route({
      method: 'delete',
      path: '/api/v1/customers/{asset_id}/{address}',
      name: 'eraseCustomer',
      section: 'Customers',
      summary: "Erase a customer's words and media",
      description:
        'The address is URL-encoded. The asset may be deleted already. What remains are counts and decisions without words.',
      answers: { 200: { description: 'How much was erased', schema: erased } },
      async handle({ params, principal }) {
        const gone = await parts.engine.erase(params.asset_id, params.address);
        await parts.media.sweep();
        await parts.directory.change([], [audit(parts, principal, 'erase', 'customer', params.asset_id, gone)]);
        return ok(gone);
      },
    }),
  ];
}
