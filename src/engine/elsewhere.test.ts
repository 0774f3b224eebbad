// The provider's own app, on the real store: an app desk of the configuration takes the line, and its time outlives a restart.
// Not here: who holds the line in which case (src/routing/elsewhere.test.ts).
import { afterEach, describe, expect, it } from 'vitest';
import type { Input } from '../routing/inputs.ts';
import { type Box, openBox } from './fixtures/box.ts';

let box: Box;

afterEach(async () => {
  await box.close();
  expect(box.bugs).toEqual([]);
});

const about = { assetId: 'ast_1', address: '1-a' };
const echo = (externalId: string, text: string): Input => ({
  ...{ type: 'echo', ...about, externalId, author: 'Page inbox' },
  message: { type: 'text', text, media: [] },
});
const control = (ours: boolean): Input => ({ type: 'control', ...about, ours, reason: 'Other app' });

async function tell(...inputs: Input[]) {
  const applied = await box.engine.submit(inputs);
  await box.engine.settled();
  return applied.map(({ reply }) => reply);
}

const thread = async () => {
  const { data } = await box.store.listThreads({ limit: 10 });
  const [found, ...more] = data.filter(({ address }) => address === about.address);
  expect(more).toEqual([]);
  return found;
};
const holder = async () => (await thread())?.holder.type;

/** What the bot was sent of the customer's and the agent's words, as it was told them. */
const told = () =>
  box.sent.flatMap(({ to, item, facts }) =>
    to === 'bot_1' && item.message ? [`${facts.conversationType} ${item.message.text}`] : [],
  );

async function open(settings: Record<string, unknown> = {}): Promise<void> {
  box = await openBox();
  await box.engine.verify('bot', 'bot_1', {}, 'test');
  const asset = box.directory.row('asset', 'ast_1');
  const none = { hook_tokens: [], secrets: [], signing_secrets: [] };
  await box.directory.change(
    [
      { kind: 'desk', id: 'desk_app', data: { name: 'Page inbox', kind: 'app', url: null, settings, ...none } },
      { kind: 'asset', id: 'ast_1', data: { ...asset?.data, app_desk_id: 'desk_app' } },
    ],
    [],
  );
}

describe('an app desk', () => {
  it('is active from its birth, takes no offer, and has half an hour', async () => {
    await open();
    const view = () => box.directory.world().desks.get('desk_app');
    expect(view()).toMatchObject({ kind: 'app', online: false, health: { status: 'active' } });
    expect(view()?.settings.reply_within_s).toBe(1_800);
    const row = box.directory.row('desk', 'desk_app');
    const data = { ...row?.data, settings: { reply_within_s: 60 } };
    await box.directory.change([{ kind: 'desk', id: 'desk_app', data }], []);
    expect(view()?.settings.reply_within_s).toBe(60);
  });

  it('takes the line by an echo, which comes once, and gives it back by its time, after a restart too', async () => {
    await open();
    await box.say('1-a', 'one');
    await box.engine.settled();
    const [first, again] = await tell(echo('e1', 'I see to it'), echo('e1', 'I see to it'));
    expect([first, again]).toMatchObject([{ ok: true }, { ok: true, duplicate: true }]);
    expect([await holder(), (await thread())?.epoch]).toEqual(['desk', 2]);
    const held = await thread();
    const messages = await box.store.conversationMessages(
      held?.holder.type === 'desk' ? held.holder.conversationId : '',
      {
        limit: 10,
      },
    );
    expect(messages.data).toMatchObject([
      { author: { type: 'agent', id: 'desk_app', name: 'Page inbox' }, text: 'I see to it', externalId: 'e1' },
    ]);
    await box.say('1-a', 'two');
    await box.engine.settled();
    expect(told()).toEqual(['BOT one', 'CCSP I see to it', 'CCSP two']);
    expect(box.sent.filter(({ to }) => to !== 'bot_1')).toEqual([]);
    const { folder, clock } = box;
    const passed = clock.now();
    await box.close(false);
    box = await openBox({ folder });
    box.clock.advance(1_800_000 - (box.clock.now() - passed) - 1);
    await box.engine.settled();
    expect(await holder()).toBe('desk');
    box.clock.advance(1);
    await box.engine.settled();
    expect([await holder(), (await thread())?.epoch]).toEqual(['bot', 3]);
    expect(told()).toEqual(['BOT two']);
  });

  it('has the line while another app has the thread, before the first word and over a restart', async () => {
    await open();
    expect(await tell(control(true), control(false), control(false))).toEqual([
      { ok: true, ignored: true },
      { ok: true },
      { ok: true, ignored: true },
    ]);
    await box.say('1-a', 'hi');
    await box.engine.settled();
    expect([await holder(), told(), box.engine.stats().deadlines]).toEqual(['desk', [], 0]);
    const { folder } = box;
    await box.close(false);
    box = await openBox({ folder });
    box.clock.advance(10 * 24 * 3_600_000);
    await tell(control(true));
    expect([await holder(), told()]).toEqual(['bot', ['BOT hi']]);
  });
});
