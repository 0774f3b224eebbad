// The bot zoo in short: every bad behaviour of a bot once, against the real client and adapter, and a handful against the
// whole program. `npm run prove -- zoo` visits each a thousand times.
// The one thing to know: nothing here fails for a timing of a busy machine; the grace is far beyond it.
import { connect, type Socket } from 'node:net';
import { afterAll, describe, expect, it } from 'vitest';
import type { Send } from '../../src/engine/ports.ts';
import { type Behaviour, closeAll, rawServer } from '../../src/net/fixtures/servers.ts';
import { type Loose, until } from '../parties/call.ts';
import { SEED } from '../parties/seed.ts';
import { sharedBox } from '../parties/shared.ts';
import { makeChannel, verified } from '../parties/world.ts';
import { type Animal, ZOO } from '../parties/zoo.ts';
import { good, TOKEN } from '../parties/zoo-token.ts';
import { walkTheZoo } from '../prove/zoo.ts';

/** Of a machine that is five times slower, and shared. */
const GRACE_MS = 5_000;
const LONG_MS = 300_000;
const animal = (name: string): Animal => {
  const found = ZOO.find((each) => each.name === name);
  if (found === undefined) throw new Error(`there is no bot that ${name}`);
  return found;
};

describe(`The bot zoo, with the seed ${SEED}`, () => {
  it('has many animals, each with a name of its own', () => {
    expect(ZOO.length).toBeGreaterThan(200);
    expect(new Set(ZOO.map(({ name }) => name)).size).toBe(ZOO.length);
  });

  it('has each of them end in its class and in time, and nothing is left of it', { timeout: LONG_MS }, async () => {
    const walked = await walkTheZoo({ times: 1, seed: SEED, graceMs: GRACE_MS });
    expect(walked.faults).toEqual([]);
    expect(walked).toMatchObject({ animals: ZOO.length, socketsLeft: 0 });
    expect(walked.visits).toBeGreaterThan(ZOO.length);
  });

  it('is a test that can fail: it condemns a client as most would write it', { timeout: LONG_MS }, async () => {
    const hard = [
      'redirects inside with 307',
      'sends a gzip bomb',
      'packs its token',
      'answers 200 with retry-after: 60',
    ];
    const forgotten: Socket[] = [];
    const usual: Send = async ({ url, headers, body }) => {
      forgotten.push(connect(Number(new URL(url).port), '127.0.0.1').on('error', () => undefined));
      const answer = await fetch(url, { method: 'POST', headers, body });
      const timing = { totalMs: 1 };
      return {
        ok: true,
        status: answer.status,
        headers: Object.fromEntries(answer.headers),
        body: await answer.text(),
        timing,
      };
    };
    const { faults } = await walkTheZoo({
      times: 1,
      seed: SEED,
      animals: hard.map(animal),
      send: usual,
      settleWithinMs: 5_000,
    });
    for (const socket of forgotten) socket.destroy();
    const text = faults.join('\n');
    expect(text).toMatch(/\d sockets are left/);
    expect(text).toMatch(/redirects inside with 307: result|a redirect was followed/);
    expect(text).toContain('packs its token: result ok, not retry');
    expect(text).not.toContain('answers 200');
  });
});

describe('Bots that misbehave, told by the whole program', () => {
  const place = sharedBox();
  afterAll(closeAll);

  const HANDFUL = [
    'redirects inside with 302',
    'sends a gzip bomb',
    'sends chunks without end',
    'floods with interim answers',
    'stays after a bad answer',
    'resets after the request',
    'shows another',
    'answers 410 with x: with its token',
    'answers 429 with retry-after: soon',
    'says sixty things at once',
  ];

  /** Good until it is verified, then itself. */
  async function meet(service: string, { name, server, expected }: Animal): Promise<Loose> {
    let wild = false;
    const tamed: Behaviour = (socket, on) =>
      wild && server ? server(socket, on) : on.request(() => socket.end(good('connection: close\r\n')));
    const raw = await rawServer(tamed);
    const { box } = place;
    const settings = { failure_threshold: 50, verification_token: TOKEN };
    const bot = await box.must('POST', '/bots', { name, platform: 'other', url: raw.url, ...settings });
    await verified(box, 'bots', bot.id);
    const channel = await makeChannel(box);
    await box.must('PUT', `/services/${service}/integrations/${bot.id}`);
    await box.must('PUT', `/services/${service}/assets/${channel.asset.id}`);
    await box.must('POST', `/services/${service}/rules`, {
      name,
      trigger: { event: 'message.received', asset_id: channel.asset.id },
      action: { type: 'forward_to_bot', bot_id: bot.id },
    });
    wild = true;
    expect((await channel.says('somebody', 'hello')).status).toBe(202);
    const delivery = await until(`it is known what came of a bot that ${name}`, async () => {
      const [newest] = (await box.must('GET', `/deliveries?target=${bot.id}`)).data;
      const whole = newest && (await box.must('GET', `/deliveries/${newest.id}`));
      return whole?.attempts.length > 0 && whole;
    });
    const { status, inactive_reason: why } = await box.must('GET', `/bots/${bot.id}`);
    await channel.down();
    return { name, delivery, expected: expected[0], bot: { status, why } };
  }

  it('have each attempt kept with its reason, and only 410 makes one inactive at once', {
    timeout: LONG_MS,
  }, async () => {
    const service: string = (await place.box.must('POST', '/services', { name: 'the zoo' })).id;
    for (const each of HANDFUL) {
      const { name, delivery, expected, bot } = await meet(service, animal(each));
      const [attempt] = delivery.attempts;
      expect([expected.reason].flat(), name).toContain(attempt.reason);
      const left = expected.gone ? 'parked' : expected.result === 'ok' ? 'delivered' : 'retrying';
      expect([name, delivery.status, bot.status]).toEqual([name, left, expected.gone ? 'inactive' : 'active']);
    }
    expect((await place.box.api('GET', '/services')).status).toBe(200);
  });
});
