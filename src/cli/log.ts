// The log of a running server: JSON lines in `start`, short friendly lines in `dev`.
// Not here: what is logged.
// The one thing to know: no transports (they need a worker thread and files beside the bundle); one line, one write.
import pino, { type Logger } from 'pino';
import type { LogLevel, Mode } from '../settings/definitions.ts';
import { type Colour, paint, safe, wantsColour } from './output.ts';

const LEVELS: Record<number, [string, Colour]> = {
  10: ['trace', 'dim'],
  20: ['debug', 'dim'],
  30: ['info', 'green'],
  40: ['warn', 'yellow'],
  50: ['error', 'red'],
  60: ['fatal', 'red'],
};
/** What pino puts into every line and `dev` does not show. */
const HIDDEN = new Set(['level', 'time', 'pid', 'hostname', 'msg', 'name']);
const VALUE_MAX = 200;

/** Names of fields that are blacked out wherever somebody logs them by mistake. */
const SECRET_FIELDS = [
  'authorization',
  'secret',
  'signing_secret',
  'token',
  'verification_token',
  'access_token',
  'key',
];
const REDACT = SECRET_FIELDS.flatMap((name) => [name, `*.${name}`]);

export function createLog(mode: Mode, level: LogLevel): Logger {
  const options = { level, redact: { paths: REDACT, censor: '(not shown)' } };
  if (mode === 'start')
    return pino(
      { ...options, base: null, timestamp: pino.stdTimeFunctions.isoTime },
      pino.destination({ dest: 1, sync: true }),
    );
  const line = friendly(wantsColour(process.stdout));
  return pino({ ...options, base: null }, { write: (text: string) => void process.stdout.write(line(text)) });
}

/** `12:03:11 info  message  field=value …` */
function friendly(coloured: boolean): (json: string) => string {
  const tint = paint(coloured);
  return (json) => {
    const record = JSON.parse(json) as Record<string, unknown>;
    const [word, colour] = LEVELS[Number(record.level)] ?? ['?', 'dim'];
    const time = new Date(Number(record.time)).toTimeString().slice(0, 8);
    const fields = Object.entries(record)
      .filter(([name, value]) => !HIDDEN.has(name) && value !== undefined)
      .map(([name, value]) => `${name}=${safe(shown(value)).slice(0, VALUE_MAX)}`)
      .join(' ');
    const stack = (record.err as { stack?: string } | undefined)?.stack;
    const line = `${tint('dim', time)} ${tint(colour, word.padEnd(5))} ${safe(String(record.msg ?? ''))}`;
    return [line, fields && ` ${tint('dim', fields)}`, stack && `\n${safe(stack)}`, '\n'].join('');
  };
}

const shown = (value: unknown): string => {
  if (typeof value === 'string') return value;
  const error = value as { type?: string; message?: string } | null;
  if (typeof error?.message === 'string') return error.message;
  return JSON.stringify(value);
};
