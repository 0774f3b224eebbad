// What the HTTP side is given by main.ts, and the few words its files share.
// Types only. The one thing to know: nothing here reaches the store's writing side but through the engine and the
// directory; the store itself is only read from, and keeps Idempotency-Keys and erasures.
import type { Registry } from 'prom-client';
import type { BotAdapter, ChannelAdapter, Clock, DeskAdapter, Directory, Engine, Vault } from '../engine/ports.ts';
import type { Store } from '../engine/store-port.ts';
import type { NewId } from '../routing/model.ts';

export type HttpSettings = {
  port: number;
  host: string;
  /** base of every URL handed out, without a slash at the end; null: the address it listens on */
  publicUrl: string | null;
  /** shown at `/` and in the OpenAPI document */
  version: string;
  /** SIGNALBOX_API_KEY: an administrator's key that needs no row; null: there is none */
  apiKey: string | null;
};

/** By name of channel, platform and kind. What is not in here is refused when somebody asks for it. */
export type Adapters = {
  channels: ReadonlyMap<string, ChannelAdapter>;
  bots: ReadonlyMap<string, BotAdapter>;
  desks: ReadonlyMap<string, DeskAdapter>;
};

/** pino's face, as far as it is used here. Paths of hooks hold tokens and never stand in `fields`. */
export type Log = Record<'debug' | 'info' | 'warn' | 'error', (fields: object, message: string) => void>;

export type HttpParts = {
  engine: Engine;
  directory: Directory;
  store: Store;
  adapters: Adapters;
  vault: Vault;
  /** the guarded client's word on a URL that is about to be saved (`WayOut.check`) */
  checkUrl(url: string): { ok: true; url: string } | { ok: false; detail: string };
  settings: HttpSettings;
  newId: NewId;
  clock: Clock;
  log: Log;
  registry: Registry;
  /** false until the engine has started, and again when it stops: all but /health/live then answers 503 */
  ready(): boolean;
};

/** The parts, and what the server adds to them. */
export type Site = HttpParts & {
  /** base of the URLs handed out; known once the server listens */
  publicUrl(): string;
};

export type Http = {
  /** resolves when connections are taken; `url` is where, for the ready line. Rejects when the port is taken. */
  listen(): Promise<{ url: string }>;
  /** takes no new connections, ends the live streams, waits at most `graceMs` for requests in flight */
  close(graceMs: number): Promise<void>;
};
