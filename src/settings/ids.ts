// Makes ids: `prefix_` and 26 characters, the TypeID layout (lower-case Crockford base32 of a UUIDv7).
// Not here: which prefixes exist (the glossary in docs/) and who asks for ids.
// The one thing to know: ids of one maker grow strictly, even within a millisecond and when the wall clock steps back,
// so that sorting by id is sorting by birth. On the hot path: random bytes are drawn by the block, not by the id.
import { randomFillSync } from 'node:crypto';
import type { NewId } from '../routing/model.ts';

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
/** All pairs of characters, so that ten bits are one look-up. */
const PAIRS = Array.from({ length: 1024 }, (_, i) => `${ALPHABET[i >> 5]}${ALPHABET[i & 31]}`);
/** 512 ids for one call into the system's generator. */
const BLOCK_BYTES = 4096;
/** Bytes of chance an id takes from the block. */
const TAIL_BYTES = 8;
/** The 12 bits beside the version count within a millisecond; they start in the lower half to leave room. */
const COUNTER_LIMIT = 0x1000;
const COUNTER_START_MASK = 0x7ff;

/** `bits` (below 2^20) as four characters. */
const four = (bits: number): string => `${PAIRS[(bits >>> 10) & 1023]}${PAIRS[bits & 1023]}`;

/** A millisecond count (48 bits) as the first ten characters. */
function timeText(ms: number): string {
  const high = Math.floor(ms / 2 ** 20); // 28 bits
  return `${PAIRS[(high >>> 20) & 1023]}${four(high & 0xfffff)}${four(ms % 2 ** 20)}`;
}

/** A maker of ids over a clock (ms since 1970) and a source of random bytes. */
export function idMaker(now: () => number, fill: (block: Buffer) => unknown): NewId {
  const block = Buffer.alloc(BLOCK_BYTES);
  let used = BLOCK_BYTES;
  let time = -1;
  let text = '';
  let counter = 0;

  return (prefix) => {
    if (used + TAIL_BYTES > BLOCK_BYTES) {
      fill(block);
      used = 0;
    }
    const a = block.readUInt32BE(used);
    const b = block.readUInt32BE(used + 4);
    used += TAIL_BYTES;

    const at = now();
    if (at > time) {
      time = at;
      text = timeText(time);
      counter = (a ^ b) & COUNTER_START_MASK;
    } else if (++counter === COUNTER_LIMIT) {
      time += 1; // borrowed from the next millisecond rather than waited for
      text = timeText(time);
      counter = 0;
    }
    // 80 bits: version 7 (4), counter (12), variant 10 (2), chance (62), taken 20 at a time.
    const w1 = (0x7000 | counter) * 16 + (0x8 | ((a >>> 28) & 0x3));
    const w2 = (a >>> 8) & 0xfffff;
    const w3 = ((a & 0xff) << 12) | (b >>> 20);
    const w4 = b & 0xfffff;
    return `${prefix}_${text}${four(w1)}${four(w2)}${four(w3)}${four(w4)}`;
  };
}

/** The program's maker: real time and the system's randomness. `newId('conv')` → `conv_01j…`. */
export const newId: NewId = idMaker(Date.now, randomFillSync);
