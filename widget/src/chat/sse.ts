// Reads Server-Sent Events out of pieces of text, as they come from a `fetch` body (EventSource cannot send a token).
// Pure: no network. The one thing to know: an event may be cut anywhere, even inside a line break.

export type ServerEvent = { id: string | null; event: string; data: string };

/** One event may carry one message; a server that sends more without a line break is no Signalbox. */
const MAX_PENDING = 1_000_000;

/** Feed it text; it gives the events that are complete by now. Comments and `retry:` are left out. */
export function eventReader(): (piece: string) => ServerEvent[] {
  let pending = '';
  return (piece) => {
    pending += piece;
    if (pending.length > MAX_PENDING) throw new Error('an event of the stream is too long');
    // A lone CR at the end may be half of a CRLF: it waits for the next piece.
    const whole = pending.endsWith('\r') ? pending.slice(0, -1) : pending;
    const blocks = whole.replace(/\r\n?/g, '\n').split('\n\n');
    const rest = blocks.pop() ?? '';
    pending = pending.endsWith('\r') ? `${rest}\r` : rest;
    return blocks.flatMap((block) => readBlock(block) ?? []);
  };
}

function readBlock(block: string): ServerEvent | undefined {
  const found: ServerEvent = { id: null, event: 'message', data: '' };
  const data: string[] = [];
  for (const line of block.split('\n')) {
    const colon = line.indexOf(':');
    if (colon === 0) continue;
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (name === 'data') data.push(value);
    else if (name === 'event') found.event = value;
    else if (name === 'id') found.id = value;
  }
  return data.length === 0 ? undefined : { ...found, data: data.join('\n') };
}
