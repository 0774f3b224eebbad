// Rules: what they may say, in which order they stand, and what they hold on to.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Furnished, furnish, type House, type Loose, openHouse, TOKEN } from '../fixtures/house.ts';

let house: House;
let world: Furnished;
beforeAll(async () => {
  house = await openHouse();
  world = await furnish(house);
});
afterAll(() => house.close());

const must = async (method: string, path: string, body?: unknown): Promise<Loose> => {
  const answer = await house.api(method, path, { body });
  if (answer.status >= 300) throw new Error(`${method} ${path} → ${answer.status} ${answer.text}`);
  return answer.body;
};
const RECEIVED = { event: 'message.received' };
const CLOSE = { type: 'close' };
const rule = (more: object = {}): object => ({ name: 'r', trigger: RECEIVED, action: CLOSE, ...more });
const post = (body: unknown, service = world.service): Promise<Loose> =>
  house.api('POST', `/services/${service}/rules`, { body });
const pointers = (answer: Loose): string[] => answer.body.errors.map((error: { pointer: string }) => error.pointer);

/** BOT, DESK, ASSET and the like stand for ids that exist when the test runs. */
function filled(value: object): unknown {
  const ids: Record<string, string> = {
    BOT: world.bot.id,
    DESK: world.desk.id,
    ASSET: world.asset.id,
    LOOSE: loose,
    URL: `${house.peer.url}/notify`,
  };
  return JSON.parse(JSON.stringify(value), (_, each) => (typeof each === 'string' && each in ids ? ids[each] : each));
}
let loose: string;
beforeAll(async () => {
  const body = { name: 'L', platform: 'other', url: `${house.peer.url}/bot`, verification_token: TOKEN };
  loose = (await must('POST', '/bots', body)).id;
});

describe('a rule', () => {
  it.each([
    [{ action: { type: 'forward_to_bot', bot_id: 'BOT', fallback: { desk_id: 'DESK', on: ['silent'] } } }],
    [{ trigger: { event: 'bot.handover', bot_id: 'BOT' }, action: { type: 'forward_to_desk', desk_id: 'DESK' } }],
    [{ trigger: { event: 'desk.failed', desk_id: 'DESK' }, action: { type: 'send_message', text: 'Sorry.' } }],
    [{ trigger: { event: 'channel.receipt' }, action: { type: 'notify_url', url: 'URL' } }],
    [{ conditions: { all: [{ not: { field: 'message.text', op: 'regex', value: '^hi$' } }] } }],
    [{ conditions: { field: 'attributes.vip', op: 'in_ignore_case', value: ['yes', 'true'] } }],
    [{ starts_at: '2030-01-01T00:00:00Z', ends_at: '2030-01-02T00:00:00+02:00', enabled: false, conditions: null }],
  ])('is taken when sound: %j', async (more) => {
    const answer = await post(filled(rule(more)));
    expect([answer.status, answer.text.slice(0, 200)]).toEqual([201, expect.any(String)]);
    expect(answer.body).toMatchObject(filled(more) as object);
    await must('DELETE', `/rules/${answer.body.id}`);
  });

  it.each([
    [{ name: '' }, ['/name']],
    [{ trigger: { event: 'sunrise' } }, ['/trigger/event']],
    [{ trigger: { event: 'message.received', bot_id: 'BOT' } }, ['/trigger/bot_id']],
    [{ trigger: { event: 'bot.handover', asset_id: 'ASSET' } }, ['/trigger/asset_id']],
    [{ trigger: { event: 'desk.closed', desk_id: 'desk_none' } }, ['/trigger/desk_id']],
    [{ trigger: { event: 'bot.closed', bot_id: 'LOOSE' } }, ['/trigger/bot_id']],
    [{ trigger: { event: 'message.received', asset_id: 'ast_none' } }, ['/trigger/asset_id']],
    [{ trigger: { event: 'message.received', asset: 'ASSET' } }, ['/trigger/asset']],
    [{ action: { type: 'dance' } }, ['/action/type']],
    [{ action: { type: 'forward_to_bot' } }, ['/action/bot_id']],
    [{ action: { type: 'forward_to_bot', bot_id: 'LOOSE' } }, ['/action/bot_id']],
    [{ action: { type: 'forward_to_bot', bot_id: 'DESK' } }, ['/action/bot_id']],
    [{ action: { type: 'forward_to_bot', bot_id: 'BOT', desk_id: 'DESK' } }, ['/action/desk_id']],
    [
      { action: { type: 'forward_to_bot', bot_id: 'BOT', fallback: { desk_id: 'BOT', on: ['silent'] } } },
      ['/action/fallback/desk_id'],
    ],
    [
      { action: { type: 'forward_to_bot', bot_id: 'BOT', fallback: { desk_id: 'DESK', on: [] } } },
      ['/action/fallback/on'],
    ],
    [
      { action: { type: 'forward_to_bot', bot_id: 'BOT', fallback: { desk_id: 'DESK', on: ['rain'] } } },
      ['/action/fallback/on/0'],
    ],
    [{ action: { type: 'send_message', text: '' } }, ['/action/text']],
    [{ action: { type: 'notify_url', url: 'http://10.0.0.1/' } }, ['/action/url']],
    [{ conditions: {} }, ['/conditions/field', '/conditions/op']],
    [{ conditions: { all: [] } }, ['/conditions/all']],
    [
      {
        conditions: {
          any: [
            { field: 'message.text', op: 'equals', value: 'x' },
            { field: 'x', op: 'equals', value: 1 },
          ],
        },
      },
      ['/conditions/any/1/field'],
    ],
    [{ conditions: { field: 'message.text', op: 'regex', value: '(a' } }, ['/conditions/value']],
    [{ conditions: { field: 'message.text', op: 'regex', value: '(?=a)' } }, ['/conditions/value']],
    [{ conditions: { field: 'message.text', op: 'between', value: [1] } }, ['/conditions/value']],
    [{ conditions: [] }, ['/conditions']],
    [{ position: -1 }, ['/position']],
    [{ starts_at: 'tomorrow' }, ['/starts_at']],
    [{ starts_at: '2030-01-02T00:00:00Z', ends_at: '2030-01-01T00:00:00Z' }, ['/ends_at']],
    [{ priority: 1 }, ['/priority']],
  ])('is refused when malformed: %j', async (more, expected) => {
    const answer = await post(filled(rule(more)));
    expect([answer.status, pointers(answer)]).toEqual([422, expected]);
  });

  it('has limits on depth and size of its conditions', async () => {
    const leaf = { field: 'message.text', op: 'equals', value: 'x' };
    const deep = Array.from({ length: 9 }).reduce<object>((inner) => ({ not: inner }), leaf);
    expect((await post(rule({ conditions: deep }))).status).toBe(422);
    expect((await post(rule({ conditions: { all: Array(101).fill(leaf) } }))).status).toBe(422);
    const bomb = Array.from({ length: 5_000 }).reduce<object>((inner) => ({ not: inner }), leaf);
    expect((await post(rule({ conditions: bomb }))).status).toBe(422);
  });

  it('adds the asset it names to the service, but not one of another', async () => {
    const service = (await must('POST', '/services', { name: 'S' })).id;
    const config = { url: `${house.peer.url}/out` };
    const asset = (await must('POST', '/assets', { name: 'A', channel: 'http', config })).id;
    const made = await post(rule({ trigger: { ...RECEIVED, asset_id: asset } }), service);
    expect(made.status).toBe(201);
    expect((await must('GET', `/services/${service}`)).assets).toEqual([asset]);
    const taken = await post(rule({ trigger: { ...RECEIVED, asset_id: asset } }));
    expect([taken.status, taken.body.code, pointers(taken)]).toEqual([409, 'asset_taken', ['/trigger/asset_id']]);
    const moved = await house.api('PATCH', `/rules/${made.body.id}`, {
      body: { trigger: { ...RECEIVED, asset_id: world.asset.id } },
    });
    expect([moved.status, moved.body.code]).toEqual([409, 'asset_taken']);
  });

  it('has two addresses, and is not found under another service', async () => {
    const { id } = (await post(rule())).body;
    const other = (await must('POST', '/services', { name: 'S' })).id;
    expect((await must('GET', `/rules/${id}`)).id).toBe(id);
    expect((await must('GET', `/services/${world.service}/rules/${id}`)).id).toBe(id);
    for (const method of ['GET', 'PATCH', 'DELETE']) {
      const answer = await house.api(method, `/services/${other}/rules/${id}`, method === 'PATCH' ? { body: {} } : {});
      expect([method, answer.status]).toEqual([method, 404]);
    }
    expect(await must('PATCH', `/services/${world.service}/rules/${id}`, { enabled: false })).toMatchObject({
      enabled: false,
    });
    expect((await house.api('DELETE', `/services/${world.service}/rules/${id}`)).status).toBe(204);
    expect((await house.api('GET', `/rules/${id}`)).status).toBe(404);
  });
});

describe('the order of rules', () => {
  it('keeps the positions given, and makes room where one is taken', async () => {
    const service = (await must('POST', '/services', { name: 'S' })).id;
    const names = async (): Promise<string[]> =>
      (await must('GET', `/services/${service}/rules`)).data.map((each: Loose) => `${each.position}${each.name}`);
    const add = async (name: string, position?: number): Promise<string> =>
      (await post(rule({ name, position }), service)).body.id;
    const a = await add('a');
    await add('b');
    const c = await add('c');
    expect(await names()).toEqual(['1a', '2b', '3c']);
    await add('d', 2);
    expect(await names()).toEqual(['1a', '2d', '3b', '4c']);
    await add('late', 99);
    await add('e', 50);
    expect(await names()).toEqual(['1a', '2d', '3b', '4c', '50e', '99late']);
    await must('PATCH', `/rules/${c}`, { position: 1 });
    expect(await names()).toEqual(['1c', '2a', '3d', '4b', '50e', '99late']);
    await must('PATCH', `/rules/${c}`, { position: 60, name: 'C' });
    expect(await names()).toEqual(['2a', '3d', '4b', '50e', '60C', '99late']);
    await must('DELETE', `/rules/${a}`);
    await must('PATCH', `/rules/${c}`, { position: 0 });
    expect(await names()).toEqual(['0C', '3d', '4b', '50e', '99late']);
    const page = await must('GET', `/services/${service}/rules?limit=3`);
    const rest = await must('GET', `/services/${service}/rules?limit=3&after=${page.next_cursor}`);
    expect(rest.data.map((each: Loose) => each.name)).toEqual(['e', 'late']);
    expect(rest.next_cursor).toBeNull();
    expect((await must('GET', `/rules?service_id=${service}`)).data).toHaveLength(5);
  });

  it('survives many changes at once', async () => {
    const service = (await must('POST', '/services', { name: 'S' })).id;
    const answers = await Promise.all(Array.from({ length: 6 }, () => post(rule({ position: 1 }), service)));
    const made = answers.filter((answer) => answer.status === 201).length;
    for (const answer of answers) if (answer.status !== 201) expect(answer.body.code).toBe('conflict');
    const { data } = await must('GET', `/services/${service}/rules`);
    expect(data.map((each: Loose) => each.position)).toEqual(Array.from({ length: made }, (_, i) => i + 1));
  });
});
