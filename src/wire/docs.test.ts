// The pages on the wires of bots, desks and the web chat: every payload in them is a fixture, and every fixture stands in them.
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const ROOT = new URL('../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, ROOT), 'utf8');
const PAYLOAD = /<!-- (\S+\.json) -->\n```json\n([\s\S]*?)\n```/g;

describe.each([
  ['docs/bots.md', 'src/bots/fixtures/'],
  ['docs/desks.md', 'src/desks/webhook/fixtures/'],
  ['docs/webchat.md', 'src/channels/webchat/fixtures/'],
])('%s', (page, folder) => {
  const text = read(page);
  const payloads = [...text.matchAll(PAYLOAD)].map(([, path = '', json = '']) => ({ path, json }));

  it('shows each payload as it is recorded', () => {
    for (const { path, json } of payloads) {
      expect(JSON.stringify(JSON.parse(json)), path).toBe(JSON.stringify(JSON.parse(read(path))));
    }
  });

  it('shows every recorded payload, and no other', () => {
    const recorded = readdirSync(new URL(folder, ROOT)).filter((name) => name.endsWith('.json'));
    expect(payloads.map(({ path }) => path).toSorted()).toEqual(recorded.map((name) => folder + name).toSorted());
    expect(text.split('```json').length - 1).toBe(payloads.length);
  });
});
