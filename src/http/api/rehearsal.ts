// Trying a bot or a desk that is not created yet, so that a form can show what would happen before anything is saved.
// Not here: the request (the adapters' `verify`) and the verification of what exists (integration.ts). The one thing to
// know: nothing is kept, and since there is no integration yet the request is signed with a secret that nobody knows.
import { z } from '@hono/zod-openapi';
import { ok } from '../answers.ts';
import { url } from '../fields.ts';
import type { HttpParts } from '../parts.ts';
import { malformed } from '../problems.ts';
import { type Route, route } from '../route.ts';
import { newSigningSecret } from '../secrets.ts';
import { platformErrors } from './bots.ts';
import { kindErrors } from './desks.ts';
import { accessToken, verification, verificationToken } from './integration.ts';

const answers = { 200: { description: 'What was checked; `status` is always `unverified`', schema: verification } };
const about =
  'Sends one real request, as a verification does, and keeps nothing. Only a verification of what was created makes it active.';

export function rehearsalRoutes(parts: HttpParts): Route[] {
  return [
    route({
      method: 'post',
      path: '/api/v1/bots/verification',
      name: 'tryBot',
      section: 'Bots',
      summary: 'Try a bot before it is created',
      description: about,
      body: z.strictObject({
        platform: z.string().min(1).max(64),
        url,
        access_token: accessToken.optional(),
        verification_token: verificationToken.optional(),
      }),
      answers,
      async handle({ body }) {
        const errors = platformErrors(parts, body);
        if (errors.length > 0) return malformed(errors);
        const bot = {
          ...newborn(parts.newId('bot')),
          platform: body.platform,
          url: body.url,
          verificationToken: body.verification_token ?? null,
          accessToken: body.access_token ?? null,
          requireSignature: false,
        };
        return ok(await parts.engine.rehearse({ bot }));
      },
    }),
    route({
      method: 'post',
      path: '/api/v1/desks/verification',
      name: 'tryDesk',
      section: 'Desks',
      summary: 'Try a desk behind a webhook, or in Chatwoot, before it is created',
      description: about,
      body: z.strictObject({
        kind: z.string().min(1).max(64),
        url,
        config: z.record(z.string().max(100), z.unknown()).optional(),
      }),
      answers,
      async handle({ body }) {
        const errors = kindErrors(parts, body);
        if (errors.length > 0) return malformed(errors);
        const config = parts.adapters.desks.get(body.kind)?.checkConfig?.(body.config ?? {});
        if (config?.ok === false) return malformed(config.errors);
        const desk = {
          ...newborn(parts.newId('desk')),
          kind: body.kind,
          url: body.url,
          config: config?.config ?? {},
          hookUrl: '',
          secrets: [],
        };
        return ok(await parts.engine.rehearse({ desk }));
      },
    }),
  ];
}

const newborn = (id: string) => ({ id, name: '', version: 0, signingSecrets: [newSigningSecret()], hookTokens: [] });
