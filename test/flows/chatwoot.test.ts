// Issue 5, a real desk: a customer is handed to a Chatwoot and back, with the real program and a strict stand-in of
// Chatwoot (test/parties/chatwoot.ts, written after its source). No live Chatwoot was called.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { calm, type Loose, until } from '../parties/call.ts';
import { ACCOUNT, type Chatwoot, type Conversation, INBOX, startChatwoot, TOKEN, user } from '../parties/chatwoot.ts';
import type { Post } from '../parties/listener.ts';
import { sharedBox } from '../parties/shared.ts';
import type { Line, World } from '../parties/world.ts';

type Handed = Line & { deskConversation: string; of: Conversation };

describe('A desk in Chatwoot', () => {
  const place = sharedBox();
  let world: World;
  let there: Chatwoot;
  let made: Loose;

  beforeAll(async () => {
    world = await place.world();
    there = await startChatwoot();
    there.clock = place.box.now;
    const config = {
      account_id: String(ACCOUNT),
      inbox_id: String(INBOX),
      api_token: TOKEN,
      webhook_secret: there.secret,
    };
    made = await place.box.must('POST', '/desks', { name: 'Support', kind: 'chatwoot', url: there.url, config });
    const verified = await place.box.must('POST', `/desks/${made.id}/verification`, {});
    if (!verified.verified) throw new Error(JSON.stringify(verified.checks));
    await place.box.must('PUT', `/services/${world.service}/integrations/${made.id}`);
  });
  afterAll(async () => {
    expect(there.faults).toEqual([]);
    await there.down();
  });

  const handOver = async (line: Line): Promise<Handed> => {
    const before = there.of(line.thread).length;
    const answer = await world.bot.handOver(line.conversation, {
      desk_id: made.id,
      reason: 'asked',
      customparam1: '7',
    });
    expect(answer.status).toBe(202);
    const of = await until('it is in Chatwoot', () => there.of(line.thread)[before]);
    return { ...line, deskConversation: answer.body.desk_conversation_id, of };
  };
  const handed = async (): Promise<Handed> => handOver(await world.meet('hello yourself'));
  const accepted = async (): Promise<Handed> => {
    const line = await handed();
    await there.assign(line.of, user('Agent One'));
    return line;
  };
  const status = async ({ deskConversation }: Handed): Promise<Loose> =>
    place.box.must('GET', `/conversations/${deskConversation}`);
  const heard = ({ address }: Line, text: string): Promise<Post> =>
    until('the customer hears it', () =>
      world.channel.delivered(address).find(({ body }) => body.message.text === text),
    );
  const says = async (line: Handed, text: string): Promise<void> => {
    await world.says(line.address, text);
    await until('Chatwoot has it', () => line.of.messages.some((each) => each.content === text));
  };

  it('set its inbox’s webhook itself, to an address that nobody can guess', () => {
    expect(there.inbox.webhook_url).toBe(made.hook_url);
    expect(made.hook_url).toMatch(/\/hooks\/desks\/[\w-]{43}$/);
  });

  it('gets what was said before as a private note, and holds the customer in its queue', async () => {
    const line = await handed();
    expect(line.of).toMatchObject({
      status: 'open',
      additional_attributes: { signalbox_conversation: line.deskConversation },
      custom_attributes: { customparam1: '7', signalbox_channel: 'http' },
      contact: { name: line.address },
    });
    const [note] = line.of.messages;
    expect(note).toMatchObject({ private: true });
    for (const part of ['Reason: asked', 'hello', 'hello yourself']) expect(note?.content).toContain(part);
    await until('it is queued', async () => (await status(line)).status === 'queued');
    // The offer would have ended by now; in the queue there is more time.
    await place.box.advance(120_000);
    expect(await world.holder(line.thread)).toEqual({ type: 'desk', id: made.id });
  });

  it('is accepted when it is assigned, and speaks with the customer both ways', async () => {
    const line = await accepted();
    expect(await status(line)).toMatchObject({ status: 'accepted', agent: 'Agent One' });
    await says(line, 'where is it?');
    expect(line.of.messages.at(-1)).toMatchObject({ message_type: 'incoming', private: false });
    expect((await there.says(line.of, 'on its way')).status).toBe('sent');
    const post = await heard(line, 'on its way');
    expect(post.body).toMatchObject({
      message: { type: 'text', text: 'on its way' },
      author: { type: 'agent', name: 'Agent One' },
    });
  });

  it('is accepted by an agent’s first word, and files go both ways as links', async () => {
    const line = await handed();
    const data_url = 'https://chatwoot.example/rails/active_storage/blobs/redirect/x--y/label.png';
    await there.says(line.of, 'see', {
      attachments: [{ id: 1, file_type: 'image', account_id: 3, extension: null, data_url }],
    });
    const post = await heard(line, 'see');
    expect(post.body.message).toMatchObject({
      type: 'image',
      text: 'see',
      media: [{ url: data_url, type: 'image/png', name: 'label.png' }],
    });
    expect(await status(line)).toMatchObject({ status: 'accepted', agent: 'Agent One' });
    const media = [{ url: 'https://media.example/1', type: 'image/png', name: 'one' }];
    await world.channel.says(line.address, '', { message: { type: 'image', text: 'mine', media } });
    await until('Chatwoot has it', () => line.of.messages.at(-1)?.content === 'mine\n[one](https://media.example/1)');
  });

  it('says an agent’s word once, however often its webhook comes', async () => {
    const line = await accepted();
    const message = await there.says(line.of, 'only once');
    for (let i = 0; i < 4; i++) expect((await there.again(line.of, message))?.status).toBe(202);
    await calm();
    expect(world.channel.texts(line.address).filter((text) => text === 'only once')).toHaveLength(1);
  });

  it('never says what is for agents only, or what no human said', async () => {
    const line = await accepted();
    await there.says(line.of, 'a note', { private: true });
    await there.says(line.of, 'a greeting', { message_type: 'template', sender: null });
    await there.says(line.of, 'a bot', { sender: { id: 2, name: 'Bot', type: 'agent_bot' } });
    await there.says(line.of, 'an automation', { sender: null });
    await there.says(line.of, 'a human');
    await until('the human is heard', () => world.channel.texts(line.address).includes('a human'));
    expect(world.channel.texts(line.address)).toEqual(['hello yourself', 'a human']);
    expect(there.answers.every((answer) => answer.status === 202)).toBe(true);
  });

  it('types', async () => {
    const line = await accepted();
    await there.types(line.of, true);
    await there.types(line.of, true, true);
    await there.types(line.of, false);
    const typed = () =>
      world.channel.posts.filter(({ body }) => body?.type === 'typing' && body.to?.address === line.address);
    await until('both are told', () => typed().length >= 2);
    expect(typed().map(({ body }) => body.on)).toEqual([true, false]);
  });

  it('gives the line back when it is resolved; the next handover is a new conversation of the same contact', async () => {
    const line = await accepted();
    await there.says(line.of, 'done');
    await there.turn(line.of, 'resolved');
    await until('the bot has it back', async () => (await world.holder(line.thread)).id === world.bot.id);
    expect((await status(line)).status).toBe('closed');
    await world.says(line.address, 'bot again');
    await until('the bot hears it', () => world.bot.words(line.address).includes('bot again'));
    await calm();
    expect(line.of).toMatchObject({ status: 'resolved' });
    expect(line.of.messages.some((each) => each.content === 'bot again')).toBe(false);

    const next = await handOver(line);
    expect(next.of.id).not.toBe(line.of.id);
    expect(next.deskConversation).not.toBe(line.deskConversation);
    expect(there.contacts.filter((each) => each.identifier === line.thread)).toHaveLength(1);
    await says(next, 'you again');
    expect(line.of.messages.some((each) => each.content === 'you again')).toBe(false);
  });

  it('shows the agent who writes on after the end that it did not go out, also when it was reopened', async () => {
    const line = await accepted();
    await there.turn(line.of, 'resolved');
    await until('the bot has it back', async () => (await world.holder(line.thread)).id === world.bot.id);
    await there.turn(line.of, 'open');
    expect(await there.says(line.of, 'one more thing')).toMatchObject({ status: 'failed', external_error: '410' });
    await calm();
    expect(world.channel.texts(line.address)).not.toContain('one more thing');
    expect((await world.holder(line.thread)).id).toBe(world.bot.id);
  });

  it('is told when the line is taken from it, and its conversation is resolved', async () => {
    const line = await accepted();
    await place.box.must('POST', `/threads/${line.thread}/holder`, { to: world.bot.id, reason: 'by hand' });
    await until('it is resolved', () => line.of.status === 'resolved');
    expect(line.of.messages.at(-1)).toMatchObject({ private: true, content: expect.stringContaining('is over') });
  });

  it('resolves without having accepted: that is a rejection', async () => {
    const line = await handed();
    await there.turn(line.of, 'resolved');
    await until('the bot has it back', async () => (await world.holder(line.thread)).id === world.bot.id);
  });

  it('is told by a note what did not reach the customer', async () => {
    const line = await accepted();
    await there.says(line.of, 'into the void');
    const post = await heard(line, 'into the void');
    await world.channel.receipt(post.body.message_id, 'failed', 'the number is gone');
    const note = await until('the note is there', () =>
      line.of.messages.find((each) => each.content?.includes('Not delivered')),
    );
    expect(note).toMatchObject({ private: true, content: expect.stringContaining('the number is gone') });
  });

  it('refuses what is not signed, and takes nothing from it', async () => {
    const line = await accepted();
    const { secret } = there;
    for (const wrong of [null, 'another-secret']) {
      there.secret = wrong;
      expect(await there.says(line.of, 'forged')).toMatchObject({ status: 'failed', external_error: '401' });
    }
    there.secret = secret;
    await calm();
    expect(world.channel.texts(line.address)).not.toContain('forged');
  });

  it('gets each word once when an answer is lost, and when the program dies before it has one', async () => {
    const line = await accepted();
    there.breakNext = /conversations\/\d+\/messages$/;
    await says(line, 'first');
    await world.says(line.address, 'second');
    await place.box.advance(61_000);
    await until('the next came too', () => line.of.messages.some((each) => each.content === 'second'));

    there.hangNext = /conversations\/\d+\/messages$/;
    await says(line, 'third');
    await place.box.kill9();
    await place.box.start();
    await world.says(line.address, 'fourth');
    await until('the last came too', () => line.of.messages.some((each) => each.content === 'fourth'));
    await place.box.advance(61_000);
    await calm();
    const words = line.of.messages.filter((each) => each.message_type === 'incoming').map((each) => each.content);
    expect(words).toEqual(['first', 'second', 'third', 'fourth']);
    expect((await there.says(line.of, 'still here')).status).toBe('sent');
  });

  it('shows its secrets nowhere', async () => {
    const all = await world.deliveries(`target=${made.id}`);
    const whole = await Promise.all(all.slice(0, 20).map(({ id }) => world.delivery(id)));
    const deliveries = JSON.stringify([all, whole]);
    expect(deliveries).toMatch(/"attempts".*"request"/);
    const shown = JSON.stringify(await place.box.must('GET', `/desks/${made.id}`));
    for (const text of [place.box.logs(), deliveries, shown.replace(made.hook_url, '')])
      for (const secret of [TOKEN, 'webhook-secret-of-chatwoot', made.hook_url.split('/').at(-1)])
        expect(text).not.toContain(secret);
  });
});
