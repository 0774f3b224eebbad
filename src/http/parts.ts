// What the HTTP side is given by main.ts, and the few words its files share.
// Types only. The one thing to know: nothing here reaches the store's writing side but through the engine and the
// directory; the store itself is only read from, and keeps Idempotency-Keys and erasures.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Registry } from 'prom-client';
import type { Webchat } from '../channels/webchat/core.ts';
import type { DirectLine } from '../channels/webchat/directline/core.ts';
import type {
  BotAdapter,
  ChannelAdapter,
  Clock,
  DeskAdapter,
  Directory,
  Engine,
  Send,
  Vault,
} from '../engine/ports.ts';
import type { Preview } from '../engine/preview.ts';
import type { Store } from '../engine/store-port.ts';
import type { MediaStore } from '../media/media.ts';
import type { RemoteMedia } from '../media/remote.ts';
import type { Id, NewId } from '../routing/model.ts';
import type { TourStep } from './api/tour-steps.ts';

export type HttpSettings = {
  port: number;
  host: string;
  /** base of every URL handed out, without a slash at the end; null: the address it listens on */
  publicUrl: string | null;
  /** shown at `/` and in the OpenAPI document */
  version: string;
  /** SIGNALBOX_API_KEY: an administrator's key that needs no row; null: there is none */
  apiKey: string | null;
  /** runs as `signalbox dev`: its one-time link signs in */
  dev: boolean;
  /** for people to look at; secrets are masked */
  explained: { name: string; variable: string; value: string; source: string; description: string }[];
};

/** One copy of the database in the data folder. */
export type Backup = {
  name: string;
  status: 'running' | 'done' | 'failed';
  bytes: number | null;
  created_at: string;
  problem: string | null;
};
export type Backups = {
  /** newest first */
  list(): Backup[];
  start(): { ok: true; backup: Backup } | { ok: false; why: 'running' | 'full'; detail: string };
};

/** By name of channel, platform and kind. What is not in here is refused when somebody asks for it. */
export type Adapters = {
  channels: ReadonlyMap<string, ChannelAdapter>;
  bots: ReadonlyMap<string, BotAdapter>;
  desks: ReadonlyMap<string, DeskAdapter>;
};

/** pino's face, as far as it is used here. Paths of hooks hold tokens and never stand in `fields`. */
export type Log = Record<'debug' | 'info' | 'warn' | 'error', (fields: object, message: string) => void>;

export type { DirectLine, Webchat };

/** What `signalbox dev` adds: a shop below /demo/, which is a site of its own, and the first steps that lead through it. */
export type DemoSite = {
  /** never rejects */
  serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void>;
  /** in a good order; null: all are done, or there is no shop */
  steps(): Promise<{ key: TourStep; done: boolean }[] | null>;
};

export type HttpParts = {
  engine: Engine;
  webchat: Webchat;
  directLine: DirectLine;
  media: MediaStore;
  remote: RemoteMedia;
  directory: Directory;
  store: Store;
  adapters: Adapters;
  vault: Vault;
  /** the guarded client, for what is asked of a channel's provider while an asset is set up */
  send: Send;
  /** the guarded client's word on a URL that is about to be saved (`WayOut.check`) */
  checkUrl(url: string): { ok: true; url: string } | { ok: false; detail: string };
  /** the request that a delivery would be sent as; null: none is made of it */
  preview(deliveryId: Id): Promise<Preview | null>;
  settings: HttpSettings;
  backups: Backups;
  demo: DemoSite | null;
  /** the folder with `console/` and `widget/` as built; they may be missing */
  built: string;
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
  /** a new one-time link into the console: `dev`'s, or the first owner's while there is none; null: none is needed */
  wayIn(): Promise<string | null>;
  /** takes no new connections, ends the live streams, waits at most `graceMs` for requests in flight */
  close(graceMs: number): Promise<void>;
};
