// Secrets never stand in logs, answers of the API, events, attempts or the metrics; only where they are handed out.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { call, type Loose, until } from '../parties/call.ts';
import { sharedBox } from '../parties/shared.ts';
import type { World } from '../parties/world.ts';

describe('A secret', () => {
  const place = sharedBox({ env: { SIGNALBOX_LOG_LEVEL: 'debug' } });
  let world: World;
  let secrets: Record<string, string>;
  let read = '';

  /** the unguessable part of a hook's URL */
  const tail = (url: string): string => new URL(url).pathname.split('/').at(-1) ?? '';

  beforeAll(async () => {
    world = await place.world();
    const { bot, desk, channel, box } = world;
    secrets = {
      'the API key': box.key,
      'the verification token': bot.token,
      'the bot’s signing secret': bot.secrets[0]!,
      'the asset’s secret': channel.asset.secret,
      'the asset’s signing secret': channel.asset.signing_secret,
      'the desk’s secret': desk.made.secret,
      'the desk’s signing secret': desk.made.signing_secret,
    };
    const line = await world.accepted();
    await desk.say(line.deskConversation, 'agent here');
    // Every way in which a peer may bring a secret back to us.
    bot.reply = () => ({
      status: 500,
      body: { echo: bot.token, verification_token: bot.token },
      headers: { 'x-verification-token': bot.token },
    });
    await world.says(line.address, 'hello again');
    await until('it fails', () => bot.told(line.address).length > 1);
    await bot.say(line.conversation, 'refused');
    await bot.post('{ not json');
    await channel.post('{', { authorization: `Bearer ${channel.asset.secret}` });
    await channel.post({}, { authorization: `Bearer ${channel.asset.secret}x` });
    await desk.post({}, { authorization: `Bearer ${desk.made.secret}x` });
    await call('POST', `${bot.hookUrl}x`, { body: {} });
    await call('GET', `${box.base}/api/v1/bots?key=${box.key}`, { headers: { authorization: `Bearer ${box.key}x` } });
    await box.api('POST', `/bots/${bot.id}/verification`, {});

    const paths = [
      '/services',
      '/assets',
      '/bots',
      '/desks',
      '/keys',
      '/users',
      '/audit',
      '/threads',
      '/events',
      '/deliveries',
    ];
    const pages: string[] = [];
    for (const path of paths) pages.push((await box.api('GET', `${path}?limit=100`)).text);
    pages.push(
      (await box.api('GET', `/assets/${channel.asset.id}`)).text,
      (await box.api('GET', `/bots/${bot.id}`)).text,
    );
    pages.push(
      (await box.api('GET', `/desks/${desk.id}`)).text,
      (await box.api('GET', `/threads/${line.thread}/timeline?limit=100`)).text,
    );
    for (const delivery of (await box.must('GET', '/deliveries?limit=100')).data as Loose[]) {
      pages.push((await box.api('GET', `/deliveries/${delivery.id}`)).text);
    }
    for (const path of ['/metrics', '/openapi.json', '/docs']) {
      pages.push((await call('GET', `${box.base}${path}`, { headers: { authorization: `Bearer ${box.key}` } })).text);
    }
    read = pages.join('\n');
  });

  it('stands in no answer of the management API', () => {
    expect(read).toContain(world.bot.id);
    expect(
      Object.entries(secrets)
        .filter(([, secret]) => read.includes(secret))
        .map(([name]) => name),
    ).toEqual([]);
  });

  it('stands in no log line, and neither does the secret part of a hook’s path', () => {
    const log = place.box.logs();
    expect(log.length).toBeGreaterThan(0);
    const paths = { 'the bot’s hook': tail(world.bot.hookUrl), 'the desk’s hook': tail(world.desk.made.hook_url) };
    const all = { ...secrets, ...paths };
    expect(
      Object.entries(all)
        .filter(([, secret]) => log.includes(secret))
        .map(([name]) => name),
    ).toEqual([]);
  });

  it('stands in no answer to a stranger’s mistake', async () => {
    const answers = [
      await call('POST', world.bot.hookUrl, { body: '{' }),
      await call('POST', world.bot.hookUrl, { body: {} }),
      await call('GET', world.bot.hookUrl),
      await call('POST', world.channel.asset.hook_url, { body: '{' }),
    ];
    const text = answers.map((answer) => answer.text).join('\n');
    const all = { ...secrets, 'the bot’s hook': tail(world.bot.hookUrl) };
    expect(
      Object.entries(all)
        .filter(([, secret]) => text.includes(secret))
        .map(([name]) => name),
    ).toEqual([]);
  });

  it('is not readable in the files of the data folder', () => {
    const files = readdirSync(place.box.data, { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    );
    const names: string[] = [];
    for (const file of files) {
      const bytes = readFileSync(join(file.parentPath, file.name));
      for (const [name, secret] of Object.entries(secrets))
        if (bytes.includes(secret)) names.push(`${name} in ${file.name}`);
    }
    expect(files.length).toBeGreaterThan(0);
    expect(names).toEqual([]);
  });

  it('and the folder that holds the keys is nobody else’s to read', async () => {
    const { statSync } = await import('node:fs');
    const open = readdirSync(place.box.data, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /key|\.db|sqlite/.test(entry.name))
      .filter((entry) => (statSync(join(entry.parentPath, entry.name)).mode & 0o077) !== 0)
      .map((entry) => entry.name);
    expect(open).toEqual([]);
  });
});
