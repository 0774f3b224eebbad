// Uploads of agents: a file for a customer, from the console or a program that acts for agents.
// Not here: customers' uploads (src/http/webchat) and the serving of files (src/http/media.ts). The one thing to know:
// the URL in the answer goes into a message's `media`; it is kept there as the file itself and does not end with the link.
import { z } from '@hono/zod-openapi';
import { created } from '../answers.ts';
import type { Site } from '../parts.ts';
import { keyed } from '../pipeline.ts';
import { type Route, route } from '../route.ts';
import { takeUpload } from '../webchat/upload.ts';

const AT = { method: 'post', path: '/api/v1/media' } as const;

const uploaded = z
  .object({
    id: z.string(),
    url: z.string().openapi({ description: 'signed, good for a day; for `media` of a message' }),
    type: z.string(),
    name: z.string(),
    bytes: z.int(),
  })
  .openapi('UploadedMedium');

export function mediaRoutes(site: Site): Route[] {
  return [
    route({
      ...AT,
      name: 'uploadMedium',
      section: 'Conversations',
      summary: 'Upload a file for a message',
      description:
        'The body is the file itself, at most 10 MiB, with its Content-Type. Its bytes are looked at: images, sound, film, PDF and plain text are taken. What no message shows within a day is removed.',
      query: z.strictObject({ name: z.string().min(1).max(512).default('file') }),
      answers: { 201: { description: 'On disk', schema: uploaded } },
      takesFile: true,
      async handle(call) {
        const { incoming, query, principal } = call;
        const taken = await takeUpload(site, incoming, query.name, { assetId: null, owner: principal.id });
        if (taken === null) return new Response(null, { status: 400 });
        if ('refusal' in taken) return taken;
        // The file came again: the second copy is in no message, and goes in a day.
        const sent = Buffer.from(JSON.stringify([query.name, (await site.media.row(taken.id))?.sha256]));
        return keyed(site, AT, { ...call, params: {} }, sent, async () => created(new URL(taken.url).pathname, taken));
      },
    }),
  ];
}
