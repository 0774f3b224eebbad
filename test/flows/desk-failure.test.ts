// Contract §4: a desk that does not come, says no, fails, passes on or closes, and what its successor is owed.
import { beforeAll, describe, expect, it } from 'vitest';
import { calm, until } from '../parties/call.ts';
import type { Post } from '../parties/listener.ts';
import { sharedBox } from '../parties/shared.ts';
import type { Line, World } from '../parties/world.ts';

const MINUTE = 60_000;

describe('A desk', () => {
  const place = sharedBox();
  let world: World;
  beforeAll(async () => {
    world = await place.world();
  });

  const asked = (line: Line, text: string): Promise<Post> =>
    until(`the bot is asked to answer "${text}"`, () =>
      world.bot.told(line.address).find((post) => post.body.Message === text && post.body.ConversationType === 'BOT'),
    );
  const heldByBot = (line: Line): Promise<boolean> =>
    until('the bot has the line', async () => (await world.holder(line.thread)).type === 'bot');

  describe('that does not accept', () => {
    it('within 60 seconds loses the offer; it is told, and its late acceptance is a conflict', async () => {
      const line = await world.offered();
      // The clock goes on by itself meanwhile.
      await place.box.advance(MINUTE - 20_000);
      expect((await world.holder(line.thread)).type).toBe('desk');
      await place.box.advance(21_000);
      await heldByBot(line);
      await until('the desk is told', () => world.desk.told(line.deskConversation, 'conversation.closed')[0]);
      expect((await world.desk.accept(line.deskConversation)).status).toBe(409);
      expect((await world.desk.say(line.deskConversation, 'too late')).status).toBeGreaterThanOrEqual(409);
      await calm();
      expect(world.channel.texts(line.address)).not.toContain('too late');
    });

    it('but queued the customer has ten minutes', async () => {
      const line = await world.offered();
      expect((await world.desk.tell('conversation.queued', line.deskConversation, { wait_s: 300 })).status).toBe(202);
      await place.box.advance(9 * MINUTE);
      expect((await world.holder(line.thread)).type).toBe('desk');
      expect((await world.desk.accept(line.deskConversation)).status).toBe(202);
      await place.box.advance(5 * MINUTE);
      expect((await world.holder(line.thread)).type).toBe('desk');
    });

    it('and queued the customer for longer than that loses it', async () => {
      const line = await world.offered();
      await world.desk.tell('conversation.queued', line.deskConversation, {});
      await place.box.advance(10 * MINUTE + 2_000);
      await heldByBot(line);
    });

    it('within a limit of its own loses it then', async () => {
      const own = await place.world({ desk: { accept_within_s: 10 } });
      const line = await own.offered();
      await place.box.advance(11_000);
      await until('the bot has the line', async () => (await own.holder(line.thread)).type === 'bot');
    });
  });

  it('that rejects gives the line back at once', async () => {
    const line = await world.offered();
    const answer = await world.desk.tell('conversation.rejected', line.deskConversation, { reason: 'closed today' });
    expect(answer.status).toBe(202);
    await heldByBot(line);
    await world.replies(line.conversation, 'sorry, nobody is there');
  });

  it('that fails owes nothing to nobody: the bot gets each unanswered message once, oldest first, as BOT', async () => {
    const line = await world.offered('hello yourself');
    for (const text of ['one', 'two', 'three']) await world.says(line.address, text);
    await until('the copies come', () => world.bot.told(line.address).length >= 4);
    const copies = world.bot.told(line.address).slice(1);
    await world.desk.tell('conversation.rejected', line.deskConversation, { reason: 'closed today' });
    await asked(line, 'three');
    const owed = world.bot.told(line.address).slice(4);
    await calm();
    const since = world.bot
      .told(line.address)
      .slice(4)
      .filter((post) => post.body.ConversationType === 'BOT');
    expect(since.map((post) => post.body.Message)).toEqual(['one', 'two', 'three']);
    for (const copy of copies) {
      const again = owed.find((post) => post.body.Message === copy.body.Message)!;
      expect(again.body.Messageid).toBe(copy.body.Messageid);
      expect(again.headers['webhook-id']).not.toBe(copy.headers['webhook-id']);
    }
  });

  it('that closes leaves to the bot only what the desk had not acknowledged', async () => {
    const line = await world.accepted('hello yourself');
    await world.says(line.address, 'taken by the desk');
    await until('the desk has it', () => world.desk.told(line.deskConversation, 'message.received')[0]);
    await world.deliveryOf(world.desk.id, line.deskConversation, (each) => each.status === 'delivered');
    await world.desk.finish(line.deskConversation);
    await until('the bot has its copy', () =>
      world.bot.told(line.address).some((post) => post.body.Message === 'taken by the desk'),
    );
    await calm();
    const taken = world.bot.told(line.address).filter((post) => post.body.Message === 'taken by the desk');
    expect(taken.map((post) => post.body.ConversationType)).toEqual(['CCSP']);
  });

  it('that closes before it could take a message leaves it to the bot', async () => {
    const own = await place.world({ desk: { failure_threshold: 50 } });
    const line = await own.accepted('hello yourself');
    own.desk.reply = () => ({ status: 500 });
    await own.says(line.address, 'nobody took me');
    await until('the desk is tried', () => own.desk.told(line.deskConversation, 'message.received')[0]);
    await own.deliveryOf(own.desk.id, line.deskConversation, (each) => each.status === 'retrying');
    expect((await own.desk.finish(line.deskConversation)).status).toBe(202);
    await until('the bot is asked', () =>
      own.bot
        .told(line.address)
        .find((post) => post.body.Message === 'nobody took me' && post.body.ConversationType === 'BOT'),
    );
  });

  it('that fails hands over to another by a rule on desk.failed', async () => {
    const own = await place.world();
    const second = await own.addDesk();
    await own.addRule({ event: 'desk.failed', desk_id: own.desk.id }, { type: 'forward_to_desk', desk_id: second.id });
    const line = await own.offered();
    await own.says(line.address, 'waiting');
    await own.desk.tell('conversation.rejected', line.deskConversation, { reason: 'full' });
    const offer = await until('the second desk is offered it', () => second.offers(line.address)[0]);
    expect(JSON.stringify(offer.body.data.transcript)).toContain('waiting');
    expect(await own.holder(line.thread)).toEqual({ type: 'desk', id: second.id });
  });

  it('whose webhook is dead is inactive after five failures, and its offers go back', async () => {
    const own = await place.world();
    await own.desk.down();
    const lines = [];
    for (let count = 0; count < 5; count++) lines.push(await own.meet());
    for (const line of lines) expect((await own.bot.handOver(line.conversation)).status).toBe(202);
    await until(
      'it is inactive',
      async () => (await own.box.must('GET', `/desks/${own.desk.id}`)).status === 'inactive',
    );
    for (const line of lines) {
      await until('the bot has the line', async () => (await own.holder(line.thread)).type === 'bot');
    }
    await own.desk.up();
  });

  describe('transfers', () => {
    it('to another desk: a new conversation there, the old one over', async () => {
      const second = await world.addDesk();
      const line = await world.accepted();
      const transfer = { to: second.id, reason: 'second level' };
      expect((await world.desk.tell('conversation.transferred', line.deskConversation, transfer)).status).toBe(202);
      const offer = await until('the second desk is offered it', () => second.offers(line.address)[0]);
      expect(offer.body.data.conversation_id).not.toBe(line.deskConversation);
      expect(offer.body.data.reason).toBe('second level');
      expect(await world.holder(line.thread)).toEqual({ type: 'desk', id: second.id });
      expect((await world.desk.say(line.deskConversation, 'still me')).status).toBeGreaterThanOrEqual(409);
      expect((await second.say(offer.body.data.conversation_id, 'now me')).status).toBe(202);
    });

    it('to "bot": the bot that it came from has the line, in the same conversation', async () => {
      const line = await world.accepted();
      await world.desk.tell('conversation.transferred', line.deskConversation, { to: 'bot', reason: 'done here' });
      await heldByBot(line);
      await world.replies(line.conversation, 'with me again');
    });

    it('to a bot by its id', async () => {
      const second = await world.addBot();
      const line = await world.accepted();
      await world.desk.tell('conversation.transferred', line.deskConversation, { to: second.id, reason: 'sales' });
      await until('it has the line', async () => (await world.holder(line.thread)).id === second.id);
      await world.says(line.address, 'hello sales');
      const post = await until('it hears the customer', () => second.heard(line.address).at(-1));
      expect(post.body.ConversationType).toBe('BOT');
    });

    it('nowhere: an unknown target is refused by name, and nothing changes', async () => {
      const line = await world.accepted();
      const answer = await world.desk.tell('conversation.transferred', line.deskConversation, {
        to: 'desk_0',
        reason: 'x',
      });
      expect(answer.status).toBe(422);
      expect(answer.body.errors).toEqual([{ pointer: '/data/to', detail: expect.any(String) }]);
      expect(await world.holder(line.thread)).toEqual({ type: 'desk', id: world.desk.id });
    });
  });

  it('raises desk.accepted, desk.transferred, desk.failed and desk.closed for rules', async () => {
    const own = await place.world();
    const ear = await place.listener();
    for (const event of ['desk.accepted', 'desk.closed', 'desk.failed', 'desk.transferred']) {
      await own.addRule({ event }, { type: 'notify_url', url: `${ear.url}/${event}` });
    }
    const [closed, failed, moved] = [await own.accepted(), await own.offered(), await own.accepted()];
    await own.desk.finish(closed.deskConversation);
    await own.desk.tell('conversation.rejected', failed.deskConversation, { reason: 'full' });
    await own.desk.tell('conversation.transferred', moved.deskConversation, { to: 'bot', reason: 'done' });
    const told = (): string[] => [...new Set(ear.posts.map((post) => post.path.slice(1)))].toSorted();
    await until('all four are told', () => told().length === 4);
  });
});
