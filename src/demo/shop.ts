// The demo shop: a site of its own below /demo/, as a customer's would be, with the web chat on it; served in `dev` only.
// Not here: what it looks like (page/) and what is behind its chat (setup.ts). The one thing to know: it is no part of
// what Signalbox offers: it uses the management API as any program would, and `start` never has it.
import { existsSync, readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { fileURLToPath } from 'node:url';
import type { Api } from '../cli/api.ts';
import { sentFrom } from '../http/origin.ts';
import type { DemoSite } from '../http/parts.ts';
import { type DemoState, type Shop, shopOf } from './state.ts';
import { type Tour, tourOf } from './tour.ts';

/** Strict, as a good shop's would be: nothing inline, nothing from elsewhere. `blob:` is what the chat paints pictures from. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' blob:",
  "media-src 'self' blob:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');
const GUARDED = {
  'cache-control': 'no-cache',
  'content-security-policy': POLICY,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};
const TYPES: Readonly<Record<string, string>> = {
  'index.html': 'text/html; charset=utf-8',
  'shop.css': 'text/css; charset=utf-8',
  'shop.js': 'text/javascript; charset=utf-8',
  'shop.svg': 'image/svg+xml',
};
/** Several pages may look every second; the API is asked no more often than this. */
const LOOK_EVERY_MS = 500;
/** Counted up to here: more than that is "many". */
const PARKED_MAX = 50;

export type ShopSite = DemoSite & {
  /** when the demo is made: from here on the page is served */
  open(api: Api, state: DemoState, keep: () => void): void;
};

type Open = { api: Api; shop: Shop; tour: Tour };
type Answer = { status: number; type: string; body: string | Buffer };

const json = (status: number, value: unknown): Answer => ({
  status,
  type: 'application/json',
  body: JSON.stringify(value),
});
const text = (status: number, body: string): Answer => ({ status, type: 'text/plain; charset=utf-8', body });

/** Beside the bundle; from the sources, in the folder where the build puts it. */
function fileOf(name: string): string {
  const beside = fileURLToPath(new URL(`./demo/${name}`, import.meta.url));
  return existsSync(beside) ? beside : fileURLToPath(new URL(`../../dist/demo/${name}`, import.meta.url));
}

/** `breakBot` makes the demo bot fail on purpose, or heals it. */
export function shopSite(breakBot: (broken: boolean) => void): ShopSite {
  let opened: Open | null = null;
  let broken = false;
  let looked: { at: number; answer: Promise<unknown> } | null = null;

  function look(open: Open): Promise<unknown> {
    if (looked === null || Date.now() - looked.at > LOOK_EVERY_MS) {
      looked = { at: Date.now(), answer: standing(open, broken) };
    }
    return looked.answer;
  }

  async function act(path: string, open: Open, incoming: IncomingMessage): Promise<Answer> {
    // Any page may make a browser post here; only our own is meant.
    if (sentFrom(incoming.headers, '') !== 'ours') return text(403, 'Only the shop page itself may do this.');
    if (path === 'bot/break' || path === 'bot/heal') {
      broken = path === 'bot/break';
      breakBot(broken);
    } else if (path === 'tour/restart') await open.tour.restart();
    else return text(404, 'There is nothing at this address.');
    looked = null;
    return json(200, await look(open));
  }

  async function answer(incoming: IncomingMessage): Promise<Answer> {
    const path = (incoming.url ?? '').replace(/[?#].*$/, '').slice('/demo/'.length);
    if (opened === null) return text(503, 'The demo is not set up (yet). If it stays so, the terminal says why.');
    if (incoming.method === 'POST') return act(path, opened, incoming);
    if (incoming.method !== 'GET' && incoming.method !== 'HEAD') return text(405, 'Use GET.');
    if (path === 'tour') return json(200, await look(opened));
    const name = path === '' ? 'index.html' : path;
    const type = Object.hasOwn(TYPES, name) ? TYPES[name] : undefined;
    if (type === undefined) return text(404, 'There is nothing at this address.');
    const file = readFileSync(fileOf(name));
    return { status: 200, type, body: name === 'index.html' ? pageFor(file.toString('utf8'), opened.shop) : file };
  }

  return {
    open(api, state, keep) {
      const shop = shopOf(state);
      if (shop === null) return;
      const tour = tourOf(api, shop, state.tour, (kept) => {
        state.tour = kept;
        keep();
      });
      opened = { api, shop, tour };
    },
    async steps() {
      const steps = (await opened?.tour.steps()) ?? null;
      return steps?.every(({ done }) => done) ? null : steps;
    },
    async serve(incoming, outgoing) {
      const { status, type, body } = await answer(incoming).catch((error: Error) =>
        text(500, `The demo shop failed: ${error.message}`),
      );
      send(outgoing, status, type, body, incoming.method === 'HEAD');
    },
  };
}

const pageFor = (html: string, { asset, bot }: Shop): string =>
  html.replaceAll('__ASSET__', asset).replaceAll('__BOT__', bot);

function send(outgoing: ServerResponse, status: number, type: string, body: string | Buffer, headOnly: boolean): void {
  outgoing.writeHead(status, { ...GUARDED, 'content-type': type, 'content-length': Buffer.byteLength(body) });
  outgoing.end(headOnly ? undefined : body);
}

/** What the page shows beside the shop. */
async function standing({ api, shop, tour }: Open, broken: boolean): Promise<unknown> {
  const [steps, bot, parked, desk] = await Promise.all([
    tour.steps(),
    api.get(`/bots/${shop.bot}`),
    api.get(`/deliveries?status=parked&target=${shop.bot}&limit=${PARKED_MAX}`),
    api.get(`/desks/${shop.desk}/presence`),
  ]);
  const waiting = Array.isArray(parked.body.data) ? parked.body.data.length : 0;
  return {
    steps,
    bot: { broken, status: bot.body.status ?? null, failures: bot.body.failures ?? 0, waiting },
    agent_online: desk.body.online === true,
  };
}
