// A desk of a vendor: what it asks for is listed, its secrets are sealed, kept and never shown, and it is tried for real.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ACCOUNT, type Chatwoot, INBOX, startChatwoot, TOKEN } from '../../../test/parties/chatwoot.ts';
import { type House, type Loose, openHouse } from '../fixtures/house.ts';

let house: House;
let chatwoot: Chatwoot;
const must = async (method: string, path: string, body?: unknown): Promise<Loose> => {
  const answer = await house.api(method, path, { body });
  if (answer.status >= 300) throw new Error(`${method} ${path} → ${answer.status} ${answer.text}`);
  return answer.body;
};
const config = { account_id: String(ACCOUNT), inbox_id: String(INBOX), api_token: TOKEN };
const make = (more: object = {}): Promise<Loose> =>
  must('POST', '/desks', { name: 'Support', kind: 'chatwoot', url: chatwoot.url, config, ...more });

beforeAll(async () => {
  house = await openHouse();
  chatwoot = await startChatwoot();
});
afterAll(async () => {
  await chatwoot.down();
  await house.close();
});

it('is one of the kinds, with its fields', async () => {
  const { data } = await must('GET', '/desk_kinds');
  expect(data.map(({ kind }: Loose) => kind)).toEqual(['webhook', 'console', 'chatwoot']);
  expect(data[2]).toMatchObject({ title: 'Chatwoot', fields: [{ name: 'account_id' }, {}, { kind: 'secret' }, {}] });
});

describe('its config', () => {
  it('is sealed, shown masked, and kept when it is sent back so or left out', async () => {
    const made = await make({ config: { ...config, webhook_secret: 'first-secret' } });
    expect(made).toMatchObject({
      status: 'unverified',
      hook_url: expect.stringContaining('/hooks/desks/'),
      config: { account_id: '3', api_token: '••••', webhook_secret: '••••' },
      secret: null,
      signing_secret: null,
    });
    const opened = () => house.parts.directory.desk(made.id)?.config;
    const stored = JSON.stringify(house.parts.directory.row('desk', made.id)?.data);
    expect(stored).not.toContain(TOKEN);
    expect(stored).not.toContain('first-secret');
    await must('PATCH', `/desks/${made.id}`, { config: { ...made.config, inbox_id: '8' } });
    expect(opened()).toEqual({ ...config, inbox_id: '8', webhook_secret: 'first-secret' });
    await must('PATCH', `/desks/${made.id}`, { config: { account_id: '3', inbox_id: '7', webhook_secret: null } });
    expect(opened()).toEqual(config);
    await must('PATCH', `/desks/${made.id}`, { name: 'Other' });
    expect(opened()).toEqual(config);
  });

  it('goes to no other address at the word of somebody who is not to know its secrets', async () => {
    const made = await make();
    const { key } = await must('POST', '/keys', { name: 'builder', role: 'developer' });
    const url = 'https://elsewhere.example.com/';
    for (const [method, path] of [
      ['PATCH', ''],
      ['POST', '/verification'],
    ] as const) {
      const answer = await house.api(method, `/desks/${made.id}${path}`, { key, body: { url } });
      expect([answer.status, answer.body.errors?.[0]?.pointer]).toEqual([422, '/config/api_token']);
    }
    expect(house.parts.directory.desk(made.id)?.url).toBe(made.url);
    const other = { url, config: { ...config, api_token: 'entered-anew' } };
    expect((await house.api('PATCH', `/desks/${made.id}`, { key, body: other })).status).toBe(200);
  });

  it.each([
    [{ config: undefined }, '/config/account_id'],
    [{ config: { ...config, api_token: '••••' } }, '/config/api_token'],
    [{ config: { ...config, more: 1 } }, '/config/more'],
    [{ config: 'x' }, '/config'],
    [{ url: undefined }, '/url'],
    [{ url: 'http://10.0.0.1/' }, '/url'],
    [{ kind: 'webhook' }, '/config'],
    [{ kind: 'console', url: undefined }, '/config'],
  ])('is refused: %j', async (more, pointer) => {
    const body = { name: 'S', kind: 'chatwoot', url: chatwoot.url, config, ...more };
    for (const path of ['/desks', ...('kind' in more || 'url' in more ? [] : ['/desks/verification'])]) {
      const { name: _, ...draft } = body;
      const answer = await house.api('POST', path, { body: path === '/desks' ? body : draft });
      expect([answer.status, answer.body.errors?.[0]?.pointer]).toEqual([422, pointer]);
      expect(answer.text).not.toContain(TOKEN);
    }
  });
});

it('becomes active by a verification that sets the webhook, and unverified by another config', async () => {
  const made = await make();
  const result = await must('POST', `/desks/${made.id}/verification`, {});
  expect(result).toMatchObject({ verified: true, status: 'active' });
  expect(chatwoot.inbox.webhook_url).toBe(made.hook_url);
  expect(JSON.stringify(result)).not.toContain(new URL(made.hook_url).pathname.split('/').at(-1));
  await must('PATCH', `/desks/${made.id}`, { config: { ...made.config, account_id: '4' } });
  expect(await must('GET', `/desks/${made.id}`)).toMatchObject({ status: 'unverified' });
  expect(await must('POST', `/desks/${made.id}/verification`, {})).toMatchObject({ verified: false });
});

it('can be tried before it is made, and nothing is set then', async () => {
  chatwoot.inbox.webhook_url = '';
  const draft = { kind: 'chatwoot', url: chatwoot.url, config };
  expect(await must('POST', '/desks/verification', draft)).toMatchObject({ verified: true, status: 'unverified' });
  expect(chatwoot.inbox.webhook_url).toBe('');
});
