// The few pages for people: the home page, the error codes, and the frame that they and the reference share.
// Not here: the reference itself. The one thing to know: pages are whole in themselves; no script, nothing loaded from
// anywhere, one style whose digest is in the policy, so that nothing injected could ever run.
import { createHash } from 'node:crypto';
import type { Site } from './parts.ts';
import { PROBLEMS, type ProblemCode, refuse } from './problems.ts';

const STYLE = `
:root{color-scheme:light dark;--line:#8884;--soft:#8882;--ink2:#667}
@media (prefers-color-scheme:dark){:root{--ink2:#9aa}}
body{font:16px/1.55 system-ui,sans-serif;max-width:60rem;margin:0 auto;padding:1.5rem}
h1{font-size:1.6rem}h2{font-size:1.25rem;margin-top:2.5rem;border-bottom:1px solid var(--line)}h3{font-size:1rem;margin:1.5rem 0 .25rem}
code,pre{font:.875em/1.5 ui-monospace,monospace}code{background:var(--soft);padding:.1em .3em;border-radius:3px;overflow-wrap:anywhere}
table{border-collapse:collapse;width:100%}td,th{text-align:left;vertical-align:top;padding:.3rem .6rem .3rem 0;border-bottom:1px solid var(--line)}
nav a{margin-right:1rem}details{margin:.25rem 0}summary{cursor:pointer}ul{padding-left:1.2rem}
.method{display:inline-block;min-width:4.5em;font-weight:600}.note{color:var(--ink2)}
`;
const STYLE_DIGEST = createHash('sha256').update(STYLE).digest('base64');
const POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${STYLE_DIGEST}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text as HTML. */
export const esc = (text: string): string => text.replace(/[&<>"']/g, (char) => ESCAPES[char] as string);

/** Text with `code` in backquotes, as HTML. */
export const prose = (text: string): string => esc(text).replace(/`([^`]+)`/g, '<code>$1</code>');

/** A whole page around `body`, which is HTML. */
export function page(title: string, body: string, status = 200): Response {
  const html = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${esc(title)} · Signalbox</title><style>${STYLE}</style></head>
<body>
<nav><a href="/">Signalbox</a><a href="/docs">Reference</a><a href="/problems">Error codes</a></nav>
<main>${body}</main>
</body>
</html>`;
  return new Response(html, {
    status,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': POLICY,
      'cache-control': 'no-cache',
      'cross-origin-opener-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    },
  });
}

/** What runs here, for whoever is no browser; those are led to the console. */
export function homePage(site: Site): string {
  const version = esc(site.settings.version);
  return `<h1>Signalbox ${version}</h1>
<p>This server carries messages between channels, bots and the desks where people answer.</p>
<ul>
<li><a href="/console/">Console</a></li>
<li><a href="/docs">Reference of its API</a> (<a href="/openapi.json">OpenAPI</a>)</li>
<li><a href="/problems">Error codes</a></li>
<li><a href="/health">Health</a></li>
</ul>`;
}

export const noConsolePage = `<h1>The console was not built</h1>
<p>The server runs, but its console is missing from this installation. In a clone, run <code>npm run build</code> and start it again.</p>`;

const CODES = Object.entries(PROBLEMS) as [ProblemCode, (typeof PROBLEMS)[ProblemCode]][];

/** All error codes. */
export function problemList(): string {
  const rows = CODES.map(
    ([code, { status, title }]) =>
      `<tr><td><a href="/problems/${code}"><code>${code}</code></a></td><td>${status}</td><td>${esc(title)}</td></tr>`,
  );
  return `<h1>Error codes</h1><table><tr><th>Code</th><th>Status</th><th>Title</th></tr>${rows.join('')}</table>`;
}

/** The page of one code; null: there is no such code. */
export function problemPage(code: string): string | null {
  if (!Object.hasOwn(PROBLEMS, code)) return null;
  const { status, title, meaning, remedy } = PROBLEMS[code as ProblemCode];
  return `<h1>${esc(title)}</h1><p class="note"><code>${code}</code>, HTTP status ${status}</p><h2>What it means</h2><p>${esc(meaning)}</p><h2>What to do</h2><p>${esc(remedy)}</p>`;
}

export const missingProblem = refuse('not_found', 'There is no such error code. All of them are at /problems.');
