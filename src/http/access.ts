// The access table: who may use which route. One row per route; a route without a row does not start.
// Not here: what a route does. The one thing to know: `anyone` means that no API key is asked for; hooks are open in
// this sense only, each has its own secret in the URL, a token or a signature.
export const ROLES = ['owner', 'admin', 'developer', 'agent', 'viewer'] as const;
/** owner: all. admin: all but owners. developer: builds and repairs. agent: answers customers. viewer: looks. */
export type Role = (typeof ROLES)[number];
export type Access = readonly Role[] | 'anyone';

const ALL: Access = ROLES;
const ADMINS: Access = ['owner', 'admin'];
const BUILDERS: Access = ['owner', 'admin', 'developer'];
const AGENTS: Access = ['owner', 'admin', 'agent'];
const HANDS: Access = ['owner', 'admin', 'developer', 'agent'];

const API = '/api/v1';

/** The four or five routes of a configuration resource. */
const resource = (path: string, read: Access, write: Access): Record<string, Access> => ({
  [`GET ${API}${path}`]: read,
  [`POST ${API}${path}`]: write,
  [`GET ${API}${path}/{id}`]: read,
  [`PATCH ${API}${path}/{id}`]: write,
  [`DELETE ${API}${path}/{id}`]: write,
});

export const ACCESS: Readonly<Record<string, Access>> = {
  'GET /': 'anyone',
  'GET /console': 'anyone',
  'GET /console/{path}': 'anyone',
  'GET /widget.js': 'anyone',
  'GET /widget/{path}': 'anyone',
  'GET /health': 'anyone',
  'GET /health/live': 'anyone',
  'GET /health/ready': 'anyone',
  'GET /metrics': 'anyone',
  'GET /openapi.json': 'anyone',
  'GET /docs': 'anyone',
  'GET /problems': 'anyone',
  'GET /problems/{code}': 'anyone',

  'GET /hooks/channels/{asset_id}': 'anyone',
  'POST /hooks/channels/{asset_id}': 'anyone',
  'POST /hooks/bots/{token}': 'anyone',
  'POST /hooks/desks/{token}': 'anyone',

  // Customers prove themselves by the token of their session, and links by their signature.
  'POST /webchat/{asset_id}/sessions': 'anyone',
  'GET /webchat/{asset_id}/events': 'anyone',
  'GET /webchat/{asset_id}/history': 'anyone',
  'POST /webchat/{asset_id}/messages': 'anyone',
  'POST /webchat/{asset_id}/receipts': 'anyone',
  'POST /webchat/{asset_id}/typing': 'anyone',
  'POST /webchat/{asset_id}/media': 'anyone',
  // Direct Line: servers by the asset's secret, customers by a token, streams by one in their address.
  'POST /v3/directline/tokens/generate': 'anyone',
  'POST /v3/directline/tokens/refresh': 'anyone',
  'POST /v3/directline/conversations': 'anyone',
  'GET /v3/directline/conversations/{id}': 'anyone',
  'GET /v3/directline/conversations/{id}/activities': 'anyone',
  'POST /v3/directline/conversations/{id}/activities': 'anyone',
  'POST /v3/directline/conversations/{id}/upload': 'anyone',
  'GET /v3/directline/conversations/{id}/stream': 'anyone',
  'GET /media/{id}/{name}': 'anyone',

  ...resource('/services', ALL, BUILDERS),
  ...resource('/assets', ALL, BUILDERS),
  ...resource('/bots', ALL, BUILDERS),
  ...resource('/desks', ALL, BUILDERS),
  ...resource('/keys', ADMINS, ADMINS),
  ...resource('/users', ADMINS, ADMINS),

  [`POST ${API}/users/{id}/invitation`]: ADMINS,
  [`POST ${API}/session`]: 'anyone',
  [`GET ${API}/session`]: ALL,
  [`DELETE ${API}/session`]: ALL,
  [`GET ${API}/session/link`]: 'anyone',
  [`POST ${API}/session/link`]: 'anyone',
  [`PUT ${API}/session/password`]: ALL,
  [`GET ${API}/settings`]: ADMINS,
  [`GET ${API}/backups`]: ADMINS,
  [`POST ${API}/backups`]: ADMINS,

  [`POST ${API}/bots/verification`]: BUILDERS,
  [`POST ${API}/desks/verification`]: BUILDERS,
  [`POST ${API}/bots/{id}/verification`]: BUILDERS,
  [`POST ${API}/desks/{id}/verification`]: BUILDERS,
  [`GET ${API}/channels`]: ALL,
  [`GET ${API}/desk_kinds`]: ALL,
  [`POST ${API}/assets/{id}/verification`]: BUILDERS,
  [`POST ${API}/assets/{id}/test_message`]: BUILDERS,
  [`POST ${API}/assets/{id}/rotation`]: ADMINS,
  [`POST ${API}/bots/{id}/rotation`]: ADMINS,
  [`POST ${API}/desks/{id}/rotation`]: ADMINS,
  [`GET ${API}/desks/{id}/presence`]: ALL,
  [`PUT ${API}/desks/{id}/presence`]: AGENTS,

  [`PUT ${API}/services/{id}/integrations/{integration_id}`]: BUILDERS,
  [`DELETE ${API}/services/{id}/integrations/{integration_id}`]: BUILDERS,
  [`PUT ${API}/services/{id}/assets/{asset_id}`]: BUILDERS,
  [`DELETE ${API}/services/{id}/assets/{asset_id}`]: BUILDERS,
  [`GET ${API}/services/{id}/rules`]: ALL,
  [`POST ${API}/services/{id}/rules`]: BUILDERS,
  [`GET ${API}/services/{id}/rules/{rule_id}`]: ALL,
  [`PATCH ${API}/services/{id}/rules/{rule_id}`]: BUILDERS,
  [`DELETE ${API}/services/{id}/rules/{rule_id}`]: BUILDERS,
  [`PUT ${API}/services/{id}/rules/order`]: BUILDERS,
  [`POST ${API}/services/{id}/rules/try`]: BUILDERS,
  [`GET ${API}/rules`]: ALL,
  [`GET ${API}/rules/{id}`]: ALL,
  [`PATCH ${API}/rules/{id}`]: BUILDERS,
  [`DELETE ${API}/rules/{id}`]: BUILDERS,

  [`GET ${API}/threads`]: ALL,
  [`GET ${API}/threads/{id}`]: ALL,
  [`GET ${API}/threads/{id}/timeline`]: ALL,
  [`POST ${API}/threads/{id}/holder`]: HANDS,

  [`GET ${API}/conversations`]: ALL,
  [`GET ${API}/conversations/{id}`]: ALL,
  [`GET ${API}/conversations/{id}/messages`]: ALL,
  [`POST ${API}/conversations/{id}/accept`]: AGENTS,
  [`POST ${API}/conversations/{id}/messages`]: AGENTS,
  [`POST ${API}/conversations/{id}/typing`]: AGENTS,
  [`POST ${API}/conversations/{id}/notes`]: AGENTS,
  [`POST ${API}/conversations/{id}/transfer`]: AGENTS,
  [`POST ${API}/conversations/{id}/close`]: AGENTS,

  [`POST ${API}/media`]: AGENTS,

  [`GET ${API}/deliveries`]: ALL,
  [`GET ${API}/deliveries/{id}`]: ALL,
  [`POST ${API}/deliveries/{id}/replay`]: BUILDERS,
  [`POST ${API}/deliveries/{id}/retry`]: BUILDERS,
  [`POST ${API}/deliveries/{id}/resolution`]: BUILDERS,
  [`GET ${API}/replays`]: ALL,
  [`POST ${API}/replays`]: BUILDERS,
  [`GET ${API}/replays/{id}`]: ALL,
  [`PATCH ${API}/replays/{id}`]: BUILDERS,

  [`POST ${API}/simulator/events`]: BUILDERS,
  [`GET ${API}/simulator/faults`]: ALL,
  [`PUT ${API}/simulator/faults`]: BUILDERS,

  [`GET ${API}/overview`]: ALL,
  [`GET ${API}/overview/series`]: ALL,
  [`GET ${API}/search`]: ALL,
  [`GET ${API}/events`]: ALL,
  [`GET ${API}/audit`]: ADMINS,
  [`DELETE ${API}/customers/{asset_id}/{address}`]: ADMINS,
};

/** The row of a route, or a start that fails: nothing is open because somebody forgot it. */
export function accessOf(method: string, path: string): Access {
  const row = ACCESS[`${method.toUpperCase()} ${path}`];
  if (row === undefined) throw new Error(`The route ${method.toUpperCase()} ${path} has no row in the access table.`);
  return row;
}

export const mayUse = (access: Access, role: Role): boolean => access === 'anyone' || access.includes(role);

/** Whether somebody may give, change or take away a role: only owners touch owners. */
export const mayGrant = (role: Role, granted: Role): boolean => role === 'owner' || granted !== 'owner';
