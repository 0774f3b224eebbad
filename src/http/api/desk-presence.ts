// Who is at a console desk: said by the agents themselves, and shown to everybody.
// Not here: how long a word counts (presence.ts). The one thing to know: a desk is offered customers while at least one
// agent is there and not away; each says so again before the minute is over.
import { z } from '@hono/zod-openapi';
import { ok } from '../answers.ts';
import { instant, instantOrNull, timeOf, timeOrNull } from '../fields.ts';
import type { Site } from '../parts.ts';
import type { AgentThere, Presence } from '../presence.ts';
import { malformed, refuse } from '../problems.ts';
import { type Route, route } from '../route.ts';
import { missing, rowOf } from './rows.ts';

const PATH = '/api/v1/desks/{id}/presence';
const section = 'Desks';

const there = z
  .object({
    online: z.boolean().openapi({ description: 'whether somebody is there and not away: the desk takes offers' }),
    agents: z.array(
      z.object({
        id: z.string().openapi({ description: "the user's or key's id" }),
        name: z.string(),
        state: z.enum(['online', 'away']),
        since: instant,
        until: instant.openapi({ description: 'unless renewed' }),
      }),
    ),
  })
  .openapi('DeskPresence');

const showAgent = ({ id, name, state, since, until }: AgentThere) => ({
  id,
  name,
  state,
  since: timeOf(since),
  until: timeOf(until),
});

export function presenceRoutes(site: Site, presence: Presence): Route[] {
  const show = (deskId: string): z.output<typeof there> => ({
    online: presence.isOnline(deskId),
    agents: presence.agents(deskId).map(showAgent),
  });
  return [
    route({
      method: 'get',
      path: PATH,
      name: 'getPresence',
      section,
      summary: 'Who is at a console desk',
      answers: { 200: { description: 'Agents, the longest there first', schema: there } },
      handle({ params }) {
        const row = rowOf(site, 'desk', params.id);
        if (!row) return missing('desk', params.id);
        return row.data.kind === 'console' ? ok(show(row.id)) : refuse('not_console_desk');
      },
    }),
    route({
      method: 'put',
      path: PATH,
      name: 'setPresence',
      section,
      summary: 'Say that you are at a console desk, are away, or left',
      description:
        'Counts for 60 seconds unless renewed. A console desk where nobody is online rejects what it is offered; who is away is listed, and takes nothing. Give `state` (`online`, `away`) or `online` (false: you left).',
      body: z.strictObject({ online: z.boolean().optional(), state: z.enum(['online', 'away']).optional() }),
      answers: {
        200: {
          description: 'Who is there now',
          schema: there.extend({ until: instantOrNull.openapi({ description: 'null: you left' }) }).openapi('Presence'),
        },
      },
      handle({ params, body, principal }) {
        const row = rowOf(site, 'desk', params.id);
        if (!row) return missing('desk', params.id);
        if (row.data.kind !== 'console') return refuse('not_console_desk');
        if ((body.online === undefined) === (body.state === undefined))
          return malformed([{ pointer: '/state', detail: 'give either state or online' }]);
        const state = body.state ?? (body.online ? 'online' : null);
        const until = presence.set(row.id, principal, state);
        return ok({ ...show(row.id), until: timeOrNull(until) });
      },
    }),
  ];
}
