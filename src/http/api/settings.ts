// GET /settings: each setting's value and where it comes from.
// Not here: reading the settings (src/settings). The one thing to know: they are fixed at the start of the process, and
// secret ones come masked already.
import { z } from '@hono/zod-openapi';
import { ok } from '../answers.ts';
import { pageOf } from '../fields.ts';
import type { HttpParts } from '../parts.ts';
import { type Route, route } from '../route.ts';

const setting = z
  .object({
    name: z.string().openapi({ description: 'as in signalbox.yaml' }),
    variable: z.string().openapi({ description: 'of the environment' }),
    value: z.string().openapi({ description: 'empty: not set; of a secret only whether it is' }),
    source: z.string().openapi({ description: 'a flag, the environment, a file, or `default`' }),
    description: z.string(),
  })
  .openapi('Setting');

export const settingRoutes = (parts: HttpParts): Route[] => [
  route({
    method: 'get',
    path: '/api/v1/settings',
    name: 'listSettings',
    section: 'Settings',
    summary: 'All settings of this process, and where each comes from',
    answers: { 200: { description: 'All on one page', schema: pageOf(setting) } },
    handle: () => ok({ data: parts.settings.explained, next_cursor: null }),
  }),
];
