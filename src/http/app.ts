// The framework's side: all routes of the management API, the pages, health and metrics, and the OpenAPI document.
// Not here: hooks (hooks.ts). The one thing to know: a route is served and documented from the same definition, and a
// path that exists answers 405 with Allow to any other method.
import { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { accessOf } from './access.ts';
import { jsonResponse, problemResponse } from './answers.ts';
import { agentRoutes } from './api/agents.ts';
import { assetTryRoutes } from './api/asset-try.ts';
import { assetRoutes } from './api/assets.ts';
import { backupRoutes } from './api/backups.ts';
import { botRoutes } from './api/bots.ts';
import { channelRoutes } from './api/channels.ts';
import { conversationRoutes } from './api/conversations.ts';
import { deliveryRoutes } from './api/deliveries.ts';
import { deskKindRoutes } from './api/desk-kinds.ts';
import { deskRoutes } from './api/desks.ts';
import { eventRoutes } from './api/events.ts';
import { mediaRoutes } from './api/media.ts';
import { overviewRoutes } from './api/overview.ts';
import { peopleRoutes } from './api/people.ts';
import { recordRoutes } from './api/records.ts';
import { rehearsalRoutes } from './api/rehearsal.ts';
import { replayRoutes } from './api/replays.ts';
import { ruleRoutes } from './api/rules.ts';
import { searchRoutes } from './api/search.ts';
import { serviceRoutes } from './api/services.ts';
import { sessionRoutes } from './api/session.ts';
import { settingRoutes } from './api/settings.ts';
import { simulatorRoutes } from './api/simulator.ts';
import { threadRoutes } from './api/threads.ts';
import type { Connections } from './connections.ts';
import type { Door } from './door.ts';
import type { Feed } from './feed.ts';
import { createHealth } from './health.ts';
import type { Metrics } from './metrics.ts';
import { documentOf, register } from './openapi.ts';
import { homePage, missingProblem, noConsolePage, page, problemList, problemPage } from './pages.ts';
import type { Site } from './parts.ts';
import { type Env, runner } from './pipeline.ts';
import type { Presence } from './presence.ts';
import { type Refusal, refuse } from './problems.ts';
import { referencePage } from './reference.ts';
import type { Route } from './route.ts';
import type { Series } from './series.ts';
import type { Sessions } from './sessions.ts';
import { type Built, readBuilt } from './static.ts';

export type AppTools = {
  door: Door;
  sessions: Sessions;
  feed: Feed;
  presence: Presence;
  connections: Connections;
  metrics: Metrics;
  series: Series;
};
type App = OpenAPIHono<{ Bindings: Env }>;

/** Every route of the management API. */
export function routesOf(site: Site, { door, sessions, feed, presence, connections, series }: AppTools): Route[] {
  return [
    ...serviceRoutes(site),
    ...ruleRoutes(site),
    ...channelRoutes(site),
    ...deskKindRoutes(site),
    ...assetRoutes(site, connections),
    ...assetTryRoutes(site, connections),
    ...rehearsalRoutes(site),
    ...botRoutes(site),
    ...deskRoutes(site, presence),
    ...threadRoutes(site),
    ...simulatorRoutes(site),
    ...mediaRoutes(site),
    ...conversationRoutes(site),
    ...agentRoutes(site, presence),
    ...deliveryRoutes(site),
    ...replayRoutes(site),
    ...overviewRoutes(site, series),
    ...searchRoutes(site),
    ...eventRoutes(site, feed, door),
    ...recordRoutes(site),
    ...peopleRoutes(site, sessions),
    ...sessionRoutes(site, sessions),
    ...settingRoutes(site),
    ...backupRoutes(site),
  ];
}

/** Throws when a route has no row in the access table. */
export function createApp(site: Site, tools: AppTools): App {
  const app: App = new OpenAPIHono<{ Bindings: Env }>();
  const routes = routesOf(site, tools);
  const methods = new Map<string, string[]>();
  const allow = (path: string, method: string): void => {
    methods.set(path, [...(methods.get(path) ?? []), method]);
  };
  for (const route of routes) {
    const run = runner(site, tools.door, route);
    const path = route.path.replaceAll(/\{(\w+)\}/g, ':$1');
    app.on(route.method, [path], (c) => run(c.env, c.req.param(), c.req.query()));
    allow(path, route.method.toUpperCase());
    register(app.openAPIRegistry, route);
  }
  for (const [path, answer] of pagesOf(app, site, tools)) {
    accessOf('GET', path);
    const pattern = path.replace(/\{path\}$/, '*').replaceAll(/\{(\w+)\}/g, ':$1');
    app.get(pattern, (c) => {
      c.env.seen.route = `GET ${path}`;
      return answer(c);
    });
    allow(pattern, 'GET');
  }
  for (const [path, known] of methods) {
    const headers = { allow: [...known, ...(known.includes('GET') ? ['HEAD'] : [])].join(', ') };
    app.all(path, (c) => refused(site, c, refuse('method_not_allowed', `Use ${headers.allow}.`, { headers })));
  }
  app.notFound((c) => refused(site, c, nothingHere));
  app.onError((error, c) => {
    site.log.error({ err: error, request_id: c.env.requestId }, 'a page failed unexpectedly');
    return refused(site, c, refuse('internal'));
  });
  return app;
}

function refused(site: Site, c: Context<{ Bindings: Env }>, refusal: Refusal): Response {
  c.env.seen.code = refusal.refusal;
  return problemResponse(refusal, c.env.requestId, site.publicUrl());
}

type PageContext = Context<{ Bindings: Env }>;
type Page = (c: PageContext) => Response | Promise<Response>;

/** What is open to anyone, by path. */
function pagesOf(app: App, site: Site, { metrics }: AppTools): [string, Page][] {
  const health = createHealth(site);
  const built = readBuilt(site.built);
  const document = lazily(() => documentOf(app, site));
  const reference = lazily(() => page('Reference', referencePage(document())));
  return [
    ['/', (c) => (wantsPage(c) ? redirect('/console/') : page('Signalbox', homePage(site)))],
    ['/console', () => redirect('/console/')],
    ['/console/{path}', (c) => consolePart(site, built, c)],
    ['/widget.js', async (c) => (await built.widget('widget.js', c.req.raw)) ?? refused(site, c, notBuilt)],
    ['/widget/{path}', async (c) => (await built.widget(restOf(c), c.req.raw)) ?? refused(site, c, nothingHere)],
    ['/health', () => health.ready()],
    ['/health/live', () => jsonResponse(200, '{"live":true}')],
    ['/health/ready', () => health.ready()],
    ['/metrics', async () => text(await metrics.text(), metrics.contentType)],
    ['/openapi.json', () => jsonResponse(200, JSON.stringify(document()))],
    ['/docs', () => reference().clone()],
    ['/problems', () => page('Problems', problemList())],
    [
      '/problems/{code}',
      (c) => {
        const body = problemPage(c.req.param('code') ?? '');
        return body === null ? refused(site, c, missingProblem) : page('Problem', body);
      },
    ],
  ];
}

const nothingHere = refuse('not_found', 'There is nothing at this address.');
const notBuilt = refuse('not_found', 'The web chat was not built: npm run build.');
const wantsPage = (c: PageContext): boolean => /\btext\/html\b/i.test(c.req.header('accept') ?? '');
/** What follows the first name in the path. */
const restOf = (c: PageContext): string => c.req.path.replace(/^\/\w+\//, '');
const redirect = (location: string): Response =>
  new Response(null, { status: 302, headers: { location, 'cache-control': 'no-store' } });

async function consolePart(site: Site, built: Built, c: PageContext): Promise<Response> {
  const found = await built.console(restOf(c), c.req.raw);
  if (found !== null) return found;
  return !built.hasConsole && wantsPage(c) ? page('Console', noConsolePage, 503) : refused(site, c, nothingHere);
}

const text = (body: string, type: string): Response =>
  new Response(body, { headers: { 'content-type': type, 'cache-control': 'no-store' } });

/** Made when it is first asked for: the document takes a while, and the address of the server is not known earlier. */
function lazily<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
