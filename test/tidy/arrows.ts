// Who in src/, console/ and widget/ may import whom, as one table, and the reading of import lines by which it is held.
// Arrows point inward: adapters know the shapes in the middle, the middle knows no adapter. Two zones that must
// not meet in code meet in a composition root (src/main.ts, src/worker.ts), which hands one to the other.
import { dirname, join, normalize } from 'node:path';

export interface ImportLine {
  /** As written: `../routing/model.ts`, `node:fs`, `hono/streaming`. */
  target: string;
  /** `import type` and `export type … from`: gone after the build. `import { type A }` is not: it keeps the import. */
  typeOnly: boolean;
}

interface Zone {
  /** Places in src whose code may be imported, besides the zone's own. */
  values: readonly string[];
  /** Places of which only types may be imported. */
  types: readonly string[];
  /** Packages and node: modules, or what is wrong with one: undefined if it may be imported. */
  outside: (name: string) => string | undefined;
}

const anything = (): undefined => undefined;
const only =
  (...allowed: string[]) =>
  (name: string): string | undefined =>
    allowed.includes(name) ? undefined : `only ${allowed.join(', ') || 'nothing'} may be imported from outside`;

/** The guarded client is the only way out, and the HTTP server the only way in. */
const noSocket = (name: string): string | undefined =>
  /^(undici|hono|@hono\/node-server|node:(http|https|http2|net|tls|dgram))(\/|$)/.test(name)
    ? 'only src/net speaks to the outside, and only src/http listens'
    : undefined;

const noTechnology = (name: string): string | undefined =>
  name.startsWith('node:') && !/^node:(fs|sqlite|worker_threads|child_process)(\/|$)/.test(name)
    ? noSocket(name)
    : 'the engine knows no technology: it asks a port in src/engine/ports.ts';

const adapter: Zone = { values: ['net', 'wire'], types: ['routing', 'engine'], outside: noSocket };
const root: Zone = { values: ['*'], types: ['*'], outside: anything };

const ZONES: Readonly<Record<string, Zone>> = {
  routing: { values: [], types: [], outside: only('re2js') },
  engine: { values: ['routing'], types: [], outside: noTechnology },
  channels: adapter,
  bots: adapter,
  desks: adapter,
  store: { values: [], types: ['routing', 'engine'], outside: noSocket },
  net: { values: [], types: ['routing', 'engine'], outside: anything },
  http: { values: ['routing', 'engine', 'net'], types: ['channels', 'media'], outside: anything },
  media: { values: ['engine'], types: ['routing', 'engine'], outside: noSocket },
  wire: { values: ['net'], types: ['routing', 'engine'], outside: noSocket },
  settings: { values: ['net'], types: ['routing', 'engine'], outside: noSocket },
  cli: root,
  demo: root,
  'main.ts': root,
  'worker.ts': root,
};

/** The first folder (or the file) below src/, if it is a known place. */
export function zoneOf(path: string): string | undefined {
  const name = path.split('/')[1];
  return name !== undefined && Object.hasOwn(ZONES, name) ? name : undefined;
}

/** The import lines of a module: static, re-exported, for side effects, and dynamic with a literal. */
export function importsOf(text: string): ImportLine[] {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
  const named = /^\s*(?:import|export)\s+(type\s+(?!from\b))?[\w$*{][\w$\s,*{}]*?\s*from\s*['"]([^'"]+)['"]/gm;
  const bare = /^\s*import\s*['"]([^'"]+)['"]/gm;
  const dynamic = /(typeof\s+)?\bimport\(\s*['"]([^'"]+)['"]\s*\)/g;
  return [
    ...[...code.matchAll(named)].map((match) => ({ target: match[2] ?? '', typeOnly: match[1] !== undefined })),
    ...[...code.matchAll(bare)].map((match) => ({ target: match[1] ?? '', typeOnly: false })),
    ...[...code.matchAll(dynamic)].map((match) => ({ target: match[2] ?? '', typeOnly: match[1] !== undefined })),
  ];
}

/** The names and limits on the wire between the widget and its channel: the one module that both ends hold. */
const WEBCHAT_WIRE = 'src/channels/webchat/protocol.ts';

/** The console and the widget speak to the server over HTTP alone: of its code they may know types, and of each other nothing. */
function breaksPageArrow(page: string, path: string, line: ImportLine): string | undefined {
  if (!line.target.startsWith('.')) {
    return line.target.startsWith('node:') ? 'a browser has no node: modules' : undefined;
  }
  const target = normalize(join(dirname(path), line.target)).replaceAll('\\', '/');
  if (target.startsWith(`${page}/`)) return undefined;
  if (page === 'widget' && target === WEBCHAT_WIRE) return undefined;
  if (target.startsWith('src/'))
    return line.typeOnly ? undefined : `${page} may take only types from src (import type)`;
  return `it lies outside ${page}`;
}

/** What is wrong with this import of a file in src/, console/ or widget/, or undefined. */
export function breaksArrow(path: string, line: ImportLine): string | undefined {
  const page = /^(console|widget)\//.exec(path)?.[1];
  if (page !== undefined) return breaksPageArrow(page, path, line);
  const from = zoneOf(path);
  if (from === undefined) return undefined;
  const zone = ZONES[from] ?? root;
  if (!line.target.startsWith('.')) return line.typeOnly ? undefined : zone.outside(line.target);

  const target = normalize(join(dirname(path), line.target)).replaceAll('\\', '/');
  if (zone.values.includes('*')) return undefined;
  if (!target.startsWith('src/')) return 'it lies outside src';
  const to = zoneOf(target);
  if (to === undefined) return `${target.split('/')[1]} is no known place`;
  if (to === from) return sameZone(path, target);
  if (zone.values.includes(to)) return undefined;
  if (zone.types.includes(to))
    return line.typeOnly ? undefined : `${from} may take only types from ${to} (import type)`;
  return `${from} must not know ${to}`;
}

/** Adapters of one kind may share what lies beside their folders, but do not know each other. */
function sameZone(path: string, target: string): string | undefined {
  if (!/^src\/(channels|bots|desks)\//.test(path)) return undefined;
  const [mine, theirs] = [path, target].map((file) => file.split('/').slice(2, -1)[0]);
  return theirs === undefined || theirs === mine || mine === undefined
    ? undefined
    : 'adapters do not know each other; share it beside their folders';
}
