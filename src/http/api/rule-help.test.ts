// What helps whoever writes rules: the order as a whole, sentences, shadows, and drafts tried on what was said.
// Not here: what rules may say (rules.test.ts), and how shadows and drafts are judged (src/routing).
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Furnished, furnish, type House, type Loose, openHouse } from '../fixtures/house.ts';

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
const pointers = (answer: Loose): string[] => answer.body.errors.map((error: { pointer: string }) => error.pointer);
const RECEIVED = { event: 'message.received' };
const text = (op: string, value: unknown) => ({ field: 'message.text', op, value });

describe('the order', () => {
  const serviceWith = async (...names: string[]): Promise<{ service: string; ids: string[] }> => {
    const service = (await must('POST', '/services', { name: 'S' })).id;
    const ids: string[] = [];
    for (const name of names) {
      const body = { name, trigger: RECEIVED, action: { type: 'close' }, position: 10 * (ids.length + 1) };
      ids.push((await must('POST', `/services/${service}/rules`, body)).id);
    }
    return { service, ids };
  };

  it('is put as a whole: all rules, each once, with positions from 1 on', async () => {
    const { service, ids } = await serviceWith('a', 'b', 'c');
    const [a, b, c] = ids;
    const { data } = await must('PUT', `/services/${service}/rules/order`, { rule_ids: [c, a, b] });
    expect(data.map((each: Loose) => `${each.position}${each.name}`)).toEqual(['1c', '2a', '3b']);
    expect((await must('GET', `/services/${service}/rules`)).data).toEqual(data);
    const [entry] = (await must('GET', '/audit?limit=1')).data;
    expect(entry).toMatchObject({ action: 'order', target: service, detail: { rule_ids: [c, a, b] } });
    const versions = data.map((each: Loose) => each.updated_at);
    await house.clock.advance(1_000);
    const again = await must('PUT', `/services/${service}/rules/order`, { rule_ids: [c, a, b] });
    expect(again.data.map((each: Loose) => each.updated_at)).toEqual(versions);
  });

  it('is refused with what is missing, strange or there twice, and then nothing moves', async () => {
    const { service, ids } = await serviceWith('a', 'b');
    const [a, b] = ids;
    const order = (rule_ids: unknown) => house.api('PUT', `/services/${service}/rules/order`, { body: { rule_ids } });
    for (const [given, expected] of [
      [[a], ['/rule_ids']],
      [[a, b, a], ['/rule_ids/2']],
      [[a, b, world.rule], ['/rule_ids/2']],
      [
        [b, 'rul_none'],
        ['/rule_ids/1', '/rule_ids'],
      ],
      ['a', ['/rule_ids']],
    ] as const) {
      const answer = await order(given);
      expect([answer.status, pointers(answer)]).toEqual([422, expected]);
    }
    const { data } = await must('GET', `/services/${service}/rules`);
    expect(data.map((each: Loose) => `${each.position}${each.name}`)).toEqual(['10a', '20b']);
    expect((await house.api('PUT', '/services/svc_none/rules/order', { body: { rule_ids: [] } })).status).toBe(404);
  });
});

describe('a rule', () => {
  it('reads as a sentence with the names of today, and says which earlier rule leaves it nothing', async () => {
    const shown = await must('GET', `/rules/${world.rule}`);
    expect(shown.sentence).toBe(
      'When a customer writes on “Page”, forward to bot “Helper”, and at a handover to desk “Desk”.',
    );
    expect(shown.shadowed_by).toBeNull();
    const late = await must('POST', `/services/${world.service}/rules`, {
      name: 'refunds',
      trigger: { ...RECEIVED, asset_id: world.asset.id },
      conditions: text('contains', 'refund'),
      action: { type: 'forward_to_desk', desk_id: world.desk.id },
    });
    expect(late.shadowed_by).toBe(world.rule);
    const moved = await must('PATCH', `/rules/${late.id}`, { position: 0 });
    expect(moved.shadowed_by).toBeNull();
    await must('DELETE', `/rules/${late.id}`);
  });
});

describe('a draft', () => {
  const say = (body: string, id: string) =>
    house.call('POST', `/hooks/channels/${world.asset.id}`, {
      key: world.asset.secret,
      body: { type: 'message', id, from: { address: 'c1', name: 'Carla' }, message: { type: 'text', text: body } },
    });
  const attempt = (rule: object, more: object = {}) =>
    house.api('POST', `/services/${world.service}/rules/try`, { body: { rule, ...more } });
  const toDesk = () => ({ type: 'forward_to_desk', desk_id: world.desk.id });
  beforeAll(async () => {
    for (const [i, words] of ['hello', 'a refund please', 'thanks'].entries()) {
      expect((await say(words, `t${i}`)).status).toBe(202);
    }
  });

  it('is tried on what was said, newest first, and shows who would have won', async () => {
    const rule = { trigger: RECEIVED, conditions: text('contains', 'refund'), action: toDesk(), position: 0 };
    const { status, body } = await attempt(rule);
    expect([status, body.tried, body.matched]).toEqual([200, 3, 1]);
    expect(body.data.map((each: Loose) => [each.text, each.matches, each.winner.rule_id])).toEqual([
      ['thanks', false, world.rule],
      ['a refund please', true, null],
      ['hello', false, world.rule],
    ]);
    expect(body.data[1]).toMatchObject({
      why: 'message.text contains “refund”',
      winner: { name: 'draft', draft: true },
      customer: { address: 'c1', name: 'Carla' },
    });
    expect((await attempt({ ...rule, position: undefined })).body.data[1].winner).toMatchObject({
      rule_id: world.rule,
      draft: false,
    });
    expect((await attempt(rule, { limit: 1 })).body.data).toHaveLength(1);
    expect((await must('GET', `/services/${world.service}/rules`)).data).toHaveLength(1);
  });

  it('may stand in the place of a rule', async () => {
    const rule = { id: world.rule, trigger: RECEIVED, conditions: text('equals', 'hello'), action: toDesk() };
    const { body } = await attempt(rule);
    expect(body.data.map((each: Loose) => [each.matches, each.winner?.rule_id, each.winner?.draft])).toEqual([
      [false, undefined, undefined],
      [false, undefined, undefined],
      [true, world.rule, true],
    ]);
  });

  it('is refused by name of the field when it is not sound, or cannot be tried', async () => {
    for (const [rule, expected] of [
      [{ trigger: RECEIVED, action: { type: 'forward_to_bot', bot_id: 'bot_none' } }, ['/rule/action/bot_id']],
      [
        { trigger: RECEIVED, conditions: { field: 'x' }, action: { type: 'close' } },
        ['/rule/conditions/field', '/rule/conditions/op'],
      ],
      [{ trigger: { event: 'bot.handover' }, action: toDesk() }, ['/rule/trigger/event']],
      [{ id: 'rul_none', trigger: RECEIVED, action: toDesk() }, ['/rule/id']],
      [{ trigger: RECEIVED }, ['/rule/action']],
    ] as const) {
      const answer = await attempt(rule);
      expect([answer.status, pointers(answer)]).toEqual([422, expected]);
    }
    expect(
      (
        await house.api('POST', '/services/svc_none/rules/try', {
          body: { rule: { trigger: RECEIVED, action: { type: 'close' } } },
        })
      ).status,
    ).toBe(404);
  });
});
