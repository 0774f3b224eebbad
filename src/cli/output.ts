// What the command prints: lines, tables and colours, on stdout; complaints on stderr.
// Not here: the log of a running server (src/cli/log.ts).
// The one thing to know: colours only on a terminal and never with NO_COLOR; what a script reads has none.

const CODES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 } as const;
export type Colour = keyof typeof CODES;
export type Paint = (colour: Colour, text: string) => string;

/** Control characters of others' texts, which could move a terminal's cursor or lie about what is shown. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be printed
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/** Whether a stream wants colours: https://no-color.org, and terminals that can show none. */
export function wantsColour(stream: { isTTY?: boolean }, env: NodeJS.ProcessEnv = process.env): boolean {
  return stream.isTTY === true && (env.NO_COLOR ?? '') === '' && env.TERM !== 'dumb';
}

export const paint =
  (coloured: boolean): Paint =>
  (colour, text) =>
    coloured ? `\u001b[${CODES[colour]}m${text}\u001b[0m` : text;

export const out = (text: string): void => void process.stdout.write(`${text}\n`);
export const complain = (text: string): void => void process.stderr.write(`${text}\n`);
export const outJson = (value: unknown): void => out(JSON.stringify(value, null, 2));

/** Text of somebody else, safe to print; line breaks stay. */
export const safe = (text: string): string => text.replace(CONTROL, '');

/** Columns as wide as their longest cell, two spaces apart. `cells` must be plain text. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length);
  return rows
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
