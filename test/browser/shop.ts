// Somebody's web site with the chat on it: a page with a strict policy on an origin of its own, and the chat as a
// visitor sees and uses it. Not here: what answers (the world's bot and desk). The one thing to know: everything is found
// by its role and words, as a person with a screen reader would.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { BrowserContext, Locator, Page } from 'playwright-core';

export type Site = { origin: string; close(): Promise<void> };
export type SiteOptions = {
  base: () => string;
  asset: () => string;
  lang?: string;
  attributes?: string;
  /** before the tag: other scripts of the page, as files */
  script?: string;
};

/** As strict as a page with the chat can be: its script, its requests, and nothing else, inline least of all. */
const policyFor = (base: string): string =>
  `default-src 'none'; script-src 'self' ${base}; connect-src ${base}; base-uri 'none'; form-action 'none'`;

export async function openSite(options: SiteOptions): Promise<Site> {
  const server = createServer((request, response) => {
    if (request.url === '/page.js') {
      response.writeHead(200, { 'content-type': 'text/javascript; charset=utf-8' }).end(options.script ?? '');
      return;
    }
    const base = options.base();
    const tag = `<script async src="${base}/widget.js" data-asset="${options.asset()}" ${options.attributes ?? ''}></script>`;
    response.writeHead(200, {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': policyFor(base),
    });
    response.end(
      `<!doctype html><html lang="${options.lang ?? 'en'}"><head><meta name="viewport" content="width=device-width">` +
        `<title>A small shop</title></head><body><main><h1>A small shop</h1><button>Buy</button></main>` +
        `<script src="/page.js"></script>${tag}</body></html>`,
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** One tab with the chat in it. */
export class Tab {
  readonly page: Page;
  readonly console: string[] = [];
  readonly streams: string[] = [];
  readonly host: Locator;
  readonly panel: Locator;
  readonly log: Locator;

  constructor(page: Page) {
    this.page = page;
    this.host = page.locator('signalbox-chat');
    this.panel = this.host.getByRole('dialog');
    this.log = this.host.getByRole('log');
    page.on('console', (message) => {
      if (message.type() === 'error') this.console.push(message.text());
    });
    page.on('pageerror', (error) => this.console.push(`uncaught: ${error.message}`));
    page.on('request', (request) => {
      if (/\/webchat\/[^/]+\/events/.test(request.url())) this.streams.push(request.url());
    });
  }

  static async open(context: BrowserContext, site: Site): Promise<Tab> {
    const blank = context.pages().find((page) => page.url() === 'about:blank');
    const tab = new Tab(blank ?? (await context.newPage()));
    await tab.page.goto(site.origin);
    return tab;
  }

  get launcher(): Locator {
    return this.host.locator('#launcher');
  }

  async start(): Promise<void> {
    await this.launcher.click();
    await this.panel.waitFor();
  }

  async write(text: string): Promise<void> {
    await this.panel.getByRole('textbox').fill(text);
    await this.panel.getByRole('textbox').press('Enter');
  }

  /** What stands in the bubbles, oldest first. */
  words(): Promise<string[]> {
    return this.log.locator('.group p.bubble').allInnerTexts();
  }

  async shows(text: string): Promise<void> {
    await this.log.locator('p.bubble', { hasText: text }).first().waitFor();
  }

  /** A look at what no role tells: an expression about `root`, the chat's shadow root. */
  inside(expression: string): Promise<unknown> {
    return this.page.evaluate(`((root) => ${expression})(document.querySelector('signalbox-chat').shadowRoot)`);
  }

  /** The customer's address, as the browser keeps it. */
  async address(): Promise<string> {
    const kept = await this.page.evaluate(
      `Object.entries(localStorage).find(([name]) => name.endsWith(':session'))?.[1] ?? '{}'`,
    );
    return (JSON.parse(String(kept)) as { address?: string }).address ?? '';
  }

  /** As the page's own script would: `Signalbox.name(...given)`. */
  async call(name: string, ...given: unknown[]): Promise<void> {
    await this.page.evaluate(`void window.Signalbox[${JSON.stringify(name)}](...${JSON.stringify(given)})`);
  }
}
