// The addresses of the console and what lies at each; every screen is loaded when it is first gone to.
// Not here: the navigation (shell/nav.ts). The one thing to know: below `shell` nobody comes without a session; without
// one they are led to the sign-in and back afterwards.

import { ModalsProvider } from '@mantine/modals';
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from '@tanstack/react-router';
import { whenSignedOut } from './api/client.ts';
import { queryClient } from './api/query-client.ts';
import { sessionQuery } from './api/session.ts';
import { expectArrival } from './parts/arrival.ts';
import { ErrorState, Loading } from './parts/States.tsx';
import { NotFound } from './shell/NotFound.tsx';
import { Shell } from './shell/Shell.tsx';

/** Windows are drawn here, so that what stands in them may link and navigate. */
function Root() {
  return (
    <ModalsProvider>
      <Outlet />
    </ModalsProvider>
  );
}

const root = createRootRoute({ component: Root });

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  component: lazyRouteComponent(() => import('./screens/sign-in/index.tsx')),
});
const welcome = createRoute({
  getParentRoute: () => root,
  path: '/welcome',
  component: lazyRouteComponent(() => import('./screens/welcome/index.tsx')),
});

const shell = createRoute({
  getParentRoute: () => root,
  id: 'shell',
  component: Shell,
  beforeLoad: async ({ location }) => {
    const session = await queryClient.ensureQueryData(sessionQuery);
    if (session === null) throw redirect({ to: '/sign-in', search: { next: location.href } });
  },
});

/** One screen below the shell. */
const screen = <const Path extends string>(path: Path, load: () => Promise<{ default: React.ComponentType }>) =>
  createRoute({ getParentRoute: () => shell, path, component: lazyRouteComponent(load) });

const screens = [
  screen('/', () => import('./screens/home/index.tsx')),
  screen('/inbox', () => import('./screens/inbox/index.tsx')),
  screen('/threads', () => import('./screens/threads/index.tsx')),
  screen('/threads/$id', () => import('./screens/threads/one.tsx')),
  screen('/deliveries', () => import('./screens/deliveries/index.tsx')),
  screen('/deliveries/$id', () => import('./screens/deliveries/one.tsx')),
  screen('/replays', () => import('./screens/replays/index.tsx')),
  screen('/integrations', () => import('./screens/integrations/index.tsx')),
  screen('/integrations/new', () => import('./screens/integrations/new.tsx')),
  screen('/integrations/$id', () => import('./screens/integrations/one.tsx')),
  screen('/services', () => import('./screens/services/index.tsx')),
  screen('/services/$id', () => import('./screens/services/one.tsx')),
  screen('/assets', () => import('./screens/assets/index.tsx')),
  screen('/assets/$id', () => import('./screens/assets/one.tsx')),
  screen('/simulator', () => import('./screens/simulator/index.tsx')),
  screen('/developers', () => import('./screens/developers/index.tsx')),
  screen('/settings', () => import('./screens/settings/index.tsx')),
  createRoute({ getParentRoute: () => shell, path: '$', component: NotFound }),
] as const;

/** Addresses keep their values as they are: `?status=dead`, not JSON. */
const parseSearch = (text: string): Record<string, string> => Object.fromEntries(new URLSearchParams(text));
const stringifySearch = (search: Record<string, unknown>): string => {
  const entries = Object.entries(search).filter(([, value]) => value !== undefined && value !== '');
  const text = new URLSearchParams(entries.map(([name, value]) => [name, String(value)])).toString();
  return text === '' ? '' : `?${text}`;
};

export const router = createRouter({
  routeTree: root.addChildren([signIn, welcome, shell.addChildren(screens)]),
  basepath: '/console',
  parseSearch,
  stringifySearch,
  scrollRestoration: true,
  defaultPreload: 'intent',
  defaultPendingMs: 150,
  defaultPendingComponent: Loading,
  defaultErrorComponent: ({ error, reset }) => <ErrorState error={error} retry={reset} />,
});

router.subscribe('onBeforeNavigate', ({ fromLocation, pathChanged }) => {
  if (fromLocation !== undefined && pathChanged) expectArrival();
});

/** To the sign-in first, and only then is forgotten who one was: the screens that are left still ask for it. */
whenSignedOut(() => {
  const { pathname, href } = router.state.location;
  if (pathname === '/sign-in' || pathname === '/welcome') return;
  void router.navigate({ to: '/sign-in', search: { next: href } as never }).then(() => queryClient.clear());
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
