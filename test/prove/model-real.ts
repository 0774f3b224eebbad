// The real side of the model-based proof: one customer's line in a running program with real parties, and all that can be
// seen of it, in the model's words.
// Not here: acts (model-acts.ts), what is right (model-line.ts). The one thing to know: sequences take turns in a world;
// each has a customer of its own, and begins with a bot that is well and active.
import type { Bot } from '../parties/bot.ts';
import type { Box } from '../parties/box.ts';
import type { Loose } from '../parties/call.ts';
import type { Desk as DeskParty } from '../parties/desk.ts';
import { firstTries } from '../parties/listener.ts';
import { makeWorld, type World } from '../parties/world.ts';
import { type Desk, type Line, type Party, shown, THRESHOLD, TRIES } from './model-line.ts';

/** Deadlines are another proof's: here none comes. */
const NEVER_S = 86_400;
const RETRY_S = 3_000;

export type Place = { world: World; desks: Record<Desk, DeskParty> };

/** A program that is set otherwise than the model believes, for showing that it would be seen. */
export type Fault = 'one failure more' | 'no desk for the bot';

export async function makePlace(box: Box, fault?: Fault): Promise<Place> {
  const calm = { accept_within_s: NEVER_S, queue_within_s: NEVER_S };
  const retry_spacing_s = Array.from({ length: TRIES - 1 }, () => RETRY_S);
  const failure_threshold = THRESHOLD + (fault === 'one failure more' ? 1 : 0);
  const bot = { retry_spacing_s, failure_threshold, take_within_s: NEVER_S, max_per_minute: 10_000 };
  const world = await makeWorld(box, {
    rule: fault === 'no desk for the bot' ? 'bot' : 'bot_and_desk',
    bot,
    desk: calm,
  });
  return { world, desks: { X: world.desk, Y: await world.addDesk(calm) } };
}

export type Seen = {
  line: { holder: Line['holder']; phase: string | null; epoch: number; waiting: boolean; limbo: string | null };
  bot: { status: string; failures: number };
  /** the status of each: the bot's conversations, the desks', what the bot is owed */
  convs: string[];
  talks: string[];
  owed: string[];
  told: string[];
  customer: string[];
  desks: { heard: string[]; started: number; toldClosed: boolean }[];
};

/** What must be seen. */
export function expected(line: Line): Seen {
  const { holder, epoch, turn, answered, limbo, status, failures, convs, share, talks, told, customer, talk } = line;
  return {
    line: { holder, phase: talk?.status ?? null, epoch, waiting: turn > answered, limbo },
    bot: { status, failures },
    convs: Array.from({ length: convs }, (_, index) => (share?.conv === index + 1 ? 'open' : 'closed')),
    talks: talks.map((each) => `${each.desk} ${each.status}`),
    owed: shown(line),
    told,
    customer,
    desks: talks.map(({ heard, toldClosed }) => ({ heard, started: 1, toldClosed })),
  };
}

const spoken = ({ Message, PostbackPayload }: Loose): string => Message || PostbackPayload;

export class Real {
  readonly address: string;
  /** the newest conversation ids, as they were last seen */
  convIds: string[] = [];
  talkIds: string[] = [];
  owedIds: string[] = [];
  threadId = '';
  words = 0;
  readonly #place: Place;

  constructor(place: Place) {
    this.#place = place;
    this.address = place.world.newcomer();
    for (const party of [this.bot, place.world.channel, ...Object.values(place.desks)]) party.posts.length = 0;
  }

  get world(): World {
    return this.#place.world;
  }

  get box(): Box {
    return this.world.box;
  }

  get bot(): Bot {
    return this.world.bot;
  }

  idOf(party: Party): string {
    return party === 'bot' ? this.bot.id : this.#place.desks[party].id;
  }

  desk(name: Desk): DeskParty {
    return this.#place.desks[name];
  }

  be(well: boolean): void {
    this.bot.reply = () => (well ? this.bot.ok() : { status: 500 });
  }

  async seen(): Promise<Seen> {
    const { box, bot } = this;
    const { status, failures } = await box.must('GET', `/bots/${bot.id}`);
    const base = { bot: { status, failures } };
    if (this.threadId === '') {
      const asset = this.world.channel.asset.id;
      const [newest] = (await box.must('GET', `/threads?asset_id=${asset}&limit=1`)).data;
      if (newest?.address === this.address) this.threadId = newest.id;
    }
    if (this.threadId === '') {
      const line = { holder: 'none' as const, phase: null, epoch: 0, waiting: false, limbo: null };
      return { ...base, line, convs: [], talks: [], owed: [], told: [], customer: [], desks: [] };
    }
    const [thread, owed] = await Promise.all([
      box.must('GET', `/threads/${this.threadId}`),
      box.must('GET', `/deliveries?thread_id=${this.threadId}&target=${bot.id}&limit=100`),
    ]);
    return { ...base, ...this.#shown(thread, owed.data.toReversed()) };
  }

  /** Every try that the bot has got since this began, its own customer's or not, and what each answered delivery came to. */
  async got(): Promise<string> {
    const posts = this.bot.posts.map(
      ({ at, headers, body }) =>
        `${at} ${headers['webhook-id']} ${body?.Event} ${body?.Signalbox?.User} ${body?.Message}`,
    );
    const { data } = await this.box.must('GET', `/deliveries?target=${this.bot.id}&limit=10`);
    const tries = await Promise.all(
      data.map(({ id }: Loose) =>
        this.box.must('GET', `/deliveries/${id}`).then((each: Loose) => JSON.stringify(each)),
      ),
    );
    return `${posts.slice(-20).join(', ')}; newest deliveries: ${tries.join(' ')}`;
  }

  #shown(thread: Loose, owed: Loose[]): Omit<Seen, 'bot'> {
    const { holder, epoch, waiting_since, limbo, conversations } = thread;
    const oldest = [...conversations].sort((a: Loose, b: Loose) => (a.id < b.id ? -1 : 1));
    const convs = oldest.filter(({ type }) => type === 'bot');
    const talks = oldest.filter(({ type }) => type === 'desk');
    this.convIds = convs.map(({ id }) => id);
    this.talkIds = talks.map(({ id }) => id);
    this.owedIds = owed.map(({ id }) => id);
    return {
      line: {
        ...{ holder: this.#nameOf(holder.id), phase: holder.phase, epoch, limbo },
        waiting: waiting_since !== null,
      },
      convs: convs.map(({ status }) => status),
      talks: talks.map(({ party_id, status }) => `${this.#nameOf(party_id)} ${status}`),
      owed: owed.map(({ status }) => status),
      told: firstTries(this.bot.told(this.address)).map(({ body }) => `${body.ConversationType} ${spoken(body)}`),
      customer: this.world.channel.texts(this.address),
      desks: talks.map(({ id, party_id }) => this.#atDesk(party_id, id)),
    };
  }

  #atDesk(partyId: string, id: string): Seen['desks'][number] {
    const told = this.#place.desks[this.#nameOf(partyId) as Desk].told(id);
    const of = (...types: string[]): Loose[] => told.filter(({ body }) => types.includes(body.type));
    return {
      heard: of('message.received', 'postback.received').map(
        ({ body }) => body.data.message?.text ?? body.data.postback.payload,
      ),
      started: of('conversation.started').length,
      toldClosed: of('conversation.closed').length > 0,
    };
  }

  #nameOf(id: string | null): Line['holder'] {
    if (id === null) return 'none';
    return id === this.bot.id ? 'bot' : id === this.#place.desks.X.id ? 'X' : 'Y';
  }
}
