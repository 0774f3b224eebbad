// docs/channels.md says of each channel what its adapter says: fields, steps, what it tells and takes.
// The one thing to know: what stands between the marks is made here; `npx vitest run --project unit src/channels/docs.test.ts -u`
// writes it anew. What stands around them is written by people.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Capabilities, ChannelAdapter, ChannelField } from '../engine/channel-port.ts';
import { CHANNELS } from './all.ts';

const PAGE = join(import.meta.dirname, '..', '..', 'docs', 'channels.md');
const REAL = CHANNELS.filter((channel) => (channel.fields ?? []).length > 0);
const yes = (value: boolean): string => (value ? 'yes' : 'no');
const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
const table = (head: string[], rows: string[][]): string =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.map(cell).join(' | ')} |`).join('\n');

function fieldRow({ name, label, kind, required, help, default: usual, generated, choices }: ChannelField): string[] {
  const needed = generated
    ? 'made when left out'
    : usual !== undefined
      ? `\`${usual}\``
      : required
        ? 'needed'
        : 'optional';
  const among = choices ? ` One of ${choices.map(({ value }) => `\`${value}\``).join(', ')}.` : '';
  return [`${label}<br>\`${name}\`${kind === 'secret' ? ', secret' : ''}`, needed, help + among];
}

/** What is to be done to connect one. */
const setUp = ({ fields = [], steps = [] }: ChannelAdapter): string =>
  [
    table(['asked for', '', 'where it stands, what it does'], fields.map(fieldRow)),
    ...steps.map(({ title, text, copy }, index) => {
      const what = copy ? `\n   \`${copy}\`` : '';
      return `${index + 1}. **${title}.** ${text}${what}`;
    }),
  ].join('\n\n');

const window = (of: Capabilities['windowHours']): string =>
  of === null ? 'always' : of.anybody === of.humans ? `${of.anybody} h` : `${of.anybody} h, humans ${of.humans} h`;

function abilities(): string {
  const row = ({ channel, word, capabilities: can }: ChannelAdapter): string[] => {
    if (can === undefined) throw new Error(`${channel} has fields and no capabilities`);
    const { accepted, delivered, read, failed } = can.receipts;
    return [
      ...[`\`${channel}\``, word, yes(accepted), yes(delivered), yes(read), yes(failed), can.sends.join(', ')],
      `${can.text.max} ${can.text.unit === 'bytes' ? 'bytes' : 'characters'}`,
      can.quickReplies ? `${can.quickReplies.max}` : 'no',
      ...[yes(can.typing), yes(can.seen), window(can.windowHours), yes(can.idempotent), yes(can.echoes)],
    ];
  };
  const head = ['channel', 'word', 'accepted', 'delivered', 'read', 'failed later', 'sends', 'longest text'];
  return table(
    [...head, 'quick replies', 'typing', 'seen', 'may be written to', 'idempotent', 'tells of its own app'],
    REAL.map(row),
  );
}

/** The page with each block between its marks made anew. */
function made(page: string): string {
  let text = page;
  const blocks = new Map([['abilities', abilities()], ...REAL.map((of): [string, string] => [of.channel, setUp(of)])]);
  for (const [name, block] of blocks) {
    const [from, to] = [`<!-- made: ${name} -->`, `<!-- end: ${name} -->`];
    const [start, end] = [text.indexOf(from), text.indexOf(to)];
    if (start < 0 || end < start) throw new Error(`docs/channels.md has no place for ${name}`);
    text = `${text.slice(0, start + from.length)}\n${block}\n${text.slice(end)}`;
  }
  return text;
}

describe('docs/channels.md', () => {
  it('says what the adapters say', async () => {
    await expect(made(readFileSync(PAGE, 'utf8'))).toMatchFileSnapshot(PAGE);
  });
});
