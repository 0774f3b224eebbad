// Bundles the web chat: one file with everything, named by its contents, and the small loader that knows that name.
// Writes nothing itself: it gives the files to whoever asked. The loader's address never changes, so it is the only
// one that may not be cached for ever.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Browsers with what the widget needs (adopted style sheets, color-mix): Chrome 111, Firefox 113, Safari 16.4 and newer. */
const TARGET = ['chrome111', 'firefox113', 'safari16.4'];
const HASH_LENGTH = 10;

/** A style sheet becomes a short string: it is adopted by the shadow root and never stands in the page. */
const cssAsText = (transform) => ({
  name: 'css-as-text',
  setup(build) {
    build.onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const { code } = await transform(readFileSync(path, 'utf8'), { loader: 'css', minify: true, target: TARGET });
      return { contents: code.trim(), loader: 'text' };
    });
  },
});

const common = (root) => ({
  absWorkingDir: root,
  bundle: true,
  minify: true,
  format: 'iife',
  platform: 'browser',
  target: TARGET,
  // `h` is there in any case; a second way to make an element would be two hundred bytes more.
  tsconfigRaw: {
    compilerOptions: { jsx: 'react', jsxFactory: 'h', jsxFragmentFactory: 'Fragment', verbatimModuleSyntax: true },
  },
  // The only notice is Preact's MIT one; it stands in the licence file beside the program's other dependencies.
  legalComments: 'none',
  charset: 'utf8',
  write: false,
  logLevel: 'warning',
});

/** Builds with the esbuild given. Gives `[{path, contents}]`, paths below `outdir`. */
export async function buildWidget({ esbuild, root, outdir }) {
  const { minify } = await import('vite');
  const one = async (entry, more) => {
    const result = await esbuild.build({ ...common(root), entryPoints: [join(root, 'widget', 'src', entry)], ...more });
    // A second minifier sees what the first left: half a kilobyte on every page of every visitor.
    const { code, errors } = await minify(entry, result.outputFiles[0].text, { compress: true, mangle: true });
    if (errors.length > 0) throw new Error(errors[0].message);
    return Buffer.from(code);
  };
  const chat = await one('main.ts', {
    inject: [join(root, 'widget', 'src', 'jsx.ts')],
    plugins: [cssAsText(esbuild.transform)],
  });
  const hash = createHash('sha256').update(chat).digest('hex').slice(0, HASH_LENGTH);
  const name = `chat-${hash}.js`;
  const loader = await one('loader.ts', { define: { CHAT_FILE: JSON.stringify(name) } });
  return [
    { path: join(outdir, name), contents: chat },
    { path: join(outdir, 'widget.js'), contents: loader },
  ];
}
