// What a customer sends through a provider, with the real program: a link of ours for the bot and the desk, the file behind
// it fetched once, kept over a kill -9, and never the provider's own address. Not here: each channel's kinds of media
// (src/channels) and how fetching fails (src/http/remote-media.test.ts). No live provider is called.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Bot } from '../parties/bot.ts';
import { type Box, startBox } from '../parties/box.ts';
import { type Loose, until } from '../parties/call.ts';
import type { Desk } from '../parties/desk.ts';
import { failed, startTelegram, type Telegram } from '../parties/telegram.ts';
import { makeBot, makeDesk, verified } from '../parties/world.ts';

const PNG = Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), Buffer.alloc(70_000, 'p')]);

describe('A medium of a provider', () => {
  let box: Box;
  let telegram: Telegram;
  let bot: Bot;
  let desk: Desk;
  let asset: Loose;
  let files = 0;
  beforeAll(async () => {
    box = await startBox();
    [telegram, bot, desk] = await Promise.all([startTelegram(), makeBot(box), makeDesk(box)]);
    await verified(box, 'bots', bot.id);
    const config = { token: telegram.token, api_url: telegram.url };
    asset = await box.must('POST', '/assets', { name: 'The bot', channel: 'telegram', config });
    expect((await box.must('POST', `/assets/${asset.id}/verification`, {})).verified).toBe(true);
    const service: string = (await box.must('POST', '/services', { name: 'Orders' })).id;
    for (const id of [bot.id, desk.id]) await box.must('PUT', `/services/${service}/integrations/${id}`);
    await box.must('POST', `/services/${service}/rules`, {
      name: 'all',
      trigger: { event: 'message.received', asset_id: asset.id },
      action: { type: 'forward_to_bot_and_desk', bot_id: bot.id, desk_id: desk.id },
    });
  });
  afterAll(async () => {
    expect(telegram.faults).toEqual([]);
    await box.close();
    await Promise.all([telegram.down(), bot.down(), desk.down()]);
  });

  /** A customer sends a picture; the update, to be told again. */
  async function sends(chat: number, bytes = PNG): Promise<Loose> {
    const file_id = `picture${++files}`;
    telegram.files.set(file_id, { path: `photos/${file_id}.png`, type: 'image/png', bytes });
    const document = { file_id, file_unique_id: file_id, file_name: 'cat.png', mime_type: 'image/png' };
    const update = telegram.update('message', telegram.message(chat, { document, caption: 'Look' }));
    expect((await telegram.post(update)).status).toBe(200);
    return update;
  }
  const linkFor = (chat: number): Promise<string> =>
    until('the bot is told of the picture', () => bot.heard(String(chat))[0]?.body.Media as string | undefined);
  const fetches = (): number => telegram.posts.filter((post) => post.path.startsWith('/file/')).length;
  async function bytesOf(link: string): Promise<Buffer> {
    const response = await fetch(link);
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'image/png']);
    return Buffer.from(await response.arrayBuffer());
  }
  /** Telegram gives no file, as often as it is asked. */
  const down = (): void => {
    for (let n = 0; n < 50; n += 1) telegram.instead.push({ method: 'getFile', reply: failed(502, 'Bad Gateway') });
  };
  const up = (): void => {
    telegram.instead.length = 0;
  };

  it('is a link of ours for bot and desk; the file is fetched once, however often it is told and opened', async () => {
    const before = fetches();
    const update = await sends(1);
    for (let n = 0; n < 4; n += 1) expect((await telegram.post(update)).status).toBe(200);
    const link = await linkFor(1);
    expect(link.startsWith(`${box.base}/media/med_`)).toBe(true);
    const all = await Promise.all(Array.from({ length: 5 }, () => bytesOf(link)));
    expect(all.every((bytes) => bytes.equals(PNG))).toBe(true);
    expect(fetches() - before).toBe(1);

    const conversation = bot.heard('1')[0]?.body.Conversationid as string;
    expect((await bot.handOver(conversation)).status).toBe(202);
    const offer = await until('the desk is offered the conversation', () => desk.offers('1')[0]);
    expect(JSON.stringify(offer.body)).toContain(`${box.base}/media/`);
    const told = JSON.stringify([...bot.posts, ...desk.posts].map((post) => [post.raw, post.headers]));
    expect(told).not.toContain(telegram.token);
    expect(told).not.toContain(telegram.url);
    expect(box.logs()).not.toContain(telegram.token);
  });

  it('is on its way again after a kill -9, and its link is still good', async () => {
    down();
    await sends(2);
    const link = await linkFor(2);
    await until('it was tried', () => telegram.instead.length < 50);
    const early = await fetch(link);
    expect([early.status, ((await early.json()) as Loose).code]).toEqual([502, 'media_unavailable']);
    await box.kill9();
    up();
    await box.start();
    await box.advance(31_000);
    await until('it is here', async () => (await fetch(link)).status === 200);
    expect(await bytesOf(link)).toEqual(PNG);
  });

  it('that is here outlives the provider, and a kill -9', async () => {
    await sends(3);
    const link = await linkFor(3);
    expect(await bytesOf(link)).toEqual(PNG);
    down();
    await box.kill9();
    await box.start();
    expect(await bytesOf(link)).toEqual(PNG);
    up();
  });

  it('is gone with its customer', async () => {
    await sends(4, Buffer.concat([PNG, Buffer.from('of customer 4')]));
    const link = await linkFor(4);
    expect((await fetch(link)).status).toBe(200);
    await box.must('DELETE', `/customers/${asset.id}/4`);
    await until('the file is removed', async () => (await fetch(link)).status === 404);
  });
});
