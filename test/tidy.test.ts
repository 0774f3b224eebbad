// Holds what a test can hold of how this code is laid out: size, opening comments, import arrows, names, links.
// A rule that fails lists every offender with the reason. To change a rule, change it here and say why in
// docs/decisions/.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { breaksArrow, importsOf, zoneOf } from './tidy/arrows.ts';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const MAX_LINES = 400;
const MIN_OPENING_LINES = 2;

/** Everything git tracks or would track, without what was deleted but not yet committed. */
const FILES = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: ROOT,
  encoding: 'utf8',
  maxBuffer: 16 * 1024 * 1024,
})
  .split('\n')
  .filter((path) => path !== '' && existsSync(join(ROOT, path)));

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const isTest = (path: string): boolean => /\.test\.tsx?$/.test(path);
const CODE = FILES.filter((path) => /\.(ts|tsx|mjs|js)$/.test(path));
const SRC = CODE.filter((path) => path.startsWith('src/'));
/** What runs in browsers keeps the same house rules. */
const PAGES = CODE.filter((path) => /^(console|widget)\/src\//.test(path));
const GENERATED = 'console/src/api/schema.ts';
const OURS = [...SRC, ...PAGES].filter((path) => path !== GENERATED);
const SRC_PROGRAM = SRC.filter((path) => !isTest(path) && !path.includes('/fixtures/'));

/** Lines of text in the comment that a file opens with. */
function openingLines(text: string): number {
  const body = text.replace(/^#!.*\n/, '').trimStart();
  const block = /^\/\*[\s\S]*?\*\//.exec(body)?.[0];
  const comment = block ?? /^(?:\/\/.*\n?)+/.exec(body)?.[0] ?? '';
  return comment.split('\n').filter((line) => /\w/.test(line)).length;
}

describe('files', () => {
  it(`have at most ${MAX_LINES} lines`, () => {
    const long = OURS.map((path) => ({ path, lines: read(path).trimEnd().split('\n').length }));
    expect(long.filter((file) => file.lines > MAX_LINES)).toEqual([]);
  });

  it('in src, console and widget open with a comment that says what lives there', () => {
    const program = OURS.filter((path) => !isTest(path) && !path.includes('/fixtures/'));
    expect(program.filter((path) => openingLines(read(path)) < MIN_OPENING_LINES)).toEqual([]);
  });

  it('are named by what they are, not by a word that fits everything', () => {
    const vague =
      /(^|[/._-])(utils?|helpers?|managers?)([/._-]|$)|[a-z](Service|Manager|Helper|Utils?)\.|[a-z][-_]service\./;
    expect(CODE.filter((path) => vague.test(path))).toEqual([]);
  });
});

describe('imports', () => {
  it('of relative files name the file with its ending', () => {
    const loose = OURS.flatMap((path) =>
      importsOf(read(path))
        .filter((line) => line.target.startsWith('.') && !/\.(ts|tsx|json|mjs|css)$/.test(line.target))
        .map((line) => `${path}: '${line.target}'`),
    );
    expect(loose).toEqual([]);
  });

  it('follow the arrows', () => {
    const broken = [...SRC_PROGRAM, ...PAGES.filter((path) => !isTest(path))].flatMap((path) =>
      importsOf(read(path)).flatMap((line) => {
        const reason = breaksArrow(path, line);
        return reason === undefined ? [] : [`${path} imports '${line.target}': ${reason}`];
      }),
    );
    expect(broken).toEqual([]);
  });

  it('can be judged, because every file in src lies in a known place', () => {
    expect(SRC.filter((path) => zoneOf(path) === undefined)).toEqual([]);
  });
});

describe('the reading of imports', () => {
  it('finds each form and tells types from values', () => {
    const text = [
      "import a, { type B } from './a.ts';",
      'import type {\n  C,\n  D,\n} from "../c.ts";',
      "export * from './e.ts';",
      "export type { F } from './f.ts';",
      "import './g.ts';",
      "const h = await import('./h.ts');",
      "// import { i } from './i.ts';",
      "export const j = 1; // from './j.ts'",
    ].join('\n');
    const found = importsOf(text).map((line) => `${line.typeOnly ? 'type ' : ''}${line.target}`);
    expect(found).toEqual(['./a.ts', 'type ../c.ts', './e.ts', 'type ./f.ts', './g.ts', './h.ts']);
  });

  it.each([
    ['src/routing/route.ts', 're2js', false, true],
    ['src/routing/route.ts', 'node:crypto', false, false],
    ['src/routing/route.ts', '../engine/ports.ts', true, false],
    ['src/engine/deliver.ts', '../routing/route.ts', false, true],
    ['src/engine/deliver.ts', 'node:sqlite', false, false],
    ['src/engine/deliver.ts', '../store/sqlite/open.ts', true, false],
    ['src/store/sqlite/apply.ts', '../../routing/model.ts', true, true],
    ['src/store/sqlite/apply.ts', '../../routing/route.ts', false, false],
    ['src/channels/telegram/adapter.ts', '../../net/client.ts', false, true],
    ['src/channels/telegram/adapter.ts', '../../routing/model.ts', false, false],
    ['src/channels/telegram/adapter.ts', '../twilio/adapter.ts', false, false],
    ['src/channels/telegram/adapter.ts', '../contract.ts', false, true],
    ['src/channels/telegram/adapter.ts', 'undici', false, false],
    ['src/http/hooks.ts', '../engine/ports.ts', false, true],
    ['src/http/hooks.ts', '../store/sqlite/open.ts', true, false],
    ['src/http/hooks.ts', '../bots/webex/adapter.ts', false, false],
    ['src/main.ts', './store/sqlite/open.ts', false, true],
    ['console/src/api/types.ts', '../../../src/routing/model.ts', true, true],
    ['console/src/api/types.ts', '../../../src/routing/model.ts', false, false],
    ['console/src/screens/home/index.tsx', '../../../../widget/src/main.ts', false, false],
    ['console/src/screens/home/index.tsx', '../../parts/States.tsx', false, true],
    ['console/src/screens/home/index.tsx', '@mantine/core', false, true],
    ['console/src/screens/home/index.tsx', 'node:fs', false, false],
    ['widget/src/main.ts', '../../src/channels/webchat/protocol.ts', true, true],
    ['widget/src/main.ts', '../../src/channels/webchat/adapter.ts', false, false],
  ])('%s -> %s (type only: %s): allowed is %s', (path, target, typeOnly, allowed) => {
    expect(breaksArrow(path, { target, typeOnly }) === undefined).toBe(allowed);
  });
});

describe('tests', () => {
  it('are all run: none is skipped, focused or left for later', () => {
    const switchedOff = /\b(?:it|test|describe|suite)(?:\.\w+)*\.(?:only|skip|skipIf|runIf|todo|fails)\b/;
    expect(CODE.filter((path) => isTest(path) && switchedOff.test(read(path)))).toEqual([]);
  });

  it('lie where the runner finds them', () => {
    const found = /^((src|console\/src|widget\/src)\/.*|test\/[^/]+|test\/(flows|witnesses|browser)\/.*)\.test\.ts$/;
    expect(CODE.filter((path) => isTest(path) && !found.test(path))).toEqual([]);
  });
});

describe('the repository', () => {
  const TEXT = FILES.filter((path) => !/\.(png|jpe?g|gif|ico|webp|woff2?|zip|gz)$/.test(path));

  it('names no folder of the machine it was written on', () => {
    const machine = new RegExp(`(^|[^\\w.])/(?:${['work', 'root'].join('|')})/[a-z.]`, 'm');
    expect(TEXT.filter((path) => machine.test(read(path)))).toEqual([]);
  });

  it('names no registry host in its lockfiles and npm settings, and holds no token for one', () => {
    const settings = FILES.filter((path) => /(^|\/)(package-lock\.json|\.npmrc)$/.test(path));
    const host =
      /^\s*"resolved": "(?!https:\/\/registry\.npmjs\.org\/|file:|[\w./-]+",?$)|^\s*(@[\w-]+:)?registry\s*=|_auth/m;
    expect(settings.filter((path) => host.test(read(path)))).toEqual([]);
  });

  it('has no link to a page of its own that is not there', () => {
    const dead = FILES.filter((path) => path.endsWith('.md')).flatMap((path) => {
      const prose = read(path)
        .replace(/^(```|~~~)[\s\S]*?^\1/gm, '')
        .replace(/`[^`\n]*`/g, '');
      const targets = [...prose.matchAll(/\]\(\s*<?([^)\s>#]+)[^)]*\)/g)].map((match) => match[1] ?? '');
      const own = targets.filter((target) => !/^([a-z][a-z0-9+.-]*:|\/)/i.test(target));
      return own
        .filter((target) => !existsSync(join(ROOT, normalize(join(dirname(path), decodeURI(target))))))
        .map((target) => `${path}: ${target}`);
    });
    expect(dead).toEqual([]);
  });
});
