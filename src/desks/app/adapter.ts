// The desk that stands for whoever answers in a provider's own app: a page's inbox, a phone, another program.
// Not here: how it gets the line and loses it (src/routing/elsewhere.ts). The one thing to know: it has no wire. They see
// everything where they answer, so it is sent nothing, and nobody can speak for it through a hook.
import type { DeskAdapter } from '../../engine/ports.ts';
import { refused } from '../../wire/json.ts';

export const appDesk: DeskAdapter = {
  kind: 'app',

  read() {
    return refused(
      422,
      'invalid',
      'An app desk has no webhook: the channel tells what was said in the provider’s app.',
    );
  },

  async send() {
    const detail = 'Seen in the provider’s own app: nothing is sent.';
    return { result: 'ok', status: null, reason: 'ok', detail, timing: { totalMs: 0 }, answer: '' };
  },

  async verify() {
    return [{ name: 'app', ok: true, detail: 'An app desk needs no address: it is sent nothing.', ms: 0 }];
  },
};
