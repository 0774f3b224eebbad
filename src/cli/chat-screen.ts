// What the chat shows: for people as lines, for scripts as one JSON object a line.
// Not here: the conversation itself (chat-line.ts) and the keyboard (chat.ts).
// The one thing to know: others' texts are cleaned of control characters before they reach a terminal.
import type { Choice, Heard, Line, Sent } from './chat-line.ts';
import { type Paint, safe } from './output.ts';

export type Screen = {
  /** what the customer said, where no keyboard has shown it already */
  said(text: string): void;
  heard(message: Heard): void;
  line(line: Line): void;
  sent(sent: Sent, what: string): void;
  note(text: string): void;
};

const HOLDERS: Record<Line['holder'], string> = {
  bot: 'Bot has the line',
  waiting: 'Waiting for an agent',
  agent: 'Agent has the line',
  none: 'Nobody has the line',
};

const numbered = (choices: Choice[]): string =>
  choices.map((choice, i) => `[${i + 1}] ${safe(choice.title)}`).join('  ');

/** `write` prints one line. */
export function peopleScreen(write: (text: string) => void, tint: Paint): Screen {
  return {
    said: (text) => write(`${tint('bold', 'You:')} ${safe(text)}`),
    heard({ author, text, media, choices }) {
      const who =
        author.type === 'agent' ? `Agent ${safe(author.name)}`.trim() : author.type === 'bot' ? 'Bot' : 'System';
      write(`${tint(author.type === 'agent' ? 'yellow' : 'cyan', `${who}:`)} ${safe(text)}`);
      for (const url of media) write(`      ${safe(url)}`);
      if (choices.length > 0) write(tint('dim', `      ${numbered(choices)}`));
    },
    line: (line) => write(tint('dim', `── ${HOLDERS[line.holder]} (epoch ${line.epoch}) ──`)),
    sent({ accepted, duplicates }, what) {
      if (what === 'duplicate') write(tint('dim', `sent again: ${accepted} accepted, ${duplicates} duplicate`));
    },
    note: (text) => write(tint('dim', text)),
  };
}

/** One JSON object a line: `message`, `line`, `sent`, `note`. */
export function jsonScreen(write: (text: string) => void): Screen {
  const say = (value: unknown): void => write(JSON.stringify(value));
  return {
    said() {}, // `sent` tells it
    heard: ({ messageId, author, text, media, choices }) =>
      say({ type: 'message', message_id: messageId, author, text, media, quick_replies: choices }),
    line: ({ holder, epoch, thread }) => say({ type: 'line', holder, epoch, thread_id: thread }),
    sent: (sent, what) => say({ type: 'sent', what, ...sent }),
    note: (text) => say({ type: 'note', text }),
  };
}
