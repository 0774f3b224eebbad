// A real Chromium, started once for a test file, and windows in it that notice what must never happen.
// Not here: the console's own ways (console.ts). The one thing to know: errors in the page, violations of its content
// security policy, answers of 500 and requests to any other host than allowed are faults; a test ends red with any.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { ROOT } from '../parties/box.ts';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
/** For one step of a person; a loaded machine is slow. */
const STEP_MS = 30_000;

export type Window = { context: BrowserContext; page: Page };
export type Windows = {
  /** a fresh profile with one page. `origins`: the only ones that it may speak to */
  open(origins: string[], options?: BrowserContextOptions): Promise<Window>;
  /** faults that are the test's own doing are taken back by their words */
  forgive(words: RegExp): void;
};

/** The browser that scripts/browser.mjs finds. */
export function startChromium(): Promise<Browser> {
  const path = execFileSync(process.execPath, [join(ROOT, 'scripts', 'browser.mjs')], { encoding: 'utf8' }).trim();
  return chromium.launch({ executablePath: path, args: FLAGS });
}

/**
 * The browser's own word for a 4xx that a test asked for; 5xx are noticed by their answers. And for what nobody here did:
 * the machine got another network interface (a container, a test with networks of its own) and the browser let go of all.
 */
const ASKED_FOR = /^Failed to load resource: (the server responded with a status of 4\d\d|net::ERR_NETWORK_CHANGED)/;

function watch(page: Page, origins: string[], fault: (words: string) => void): void {
  page.on('pageerror', (error) => fault(`error in the page: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error' && !ASKED_FOR.test(message.text())) fault(`console: ${message.text()}`);
  });
  page.on('request', (request) => {
    const { protocol, origin } = new URL(request.url());
    if (/^https?:$/.test(protocol) && !origins.includes(origin)) fault(`request to ${origin}`);
  });
  page.on('response', (response) => {
    if (response.status() >= 500) fault(`${response.status()} ${response.url()}`);
  });
}

/** To be called in a describe block: starts the browser before its tests and closes it after. */
export function chromiumWindows(): Windows {
  let browser: Browser | undefined;
  let faults: string[] = [];
  const contexts: BrowserContext[] = [];
  beforeAll(async () => {
    browser = await startChromium();
  });
  afterEach(async () => {
    for (const context of contexts.splice(0)) await context.close();
    const seen = faults;
    faults = [];
    expect(seen).toEqual([]);
  });
  afterAll(() => browser?.close());
  return {
    async open(origins, options = {}) {
      if (!browser) throw new Error('the browser is started in beforeAll');
      const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, locale: 'en-GB', ...options });
      context.setDefaultTimeout(STEP_MS);
      context.on('page', (page) => watch(page, origins, (words) => faults.push(words)));
      contexts.push(context);
      return { context, page: await context.newPage() };
    },
    forgive(words) {
      faults = faults.filter((fault) => !words.test(fault));
    },
  };
}
