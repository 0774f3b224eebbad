// What the demo shop's bot says: a table of words, without memory.
// Not here: the wire (bot.ts).
// The one thing to know: one answer per customer's word; `handover` asks for a human afterwards.

export type Said = { text: string; payload: string };
export type Choice = { title: string; payload: string };
export type BotWords = { text: string; choices: Choice[]; handover: boolean };

const ORDER: Choice = { title: 'Where is my order?', payload: 'ORDER' };
const HOURS: Choice = { title: 'Opening hours', payload: 'HOURS' };
const HUMAN: Choice = { title: 'Talk to a human', payload: 'HUMAN' };

type Row = { payload: string; pattern: RegExp; answer: (text: string) => Omit<BotWords, 'handover'> };

/** The first row that fits answers. */
const ROWS: Row[] = [
  {
    payload: 'HUMAN',
    pattern: /\b(human|agent|person|somebody|someone|people|operator|colleague)\b/i,
    answer: () => ({ text: 'Of course. I am connecting you with a colleague.', choices: [] }),
  },
  {
    payload: 'NUMBER',
    pattern: /\b\d{3,12}\b/,
    answer: (text) => ({
      text: `Order ${/\d{3,12}/.exec(text)?.[0] ?? ''} was packed today and will be with you tomorrow before noon.`,
      choices: [HOURS, HUMAN],
    }),
  },
  {
    payload: 'ORDER',
    pattern: /\b(order|parcel|delivery|package|shipping)\b/i,
    answer: () => ({ text: 'I can look that up. What is the order number? For example 4711.', choices: [] }),
  },
  {
    payload: 'HOURS',
    pattern: /\b(hours|open|opening|close|closed)\b/i,
    answer: () => ({ text: 'The shop never closes. People answer from 9 to 17 o’clock.', choices: [ORDER, HUMAN] }),
  },
  {
    payload: 'THANKS',
    pattern: /\b(thanks|thank you|bye|goodbye)\b/i,
    answer: () => ({ text: 'You are welcome. Write any time.', choices: [] }),
  },
];

/** The bot's answer to a word or a pressed button. */
export function answerTo(said: Said): BotWords {
  const row = ROWS.find((each) => (said.payload === '' ? each.pattern.test(said.text) : each.payload === said.payload));
  if (row !== undefined) return { ...row.answer(said.text), handover: row.payload === 'HUMAN' };
  const text =
    said.text === '' && said.payload === ''
      ? 'Thank you, I have received your file. What shall I do with it?'
      : 'Hello, this is the bot of the demo shop. What can I do for you?';
  return { text, choices: [ORDER, HOURS, HUMAN], handover: false };
}
