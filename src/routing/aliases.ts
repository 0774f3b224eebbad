// The addresses of one customer on one asset: numbers change, and providers give people ids of their own beside them.
// Not here: finding the thread by any of them (the store). The one thing to know: the thread keeps its first address, and
// sends go to the one that was used last. Where two addresses have a thread each, the older one keeps the customer: what
// is said from now on goes there. The younger stays readable, and what is owed in it is still owed.
import type { Context, Decision, Facts, Input } from './inputs.ts';
import { isSimulated } from './simulated.ts';
import { emptyDecision, finish, say, type Work, work } from './work.ts';

/** More than anybody has on one network; what a hostile or broken channel adds beyond is left out. */
const MAX_ALIASES = 20;

/** The customer has another address from now on, or as well. */
export function decideAlias(input: Extract<Input, { type: 'alias' }>, facts: Facts, c: Context): Decision {
  if (!facts.thread) return emptyDecision({ ok: true, ignored: true });
  const w = work(facts.thread, facts, c);
  const before = w.t.sendTo;
  known(w, [input.address, input.alias]);
  use(w, input.alias);
  return w.d.aliases || w.t.sendTo !== before ? finish(w) : emptyDecision({ ok: true, duplicate: true });
}

/** Notes that these lead to the thread. One that led elsewhere leads here now. */
export function known(w: Work, addresses: readonly string[]): void {
  const simulated = isSimulated(w.t.address);
  const all = new Set(w.t.aliases);
  const fresh: string[] = [];
  for (const address of addresses) {
    const fits = address !== '' && address !== w.t.address && isSimulated(address) === simulated;
    if (!fits || all.has(address) || all.size >= MAX_ALIASES) continue;
    all.add(address);
    fresh.push(address);
  }
  if (fresh.length === 0) return;
  w.t.aliases = [...all];
  w.d.aliases = fresh;
  say(w, 'customer.alias', { aliases: fresh });
}

/** Sends go to this address of the thread's from now on. */
export function use(w: Work, address: string): void {
  if (w.t.aliases?.includes(address)) w.t.sendTo = address;
  else if (address === w.t.address) delete w.t.sendTo;
}
