// Contract §2: every route has a row in an access table. Here every row is asked of the real program by everybody.
// Not here: what single roles are shown (access.test.ts). The long form is the same: `npm run prove -- access`.
import { expect, it } from 'vitest';
import { ACCESS } from '../../src/http/access.ts';
import { accessMatrix } from '../prove/access.ts';

it('Every route lets in whom the table says, refuses all others without a change, and knows foreign ids', {
  timeout: 600_000,
}, async () => {
  const { routes, callers, asked, refused, foreign, letIn, faults } = await accessMatrix();
  console.log(
    `access: ${routes} routes, ${callers} callers, ${asked} asked: ${refused} refused, ${foreign} foreign, ${letIn} let in`,
  );
  expect(faults).toEqual([]);
  expect(routes).toBeGreaterThan(90);
  expect(refused + foreign + letIn).toBe(asked);
});

it('A table that says otherwise than the program does is found out', { timeout: 600_000 }, async () => {
  const [stricter, looser] = ['PATCH /api/v1/services/{id}', 'GET /api/v1/audit'];
  const { faults } = await accessMatrix({ [stricter]: ['owner'], [looser]: ['owner', 'viewer'] });
  const found = (words: RegExp): boolean => faults.some((fault) => words.test(fault));
  expect(ACCESS[stricter]).toContain('developer');
  expect(found(/PATCH .* by a key of developer, ids ours: 200/)).toBe(true);
  expect(found(/PATCH .*: what was refused changed \/api\/v1\/services/)).toBe(true);
  expect(found(/GET .* by a key of viewer, ids of their own: 403/)).toBe(true);
});
