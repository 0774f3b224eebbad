// Media on their way out and back: what has some is changed, what has none is passed on as it is.
// Not here: links themselves (src/media) and the road through the program (test/flows/web-chat.test.ts).
import { describe, expect, it } from 'vitest';
import type { Input, Outcome } from '../routing/inputs.ts';
import type { Message } from '../routing/model.ts';
import { adoptedInput, adoptedOutcome, linkedItem, type MediaLinks } from './links.ts';
import type { LaneItem } from './store-port.ts';

const links: MediaLinks = {
  linked: (medium) => ({ ...medium, url: medium.url.replace('media:', 'https://here/') }),
  adopted: (medium) => ({ ...medium, url: medium.url.replace('https://here/', 'media:') }),
};
const message = (...urls: string[]) =>
  ({ text: '', media: urls.map((url) => ({ url, type: 'image/png' })) }) as Message;
const item = (of: Message | null, ...merged: Message[]) => ({ message: of, merged }) as unknown as LaneItem;
const said = (url: string) => ({ type: 'message', message: { type: 'image', text: '', media: [{ url, type: 'x' }] } });

describe('a delivery', () => {
  it('without media is the same object', () => {
    for (const each of [item(null), item(message()), item(message(), message())]) {
      expect(linkedItem(each, links)).toBe(each);
    }
  });

  it('has links in its message and in those that a merge window joined', () => {
    const linked = linkedItem(item(message('media:a', 'https://cdn/x'), message(), message('media:b')), links);
    expect(linked.message?.media.map(({ url }) => url)).toEqual(['https://here/a', 'https://cdn/x']);
    expect(linked.merged.map(({ media }) => media.map(({ url }) => url))).toEqual([[], ['https://here/b']]);
  });
});

describe('what comes back with a link of ours', () => {
  it.each(['bot', 'desk'])('from a %s is kept as the medium', (type) => {
    const input = { type, command: said('https://here/a') } as unknown as Input;
    expect(adoptedInput(input, links)).toMatchObject({ command: { message: { media: [{ url: 'media:a' }] } } });
  });

  it('from a customer is left alone: they name uploads by id', () => {
    const input = { type: 'customer', message: message('https://here/a') } as unknown as Input;
    expect(adoptedInput(input, links)).toBe(input);
  });

  it('at once in an answer is kept as the medium, and what was refused stays refused', () => {
    const commands = [
      { ok: true, command: said('https://here/a') },
      { ok: false, detail: 'no' },
      { ok: true, command: { type: 'close' } },
    ];
    const outcome = adoptedOutcome({ commands } as unknown as Outcome, links);
    expect(outcome.commands).toMatchObject([
      { command: { message: { media: [{ url: 'media:a' }] } } },
      ...commands.slice(1),
    ]);
  });
});
