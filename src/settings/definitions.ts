// Every setting: its names, its default, what it must look like, what it means. One table; all else follows from it.
// Not here: where values are looked for and how mistakes are told (settings.ts).
// The one thing to know: docs/operations.md shows this table, and a test holds the two together.
import { z } from 'zod';
import { type AllowList, parseAllowPrivate } from '../net/allow-list.ts';
import { databaseUrlProblem } from './database-url.ts';
import { parseRing } from './master-key.ts';

export type Mode = 'dev' | 'start';
export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** The settings as the program uses them. `publicUrl` null: the address it listens on. Secrets only in memory. */
export type Settings = {
  mode: Mode;
  port: number;
  host: string;
  /** the data folder, as given; relative to the working folder */
  data: string;
  /** PostgreSQL, with the password; null: SQLite in the data folder */
  databaseUrl: string | null;
  publicUrl: string | null;
  apiKey: string | null;
  masterKey: string | null;
  allowPrivate: AllowList;
  logLevel: LogLevel;
  retentionDays: number;
  attemptRetentionDays: number;
};
export type Name = Exclude<keyof Settings, 'mode'>;

export type Definition = {
  /** in signalbox.yaml */
  key: string;
  env: string;
  /** long option; secrets have none, because a process list shows options to everybody */
  flag: string | null;
  secret: boolean;
  /** as text, before parsing; null: not set */
  fallback: (mode: Mode) => string | null;
  fallbackNote: string;
  meaning: string;
  schema: (mode: Mode) => z.ZodType;
};

/** One hundred years: longer is a slip. */
const DAYS_MAX = 36_500;
/** Short keys can be guessed; `start` faces the world. */
const API_KEY_MIN = { dev: 8, start: 16 };
const API_KEY_MAX = 200;
/** Words that stand in examples and tutorials. */
const EXAMPLE_SECRET = /change[-_ ]?me|example|default|password|^(.)\1*$|^(0?1?234567)/i;

const whole = (min: number, max: number) =>
  z
    .string()
    .trim()
    .regex(/^\d{1,9}$/, 'must be a whole number')
    .transform(Number)
    .refine((n) => n >= min && n <= max, `must be from ${min} to ${max}`);

const portSchema = z
  .string()
  .refine(
    (text) => !text.startsWith('tcp://'),
    'is a Kubernetes service link, not a port: set enableServiceLinks: false on the pod, or rename the service',
  )
  .pipe(whole(0, 65_535));

const publicUrlSchema = z.string().transform((text, context) => {
  const url = URL.canParse(text) ? new URL(text) : null;
  const plain = url !== null && url.search === '' && url.hash === '' && url.username === '' && url.password === '';
  if (!plain || !/^https?:$/.test(url.protocol)) {
    context.addIssue('must be an http(s) address without query, fragment or user, e.g. https://chat.example.com');
    return z.NEVER;
  }
  return url.href.replace(/\/+$/, '');
});

const databaseUrlSchema = z.string().superRefine((text, context) => {
  const problem = databaseUrlProblem(text);
  if (problem !== null) context.addIssue(problem);
});

const allowSchema = (mode: Mode) =>
  z.string().transform((text, context) => {
    const parsed = parseAllowPrivate(text, { loopback: mode === 'dev' });
    if (parsed.ok) return parsed.list;
    for (const error of parsed.errors) context.addIssue(error);
    return z.NEVER;
  });

const apiKeySchema = (mode: Mode) =>
  z
    .string()
    .min(API_KEY_MIN[mode], `is too short: at least ${API_KEY_MIN[mode]} characters`)
    .max(API_KEY_MAX, `is too long: at most ${API_KEY_MAX} characters`)
    .regex(/^[\x21-\x7e]*$/, 'must be printable ASCII without spaces')
    .refine((key) => mode === 'dev' || !EXAMPLE_SECRET.test(key), 'looks like an example; make a random one');

const masterKeySchema = z
  .string()
  .refine((text) => parseRing(text) !== null, 'must be 32 bytes in base64 or hex (several, newest first, by comma)')
  .refine(
    (text) => (parseRing(text) ?? []).every((key) => new Set(key.bytes).size > 8),
    'is not random; make one with: openssl rand -base64 32',
  );

export const DEFINITIONS: Readonly<Record<Name, Definition>> = {
  port: {
    key: 'port',
    env: 'SIGNALBOX_PORT',
    flag: 'port',
    secret: false,
    fallback: () => '7070',
    fallbackNote: '7070',
    meaning: 'port to listen on; 0: any free one',
    schema: () => portSchema,
  },
  host: {
    key: 'host',
    env: 'SIGNALBOX_HOST',
    flag: 'host',
    secret: false,
    fallback: (mode) => (mode === 'dev' ? '127.0.0.1' : '0.0.0.0'),
    fallbackNote: '127.0.0.1 in `dev`, 0.0.0.0 in `start`',
    meaning: 'address to listen on',
    schema: () => z.string().regex(/^[\w.:-]{1,253}$/, 'must be an address or a host name'),
  },
  data: {
    key: 'data',
    env: 'SIGNALBOX_DATA',
    flag: 'data',
    secret: false,
    fallback: () => './data',
    fallbackNote: './data',
    meaning: 'folder of the database, media and the master key',
    schema: () => z.string().refine((path) => !path.includes('\0'), 'must be a path'),
  },
  databaseUrl: {
    key: 'database_url',
    env: 'SIGNALBOX_DATABASE_URL',
    flag: null,
    secret: true,
    fallback: () => null,
    fallbackNote: 'empty: SQLite in the data folder',
    meaning:
      'a PostgreSQL database that everything is kept in instead, `postgres://user:password@host/database`; several hosts by comma',
    schema: () => databaseUrlSchema,
  },
  publicUrl: {
    key: 'public_url',
    env: 'SIGNALBOX_PUBLIC_URL',
    flag: 'public-url',
    secret: false,
    fallback: () => null,
    fallbackNote: 'the address it listens on',
    meaning: 'base of every URL handed out',
    schema: () => publicUrlSchema,
  },
  apiKey: {
    key: 'api_key',
    env: 'SIGNALBOX_API_KEY',
    flag: null,
    secret: true,
    fallback: () => null,
    fallbackNote: 'empty',
    meaning: "an administrator's API key that exists from the first start",
    schema: apiKeySchema,
  },
  masterKey: {
    key: 'master_key',
    env: 'SIGNALBOX_MASTER_KEY',
    flag: null,
    secret: true,
    fallback: () => null,
    fallbackNote: '`master.key` in the data folder, made at the first start',
    meaning: 'seals the secrets in the database; several by comma during a rotation, newest first',
    schema: () => masterKeySchema,
  },
  allowPrivate: {
    key: 'allow_private',
    env: 'SIGNALBOX_ALLOW_PRIVATE',
    flag: 'allow-private',
    secret: false,
    fallback: () => '',
    fallbackNote: 'empty; `dev` adds loopback',
    meaning: 'comma list of `CIDR[:port]` or host names that outgoing requests may reach although they are not public',
    schema: allowSchema,
  },
  logLevel: {
    key: 'log_level',
    env: 'SIGNALBOX_LOG_LEVEL',
    flag: 'log-level',
    secret: false,
    fallback: () => 'info',
    fallbackNote: 'info',
    meaning: `one of ${LOG_LEVELS.join(', ')}`,
    schema: () => z.enum(LOG_LEVELS, `must be one of ${LOG_LEVELS.join(', ')}`),
  },
  retentionDays: {
    key: 'retention_days',
    env: 'SIGNALBOX_RETENTION_DAYS',
    flag: null,
    secret: false,
    fallback: () => '365',
    fallbackNote: '365',
    meaning: 'messages, media and events older than this many days are removed',
    schema: () => whole(1, DAYS_MAX),
  },
  attemptRetentionDays: {
    key: 'attempt_retention_days',
    env: 'SIGNALBOX_ATTEMPT_RETENTION_DAYS',
    flag: null,
    secret: false,
    fallback: () => '7',
    fallbackNote: '7',
    meaning: 'attempts with their answers older than this many days are removed',
    schema: () => whole(1, DAYS_MAX),
  },
};
export const NAMES = Object.keys(DEFINITIONS) as Name[];
