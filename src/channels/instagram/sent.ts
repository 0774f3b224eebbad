// Which of our own messages an echo of Instagram may be: what left in the last minute, by whom it went to and what it said.
// Not here: echoes that name their message (the store finds those by Meta's id). The one thing to know: Instagram carries
// no id of ours, and its echo can come before the answer to the send; taken for a human's, it would take the line.
import type { Id, Message } from '../../routing/model.ts';
import type { Said } from '../../wire/meta-content.ts';

/** After that the answer has been here for long, or the outcome is unknown. */
const KEPT_MS = 60_000;
const KEPT_MAX = 10_000;

type Left = { messageId: Id; text: string; files: number; at: number };

/**
 * Meta's pages do not say whether such echoes name the app; others met them without (Chatwoot waits two seconds for each).
 * In memory only: after a crash the next echo is known by Meta's id, or is taken for somebody's in the app.
 */
export class Sent {
  readonly #left = new Map<string, Left[]>();

  note(assetId: Id, address: string, message: Message, at: number): void {
    if (this.#left.size >= KEPT_MAX) this.#left.clear();
    const key = `${assetId} ${address}`;
    const left = { messageId: message.id, text: message.text.trim(), files: message.media.length, at };
    const before = (this.#left.get(key) ?? []).filter(
      (each) => each.messageId !== message.id && at - each.at < KEPT_MS,
    );
    this.#left.delete(key);
    this.#left.set(key, [...before, left].slice(-50));
  }

  /** Each part of a message has an echo of its own: the text, and every file. */
  find(assetId: Id, address: string, said: Said, now: number): Id | undefined {
    const recent = (this.#left.get(`${assetId} ${address}`) ?? []).filter(({ at }) => now - at < KEPT_MS);
    const same = (left: Left): boolean =>
      said.text === '' ? left.files > 0 && said.media.length > 0 : left.text === said.text.trim();
    return recent.find(same)?.messageId;
  }
}
