// The kinds of desk that can be made: what each asks for, and what is to be done at the vendor.
// Not here: desks (desks.ts). The one thing to know: all of it comes from the adapters, as of channels, so that the
// console's form and the errors of this API say the same.
import { z } from '@hono/zod-openapi';
import type { DeskAdapter } from '../../engine/ports.ts';
import { ok } from '../answers.ts';
import type { HttpParts } from '../parts.ts';
import { type Route, route } from '../route.ts';
import { field, steps } from './channels.ts';

const deskKind = z
  .object({
    kind: z.string(),
    title: z.string(),
    fields: z.array(field).openapi({ description: '`config` of a desk; none: it has no `config`' }),
    steps,
  })
  .openapi('DeskKind');

/** Made with its asset, never by hand. */
const APP = 'app';

const showKind = ({ kind, title = kind, fields = [], steps = [] }: DeskAdapter): z.output<typeof deskKind> => ({
  kind,
  title,
  fields,
  steps,
});

export function deskKindRoutes(parts: HttpParts): Route[] {
  return [
    route({
      method: 'get',
      path: '/api/v1/desk_kinds',
      name: 'listDeskKinds',
      section: 'Desks',
      summary: 'List kinds of desk: what a desk of each needs',
      answers: { 200: { description: 'All that can be made by hand', schema: z.object({ data: z.array(deskKind) }) } },
      handle() {
        const kinds = [...parts.adapters.desks.values()].filter((adapter) => adapter.kind !== APP);
        return ok({ data: kinds.map(showKind) });
      },
    }),
  ];
}
