// Contract §2: the ledger and the feed: what is owed and was tried can be found, sent again in bulk, and followed live.
import { readFileSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../parties/box.ts';
import { call, type Loose, until } from '../parties/call.ts';
import { sharedBox } from '../parties/shared.ts';

describe('The ledger', () => {
  const place = sharedBox();

  it('lists deliveries newest first, by target, status and conversation', async () => {
    const world = await place.world({ rule: 'bot' });
    const line = await world.meet('answer');
    await world.says(line.address, 'second');
    await until('it is heard', () => world.bot.heard(line.address)[1]);
    const query = `target=${world.bot.id}&conversation_id=${line.conversation}`;
    await until('both are delivered', async () => (await world.deliveries(`${query}&status=delivered`)).length === 2);
    const [newest, oldest] = await world.deliveries(query);
    expect(newest.created_at > oldest.created_at || newest.id > oldest.id).toBe(true);
    expect(await world.deliveries(`target=${world.bot.id}&status=dead`)).toEqual([]);
    for (const query of ['status=lost', 'limit=none']) {
      expect((await place.box.api('GET', `/deliveries?${query}`)).status).toBe(422);
    }
  });

  it('says of each attempt when it was, how long it took, and what was answered', async () => {
    const world = await place.world({ rule: 'bot' });
    world.bot.reply = () => ({ ...world.bot.ok({ note: 'thank you' }), delayMs: 120 });
    const line = await world.meet();
    const [{ id }] = await world.deliveries(`target=${world.bot.id}&conversation_id=${line.conversation}`);
    const [attempt] = (await world.delivery(id)).attempts;
    expect(attempt).toMatchObject({ status: 200, reason: 'ok' });
    expect(attempt.answer).toContain('thank you');
    expect(attempt.timing.total_ms).toBeGreaterThan(110);
    expect(Math.abs(Date.parse(attempt.started_at) - place.box.now())).toBeLessThan(30_000);
  });

  it('sends many again as a task with progress, each marked as a replay, in their order', async () => {
    const world = await place.world({ rule: 'bot', bot: { failure_threshold: 500, retry_spacing_s: [] } });
    world.bot.reply = () => ({ status: 500 });
    const address = world.newcomer();
    const words = Array.from({ length: 12 }, (_, index) => `word ${index}`);
    for (const word of words) await world.says(address, word);
    const dead = `target=${world.bot.id}&status=dead`;
    await until('all are dead', async () => (await world.deliveries(dead)).length === words.length);
    world.bot.reply = () => world.bot.ok();
    const from = world.bot.posts.length;
    const task = await place.box.must('POST', '/replays', { filter: { target: world.bot.id, status: 'dead' } });
    await until('the task is done', async () => {
      const { status, done, failed } = await place.box.must('GET', `/replays/${task.id}`);
      return status === 'done' && done === words.length && failed === 0;
    });
    await until('all arrive', () => world.bot.posts.length === from + words.length);
    const replayed = world.bot.posts.slice(from);
    expect(replayed.map((post) => post.body.Message)).toEqual(words);
    expect(replayed.map((post) => post.body.Signalbox.Replay)).toEqual(words.map(() => true));
  });

  it('refuses a bulk replay without a filter, and a replay of what is not there', async () => {
    expect((await place.box.api('POST', '/replays', {})).status).toBe(422);
    expect((await place.box.api('POST', '/replays', { filter: {} })).status).toBe(422);
    expect((await place.box.api('POST', '/deliveries/dlv_00000000000000000000000000/replay')).status).toBe(404);
  });

  it('refuses to settle a delivery that is not held', async () => {
    const world = await place.world({ rule: 'bot' });
    await world.meet();
    const [{ id }] = await world.deliveries(`target=${world.bot.id}`);
    const answer = await place.box.api('POST', `/deliveries/${id}/resolution`, { outcome: 'resend' });
    expect(answer.status).toBe(409);
  });

  it('follows what happens live, and from where a reader left', async () => {
    const world = await place.world({ rule: 'bot' });
    const seen: Loose[] = [];
    const follow = (lastEventId?: string): Promise<IncomingMessage> =>
      new Promise((resolve, reject) => {
        const headers: Record<string, string> = {
          authorization: `Bearer ${place.box.key}`,
          accept: 'text/event-stream',
        };
        if (lastEventId !== undefined) headers['last-event-id'] = lastEventId;
        const asked = request(`${place.box.base}/api/v1/events`, { headers, agent: false }, (incoming) => {
          let text = '';
          incoming.on('data', (chunk) => {
            text += chunk;
            for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
              const data = /^data: (.*)$/m.exec(text.slice(0, end))?.[1];
              text = text.slice(end + 2);
              if (data !== undefined) seen.push(JSON.parse(data));
            }
          });
          incoming.on('error', () => undefined);
          resolve(incoming);
        });
        asked.on('error', reject);
        asked.end();
      });
    const stream = await follow();
    expect(stream.headers['content-type']).toMatch(/^text\/event-stream/);
    const line = await world.meet('live');
    const mine = (): Loose[] => seen.filter((event) => event.thread_id === line.thread);
    await until('the exchange is told', () => mine().some((event) => event.type === 'message.sent'));
    stream.destroy();
    const last = mine().at(-1)!;
    await world.says(line.address, 'while nobody read');
    await until('it is heard', () => world.bot.words(line.address).includes('while nobody read'));
    const again = await follow(String(last.seq));
    await until(
      'what was missed is told',
      () => mine().filter((event) => event.type === 'message.received').length === 2,
    );
    again.destroy();
    const numbers = mine().map((event) => event.seq);
    expect(numbers).toEqual([...new Set(numbers)].toSorted((a, b) => a - b));
  });

  it('counts in the metrics what is waiting, and asks for a key or not, but never shows a customer', async () => {
    const world = await place.world({ rule: 'bot' });
    const line = await world.meet();
    const metrics = await call('GET', `${place.box.base}/metrics`, {
      headers: { authorization: `Bearer ${place.box.key}` },
    });
    expect(metrics.status).toBe(200);
    expect(metrics.text).toMatch(/^# TYPE /m);
    expect(metrics.text).not.toContain(line.address);
  });

  it('says of every number in the metrics what it means, there and in docs/operations.md', async () => {
    const { text } = await call('GET', `${place.box.base}/metrics`, {
      headers: { authorization: `Bearer ${place.box.key}` },
    });
    const page = readFileSync(join(ROOT, 'docs', 'operations.md'), 'utf8');
    const told = new Map([...text.matchAll(/^# HELP signalbox_(\w+) (.+)$/gm)].map(([, name, help]) => [name, help]));
    expect([...told.keys()].filter((name) => !page.includes(`\`${name}`))).toEqual([]);
    expect(told.get('engine_flushes')).toMatch(/^Commits since the start/);
    expect([...told].filter(([, help]) => help === 'Not told of yet.')).toEqual([]);
  });
});
