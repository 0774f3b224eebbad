// Every route has a row, every row a route, and every role gets through exactly where its row says.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ACCESS, accessOf, mayUse, ROLES, type Role } from './access.ts';
import { allRoutes, type House, openHouse } from './fixtures/house.ts';
import { runner } from './pipeline.ts';

let house: House;
const keys = {} as Record<Role, string>;
beforeAll(async () => {
  house = await openHouse();
  for (const role of ROLES) keys[role] = (await house.api('POST', '/keys', { body: { name: role, role } })).body.key;
});
afterAll(() => house.close());

const isPlain = (row: string): boolean => !row.includes(' /api/v1/');

describe('the access table', () => {
  it('has a row for every route, and no row without one', () => {
    const routes = allRoutes(house.parts).map((route) => `${route.method.toUpperCase()} ${route.path}`);
    const rows = Object.keys(ACCESS);
    expect(routes.filter((route) => !rows.includes(route))).toEqual([]);
    expect(rows.filter((row) => !isPlain(row) && !routes.includes(row))).toEqual([]);
    expect(new Set(routes).size).toBe(routes.length);
  });

  it('stops a route without a row at the start', () => {
    const [some] = allRoutes(house.parts);
    const site = { ...house.parts, publicUrl: () => '' };
    const keeper = { identify: () => ({ id: '', name: '', role: 'owner' as const }), stillValid: () => true };
    expect(() => runner(site, keeper, { ...some!, path: '/api/v1/forgotten' })).toThrow('/api/v1/forgotten has no row');
  });

  it('serves every row: none is open that is not there', async () => {
    for (const row of Object.keys(ACCESS).filter(isPlain)) {
      const [method = '', path = ''] = row.split(' ');
      const answer = await house.call(method, path.replace('{code}', 'invalid').replaceAll(/\{\w+\}/g, 'x'), {
        key: null,
      });
      const nothing = /^\/(hooks|webchat|media)/.test(path) || path.endsWith('{path}');
      const closed = path.startsWith('/v3/directline/');
      expect([row, answer.status]).toEqual([row, closed ? 401 : nothing ? 404 : path === '/console' ? 302 : 200]);
    }
  });

  it('asks for a key everywhere in the management API but where people come in', async () => {
    const routes = allRoutes(house.parts);
    const open = routes.filter(({ method, path }) => accessOf(method, path) === 'anyone');
    const ways = open.map(({ method, path }) => `${method} ${path}`);
    expect(ways).toEqual(['post /api/v1/session', 'get /api/v1/session/link', 'post /api/v1/session/link']);
    for (const { method, path } of routes.filter((each) => !open.includes(each))) {
      const answer = await house.call(method.toUpperCase(), path.replaceAll(/\{\w+\}/g, 'x'), { key: null });
      expect([method, path, answer.status, answer.body.code]).toEqual([method, path, 401, 'unauthorized']);
    }
  });

  it.each(ROLES)('lets %s in where its row says, and nowhere else', async (role) => {
    for (const { method, path } of allRoutes(house.parts)) {
      // The stranger's ids lead nowhere, an empty body is malformed: what is let in does no harm.
      const answer = await house.call(method.toUpperCase(), path.replaceAll(/\{\w+\}/g, 'x'), { key: keys[role] });
      const allowed = mayUse(accessOf(method, path), role);
      expect([method, path, answer.status === 403]).toEqual([method, path, !allowed]);
      if (!allowed) expect(answer.body.code).toBe('forbidden');
    }
  });
});
