// A request as a curl command: quoted against the shell, and without secrets.
import { describe, expect, it } from 'vitest';
import { curlOf, quoted } from './curl.ts';

describe('a request as curl', () => {
  it('has placeholders where secrets were, and keeps the rest as it is', () => {
    const command = curlOf({
      method: 'POST',
      url: 'https://bot.example/in?key=[masked]',
      headers: { 'content-type': 'application/json', 'webhook-signature': '[masked]', authorization: '[masked]' },
      body: '{"Message":"hello"}',
      cut: false,
    });
    expect(command).toBe(
      [
        `curl -X POST 'https://bot.example/in?key=<SECRET>' \\`,
        `  -H 'content-type: application/json' \\`,
        `  -H 'webhook-signature: <WEBHOOK_SIGNATURE>' \\`,
        `  -H 'authorization: <AUTHORIZATION>' \\`,
        `  --data-raw '{"Message":"hello"}'`,
      ].join('\n'),
    );
  });

  it.each([
    ["it's", String.raw`'it'\''s'`],
    ["'; rm -rf ~; echo '", String.raw`''\''; rm -rf ~; echo '\'''`],
    ['$(id) `id` "x"', '\'$(id) `id` "x"\''],
    ['two\nlines', "'two\nlines'"],
  ])('keeps %j one word of the shell', (text, word) => {
    expect(quoted(text)).toBe(word);
  });
});
