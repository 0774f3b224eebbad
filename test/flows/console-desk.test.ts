// Contract §2 and §4: a console desk has no wire; its agents work through the API. With nobody there it rejects at once.
import { beforeAll, describe, expect, it } from 'vitest';
import { type Answer, calm, type Loose, until } from '../parties/call.ts';
import { sharedBox } from '../parties/shared.ts';
import type { Line, World } from '../parties/world.ts';

const MINUTE = 60_000;

describe('A console desk', () => {
  const place = sharedBox();
  let world: World;
  let desk = '';
  beforeAll(async () => {
    world = await place.world({ rule: 'bot' });
    desk = (await place.box.must('POST', '/desks', { name: 'the console', kind: 'console' })).id;
    await place.box.must('PUT', `/services/${world.service}/integrations/${desk}`);
    await world.addRule({ event: 'bot.handover' }, { type: 'forward_to_desk', desk_id: desk });
  });

  const online = (is = true): Promise<Loose> => place.box.must('PUT', `/desks/${desk}/presence`, { online: is });
  const act = (conversation: string, what: string, body: Loose = {}): Promise<Answer> =>
    place.box.api('POST', `/conversations/${conversation}/${what}`, body);
  async function handedOver(): Promise<Line & { deskConversation: string }> {
    const line = await world.meet('hello yourself');
    const { body } = await world.bot.handOver(line.conversation);
    return { ...line, deskConversation: body.desk_conversation_id };
  }

  it('with nobody there rejects at once: the bot keeps the line', async () => {
    const line = await handedOver();
    await until('the bot has the line', async () => (await world.holder(line.thread)).type === 'bot');
    expect((await world.bot.say(line.conversation, 'nobody is there')).status).toBe(202);
  });

  it('with an agent there is offered the line, and the agent accepts, answers, types and closes', async () => {
    await online();
    const line = await handedOver();
    expect(await world.holder(line.thread)).toEqual({ type: 'desk', id: desk });
    expect((await act(line.deskConversation, 'accept')).status).toBe(202);
    expect((await act(line.deskConversation, 'typing', { on: true })).status).toBe(202);
    expect((await act(line.deskConversation, 'messages', { text: 'agent here' })).status).toBe(202);
    await until('the customer hears it', () => world.channel.texts(line.address).includes('agent here'));
    await until('the bot gets a copy', () =>
      world.bot.told(line.address).some((post) => post.body.Event === 'Agent response'),
    );
    const said = await place.box.must('GET', `/conversations/${line.deskConversation}/messages`);
    expect(JSON.stringify(said)).toContain('agent here');
    expect((await act(line.deskConversation, 'close', { reason: 'solved' })).status).toBe(202);
    expect(await world.holder(line.thread)).toMatchObject({ type: 'bot', id: world.bot.id });
    expect((await act(line.deskConversation, 'messages', { text: 'too late' })).status).toBe(410);
  });

  it('shows its agent what the customer says meanwhile', async () => {
    await online();
    const line = await handedOver();
    await act(line.deskConversation, 'accept');
    await world.says(line.address, 'are you there?');
    await until('it is shown', async () => {
      const said = await place.box.must('GET', `/conversations/${line.deskConversation}/messages`);
      return JSON.stringify(said).includes('are you there?');
    });
  });

  it('passes the customer on to the bot or to another desk', async () => {
    await online();
    const line = await handedOver();
    await act(line.deskConversation, 'accept');
    expect((await act(line.deskConversation, 'transfer', { to: world.desk.id, reason: 'second level' })).status).toBe(
      202,
    );
    await until('the other desk is offered it', () => world.desk.offers(line.address)[0]);
  });

  it('whose agent says nothing for a minute is empty again', async () => {
    await online();
    await place.box.advance(MINUTE + 5_000);
    const line = await handedOver();
    await until('the bot has the line', async () => (await world.holder(line.thread)).type === 'bot');
  });

  it('whose agent does not accept in time loses the offer, and a late acceptance is a conflict', async () => {
    await online();
    const line = await handedOver();
    await online();
    await place.box.advance(MINUTE + 1_000);
    await until('the bot has the line', async () => (await world.holder(line.thread)).type === 'bot');
    expect((await act(line.deskConversation, 'accept')).status).toBe(409);
  });

  it('refuses malformed words of its agents by name, and nothing is said', async () => {
    await online();
    const line = await handedOver();
    for (const body of [
      {},
      { text: 7 },
      { text: '' },
      { text: 'x', type: 'smell' },
      { txet: 'typo' },
      { text: 'x', epoch: 'old' },
    ]) {
      expect((await act(line.deskConversation, 'messages', body)).status, JSON.stringify(body)).toBe(422);
    }
    expect((await act('conv_00000000000000000000000000', 'accept')).status).toBe(404);
    expect((await act(line.conversation, 'accept')).status).toBeGreaterThanOrEqual(400);
    await calm();
    expect(world.channel.texts(line.address)).toEqual(['hello yourself']);
  });
});
