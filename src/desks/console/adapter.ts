// The desk inside the program: its agents read and answer through the management API and the console.
// Not here: those routes. The one thing to know: there is no wire, so whatever is owed to it is delivered the moment it
// is on disk, and nobody can speak for it through a hook.
import type { DeskAdapter } from '../../engine/ports.ts';
import { refused } from '../../wire/json.ts';

export const consoleDesk: DeskAdapter = {
  kind: 'console',

  read() {
    return refused(422, 'invalid', 'A console desk has no webhook: its agents speak through /api/v1/conversations.');
  },

  async send() {
    const detail = 'Shown to the agents in the console.';
    return { result: 'ok', status: null, reason: 'ok', detail, timing: { totalMs: 0 }, answer: '' };
  },

  async verify() {
    return [{ name: 'console', ok: true, detail: 'A console desk needs no address.', ms: 0 }];
  },
};
