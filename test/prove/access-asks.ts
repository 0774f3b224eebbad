// What the access matrix asks of each route: a body that is right, and ids that are right, foreign or of nothing.
// Not here: who asks, and what is expected (access.ts). The one thing to know: a route that takes a body has its row in
// BODIES, or the matrix does not begin; so a new route cannot be forgotten.
import type { Loose } from '../parties/call.ts';

/** Everything a route may name. */
const NAMES = [
  ...['service', 'asset', 'bot', 'desk', 'rule', 'thread', 'conversation', 'delivery', 'replay', 'key', 'user'],
  'address',
] as const;
export type Ids = Record<(typeof NAMES)[number], string>;
type Name = keyof Ids;

const API = '/api/v1';
/** What `{id}` is, by the resource in front of it. */
const KIND: Record<string, Name> = {
  ...{ services: 'service', assets: 'asset', bots: 'bot', desks: 'desk', rules: 'rule', threads: 'thread' },
  ...{ conversations: 'conversation', deliveries: 'delivery', replays: 'replay', keys: 'key', users: 'user' },
};
const PARAMS: Record<string, Name> = { rule_id: 'rule', integration_id: 'bot', asset_id: 'asset', address: 'address' };

const LOCAL = 'http://127.0.0.1:9/in';
const rule = ({ bot, asset }: Ids): Loose => ({
  name: 'one more',
  trigger: { event: 'message.received', asset_id: asset },
  action: { type: 'forward_to_bot', bot_id: bot },
});

export const BODIES: Readonly<Record<string, (ids: Ids) => Loose>> = {
  'POST /services': () => ({ name: 'one more' }),
  'PATCH /services/{id}': () => ({ name: 'renamed' }),
  'POST /services/{id}/rules': rule,
  'PUT /services/{id}/rules/order': (ids) => ({ rule_ids: [ids.rule] }),
  'POST /services/{id}/rules/try': (ids) => ({ rule: rule(ids) }),
  'PATCH /rules/{id}': () => ({ name: 'renamed' }),
  'PATCH /services/{id}/rules/{rule_id}': () => ({ name: 'renamed' }),
  'POST /assets': () => ({ name: 'one more', channel: 'http', config: { url: LOCAL } }),
  'PATCH /assets/{id}': () => ({ name: 'renamed' }),
  'POST /assets/{id}/rotation': () => ({ what: 'secret' }),
  'POST /assets/{id}/verification': () => ({}),
  'POST /assets/{id}/test_message': () => ({ address: 'somebody', text: 'a test' }),
  'POST /bots/verification': () => ({ platform: 'other', url: LOCAL, verification_token: 'a-token-of-a-bot' }),
  'POST /desks/verification': () => ({ kind: 'webhook', url: LOCAL }),
  'POST /bots': () => ({ name: 'one more', platform: 'other', url: LOCAL, verification_token: 'a-token-of-a-bot' }),
  'PATCH /bots/{id}': () => ({ name: 'renamed' }),
  'POST /bots/{id}/verification': () => ({}),
  'POST /bots/{id}/rotation': () => ({ what: 'hook_url' }),
  'POST /desks': () => ({ name: 'one more', kind: 'console' }),
  'PATCH /desks/{id}': () => ({ name: 'renamed' }),
  'POST /desks/{id}/verification': () => ({}),
  'POST /desks/{id}/rotation': () => ({ what: 'hook_url' }),
  'PUT /desks/{id}/presence': () => ({ online: true }),
  'POST /threads/{id}/holder': ({ desk }) => ({ to: desk, reason: 'by hand' }),
  'POST /simulator/events': ({ asset }) => ({
    ...{ asset_id: asset, address: 'sim-one' },
    event: { type: 'message', message: { text: 'hello' } },
  }),
  'PUT /simulator/faults': ({ bot }) => ({ bot_id: bot, address: 'sim-one', fault: null }),
  'POST /conversations/{id}/accept': () => ({ take_over: true }),
  'POST /conversations/{id}/messages': () => ({ text: 'an answer' }),
  'POST /conversations/{id}/typing': () => ({ on: true }),
  'POST /conversations/{id}/transfer': ({ bot }) => ({ to: bot }),
  'POST /conversations/{id}/close': () => ({}),
  'POST /conversations/{id}/notes': () => ({ text: 'a note' }),
  'POST /deliveries/{id}/replay': () => ({}),
  'POST /deliveries/{id}/retry': () => ({}),
  'POST /deliveries/{id}/resolution': () => ({ outcome: 'drop' }),
  'POST /replays': () => ({ filter: { status: 'dead' } }),
  'PATCH /replays/{id}': () => ({ status: 'cancelled' }),
  'POST /keys': () => ({ name: 'one more', role: 'viewer' }),
  'PATCH /keys/{id}': () => ({ name: 'renamed' }),
  'POST /users': () => ({ name: 'one more', role: 'viewer' }),
  'PATCH /users/{id}': () => ({ name: 'renamed' }),
  'PUT /session/password': () => ({ current: 'not the password', password: 'a new one that is long' }),
};
const QUERIES: Readonly<Record<string, string>> = { 'GET /search': '?q=hello' };

export type Ask = { path: string; body?: Loose };

/** `row` as in the access table; the ids may be anything. */
export function askOf(row: string, ids: Ids): Ask {
  const [method = '', path = ''] = row.split(' ');
  const bare = path.slice(API.length);
  const short = `${method} ${bare}`;
  const kind = KIND[bare.split('/')[1] ?? ''];
  const filled = bare.replaceAll(/\{(\w+)\}/g, (_, param: string) => {
    const name = PARAMS[param] ?? kind;
    if (name === undefined) throw new Error(`nobody knows what ${param} of ${row} is`);
    return encodeURIComponent(ids[name]);
  });
  return { path: `${API}${filled}${QUERIES[short] ?? ''}`, body: BODIES[short]?.(ids) };
}

/** Whether the route names anything: only then can an id be foreign. */
export const namesSomething = (row: string, ids: Ids): boolean =>
  JSON.stringify(askOf(row, ids)) !== JSON.stringify(askOf(row, nothing(ids)));

export const ANOTHERS = 'of another asset';

/** What may be wrong with ids: each says whose or what they are. */
export const FOREIGN: Readonly<Record<string, (ids: Ids, others: Ids) => Ids>> = {
  'of nothing': nothing,
  'of another kind': (ids) => ({ ...map(ids, (name) => (name === 'thread' ? ids.bot : ids.thread)) }),
  'of no shape': (ids) => map(ids, () => "x' OR 1=1 --"),
  /** what is named first is ours, what is named in it is another's */
  [ANOTHERS]: (ids, others) => ({ ...ids, rule: others.rule, address: others.address }),
};

function nothing(ids: Ids): Ids {
  return map(ids, (name) => `${ids[name].split('_')[0]}_${'0'.repeat(26)}`);
}

const map = (ids: Ids, to: (name: Name) => string): Ids =>
  Object.fromEntries((Object.keys(ids) as Name[]).map((name) => [name, to(name)])) as Ids;
