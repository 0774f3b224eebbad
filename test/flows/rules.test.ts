// Contract §2, rules: order is explicit, exactly one forward action wins, the other actions all run, and edits act at
// the next message.
import { describe, expect, it } from 'vitest';
import { calm, until } from '../parties/call.ts';
import { sharedBox } from '../parties/shared.ts';
import type { World } from '../parties/world.ts';

describe('A rule', () => {
  const place = sharedBox();
  const received = { event: 'message.received' };
  const to = (bot: { id: string }) => ({ type: 'forward_to_bot', bot_id: bot.id });

  async function twoBots(): Promise<{ world: World; second: World['bot'] }> {
    const world = await place.world({ rule: 'none' });
    return { world, second: await world.addBot() };
  }

  it('at the first position wins, whichever was made first', async () => {
    const { world, second } = await twoBots();
    await world.addRule(received, to(world.bot));
    await world.addRule(received, to(second), { position: 1 });
    const address = world.newcomer();
    await world.says(address, 'hello');
    await until('the second bot hears it', () => second.heard(address)[0]);
    await calm();
    expect(world.bot.heard(address)).toEqual([]);
  });

  it.each([
    [{ field: 'message.text', op: 'contains_ignore_case', value: 'invoice' }, 'My INVOICE please', 'hello'],
    [{ field: 'message.text', op: 'equals', value: 'help' }, 'help', 'Help'],
    [{ field: 'message.text', op: 'regex', value: '^order \\d+$' }, 'order 66', 'order sixty'],
    [{ field: 'message.text', op: 'in', value: ['a', 'b'] }, 'b', 'c'],
    [{ not: { field: 'message.text', op: 'starts_with', value: 'no' } }, 'yes', 'no'],
    [
      {
        any: [
          { field: 'message.text', op: 'equals', value: 'x' },
          { field: 'message.type', op: 'equals', value: 'image' },
        ],
      },
      'x',
      'y',
    ],
    [
      {
        all: [
          { field: 'message.text', op: 'contains', value: 'a' },
          { field: 'message.text', op: 'ends_with', value: 'z' },
        ],
      },
      'a to z',
      'a to b',
    ],
  ])('with the condition %j takes what fits and leaves the rest', async (conditions, fits, doesNot) => {
    const { world, second } = await twoBots();
    await world.addRule(received, to(second), { conditions });
    await world.addRule(received, to(world.bot));
    const [one, other] = [world.newcomer(), world.newcomer()];
    await world.says(one, fits);
    await world.says(other, doesNot);
    await until('the second bot hears what fits', () => second.heard(one)[0]);
    await until('the first hears the rest', () => world.bot.heard(other)[0]);
    expect([world.bot.heard(one), second.heard(other)]).toEqual([[], []]);
  });

  it('with conditions takes a thread from the bot that holds it, one without never does', async () => {
    const { world, second } = await twoBots();
    await world.addRule(received, to(world.bot));
    const line = await world.meet();
    await world.addRule(received, to(second), { position: 1 });
    await world.says(line.address, 'plain');
    await until('the holder hears it', () => world.bot.words(line.address).includes('plain'));
    expect(second.heard(line.address)).toEqual([]);
    const conditions = { field: 'message.text', op: 'contains', value: 'sales' };
    await world.addRule(received, to(second), { position: 1, conditions });
    await world.says(line.address, 'to sales please');
    const post = await until('the second bot hears it', () => second.heard(line.address)[0]);
    expect(post.body.ConversationType).toBe('BOT');
    expect(await world.holder(line.thread)).toEqual({ type: 'bot', id: second.id });
  });

  it('with a postback trigger routes it, and without one it is routed like a message', async () => {
    const { world, second } = await twoBots();
    await world.addRule(received, to(world.bot));
    const address = world.newcomer();
    await world.channel.taps(address, 'START');
    await until('it goes by the message rule', () => world.bot.heard(address)[0]);
    await world.addRule({ event: 'postback.received' }, to(second));
    const next = world.newcomer();
    await world.channel.taps(next, 'START');
    await until('it goes by the postback rule', () => second.heard(next)[0]);
  });

  it('that sends a message or notifies runs beside the one that forwards', async () => {
    const world = await place.world();
    const ear = await place.listener();
    await world.addRule(received, { type: 'send_message', text: 'thank you for writing' });
    await world.addRule(received, { type: 'notify_url', url: ear.url });
    const address = world.newcomer();
    await world.says(address, 'hello');
    await until('the customer hears the system', () => world.channel.texts(address).includes('thank you for writing'));
    await until('the URL is told', () => ear.posts[0]);
    await until('the bot hears it', () => world.bot.heard(address)[0]);
  });

  it('that sends a message is silent while an agent has accepted', async () => {
    const world = await place.world();
    const line = await world.accepted();
    await world.addRule(received, { type: 'send_message', text: 'thank you for writing' });
    await world.says(line.address, 'for the agent');
    await until('the desk gets it', () => world.desk.told(line.deskConversation, 'message.received')[0]);
    await calm();
    expect(world.channel.texts(line.address)).not.toContain('thank you for writing');
  });

  it('that closes ends the bot’s conversation', async () => {
    const world = await place.world();
    const line = await world.meet();
    const conditions = { field: 'message.text', op: 'equals', value: 'bye' };
    await world.addRule(received, { type: 'close' }, { conditions });
    await world.says(line.address, 'bye');
    await until('it is closed', async () => {
      return (await place.box.must('GET', `/conversations/${line.conversation}`)).status === 'closed';
    });
  });

  it('that is deleted frees the threads it gave to its bot', async () => {
    const { world, second } = await twoBots();
    const rule = await world.addRule(received, to(world.bot));
    const line = await world.meet();
    await world.addRule(received, to(second));
    expect((await place.box.api('DELETE', `/rules/${rule}`)).status).toBeLessThan(300);
    await world.says(line.address, 'who is there');
    await until('the second bot has it', () => second.heard(line.address)[0]);
  });

  it('that is switched off, or whose time has not come or is over, does nothing', async () => {
    const { world, second } = await twoBots();
    const day = 86_400_000;
    const date = (ms: number): string => new Date(place.box.now() + ms).toISOString();
    await world.addRule(received, to(second), { enabled: false });
    await world.addRule(received, to(second), { starts_at: date(day) });
    await world.addRule(received, to(second), { ends_at: date(-day) });
    await world.addRule(received, to(world.bot));
    const line = await world.meet();
    expect(second.heard(line.address)).toEqual([]);
    await place.box.advance(day + 60_000);
    const address = world.newcomer();
    await world.says(address, 'hello');
    await until('its time has come', () => second.heard(address)[0]);
  });

  it('that decided is named in the timeline', async () => {
    const world = await place.world();
    const line = await world.meet();
    const timeline = await place.box.must('GET', `/threads/${line.thread}/timeline?limit=100`);
    expect(JSON.stringify(timeline)).toContain(world.rule);
  });
});
