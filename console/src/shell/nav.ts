// The places of the console: names, keys, icons, and which roles may use them.
// Not here: the routes (router.tsx). The one thing to know: the server refuses by role anyway; this keeps out of sight
// what it would refuse.
import { AGENTS, BUILDERS } from '../api/session.ts';
import type { Role } from '../api/types.ts';
import type { CommonKey } from '../i18n/words.ts';
import type { IconName } from '../icons/index.tsx';

export type Place = {
  to:
    | '/'
    | '/inbox'
    | '/threads'
    | '/deliveries'
    | '/replays'
    | '/integrations'
    | '/services'
    | '/assets'
    | '/simulator'
    | '/developers'
    | '/settings';
  name: CommonKey;
  icon: IconName;
  /** after g */
  key: string;
  roles?: readonly Role[];
};
export type Group = { name: CommonKey; places: Place[] };

export const NAVIGATION: Group[] = [
  {
    name: 'nav.watch',
    places: [
      { to: '/', name: 'nav.home', icon: 'home', key: 'h' },
      { to: '/inbox', name: 'nav.inbox', icon: 'inbox', key: 'i', roles: AGENTS },
      { to: '/threads', name: 'nav.threads', icon: 'threads', key: 'c' },
      { to: '/deliveries', name: 'nav.deliveries', icon: 'deliveries', key: 'd' },
      { to: '/replays', name: 'nav.replays', icon: 'replay', key: 'r', roles: BUILDERS },
    ],
  },
  {
    name: 'nav.build',
    places: [
      { to: '/integrations', name: 'nav.integrations', icon: 'plug', key: 'b' },
      { to: '/services', name: 'nav.services', icon: 'services', key: 's' },
      { to: '/assets', name: 'nav.assets', icon: 'assets', key: 'a' },
      { to: '/simulator', name: 'nav.simulator', icon: 'simulator', key: 'm', roles: BUILDERS },
    ],
  },
  {
    name: 'nav.run',
    places: [
      { to: '/developers', name: 'nav.developers', icon: 'code', key: 'k', roles: BUILDERS },
      { to: '/settings', name: 'nav.settings', icon: 'settings', key: 't' },
    ],
  },
];

export const mayVisit = (place: Place, role: Role): boolean => place.roles?.includes(role) ?? true;

export const placesOf = (role: Role): Group[] =>
  NAVIGATION.map((group) => ({ ...group, places: group.places.filter((place) => mayVisit(place, role)) })).filter(
    (group) => group.places.length > 0,
  );
