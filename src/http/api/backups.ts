// Backups into the data folder: starting one, and those that are there.
// Not here: how a copy is made (main.ts hands in `Backups`), and restoring, which wants Signalbox stopped and is the
// command's. The one thing to know: one runs at a time, beside the traffic.
import { z } from '@hono/zod-openapi';
import { accepted, ok } from '../answers.ts';
import { instant, orNull, pageOf } from '../fields.ts';
import type { HttpParts } from '../parts.ts';
import { refuse } from '../problems.ts';
import { type Route, route } from '../route.ts';
import { audit } from './rows.ts';

const PATH = '/api/v1/backups';

const backup = z
  .object({
    name: z.string().openapi({ description: 'the file, in `backups/` of the data folder' }),
    status: z.enum(['running', 'done', 'failed']),
    bytes: orNull(z.int()),
    created_at: instant,
    problem: orNull(z.string()).openapi({ description: 'why it failed; forgotten at the next start' }),
  })
  .openapi('Backup');

export const backupRoutes = (parts: HttpParts): Route[] => [
  route({
    method: 'get',
    path: PATH,
    name: 'listBackups',
    section: 'Backups',
    summary: 'The backups in the data folder, newest first',
    answers: { 200: { description: 'All on one page', schema: pageOf(backup) } },
    handle: () => ok({ data: parts.backups.list(), next_cursor: null }),
  }),
  route({
    method: 'post',
    path: PATH,
    name: 'startBackup',
    section: 'Backups',
    summary: 'Start a backup of the database',
    description:
      'A consistent, checked copy without the master key, made beside the traffic. Restoring is `signalbox restore`.',
    answers: { 202: { description: 'It runs; the list says when it is done', schema: backup } },
    async handle({ principal }) {
      const started = parts.backups.start();
      if (!started.ok) return refuse(started.why === 'full' ? 'limit_reached' : 'conflict', started.detail);
      await parts.directory.change([], [audit(parts, principal, 'create', 'backup', started.backup.name)]);
      return accepted(started.backup);
    },
  }),
];
