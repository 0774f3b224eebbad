// The inbox of a console desk: agents who signed in claim, answer, note, see who types and who is there, and pass on.
// Not here: the desk as the bot sees it (console-desk.test.ts).
import { beforeAll, describe, expect, it } from 'vitest';
import { type Answer, calm, type Loose, until } from '../parties/call.ts';
import { type Person, startPerson } from '../parties/person.ts';
import { sharedBox } from '../parties/shared.ts';
import type { Line, World } from '../parties/world.ts';

describe('Agents of a console desk', () => {
  const place = sharedBox();
  let world: World;
  let desk = '';
  let second = '';
  let maya: Person;
  let tom: Person;
  let boss: Person;
  beforeAll(async () => {
    world = await place.world({ rule: 'bot' });
    const made: string[] = [];
    for (const name of ['first level', 'second level']) {
      const { id } = await place.box.must('POST', '/desks', { name, kind: 'console' });
      await place.box.must('PUT', `/services/${world.service}/integrations/${id}`);
      made.push(id);
    }
    [desk = '', second = ''] = made;
    await world.addRule({ event: 'bot.handover' }, { type: 'forward_to_desk', desk_id: desk });
    maya = await startPerson(place.box, 'Maya', 'agent');
    tom = await startPerson(place.box, 'Tom', 'agent');
    boss = await startPerson(place.box, 'Boss', 'admin');
  });

  const there = (who: Person, state: 'online' | 'away' = 'online', at = desk): Promise<Loose> =>
    who.must('PUT', `/desks/${at}/presence`, { state });
  const act = (who: Person, conversation: string, what: string, body: Loose = {}): Promise<Answer> =>
    who.api('POST', `/conversations/${conversation}/${what}`, body);
  type Offer = Line & { offer: string };
  async function offered(): Promise<Offer> {
    await there(maya);
    const line = await world.meet('hello yourself');
    const { body } = await world.bot.handOver(line.conversation);
    return { ...line, offer: body.desk_conversation_id };
  }
  const inbox = (query: string): Promise<Loose[]> =>
    maya.must('GET', `/conversations?party_id=${desk}&order=oldest&${query}`).then((page) => page.data);

  it('race for a customer: one has them, the other is told who', async () => {
    const { offer } = await offered();
    const answers = await Promise.all([act(maya, offer, 'accept'), act(tom, offer, 'accept')]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([202, 409]);
    const [winner, loser] = answers[0]?.status === 202 ? [maya, tom] : [tom, maya];
    const refused = answers.find(({ status }) => status === 409);
    expect(refused?.body).toMatchObject({ code: 'claimed', agent: { id: winner.id, name: winner.name } });
    expect(await maya.must('GET', `/conversations/${offer}`)).toMatchObject({
      agent: winner.name,
      agent_id: winner.id,
    });
    expect((await act(winner, offer, 'accept')).status).toBe(202);
    for (const [what, body] of [
      ['messages', { text: 'me too' }],
      ['typing', {}],
      ['transfer', { to: 'bot' }],
      ['close', {}],
      ['accept', { take_over: true }],
    ] as const) {
      await there(winner);
      expect([what, (await act(loser, offer, what, body)).body.code]).toEqual([what, 'claimed']);
    }
    expect((await loser.api('GET', `/conversations/${offer}/messages`)).status).toBe(200);
  });

  it('speak by their own names, whatever they send', async () => {
    const { offer, address, thread } = await offered();
    expect((await act(maya, offer, 'messages', { text: 'hi', agent: 'Somebody else' })).status).toBe(422);
    expect((await act(maya, offer, 'messages', { text: 'Maya here' })).status).toBe(202);
    await until('the customer hears Maya', () =>
      world.channel.delivered(address).some((post) => post.body.author.name === 'Maya'),
    );
    const { data } = await maya.must('GET', `/conversations/${offer}/messages`);
    expect(data.at(-1)).toMatchObject({ text: 'Maya here', author: { type: 'agent', name: 'Maya' } });
    expect(JSON.stringify(await maya.must('GET', `/threads/${thread}/timeline`))).not.toContain('Somebody else');
  });

  it('whose administrator lends a hand keep the conversation, unless it is taken over', async () => {
    const { offer } = await offered();
    await act(maya, offer, 'accept');
    expect((await act(boss, offer, 'accept')).body).toMatchObject({ code: 'claimed', agent: { name: 'Maya' } });
    expect((await act(boss, offer, 'messages', { text: 'I help' })).status).toBe(202);
    expect(await boss.must('GET', `/conversations/${offer}`)).toMatchObject({ agent: 'Maya', agent_id: maya.id });
    expect((await act(boss, offer, 'accept', { take_over: true })).status).toBe(202);
    expect(await boss.must('GET', `/conversations/${offer}`)).toMatchObject({ agent: 'Boss', agent_id: boss.id });
    expect((await act(maya, offer, 'messages', { text: 'still me?' })).body.code).toBe('claimed');
  });

  it('who are away can be taken over from by a colleague', async () => {
    const { offer } = await offered();
    await act(maya, offer, 'accept');
    await there(tom);
    expect((await act(tom, offer, 'accept', { take_over: true })).status).toBe(409);
    await there(maya, 'away');
    expect((await act(tom, offer, 'accept')).status).toBe(409);
    expect((await act(tom, offer, 'accept', { take_over: true })).status).toBe(202);
    expect(await tom.must('GET', `/conversations/${offer}`)).toMatchObject({ agent_id: tom.id });
  });

  it('see each other, and the desk is empty when all of them are away', async () => {
    await there(maya);
    await there(tom, 'away');
    const shown = await boss.must('GET', `/desks/${desk}/presence`);
    expect(shown.online).toBe(true);
    expect(shown.agents.map((each: Loose) => [each.name, each.state]).toSorted()).toEqual([
      ['Maya', 'online'],
      ['Tom', 'away'],
    ]);
    await there(maya, 'away');
    const line = await world.meet('hello');
    await world.bot.handOver(line.conversation);
    await until('the bot has the line again', async () => (await world.holder(line.thread)).type === 'bot');
    expect((await maya.must('GET', `/desks/${desk}`)).online).toBe(false);
    const gone = await maya.must('PUT', `/desks/${desk}/presence`, { online: false });
    expect(gone).toMatchObject({ online: false, until: null, agents: [{ name: 'Tom' }] });
  });

  it('find in one list who waits, since when, how long the offer stands and what was said', async () => {
    const { offer, address } = await offered();
    await world.says(address, 'is anybody there?');
    const row = (await until('the customer waits', async () =>
      (await inbox('status=offered,queued')).find((each) => each.id === offer && each.customer_waiting),
    )) as Loose;
    expect(row).toMatchObject({
      status: 'offered',
      agent: null,
      agent_id: null,
      customer: { address },
      asset_id: world.channel.asset.id,
      last_message: { text: 'is anybody there?', author: { type: 'customer' } },
    });
    expect(Date.parse(row.accept_by) - Date.parse(row.offered_at)).toBe(60_000);
    expect(Date.parse(row.waiting_since)).toBeGreaterThanOrEqual(Date.parse(row.offered_at));
    await act(maya, offer, 'messages', { text: 'I am here' });
    const [mine] = (await inbox(`status=accepted&agent_id=${maya.id}`)).filter((each) => each.id === offer);
    expect(mine).toMatchObject({
      status: 'accepted',
      agent_id: maya.id,
      accept_by: null,
      customer_waiting: false,
      last_message: { text: 'I am here', author: { type: 'agent', name: 'Maya' } },
    });
    expect((await inbox(`status=accepted&agent_id=${tom.id}`)).map((each) => each.id)).not.toContain(offer);
    expect((await maya.api('GET', '/conversations?status=offered,smelly')).status).toBe(422);
    const ages = (await inbox('')).map((each) => each.opened_at);
    expect(ages).toEqual(ages.toSorted());
  });

  it('leave notes that nobody else ever sees, and that go with the customer', async () => {
    const { offer, address, thread } = await offered();
    await act(maya, offer, 'accept');
    const stream = await tom.look();
    const added = await act(maya, offer, 'notes', { text: 'pays late, is polite' });
    expect([added.status, added.body.author]).toEqual([201, { id: maya.id, name: 'Maya' }]);
    await until('a colleague sees it at once', () =>
      stream.told.some(({ data }) => data.type === 'note.added' && data.data.text === 'pays late, is polite'),
    );
    stream.close();
    await act(maya, offer, 'messages', { text: 'goodbye' });
    await act(maya, offer, 'close', { reason: 'solved' });
    expect((await act(tom, offer, 'notes', { text: 'a late thought' })).status).toBe(201);
    await until('the customer has heard', () => world.channel.texts(address).includes('goodbye'));
    await calm();
    const outside = JSON.stringify([world.channel.posts, world.bot.posts, world.desk.posts]);
    expect(outside).not.toContain('pays late');
    const timeline = async () => JSON.stringify(await maya.must('GET', `/threads/${thread}/timeline?limit=100`));
    expect(await timeline()).toContain('a late thought');
    expect((await act(maya, offer, 'notes', { text: 'x'.repeat(8_001) })).status).toBe(422);
    expect((await act(maya, offer, 'notes', { text: ' ' })).status).toBe(422);
    await place.box.must('DELETE', `/customers/${world.channel.asset.id}/${address}`);
    expect(await timeline()).not.toContain('pays late');
    expect((await act(maya, offer, 'notes', { text: 'too late' })).status).toBe(410);
  });

  it('see live who types and who comes, and such signals are kept nowhere', async () => {
    const line = await world.meet('hello');
    const [one, two] = [await maya.look(), await tom.look()];
    await world.bot.post({ eventid: '1008', conversation_id: line.conversation, on: true });
    await there(boss);
    await there(boss, 'away');
    for (const stream of [one, two]) {
      const signals = () => stream.told.filter(({ event }) => event === 'signal');
      await until('the bot is seen typing', () =>
        signals().some(({ data }) => data.type === 'typing' && data.thread_id === line.thread && data.on),
      );
      await until('somebody is seen coming', () => signals().some(({ data }) => data.type === 'presence'));
      expect(signals().every(({ id }) => id === null)).toBe(true);
      expect(signals()[0]?.data.author).toMatchObject({ type: 'bot' });
      stream.close();
    }
    const stream = await maya.look();
    const address = `sim-${line.address}`;
    const customer = (event: Loose) =>
      boss.must('POST', '/simulator/events', { asset_id: world.channel.asset.id, address, event });
    await customer({ type: 'message', message: { text: 'hello' } });
    await until('the bot has met them', () => world.bot.heard(address)[0]);
    await customer({ type: 'typing', on: true });
    await until('the customer is seen typing', () =>
      stream.told.some(({ event, data }) => event === 'signal' && data.author?.type === 'customer'),
    );
    stream.close();
    const { data } = await maya.must('GET', `/threads/${line.thread}/timeline?limit=100`);
    expect(JSON.stringify(data)).not.toContain('typing');
  });

  it('pass a customer on to another desk, and from there back to the bot', async () => {
    const line = await offered();
    await act(maya, line.offer, 'accept');
    expect((await act(maya, line.offer, 'transfer', { to: second })).status).toBe(409);
    await there(tom, 'online', second);
    expect((await act(maya, line.offer, 'transfer', { to: second, reason: 'too hard' })).status).toBe(202);
    expect(await world.holder(line.thread)).toEqual({ type: 'desk', id: second });
    const next = (await maya.must('GET', `/conversations?party_id=${second}&status=offered`)).data[0];
    expect(next).toMatchObject({ thread_id: line.thread, agent_id: null });
    expect((await act(maya, line.offer, 'messages', { text: 'wait' })).status).toBe(410);
    await act(tom, next.id, 'accept');
    expect((await act(tom, next.id, 'transfer', { to: 'bot', reason: 'easy after all' })).status).toBe(202);
    expect(await world.holder(line.thread)).toEqual({ type: 'bot', id: world.bot.id });
    expect((await world.bot.say(line.conversation, 'me again')).status).toBe(202);
  });

  it('named by a program with a key are taken at its word, and claim by these names', async () => {
    await there(maya);
    const { offer } = await offered();
    const say = (what: string, body: Loose) => place.box.api('POST', `/conversations/${offer}/${what}`, body);
    expect((await say('accept', { agent: 'Ada' })).status).toBe(202);
    expect((await say('accept', { agent: 'Bob' })).body).toMatchObject({ code: 'claimed', agent: { name: 'Ada' } });
    expect((await say('messages', { agent: 'Ada', text: 'hello' })).status).toBe(202);
    expect((await say('close', { reason: 'done' })).status).toBe(202);
  });
});
