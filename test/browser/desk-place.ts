// A counter in the console: a service whose bot hands over to a desk of agents, with real parties around it.
// Not here: what agents do (inbox.test.ts). The one thing to know: customers speak through a real channel, so what
// reaches them can be read where it arrived.
import type { Page } from 'playwright-core';
import { type Loose, until } from '../parties/call.ts';
import type { Line, World } from '../parties/world.ts';
import type { ConsolePlace } from './console.ts';

export type Counter = World & {
  deskId: string;
  deskName: string;
  /** a customer whom the bot hands over; the desk must have somebody online */
  waits(name: string, words?: string): Promise<Line & { deskConversation: string }>;
};

let counters = 0;

/** A console desk, mapped and verified. */
export async function addConsoleDesk(place: ConsolePlace, service: string, name: string): Promise<string> {
  const { box } = place;
  const { id } = await box.must('POST', '/desks', { name, kind: 'console', accept_within_s: 3_000 });
  await box.must('POST', `/desks/${id}/verification`, {});
  await box.must('PUT', `/services/${service}/integrations/${id}`);
  return id;
}

export async function makeCounter(place: ConsolePlace): Promise<Counter> {
  const world = await place.world({ rule: 'none' });
  counters += 1;
  const deskName = `Counter ${counters}`;
  const deskId = await addConsoleDesk(place, world.service, deskName);
  const action = { type: 'forward_to_bot_and_desk', bot_id: world.bot.id, desk_id: deskId };
  await world.addRule({ event: 'message.received', asset_id: world.channel.asset.id }, action);
  return Object.assign(world, {
    deskId,
    deskName,
    waits: async (name: string, words = 'hello') => {
      const address = world.newcomer();
      const from = { from: { address, name } };
      const taken = await world.channel.says(address, words, from);
      if (taken.status !== 202) throw new Error(`the message was not taken: ${taken.status} ${taken.text}`);
      const post = await until('the bot hears it', () => world.bot.heard(address)[0]);
      const conversation: string = post.body.Conversationid;
      const thread: string = (await place.box.must('GET', `/conversations/${conversation}`)).thread_id;
      await world.deliveryOf(world.bot.id, conversation, (delivery: Loose) => delivery.status === 'delivered');
      await world.replies(conversation, 'One moment, please.');
      const handed = await world.bot.handOver(conversation, { customparam1: 'gold member' });
      if (handed.status !== 202) throw new Error(`the handover was not taken: ${handed.status} ${handed.text}`);
      return { address, conversation, thread, deskConversation: handed.body.desk_conversation_id };
    },
  });
}

export async function goOnline(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Go online' }).click();
  await page.getByRole('button', { name: 'You are: Online' }).waitFor();
}

/** Accepts what is looked at, and waits until all of the screen has followed: its list, and the field. */
export async function accept(page: Page): Promise<void> {
  await acceptButton(page).click();
  await page.getByRole('tab', { name: /Mine/, selected: true }).waitFor();
  await answerField(page).waitFor();
}

export const row = (page: Page, name: string) => page.getByRole('tabpanel').getByRole('button', { name });
export const transcript = (page: Page) => page.getByRole('log', { name: 'What was said' });
export const answerField = (page: Page) => page.getByRole('textbox', { name: 'Answer' });
export const noteField = (page: Page) => page.getByRole('textbox', { name: 'Note' });
/** The rows tell until when one may accept, too. */
export const acceptButton = (page: Page) => page.getByRole('button', { name: 'Accept', exact: true });
