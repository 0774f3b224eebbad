// The parties around the program: bots, desks, the channel and its customers, well or in one of their moods.
// Not here: what the program must have done (witness.ts), and when moods change (life.ts). The one thing to know: they know
// only what they were told, and everything they say is a text that nobody else says.
import type { Exchange } from '../../src/engine/ports.ts';
import type { BotCommand, DeskCommand, Input } from '../../src/routing/inputs.ts';
import type { Id, ReceiptStatus } from '../../src/routing/model.ts';
import type { Call } from './calls.ts';
import type { Chance } from './chance.ts';
import type { Answer } from './network.ts';
import { ASSET } from './setup.ts';
import type { Time } from './virtual.ts';

export type Mood =
  | 'well'
  | 'refused'
  | 'silent'
  | 'error'
  | 'no_token'
  | 'wrong_token'
  | 'late'
  | 'gone'
  | 'throttled'
  | 'flaky';
export const MOODS: readonly Mood[] = [
  ...([
    'well',
    'refused',
    'silent',
    'error',
    'flaky',
    'flaky',
    'no_token',
    'wrong_token',
    'late',
    'gone',
    'throttled',
  ] as const),
];

/** What somebody said, and what they know became of it. */
export type Said = { text: string; by: Id; state: 'unknown' | 'accepted' | 'refused' };
export type Word = { externalId: string; address: string; text: string; acknowledged: boolean };
/** What a bot or desk took, in the order in which it did. */
export type Got = { by: Id; id: string; at: number; body: Record<string, unknown> };
export type Shown = { messageId: Id; text: string; to: string; at: number };

type Told = Record<string, unknown> & { Signalbox?: Record<string, unknown> };
type Without<T> = T extends unknown ? Omit<T, 'conversationId'> : never;
const SECOND = 1_000;

export class Parties {
  readonly said: Said[] = [];
  readonly words: Word[] = [];
  readonly got: Got[] = [];
  readonly shown: Shown[] = [];
  readonly moods = new Map<Id, Mood>();
  readonly #seen = new Set<string>();
  readonly #time: Time;
  readonly #chance: Chance;
  readonly #call: (call: Call) => void;
  #count = 0;

  constructor(time: Time, chance: Chance, call: (call: Call) => void) {
    this.#time = time;
    this.#chance = chance;
    this.#call = call;
  }

  /** The party at an address. */
  peerOf(url: string): (exchange: Exchange) => Answer {
    const id = new URL(url).hostname.split('.')[0] ?? '';
    if (id.startsWith('bot')) return (exchange) => this.#answered(id, exchange, () => this.#botTakes(id, exchange));
    if (id.startsWith('desk')) return (exchange) => this.#answered(id, exchange, () => this.#deskTakes(id, exchange));
    if (id === 'asset') return (exchange) => this.#answered(id, exchange, () => this.#channelTakes(exchange));
    return () => ({ after: 10, status: 200, body: '' });
  }

  /** By mood: what is answered, and whether what was sent is taken all the same. */
  #answered(id: Id, _exchange: Exchange, take: () => string): Answer {
    const { between, often } = this.#chance;
    const mood = this.moods.get(id) ?? 'well';
    const after = often(0.03) ? between(3_000, 4_700) : between(1, 200);
    switch (mood) {
      case 'refused':
        return { after: 1, status: null };
      case 'silent':
        if (often(0.5)) take();
        return { after: 60 * SECOND, status: null };
      case 'error':
        return { after, status: often(0.5) ? 500 : 404, body: '' };
      case 'no_token':
      case 'wrong_token':
        take();
        if (id.startsWith('bot')) return { after, status: 200, body: mood === 'no_token' ? 'OK' : '{"token":"other"}' };
        return { after, status: 503, body: '' };
      case 'late':
        return { after: between(5_500, 9_000), status: 200, body: take() };
      case 'flaky':
        return often(0.5) ? { after, status: 500, body: '' } : { after, status: 200, body: take() };
      case 'gone':
        return { after, status: id === 'asset' ? 500 : 410, body: '' };
      case 'throttled':
        return { after, status: 429, body: '', headers: { 'retry-after': String(between(1, 5_000)) } };
      case 'well':
        return { after, status: 200, body: take() };
    }
  }

  #text(by: Id): Said {
    const said: Said = { text: `${by}-${++this.#count}`, by, state: 'unknown' };
    this.said.push(said);
    return said;
  }

  // ───────────────────────────── customers ─────────────────────────────

  speak(address: string, postback: boolean): void {
    const externalId = `x${++this.#count}`;
    const text = this.#chance.often(0.2) ? `two ${externalId}` : `word ${externalId}`;
    const word: Word = { externalId, address, text, acknowledged: false };
    this.words.push(word);
    const input: Input = {
      ...{ type: 'customer', assetId: ASSET, address, externalId, kind: postback ? 'postback' : 'message' },
      message: { type: 'text', text: postback ? '' : text, media: [] },
      ...(postback && { payload: text }),
    };
    const call: Call = {
      inputs: () => [structuredClone(input)],
      told: (applied) => {
        word.acknowledged = applied.every(({ reply }) => reply.ok);
      },
      again: true,
    };
    this.#call(call);
    // A provider that tells twice.
    if (this.#chance.often(0.1)) this.#later(this.#chance.between(0, 30_000), () => this.#call(call));
  }

  #channelTakes({ headers, body }: Exchange): string {
    const read = JSON.parse(body) as { to: string | { address: string }; text?: string; message?: { text?: string } };
    const messageId = headers['webhook-id'] ?? '';
    const to = typeof read.to === 'string' ? read.to : read.to.address;
    this.shown.push({ messageId, to, text: read.text ?? read.message?.text ?? '', at: this.#time.now });
    if (this.#chance.often(0.6)) this.#receipts(messageId);
    return JSON.stringify({ id: `ext-${messageId}` });
  }

  #receipts(messageId: Id): void {
    const { between, often } = this.#chance;
    const statuses: ReceiptStatus[] = often(0.1) ? ['failed'] : ['delivered', 'read', 'delivered'];
    for (const status of statuses) {
      const input: Input = { type: 'receipt', assetId: ASSET, messageId, status };
      const tell = (): void => this.#call({ inputs: () => [{ ...input }], told: () => undefined, again: true });
      this.#later(between(1, 20_000), tell);
    }
  }

  // ───────────────────────────── bots ─────────────────────────────

  /** What a bot takes, and what it answers at once. */
  #botTakes(id: Id, { headers, body }: Exchange): string {
    const told = JSON.parse(body) as Told;
    const token = `token-${id}`;
    if (told.Event === 'Verification') return JSON.stringify({ verification_token: token });
    const key = headers['webhook-id'] ?? '';
    this.got.push({ by: id, id: key, at: this.#time.now, body: told });
    const first = !this.#seen.has(key);
    this.#seen.add(key);
    const events = first ? this.#botReacts(id, told) : [];
    return JSON.stringify({ verification_token: token, events });
  }

  #botReacts(id: Id, told: Told): Record<string, unknown>[] {
    const { random, often, between } = this.#chance;
    const conversationId = String(told.Conversationid);
    const asked = told.ConversationType === 'BOT' && told.Event !== 'Message Delivery';
    if (!asked) {
      // It speaks although it was only told.
      if (often(0.05)) this.botSays(id, conversationId, {});
      return [];
    }
    const what = random();
    const epoch = Number(told.Signalbox?.Epoch ?? 0);
    if (what < 0.35) return [{ eventid: 'message', message: this.#text(id).text }];
    if (what < 0.6) this.#later(between(50, 40_000), () => this.botSays(id, conversationId, {}));
    else if (what < 0.68) {
      const said = this.#text(id);
      const twice = (): void => this.#bot(id, conversationId, messageOf(said, { key: said.text }), said, true);
      this.#later(between(50, 9_000), twice);
      if (often(0.5)) this.#later(between(50, 60_000), twice);
      return [{ eventid: 'message', message: said.text, messageid: said.text }];
    } else if (what < 0.74) return [{ eventid: 'handover' }];
    else if (what < 0.8) this.#later(between(50, 20_000), () => this.botHandsOver(id, conversationId));
    else if (what < 0.84)
      this.#later(between(50, 20_000), () => this.#bot(id, conversationId, { type: 'close' }, null, false));
    else if (what < 0.9) this.botSays(id, conversationId, { epoch: epoch - 1 });
    return [];
  }

  botSays(id: Id, conversationId: Id, more: { epoch?: number }): void {
    const said = this.#text(id);
    const keyed = this.#chance.often(0.5);
    this.#bot(id, conversationId, messageOf(said, { ...more, ...(keyed && { key: said.text }) }), said, keyed);
  }

  botHandsOver(id: Id, conversationId: Id): void {
    this.#bot(id, conversationId, { type: 'handover', custom: {} }, null, true);
  }

  #bot(botId: Id, conversationId: Id, words: Without<BotCommand>, said: Said | null, again: boolean): void {
    const command = { ...words, conversationId } as BotCommand;
    this.#call({
      inputs: (engine) => {
        const handed = engine.handed(conversationId);
        return [{ type: 'bot', botId, command: { ...command }, ...(handed === undefined ? {} : { handed }) }];
      },
      told: ([applied]) => {
        if (said && applied) said.state = applied.reply.ok || said.state === 'accepted' ? 'accepted' : 'refused';
      },
      again,
    });
  }

  // ───────────────────────────── desks ─────────────────────────────

  #deskTakes(id: Id, { headers, body }: Exchange): string {
    const told = JSON.parse(body) as { type: string; data: Record<string, unknown> };
    if (told.type === 'verification') return '';
    const key = headers['webhook-id'] ?? '';
    this.got.push({ by: id, id: key, at: this.#time.now, body: told });
    const first = !this.#seen.has(key);
    this.#seen.add(key);
    const conversationId = String(told.data.conversation_id);
    const { random, between, often } = this.#chance;
    if (!first) return '';
    if (told.type === 'conversation.started') {
      const what = random();
      const accept = (): void => this.#desk(id, conversationId, { type: 'accepted', agent: 'Agent' }, null);
      if (what < 0.15) this.#desk(id, conversationId, { type: 'reject', reason: 'busy' }, null);
      else if (what < 0.3) this.#desk(id, conversationId, { type: 'queued' }, null);
      if (what > 0.2 && what < 0.8) this.#later(between(100, 50_000), accept);
    }
    if (told.type === 'message.received' && often(0.7))
      this.#later(between(1_000, 30_000), () => this.#agentActs(id, conversationId));
    return '';
  }

  #agentActs(id: Id, conversationId: Id): void {
    const what = this.#chance.random();
    if (what < 0.6) {
      const said = this.#text(id);
      this.#desk(id, conversationId, { ...messageOf(said, { key: said.text }), agent: 'Agent' }, said);
    } else if (what < 0.85) this.#desk(id, conversationId, { type: 'close', reason: 'done' }, null);
    else {
      const to = this.#chance.pick(['bot', 'bot_1', 'desk_2']);
      this.#desk(id, conversationId, { type: 'transfer', to, reason: 'yours' }, null);
    }
  }

  #desk(deskId: Id, conversationId: Id, words: object, said: Said | null): void {
    const command = { ...words, conversationId } as DeskCommand;
    this.#call({
      inputs: (engine) => {
        const handed = engine.handed(conversationId);
        return [{ type: 'desk', deskId, command: { ...command }, ...(handed === undefined ? {} : { handed }) }];
      },
      told: ([applied]) => {
        if (said && applied) said.state = applied.reply.ok || said.state === 'accepted' ? 'accepted' : 'refused';
      },
      again: true,
    });
  }

  #later(ms: number, run: () => void): void {
    this.#time.at(this.#time.now + ms, run, null);
  }
}

const messageOf = ({ text }: Said, more: { key?: string; epoch?: number }) => ({
  ...{ type: 'message' as const, message: { type: 'text' as const, text, media: [] }, custom: {} },
  ...more,
});
