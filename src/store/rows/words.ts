// Looking for words in rows that no index holds them of: a step at a time, and what a text must have to fit.
// Not here: which rows. The one thing to know: a step is short, because commits wait behind it; whoever searches asks
// for step after step, and stops when it has enough or has looked far enough.

/** Some milliseconds of a store. */
export const STEP_ROWS = 1_000;
/** SQLite's LIKE folds the case of ASCII only, and these need no escape in JSON or in a pattern. */
const PLAIN_RUNS = /[a-z0-9]+/gi;

export type Words = {
  /** a condition with its values: holds for every row that fits, and for few others */
  likely: string;
  like: string[];
  /** all words are in the text, whatever the case */
  fits(text: string): boolean;
};

export function wordsOf(words: string, column: string): Words {
  const folded = fold(words)
    .split(/\s+/)
    .filter((word) => word !== '');
  const [longest] = (words.match(PLAIN_RUNS) ?? []).sort((a, b) => b.length - a.length);
  const likely = longest === undefined ? '' : `AND ${column} LIKE ?`;
  return {
    likely,
    like: longest === undefined ? [] : [`%${longest}%`],
    fits(text) {
      const where = fold(text);
      return folded.length > 0 && folded.every((word) => where.includes(word));
    },
  };
}

const fold = (text: string): string => text.normalize('NFC').toLowerCase();

/** After every text that begins so, and before all others that come after it. */
export const nextText = (beginning: string): string => `${beginning}\u{10ffff}`;
