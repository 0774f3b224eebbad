// The console's icons: drawn here, one line each, 24 by 24, in the colour of the text around them.
// Not here: meaning. The one thing to know: an icon is decoration (aria-hidden); what it stands for is said in words.
import type { SVGProps } from 'react';

export type IconProps = Omit<SVGProps<SVGSVGElement>, 'children'> & { size?: number };

const PATHS = {
  home: 'M4 11.5 12 5l8 6.5V20h-5.5v-5h-5v5H4z',
  inbox: 'M4 13.5 6.5 5h11L20 13.5V19H4zM4 13.5h4.5l1 2.5h5l1-2.5H20',
  threads: 'M4 5h12v9H9l-3.5 3v-3H4zM19 9h1v8.5h-1.5V20l-3-2.5H12',
  deliveries: 'M3 8h11v9H3zM14 11h4l3 3v3h-7zM7 19.5a1.6 1.6 0 1 0 0-.1M17 19.5a1.6 1.6 0 1 0 0-.1',
  replay: 'M5 12a7 7 0 1 1 2.2 5.1M5 18v-4.5h4.5',
  plug: 'M9 3v5M15 3v5M6.5 8h11v3a5.5 5.5 0 0 1-11 0zM12 16.5V21',
  bot: 'M5 9h14v10H5zM12 9V5M9 13.5v1.5M15 13.5v1.5M2.5 13v3M21.5 13v3M12 5a1 1 0 1 0 0-.1',
  desk: 'M4 13a8 8 0 0 1 16 0M4 13h3v5H4zM17 13h3v5h-3zM20 18c0 2-2 3-5 3',
  services: 'M5 6h6M5 12h4M5 18h6M11 6c4 0 3 6 7 6M11 18c4 0 3-6 7-6M18 12h2',
  rules: 'M12 3v5M12 8 6 14v7M12 8l6 6v7M3.5 18.5 6 21l2.5-2.5M15.5 18.5 18 21l2.5-2.5',
  assets: 'M12 20v-6M8.5 10.5a5 5 0 0 1 7 0M5.5 7.5a9 9 0 0 1 13 0M12 14a.6.6 0 1 0 0-.1',
  simulator: 'M9 4h6M10 4v5l-5 9.5A1 1 0 0 0 6 20h12a1 1 0 0 0 1-1.5L14 9V4M7.5 15h9',
  code: 'm8 8-4.5 4L8 16M16 8l4.5 4-4.5 4M13.5 5l-3 14',
  settings: 'M4 7h9M17 7h3M4 17h3M11 17h9M15 5v4M9 15v4',
  search: 'M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13M15.5 15.5 20.5 20.5',
  check: 'm5 12.5 4.5 4.5L19 7.5',
  checks: 'm2.5 12.5 4 4L14 9M11 16l.5.5L21.5 7',
  cross: 'm6 6 12 12M18 6 6 18',
  warning: 'M12 4 21.5 20h-19zM12 10v4.5M12 17v.5',
  info: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18M12 11v5M12 7.5v.5',
  question: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18M9.5 9.5a2.5 2.5 0 1 1 3.5 2.3c-.7.3-1 .8-1 1.7M12 16.3v.4',
  clock: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18M12 7v5l3.5 2',
  pause: 'M8 5v14M16 5v14',
  play: 'M7 4.5v15l12-7.5z',
  stop: 'M6 6h12v12H6z',
  circle: 'M12 20a8 8 0 1 0 0-16 8 8 0 0 0 0 16',
  dot: 'M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8',
  copy: 'M9 9h11v11H9zM5 15H4V4h11v1',
  plus: 'M12 5v14M5 12h14',
  edit: 'm4 20 1-4L16.5 4.5l3 3L8 19zM14 7l3 3',
  trash: 'M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v5M14 11v5',
  key: 'M8 15a4 4 0 1 0 0-8 4 4 0 0 0 0 8M12 11h9v3M17.5 11v3',
  user: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8M4.5 20.5a7.5 7.5 0 0 1 15 0',
  users:
    'M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7M2.5 19a6.5 6.5 0 0 1 13 0M16 4.5a3.5 3.5 0 0 1 0 6.5M18 13a6.5 6.5 0 0 1 3.5 6',
  sun: 'M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8M12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M18.7 5.3l-1.4 1.4M6.7 17.3l-1.4 1.4',
  moon: 'M19.5 14.5A8 8 0 0 1 9.5 4.5a8 8 0 1 0 10 10',
  language: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18M3 12h18M12 3c3 3 3 15 0 18M12 3c-3 3-3 15 0 18',
  menu: 'M4 7h16M4 12h16M4 17h16',
  more: 'M6 12h.01M12 12h.01M18 12h.01',
  forward: 'm9 5 7 7-7 7',
  down: 'm5 9 7 7 7-7',
  up: 'm5 15 7-7 7 7',
  arrow: 'M4 12h15M13 6l6 6-6 6',
  external: 'M13 4h7v7M20 4l-9 9M10 5H4v15h15v-6',
  signOut: 'M14 4H5v16h9M10 12h11M17 8l4 4-4 4',
  send: 'M4 12 20.5 4 16 20.5l-4-6.5zM12 14l8.5-10',
  attach: 'm8 12 6-6a3 3 0 0 1 4.5 4.5L10 19a4.5 4.5 0 0 1-6.5-6.5L11 5',
  note: 'M5 4h14v10l-5 6H5zM14 20v-6h5M8.5 9h7M8.5 13h3',
  bell: 'M6 16V11a6 6 0 0 1 12 0v5l1.5 2h-15zM10 20.5h4',
  bolt: 'M13 3 5 14h6l-1 7 8-11h-6z',
  filter: 'M4 5h16l-6 7.5V19l-4 1.5v-8z',
  grip: 'M9 6h.01M15 6h.01M9 12h.01M15 12h.01M9 18h.01M15 18h.01',
  save: 'M5 4h11l3 3v13H5zM8 4v5h7V4M8 20v-6h8v6',
  lock: 'M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3',
} as const;

export type IconName = keyof typeof PATHS;

/** Arrows that point along the line of reading turn with it. */
const TURNS: ReadonlySet<IconName> = new Set([
  'forward',
  'arrow',
  'signOut',
  'send',
  'threads',
  'services',
  'deliveries',
]);

export function Icon({ name, size = 18, ...rest }: IconProps & { name: IconName }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth={1.7}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
      data-turns={TURNS.has(name) || undefined}
      {...rest}
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
