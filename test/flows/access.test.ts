// Contract §2: who may do what: each role against routes that show its limits, and keys that come and go.
import { describe, expect, it } from 'vitest';
import { type Answer, call, type Loose } from '../parties/call.ts';
import { sharedBox } from '../parties/shared.ts';

type Keyed = { id: string; ask: (method: string, path: string, body?: unknown) => Promise<Answer> };

describe('A key', () => {
  const place = sharedBox();

  async function keyOf(role: string): Promise<Keyed> {
    const made = await place.box.must('POST', '/keys', { name: `a ${role}`, role });
    const headers = { authorization: `Bearer ${made.key}` };
    return {
      id: made.id,
      ask: (method, path, body) => call(method, `${place.box.base}/api/v1${path}`, { body, headers }),
    };
  }

  it('of a viewer reads and changes nothing', async () => {
    const world = await place.world();
    const line = await world.meet();
    const { ask } = await keyOf('viewer');
    for (const path of ['/services', '/bots', '/threads', `/threads/${line.thread}`, '/deliveries', '/events']) {
      expect((await ask('GET', path)).status, path).toBe(200);
    }
    const tries: [string, string, Loose?][] = [
      ['POST', '/services', { name: 'mine' }],
      ['PATCH', `/bots/${world.bot.id}`, { name: 'mine' }],
      ['DELETE', `/bots/${world.bot.id}`],
      ['POST', `/bots/${world.bot.id}/verification`, {}],
      ['POST', `/bots/${world.bot.id}/rotation`, { what: 'hook_url' }],
      ['POST', `/threads/${line.thread}/holder`, { to: world.desk.id, reason: 'mine' }],
      ['POST', '/keys', { name: 'mine', role: 'owner' }],
      ['DELETE', `/customers/${world.channel.asset.id}/${line.address}`],
    ];
    for (const [method, path, body] of tries) {
      expect(await ask(method, path, body), `${method} ${path}`).toMatchObject({
        status: 403,
        body: { code: 'forbidden' },
      });
    }
    expect((await world.holder(line.thread)).type).toBe('bot');
  });

  it('of a viewer, agent or developer is shown no hook URL and no secret', async () => {
    const world = await place.world();
    for (const role of ['viewer', 'agent', 'developer']) {
      const { ask } = await keyOf(role);
      const { text } = await ask('GET', `/bots/${world.bot.id}`);
      expect(text, role).not.toContain(world.bot.hookUrl);
      expect(text, role).not.toContain(world.bot.token);
    }
  });

  it('of an agent does not build, and of a developer does not hand out keys', async () => {
    const [agent, developer] = [await keyOf('agent'), await keyOf('developer')];
    expect((await agent.ask('POST', '/services', { name: 'mine' })).status).toBe(403);
    expect((await developer.ask('POST', '/services', { name: 'a service' })).status).toBe(201);
    expect((await developer.ask('POST', '/keys', { name: 'mine', role: 'viewer' })).status).toBe(403);
  });

  it('of an administrator does not make an owner', async () => {
    const admin = await keyOf('admin');
    expect((await admin.ask('POST', '/keys', { name: 'mine', role: 'viewer' })).status).toBe(201);
    expect((await admin.ask('POST', '/keys', { name: 'mine', role: 'owner' })).status).toBe(403);
  });

  it('that is deleted opens nothing any more, at once and after a restart', async () => {
    const { id, ask } = await keyOf('viewer');
    expect((await ask('GET', '/services')).status).toBe(200);
    await place.box.must('DELETE', `/keys/${id}`);
    expect((await ask('GET', '/services')).status).toBe(401);
    await place.box.restart();
    expect((await ask('GET', '/services')).status).toBe(401);
  });

  it('is in no list, and every change stands in the audit trail with who made it', async () => {
    const made = await place.box.must('POST', '/keys', { name: 'to be listed', role: 'viewer' });
    expect((await place.box.api('GET', '/keys?limit=100')).text).not.toContain(made.key);
    const audit = await place.box.must('GET', '/audit?limit=100');
    expect(JSON.stringify(audit)).toContain(made.id);
    expect(JSON.stringify(audit)).not.toContain(made.key);
  });
});
