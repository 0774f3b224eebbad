// The network between the program and its parties: one exchange is a way there, an answer or none, and a way back.
// Not here: what the parties answer (parties.ts). The one thing to know: an exchange ends after its time, as the guarded
// client ends it, and a process that died meanwhile never hears of it although the party may have taken what was sent.
import type { Exchange, ExchangeAnswer } from '../../src/engine/ports.ts';
import type { Owner, Time } from './virtual.ts';
import type { Weather } from './weather.ts';

/** What a party does with a request: its answer and when, or that there is none. */
export type Answer =
  | { after: number; status: number; body: string; headers?: Record<string, string> }
  | { after: number; status: null };
export type Peer = (exchange: Exchange) => Answer;

/** Told of each exchange by an independent witness. */
export type Witness = {
  begins(process: Owner, exchange: Exchange): number;
  ends(flight: number, answer: ExchangeAnswer): void;
};

/** A process that was frozen meanwhile finds that the time is over, whatever has come. */
const EXCHANGE_MS = 5_000;

export function networkOf(parts: {
  time: Time;
  weather: Weather;
  process: Owner;
  peerOf(url: string): Peer;
  witness: Witness;
  /** a request has left */
  left(): void;
}): (exchange: Exchange) => Promise<ExchangeAnswer> {
  const { time, weather, process, peerOf, witness, left } = parts;
  return (exchange) =>
    new Promise((resolve) => {
      const began = time.now;
      const flight = witness.begins(process, exchange);
      left();
      const limit = exchange.timeoutMs ?? EXCHANGE_MS;
      let over = false;
      const end = (at: number, answer: (totalMs: number) => ExchangeAnswer): void => {
        time.at(
          at,
          () => {
            if (over) return;
            over = true;
            const totalMs = time.now - began;
            const told = totalMs > limit ? failed('timeout', 'maybe', totalMs) : answer(totalMs);
            witness.ends(flight, told);
            resolve(told);
          },
          process,
        );
      };
      end(began + limit, (totalMs) => failed('timeout', 'maybe', totalMs));
      const there = weather.way();
      if (there === null) {
        end(began + 30, (totalMs) => failed('refused', 'no', totalMs));
        return;
      }
      time.at(
        began + there,
        () => {
          const answer = peerOf(exchange.url)(exchange);
          const back = weather.way();
          if (back === null) return;
          const at = time.now + answer.after + back;
          if (answer.status === null) end(at, (totalMs) => failed('reset', 'maybe', totalMs));
          else {
            const { status, body, headers = {} } = answer;
            end(at, (totalMs) => ({ ok: true, status, headers, body, timing: { totalMs } }));
          }
        },
        null,
      );
    });
}

function failed(reason: string, sent: 'no' | 'maybe', totalMs: number): ExchangeAnswer {
  return { ok: false, reason, detail: `The exchange ended: ${reason}.`, sent, timing: { totalMs } };
}
