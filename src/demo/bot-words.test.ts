// Holds the demo bot's table: the words a newcomer types lead where docs/start.md says.
import { describe, expect, it } from 'vitest';
import { answerTo } from './bot-words.ts';

const say = (text: string) => answerTo({ text, payload: '' });

describe('the demo bot', () => {
  it('greets, and offers its quick replies, which all lead on', () => {
    const { choices, handover } = say('hello');
    expect(handover).toBe(false);
    expect(choices).toHaveLength(3);
    for (const choice of choices) {
      expect(answerTo({ text: '', payload: choice.payload }).text).not.toBe(say('hello').text);
    }
  });

  it('finds an order by its number', () => {
    expect(say('where is my order?').text).toMatch(/order number/);
    expect(say('it is 4711').text).toMatch(/4711/);
  });

  it('hands over when asked for a human, by word or by button', () => {
    expect(say('I want to talk to a human').handover).toBe(true);
    expect(answerTo({ text: '', payload: 'HUMAN' }).handover).toBe(true);
    expect(say('thanks').handover).toBe(false);
  });

  it('takes a file without words', () => {
    expect(say('').text).toMatch(/file/);
  });
});
