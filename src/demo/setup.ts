// Makes the demo over the management API, as any operator would: service, asset, bot, desk, rule; then verifies.
// Not here: the processes of the parties (parties.ts).
// The one thing to know: every step that is done is saved before the next, and a later run only mends what changed.
import { randomBytes } from 'node:crypto';
import type { Api, ApiAnswer } from '../cli/api.ts';
import { type DemoState, isWhole, type WholeDemo, writeDemo } from './state.ts';

export type Ports = { bot: number; desk: number };
export type SetupResult = { ok: true; demo: WholeDemo; made: boolean } | { ok: false; problem: string };

/** Whoever tries it reads first. */
const CLAIM_WITHIN_S = 300;
const RETRY_SPACING_S = [1, 1, 2, 2];
const NOBODY_THERE =
  'Nobody is at the desk just now. (Open the inbox in the console and go online to be the agent, then ask again.)';
const CHAT = {
  title: 'Signal Supply',
  subtitle: 'Our bot answers at once, our people a little later',
  greeting: 'Hello! Ask about order 4711, or for a human.',
  launcher_text: 'Chat',
  theme: { accent: '#b3341f', accent_text: '#ffffff', radius: 14, font: 'inherit' },
};

class SetupProblem extends Error {}

const url = (port: number, path: string): string => `http://127.0.0.1:${port}/${path}`;
const text = (answer: ApiAnswer, field: string): string => {
  const value = answer.body[field];
  if (typeof value !== 'string') throw new SetupProblem(`the API's answer has no ${field}`);
  return value;
};

/** What a fresh demo begins with. */
export function freshDemo(): DemoState {
  const random = (): string => randomBytes(24).toString('base64url');
  return { api_key: `sbk_dev_${random()}`, mailbox_key: random(), shop: {}, tour: { after: '0', seen: [] } };
}

/**
 * Makes or mends the demo. `ports` are where the parties listen now. `configure` is called when all ids and secrets
 * are known: the parties must have them before they can be verified.
 */
export async function setUpDemo(
  api: Api,
  path: string,
  state: DemoState,
  ports: Ports,
  configure: () => void,
): Promise<SetupResult> {
  const made = !isWhole(state);
  try {
    await makeParties(api, path, state, ports);
    await makeService(api, path, state);
    if (!isWhole(state)) throw new SetupProblem('it is not whole');
    await makeShop(api, path, state);
    configure();
    await follow(api, state, ports);
    writeDemo(path, state);
    configure();
    return { ok: true, demo: state, made };
  } catch (error) {
    if (!(error instanceof SetupProblem)) throw error;
    return { ok: false, problem: error.message };
  }
}

async function must(answer: Promise<ApiAnswer>): Promise<ApiAnswer> {
  const got = await answer;
  if (got.ok) return got;
  const gone = got.status === 404 ? ' (delete dev.json in the data folder to have the demo made anew)' : '';
  throw new SetupProblem(`${got.problem}${gone}`);
}

async function makeParties(api: Api, path: string, state: DemoState, ports: Ports): Promise<void> {
  if (state.asset === undefined) {
    const config = { url: url(ports.bot, 'channel') };
    const asset = await must(api.post('/assets', { name: 'Demo terminal', channel: 'http', config }));
    const [id, secret, signing] = [text(asset, 'id'), text(asset, 'secret'), text(asset, 'signing_secret')];
    state.asset = { id, secret, signing_secret: signing, port: ports.bot };
    writeDemo(path, state);
  }
  if (state.bot === undefined) {
    const token = randomBytes(18).toString('base64url');
    const body = { name: 'Demo bot', platform: 'other', url: url(ports.bot, 'bot'), verification_token: token };
    const bot = await must(api.post('/bots', body));
    state.bot = { ...party(bot, ports.bot), verification_token: token };
    writeDemo(path, state);
  }
  if (state.desk === undefined) {
    const body = { name: 'Demo desk', kind: 'webhook', url: url(ports.desk, 'desk') };
    const desk = await must(api.post('/desks', body));
    state.desk = { ...party(desk, ports.desk), secret: text(desk, 'secret') };
    writeDemo(path, state);
  }
}

function party(answer: ApiAnswer, port: number) {
  const [id, hook_url, signing_secret] = [text(answer, 'id'), text(answer, 'hook_url'), text(answer, 'signing_secret')];
  return { id, hook_url, signing_secret, port };
}

async function makeService(api: Api, path: string, state: DemoState): Promise<void> {
  const { asset, bot, desk } = state;
  if (asset === undefined || bot === undefined || desk === undefined) return;
  if (state.service === undefined) {
    state.service = { id: text(await must(api.post('/services', { name: 'Demo shop' })), 'id') };
    writeDemo(path, state);
  }
  if (state.rule !== undefined) return;
  const service = `/services/${state.service.id}`;
  for (const id of [bot.id, desk.id]) await must(api.put(`${service}/integrations/${id}`));
  await must(api.put(`${service}/assets/${asset.id}`));
  const rule = await must(
    api.post(`${service}/rules`, {
      name: 'Bot first, then the desk',
      trigger: { event: 'message.received', asset_id: asset.id },
      action: { type: 'forward_to_bot_and_desk', bot_id: bot.id, desk_id: desk.id },
    }),
  );
  state.rule = { id: text(rule, 'id') };
  writeDemo(path, state);
}

/** The web chat of the shop's page: the same bot, and people in the console behind it. */
async function makeShop(api: Api, path: string, { shop, ...state }: WholeDemo): Promise<void> {
  const service = `/services/${state.service.id}`;
  const made = <Name extends keyof typeof shop>(name: Name, value: (typeof shop)[Name]): void => {
    shop[name] = value;
    writeDemo(path, { ...state, shop });
  };
  if (shop.asset === undefined) {
    const body = { name: 'Demo shop page', channel: 'webchat', config: CHAT };
    made('asset', text(await must(api.post('/assets', body)), 'id'));
  }
  if (shop.desk === undefined) {
    const body = { name: 'Demo agents', kind: 'console', accept_within_s: CLAIM_WITHIN_S };
    made('desk', text(await must(api.post('/desks', body)), 'id'));
  }
  const { asset, desk } = shop as { asset: string; desk: string };
  await must(api.put(`${service}/integrations/${desk}`));
  await must(api.put(`${service}/assets/${asset}`));
  const rule = async (name: string, trigger: object, action: object): Promise<string> =>
    text(await must(api.post(`${service}/rules`, { name, trigger, action })), 'id');
  if (shop.rule === undefined) {
    const trigger = { event: 'message.received', asset_id: asset };
    const action = { type: 'forward_to_bot_and_desk', bot_id: state.bot.id, desk_id: desk };
    made('rule', await rule('On the page: bot first, then our people', trigger, action));
  }
  if (shop.alone === undefined) {
    const action = { type: 'send_message', text: NOBODY_THERE };
    made('alone', await rule('Nobody took it: say so', { event: 'desk.failed', desk_id: desk }, action));
  }
  if (shop.patience === undefined) {
    // The seed's five failures, within ten seconds instead of an hour: nobody wants to wait for a demo's bot to give up.
    await must(api.patch(`/bots/${state.bot.id}`, { retry_spacing_s: RETRY_SPACING_S }));
    made('patience', true);
  }
}

/** The parties' ports may have changed: addresses follow, and what is not active is verified. */
async function follow(api: Api, state: WholeDemo, ports: Ports): Promise<void> {
  if (state.asset.port !== ports.bot) {
    await must(api.patch(`/assets/${state.asset.id}`, { config: { url: url(ports.bot, 'channel') } }));
    state.asset.port = ports.bot;
  }
  for (const [kind, part, port] of [
    ['bot', state.bot, ports.bot],
    ['desk', state.desk, ports.desk],
  ] as const) {
    const current = await must(api.get(`/${kind}s/${part.id}`));
    // The base of hook URLs is the server's, which may listen on another port than last time.
    if (typeof current.body.hook_url === 'string') part.hook_url = current.body.hook_url;
    if (current.body.status === 'active' && part.port === port) continue;
    if (current.body.status === 'disabled') continue; // a person did that
    const draft = part.port === port ? {} : { url: url(port, kind) };
    const result = await must(api.post(`/${kind}s/${part.id}/verification`, draft));
    if (result.body.verified !== true) {
      throw new SetupProblem(`the demo ${kind} could not be verified: ${JSON.stringify(result.body.checks)}`);
    }
    part.port = port;
  }
}
